"""Which code is running can be told apart."""

from pathlib import Path

from realtime import version


def house(folder: Path) -> Path:
    (folder / "realtime").mkdir()
    (folder / "config").mkdir()
    (folder / "realtime" / "hub.py").write_text("one\n")
    return folder


def test_a_changed_file_is_another_version(tmp_path: Path) -> None:
    before = version.running(house(tmp_path))
    (tmp_path / "realtime" / "hub.py").write_text("two\n")
    assert version.running(tmp_path) != before


def test_the_commit_stands_in_front_where_there_is_one(tmp_path: Path) -> None:
    alone = version.running(house(tmp_path))
    heads = tmp_path / ".git" / "refs" / "heads"
    heads.mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (heads / "main").write_text("0123456789abcdef\n")
    assert version.running(tmp_path) == f"01234567·{alone}"
    (heads / "main").unlink()
    (tmp_path / ".git" / "packed-refs").write_text("# pack-refs\nfedcba9876543210 refs/heads/main\n")
    assert version.running(tmp_path) == f"fedcba98·{alone}"
    (tmp_path / ".git" / "HEAD").write_text("aaaabbbbccccdddd\n")
    assert version.running(tmp_path) == f"aaaabbbb·{alone}"
