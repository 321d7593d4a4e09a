"""Scripts and styles: addresses that change with them, packed as the browser likes, modules asked for at once."""

import gzip
import re
from pathlib import Path

import brotli
import pytest

from tests.web.site import Visitor
from web import assets, typeface
from web.assets import ASK_AGAIN, FOR_EVER, STATIC


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another web/static, with one script that needs another."""
    made = tmp_path / "static"
    made.mkdir()
    (made / "first.js").write_text('import { two } from "./second.js";\n', encoding="utf-8")
    (made / "second.js").write_text("export const two = 2;\n", encoding="utf-8")
    monkeypatch.setattr(assets, "STATIC", made)
    return made


def test_when_one_file_changes_all_addresses_do(folder: Path) -> None:
    before = assets.address("first.js", remembered=False)
    assert assets.address("first.js", remembered=False) == before
    (folder / "second.js").write_text("export const two = 3;\n", encoding="utf-8")
    assert assets.address("first.js", remembered=False) != before


def test_the_address_tells_of_contents_and_not_of_dates(folder: Path) -> None:
    before = assets.address("first.js", remembered=False)
    (folder / "first.js").write_bytes((folder / "first.js").read_bytes())
    assert assets.address("first.js", remembered=False) == before


def test_when_the_typeface_is_cut_otherwise_all_addresses_change(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = assets.address("latin.woff2", remembered=False)
    monkeypatch.setattr(typeface, "FEATURES", [])
    (folder / "first.js").write_bytes((folder / "first.js").read_bytes())
    assert assets.address("latin.woff2", remembered=False) != before


def test_a_page_asks_at_once_for_every_module_that_its_script_imports(folder: Path) -> None:
    (folder / "third.js").write_text('export * from "./second.js";\nawait import("./first.js");\n', encoding="utf-8")
    (folder / "first.js").write_text('import "./third.js";\n', encoding="utf-8")
    tags = str(assets.script("first.js", remembered=False))
    version = assets.address("first.js", remembered=False).split("/")[2]
    assert re.findall('modulepreload" href="([^"]+)"', tags) == [
        f"/static/{version}/third.js",
        f"/static/{version}/second.js",
    ]
    assert tags.endswith(f'<script type="module" src="/static/{version}/first.js" fetchpriority="low"></script>')


def test_a_file_that_does_not_exist_is_said_when_the_page_is_made(folder: Path) -> None:
    with pytest.raises(LookupError, match=r"asks for web/static/none\.js"):
        assets.script("none.js", remembered=False)


async def test_a_file_is_kept_for_ever_under_the_version_it_has_and_asked_for_again_under_others(
    visitor: Visitor,
) -> None:
    now = assets.address("site.css", remembered=False)
    for path, kept in ((now, FOR_EVER), ("/static/0000aaaa/site.css", ASK_AGAIN), ("/static/site.css", ASK_AGAIN)):
        answer = await visitor.get(path)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, kept)
        assert await answer.text() == (STATIC / "site.css").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("accepted", "coding"), [("gzip, deflate, br, zstd", "br"), ("gzip, deflate", "gzip"), ("identity", None)]
)
async def test_a_file_comes_packed_as_the_browser_likes_it(visitor: Visitor, accepted: str, coding: str | None) -> None:
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    async with visitor.http.get(
        "/static/live.js", headers={"Accept-Encoding": accepted}, auto_decompress=False
    ) as answer:
        assert answer.headers.get("Content-Encoding") == coding
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.content_type == "text/javascript"
        assert unpack(await answer.read()) == (STATIC / "live.js").read_bytes()


async def test_a_page_names_no_file_of_ours_without_its_version(visitor: Visitor) -> None:
    page = await visitor.read("/c/school")
    assert re.findall(r"/static/[0-9a-f]{12}/[\w.-]+", page) == re.findall(r"/static/[^\"]+", page) != []
