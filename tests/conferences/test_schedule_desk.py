"""The organiser's schedule: released, shifted, taken back, said by hand; two organisers at once."""

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from sql.connection import Pool
from tests.conferences.stage import asked
from tests.conferences.test_meanwhile import opened
from tests.web.site import NOW, Site, Visitor

DESK = "/desk/school/schedule"
AIR = "/desk/school/now"
RU = {"Accept-Language": "ru"}
SEEN = re.compile(r'name="seen" value="([^"]*)"')


@pytest.fixture
async def olga(site: Site) -> Visitor:
    """A browser in which the organiser has signed in."""
    return await site.visitor(signed_in="olga@veche.example", headers=RU)


async def session(database: Pool, title: str) -> int:
    number: int = await database.fetchval("select id from session where title->>'ru' = $1", title)
    return number


async def channel(database: Pool, slug: str = "main") -> int:
    number: int = await database.fetchval("select id from channel where slug = $1", slug)
    return number


async def released(database: Pool) -> dict[str, tuple[str, datetime]]:
    """What everybody sees: channel and beginning by title."""
    rows = await database.fetch(
        "select session.title->>'ru' as title, channel.slug, slot.starts_at from slot join session"
        " on session.id = session_id join channel on channel.id = slot.channel_id"
        " where release_id = (select id from release order by number desc limit 1)"
    )
    return {row["title"]: (row["slug"], row["starts_at"]) for row in rows}


async def move(database: Pool, title: str, by: int, **more: Any) -> None:
    """Change the draft, as the form of a session does."""
    await database.execute(
        "update session set starts_at = starts_at + $2, ends_at = ends_at + $2 where title->>'ru' = $1",
        title,
        timedelta(minutes=by),
    )


async def seen(visitor: Visitor, path: str = DESK) -> str:
    found = SEEN.search(await visitor.read(path))
    assert found
    return found[1]


async def promises(database: Pool) -> int:
    count: int = await database.fetchval("select count(*) from outbox where kind = 'schedule.tell'")
    return count


async def test_a_draft_is_seen_by_nobody_until_it_is_released(olga: Visitor, visitor: Visitor, database: Pool) -> None:
    before = await released(database)
    await move(database, "Дальше", 45)
    page = await olga.read(DESK)
    assert "1 изменение не опубликовано" in page
    assert "перенесена" in page
    assert await released(database) == before
    answer = await olga.post(DESK, seen=await seen(olga), note="Поезд опоздал")
    assert (answer.status, answer.headers["Location"]) == (303, f"{DESK}?said=released")
    after = await released(database)
    assert after["Дальше"] == ("main", before["Дальше"][1] + timedelta(minutes=45))
    assert after["Завтра"] == before["Завтра"]
    assert "12:15" in await visitor.read("/c/school/schedule", headers=RU)
    page = await olga.read(DESK)
    assert "Поезд опоздал" in page
    assert "Посетители видят именно это расписание" in page
    assert await promises(database) == 1
    assert await database.fetchval("select what from change order by id desc limit 1") == "schedule.release"


async def test_releasing_twice_makes_one_version(olga: Visitor, database: Pool) -> None:
    await move(database, "Дальше", 45)
    known = await seen(olga)
    answers = await asyncio.gather(*(olga.post(DESK, seen=known) for _ in range(4)))
    assert sorted(one.status for one in answers) == [303, 422, 422, 422]
    assert await database.fetchval("select max(number) from release") == 2
    assert await promises(database) == 1


async def test_whoever_released_what_somebody_changed_meanwhile_looks_again(olga: Visitor, database: Pool) -> None:
    await move(database, "Дальше", 45)
    known = await seen(olga)
    await move(database, "Завтра", 5)
    before = await released(database)
    answer = await olga.post(DESK, seen=known, note="Моя заметка")
    page = await answer.text()
    assert answer.status == 422
    assert "Тем временем кто-то изменил расписание" in page
    assert "Моя заметка" in page, "what was typed is kept"
    assert await released(database) == before


async def test_warnings_are_ticked_before_a_release(olga: Visitor, database: Pool) -> None:
    await move(database, "Дальше", -60)  # into what is on, with the same speaker
    page = await olga.read(DESK)
    assert "2 предупреждения" in page
    answer = await olga.post(DESK, seen=await seen(olga))
    assert answer.status == 422
    assert "Отметьте, что видели их" in await answer.text()
    assert (await olga.post(DESK, seen=await seen(olga), sure="on")).status == 303


async def test_a_session_moved_to_another_channel_keeps_what_was_asked_before(
    olga: Visitor, anna: Visitor, database: Pool
) -> None:
    number, elsewhere = await session(database, "Идёт"), await channel(database, "practice")
    await asked(database, "a", text="Слышно ли нас?")
    address = f"/desk/school/sessions/{number}"
    typed = {"title_kk": "Қазір", "channel": str(elsewhere)}
    assert (await olga.post(address, **{**await opened(olga, address), **typed})).status == 303
    assert "Слышно ли нас?" in await anna.read(f"/c/school/s/{number}"), "while it is planned"
    page = await olga.read(DESK)
    assert "step-channel" in page
    assert "step-moved" not in page
    assert (await olga.post(DESK, seen=await seen(olga))).status == 303
    assert (await released(database))["Идёт"][0] == "practice"
    assert "Слышно ли нас?" in await anna.read(f"/c/school/s/{number}"), "and for good"


async def test_a_cancelled_and_an_added_session_are_told_apart(olga: Visitor, database: Pool) -> None:
    await database.execute(
        "update session set channel_id = null, starts_at = null, ends_at = null where title->>'ru' = 'Завтра'"
    )
    await database.execute(
        "insert into session (conference_id, channel_id, starts_at, ends_at, title, abstract, language)"
        " select id, $1, $2, $3, $4, '{}', 'ru' from conference",
        await channel(database, "practice"),
        NOW + timedelta(hours=3),
        NOW + timedelta(hours=4),
        {"ru": "Новая"},
    )
    page = await olga.read(DESK)
    assert "step-cancelled" in page
    assert "step-added" in page
    assert "1 сессия пока без времени" in page
    assert (await olga.post(DESK, seen=await seen(olga))).status == 303
    assert set(await released(database)) == {"Идёт", "Дальше", "Новая"}


async def test_the_draft_is_a_list_too(olga: Visitor) -> None:
    assert '<ol class="agenda">' in await olga.read(f"{DESK}?as=list")


@pytest.mark.parametrize("path", [DESK, AIR, "/desk/school/import", "/desk/school/import/sample.csv"])
async def test_the_desk_is_for_organisers(site: Site, path: str) -> None:
    for email in ("anna", "mira", "sergey"):
        other = await site.visitor(signed_in=f"{email}@veche.example")
        assert (await other.get(path)).status == 403
    assert (await (await site.visitor()).get(path)).status == 303, "a stranger signs in first"


async def shift(visitor: Visitor, database: Pool, minutes: str, slug: str = "main", **more: str) -> Any:
    number = await channel(database, slug)
    return await visitor.post(f"{AIR}/shift", channel=str(number), minutes=minutes, seen="1", **more)


async def test_a_shift_is_seen_at_once_and_the_draft_follows(olga: Visitor, database: Pool) -> None:
    before = await released(database)
    answer = await shift(olga, database, "5")
    assert (answer.status, answer.headers["Location"]) == (303, f"{AIR}?said=shifted")
    after = await released(database)
    assert after["Дальше"] == ("main", before["Дальше"][1] + timedelta(minutes=5))
    assert {title: after[title] for title in ("Идёт", "Завтра")} == {
        title: before[title] for title in ("Идёт", "Завтра")
    }
    assert "Посетители видят именно это расписание" in await olga.read(DESK)
    due = await database.fetchval("select due_at - $1 from outbox where kind = 'schedule.tell'", NOW)
    assert due == timedelta(seconds=20)


async def test_a_shift_is_taken_back(olga: Visitor, database: Pool) -> None:
    before = await released(database)
    await shift(olga, database, "15", with_current="on")
    assert await database.fetchval(
        "select max(ends_at) from slot join release on release.id = release_id where number = 2 and session_id = $1",
        await session(database, "Идёт"),
    ) == NOW + timedelta(minutes=45)
    answer = await olga.post(f"{AIR}/undo", seen="2")
    assert answer.status == 303
    assert await released(database) == before
    assert "Посетители видят именно это расписание" in await olga.read(DESK)
    again = await olga.post(f"{AIR}/undo", seen="2")
    assert again.status == 422, "it is taken back once"


async def test_a_shift_that_runs_into_something_asks_first(olga: Visitor, database: Pool) -> None:
    # The speaker of what comes next speaks in the other channel an hour after it.
    await database.execute(
        "update session set starts_at = $2, ends_at = $3 where id = $1",
        await session(database, "Завтра"),
        NOW + timedelta(hours=2),
        NOW + timedelta(hours=3),
    )
    await olga.post(DESK, seen=await seen(olga))
    number = str(await channel(database))
    answer = await olga.post(f"{AIR}/shift", channel=number, minutes="30", seen="2")
    page = await answer.text()
    assert answer.status == 422
    assert "сразу в двух местах" in page
    assert await database.fetchval("select max(number) from release") == 2
    answer = await olga.post(f"{AIR}/shift", channel=number, minutes="30", seen="2", sure="on")
    assert answer.status == 303
    assert (await released(database))["Дальше"][1] == NOW + timedelta(minutes=90)


@pytest.mark.parametrize("minutes", ["", "0", "x", "5.5", "−", "1000", "-181", "9" * 30, "+-5", "٥"])
async def test_minutes_that_are_none_are_said_to_be_so(olga: Visitor, database: Pool, minutes: str) -> None:
    answer = await shift(olga, database, minutes)
    assert answer.status == 422
    assert "Введите целое число минут" in await answer.text()
    assert await database.fetchval("select max(number) from release") == 1


async def test_nothing_is_shifted_into_the_past(olga: Visitor, database: Pool) -> None:
    answer = await shift(olga, database, "−61")
    assert answer.status == 422
    assert "самое большее на 60 мин" in await answer.text()
    assert (await shift(olga, database, "-30", sure="on")).status == 303


async def test_where_nothing_more_comes_there_is_nothing_to_shift(olga: Visitor, database: Pool) -> None:
    answer = await shift(olga, database, "5", "practice")
    assert "сдвигать нечего" in await answer.text()


async def test_of_two_organisers_who_shift_at_once_one_looks_again(olga: Visitor, database: Pool) -> None:
    answers = await asyncio.gather(shift(olga, database, "5"), shift(olga, database, "5"))
    assert sorted(one.status for one in answers) == [303, 422]
    assert (await released(database))["Дальше"][1] == NOW + timedelta(minutes=65)


async def test_what_is_on_is_said_by_hand_and_by_the_clock_again(olga: Visitor, anna: Visitor, database: Pool) -> None:
    number, later = str(await channel(database)), str(await session(database, "Дальше"))
    answer = await olga.post(AIR, channel=number, by="hand", session=later, seen="clock:")
    assert answer.headers["Location"] == f"{AIR}?said=on_air"
    page = await olga.read(AIR)
    assert "вручную" in page
    assert "По часам было бы: Идёт" in page
    row = await database.fetchrow("select by_hand, on_air_id from channel where id = $1", int(number))
    assert row is not None
    assert (row["by_hand"], row["on_air_id"]) == (True, int(later))
    late = await olga.post(AIR, channel=number, by="hand", session="", seen="clock:")
    assert late.status == 422, "somebody who still sees the clock is told"
    assert (await olga.post(AIR, channel=number, by="clock", session=later, seen=f"hand:{later}")).status == 303
    row = await database.fetchrow("select by_hand, on_air_id from channel where id = $1", int(number))
    assert row is not None
    assert (row["by_hand"], row["on_air_id"]) == (False, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"channel": "999", "by": "hand", "session": ""},
        {"channel": "x", "by": "clock"},
        {"by": "magic"},
        {"by": "hand", "session": "424242"},
        {},
    ],
)
async def test_what_is_not_offered_cannot_be_on(olga: Visitor, database: Pool, fields: dict[str, str]) -> None:
    known = {"channel": str(await channel(database)), "seen": "clock:"}
    assert (await olga.post(AIR, **{**known, **fields})).status == 422
    assert await database.fetchval("select count(*) from channel where by_hand") == 0
