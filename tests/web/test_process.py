"""`python -m web` as a process: it starts, answers, and leaves when it is told to."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import aiohttp
import pytest

from config.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environ(settings: Settings) -> dict[str, str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
    return {
        "PATH": os.environ["PATH"],
        "VECHE_SECRET": settings.secret,
        "VECHE_VAR": str(settings.var),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "WEB_PORT": port,
    }


async def start(environ: dict[str, str]) -> Process:
    command = (sys.executable, "-W", "error", "-m", "web")
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environ, stdout=PIPE, stderr=PIPE)


async def healthy(port: str) -> None:
    async with aiohttp.ClientSession() as browser:
        while True:
            try:
                async with browser.get(f"http://127.0.0.1:{port}/healthz") as answer:
                    assert answer.status == 200
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


async def test_it_serves_until_it_is_told_to_stop_and_says_nothing_of_visitors(
    environ: dict[str, str], world: None
) -> None:
    process = await start(environ)
    async with asyncio.timeout(20):
        await healthy(environ["WEB_PORT"])
        process.send_signal(signal.SIGTERM)
        spoken, wrong = await process.communicate()
    assert process.returncode == 0
    assert wrong == b""
    assert len(spoken.splitlines()) == 1
    assert b"/healthz" not in spoken


async def test_it_starts_without_redis_and_says_so_when_asked(environ: dict[str, str]) -> None:
    process = await start({**environ, "REDIS_URL": "redis://127.0.0.1:1"})
    async with asyncio.timeout(20), aiohttp.ClientSession() as browser:
        status = 0
        while not status:
            try:
                async with browser.get(f"http://127.0.0.1:{environ['WEB_PORT']}/healthz") as answer:
                    status = answer.status
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, wrong = await process.communicate()
    assert (status, process.returncode, wrong) == (503, 0, b"")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VECHE_SECRET", "short"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:port/nothing"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1/nothing?sslmode=nonsense"),
        ("REDIS_URL", "redis://127.0.0.1:port"),
        ("WEB_PORT", "taken"),
    ],
)
async def test_what_keeps_it_from_starting_is_one_sentence(environ: dict[str, str], name: str, value: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environ[name] = str(taken.getsockname()[1]) if value == "taken" else value
        process = await start(environ)
        async with asyncio.timeout(20):
            _, wrong = await process.communicate()
    assert process.returncode == 1
    assert len(wrong.splitlines()) == 1
    assert name.encode() in wrong
