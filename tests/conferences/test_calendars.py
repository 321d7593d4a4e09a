"""Calendars for other programs: right in every zone, stable names, growing versions, keys that can be renewed."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Timezone

from sql.connection import Pool
from tests.web.site import NOW, Site, Visitor
from web.conferences import ical
from web.conferences.ical import Entry

ZONES = (
    *("Asia/Almaty", "Europe/Moscow", "Europe/Berlin", "America/New_York", "America/St_Johns", "Africa/Casablanca"),
    *("Australia/Lord_Howe", "Europe/Dublin", "Pacific/Chatham", "America/Sao_Paulo", "Asia/Kathmandu", "UTC"),
)
FEED = re.compile(r'value="http://[^"/]+(/calendar/[0-9a-f-]{36}\.ics)"')


def entry(number: int, starts: datetime, zone: str, **more: object) -> Entry:
    texts = {"title": "Тема; с, запятой", "about": "Первая\nвторая", "where": "Зал", "url": "https://x.example/c/a/s/1"}
    known = {"ends_at": starts + timedelta(minutes=45), "release": 3, "released_at": NOW, **texts, **more}
    return Entry(session=number, starts_at=starts, zone=zone, **known)  # type: ignore[arg-type]  # the fields above


def parts(content: bytes, name: str) -> list[Any]:
    """What another program finds in the file."""
    return list(Calendar.from_ical(content).walk(name))


def events(content: bytes) -> list[Any]:
    return parts(content, "VEVENT")


def moment(content: bytes, event: Any, field: str) -> datetime:
    """When it is by the file alone: the onsets of its own VTIMEZONE, as RFC 5545 (3.6.5) reads them."""
    local: datetime = event[field].dt.replace(tzinfo=None)
    zone = event[field].params.get("TZID")
    if zone is None or zone == "UTC":
        return local.replace(tzinfo=UTC)
    (written,) = [one for one in parts(content, "VTIMEZONE") if one["TZID"] == zone]
    onsets = sorted((one["DTSTART"].dt, one["TZOFFSETFROM"].td, one["TZOFFSETTO"].td) for one in written.subcomponents)
    in_force: list[timedelta] = [to for start, _, to in onsets if start <= local]
    return (local - in_force[-1]).replace(tzinfo=UTC)


@given(
    st.datetimes(datetime.fromisoformat("2023-06-01"), datetime.fromisoformat("2031-01-01"), timezones=st.just(UTC)),
    st.sampled_from(ZONES),
)
@settings(deadline=None)
def test_every_moment_is_found_again_in_every_zone(when: datetime, zone: str) -> None:
    starts = when.replace(microsecond=0)
    content = ical.calendar("Программа", [entry(1, starts, zone)], host="x.example")
    (event,) = events(content)
    assert moment(content, event, "DTSTART") == starts
    assert moment(content, event, "DTEND") == starts + timedelta(minutes=45)
    assert event["DTSTART"].dt.astimezone(UTC) == starts, "and by a program that knows the zones itself"


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Asia/Almaty", "2024-02-29T18:00"),  # the day Kazakhstan went to one time, UTC+5
        ("Europe/Berlin", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25T01:00"),
        ("America/St_Johns", "2026-11-01T04:30"),
        ("Australia/Lord_Howe", "2026-04-04T15:00"),
        ("Africa/Casablanca", "2026-02-15T02:00"),
    ],
)
def test_the_hours_around_a_change_of_clocks_are_right(zone: str, change: str) -> None:
    around = [datetime.fromisoformat(change).replace(tzinfo=UTC) + timedelta(minutes=15 * one) for one in range(-8, 9)]
    content = ical.calendar("x", [entry(number, when, zone) for number, when in enumerate(around, 1)], host="x.example")
    found = [moment(content, one, "DTSTART") for one in events(content)]
    assert found == around


def test_almaty_before_and_after_2024_is_written_with_its_own_offset() -> None:
    before, after = datetime(2024, 2, 28, 5, tzinfo=UTC), datetime(2024, 3, 4, 5, tzinfo=UTC)
    content = ical.calendar("x", [entry(1, before, "Asia/Almaty"), entry(2, after, "Asia/Almaty")], host="x.example")
    assert b"DTSTART;TZID=Asia/Almaty:20240228T110000" in content
    assert b"DTSTART;TZID=Asia/Almaty:20240304T100000" in content
    assert (
        b"BEGIN:STANDARD\r\nDTSTART:20240301T000000\r\nTZNAME:+05\r\nTZOFFSETFROM:+0600\r\nTZOFFSETTO:+0500" in content
    )


@pytest.mark.parametrize("zone", [one for one in ZONES if one != "UTC"])
def test_a_zone_rebuilt_from_the_file_alone_shows_what_the_zone_shows(zone: str) -> None:
    written = ical.zone_of(zone, 2026, 2026)
    assert isinstance(written, Timezone)
    rebuilt: tzinfo = written.to_tz(lookup_tzid=False)
    for hours in range(0, 366 * 24, 7):
        wall = datetime.fromisoformat("2026-01-01") + timedelta(hours=hours)
        offset = wall.replace(tzinfo=ZoneInfo(zone)).utcoffset()
        twice = wall.replace(tzinfo=ZoneInfo(zone), fold=1).utcoffset() != offset
        if not twice:  # hours that come twice or never have two answers
            assert wall.replace(tzinfo=rebuilt).utcoffset() == offset, f"{zone} {wall}"


def test_the_words_survive_and_lines_are_short() -> None:
    content = ical.calendar("Имя; с, знаками", [entry(1, NOW, "Europe/Moscow", title="Очень " * 60)], host="x.example")
    (event,) = events(content)
    assert event["SUMMARY"] == "Очень " * 60
    assert event["DESCRIPTION"] == "Первая\nвторая"
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


def test_a_calendar_without_sessions_is_a_calendar() -> None:
    assert events(ical.calendar("Пусто", [], host="x.example")) == []


async def test_a_conference_is_a_file(visitor: Visitor, database: Pool) -> None:
    answer = await visitor.get("/c/school/schedule.ics", headers={"Accept-Language": "en"})
    assert answer.content_type == "text/calendar"
    assert 'filename="school.ics"' in answer.headers["Content-Disposition"]
    content = await answer.read()
    found = events(content)
    assert {str(one["SUMMARY"]) for one in found} == {"Идёт in English", "Дальше in English", "Завтра in English"}
    assert sorted(moment(content, one, "DTSTART") for one in found) == [
        NOW + timedelta(minutes=minutes) for minutes in (-30, 60, 24 * 60)
    ]
    number = await database.fetchval("select id from session where title->>'ru' = 'Завтра'")
    alone = events(await (await visitor.get(f"/c/school/schedule.ics?session={number}")).read())
    assert [str(one["UID"]) for one in alone] == [f"session-{number}@127.0.0.1"]
    again = await visitor.get(
        "/c/school/schedule.ics", headers={"Accept-Language": "en", "If-None-Match": answer.headers["ETag"]}
    )
    assert again.status == 304


async def feed(visitor: Visitor) -> str:
    found = FEED.search(await visitor.read("/c/school/my"))
    assert found
    return found[1]


async def test_a_feed_follows_the_stars_and_every_release(site: Site, anna: Visitor, database: Pool) -> None:
    number = await database.fetchval("select id from session where title->>'ru' = 'Дальше'")
    await anna.post("/c/school/star", star=str(number))
    stranger, address = await site.visitor(), await feed(anna)  # a phone knows the address alone
    (first,) = events(await (await stranger.get(address)).read())
    assert (first["SEQUENCE"], first["STATUS"]) == (1, "CONFIRMED")
    await database.execute(
        "with made as (insert into release (conference_id, number) select id, 2 from conference returning id)"
        " insert into slot select made.id, session_id, channel_id, starts_at + interval '1 hour', ends_at + interval"
        " '1 hour' from slot, made"
    )
    content = await (await stranger.get(address)).read()
    (second,) = events(content)
    assert (second["UID"], second["SEQUENCE"]) == (first["UID"], 2)
    assert moment(content, second, "DTSTART") == NOW + timedelta(hours=2)
    await database.execute("insert into release (conference_id, number) select id, 3 from conference")
    (third,) = events(await (await stranger.get(address)).read())
    assert (third["UID"], third["SEQUENCE"], third["STATUS"]) == (first["UID"], 3, "CANCELLED")


async def test_a_new_address_closes_the_old_one(site: Site, anna: Visitor, database: Pool) -> None:
    number = await database.fetchval("select min(id) from session")
    await anna.post("/c/school/star", star=str(number))
    before = await feed(anna)
    answer = await anna.post("/calendar/renew", next="/c/school/my#calendar-title")
    assert answer.headers["Location"] == "/c/school/my#calendar-title"
    after = await feed(anna)
    stranger = await site.visitor()
    assert after != before
    assert (await stranger.get(before)).status == 404
    assert (await stranger.get(after)).status == 200


@pytest.mark.parametrize(
    "key", ["00000000-0000-0000-0000-000000000000", "-" * 36, "f" * 36, "0000000-00000-0000-0000-000000000000"]
)
async def test_an_address_nobody_has_opens_nothing(visitor: Visitor, key: str) -> None:
    answer = await visitor.get(f"/calendar/{key}.ics")
    assert (answer.status, answer.headers["X-Refusal"]) == (404, "calendar.unknown")


async def test_a_conference_that_went_back_into_hiding_leaves_the_feeds(anna: Visitor, database: Pool) -> None:
    await anna.post("/c/school/star", star=str(await database.fetchval("select min(id) from session")))
    address = await feed(anna)
    await database.execute("update conference set published_at = null")
    assert events(await (await anna.get(address)).read()) == []
