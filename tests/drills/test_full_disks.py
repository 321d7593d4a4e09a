"""The disk under Redis is full: writes are refused, nothing acknowledged is lost, it goes on when there is space."""

import asyncio
import contextlib
import resource
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from config import services
from realtime.errors import Refused
from tests.drills.crowd import Crowd, survive
from tests.realtime.node import Node, until
from tests.realtime.person import Person

LEFT = 4096  # bytes of space; some lines


async def test_a_redis_that_cannot_save_refuses_writes(tmp_path: Path, rounds: int, back: list[float]) -> None:
    """MISCONF: snapshots fail, so Redis takes no writes. The disk is full here because a folder stands in the way."""
    with services.start_redis(tmp_path / "redis", durable=False) as redis, Node(redis.url, tmp_path) as node:
        async with Redis.from_url(redis.url) as ops:
            await ops.config_set("save", "1 1")  # a second after each write
        for n in range(rounds):

            async def fill() -> None:
                with nowhere_to_save(tmp_path / "redis" / "redis"):
                    async with Person(node, 999, "chat:999") as anna:
                        await _until_refused(anna)
                    await asyncio.to_thread(until, partial(_says, node, "MISCONF"), "health says why")
                await _takes_writes(redis.url)

            back.append(await survive(Crowd([node.url], f"chat:{n + 1}"), fill))
            await asyncio.to_thread(until, lambda: node.why() == [], "the node writes again")
        assert "Traceback" not in node.logged


async def test_a_redis_whose_journal_finds_no_space(tmp_path: Path, rounds: int, back: list[float]) -> None:
    """As shipped, Redis ends rather than acknowledge what it cannot sync; ops make space and start it."""
    redis = services.start_redis(tmp_path / "redis")
    with Node(redis.url, tmp_path) as node:
        for n in range(rounds):

            async def fill() -> None:
                nonlocal redis
                _leave_space(redis.pid, tmp_path / "redis" / "redis")
                await asyncio.to_thread(until, lambda: redis.child.poll() is not None, "the disk is full")
                redis.stop()
                redis = await asyncio.to_thread(services.start_redis, tmp_path / "redis")

            back.append(await survive(Crowd([node.url], f"chat:{n + 1}"), fill))
            await asyncio.to_thread(until, lambda: node.why() == [], "the node writes again")
        assert "Traceback" not in node.logged
    redis.stop()


async def _takes_writes(url: str) -> None:
    """Redis tries to save every five seconds by itself, until it can."""
    async with Redis.from_url(url) as ops, asyncio.timeout(30):
        while True:
            with contextlib.suppress(ResponseError):
                await ops.set("space", "again")
                return
            await asyncio.sleep(0.05)


def _says(node: Node, word: str) -> bool:
    return any(word in why for why in node.why())


@contextlib.contextmanager
def nowhere_to_save(folder: Path) -> Iterator[None]:
    """No snapshot can get its name."""
    snapshot = folder / "dump.rdb"
    snapshot.unlink(missing_ok=True)
    (snapshot / "full").mkdir(parents=True)
    try:
        yield
    finally:
        (snapshot / "full").rmdir()
        snapshot.rmdir()


async def _until_refused(person: Person) -> None:
    """Write until Redis takes no more."""
    message = {"do": "chat.say", "room": person.room, "text": "hello?"}
    async with asyncio.timeout(30):
        while True:
            try:
                await person.client.ask({**message, "key": str(uuid.uuid4())})
            except Refused as no:
                if no.code == "server.busy":
                    return
            await asyncio.sleep(0.2)


def _leave_space(pid: int, folder: Path) -> None:
    """The journal may grow by a little still."""
    journal = max(path.stat().st_size for path in folder.rglob("*.aof"))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (journal + LEFT, resource.RLIM_INFINITY))
