"""A schedule that was downloaded, corrected in a table and brought back: all of it arrives, and no work is lost."""

import csv
import io
import re
import zlib
from collections.abc import Callable
from html import unescape
from typing import Any

import aiohttp
import orjson
import pytest

from sql.connection import Pool
from tests.web.site import TOKEN, Site, Visitor
from web.keys import REDIS

DESK = "/desk/school"
IMPORT = f"{DESK}/import"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
NOTHING = "There is nothing to change"

Line = dict[str, str]


@pytest.fixture
async def olga(site: Site, database: Pool) -> Visitor:
    """A browser in which the organiser has signed in, who reads English."""
    await database.execute("update person set language = 'en' where name in ('Olga', 'Vadim')")
    return await site.visitor(signed_in="olga@veche.example")


@pytest.fixture
async def vadim(site: Site, database: Pool) -> Visitor:
    """A browser of another organiser."""
    await database.execute(
        "insert into role select id, (select id from person where name = 'Vadim'), 'organiser' from conference"
    )
    return await site.visitor(signed_in="vadim@veche.example")


async def exported(visitor: Visitor) -> list[Line]:
    """The draft as a table, line by line."""
    content = await (await visitor.get(f"{DESK}/lists/schedule.csv")).read()
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def line(lines: list[Line], title: str) -> Line:
    return next(one for one in lines if one["Title (ru)"] == title)


async def upload(visitor: Visitor, lines: list[Line]) -> tuple[int, str]:
    """The preview of a table."""
    table = io.StringIO()
    written = csv.DictWriter(table, list(lines[0]))
    written.writeheader()
    written.writerows(lines)
    token = TOKEN.search(await visitor.read(IMPORT))
    form = aiohttp.FormData({"csrf": token[1] if token else ""})
    form.add_field("file", io.BytesIO(table.getvalue().encode()), filename="a.csv", content_type="text/csv")
    answer = await visitor.ask("POST", IMPORT, data=form)
    return answer.status, await answer.text()


def taking(page: str) -> dict[str, str]:
    """The form under a preview."""
    fields = HIDDEN.findall(page.split(f'action="{IMPORT}/take"')[1].partition("</form>")[0])
    return {name: said for name, said in fields if name != "csrf"}


async def take(visitor: Visitor, page: str, **more: str) -> tuple[int, str]:
    answer = await visitor.post(f"{IMPORT}/take", **{**taking(page), **more})
    return answer.status, answer.headers.get("Location", "") or await answer.text()


def shown(page: str) -> str:
    """What a page says, without marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition("<h1>")[2])).split())


async def session(database: Pool, title: str = "Дальше") -> Any:
    row = await database.fetchrow(
        "select session.*, array(select speaker.name ->> 'ru' from session_speaker join speaker on speaker.id ="
        " speaker_id where session_id = session.id order by position) as speakers from session where title->>'ru' = $1",
        title,
    )
    assert row, title
    return row


async def everything(database: Pool) -> list[dict[str, Any]]:
    rows = await database.fetch("select * from session order by id")
    seats = await database.fetch("select * from session_speaker order by 1, 2")
    return [dict(one) for one in (*rows, *seats)]


async def test_a_table_that_comes_back_as_it_went_changes_nothing(olga: Visitor, database: Pool) -> None:
    before = await everything(database)
    status, page = await upload(olga, await exported(olga))
    assert (status, NOTHING in page) == (200, True)
    assert "/import/take" not in page
    assert "3 rows that change nothing" in page
    assert await everything(database) == before


async def test_all_that_was_corrected_in_the_table_arrives(olga: Visitor, site: Site, database: Pool) -> None:
    lines = await exported(olga)
    number = (await session(database))["id"]
    line(lines, "Дальше").update(
        {"Title (ru)": "Дальше и <выше>", "Title (kk)": "Әрі қарай", "Description (en)": "", "Language": "kk"}
        | {"Channel": "practice", "Start": "12:00", "End": "13:30", "Speakers": "Новый Человек; Sergey <b>Speaker</b>"}
    )
    before = await everything(database)
    status, page = await upload(olga, lines)
    assert status == 200
    assert await everything(database) == before, "a preview saves nothing"
    for said in (
        f"Row 3 moved other channel Дальше in English found by its code s{number}",
        "Title (Русский) Дальше → Дальше и <выше>",
        "Title (Қазақша) empty → Әрі қарай",
        "Description (English) Дальше in English → empty",
        "Language Русский → Қазақша",
        "Speakers Sergey <b>Speaker</b> → Новый Человек, Sergey <b>Speaker</b>",
        "Mon, 23 Nov, 11:30–12:30 → Mon, 23 Nov, 12:00–13:30 , Channel 1 → Channel 2",
        "1 new speaker is added: Новый Человек.",
    ):
        assert said in shown(page), said
    assert await take(olga, page) == (303, f"{DESK}/schedule?said=imported")
    row = await session(database, "Дальше и <выше>")
    assert row["id"] == number
    assert row["title"] == {"ru": "Дальше и <выше>", "en": "Дальше in English", "kk": "Әрі қарай"}
    assert (row["abstract"], row["language"]) == ({"ru": "Дальше"}, "kk")
    assert row["speakers"] == [None, "Сергей <b>Докладчик</b>"], "the new one is called so in the main language"
    assert f"{row['starts_at']:%H:%M}-{row['ends_at']:%H:%M}" == "09:00-10:30"
    others = [one for one in await everything(database) if one.get("id", one.get("session_id")) != number]
    assert others == [one for one in before if one.get("id", one.get("session_id")) != number]
    schedule = await (await site.visitor()).read("/c/school/schedule?as=list")
    assert "Әрі қарай" in schedule, "words are seen at once"
    assert "11:30–12:30" in schedule, "times after the next release"


async def test_the_same_table_a_second_time_changes_nothing_and_says_so(olga: Visitor, database: Pool) -> None:
    lines = await exported(olga)
    line(lines, "Завтра").update({"Title (ru)": "Послезавтра", "Date": "2026-11-24", "Speakers": "Кто-то"})
    _, page = await upload(olga, lines)
    assert (await take(olga, page))[0] == 303
    before = await everything(database)
    status, page = await upload(olga, lines)
    assert (status, NOTHING in page, "/import/take" in page) == (200, True, False)
    assert await everything(database) == before


async def test_what_was_changed_is_written_down_with_before_and_after(olga: Visitor, database: Pool) -> None:
    lines = await exported(olga)
    number = (await session(database))["id"]
    line(lines, "Дальше").update({"Language": "en", "Speakers": ""})
    _, page = await upload(olga, lines)
    await take(olga, page)
    changes = await database.fetch(
        "select what, subject, before, after from change where what not like 'export.%' order by id"
    )
    assert [(one["what"], one["subject"]) for one in changes] == [
        ("session.set", f"session:{number}"),
        ("schedule.import", "schedule"),
    ]
    speaker = await database.fetchval("select id from speaker")
    assert changes[0]["before"] == {"language": "ru", "speakers": [speaker]}
    assert changes[0]["after"] == {"language": "en", "speakers": []}
    assert changes[1]["after"] == {
        "added": 0,
        "changed": 1,
        "moved": 0,
        "speakers": 0,
        "sessions": [f"session:{number}"],
    }


async def test_one_row_that_is_wrong_keeps_all_others_from_being_saved(olga: Visitor, database: Pool) -> None:
    lines = await exported(olga)
    line(lines, "Дальше")["Title (ru)"] = "Лучше"
    line(lines, "Завтра")["Session code"] = "s999999"
    before = await everything(database)
    status, page = await upload(olga, lines)
    assert status == 422
    assert "No session here has the code “s999999”." in page
    assert "/import/take" not in page
    assert await everything(database) == before


async def test_sessions_of_another_conference_are_not_touched(olga: Visitor, database: Pool) -> None:
    lines = await exported(olga)
    await database.execute(
        "with other as (insert into conference (slug, name, tagline, about, zone, languages, language, starts_on,"
        " ends_on) select 'other', name, tagline, about, zone, languages, language, starts_on, ends_on from conference"
        " returning id) update session set conference_id = (select id from other), channel_id = null, starts_at = null,"
        " ends_at = null where title->>'ru' = 'Завтра'"
    )
    status, page = await upload(olga, lines)
    assert status == 422
    assert "No session here has the code" in page


async def test_people_who_starred_what_moves_are_counted_before(olga: Visitor, database: Pool) -> None:
    await database.execute(
        "insert into star (person_id, session_id) select person.id, session.id from person, session"
        " where person.name in ('Anna', 'Mira')"
    )
    lines = await exported(olga)
    line(lines, "Дальше")["Channel"] = "practice"
    line(lines, "Завтра")["Title (ru)"] = "Послезавтра"
    _, page = await upload(olga, lines)
    assert shown(page).count("2 people hear of it with the next release.") == 1, "of what moves, not of new words"
    await take(olga, page)
    told = "select count(*) from outbox where kind = 'schedule.tell'"
    assert await database.fetchval(told) == 0, "nobody hears of a draft"
    form = await olga.hidden(f"{DESK}/schedule")
    assert (await olga.post(f"{DESK}/schedule", **{**form, "sure": "on"})).status == 303
    assert await database.fetchval(told) == 1


# Two organisers


Edit = Callable[[Line], None]


async def saved_meanwhile(visitor: Visitor, database: Pool, **fields: str) -> None:
    """Somebody saves the form of a session, as it is, but for these fields."""
    row = await session(database)
    times = {"channel": str(row["channel_id"]), "day": "2026-11-23", "starts": "11:30", "ends": "12:30"}
    texts = {f"{text}_{code}": said for text in ("title", "abstract") for code, said in row[text].items()}
    speaker = await database.fetchval("select speaker_id from session_speaker where session_id = $1", row["id"])
    whole = {"title_kk": "Әрі", "language": row["language"], "speaker_1": str(speaker), **times, **texts, **fields}
    answer = await visitor.edit(f"{DESK}/sessions/{row['id']}", **whole)
    assert answer.status == 303, await answer.text()


async def test_what_somebody_else_saved_since_the_preview_stays(olga: Visitor, vadim: Visitor, database: Pool) -> None:
    lines = await exported(olga)
    line(lines, "Дальше")["Title (ru)"] = "Моё"
    _, page = await upload(olga, lines)
    await saved_meanwhile(vadim, database, abstract_ru="Его слова", ends="12:45")
    assert (await take(olga, page))[0] == 303
    row = await session(database, "Моё")
    assert (row["abstract"]["ru"], f"{row['ends_at']:%H:%M}") == ("Его слова", "09:45")


@pytest.mark.parametrize(("ticked", "kept"), [(False, "Моё"), (True, "Его")])
async def test_what_both_changed_is_asked_about(
    olga: Visitor, vadim: Visitor, database: Pool, ticked: bool, kept: str
) -> None:
    lines = await exported(olga)
    line(lines, "Дальше").update({"Title (ru)": "Моё", "Language": "en"})
    number = (await session(database))["id"]
    _, page = await upload(olga, lines)
    await saved_meanwhile(vadim, database, title_ru="Его")
    before = await everything(database)
    status, page = await take(olga, page)
    assert status == 409
    assert await everything(database) == before, "nothing was imported, the language neither"
    assert "Vadim saved changes here while this form was open" in page
    assert f'<a href="#{number}_title_ru">Row 3: Title (Русский)</a>' in page
    assert "<q>Его</q>" in page
    assert page.count('type="checkbox"') == 1
    more = {f"take_{number}_title_ru": "on"} if ticked else {}
    assert (await take(olga, page, **more))[0] == 303
    row = await session(database, kept)
    assert (row["id"], row["language"]) == (number, "en")


async def test_a_row_that_may_take_back_what_somebody_saved_since_the_download_says_so(
    olga: Visitor, vadim: Visitor, database: Pool
) -> None:
    lines = await exported(olga)
    await saved_meanwhile(vadim, database, abstract_ru="Его слова")
    line(lines, "Дальше")["Title (ru)"] = "Моё"
    line(lines, "Завтра")["Title (ru)"] = "Послезавтра"
    _, page = await upload(olga, lines)
    assert "Description (Русский) Его слова → Дальше Vadim changed this session after you downloaded" in shown(page)
    assert page.count("after you downloaded the draft") == 1
    lines = await exported(olga)
    line(lines, "Дальше")["Title (ru)"] = "Моё"
    _, page = await upload(olga, lines)
    assert "after you downloaded the draft" not in page


async def test_a_preview_that_would_do_something_else_by_now_is_shown_again(
    olga: Visitor, vadim: Visitor, database: Pool
) -> None:
    lines = [{"Title (ru)": "Дальше", "Language": "en"}]
    _, page = await upload(olga, lines)
    await saved_meanwhile(vadim, database, title_ru="Иначе")
    before = await everything(database)
    status, page = await take(olga, page)
    assert (status, "Nothing was imported; look again" in page, "new session" in page) == (422, True, True)
    assert await everything(database) == before
    assert (await take(olga, page))[0] == 303, "whoever has looked again may mean it"


async def test_a_file_is_one_organisers_own(olga: Visitor, vadim: Visitor, database: Pool) -> None:
    lines = await exported(olga)
    line(lines, "Дальше")["Title (ru)"] = "Моё"
    _, page = await upload(olga, lines)
    status, said = await take(vadim, page)
    assert (status, "The preview is gone" in said) == (422, True)
    assert (await session(database))["title"]["ru"] == "Дальше"


async def test_what_another_version_kept_of_a_preview_is_gone(site: Site, olga: Visitor, database: Pool) -> None:
    number = await database.fetchval("select id from conference where slug = 'school'")
    person = await database.fetchval("select id from person where email = 'olga@veche.example'")
    kept = zlib.compress(orjson.dumps([(1, ["Название"]), (2, ["Доклад"]), (3, ["Ещё доклад"])]))
    await site.server.app[REDIS].set(f"veche:imported:{number}:{person}", kept)
    answer = await olga.post(f"{IMPORT}/take", seen="0123456789abcdef")
    assert (answer.status, "The preview is gone" in await answer.text()) == (422, True)
