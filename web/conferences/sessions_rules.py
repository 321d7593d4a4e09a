"""What the form of a session means: its texts, who speaks in which order, its draft of a place and a time. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from config.languages import LANGUAGES, N_
from web.conferences import zones_rules
from web.conferences.form_rules import LONG, Asked, spelled
from web.conferences.speakers_rules import kept

SPEAKERS_AT_MOST = 20  # of one session; more fit no card
DAY = timedelta(days=1)
SEATS = tuple(f"speaker_{place}" for place in range(1, SPEAKERS_AT_MOST + 1))
SLOT = ("channel", "day", "starts", "ends", "next_day", "starts_fold", "ends_fold")
TOGETHER = (SLOT, SEATS)  # what is one thing in several fields

HALF_A_SLOT = N_("A place in the schedule has a channel, a day, a start and an end. Fill in all four, or none.")
NO_TIME = N_("Type a time of day, like 09:30.")
ENDS_FIRST = N_("The end is before the start. If it ends after midnight, say so below.")
ENDS_AT_ONCE = N_("The session ends when it starts. Type when it really ends.")
OUTSIDE = N_(
    "This day is outside the conference, which lasts from %(first)s to %(last)s. Change the day or the settings."
)
GAP = N_("There is no %(time)s on this day: at %(before)s clocks are put forward to %(after)s.")
TWICE = N_("%(time)s comes twice on this day, because clocks are put back. Choose which one is meant.")
TWICE_THE_SAME = N_("The same speaker stands here twice.")
UNKNOWN_CHANNEL = N_("There is no such channel in this conference.")
UNKNOWN_SPEAKER = N_("There is no such speaker in this conference.")
HANGS = N_(
    "It cannot be deleted: it was released, or people starred it or asked questions in it. Take its place in the "
    "schedule away instead, and release the schedule."
)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the draft of the schedule, in UTC."""

    channel: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """What a form says of a session; `slot` is None while it has no place."""

    title: dict[str, str]
    abstract: dict[str, str]
    language: str
    speakers: list[int]
    slot: Slot | None


def session(
    asked: Asked,
    conference: Mapping[str, Any],
    *,
    channels: Collection[int],
    speakers: Collection[int],
    before: Mapping[str, Any] | None = None,
) -> Session | None:
    """The session of the form, or None, and `asked` says what is wrong. `before`: what it is now, unless it is new."""
    languages = conference["languages"]
    title = asked.texts("title", languages, required=conference["language"])
    abstract = asked.texts("abstract", languages, longest=LONG)
    language = asked.choice("language", LANGUAGES)
    seats = _seats(asked, speakers)
    slot = _slot(asked, conference, channels)
    if asked.wrong:
        return None
    title, abstract = kept(before, "title", languages) | title, kept(before, "abstract", languages) | abstract
    return Session(title, abstract, language, seats, slot)


def fields(session: Mapping[str, Any] | None, conference: Mapping[str, Any]) -> dict[str, str]:
    """A session as its form shows it, field by field; None: a new one."""
    empty = {"title": {}, "abstract": {}, "language": conference["language"], "speakers": (), "starts_at": None}
    one: Mapping[str, Any] = session or empty
    seats = {f"speaker_{place}": str(who["id"]) for place, who in enumerate(one["speakers"], 1)}
    return {
        **spelled("title", one["title"], conference["languages"]),
        **spelled("abstract", one["abstract"], conference["languages"]),
        "language": one["language"],
        **dict.fromkeys((*SEATS, *SLOT), ""),
        **seats,
        **(_typed(one, conference["zone"]) if one["starts_at"] else {}),
    }


def _typed(session: Mapping[str, Any], zone: str) -> dict[str, str]:
    there = ZoneInfo(zone)
    starts, ends = session["starts_at"].astimezone(there), session["ends_at"].astimezone(there)
    slot = {
        "channel": str(session["channel_id"]),
        "day": starts.date().isoformat(),
        "starts": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "next_day": "on" if ends.date() > starts.date() else "",
    }
    for name, when in (("starts", starts), ("ends", ends)):
        if len(zones_rules.moments(when.replace(tzinfo=None, fold=0), zone)) > 1:
            slot[f"{name}_fold"] = str(when.fold)
    return slot


def places(asked: Asked) -> int:
    """How many places for speakers a form shows: those taken, by others too, and one more."""
    named = (place for place, name in enumerate(SEATS, 1) if asked.typed(name) or name in asked.crossed)
    taken = max(named, default=0) + (1 if asked.ticked("more") else 0)
    return min(taken + 1, SPEAKERS_AT_MOST)


def _seats(asked: Asked, known: Collection[int]) -> list[int]:
    seats: list[int] = []
    for field in SEATS:
        number = asked.number(field)
        if number is None:
            continue
        if number not in known:
            asked.refuse(field, UNKNOWN_SPEAKER)
        elif number in seats:
            asked.refuse(field, TWICE_THE_SAME)
        seats.append(number)
    return seats


def _slot(asked: Asked, conference: Mapping[str, Any], channels: Collection[int]) -> Slot | None:
    named = ("channel", "day", "starts", "ends")
    if not any(asked.typed(name) for name in named):
        return None
    for name in named:
        if not asked.typed(name):
            asked.refuse(name, HALF_A_SLOT)
            return None
    channel = asked.number("channel")
    if channel not in channels:
        asked.refuse("channel", UNKNOWN_CHANNEL)
    day = _day(asked, conference)
    starts, ends = _time(asked, "starts"), _time(asked, "ends")
    if day is None or starts is None or ends is None or channel is None:
        return None
    zone = conference["zone"]
    later = DAY if asked.ticked("next_day") else timedelta(0)
    starts_at = _moment(asked, "starts", datetime.combine(day, starts), zone)
    ends_at = _moment(asked, "ends", datetime.combine(day, ends) + later, zone)
    if starts_at is None or ends_at is None:
        return None
    if ends_at <= starts_at:
        asked.refuse("ends", ENDS_AT_ONCE if ends_at == starts_at else ENDS_FIRST)
    return Slot(channel, starts_at, ends_at)


def _day(asked: Asked, conference: Mapping[str, Any]) -> date | None:
    day = asked.day("day")
    first, last = conference["starts_on"], conference["ends_on"]
    if day and not first <= day <= last:
        asked.refuse("day", OUTSIDE, first=f"{first:%d.%m.%Y}", last=f"{last:%d.%m.%Y}")
        return None
    return day


def _time(asked: Asked, name: str) -> time | None:
    text = asked.typed(name).replace(".", ":")
    try:
        return time.fromisoformat(text.zfill(5)).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        asked.refuse(name, NO_TIME)
        return None


def _moment(asked: Asked, name: str, local: datetime, zone: str) -> datetime | None:
    """The moment a time of day is; what the form says of a time that comes twice is in the field <name>_fold."""
    found = zones_rules.moments(local, zone)
    if not found:
        before, after = zones_rules.jump(local, zone)
        asked.refuse(name, GAP, time=f"{local:%H:%M}", before=f"{before:%H:%M}", after=f"{after:%H:%M}")
        return None
    if len(found) == 1:
        return found[0]
    fold = asked.typed(f"{name}_fold")
    if fold not in ("0", "1"):
        asked.refuse(f"{name}_fold", TWICE, time=f"{local:%H:%M}")
        return None
    return found[int(fold)].astimezone(UTC)
