"""Rooms of every kind, and what moderators do, are in Postgres as they ended; what was forgotten is in no row."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any

import pytest

from realtime import channels, publish, verbs
from realtime import log as logs
from realtime.commands import ChatEdit
from realtime.passes import Pass
from realtime.publish import Notice
from realtime.speaker import Speaker
from sql import queries
from sql.connection import Pool
from tests.operator import Operator
from tests.workers.test_archive import archive_of, drain, retract, rows, say
from workers.archive import Asked, Edited, Fact, Forgotten, Happened, Retracted, Said, read
from workers.streams import Entry

CHAT, LIVE = queries("chat"), queries("live")
STATEMENTS = {
    Said: CHAT.remember_said,
    Retracted: CHAT.remember_retracted,
    Edited: CHAT.remember_edited,
    Asked: LIVE.remember_question,
    Happened: LIVE.remember_event,
    Forgotten: LIVE.remember_forgotten,
}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHAT_1, QUESTIONS_1 = channels.chat(1), channels.questions(1)
KEYS = (f"key-{n:08}" for n in itertools.count())
SECRET = "nobody guesses this one"


def by_moderator() -> dict[str, Any]:
    return {"by": 3, "key": next(KEYS), "when": NOON}


async def asked(redis: Operator, text: str) -> str:
    who: dict[str, Any] = {"channel": 1, "user": 7, "name": "Anna", "badge": "", "anonymous": False}
    return await publish.ask(redis, **who, text=text, key=next(KEYS), when=NOON, secret=SECRET)


async def moved(redis: Operator, item: str, verb: str, text: str = "") -> None:
    await publish.move_question(redis, channel=1, item=item, verb=verb, text=text, **by_moderator())


async def edited(redis: Operator, target: int, text: str, *, user: int = 7) -> None:
    visitor = Pass(user, "Anna", {CHAT_1: frozenset({"say"})}, 0)
    act = ChatEdit(1, CHAT_1, next(KEYS), target, text)
    pin: Any = await redis.hget(channels.state(CHAT_1), "pin")
    state = {"pin": bytes(pin).partition(b" ")[2]} if pin else {}
    for write in verbs.decide(act, Speaker(visitor, NOON.timestamp(), lambda _, part: state.get(part), SECRET)):
        await logs.append(redis, write)


async def events(database: Pool, room: str) -> list[Any]:
    found = await database.fetch('select event from live_event where room = $1 order by "offset"', room)
    return [row["event"] for row in found]


async def test_all_of_a_person_is_gone_whether_it_was_archived_before_or_not(database: Pool, redis: Operator) -> None:
    worker = archive_of(database, redis)
    await say(redis, "rude 1")
    await drain(worker)
    await say(redis, "rude 2")
    await publish.purge(redis, room=CHAT_1, user=7, **by_moderator())
    await say(redis, "sorry")
    await drain(worker)
    found = {row["offset"]: (row["text"], row["retracted_by"]) for row in await rows(database)}
    assert found == {1: (None, 3), 2: (None, 3), 4: ("sorry", None)}


async def test_a_restored_message_is_a_row_at_its_new_place_under_its_author(database: Pool, redis: Operator) -> None:
    worker = archive_of(database, redis)
    place = await say(redis, "a joke")
    await retract(redis, place)
    await drain(worker)
    back = await publish.restore(redis, room=CHAT_1, target=place, **by_moderator())
    await drain(worker)
    found = {row["offset"]: (row["person_id"], row["name"], row["text"]) for row in await rows(database)}
    assert found[back] == (7, "Anna", "a joke")
    assert found[place][2] is None
    await retract(redis, back)
    await drain(worker)
    assert [row["text"] for row in await rows(database)] == [None, None]


async def test_a_pin_is_remembered_and_forgotten_with_its_message(database: Pool, redis: Operator) -> None:
    worker = archive_of(database, redis)
    place = await say(redis, "a secret")
    await publish.pin(redis, room=CHAT_1, target=place, **by_moderator())
    await drain(worker)
    assert [event["said"]["text"] for event in await events(database, CHAT_1)] == ["a secret"]
    await retract(redis, place)
    await drain(worker)
    assert await events(database, CHAT_1) == [None]
    assert [row["text"] for row in await rows(database)] == [None]


async def test_an_edited_message_is_one_row_with_its_new_text_at_its_old_place(database: Pool, redis: Operator) -> None:
    worker = archive_of(database, redis)
    early, late = await say(redis, "old 1"), await say(redis, "old 2")
    await publish.pin(redis, room=CHAT_1, target=late, **by_moderator())
    await drain(worker)
    for place in (early, late):
        await edited(redis, place, "newer")
        await edited(redis, place, f"new {place}")
    await drain(worker)
    found = [(row["offset"], row["text"], row["edited_at"]) for row in await rows(database)]
    assert found == [(early, "new 1", NOON), (late, "new 2", NOON)]
    pins = [event["said"]["text"] for event in await events(database, CHAT_1) if event]
    assert pins == ["new 2"], "and nowhere else is what it said before"
    await retract(redis, early)
    await drain(worker)
    assert [row["text"] for row in await rows(database)] == [None, "new 2"]


async def test_an_edit_that_comes_to_the_archive_alone_brings_the_message(database: Pool, redis: Operator) -> None:
    place = await say(redis, "old")
    await edited(redis, place, "new")
    await drain(archive_of(database, redis))
    [row] = await rows(database)
    assert (row["offset"], row["person_id"], row["name"], row["text"], row["said_at"]) == (
        place,
        7,
        "Anna",
        "new",
        NOON,
    )


async def test_what_moderators_do_to_persons_is_remembered(database: Pool, redis: Operator) -> None:
    await publish.mute(redis, room=CHAT_1, user=7, seconds=60, **by_moderator())
    await publish.ban(redis, room=CHAT_1, user=8, on=True, **by_moderator())
    await publish.slow(redis, room=CHAT_1, seconds=5, **by_moderator())
    await drain(archive_of(database, redis))
    kinds = [event["is"] for event in await events(database, channels.desk(CHAT_1))]
    assert kinds == ["chat.muted", "chat.banned"]
    assert (await events(database, CHAT_1))[-1]["is"] == "chat.slowed"
    assert await rows(database) == []


async def test_a_question_is_at_the_desk_with_its_history_and_for_readers_as_it_is(
    database: Pool, redis: Operator
) -> None:
    worker = archive_of(database, redis)
    item = await asked(redis, "draft words")
    await moved(redis, item, "approve")
    await drain(worker)
    await moved(redis, item, "edit", "other words")
    await moved(redis, item, "answered", "Because.")
    await drain(worker)
    shown = [event for event in await events(database, QUESTIONS_1) if event]
    assert [(event["text"], event["answer"]) for event in shown] == [("other words", "Because.")]
    desk = await events(database, channels.desk(QUESTIONS_1))
    assert [event["status"] for event in desk] == ["asked", "approved", "approved", "answered"]


async def test_a_text_the_archive_had_is_forgotten_though_it_missed_who_said_so(
    database: Pool, redis: Operator
) -> None:
    """The event that made everybody forget the first text was itself forgotten before the archive came to it."""
    worker = archive_of(database, redis)
    item = await asked(redis, "draft words")
    await moved(redis, item, "approve")
    await drain(worker)
    for text in ("second words", "third words"):
        await moved(redis, item, "edit", text)
    await moved(redis, item, "recall")
    await drain(worker)
    shown = [event for event in await events(database, QUESTIONS_1) if event]
    assert [event["is"] for event in shown] == ["question.hidden"]


async def test_every_other_room_is_remembered_and_may_then_be_trimmed(
    database: Pool, redis: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "KEEP", 10)
    worker = archive_of(database, redis)
    for n in range(64):
        wish: dict[str, Any] = {"user": 7, "kind": "test", "text": f"notice\0 {n}", "link": "/"}
        assert await publish.notify(redis, [Notice(**wish, key=next(KEYS))], when=NOON) == [None]
        await drain(worker) if n == 62 else None
    await publish.announce(redis, conference=1, text="Lunch", **by_moderator())
    await publish.revoke(redis, users=[7], before=NOON)
    await publish.direct(redis, user=7, name="Anna", to=8, text="hi", key=next(KEYS), when=NOON)
    await drain(worker)
    assert await redis.xlen(channels.log(channels.inbox(7))) == 11  # ten, and the one that came since
    inbox = await events(database, channels.inbox(7))
    assert [event["text"] for event in inbox] == [*(f"notice {n}" for n in range(64)), "hi"]
    for room in (channels.inbox(8), channels.announcements(1), channels.PASSES):
        assert len(await events(database, room)) == 1
        assert await redis.hget(channels.meta(room), "archived") == b"1"


async def test_an_announcement_stays_for_the_log_of_acts_also_when_it_was_withdrawn(
    database: Pool, redis: Operator
) -> None:
    worker = archive_of(database, redis)
    item = await publish.announce(redis, conference=1, text="Lunch", **by_moderator())
    await drain(worker)
    await publish.withdraw(redis, conference=1, item=item, **by_moderator())
    await drain(worker)
    found = await events(database, channels.announcements(1))
    assert [(event["is"], event.get("text")) for event in found] == [("announced", "Lunch"), ("withdrawn", None)]


async def test_any_order_of_any_number_of_times_ends_the_same(database: Pool, redis: Operator) -> None:
    """What a dead worker had in hand comes again, late and in pieces; every row ends as if nothing had happened."""
    entries = await everything_that_was_put(redis)
    facts = [fact for entry in entries for fact in read(entry)]
    assert {type(fact) for fact in facts} == set(STATEMENTS)
    await remember(database, facts)
    expected = await everything(database)
    assert "secret" not in str(expected)
    for seed in range(20):
        await database.execute("truncate chat_message, live_event, question")
        mixed = facts * 2
        random.Random(seed).shuffle(mixed)
        await remember(database, mixed)
        assert await everything(database) == expected


async def everything_that_was_put(redis: Operator) -> list[Entry]:
    """Every event as it was when it was put, also those that were forgotten later."""
    seen: dict[tuple[str, int], Entry] = {}

    async def look() -> None:
        for room in (CHAT_1, channels.desk(CHAT_1), QUESTIONS_1, channels.desk(QUESTIONS_1)):
            found: Any = await redis.xrange(channels.log(room))
            for id, fields in found:
                offset = int(id.partition(b"-")[0])
                seen[room, offset] = Entry(room, offset, fields)

    place = await say(redis, "secret 1")
    await look()
    await publish.pin(redis, room=CHAT_1, target=place, **by_moderator())
    await look()
    await publish.purge(redis, room=CHAT_1, user=7, **by_moderator())
    await publish.restore(redis, room=CHAT_1, target=place, **by_moderator())
    await look()
    await publish.purge(redis, room=CHAT_1, user=7, **by_moderator())
    await retract(redis, await say(redis, "secret 2"))
    for target in (await say(redis, "secret 3"), await say(redis, "secret 4")):
        await look()
        for text in ("secret 5", "kinder"):
            await edited(redis, target, text)
            await look()
    await retract(redis, target)
    await say(redis, "kind")
    item = await asked(redis, "draft")
    for verb, text in (("edit", "shown at first"), ("approve", ""), ("edit", "shown later"), ("answered", "")):
        await moved(redis, item, verb, text)
        await look()
    return list(seen.values())


async def remember(database: Pool, facts: Sequence[Fact]) -> None:
    for fact in facts:
        await database.execute(STATEMENTS[type(fact)], *astuple(fact))


async def everything(database: Pool) -> list[list[Any]]:
    return [
        [tuple(row) for row in await database.fetch(f'select * from {table} order by room, epoch, "offset"')]
        for table in ("chat_message", "live_event", "question")
    ]
