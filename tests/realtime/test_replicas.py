"""An operator may ask that replicas have a write before its sender is told that it is stored."""

import asyncio
import os
import signal
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ConnectionError

from config import services
from config.services import Service
from realtime import publish
from realtime.engine import connect
from realtime.log import RedisLog
from realtime.writes import Placed, Put, Write
from tests.realtime.node import free_port


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, int]]:
    port = free_port()
    door = ("--port", str(port), "--bind", "127.0.0.1")
    with services.start_redis(tmp_path_factory.mktemp("master"), options=door) as service:
        yield service, port


@pytest.fixture
def replica(master: tuple[Service, int], tmp_path: Path) -> Iterator[Service]:
    _, port = master
    copies = ("--replicaof", f"127.0.0.1 {port}")
    with services.start_redis(tmp_path / "replica", options=copies) as service:
        yield service


@pytest.fixture
async def log(master: tuple[Service, int], replica: Service) -> AsyncIterator[RedisLog]:
    reading, writing = connect(master[0].url), connect(master[0].url, replicas=1)
    async with reading, writing, connect(replica.url) as copy:
        async with asyncio.timeout(20):
            while (await copy.info("replication"))["master_link_status"] != "up":  # noqa: ASYNC110 - nobody calls us back
                await asyncio.sleep(0.02)
        yield RedisLog(reading, writing)


def say() -> Write:
    return Write("chat:1", "chat.say", 7, uuid.uuid4().hex, 0, (Put("chat:1", 7, b'{"is":"chat.said"}'),))


async def test_a_write_that_the_replica_has_is_stored(log: RedisLog) -> None:
    [done] = await log.write([say()])
    assert isinstance(done, Placed)


async def test_a_write_that_it_does_not_have_is_not_acknowledged_and_is_once_when_it_has(
    log: RedisLog, replica: Service
) -> None:
    wish = say()
    os.kill(replica.pid, signal.SIGSTOP)
    try:
        [unsure] = await log.write([wish])
    finally:
        os.kill(replica.pid, signal.SIGCONT)
    assert isinstance(unsure, ConnectionError)
    [done] = await log.write([wish])
    assert isinstance(done, Placed)
    top = (await log.read("chat:1")).top
    assert done.offset == top


async def test_a_write_sent_again_by_another_wire_waits_for_the_replica_too(
    master: tuple[Service, int], log: RedisLog, replica: Service
) -> None:
    """Redis waits for what a connection wrote itself: a new one would be told that all is well."""
    wish = say()
    async with connect(master[0].url) as reading, connect(master[0].url, replicas=1) as writing:
        other = RedisLog(reading, writing)
        os.kill(replica.pid, signal.SIGSTOP)
        try:
            unsure = [*await log.write([wish]), *await other.write([wish])]
        finally:
            os.kill(replica.pid, signal.SIGCONT)
        assert [type(one) for one in unsure] == [ConnectionError, ConnectionError]
        [done] = await other.write([wish])
        assert isinstance(done, Placed)


async def test_what_a_page_says_waits_for_the_replica_as_well(
    master: tuple[Service, int], log: RedisLog, replica: Service
) -> None:
    wish: dict[str, Any] = {"channel": 7, "user": 7, "name": "Anna", "badge": "", "key": uuid.uuid4().hex, "text": "hi"}
    async with connect(master[0].url, replicas=1) as page:
        os.kill(replica.pid, signal.SIGSTOP)
        try:
            with pytest.raises(ConnectionError, match="replicas"):
                await publish.say_in_chat(page, **wish, when=datetime.now(UTC))
        finally:
            os.kill(replica.pid, signal.SIGCONT)
        assert await publish.say_in_chat(page, **wish, when=datetime.now(UTC)) == 1
