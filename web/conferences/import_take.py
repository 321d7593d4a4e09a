"""An imported schedule is saved here: what its rows ask for, as a whole and in one transaction, or not at all."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sql import queries
from sql.connection import Connection, Pool
from web.conferences import import_rules, import_words, merge_rules, schedule_rules, where
from web.conferences.changes import record
from web.conferences.form_rules import Asked
from web.conferences.import_cells_rules import Known, World
from web.conferences.import_rules import Item
from web.conferences.monogram import monogram
from web.conferences.schedule_rules import Place
from web.conferences.tables import Row
from web.reader import Person

CONFERENCES = queries("conferences")
SCHEDULE = queries("schedule")
DESK = queries("desk")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file between its preview and its import: its rows, and the marks of what their sessions held then."""

    rows: Sequence[Row]
    opened: Mapping[int, str] = field(default_factory=dict)


async def world(source: Connection | Pool, conference: where.Row) -> World:
    """What the rows refer to, as it is now."""
    channels = await source.fetch(CONFERENCES.channels, conference["id"])
    sessions = await source.fetch(DESK.sessions_at_desk, conference["id"], "")
    speakers = await source.fetch(SCHEDULE.speakers_to_match, conference["id"])
    return World(
        zone=conference["zone"],
        first=conference["starts_on"],
        last=conference["ends_on"],
        language=conference["language"],
        channels={one["id"]: dict(one) for one in channels},
        sessions=[_known(dict(one)) for one in sessions],
        speakers={one["id"]: one["name"] for one in speakers},
    )


def items(kept: Kept, world: World, takes: Collection[str] = ()) -> list[Item]:
    """What each row asks for. It takes a while: call it in a thread."""
    columns = import_words.columns(kept.rows[0].cells)
    rows = ((one.number, one.cells) for one in kept.rows[1:])
    return import_rules.items(rows, columns, world, opened=kept.opened, takes=takes)


def opened(found: Sequence[Item]) -> dict[int, str]:
    """The marks to keep until these rows are imported."""
    return {one.session: one.opened for one in found if one.session}


async def take(pool: Pool, conference: where.Row, person: Person, kept: Kept, asked: Asked) -> bool:
    """Save what the rows ask for; False, and nothing saved, when that is not what was previewed."""
    takes = [name.removeprefix(merge_rules.TAKE) for name in asked.fields if name.startswith(merge_rules.TAKE)]
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SCHEDULE.hold_schedule, conference["id"])
        await connection.execute(SCHEDULE.hold_draft, conference["id"])
        there = await world(connection, conference)
        found = await asyncio.to_thread(items, kept, there)
        if import_rules.version(found) != asked.typed("seen") or any(one.wrong for one in found):
            return False
        found = await asyncio.to_thread(items, kept, there, takes) if takes else found
        if any(change.crossed for one in found for change in one.changes):
            return False
        known = {one.id: one for one in there.sessions}
        saving = _Saving(connection, conference, person, known, await _speakers(connection, conference, found))
        for one in found:
            await saving.save(one)
        await record(
            *(connection, conference["id"], person.id, "schedule.import", "schedule", None),
            _told(found, len(saving.added)),
            form_key=asked.key(),
        )
    return True


async def _speakers(connection: Connection, conference: where.Row, found: Sequence[Item]) -> dict[str, int]:
    """Those nobody knew until now, with their numbers."""
    names: dict[str, str] = {}
    for one in found:
        for who in one.added:
            names.setdefault(who.casefold(), who)
    added = {}
    for folded, name in names.items():
        texts = {conference["language"]: name}
        added[folded] = await connection.fetchval(SCHEDULE.import_speaker, conference["id"], texts, monogram(name))
    return added


@dataclass(frozen=True, slots=True)
class _Saving:
    """One import being saved, by whom, with the speakers it `added`."""

    connection: Connection
    conference: where.Row
    person: Person
    known: Mapping[int, Known]
    added: Mapping[str, int]

    async def save(self, one: Item) -> None:
        """Make the session of a row, or change it."""
        if one.act == "new":
            await self._add(one)
        elif one.act == "changes":
            await self._change(one)

    async def _add(self, one: Item) -> None:
        session = await self.connection.fetchval(
            *(SCHEDULE.import_session, self.conference["id"], *_columns(one.place)),
            *(one.title, one.abstract, one.language),
        )
        await self._seat(session, one)

    async def _change(self, one: Item) -> None:
        await self.connection.execute(
            DESK.set_session, one.session, *_columns(one.place), one.title, one.abstract, one.language
        )
        if any(it.field == "speakers" for it in one.changes):
            await self.connection.execute(DESK.forget_seats, one.session)
            await self._seat(one.session, one)
        before = self.known[one.session]
        await record(
            *(self.connection, self.conference["id"], self.person.id, "session.set", f"session:{one.session}"),
            *(_facts(before, [who["id"] for who in before.speakers]), _facts(one, self._numbers(one))),
        )

    async def _seat(self, session: int, one: Item) -> None:
        for position, who in enumerate(self._numbers(one), 1):
            await self.connection.execute(SCHEDULE.import_seat, session, who, position)

    def _numbers(self, one: Item) -> list[int]:
        return [self.added[who.casefold()] if isinstance(who, str) else who for who in one.speakers]


def _facts(one: Known | Item, speakers: Sequence[int]) -> dict[str, Any]:
    """A session as its form writes it down, too."""
    channel, starts_at, ends_at = _columns(one.place)
    texts = {"title": one.title, "abstract": one.abstract, "language": one.language, "speakers": speakers}
    return {**texts, "channel_id": channel, "starts_at": starts_at, "ends_at": ends_at}


def _columns(place: Place | None) -> tuple[Any, ...]:
    return (place.channel, place.starts_at, place.ends_at) if place else (None, None, None)


def _known(row: where.Row) -> Known:
    return Known(
        *(row["id"], row["title"], schedule_rules.placed(row), row["speakers"]),
        abstract=row["abstract"],
        language=row["language"],
    )


def _told(found: Sequence[Item], speakers: int) -> dict[str, Any]:
    changed = [one for one in found if one.act == "changes"]
    return {
        "added": sum(one.act == "new" for one in found),
        "changed": len(changed),
        "moved": sum(one.moved is not None for one in changed),
        "speakers": speakers,
        "sessions": [f"session:{one.session}" for one in changed],
    }
