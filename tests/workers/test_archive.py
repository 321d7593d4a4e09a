"""What was said live is in Postgres, once, whatever dies in between; what was retracted is in no read."""

import asyncio
import itertools
import logging
import signal
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

import sql
from config import services
from realtime import channels, publish
from sql import queries
from sql.connection import Pool
from sql.migrate import migrate
from tests.operator import Operator
from tests.workers.worker import Worker
from workers import streams
from workers.archive import Archive, Retracted, Said
from workers.streams import Reader

CHAT = queries("chat")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def test_what_is_said_is_archived_with_its_place(database: Pool, redis: Operator) -> None:
    place = await say(redis, "hello")
    await drain(archive_of(database, redis))
    (row,) = await rows(database)
    assert (row["room"], row["offset"], row["person_id"], row["name"], row["text"], row["said_at"]) == (
        *("chat:1", place, 7, "Anna", "hello", NOON),
    )
    assert row["epoch"].encode() == await redis.hget(channels.meta("chat:1"), "epoch")


async def test_every_room_is_found_also_one_that_speaks_later(database: Pool, redis: Operator) -> None:
    worker = archive_of(database, redis)
    await say(redis, "one", channel=1)
    await drain(worker)
    await say(redis, "two", channel=2)
    await say(redis, "three", channel=1)
    await drain(worker)
    assert [(row["room"], row["text"]) for row in await rows(database)] == [
        *(("chat:1", "one"), ("chat:1", "three"), ("chat:2", "two")),
    ]


async def test_what_is_retracted_after_it_was_archived_loses_its_text(database: Pool, redis: Operator) -> None:
    worker = archive_of(database, redis)
    place = await say(redis, "secret")
    await drain(worker)
    await retract(redis, place)
    await drain(worker)
    await expect_only_a_tombstone(database, place, person=7)


async def test_what_is_retracted_before_it_was_archived_never_comes(database: Pool, redis: Operator) -> None:
    place = await say(redis, "secret")
    await retract(redis, place)
    await drain(archive_of(database, redis))
    await expect_only_a_tombstone(database, place, person=None)


async def test_what_is_retracted_while_a_dead_worker_had_it_never_comes(database: Pool, redis: Operator) -> None:
    place = await say(redis, "secret")
    await reader(redis, "dead").take()
    await retract(redis, place)
    await drain(archive_of(database, redis, takeover=0))
    await expect_only_a_tombstone(database, place, person=None)
    assert (await redis.xpending(channels.log("chat:1"), channels.ARCHIVE))["pending"] == 0


async def test_any_order_of_any_number_of_times_ends_the_same(database: Pool) -> None:
    said = Said("chat:1", "life", 5, 7, "Anna", "secret", NOON)
    gone = Retracted("chat:1", "life", 5, NOON, 3)
    say_it = (CHAT.remember_said, astuple(said))
    retract_it = (CHAT.remember_retracted, astuple(gone))
    for order in set(itertools.permutations([say_it, say_it, retract_it, retract_it])):
        await database.execute("truncate chat_message")
        for statement, columns in order:
            await database.execute(statement, *columns)
        await expect_only_a_tombstone(database, 5, person=7)


async def test_what_was_said_in_an_earlier_life_of_the_room_can_be_retracted(database: Pool, redis: Operator) -> None:
    await redis.sadd(channels.ROOMS, "chat:1")
    said = {"is": "chat.said", "user": 7, "name": "Anna", "text": "secret", "when": int(NOON.timestamp() * 1000)}
    gone = {"is": "chat.retracted", "target": 5, "by": 3, "when": said["when"]}
    await redis.xadd(channels.log("chat:1"), {"e": orjson.dumps(said), "x": "old"}, id="5-0")
    await redis.xadd(channels.log("chat:1"), {"e": orjson.dumps(gone), "x": "new", "g": "5", "l": "old"}, id="6-0")
    await drain(archive_of(database, redis))
    await expect_only_a_tombstone(database, 5, person=7)


async def test_a_worker_that_died_before_the_commit_leaves_its_events_to_another(
    database: Pool, redis: Operator
) -> None:
    await say(redis, "one")
    await say(redis, "two")
    assert len(await reader(redis, "dead").take()) == 2
    await say(redis, "three")
    await drain(archive_of(database, redis, takeover=0))
    assert [row["text"] for row in await rows(database)] == ["one", "two", "three"]
    assert await archived(redis) == 3


async def test_a_worker_that_died_after_the_commit_doubles_nothing(database: Pool, redis: Operator) -> None:
    place = await say(redis, "one")
    await say(redis, "two")
    died = Archive(database, redis, Forgetful(redis, group=channels.ARCHIVE, name="dead"))
    with pytest.raises(ConnectionError):
        await died.round()
    before = await rows(database)
    assert [row["text"] for row in before] == ["one", "two"]
    await retract(redis, place)
    await drain(archive_of(database, redis, takeover=0))
    assert [row["text"] for row in await rows(database)] == [None, "two"]


async def test_the_trimmer_hears_only_of_what_is_complete(database: Pool, redis: Operator) -> None:
    await say(redis, "one")
    await drain(archive_of(database, redis))
    await say(redis, "two")
    await reader(redis, "dead").take()
    await say(redis, "three")
    await drain(archive_of(database, redis))
    assert [row["text"] for row in await rows(database)] == ["one", "three"]
    assert await archived(redis) == 1
    await drain(archive_of(database, redis, takeover=0))
    assert await archived(redis) == 3


async def test_a_redis_that_lost_everything_begins_a_new_life_and_the_old_one_stays(
    database: Pool, redis: Operator
) -> None:
    worker = archive_of(database, redis)
    await say(redis, "before")
    await drain(worker)
    await redis.flushall()
    await say(redis, "after")
    await drain(worker)
    found = await rows(database)
    assert {(row["offset"], row["text"]) for row in found} == {(1, "before"), (1, "after")}
    assert len({row["epoch"] for row in found}) == 2


async def test_a_redis_that_loses_everything_while_a_worker_has_events_in_hand_stops_nothing(
    database: Pool, redis: Operator
) -> None:
    await say(redis, "one")
    worker = reader(redis, "alive")
    taken = await worker.take()
    await redis.flushall()
    assert await worker.done(taken) == {}
    await say(redis, "two")
    while not (taken := await worker.take()):
        pass
    assert await worker.done(taken) == {"chat:1": 1}


async def test_an_event_nobody_understands_does_not_stop_the_others(
    database: Pool, redis: Operator, caplog: pytest.LogCaptureFixture
) -> None:
    await redis.sadd(channels.ROOMS, "chat:1")
    said = {"is": "chat.said", "user": 7, "name": "Anna", "text": "sound\0", "when": 1790000000000}
    wrong: list[dict[str, Any]] = [
        {"e": b"{"},
        {"e": b"{}", "x": b"life"},
        {"e": orjson.dumps(["chat.sung"]), "x": b"life"},
        {"e": orjson.dumps({"is": 5}), "x": b"life"},
        {"e": orjson.dumps({**said, "when": 2**62}), "x": b"life"},
        {"e": orjson.dumps({**said, "user": 2**63}), "x": b"life"},
        {"e": orjson.dumps({**said, "text": 5}), "x": b"life"},
        {"e": orjson.dumps({**said, "text": None}), "x": b"life"},
    ]
    for number, fields in enumerate([*wrong, {"e": orjson.dumps(said), "x": b"life"}], start=1):
        await redis.xadd(channels.log("chat:1"), fields, id=f"{number}-0")  # type: ignore[arg-type]  # dict is invariant
    with caplog.at_level(logging.ERROR):
        await drain(archive_of(database, redis))
    assert [row["text"] for row in await rows(database)] == ["sound"]
    assert len(caplog.records) == len(wrong)
    assert all(record.exc_info is None for record in caplog.records)
    assert (await redis.xpending(channels.log("chat:1"), channels.ARCHIVE))["pending"] == 0


async def test_many_rooms_and_many_events_are_all_taken(
    database: Pool, redis: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "ROOMS_AT_ONCE", 3)
    monkeypatch.setattr(streams, "AT_ONCE", 4)
    for number, channel in itertools.product(range(9), range(1, 9)):
        await say(redis, f"{number}", channel=channel)
    await drain(archive_of(database, redis))
    assert len(await rows(database)) == 72


async def test_a_quiet_room_is_asked_ever_more_seldom_and_loses_nothing(database: Pool, redis: Operator) -> None:
    await say(redis, "one", channel=1)
    worker = Archive(database, redis, reader(redis, "alive", rest=60.0))
    await drain(worker)

    async def asked() -> int:
        return int((await redis.info("commandstats"))["cmdstat_xreadgroup"]["calls"])

    before = await asked()
    for _ in range(50):
        await worker.round()
    assert await asked() - before < 50  # a room that rests costs nothing
    await say(redis, "two", channel=1)
    async with asyncio.timeout(20):
        while len(await rows(database)) < 2:
            await worker.round()
            await asyncio.sleep(0.05)


async def test_names_of_dead_workers_are_struck_off(
    database: Pool, redis: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "FORGET", -1)
    await say(redis, "one")
    await drain(archive_of(database, redis, name="dead"))
    await say(redis, "two")
    await drain(archive_of(database, redis, name="alive", takeover=0))
    names = [one["name"] for one in await redis.xinfo_consumers(channels.log("chat:1"), channels.ARCHIVE)]
    assert b"dead" not in names


async def test_a_process_killed_again_and_again_archives_everything_once(
    told: dict[str, str], database: Pool, redis: Operator
) -> None:
    await redis.sadd(channels.ROOMS, "chat:1")
    for turn in range(3):
        with Worker(told) as worker:
            for number in range(50):
                await say(redis, f"{turn} {number}")
            await worker.until(database, f"select count(*) > {turn * 50} from chat_message")
            worker.end(signal.SIGKILL)
    await drain(archive_of(database, redis, takeover=0))
    found = [row["text"] for row in await rows(database)]
    assert found == [f"{turn} {number}" for turn in range(3) for number in range(50)]


async def test_a_redis_that_was_away_is_taken_up_again(told: dict[str, str], database: Pool, tmp_path: Path) -> None:
    with services.start_redis(tmp_path / "own") as first:
        told["REDIS_URL"] = first.url
        with Worker(told) as worker:
            async with Operator(first.url) as redis:
                await say(redis, "before")
            await worker.until(database, "select count(*) = 1 from chat_message")
            first.kill()
            with services.start_redis(tmp_path / "own") as second:
                async with Operator(second.url) as redis:
                    await say(redis, "after")
                await worker.until(database, "select count(*) = 2 from chat_message")
    assert [row["text"] for row in await rows(database)] == ["before", "after"]
    assert "Traceback" not in worker.log


async def test_a_postgres_that_was_away_is_taken_up_again(
    told: dict[str, str], redis: Operator, tmp_path: Path
) -> None:
    promise = queries("outbox").promise
    with services.start_postgres(tmp_path / "own") as first:
        told["DATABASE_URL"] = first.url
        async with sql.connect(first.url) as database:
            async with database.acquire() as connection:
                await migrate(connection)
            with Worker(told) as worker:
                await database.execute(promise, "chat.say", promised("before"))
                await worker.until(database, "select count(*) = 1 from chat_message")
                first.kill()
                await say(redis, "while it is away")
                with services.start_postgres(tmp_path / "own"):
                    await database.expire_connections()  # of this test's own
                    await database.execute(promise, "chat.say", promised("after"))
                    await worker.until(database, "select count(*) = 3 from chat_message")
                    found = [
                        row["text"] for row in await database.fetch('select text from chat_message order by "offset"')
                    ]
    assert found == ["before", "while it is away", "after"]
    assert "Traceback" not in worker.log


async def test_a_process_asked_to_leave_finishes_and_says_so(told: dict[str, str], database: Pool) -> None:
    with Worker(told) as worker:
        await database.execute(queries("outbox").promise, "chat.say", promised("hello"))
        await worker.until(database, "select done_at is not null from outbox")
        worker.end(signal.SIGTERM)
        assert await worker.ended() == 0
    assert "Workers are at work." in worker.log
    assert "Workers have finished." in worker.log


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing", "The database at DATABASE_URL does not answer: "),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:port/nothing", "DATABASE_URL cannot be read: "),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1/nothing?sslmode=no", "DATABASE_URL cannot be read: "),
        ("REDIS_URL", "redis://127.0.0.1:port", "REDIS_URL cannot be read: "),
    ],
)
async def test_a_process_that_cannot_start_says_why_in_a_sentence(
    told: dict[str, str], name: str, value: str, sentence: str
) -> None:
    with Worker({**told, name: value}) as worker:
        assert await worker.ended() == 1
    assert worker.log.startswith(sentence)
    assert worker.log.count("\n") == 1


async def test_words_promised_to_a_chat_arrive_in_order_and_in_the_archive(
    told: dict[str, str], database: Pool, redis: Operator
) -> None:
    for number in range(20):
        await database.execute(queries("outbox").promise, "chat.say", promised(f"{number}"))
    await database.execute(queries("outbox").promise, "chat.say", {"channel": "no number"})
    with Worker(told) as worker:
        await worker.until(database, "select count(*) = 20 from chat_message")
        await worker.until(database, "select count(*) = 1 from outbox where failed_at is not null")
    assert [row["text"] for row in await rows(database)] == [f"{number}" for number in range(20)]


class Forgetful(Reader):
    """A reader whose process dies between Postgres' commit and the word to Redis."""

    async def done(self, entries: Any) -> dict[str, int]:
        """Never comes that far."""
        raise ConnectionError


def archive_of(database: Pool, redis: Operator, *, name: str = "alive", takeover: int = streams.TAKEOVER) -> Archive:
    return Archive(database, redis, reader(redis, name, takeover=takeover))


def reader(redis: Operator, name: str, *, takeover: int = streams.TAKEOVER, rest: float = 0.0) -> Reader:
    return Reader(redis, group=channels.ARCHIVE, name=name, takeover=takeover, rest=rest)


async def drain(worker: Archive) -> None:
    """Rounds until two in a row found nothing."""
    idle = 0
    while idle < 2:
        idle = 0 if await worker.round() == 0.0 else idle + 1


async def say(redis: Operator, text: str, *, channel: int = 1) -> int:
    key = f"key-{next(KEYS):08}"
    return await publish.say_in_chat(
        redis, channel=channel, user=7, name="Anna", badge="", key=key, text=text, when=NOON
    )


async def retract(redis: Operator, target: int) -> None:
    key = f"key-{next(KEYS):08}"
    await publish.retract_from_chat(redis, channel=1, target=target, by=3, key=key, when=NOON)


def promised(text: str) -> dict[str, Any]:
    who = {"channel": 1, "user": 7, "name": "Anna", "badge": ""}
    return who | {"key": f"promised-{text}", "text": text, "when": NOON.isoformat()}


async def rows(database: Pool) -> list[Any]:
    return await database.fetch('select * from chat_message order by room, said_at, "offset"')


async def expect_only_a_tombstone(database: Pool, place: int, *, person: int | None) -> None:
    (row,) = await rows(database)
    assert (row["offset"], row["text"], row["person_id"]) == (place, None, person)
    assert (row["retracted_at"], row["retracted_by"]) == (NOON, 3)


async def archived(redis: Operator) -> int:
    return int(await redis.hget(channels.meta("chat:1"), "archived") or 0)


KEYS = itertools.count(1)
