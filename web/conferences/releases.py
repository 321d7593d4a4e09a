"""Versions of a schedule, read and made: a release, a shift of one channel, its undoing. It shows nothing.

Each version is made in one transaction that nobody else's can cross, with the promise to tell people inside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sql import queries
from sql.connection import Connection, Pool
from web.conferences import schedule_rules as rules
from web.conferences.changes import done_by, record
from web.conferences.schedule_rules import Difference, Draft, Plan
from web.reader import Person

SCHEDULE = queries("schedule")
OUTBOX = queries("outbox")

SHOWN = 20  # releases in the list; older ones stay in the database
TELL = "schedule.tell"  # workers/kinds.py
TOLD_AFTER = timedelta(seconds=20)  # a shift that is taken back before reaches nobody

Row = Mapping[str, Any]


class Crossed(Exception):
    """Somebody else has changed the schedule since the form was made."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What everybody sees, and what the organiser has."""

    releases: Sequence[Row]  # the newest first
    released: Plan
    draft: Plan

    @property
    def number(self) -> int:
        """Of the release in force; 0: nothing was released yet."""
        return self.releases[0]["number"] if self.releases else 0

    @property
    def seen(self) -> str:
        """What a form of a release carries: both versions it was made from."""
        return f"{self.number}-{rules.version(self.draft)}"

    @property
    def differences(self) -> list[Difference]:
        """What a release would change."""
        return rules.difference(self.released, self.draft)


async def drafts(connection: Connection | Pool, conference: int) -> list[Draft]:
    """Every session of a conference as its organiser has it."""
    rows = await connection.fetch(SCHEDULE.draft, conference)
    return [Draft(row["id"], row["title"], rules.placed(dict(row)), row["speakers"]) for row in rows]


async def standing(connection: Connection | Pool, conference: int, draft: Plan) -> Standing:
    """Both versions of a conference's schedule."""
    releases = [dict(one) for one in await connection.fetch(SCHEDULE.releases, conference, SHOWN)]
    return Standing(releases, await _slots(connection, releases), draft)


async def release(
    pool: Pool, conference: int, person: Person, *, note: str, seen: str, now: datetime, key: UUID | None = None
) -> Sequence[Difference]:
    """Show everybody the draft; what it changed, which may be nothing: then there is no new version. Raises Crossed."""
    async with pool.acquire() as connection, connection.transaction():
        stands = await _hold(connection, conference)
        if stands.seen != seen:
            raise Crossed
        changed = stands.differences
        if changed:
            number = await _add(connection, conference, stands.draft, note, person, now, None, None)
            subject, told = f"release:{number}", _told(changed)
            await record(connection, conference, person.id, "schedule.release", subject, None, told, form_key=key)
            await promise_to_tell(connection, conference)
    return changed


async def promise_to_tell(connection: Connection, conference: int) -> None:
    """Whoever starred something hears what became of it since they were told last."""
    await connection.execute(OUTBOX.promise, TELL, {"conference": conference})


async def shift(
    pool: Pool,
    conference: int,
    person: Person,
    *,
    channel: int,
    minutes: int,
    after: Plan,
    seen: int,
    now: datetime,
    key: UUID | None = None,
) -> None:
    """Show everybody a schedule in which one channel is later or earlier, made from release `seen`. Raises Crossed."""
    async with pool.acquire() as connection, connection.transaction():
        stands = await _hold(connection, conference)
        if stands.number != seen:
            raise Crossed
        number, moved = await _follow(connection, conference, stands, after, person, now, channel, minutes)
        subject, what = f"release:{number}", {"channel": channel, "minutes": minutes, "sessions": moved}
        await record(connection, conference, person.id, "schedule.shift", subject, None, what, form_key=key)


async def undo(
    pool: Pool, conference: int, person: Person, *, seen: int, now: datetime, key: UUID | None = None
) -> None:
    """Take the newest release back, a shift made a moment ago. Raises Crossed."""
    async with pool.acquire() as connection, connection.transaction():
        stands = await _hold(connection, conference)
        newest = stands.releases[0] if stands.releases else None
        if newest is None or newest["number"] != seen or len(stands.releases) < 2 or not can_undo(newest, now):
            raise Crossed
        before = await _slots(connection, stands.releases[1:])
        back = -newest["shifted_by"]
        number, moved = await _follow(connection, conference, stands, before, person, now, newest["shifted_id"], back)
        subject, what = f"release:{number}", {"taken_back": newest["number"], "sessions": moved}
        await record(connection, conference, person.id, "schedule.undo", subject, None, what, form_key=key)


async def made_by(pool: Pool, conference: int, key: UUID | None) -> bool:
    """Whether the version in force is the one this very form made: whoever sends it again has what they want."""
    newest = await pool.fetch(SCHEDULE.releases, conference, 1)
    return bool(newest) and await done_by(pool, key) == f"release:{newest[0]['number']}"


def can_undo(release: Row, now: datetime) -> bool:
    """Whether this release, the newest, is a shift that can still be taken back."""
    return rules.can_undo(shifted_by=release["shifted_by"], released_at=release["released_at"], now=now)


async def _hold(connection: Connection, conference: int) -> Standing:
    await connection.execute(SCHEDULE.hold_schedule, conference)
    draft = rules.plan([dict(one) for one in await connection.fetch(SCHEDULE.hold_draft, conference)])
    return await standing(connection, conference, draft)


async def _follow(
    connection: Connection,
    conference: int,
    stands: Standing,
    after: Plan,
    person: Person,
    now: datetime,
    channel: int | None,
    minutes: int,
) -> tuple[int, list[str]]:
    """A new version that differs little from the one in force, and the draft follows: its number, what moved there."""
    after = {
        session: place for session, place in after.items() if session in stands.draft or session in stands.released
    }
    number = await _add(connection, conference, after, "", person, now, channel, minutes)
    moved = rules.in_step(stands.draft, stands.released, after)
    await connection.execute(SCHEDULE.place_in_draft, *columns(moved))
    await connection.execute(OUTBOX.promise_later, TELL, {"conference": conference}, now + TOLD_AFTER)
    return number, [f"session:{one}" for one in moved]


async def _add(
    connection: Connection,
    conference: int,
    plan: Plan,
    note: str,
    person: Person,
    now: datetime,
    channel: int | None,
    minutes: int | None,
) -> int:
    made = await connection.fetchrow(SCHEDULE.add_release, conference, note, person.id, now, channel, minutes)
    assert made is not None
    await connection.execute(SCHEDULE.add_slots, made["id"], *columns(plan))
    return int(made["number"])


async def _slots(connection: Connection | Pool, releases: Sequence[Row]) -> Plan:
    """The schedule of the first of these releases."""
    if not releases:
        return {}
    rows = await connection.fetch(SCHEDULE.slots, releases[0]["id"])
    return rules.plan([dict(one) for one in rows], key="session_id")


def columns(plan: Plan) -> tuple[list[int], list[int], list[datetime], list[datetime]]:
    places = list(plan.values())
    return (
        list(plan),
        [one.channel for one in places],
        [one.starts_at for one in places],
        [one.ends_at for one in places],
    )


def _told(changed: Sequence[Difference]) -> dict[str, int]:
    """How much a release changed, for the list of changes; the versions themselves stay in the database."""
    steps = [step for one in changed for step in one.steps]
    return {step: steps.count(step) for step in dict.fromkeys(steps)}
