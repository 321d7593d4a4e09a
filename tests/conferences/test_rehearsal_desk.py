"""Rehearsal at the organiser's desk: what was said is counted, and cleared on demand while the public is not there."""

from typing import Any

import pytest

from sql import queries
from sql.connection import Pool
from tests.conferences.stage import asked, poll, vote
from tests.web.site import Site, Visitor

LIVE = queries("live")
CLEAR = "/desk/school/rehearsal/clear"
COUNTED = {"messages": 2, "questions": 1, "votes": 2, "polls": 1, "people": 0, "channels": 0}


@pytest.fixture
async def olga(site: Site, database: Pool) -> Visitor:
    """The organiser, whose conference is not public yet."""
    await database.execute("update conference set published_at = null")
    return await site.visitor(signed_in="olga@veche.example")


@pytest.fixture
async def rehearsed(database: Pool) -> None:
    """Two messages, a question, a vote for it and a ballot."""
    channel = await database.fetchval("select id from channel where slug = 'main'")
    for at in (1, 2):
        await database.execute(
            "insert into chat_message (room, epoch, \"offset\", text, said_at) values ($1, 'e', $2, 'раз', now())",
            f"chat:{channel}",
            at,
        )
    await asked(database, "item")
    await database.execute("insert into vote values ($1, 'item', 'person:1')", f"questions:{channel}")
    number, options = await poll(database)
    await vote(database, number, "person:1", options[0])


async def promised(database: Pool) -> list[Any]:
    return [row["payload"] for row in await database.fetch("select payload from outbox where kind = 'rehearsal.clear'")]


async def test_it_says_how_much_there_is_and_promises_to_clear_it(
    olga: Visitor, rehearsed: None, database: Pool
) -> None:
    page = await olga.read("/desk/school")
    assert "Сообщений: 2. Вопросов: 1. Голосов: 2. Опросов: 1." in page
    answer = await olga.post(CLEAR)
    assert (answer.status, answer.headers["Location"]) == (303, "/desk/school?said=cleared")
    (wish,) = await promised(database)
    channels = [row["id"] for row in await database.fetch("select id from channel order by id")]
    assert (wish["channels"], wish["since"], wish["language"]) == (channels, None, "kk")
    written = await database.fetchrow("select what, before from change order by id desc limit 1")
    assert written is not None
    assert tuple(written) == ("conference.rehearsal", COUNTED)


async def test_where_nothing_was_said_there_is_nothing_to_clear(olga: Visitor, database: Pool) -> None:
    assert CLEAR not in await olga.read("/desk/school")
    assert (await olga.post(CLEAR)).status == 303
    assert await promised(database) == []


async def test_a_public_conference_has_no_rehearsal(olga: Visitor, rehearsed: None, database: Pool) -> None:
    await database.execute("update conference set published_at = now()")
    assert CLEAR not in await olga.read("/desk/school")
    answer = await olga.post(CLEAR)
    assert (answer.status, answer.headers["X-Refusal"]) == (409, "rehearsal.public")
    assert await promised(database) == []


async def test_what_was_said_while_it_was_public_is_not_the_rehearsals(
    olga: Visitor, rehearsed: None, database: Pool
) -> None:
    await olga.post("/desk/school/publish")
    await olga.post("/desk/school/unpublish")
    assert CLEAR not in await olga.read("/desk/school")
    await asked(database, "other", asked_at=await database.fetchval("select now()"))
    assert "Сообщений: 0. Вопросов: 1. Голосов: 0. Опросов: 0." in await olga.read("/desk/school")
    await olga.post(CLEAR)
    (wish,) = await promised(database)
    hidden = await database.fetchval("select max(made_at) from change where after->>'public' = 'false'")
    assert wish["since"] == hidden.isoformat()


async def test_it_says_whom_moderators_silenced_and_which_channels_they_slowed_or_closed(
    olga: Visitor, database: Pool
) -> None:
    later, when = 4_000_000_000_000, 1_700_000_000_000
    chat, asked = [f"{kind}:{await channel_of(database)}" for kind in ("chat", "questions")]
    for at, (room, told) in enumerate(
        (
            (chat, {"is": "chat.muted", "user": 8, "until": later}),
            (asked, {"is": "chat.muted", "user": 8, "until": later}),
            (chat, {"is": "chat.muted", "user": 7, "until": when + 60_000}),  # over by itself
            (chat, {"is": "chat.banned", "user": 9, "on": True}),
            (chat, {"is": "chat.banned", "user": 6, "on": True}),
            (chat, {"is": "chat.banned", "user": 6, "on": False}),
            (chat, {"is": "chat.slowed", "seconds": 60}),
            (asked, {"is": "chat.closed", "on": True}),
        ),
        1,
    ):
        event = {**told, "by": 3, "when": when + at}
        await database.execute(LIVE.remember_event, room, "e", at, 3, event)
    page = await olga.read("/desk/school")
    assert "Людей, которым нельзя писать или входить: 2." in page
    assert "Каналов с медленным режимом или только для чтения: 1." in page
    await olga.post(CLEAR)
    assert len(await promised(database)) == 1


async def channel_of(database: Pool) -> int:
    return int(await database.fetchval("select id from channel where slug = 'main'"))
