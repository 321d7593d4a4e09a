"""The Makefile: what it says when the machine lacks something, and that it does nothing twice."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the Makefile and the lock files, and nothing installed."""
    for name in ("Makefile", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(
        ROOT / "config", tmp_path / "config", ignore=shutil.ignore_patterns("*.py", "locale", "__pycache__")
    )
    return tmp_path


def make(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make there, as a person would."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *words], cwd=clone, env=environ, capture_output=True, text=True, check=False)


def python(clone: Path, script: str) -> str:
    """Something that calls itself python3."""
    path = clone / "python3"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return f"PYTHON={path}"


def test_a_python_that_is_too_old_gets_a_sentence(clone: Path) -> None:
    made = make(clone, "up", python(clone, "exit 1"))
    assert made.returncode != 0
    assert "Veche needs Python 3.11 or newer" in made.stderr
    assert not (clone / ".venv").exists()


def test_a_python_without_venv_gets_the_command_that_brings_it(clone: Path) -> None:
    made = make(clone, "up", python(clone, 'case "$2" in *ensurepip*) exit 1;; esac'))
    assert "apt-get install python3-venv" in made.stderr
    assert not (clone / ".venv").exists()


def test_a_missing_python_gets_a_sentence(clone: Path) -> None:
    made = make(clone, "up", "PYTHON=/nowhere/python3")
    assert "Python is missing: install Python 3.11 or newer" in made.stderr


def test_a_second_make_installs_nothing(clone: Path) -> None:
    for stamp in (
        ".venv/made.stamp",
        ".venv/npm.stamp",
        ".venv/run.stamp",
        ".venv/check.stamp",
        "node_modules/.stamp",
        "node_modules/.check.stamp",
    ):
        (clone / stamp).parent.mkdir(exist_ok=True)
        (clone / stamp).touch()
    assert make(clone, "-n", "up").stdout == "exec .venv/bin/python -m config up\n"
    assert "install" not in make(clone, "-n", "test").stdout
    (clone / "config" / "requirements.txt").touch()
    assert "install --require-hashes -r config/requirements.txt" in make(clone, "-n", "up").stdout


def test_help_says_a_sentence_for_every_target(clone: Path) -> None:
    listed = {line.split()[1] for line in make(clone).stdout.splitlines()}
    phony = next(line for line in (clone / "Makefile").read_text().splitlines() if line.startswith(".PHONY:"))
    assert listed == set(phony.split()[1:])


def test_who_only_runs_it_waits_for_no_package_that_checks_it(clone: Path) -> None:
    def installed_by(target: str) -> list[str]:
        return [line.partition(" ci ")[2] for line in make(clone, "-n", target).stdout.splitlines() if " ci " in line]

    (up,), (test,) = installed_by("up"), installed_by("test")
    assert up.startswith("--silent --omit=dev ||")
    assert test.startswith("--silent ||")
