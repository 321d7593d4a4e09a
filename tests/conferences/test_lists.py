"""Lists of a conference as tables: what stands in them, for whom, and that no cell acts."""

import csv
import io
from datetime import datetime

import pytest
from openpyxl import load_workbook

from sql.connection import Pool
from tests.conferences.stage import asked, poll, vote
from tests.web.site import Site, Visitor
from web.conferences import lists_rules

LISTS = "/desk/school/lists"


@pytest.fixture
async def olga(site: Site, database: Pool) -> Visitor:
    """A browser in which the organiser has signed in, who reads English."""
    await database.execute("update person set language = 'en' where name = 'Olga'")
    return await site.visitor(signed_in="olga@veche.example")


async def rows(visitor: Visitor, name: str) -> list[list[str]]:
    """The CSV of a list."""
    answer = await visitor.get(f"{LISTS}/{name}.csv")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="school-{name}.csv"'
    return list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))))


async def test_questions_are_there_with_votes_and_without_names_of_the_anonymous(olga: Visitor, database: Pool) -> None:
    await asked(database, "a", text="=1+1", answer="Два", status="answered")
    await asked(database, "b", text="Кто я?", anonymous=True, status="rejected", reason="Не сюда")
    room = await database.fetchval("select room from question limit 1")
    await database.execute("insert into vote (room, item, voter) values ($1, 'a', 'person:1')", room)
    head, *found = await rows(olga, "questions")
    assert head[:5] == ["When it was asked", "Channel", "Session", "Who asked", "Question"]
    assert found == [
        ["2026-11-23 10:28", "Channel 1", "Идёт in English", "Anna", "'=1+1", "1", "answered", "Два", ""],
        ["2026-11-23 10:28", "Channel 1", "Идёт in English", "", "Кто я?", "0", "rejected", "", "Не сюда"],
    ]


async def test_sessions_polls_and_people_are_there(olga: Visitor, database: Pool) -> None:
    number, options = await poll(database)
    await vote(database, number, "person:1", options[0])
    sessions, polls, people = [await rows(olga, name) for name in ("sessions", "polls", "people")]
    assert sessions[1][:5] == ["Идёт in English", "Channel 1", "2026-11-23 10:00", "2026-11-23 11:00", "ru"]
    assert [row[2:] for row in polls[1:3]] == [
        ["Where shall we go?", "open", "1", "В горы", "1"],
        ["Where shall we go?", "open", "1", "К морю", "0"],
    ]
    assert ["Olga", "olga@veche.example", "Organiser"] in people
    assert len(people) == 5, "those who have a role here, and a head"


async def test_a_spreadsheet_holds_times_and_numbers_as_such(olga: Visitor, database: Pool) -> None:
    await asked(database, "a", text="=1+1")
    answer = await olga.get(f"{LISTS}/questions.xlsx")
    assert answer.content_type == lists_rules.TYPES["xlsx"]
    sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    _, row = sheet.iter_rows(values_only=True)
    assert row[0] == datetime(2026, 11, 23, 10, 28)  # noqa: DTZ001 - a spreadsheet knows no zones
    assert row[4:6] == ("'=1+1", 0)


async def test_lists_are_the_organisers(site: Site, olga: Visitor) -> None:
    page = await olga.read(LISTS)
    for name in lists_rules.LISTS:
        for kind in lists_rules.TYPES:
            assert f'href="{LISTS}/{name}.{kind}"' in page
    for name in ("anna", "mira", "sergey"):
        other = await site.visitor(signed_in=f"{name}@veche.example")
        for path in (LISTS, f"{LISTS}/people.csv", f"{LISTS}/questions.xlsx"):
            assert (await other.get(path)).status == 403
    assert (await olga.get(f"{LISTS}/secrets.csv")).status == 404
