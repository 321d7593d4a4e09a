"""A calendar that other programs read (RFC 5545): sessions with their zones. Pure; the clock comes in with the events.

The zones are written out by hand: the library puts the onset of summer time where the new clock shows it, and the
standard wants what the old clock would have shown (RFC 5545, 3.6.5).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Event, Timezone, TimezoneDaylight, TimezoneStandard, vDatetime

PRODUCT = "-//Veche//Programme//EN"
AGAIN = timedelta(minutes=15)  # PT15M: how often a calendar that follows the address should look again
A_DAY = timedelta(days=1)
UNIVERSAL = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One session in a calendar, in the language of its reader."""

    session: int
    title: str
    about: str
    where: str
    url: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    release: int  # the version of the schedule; a later one overrules an earlier one
    released_at: datetime
    cancelled: bool = False


def calendar(name: str, entries: Sequence[Entry], *, host: str) -> bytes:
    """The file. `host` makes the names of sessions unlike those of other houses, and is the same for every file."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("refresh-interval", AGAIN, parameters={"value": "DURATION"})
    made.add("x-published-ttl", "PT15M")
    for zone, those in _by_zone(entries):
        first, last = min(one.starts_at for one in those), max(one.ends_at for one in those)
        made.add_component(zone_of(zone, first.year, last.year))
    for one in entries:
        made.add_component(_event(one, host))
    return bytes(made.to_ical())


def zone_of(zone: str, first: int, last: int) -> Component:
    """What the clocks of a zone show in these years and the winters around them."""
    there = ZoneInfo(zone)
    begin, end = datetime(first - 1, 12, 1, tzinfo=UTC), datetime(last + 1, 2, 1, tzinfo=UTC)
    made = Timezone()
    made.add("tzid", zone)
    before = _offset(begin, there)
    for onset in (begin, *_changes(zone, begin, end)):
        after = onset.astimezone(there)
        summer = bool(after.dst()) and after.dst() > timedelta()  # type: ignore[operator]  # not None: it is true
        one = TimezoneDaylight() if summer else TimezoneStandard()
        one.add("dtstart", (onset + before).replace(tzinfo=None))
        one.add("tzoffsetfrom", before)
        before = _offset(onset, there)
        one.add("tzoffsetto", before)
        one.add("tzname", after.tzname() or zone)
        made.add_component(one)
    return made


def _event(one: Entry, host: str) -> Event:
    made = Event()
    made.add("uid", f"session-{one.session}@{host}")
    made.add("dtstamp", one.released_at.astimezone(UTC))
    made.add("last-modified", one.released_at.astimezone(UTC))
    made.add("sequence", one.release)
    made.add("dtstart", vDatetime(_local(one.starts_at, one.zone)))
    made.add("dtend", vDatetime(_local(one.ends_at, one.zone)))
    made.add("summary", one.title)
    if one.about:
        made.add("description", one.about)
    made.add("location", one.where)
    made.add("url", one.url)
    made.add("status", "CANCELLED" if one.cancelled else "CONFIRMED")
    return made


def _local(when: datetime, zone: str) -> datetime:
    if zone in UNIVERSAL:
        return when.astimezone(UTC)
    local = when.astimezone(ZoneInfo(zone))
    # An hour that comes twice is read as the first of the two (RFC 5545, 3.3.5); the second has no other name.
    return when.astimezone(UTC) if local.fold else local


def _by_zone(entries: Iterable[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    zones = dict.fromkeys(one.zone for one in entries if one.zone not in UNIVERSAL)
    for zone in zones:
        yield zone, [one for one in entries if one.zone == zone]


@cache
def _changes(zone: str, begin: datetime, end: datetime) -> tuple[datetime, ...]:
    """The moments at which the clocks of a zone change, to the second."""
    there, found, day = ZoneInfo(zone), [], begin
    while day < end:
        if _offset(day, there) != _offset(day + A_DAY, there):
            found.append(_bisect(day, day + A_DAY, there))
        day += A_DAY
    return tuple(found)


def _bisect(old: datetime, new: datetime, there: ZoneInfo) -> datetime:
    while new - old > timedelta(seconds=1):
        middle = old + (new - old) // 2
        middle = middle.replace(microsecond=0)
        if _offset(middle, there) == _offset(old, there):
            old = middle
        else:
            new = middle
    return new


def _offset(when: datetime, there: ZoneInfo) -> timedelta:
    return when.astimezone(there).utcoffset() or timedelta()
