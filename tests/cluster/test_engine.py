"""The client of every server: it finds the owner of a key, follows it, and one server's silence holds up no other."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ConnectionError

from config import cluster, services
from realtime import channels, messages
from realtime.engine import Engine, connect, slot_of
from realtime.events import ChatSaid
from realtime.log import RedisLog
from realtime.writer import Writer
from realtime.writes import Put, Write
from tests.store import Store

WORDS = ("вече", "сход", "круг", "рада", "дума")


@pytest.fixture
async def engine(masters: Store) -> AsyncIterator[Engine]:
    async with connect(masters.url) as engine:
        yield engine


def say(room: str) -> Write:
    key = str(uuid.uuid4())
    body = messages.event(ChatSaid(user=7, name="Anna", badge="", key=key, text="hi", when=0))
    return Write(room, "chat.say", 7, key, 0, (Put(room, 7, body),))


async def test_one_server_and_a_cluster_are_spoken_to_alike(masters: Store, tmp_path: Path) -> None:
    with services.start_redis(tmp_path / "single") as single:
        for url, servers in ((single.url, 1), (masters.url, cluster.MASTERS)):
            async with connect(url) as engine:
                for word in WORDS:
                    await engine.set(word, word)
                answers = await engine.together([(word, ("GET", word)) for word in WORDS])
                assert [answer.decode() for answer in answers] == [*WORDS]
                assert len(engine.masters) == servers


async def test_what_comes_later_is_found_when_it_has_come(tmp_path: Path) -> None:
    with cluster.start_cluster(tmp_path) as first:
        url = first.url
    async with connect(url) as engine:
        with pytest.raises(ConnectionError):
            await engine.get("word")
        with cluster.start_cluster(tmp_path):
            await engine.set("word", "вече")
            assert await engine.get("word") == "вече".encode()


async def test_any_address_that_answers_is_enough(masters: Store, rooms: list[str]) -> None:
    masters.kill(rooms[0])  # the first address of the setting
    async with connect(masters.url) as engine:
        for room in rooms[1:]:
            await engine.set(channels.meta(room), "here")
        answers = await engine.together([(channels.meta(room), ("GET", channels.meta(room))) for room in rooms])
        assert isinstance(answers[0], ConnectionError)
        assert answers[1:] == [b"here", b"here"]


async def test_a_key_is_followed_while_and_after_its_slot_moves(engine: Engine, rooms: list[str]) -> None:
    moving, still = (channels.kept(room) for room in rooms[:2])
    await engine.set(moving, "1")
    here, there = await servers(engine, moving, still)
    slot = slot_of(moving)
    await there.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", await here.execute_command("CLUSTER MYID"))
    await here.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", await there.execute_command("CLUSTER MYID"))
    assert await engine.incr(moving) == 2
    where = there.connection_pool.connection_kwargs
    await here.execute_command("MIGRATE", where["host"], where["port"], moving, 0, 5000)
    assert await engine.incr(moving) == 3  # ASK
    [answer] = await engine.together([(moving, ("INCR", moving))])
    assert isinstance(answer, ConnectionError)  # nothing was done; the caller asks again
    for server in (there, here):
        await server.execute_command("CLUSTER SETSLOT", slot, "NODE", await there.execute_command("CLUSTER MYID"))
    async with asyncio.timeout(10):
        while isinstance(answer, ConnectionError):
            [answer] = await engine.together([(moving, ("INCR", moving))])
    assert answer == 4
    assert engine.owner_of(moving) == engine.owner_of(still)


async def test_writes_of_a_frozen_master_hold_up_no_other(engine: Engine, masters: Store, rooms: list[str]) -> None:
    log = RedisLog(engine, engine)
    writer = Writer(log, lane=lambda room: engine.owner_of(channels.log(room)))
    writing = asyncio.create_task(writer.run())
    for room in rooms:
        await writer.submit(say(room))
    with masters.frozen(rooms[0]):
        stuck = writer.submit(say(rooms[0]))
        for _ in range(50):
            await writer.submit(say(rooms[1]))
            await writer.submit(say(rooms[2]))
        assert not stuck.done()
    assert (await stuck).offset == 2
    writing.cancel()
    await asyncio.wait([writing])


async def servers(engine: Engine, *keys: str) -> list[Any]:
    """Plain clients of the keys' owners."""
    return [await engine.at(key) for key in keys]
