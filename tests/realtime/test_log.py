"""A room's history in a real Redis: once per key, dense, retracted for good, never trimmed before it is archived."""

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from realtime import channels, history, log, messages, publish
from realtime import writer as writing
from realtime.engine import connect
from realtime.errors import Refused
from realtime.events import ChatRetracted, ChatSaid
from realtime.history import Reading
from realtime.log import RedisLog
from realtime.writer import Writer
from realtime.writes import Forget, Put, Speech, Write
from tests.operator import Operator

ROOM = "chat:1"


def say(text: str, *, key: str | None = None, user: int = 7, room: str = ROOM) -> Write:
    key = key or str(uuid.uuid4())
    body = messages.event(ChatSaid(user=user, name="Anna", badge="", key=key, text=text, when=0))
    return Write(room, "chat.say", user, key, 0, (Put(room, user, body),))


def retract(target: int, *, user: int = 7, author: int | None = 7, key: str | None = None) -> Write:
    body = messages.event(ChatRetracted(target=target, by=user, when=0))
    forget = Forget(target=target, author=author)
    return Write(ROOM, "chat.retract", user, key or str(uuid.uuid4()), 0, (Put(ROOM, user, body),), forget=forget)


async def read(redis: Operator, room: str, **known: Any) -> Reading:
    return await RedisLog(redis, redis).read(room, **known)


async def texts(redis: Operator) -> list[str]:
    entries = (await read(redis, ROOM)).entries
    return [orjson.loads(entry.event).get("text", "-") for entry in entries]


async def test_offsets_are_dense_and_the_event_knows_its_place(redis: Operator) -> None:
    placed = [await log.append(redis, say(f"text {n}")) for n in range(3)]
    assert [one.offset for one in placed] == [1, 2, 3]
    reading = await read(redis, ROOM)
    assert (reading.top, reading.epoch) == (3, placed[0].epoch)
    assert [orjson.loads(entry.event)["at"] for entry in reading.entries] == [1, 2, 3]


async def test_a_resend_with_the_same_key_changes_nothing(redis: Operator) -> None:
    first = await log.append(redis, say("once", key="k" * 8))
    await log.append(redis, say("between"))
    assert await log.append(redis, say("once", key="k" * 8)) == first
    assert await texts(redis) == ["once", "between"]


async def test_the_same_key_of_another_person_is_another_key(redis: Operator) -> None:
    await log.append(redis, say("mine", key="k" * 8, user=7))
    await log.append(redis, say("theirs", key="k" * 8, user=8))
    assert await texts(redis) == ["mine", "theirs"]


async def test_writes_keep_their_order_though_a_word_list_is_news_to_the_worker(redis: Operator) -> None:
    """Whose text has to be compared with the list is asked to spell it; what came behind waits, too."""

    def speech(text: str, *, user: int = 7, free: bool = False) -> Write:
        return replace(say(text, user=user), speech=Speech(free=free, text=text))

    await log.append(redis, replace(say("a list"), words=("rude",)))
    batch = [speech("a"), speech("b", user=8, free=True), say("c"), speech("d"), say("elsewhere", room="chat:2")]
    close = replace(say("closed"), puts=(replace(say("closed").puts[0], rule=("closed", "1")),))
    done = await RedisLog(redis, redis).write([*batch, close, speech("late")])
    assert await texts(redis) == ["a list", "a", "b", "c", "d", "closed"]
    assert isinstance(done[-1], Refused)


async def test_a_retracted_text_is_in_no_later_read(redis: Operator) -> None:
    for text in ("a", "secret", "c"):
        await log.append(redis, say(text))
    gone = await log.append(redis, retract(2))
    assert gone.offset == 4
    assert await texts(redis) == ["a", "c", "-"]
    again = await read(redis, ROOM, epoch=gone.epoch, after=1)
    assert [(entry.offset, entry.forgets) for entry in again.entries] == [(3, ()), (4, (2,))]


async def test_retracting_twice_is_once(redis: Operator) -> None:
    await log.append(redis, say("a"))
    first = await log.append(redis, retract(1, key="k" * 8))
    assert await log.append(redis, retract(1, key="k" * 8)) == first
    assert (await log.append(redis, retract(1))).offset == 0
    assert (await read(redis, ROOM)).top == 2


@pytest.mark.parametrize("target", [2, 99])
async def test_what_is_not_there_cannot_be_retracted(redis: Operator, target: int) -> None:
    with pytest.raises(Refused, match="no_such_message"):
        await log.append(redis, retract(target))
    await log.append(redis, say("a"))
    with pytest.raises(Refused, match="no_such_message"):
        await log.append(redis, retract(target))


async def test_a_retraction_cannot_be_retracted(redis: Operator) -> None:
    await log.append(redis, say("a"))
    await log.append(redis, retract(1))
    with pytest.raises(Refused, match="no_such_message"):
        await log.append(redis, retract(2, author=None))


async def test_only_the_author_or_a_moderator_retracts(redis: Operator) -> None:
    await log.append(redis, say("a", user=7))
    with pytest.raises(Refused, match="not_yours"):
        await log.append(redis, retract(1, user=8, author=8))
    assert (await log.append(redis, retract(1, user=8, author=None))).offset == 2


async def test_a_reader_gets_what_came_after_or_the_newest(redis: Operator) -> None:
    for n in range(1, 6):
        placed = await log.append(redis, say(f"text {n}"))
    since = await read(redis, ROOM, epoch=placed.epoch, after=3)
    assert since.resumed
    assert [entry.offset for entry in since.entries] == [4, 5]
    stranger = await read(redis, ROOM, epoch="another", after=3)
    assert not stranger.resumed
    assert [entry.offset for entry in stranger.entries] == [1, 2, 3, 4, 5]


async def test_who_missed_too_much_is_shown_the_room_anew(redis: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "CATCH_UP", 3)
    monkeypatch.setattr(log, "NEWCOMER", 4)
    for n in range(6):
        placed = await log.append(redis, say(f"text {n}"))
    reading = await read(redis, ROOM, epoch=placed.epoch, after=1)
    assert not reading.resumed
    assert [entry.offset for entry in reading.entries] == [3, 4, 5, 6]
    assert reading.floor == 2


async def test_a_reader_from_a_lost_future_begins_a_new_life(redis: Operator) -> None:
    """Redis came back without its last writes: their offsets will be used again, so the epoch has to change."""
    placed = await log.append(redis, say("a"))
    await log.mark_archived(redis, ROOM, epoch=placed.epoch, offset=5)
    reading = await read(redis, ROOM, epoch=placed.epoch, after=5, heard=())
    assert not reading.resumed
    assert reading.epoch != placed.epoch
    assert (await log.append(redis, say("b"))).epoch == reading.epoch
    assert await redis.hget(channels.meta(ROOM), "archived") == b"1"  # trimming must not go by the lost ones


async def test_a_visitor_who_claims_a_future_begins_nothing(redis: Operator) -> None:
    placed = await log.append(redis, say("a"))
    reading = await read(redis, ROOM, epoch=placed.epoch, after=2**53)
    assert not reading.resumed
    assert reading.epoch == placed.epoch


async def test_a_room_is_read_though_redis_takes_no_writes(redis: Operator) -> None:
    await log.append(redis, say("a"))
    await redis.config_set("maxmemory", 1)
    try:
        assert await texts(redis) == ["a"]
    finally:
        await redis.config_set("maxmemory", 0)


async def test_a_redis_that_takes_no_writes_refuses_the_first_one_of_a_room_too(redis: Operator) -> None:
    writer = Writer(RedisLog(redis, redis))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(writer.run())
        await redis.config_set("maxmemory", 1)
        try:
            with pytest.raises(Refused, match="busy"):
                await writer.submit(say("a"))
        finally:
            await redis.config_set("maxmemory", 0)
        assert (await writer.submit(say("a"))).offset == 1
        running.cancel()


async def test_a_key_of_one_verb_says_nothing_about_another(redis: Operator) -> None:
    await log.append(redis, say("a", key="k" * 8))
    assert (await log.append(redis, retract(1, key="k" * 8))).offset == 2
    assert await texts(redis) == ["-"]


async def test_a_retraction_names_the_life_its_text_was_written_in(redis: Operator) -> None:
    placed = await log.append(redis, say("a"))
    await read(redis, ROOM, epoch=placed.epoch, after=5, heard=())
    await log.append(redis, retract(1))
    newest: Any = await redis.xrevrange(channels.log(ROOM), count=1)
    entry = newest[0][1]
    assert entry[b"l"] == placed.epoch.encode()
    assert entry[b"x"] != placed.epoch.encode()


async def test_trimming_never_overtakes_the_archive(redis: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "KEEP", 10)
    for n in range(128):
        placed = await log.append(redis, say(f"text {n}"))
    assert await redis.xlen(channels.log(ROOM)) == 128
    await log.mark_archived(redis, ROOM, epoch="another life", offset=128)
    await log.mark_archived(redis, ROOM, epoch=placed.epoch, offset=100)
    await log.mark_archived(redis, ROOM, epoch=placed.epoch, offset=50)
    for n in range(64):
        await log.append(redis, say(f"more {n}"))
    assert await redis.xlen(channels.log(ROOM)) == 192 - 100
    assert not (await read(redis, ROOM, epoch=placed.epoch, after=50)).resumed
    assert (await read(redis, ROOM, epoch=placed.epoch, after=100)).resumed


async def test_a_trimmed_message_is_a_moderators_to_retract(redis: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "KEEP", 10)
    for n in range(64):
        placed = await log.append(redis, say(f"text {n}"))
        await log.mark_archived(redis, ROOM, epoch=placed.epoch, offset=placed.offset)
    with pytest.raises(Refused, match="no_such_message"):
        await log.append(redis, retract(1, author=7))
    assert (await log.append(redis, retract(1, author=None))).offset == 65


async def test_every_event_is_told_with_its_place(redis: Operator) -> None:
    async with (await redis.at(channels.live(ROOM))).pubsub(ignore_subscribe_messages=True) as ear:
        await ear.ssubscribe(channels.live(ROOM))
        await ear.get_message(timeout=5)
        placed = await log.append(redis, say("a"))
        await log.append(redis, retract(1))
        told = [history.heard((await ear.get_message(timeout=5))["data"]) for _ in range(2)]
    (epoch, said), (_, gone) = told
    assert (epoch, said.offset, said.forgets) == (placed.epoch, 1, ())
    assert (gone.offset, gone.forgets) == (2, (1,))
    assert orjson.loads(said.event)["text"] == "a"


async def test_the_room_is_registered_for_the_archive(redis: Operator) -> None:
    await log.append(redis, say("a"))
    assert await redis.smembers(channels.ROOMS) == {ROOM.encode()}


async def test_another_room_may_say_and_retract(redis: Operator) -> None:
    when = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    at = await publish.say_in_chat(
        redis, channel=1, user=7, name="Anna", badge="speaker", key="k" * 8, text="hi", when=when
    )
    assert (await publish.retract_from_chat(redis, channel=1, target=at, by=3, key="r" * 8, when=when)) == at + 1
    assert await texts(redis) == ["-"]


# The writer: many in one round trip, in order, whatever Redis does


@pytest.fixture
async def writer(redis: Operator, redis_url: str) -> object:
    client = connect(redis_url)
    writer = Writer(RedisLog(client, client))
    task = asyncio.create_task(writer.run())
    yield writer
    task.cancel()
    await asyncio.wait([task])
    await client.aclose()


async def test_writes_keep_their_order_and_share_round_trips(redis: Operator, writer: Writer) -> None:
    before = (await redis.info("commandstats")).get("cmdstat_evalsha", {}).get("calls", 0)
    futures = [writer.submit(say(f"text {n}")) for n in range(1000)]
    placed = await asyncio.gather(*futures)
    assert [one.offset for one in placed] == list(range(1, 1001))
    assert (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"] - before >= 1000
    assert writer.waiting == 0


async def test_one_refused_write_does_not_harm_its_neighbours(writer: Writer) -> None:
    futures = [writer.submit(one) for one in (say("a"), retract(99), say("b"))]
    results = await asyncio.gather(*futures, return_exceptions=True)
    assert isinstance(results[1], Refused)
    assert [getattr(one, "offset", None) for one in results] == [1, None, 2]


async def test_a_redis_that_forgot_its_scripts_is_told_again(redis: Operator, writer: Writer) -> None:
    await writer.submit(say("a"))
    await redis.script_flush()
    assert (await writer.submit(say("b"))).offset == 2


async def test_a_redis_that_refuses_writes_is_an_honest_refusal(redis: Operator, writer: Writer) -> None:
    await writer.submit(say("a"))
    await redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(Refused, match="busy"):
            await writer.submit(say("b"))
    finally:
        await redis.config_set("maxmemory", 0)
    assert (await writer.submit(say("c"))).offset == 2


async def test_a_flushed_redis_is_registered_with_the_archive_again(redis: Operator, writer: Writer) -> None:
    await writer.submit(say("a"))
    await redis.flushall()
    assert (await writer.submit(say("b"))).offset == 1
    await writer.submit(say("c"))
    assert await redis.smembers(channels.ROOMS) == {ROOM.encode()}


async def test_too_many_waiting_writes_are_refused_not_hoarded(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "WAITING", 3)
    async with connect(redis_url) as client:
        writer = Writer(RedisLog(client, client))  # nobody runs it: Redis is away
        for _ in range(3):
            writer.submit(say("a"))
        with pytest.raises(Refused, match="busy"):
            writer.submit(say("one too many"))
