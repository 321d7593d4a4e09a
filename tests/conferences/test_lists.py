"""Lists of a conference as tables: what stands in them, for whom, and that no cell acts."""

import csv
import io
import re
from datetime import datetime

import aiohttp
import pytest
from openpyxl import load_workbook

from sql.connection import Pool
from tests.conferences.stage import asked, poll, vote
from tests.web.site import TOKEN, Site, Visitor
from web.conferences import lists_rules
from web.conferences.changes_rules import EXPORTS

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


async def test_letters_that_no_spreadsheet_may_hold_are_left_out(olga: Visitor, database: Pool) -> None:
    await asked(database, "a", text="Ночью\x0bи\x1bднём\ufffe?")
    answer = await olga.get(f"{LISTS}/questions.xlsx")
    assert answer.status == 200
    sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    assert [row[4] for row in sheet.iter_rows(values_only=True, min_row=2)] == ["Ночьюиднём?"]


async def test_polls_and_people_are_there(olga: Visitor, database: Pool) -> None:
    number, options = await poll(database)
    await vote(database, number, "person:1", options[0])
    polls, people = [await rows(olga, name) for name in ("polls", "people")]
    assert [row[2:] for row in polls[1:3]] == [
        ["Where shall we go?", "open", "1", "В горы", "1"],
        ["Where shall we go?", "open", "1", "К морю", "0"],
    ]
    assert ["Olga", "olga@veche.example", "Organiser"] in people
    assert len(people) == 5, "those who have a role here, and a head"


@pytest.fixture
async def programme(database: Pool) -> None:
    """Sessions with everything that gets lost on the way through a table."""
    main = await database.fetchval("select id from channel where slug = 'main'")
    conference = await database.fetchval("select id from conference where slug = 'school'")

    async def session(title: dict[str, str], abstract: dict[str, str], *when: str, language: str = "ru") -> int:
        starts, ends = (datetime.fromisoformat(one) for one in when) if when else (None, None)
        number: int = await database.fetchval(
            "insert into session (conference_id, title, abstract, language, channel_id, starts_at, ends_at)"
            " values ($1, $2, $3, $4, $5, $6, $7) returning id",
            *(conference, title, abstract, language, main if when else None, starts, ends),
        )
        return number

    for hour in (12, 14):
        await session({"ru": "Перерыв", "en": "Break"}, {}, f"2026-11-23T{hour}:00Z", f"2026-11-23T{hour}:15Z")
    await session({"en": "Break", "ru": "Пауза"}, {})
    await session({"en": "Break", "ru": "Отдых"}, {})
    await session({"kk": "Кейін"}, {}, language="kk")
    await session({"kk": "Кейін"}, {}, language="kk")
    formula = await session({"ru": "=1+1", "en": '+7; "quoted", commas'}, {"ru": "- раз\n- два\n\n  три", "en": "@all"})
    await session({"ru": "Ночь"}, {}, "2026-11-23T20:30Z", "2026-11-23T21:30Z")
    await session({"ru": "До полуночи"}, {}, "2026-11-23T20:00Z", "2026-11-23T21:00Z")
    await database.execute("update conference set languages = '{ru,kk}'")  # what was written in English stays
    for position, name in enumerate(({"ru": "Ким, Анна"}, {"ru": "Ян", "en": "Jan"}), 1):
        speaker = await database.fetchval(
            "insert into speaker (conference_id, name, about, portrait) values ($1, $2, '{}', '') returning id",
            conference,
            name,
        )
        await database.execute("insert into session_speaker values ($1, $2, $3)", formula, speaker, position)


async def test_the_schedule_is_a_table_with_a_column_for_each_language(olga: Visitor, programme: None) -> None:
    head, *found = await rows(olga, "schedule")
    assert head == [
        *("Session code", "Title (ru)", "Title (kk)", "Title (en)"),
        *("Channel", "Date", "Start", "End", "Language", "Speakers"),
        *("Description (ru)", "Description (kk)", "Description (en)"),
    ]
    by_title = {row[1]: row for row in found}
    assert by_title["Ночь"][4:9] == ["main", "2026-11-23", "23:30", "2026-11-24 00:30", "ru"]
    assert by_title["'=1+1"][4:] == ["", "", "", "", "ru", "Ким, Анна; Jan", "'- раз\n- два\n\n  три", "", "'@all"]


@pytest.mark.parametrize("kind", list(lists_rules.TYPES))
@pytest.mark.parametrize("language", ["ru", "kk", "en"])
async def test_the_schedule_comes_back_by_the_import_as_it_went(
    olga: Visitor, database: Pool, programme: None, kind: str, language: str
) -> None:
    await database.execute("update person set language = $1 where name = 'Olga'", language)
    file = await (await olga.get(f"{LISTS}/schedule.{kind}")).read()
    form = aiohttp.FormData()
    token = TOKEN.search(await olga.read("/desk/school/import"))
    assert token
    form.add_field("csrf", token[1])
    form.add_field("file", io.BytesIO(file), filename=f"schedule.{kind}", content_type=lists_rules.TYPES[kind])
    answer = await olga.ask("POST", "/desk/school/import", data=form)
    page = await answer.text()
    assert answer.status == 200, page
    assert 'class="row-same"' in page
    assert "There is nothing to change" in page or language != "en"
    assert page.count('class="row-same"') == await database.fetchval("select count(*) from session")
    assert "/import/take" not in page, "there is nothing to take"


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


@pytest.mark.parametrize(
    ("language", "told", "rows"),
    [
        ("ru", "список людей выгружен таблицей", "XLSX, 4 строки"),
        ("kk", "адамдар тізімі кесте түрінде жүктелді", "XLSX, 4 жол"),
        ("en", "saved the list of people as a table", "XLSX, 4 rows"),
    ],
)
async def test_whoever_takes_a_list_away_is_written_down_and_the_log_says_it_in_words(
    olga: Visitor, database: Pool, language: str, told: str, rows: str
) -> None:
    await database.execute("update person set language = $1 where name = 'Olga'", language)
    assert (await olga.get(f"{LISTS}/people.xlsx")).status == 200
    row = await database.fetchrow("select person.name, what, after from change join person on person.id = person_id")
    assert row is not None
    assert tuple(row) == ("Olga", "export.people", {"kind": "xlsx", "rows": 4})
    page = await olga.read("/c/school/moderate/log?kind=export")
    assert f"<strong>Olga</strong> · {told} · {rows}" in re.sub(r"\s+", " ", page)
    assert told not in await olga.read("/c/school/moderate/log?kind=change")


async def test_every_list_and_the_log_itself_is_written_down_and_a_refused_one_is_not(
    olga: Visitor, site: Site, database: Pool
) -> None:
    for name in lists_rules.LISTS:
        await rows(olga, name)
    assert "saved the list of people as a table" in await olga.read("/c/school/moderate/log.csv")
    anna = await site.visitor(signed_in="anna@veche.example")
    for address in (f"{LISTS}/people.csv", "/c/school/moderate/log.csv"):
        assert (await anna.get(address)).status == 403
    written = [row["what"] for row in await database.fetch("select what from change order by id")]
    assert written == [*(f"export.{name}" for name in lists_rules.LISTS), "export.log"]
    log = await olga.read("/c/school/moderate/log")
    assert all(said in log for said in EXPORTS.values())
