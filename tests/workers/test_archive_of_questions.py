"""Questions are rows of Postgres as the desk has them, whichever event comes last."""

import itertools
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from realtime import channels, publish
from sql import queries
from sql.connection import Pool
from tests.operator import Operator
from tests.workers.test_archive import archive_of, drain
from workers.archive import Asked

LIVE = queries("live")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOM = channels.questions(1)
KEYS = (f"key-{n:08}" for n in itertools.count())


async def ask(redis: Operator, text: str, *, user: int = 7, name: str = "Anna", anonymous: bool = False) -> str:
    who: dict[str, Any] = {"channel": 1, "user": user, "name": name, "badge": ""}
    return await publish.ask(
        redis, **who, anonymous=anonymous, text=text, key=next(KEYS), when=NOON, secret="only a test's secret"
    )


async def move(redis: Operator, item: str, verb: str, text: str = "", into: str = "") -> None:
    wish = {"channel": 1, "item": item, "verb": verb, "text": text, "into": into}
    await publish.move_question(redis, **wish, by=3, key=next(KEYS), when=NOON + timedelta(minutes=1))  # type: ignore[arg-type]  # of many types


async def question(database: Pool, item: str) -> Any:
    return await database.fetchrow("select * from question where room = $1 and item = $2", ROOM, item)


async def test_a_question_is_a_row_that_follows_it_through_its_life(database: Pool, redis: Operator) -> None:
    worker = archive_of(database, redis)
    await publish.on_air(redis, channel=1, session=12, key=next(KEYS), when=NOON)
    item, same = await ask(redis, "Wyh?", anonymous=True), await ask(redis, "Why, why?")
    await drain(worker)
    row = await question(database, item)
    assert (row["session_id"], row["person_id"], row["name"], row["anonymous"]) == (12, 7, "Anna", True)
    assert (row["status"], row["text"], row["original"], row["asked_at"], row["changed_by"]) == (
        *("asked", "Wyh?", "", NOON, None),
    )
    await move(redis, item, "edit", "Why?")
    await move(redis, item, "approve")
    await move(redis, item, "pin")
    await move(redis, item, "bind", into="13")
    await move(redis, same, "merge", into=item)
    await move(redis, item, "answered", "Because.")
    await drain(worker)
    row = await question(database, item)
    assert (row["status"], row["text"], row["original"], row["answer"]) == ("answered", "Why?", "Wyh?", "Because.")
    assert (row["session_id"], row["pinned"], row["changed_by"]) == (13, True, 3)
    assert row["changed_at"] == NOON + timedelta(minutes=1)
    assert (await question(database, same))["merged"] == item
    await publish.purge(redis, room=ROOM, user=7, by=3, key=next(KEYS), when=NOON)
    await drain(worker)
    assert {row["status"] for row in await database.fetch("select status from question")} == {"rejected", "merged"}


async def let_go(redis: Operator, item: str) -> None:
    """As if many others had come since."""
    for room in (ROOM, channels.desk(ROOM)):
        await redis.hdel(channels.state(room), f"q:{item}")


async def test_all_of_a_person_goes_with_what_the_desk_had_let_go(database: Pool, redis: Operator) -> None:
    worker = archive_of(database, redis)
    items = [await ask(redis, "Spam?"), await ask(redis, "Fine?", user=8)]
    for item in items:
        await move(redis, item, "approve")
        await move(redis, item, "answered", "Yes.")
        await drain(worker)
        await let_go(redis, item)
    purged_at = NOON + timedelta(minutes=2)
    await publish.purge(redis, room=ROOM, user=7, by=3, key=next(KEYS), when=purged_at)
    await drain(worker)
    rows = [await question(database, item) for item in items]
    assert [row["status"] for row in rows] == ["rejected", "answered"]
    assert (rows[0]["changed_by"], rows[0]["changed_at"]) == (3, purged_at)
    # A moderator may still think better of it.
    last = dict(rows[0]) | {"user": 7, "session": 0, "when": 1, "changed": 2, "by": 3, "into": ""}
    wish: dict[str, Any] = {"channel": 1, "item": items[0], "verb": "approve", "by": 3, "last": last}
    await publish.move_question(redis, **wish, key=next(KEYS), when=purged_at)
    await drain(worker)
    assert (await question(database, items[0]))["status"] == "approved"


async def test_a_purge_and_what_was_before_it_and_behind_it_may_come_in_any_order(database: Pool) -> None:
    shown = Asked(
        *(ROOM, "q1", "life", 5, 12, 7, "Anna", "", False, "approved", "text", "", "", "", "", True),
        asked_at=NOON,
        changed_at=NOON,
        changed_by=None,
    )
    approved_again = replace(shown, offset=9)
    event = {"is": "chat.purged", "user": 7, "by": 3, "when": 0}

    async def purge() -> None:
        await database.execute(LIVE.remember_event, channels.desk(ROOM), "life", 8, 3, event)
        await database.execute(LIVE.remember_purged, ROOM, "life", 8, 7, NOON, 3)

    async def ask(one: Asked) -> None:
        await database.execute(LIVE.remember_question, *astuple(one))

    for order in set(itertools.permutations([0, 0, 1, 1])):
        await database.execute("truncate question, live_event")
        for is_purge in order:
            await (purge() if is_purge else ask(shown))
        row = await question(database, "q1")
        assert (row["status"], row["pinned"]) == ("rejected", False)
        await ask(approved_again)
        await purge()
        await ask(shown)
        assert (await question(database, "q1"))["status"] == "approved"


async def test_somebody_in_the_hall_is_nobody_in_particular(database: Pool, redis: Operator) -> None:
    item = await ask(redis, "From the hall?", user=0, name="")
    await drain(archive_of(database, redis))
    row = await question(database, item)
    assert (row["person_id"], row["name"], row["session_id"], row["text"]) == (None, "", None, "From the hall?")


async def test_only_a_newer_event_changes_a_question(database: Pool) -> None:
    now = Asked(
        *(ROOM, "q1", "life", 5, 12, 7, "Anna", "", False, "asked", "text", "", "", "", "", False),
        asked_at=NOON,
        changed_at=NOON,
        changed_by=None,
    )
    approved = replace(now, offset=6, status="approved")
    for order in itertools.permutations([now, approved, approved, now]):
        await database.execute("truncate question")
        for one in order:
            await database.execute(LIVE.remember_question, *astuple(one))
        assert (await question(database, "q1"))["status"] == "approved"
    # In a new life of the room offsets begin anew, and the clock decides.
    reborn = replace(now, epoch="next", offset=2, status="rejected", changed_at=NOON + timedelta(seconds=1))
    for one in (reborn, approved, reborn, now):
        await database.execute(LIVE.remember_question, *astuple(one))
    assert (await question(database, "q1"))["status"] == "rejected"


async def test_a_question_the_desk_let_go_goes_on_from_its_row(database: Pool, redis: Operator) -> None:
    worker = archive_of(database, redis)
    item = await ask(redis, "Why?")
    await move(redis, item, "approve")
    await drain(worker)
    for room in (ROOM, channels.desk(ROOM)):
        await redis.hdel(channels.state(room), f"q:{item}")
    row = await question(database, item)
    last = {name: row[name] for name in ("item", "status", "name", "badge", "anonymous", "text", "answer", "pinned")}
    last |= {"user": row["person_id"], "session": row["session_id"] or 0, "when": 1, "changed": 2}
    wish: dict[str, Any] = {"channel": 1, "item": item, "verb": "answered", "text": "Late, but.", "by": 9}
    await publish.move_question(redis, **wish, key=next(KEYS), when=NOON + timedelta(days=1), last=last)
    await drain(worker)
    row = await question(database, item)
    assert (row["status"], row["answer"], row["changed_by"]) == ("answered", "Late, but.", 9)


async def test_what_readers_were_shown_of_a_question_has_an_end_also_when_it_had_left_and_was_trimmed(
    database: Pool, redis: Operator
) -> None:
    worker = archive_of(database, redis)
    fine, left, late = [await ask(redis, text, user=user) for text, user in (("Fine?", 7), ("Left?", 8), ("Late?", 9))]
    for item in (fine, left, late):
        await move(redis, item, "approve")
    await drain(worker)
    for item in (left, late):
        await let_go(redis, item)
    await redis.delete(channels.copies(ROOM))
    await redis.xtrim(channels.log(ROOM), maxlen=0)  # so the room cannot say where it stood
    for item, text in ((left, "Left?"), (late, "Late?")):
        last = {
            "item": item,
            "status": "approved",
            "user": 8,
            "name": "",
            "badge": "",
            "anonymous": False,
            "text": text,
        }
        last |= {"original": "", "reason": "", "answer": "", "when": 1, "changed": 2, "pinned": False}
        wish: dict[str, Any] = {"channel": 1, "item": item, "verb": "reject", "by": 3, "last": last}
        await publish.move_question(redis, **wish, key=next(KEYS), when=NOON)
    await drain(worker)
    assert await shown(database) == ["Fine?", "Left?", "Late?"]
    await database.execute("update question set changed_at = now() - interval '2 hours' where item <> $1", late)
    await database.execute("update question set changed_at = now() where item = $1", late)
    assert await worker.outlived_round() > 0
    assert await shown(database) == ["Fine?", "Late?"], "who has just decided may not be archived whole"
    await database.execute("update question set changed_at = now() - interval '2 hours'")
    await worker.outlived_round()
    assert await shown(database) == ["Fine?"]
    await drain(worker)
    assert await shown(database) == ["Fine?"]


async def test_many_outlived_rows_go_in_batches(database: Pool, redis: Operator) -> None:
    worker = archive_of(database, redis)
    for number in range(5):
        event = {"is": "question.shown", "item": "q", "text": f"wording {number}"}
        await database.execute(LIVE.remember_event, ROOM, "e", number + 1, 7, event)
    await database.execute(
        'insert into question (room, item, epoch, "offset", name, badge, anonymous, status, text, asked_at, changed_at)'
        " values ($1, 'q', 'e', 9, '', '', false, 'approved', 'wording 4', now(), now() - interval '1 day')",
        ROOM,
    )
    rests = [await worker.outlived_round(batch=3) for _ in range(2)]
    assert [rest > 0 for rest in rests] == [False, True]
    assert await shown(database) == ["wording 4"]


async def shown(database: Pool) -> list[str]:
    """Every wording of a question that a reader ever saw, as far as it is kept."""
    rows = await database.fetch(
        "select event ->> 'text' as text from live_event where event ->> 'is' = 'question.shown'"
        ' order by epoch, "offset"'
    )
    return [row["text"] for row in rows]
