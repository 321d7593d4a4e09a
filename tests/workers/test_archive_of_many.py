"""After a long outage every room has much to tell: it is taken in bounded parts, and each room gets its turn."""

import asyncio
import contextlib
import itertools
import logging
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
import pytest

from realtime import channels
from sql.connection import Pool
from tests.operator import Operator
from tests.workers.test_archive import archive_of, drain, reader, rows, say
from workers import streams
from workers.archive import Archive

NOON = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp() * 1000)
EVENT = 300  # bytes of one, about
ROOMS = 120


async def fill(redis: Operator, events: int, *, rooms: int = ROOMS) -> list[str]:
    """So many words in each of so many rooms, as an outage of the archive leaves them."""
    names = [channels.chat(number) for number in range(1, rooms + 1)]
    await redis.sadd(channels.ROOMS, *names)
    for room in names:
        await redis.hset(channels.meta(room), mapping={"epoch": "life", "top": events})
        await redis.together([put(room, at) for at in range(1, events + 1)])
    return names


def put(room: str, at: int) -> tuple[str, tuple[Any, ...]]:
    said = {"is": "chat.said", "user": 7, "name": "Anna", "text": f"{at} ".ljust(EVENT - 80, "a"), "when": NOON}
    key = channels.log(room)
    return key, ("XADD", key, f"{at}-0", "e", orjson.dumps(said), "u", "7", "x", "life")


async def test_no_part_is_bigger_than_its_bounds_and_no_room_waits_for_another(
    database: Pool, redis: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "AT_ONCE", 10)
    monkeypatch.setattr(streams, "MOST_ROOMS", 30)
    names = await fill(redis, 25)
    worker = reader(redis, "alive")
    turns: list[set[str]] = []
    for _ in range(2 * ROOMS // 30):
        taken = await worker.take()
        by_room = Counter(entry.room for entry in taken)
        assert len(by_room) <= 30
        assert max(by_room.values()) <= 10
        turns.append(set(by_room))
        await worker.done(taken)
        # The first rooms are busy meanwhile, and wait for their turn like all others.
        await redis.together([put(room, 1000 + len(turns)) for room in names[:30]])
    for half in (turns[: len(turns) // 2], turns[len(turns) // 2 :]):
        assert sorted(itertools.chain(*half)) == sorted(names)


async def test_bytes_bound_a_part_as_well(redis: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "ROOMS_AT_ONCE", 5)
    monkeypatch.setattr(streams, "MOST_BYTES", 20 * EVENT)
    await fill(redis, 10)
    taken = await reader(redis, "alive").take()
    assert 20 <= len(taken) <= 20 + 5 * 10


async def test_after_a_long_outage_everything_is_archived_in_order_and_once(database: Pool, redis: Operator) -> None:
    names = await fill(redis, 150)
    worker = archive_of(database, redis)
    await drain(worker)
    found = await database.fetch(
        """select room, array_agg(split_part(text, ' ', 1)::int order by "offset") as said
        from chat_message group by room"""
    )
    assert {row["room"]: row["said"] for row in found} == {room: list(range(1, 151)) for room in names}
    for room in names:
        assert await redis.hget(channels.meta(room), "archived") == b"150"


async def test_what_many_dead_rooms_left_is_taken_over_in_parts_beside_what_is_new(
    database: Pool, redis: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_ROOMS", 10)
    await fill(redis, 3, rooms=40)
    dead = reader(redis, "dead")
    for _ in range(4):
        await dead.take()
    alive = reader(redis, "alive", takeover=0)
    await say(redis, "new", channel=99)
    first, second = await alive.take(), await alive.take()
    assert len({entry.room for entry in first}) == 10
    assert [entry.room for entry in second] == ["chat:99"]
    await drain(Archive(database, redis, alive))
    assert len(await rows(database)) == 40 * 3 + 1
    assert await redis.hget(channels.meta("chat:40"), "archived") == b"3"


async def test_a_room_that_postgres_refuses_holds_up_no_other_and_is_not_lost(
    database: Pool, redis: Operator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(streams, "PUT_OFF", 0.02)
    monkeypatch.setattr(streams, "LONGEST_PUT_OFF", 0.05)
    await fill(redis, 20, rooms=30)
    await database.execute("alter table chat_message add constraint trouble check (room <> 'chat:7')")
    worker = archive_of(database, redis, takeover=10)
    with caplog.at_level(logging.ERROR):
        async with asyncio.timeout(20):
            while len(await rows(database)) < 29 * 20:
                await worker.round()
    assert "trouble" in caplog.text
    assert "Room chat:7 is archived again in" in caplog.text
    await say(redis, "the others go on", channel=1)
    await one_says(database, worker, "the others go on")
    assert not await redis.hexists(channels.meta("chat:7"), "archived")  # so it is not trimmed
    await database.execute("alter table chat_message drop constraint trouble")
    async with asyncio.timeout(20):
        while await redis.hget(channels.meta("chat:7"), "archived") != b"20":
            await goes_on(worker)
    assert len([row for row in await rows(database) if row["room"] == "chat:7"]) == 20


async def test_a_fault_of_everything_is_said_and_nothing_is_lost(
    database: Pool, redis: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PUT_OFF", 0.02)
    monkeypatch.setattr(streams, "LONGEST_PUT_OFF", 0.05)
    await fill(redis, 2, rooms=5)
    await database.execute("alter table chat_message rename to elsewhere")
    worker = archive_of(database, redis, takeover=10)
    with pytest.raises(Exception, match="chat_message"):
        await worker.round()
    await database.execute("alter table elsewhere rename to chat_message")
    async with asyncio.timeout(20):
        while len(await rows(database)) < 10:
            await goes_on(worker)


async def test_a_room_whose_stream_is_none_holds_up_no_other(
    database: Pool, redis: Operator, caplog: pytest.LogCaptureFixture
) -> None:
    await fill(redis, 2, rooms=5)
    await redis.delete(channels.log("chat:3"))
    await redis.set(channels.log("chat:3"), "somebody's mistake")
    with caplog.at_level(logging.ERROR):
        await drain(archive_of(database, redis))
    assert len(await rows(database)) == 8
    assert len([record for record in caplog.records if "Room chat:3 has no stream" in record.message]) == 1


async def one_says(database: Pool, worker: Archive, text: str) -> None:
    async with asyncio.timeout(20):
        while text not in [row["text"] for row in await rows(database)]:
            await goes_on(worker)


async def goes_on(worker: Archive) -> None:
    """A round; one whose only room is in trouble says so, and the next round is another's."""
    with contextlib.suppress(asyncpg.PostgresError):
        await worker.round()
    await asyncio.sleep(0.005)
