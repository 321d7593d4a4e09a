"""The schedule at a moment, decided without a server."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from web.conferences import rules

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # noon in Moscow
HOUR = timedelta(hours=1)


def row(number: int, starts_at: datetime, *, length: timedelta = HOUR, channel: int = 1) -> dict[str, Any]:
    return {
        "id": number,
        "channel_id": channel,
        "channel_slug": f"channel-{channel}",
        "channel_name": {"en": f"Channel {channel}"},
        "position": channel,
        "starts_at": starts_at,
        "ends_at": starts_at + length,
        "title": {"en": f"Session {number}"},
        "abstract": {"en": ""},
        "language": "en",
        "speakers": [],
    }


def schedule(*rows: dict[str, Any], now: datetime = NOON, zone: str = "Europe/Moscow") -> list[rules.Session]:
    return rules.sessions(rows, zone=zone, now=now)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (NOON - timedelta(microseconds=1), "coming"),
        (NOON, "live"),
        (NOON + HOUR - timedelta(microseconds=1), "live"),
        (NOON + HOUR, "past"),
    ],
)
def test_a_session_is_live_from_its_first_moment_and_past_from_its_last(now: datetime, state: str) -> None:
    assert rules.state(NOON, NOON + HOUR, now) == state


def test_times_are_those_of_the_conferences_zone() -> None:
    (moscow,) = schedule(row(1, NOON))
    (almaty,) = schedule(row(1, NOON), zone="Asia/Almaty")
    assert (moscow.starts, moscow.ends) == ("12:00", "13:00")
    assert (almaty.starts, almaty.ends) == ("14:00", "15:00")


def test_a_channel_shows_what_is_on_and_what_comes_next() -> None:
    sessions = schedule(row(1, NOON - HOUR), row(2, NOON), row(3, NOON + HOUR), row(4, NOON + HOUR, channel=2))
    assert rules.current(sessions, 1) == sessions[1]
    assert [one.id for one in rules.upcoming(sessions, 1)] == [3]
    assert rules.current(sessions, 2) is None
    assert [one.id for one in rules.upcoming(sessions, 2)] == [4]


def test_of_overlapping_sessions_the_one_that_began_last_is_on() -> None:
    sessions = schedule(row(1, NOON - HOUR, length=3 * HOUR), row(2, NOON))
    on = rules.current(sessions, 1)
    assert on is not None
    assert on.id == 2


def test_an_empty_schedule_has_no_days_and_nothing_on() -> None:
    assert rules.days([]) == []
    assert rules.current([], 1) is None
    assert rules.upcoming([], 1) == []


def test_a_session_belongs_to_the_day_of_its_zone() -> None:
    late = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)  # half past midnight of the 24th in Moscow
    assert [one.date for one in rules.days(schedule(row(1, late)))] == [date(2026, 11, 24)]
    assert [one.date for one in rules.days(schedule(row(1, late), zone="UTC"))] == [date(2026, 11, 23)]


def test_a_row_of_the_grid_holds_what_begins_together_by_channel() -> None:
    (day,) = rules.days(schedule(row(1, NOON + HOUR), row(2, NOON, channel=2), row(3, NOON, channel=1)))
    assert [(slot.starts, [one.id for one in slot.sessions]) for slot in day.slots] == [
        ("12:00", [3, 2]),
        ("13:00", [1]),
    ]


def test_an_hour_that_comes_twice_is_two_rows() -> None:
    """In Berlin clocks went back at 01:00 UTC on 25 October 2026: 02:30 came twice."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    (day,) = rules.days(schedule(row(1, first), row(2, first + HOUR), zone="Europe/Berlin"))
    assert [(slot.starts, len(slot.sessions)) for slot in day.slots] == [("02:30", 1), ("02:30", 1)]


@pytest.mark.parametrize(
    ("now", "offset"),
    [
        (datetime(2026, 7, 1, tzinfo=UTC), timedelta(hours=1)),  # read in summer, held in winter
        (datetime(2026, 11, 21, 23, 30, tzinfo=UTC), timedelta(hours=1)),
        (datetime(2027, 7, 1, tzinfo=UTC), timedelta(hours=1)),
    ],
)
def test_the_offset_beside_the_times_is_that_of_the_conference_whenever_it_is_read(
    now: datetime, offset: timedelta
) -> None:
    when = rules.nearest(date(2026, 11, 20), date(2026, 11, 23), zone="Europe/Berlin", now=now)
    assert date(2026, 11, 20) <= when.astimezone(ZoneInfo("Europe/Berlin")).date() <= date(2026, 11, 23)
    assert when.astimezone(ZoneInfo("Europe/Berlin")).utcoffset() == offset


def test_while_clocks_are_changed_the_offset_is_the_one_in_force() -> None:
    now = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert rules.nearest(date(2026, 10, 24), date(2026, 10, 26), zone="Europe/Berlin", now=now) == now
