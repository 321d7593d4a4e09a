"""A day of a conference in figures: curves to be drawn, and what they add up to for each session. Pure.

A curve is a path in a box as wide as the day has minutes and HIGH high; a page stretches it to its own width.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from web.conferences.rules import Session

HIGH = 100
MARGIN = timedelta(minutes=30)  # before the first session and after the last one: people come early and stay
A_MINUTE = timedelta(minutes=1)
MOST_HOURS = 8  # names of hours under a curve; a phone has no room for more
NICE = (1, 2, 3, 4, 6, 8)  # and ten times as much, and so on: where scales end
LOWEST = 5  # the end of the shortest scale

Series = Mapping[datetime, int]  # by minute


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when until when a day is drawn."""

    begins: datetime
    ends: datetime

    @property
    def minutes(self) -> int:
        """How long it is."""
        return ceil((self.ends - self.begins) / A_MINUTE)

    def at(self, when: datetime) -> float:
        """Where a moment is, in minutes from the left; never outside."""
        return min(max((when - self.begins) / A_MINUTE, 0.0), float(self.minutes))

    def share(self, when: datetime) -> float:
        """The same as a percentage of the width."""
        return round(100 * self.at(when) / self.minutes, 3)


@dataclass(frozen=True, slots=True)
class Curve:
    """One line: its path, the end of its scale and its highest point."""

    path: str
    scale: int
    peak: int


@dataclass(frozen=True, slots=True)
class Band:
    """A session under the curves, in percent of the width, and what it came to."""

    number: int
    session: Session
    left: float
    width: float
    viewers: int  # the most at once
    messages: int
    asked: int
    answered: int


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour's name under the curves."""

    left: float
    starts: str


def days(schedule: Iterable[Session]) -> list[date]:
    """The days that have sessions."""
    return sorted({one.on for one in schedule})


def chosen(typed: str, known: Sequence[date], today: date) -> date | None:
    """The day somebody asked for, or else the latest that has begun, or the first."""
    wanted = next((one for one in known if one.isoformat() == typed), None)
    begun = [one for one in known if one <= today]
    return wanted or (begun[-1] if begun else next(iter(known), None))


def stretch(sessions: Sequence[Session]) -> Stretch:
    """The part of a day that is drawn: whole minutes. There is one session at least."""
    first, last = min(one.starts_at for one in sessions), max(one.ends_at for one in sessions)
    return Stretch((first - MARGIN).replace(second=0, microsecond=0), last + MARGIN)


def curve(series: Series, over: Stretch, scale: int) -> Curve:
    """Steps from minute to minute, closed along the bottom."""
    path, before = ["M0 100"], 0
    for when in sorted(when for when in series if over.begins <= when < over.ends):
        at = round(over.at(when))
        if at > before:
            path.append(f"V{HIGH}H{at}")  # nothing was counted in between
        path.append(f"V{HIGH - HIGH * series[when] / scale:.4g}H{at + 1}")
        before = at + 1
    peak = max((count for when, count in series.items() if over.begins <= when < over.ends), default=0)
    return Curve("".join([*path, f"V{HIGH}Z"]), scale, peak)


def scale(*several: Series) -> int:
    """Where a scale ends that they all fit under: 5, 10, 20, 30, 40, 60, 80, 100 ..."""
    highest = max((count for series in several for count in series.values()), default=0)
    end, ten = LOWEST, 10
    while end < highest:
        end = next((one * ten for one in NICE if one * ten >= highest), end)
        ten *= 10
    return end


def together(several: Iterable[Series]) -> Series:
    """What all channels come to, minute by minute."""
    found: dict[datetime, int] = {}
    for series in several:
        for when, count in series.items():
            found[when] = found.get(when, 0) + count
    return found


def bands(
    sessions: Iterable[Session],
    over: Stretch,
    *,
    viewers: Series,
    messages: Series,
    questions: Mapping[int, Mapping[str, int]],
) -> list[Band]:
    """The sessions of a channel in their order; `questions`: by session, {"asked", "answered"}."""
    found = []
    for number, one in enumerate(sorted(sessions, key=lambda one: one.starts_at), 1):
        asked = questions.get(one.id, {})
        left = over.share(one.starts_at)
        found.append(
            Band(
                number,
                one,
                left,
                round(over.share(one.ends_at) - left, 3),
                max((count for when, count in viewers.items() if one.starts_at <= when < one.ends_at), default=0),
                sum(count for when, count in messages.items() if one.starts_at <= when < one.ends_at),
                asked.get("asked", 0),
                asked.get("answered", 0),
            )
        )
    return found


def hours(over: Stretch, zone: str) -> list[Hour]:
    """Full hours of the conference's zone, as many as have room."""
    there = ZoneInfo(zone)
    every = ceil(over.minutes / 60 / MOST_HOURS)
    found = []
    when = over.begins
    while when < over.ends:
        local = when.astimezone(there)
        if local.minute == 0 and local.hour % every == 0:
            found.append(Hour(over.share(when), f"{local:%H:%M}"))
        when += A_MINUTE
    return found
