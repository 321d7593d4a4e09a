"""How visitors look at a schedule: what they leave out, what clashes in their own, whose clock they read. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, available_timezones

from config.languages import LANGUAGES
from web.conferences.form_rules import number
from web.conferences.rules import Session

# Offered to whoever cannot be asked by a script: where our audience lives, from west to east.
ZONES = (
    *("America/Los_Angeles", "America/New_York", "Europe/London", "Europe/Berlin", "Asia/Jerusalem", "Europe/Istanbul"),
    *("Europe/Kaliningrad", "Europe/Minsk", "Europe/Moscow", "Europe/Samara", "Asia/Dubai", "Asia/Tbilisi"),
    *("Asia/Yerevan", "Asia/Baku", "Asia/Yekaterinburg", "Asia/Tashkent", "Asia/Almaty", "Asia/Omsk", "Asia/Bishkek"),
    *("Asia/Novosibirsk", "Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Kamchatka"),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What of a schedule is shown. Empty values leave nothing out."""

    channel: str = ""  # its slug
    language: str = ""
    speaker: int = 0
    day: str = ""  # 2026-11-24

    def keeps(self, one: Session) -> bool:
        """Whether a session is shown."""
        return (
            self.channel in ("", one.channel_slug)
            and self.language in ("", one.language)
            and self.day in ("", one.on.isoformat())
            and (not self.speaker or any(who["id"] == self.speaker for who in one.speakers))
        )

    def query(self, **changed: str | int) -> str:
        """The end of an address that shows this, with something changed: "?channel=main"; "?" leaves nothing out."""
        chosen = asdict(replace(self, **changed))  # type: ignore[arg-type]  # the names and kinds of the fields above
        return "?" + urlencode({name: value for name, value in chosen.items() if value})


def filters(query: Mapping[str, str], schedule: Iterable[Session]) -> Filters:
    """What an address asks for. What no session has is not asked for: an old link shows the whole schedule."""
    sessions = list(schedule)
    asked = Filters(
        channel=query.get("channel", ""),
        language=query.get("language", "") if query.get("language") in LANGUAGES else "",
        speaker=number(query.get("speaker", "")) or 0,
        day=query.get("day", ""),
    )
    for name in ("channel", "language", "speaker", "day"):
        alone = replace(Filters(), **{name: getattr(asked, name)})
        if not any(alone.keeps(one) for one in sessions):
            asked = replace(asked, **{name: getattr(Filters(), name)})
    return asked


def speakers(schedule: Iterable[Session], named: Callable[[Mapping[str, str]], str]) -> list[tuple[int, str]]:
    """Everybody who speaks, by name."""
    found = {who["id"]: named(who["name"]) for one in schedule for who in one.speakers}
    return sorted(found.items(), key=lambda one: one[1].casefold())


def nearest(schedule: Sequence[Session], *, now: datetime) -> Session | None:
    """Where "now" leads on a schedule: to what is on, else to what comes next; nowhere before the day or after all."""
    live = [one for one in schedule if one.state == "live"]
    if live:
        return min(live, key=lambda one: (one.starts_at, one.position))
    coming = [one for one in schedule if one.state == "coming"]
    begun = any(one.state == "past" for one in schedule)
    first = min(coming, key=lambda one: (one.starts_at, one.position), default=None)
    return first if first and (begun or first.starts_at.astimezone(now.tzinfo).date() == now.date()) else None


def clashes(programme: Iterable[Session]) -> dict[int, list[Session]]:
    """Of what somebody wants to see, what goes on at the same time, by session; both sides are told."""
    found: dict[int, list[Session]] = {}
    open_now: list[Session] = []
    for one in sorted(programme, key=lambda one: (one.starts_at, one.id)):
        open_now = [other for other in open_now if other.ends_at > one.starts_at]
        for other in open_now:
            found.setdefault(other.id, []).append(one)
            found.setdefault(one.id, []).append(other)
        open_now.append(one)
    return found


@cache
def zones() -> frozenset[str]:
    """Every zone somebody may choose."""
    return frozenset(available_timezones())


def other_zone(chosen: str, conference: str, *, when: datetime) -> str:
    """The zone to show beside the conference's, or "" when its clocks show the same, or nobody knows it."""
    if chosen not in zones():
        return ""
    same = when.astimezone(ZoneInfo(chosen)).utcoffset() == when.astimezone(ZoneInfo(conference)).utcoffset()
    return "" if same else chosen


def day_elsewhere(when: datetime, on: date, zone: str) -> date | None:
    """The day in another zone when it is not the conference's day."""
    there = when.astimezone(ZoneInfo(zone)).date()
    return None if there == on else there


def offset(zone: str, when: datetime) -> Any:
    """What a list of zones is ordered by."""
    return when.astimezone(ZoneInfo(zone)).utcoffset()
