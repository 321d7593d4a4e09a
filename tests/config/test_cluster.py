"""Three masters for tests and trials: one cluster, that survives them and ends with whoever started it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import RedisCluster

from config import cluster
from config.settings import Misconfigured

ROOT = Path(__file__).parents[2]


async def words(url: str, *written: str) -> list[Any]:
    """Write some words, each at the master that owns it, and read all that were ever written."""
    async with RedisCluster.from_url(url.split(",")[0]) as client:
        for word in written:
            await client.set(word, word)
        return [await client.get(word) for word in ("вече", "сход", "круг", "рада")]


async def test_three_masters_share_all_slots_and_remember_each_other(tmp_path: Path) -> None:
    with cluster.start_cluster(tmp_path) as masters:
        kept = await words(masters.url, "вече", "сход", "круг", "рада")
        urls = masters.url
    assert None not in kept
    with cluster.start_cluster(tmp_path) as again:
        assert again.url == urls
        assert await words(again.url) == kept


def test_the_command_runs_a_cluster_that_ends_with_it_even_when_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "config", "services", "--only", "cluster", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        assert run.stdout
        told = json.loads(run.stdout.readline())
        assert set(told) == {"REDIS_URL"}
        assert len(told["REDIS_URL"].split(",")) == cluster.MASTERS
        with pytest.raises(Misconfigured, match="already running"):
            cluster.start_cluster(tmp_path)
        run.send_signal(signal.SIGKILL)
    until = time.monotonic() + 20
    while left := _in(tmp_path):
        assert time.monotonic() < until, left
        time.sleep(0.05)


def _in(folder: Path) -> list[int]:
    """Processes that work somewhere below a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(folder):
                found.append(int(process.name))
        except OSError:  # it has ended, or belongs to somebody else
            continue
    return found
