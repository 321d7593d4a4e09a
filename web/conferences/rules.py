"""The schedule: what is on, what comes next, which day a session belongs to. Pure; the clock comes in by the door."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any, Literal
from zoneinfo import ZoneInfo

NOON = time(12)
# Words that mean something else in the place of a channel's: /c/{slug}/schedule. Some are kept for what is to come.
RESERVED = frozenset(
    {
        *("schedule", "my", "star", "stars", "s", "session", "sessions", "moderate", "speak", "chat", "pass", "now"),
        *("people", "messages", "tickets", "order", "orders", "checkout", "ideas", "media", "videos", "library"),
        *("points", "badges", "check-in", "register", "join", "about", "speakers", "screen", "hall", "live"),
    }
)
State = Literal["past", "live", "coming"]
Text = Mapping[str, str]  # by language


@dataclass(frozen=True, slots=True)
class Session:
    """One session as a page shows it; `starts` and `ends` are times of day in the conference's zone ("09:05")."""

    id: int
    title: Text
    abstract: Text
    language: str
    starts_at: datetime
    ends_at: datetime
    starts: str
    ends: str
    on: date  # the day it belongs to, in the conference's zone
    state: State
    channel_id: int
    channel_slug: str
    channel_name: Text
    position: int  # of its channel: the column in a grid
    speakers: Sequence[Mapping[str, Any]]  # {"id", "name"}


@dataclass(frozen=True, slots=True)
class Slot:
    """Sessions that begin at one moment, by channel: a row of the grid."""

    starts: str
    sessions: Sequence[Session]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the schedule, from morning to night."""

    date: date
    slots: Sequence[Slot]


def sessions(rows: Iterable[Mapping[str, Any]], *, zone: str, now: datetime) -> list[Session]:
    """The schedule's rows (sql/queries/conferences.sql: sessions) at a moment."""
    there = ZoneInfo(zone)
    return [_session(row, there, now) for row in rows]


def nearest(first: date, last: date, *, zone: str, now: datetime) -> datetime:
    """The moment of a conference nearest to now: the offset of its zone then is the one its times are shown with."""
    there = ZoneInfo(zone)
    begins = datetime.combine(first, NOON, tzinfo=there)  # clocks are changed at night
    ends = datetime.combine(last, NOON, tzinfo=there)
    return min(max(now, begins), ends)


def state(starts_at: datetime, ends_at: datetime, now: datetime) -> State:
    """Where a session stands. It is live from its first moment and past from its last."""
    if now < starts_at:
        return "coming"
    return "live" if now < ends_at else "past"


def current(schedule: Iterable[Session], channel: int) -> Session | None:
    """What is on in a channel; of overlapping sessions the one that began last."""
    on = [one for one in schedule if one.channel_id == channel and one.state == "live"]
    return max(on, key=lambda one: one.starts_at, default=None)


def on_air(schedule: Iterable[Session], channel: int, *, by_hand: bool, session: int | None) -> Session | None:
    """What is on in a channel: by the clock, or the session that somebody said; None: nothing."""
    if not by_hand:
        return current(schedule, channel)
    return next((one for one in schedule if one.id == session), None)


def upcoming(schedule: Iterable[Session], channel: int) -> list[Session]:
    """What is still to come in a channel, the next one first."""
    coming = [one for one in schedule if one.channel_id == channel and one.state == "coming"]
    return sorted(coming, key=lambda one: one.starts_at)


def days(schedule: Iterable[Session]) -> list[Day]:
    """The schedule by days of the conference's zone; days without sessions are left out."""
    ordered = sorted(schedule, key=lambda one: (one.starts_at, one.position))
    return [Day(on, _slots(day)) for on, day in groupby(ordered, key=lambda one: one.on)]


def _slots(day: Iterable[Session]) -> list[Slot]:
    # By the moment, not by the clock's face: when clocks are put back, an hour comes twice.
    moments = groupby(day, key=lambda one: one.starts_at)
    return [Slot(row[0].starts, row) for row in (list(together) for _, together in moments)]


def _session(row: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> Session:
    starts, ends = row["starts_at"].astimezone(zone), row["ends_at"].astimezone(zone)
    return Session(
        id=row["id"],
        title=row["title"],
        abstract=row["abstract"],
        language=row["language"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        starts=f"{starts:%H:%M}",
        ends=f"{ends:%H:%M}",
        on=starts.date(),
        state=state(row["starts_at"], row["ends_at"], now),
        channel_id=row["channel_id"],
        channel_slug=row["channel_slug"],
        channel_name=row["channel_name"],
        position=row["position"],
        speakers=row["speakers"],
    )
