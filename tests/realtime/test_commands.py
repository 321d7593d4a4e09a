"""What `python -m realtime` does besides serving."""

import os
import subprocess
import sys
import time

import pytest

from realtime import passes
from tests.realtime.node import ROOT, SECRET


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-m", "realtime", *words]
    return subprocess.run(command, cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=False)


def test_a_pass_for_a_bot_is_one_line_that_the_server_believes() -> None:
    words = ("pass", "--user", "7", "--name", "Анна", "--room", "chat:1", "--may", "say,moderate")
    done = run(*words, VECHE_SECRET=SECRET)
    assert (done.returncode, done.stderr) == (0, "")
    visitor = passes.verify(done.stdout.strip(), secret=SECRET, now=time.time())
    assert (visitor.user, visitor.name, visitor.rooms) == (7, "Анна", {"chat:1": frozenset({"say", "moderate"})})


def test_passes_for_many_bots_are_many_lines() -> None:
    done = run("pass", "--user", "7", "--name", "Bot", "--room", "chat:1", "--count", "3", VECHE_SECRET=SECRET)
    users = [passes.verify(line, secret=SECRET, now=time.time()).user for line in done.stdout.splitlines()]
    assert users == [7, 8, 9]


@pytest.mark.parametrize("wrong", [("--room", "kitchen:1"), ("--room", "chat:1", "--may", "fly")])
def test_a_pass_to_nowhere_is_refused_in_a_sentence(wrong: tuple[str, ...]) -> None:
    done = run("pass", "--user", "7", "--name", "Bot", *wrong, VECHE_SECRET=SECRET)
    assert done.returncode == 2
    assert done.stderr.startswith("There is no such right or room: ")


def test_without_a_secret_there_is_no_pass_and_no_node() -> None:
    for words in (("pass", "--user", "7", "--name", "Bot", "--room", "chat:1"), ()):
        done = run(*words)
        assert done.returncode == 1
        assert done.stderr.startswith("VECHE_SECRET must be")
        assert len(done.stderr.splitlines()) == 1


def test_a_malformed_address_of_redis_is_one_sentence() -> None:
    done = run(VECHE_SECRET=SECRET, REDIS_URL="redis://127.0.0.1:port/0")
    assert done.returncode == 1
    assert done.stderr.startswith("REDIS_URL cannot be read")
    assert len(done.stderr.splitlines()) == 1


def test_the_manual_needs_no_settings() -> None:
    done = run("manual")
    assert done.returncode == 0
    assert "chat.say" in done.stdout
