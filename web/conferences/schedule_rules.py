"""What a schedule may be: its warnings, the difference between two versions, a shift. Pure; it releases nothing."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import blake2b
from itertools import groupby
from typing import Any, Literal
from zoneinfo import ZoneInfo

FURTHEST = 180  # minutes of one shift; who needs more makes a new version
NIGHT = timedelta(hours=4)  # without a session; what comes after it is another day's programme
UNDO_FOR = timedelta(minutes=10)  # so long a shift can be taken back by one press

Text = Mapping[str, str]  # by language
Kind = Literal["overlap", "busy", "outside"]
Step = Literal["added", "cancelled", "moved", "channel"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a session is."""

    channel: int
    starts_at: datetime
    ends_at: datetime


Plan = Mapping[int, Place]  # by session


@dataclass(frozen=True, slots=True)
class Draft:
    """A session as the organiser has it; without a place it is not in the schedule yet."""

    id: int
    title: Text
    place: Place | None
    speakers: Sequence[Mapping[str, Any]] = ()  # {"id", "name"}


@dataclass(frozen=True, slots=True)
class Warned:
    """Something in a schedule that is rarely meant. `other` is the session it clashes with, `speaker` who is twice."""

    kind: Kind
    session: int
    other: int = 0
    channel: int = 0
    speaker: Text | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one session between two versions of a schedule."""

    session: int
    before: Place | None
    after: Place | None

    @property
    def place(self) -> Place:
        """Where it is, or where it was."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def steps(self) -> tuple[Step, ...]:
        """In words for programs; a session may both move and change its channel."""
        if self.before is None:
            return ("added",)
        if self.after is None:
            return ("cancelled",)
        times = (self.before.starts_at, self.before.ends_at) != (self.after.starts_at, self.after.ends_at)
        moved: tuple[Step, ...] = ("moved",) if times else ()
        return (*moved, "channel") if self.before.channel != self.after.channel else moved


def plan(rows: Iterable[Mapping[str, Any]], *, key: str = "id") -> dict[int, Place]:
    """The sessions among the rows that have a place. Rows: {key, "channel_id", "starts_at", "ends_at"}."""
    return {row[key]: place for row in rows if (place := placed(row)) is not None}


def placed(row: Mapping[str, Any]) -> Place | None:
    """The place of a session's row, if it has one."""
    return Place(row["channel_id"], row["starts_at"], row["ends_at"]) if row["channel_id"] is not None else None


def version(of: Plan) -> str:
    """A name for this very schedule: a form carries it, and whoever changed something meanwhile is noticed."""
    spelled = "".join(
        f"{session} {one.channel} {one.starts_at.timestamp()} {one.ends_at.timestamp()}\n"
        for session, one in sorted(of.items())
    )
    return blake2b(spelled.encode(), digest_size=8).hexdigest()


def difference(before: Plan, after: Plan) -> list[Difference]:
    """Every session that is not where it was, by the time it is or was at."""
    changed = (session for session in {**before, **after} if before.get(session) != after.get(session))
    found = [Difference(session, before.get(session), after.get(session)) for session in changed]
    return sorted(found, key=lambda one: (one.place.starts_at, one.session))


def warnings(drafts: Iterable[Draft], *, zone: str, first: date, last: date) -> list[Warned]:
    """What is wrong with these sessions together. Of many that clash at once, each is named with one other."""
    there = ZoneInfo(zone)
    ours = [one for one in drafts if one.place is not None]
    return [
        *_overlaps(ours),
        *_double_bookings(ours),
        *(Warned("outside", one.id) for one in ours if not _within(one.place, there, first, last)),
    ]


def shifted(released: Plan, channel: int, minutes: int, *, now: datetime, zone: str, with_current: bool) -> Plan:
    """The schedule when all that is still to come today in a channel begins so many minutes later (or earlier).

    `with_current`: what is on ends by so much later, too. What began before stays where it was.
    """
    by, coming = timedelta(minutes=minutes), still_to_come(released, channel, now, zone)
    after = dict(released)
    for session, one in released.items():
        if session in coming:
            after[session] = replace(one, starts_at=one.starts_at + by, ends_at=one.ends_at + by)
        elif with_current and _is_on(one, channel, now) and one.ends_at + by > now:
            after[session] = replace(one, ends_at=one.ends_at + by)
    return after


def earliest(released: Plan, channel: int, *, now: datetime, zone: str) -> int:
    """How many whole minutes the channel can be shifted forward at most: nothing may have begun already."""
    coming = still_to_come(released, channel, now, zone)
    nearest = min((released[one].starts_at for one in coming), default=now)
    return int((nearest - now).total_seconds() // 60)


def still_to_come(released: Plan, channel: int, now: datetime, zone: str) -> set[int]:
    """The sessions of a channel that are still to begin today. An evening's programme does not end at midnight."""
    ours = {session: one for session, one in released.items() if one.channel == channel}
    until = max((one.ends_at for one in ours.values() if _is_on(one, channel, now)), default=now)
    found = set()
    for session, one in sorted(ours.items(), key=lambda item: item[1].starts_at):
        if one.starts_at > now and (_day(one.starts_at, zone) == _day(now, zone) or one.starts_at - until < NIGHT):
            found.add(session)
            until = max(until, one.ends_at)
    return found


def _is_on(one: Place, channel: int, now: datetime) -> bool:
    return one.channel == channel and one.starts_at <= now < one.ends_at


def in_step(draft: Plan, before: Plan, after: Plan) -> dict[int, Place]:
    """What to move in the draft when the released schedule goes from `before` to `after`.

    A session the organiser has placed elsewhere in the draft stays there: that change is still to be released.
    """
    moved = {one.session: one.after for one in difference(before, after) if one.after is not None}
    return {session: to for session, to in moved.items() if draft.get(session) == before.get(session)}


def concerning(found: Iterable[Warned], sessions: Collection[int]) -> list[Warned]:
    """The warnings in which one of these sessions has a part."""
    return [one for one in found if one.session in sessions or one.other in sessions]


def can_undo(*, shifted_by: int | None, released_at: datetime, now: datetime) -> bool:
    """Whether the newest release is a shift that can still be taken back."""
    return shifted_by is not None and now - released_at <= UNDO_FOR


def _overlaps(drafts: Iterable[Draft]) -> Iterator[Warned]:
    for channel, those in _by(drafts, lambda one: [_of(one).channel]):
        for earlier, later in _clashes(those):
            yield Warned("overlap", later.id, earlier.id, channel)


def _double_bookings(drafts: Sequence[Draft]) -> Iterator[Warned]:
    names = {who["id"]: who["name"] for one in drafts for who in one.speakers}
    for speaker, those in _by(drafts, lambda one: [who["id"] for who in one.speakers]):
        for earlier, later in _clashes(those):
            yield Warned("busy", later.id, earlier.id, speaker=names[speaker])


def _by(drafts: Iterable[Draft], keys: Callable[[Draft], Iterable[int]]) -> Iterator[tuple[int, list[Draft]]]:
    pairs = sorted(((key, one) for one in drafts for key in keys(one)), key=lambda pair: pair[0])
    for key, those in groupby(pairs, key=lambda pair: pair[0]):
        yield key, [one for _, one in those]


def _clashes(drafts: Iterable[Draft]) -> Iterator[tuple[Draft, Draft]]:
    """Each session that begins before the ones ahead of it have ended, with the one that ends last of those."""
    longest: Draft | None = None
    for one in sorted(drafts, key=lambda one: (_of(one).starts_at, one.id)):
        if longest is not None and _of(one).starts_at < _of(longest).ends_at:
            yield longest, one
        if longest is None or _of(one).ends_at > _of(longest).ends_at:
            longest = one


def _of(draft: Draft) -> Place:
    assert draft.place is not None
    return draft.place


def _within(place: Place | None, there: ZoneInfo, first: date, last: date) -> bool:
    # What begins on the last evening may go on past midnight.
    return place is None or first <= place.starts_at.astimezone(there).date() <= last


def _day(when: datetime, zone: str) -> date:
    return when.astimezone(ZoneInfo(zone)).date()
