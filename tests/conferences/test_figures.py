"""Figures at the organiser's desk, over real HTTP."""

from datetime import timedelta

import pytest

from sql.connection import Pool
from tests.conferences.stage import asked, session
from tests.web.site import NOW, Site, Visitor

DESK = "/desk/school"


@pytest.fixture
async def olga(site: Site, database: Pool) -> Visitor:
    """A browser in which the organiser has signed in, who reads English."""
    await database.execute("update person set language = 'en' where name = 'Olga'")
    return await site.visitor(signed_in="olga@veche.example")


async def test_a_day_shows_who_watched_wrote_and_asked(olga: Visitor, database: Pool) -> None:
    channel = await database.fetchval("select id from channel where slug = 'main'")
    on = await session(database)
    begins = await database.fetchval("select starts_at from slot where session_id = $1", on)
    await database.executemany(
        "insert into audience values ($1, $2, $3)",
        [(channel, begins, 41), (channel, begins + timedelta(minutes=1), 1234)],
    )
    said = 'insert into chat_message (room, epoch, "offset", person_id, name, text, said_at, retracted_at)'
    for offset, gone in enumerate([None, None, NOW]):
        await database.execute(
            f"{said} values ($1, 'e', $2, 7, 'Anna', 'x', $3, $4)", f"chat:{channel}", offset, begins, gone
        )
    await asked(database, "0123456789abcdef")
    await asked(database, "1123456789abcdef", status="answered", answer="Да.")
    page = await olga.read(f"{DESK}/figures")
    assert "1,234 at once, at most" in page
    assert "2 in a minute, at most" in page, "what was deleted is not counted"
    assert "viewers: 1,234 · messages: 2 · questions: 2, answered: 1" in page


async def test_a_conference_without_a_schedule_says_what_is_missing(olga: Visitor, database: Pool) -> None:
    await database.execute("delete from slot")
    assert "There is nothing to count yet" in await olga.read(f"{DESK}/figures")
