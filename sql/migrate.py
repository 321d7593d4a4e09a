"""Applies migrations, one process at a time, each in a transaction of its own. It never undoes one and never skips one.

`before` runs before the new program starts, while the old one still works on the database: it only adds. `after` runs
when the old program is gone: it may take away.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg

from sql.connection import Connection
from sql.loader import queries

MIGRATIONS = Path(__file__).parent / "migrations"
FILE = re.compile(r"(\d{4})_(before|after)_([a-z0-9_]+)\.sql")
TURN = 0x7665636865  # "veche" as a number: the advisory lock under which one process migrates
SQL = queries("migrations")


class CannotMigrate(Exception):
    """Why the database was left as it is; its text is a sentence for an operator."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of migrations/."""

    number: int
    when: str  # before | after
    name: str  # the file's name
    text: str

    @property
    def checksum(self) -> str:
        """What tells an edited migration from the one that landed."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """Every migration in order. Raises CannotMigrate for a misnamed file or a number used twice."""
    found: dict[int, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        parts = FILE.fullmatch(path.name)
        if not parts:
            raise CannotMigrate(f"{path.name} is not named like 0014_before_add_seat_hold.sql.")
        number = int(parts[1])
        if number in found:
            raise CannotMigrate(f"{path.name} and {found[number].name} have the same number; give one the next.")
        found[number] = Migration(number, parts[2], path.name, path.read_text(encoding="utf-8"))
    return list(found.values())


async def migrate(connection: Connection, *, only: str | None = None, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what is pending, or only the `before` or `after` ones of it; the names of those applied.

    The connection is used up: it keeps the turn until it is closed.
    """
    await connection.execute(SQL.take_turn, TURN)
    await connection.execute(SQL.remember)
    pending = await _pending(connection, folder)
    chosen = _choose(pending, only)
    for one in chosen:
        try:
            async with connection.transaction():
                await connection.execute(one.text)
                await connection.execute(SQL.landed, one.number, one.name, one.checksum)
        except asyncpg.PostgresError as wrong:
            raise CannotMigrate(f"{one.name} was not applied: {wrong}.") from None
    return [one.name for one in chosen]


async def status(connection: Connection, *, folder: Path = MIGRATIONS) -> list[tuple[str, datetime | None]]:
    """Every migration with the moment it was applied; None: pending. Names this program does not have come last."""
    await connection.execute(SQL.remember)
    applied = {row["number"]: row for row in await connection.fetch(SQL.applied)}
    known = migrations(folder)
    rows = [(one.name, applied[one.number]["applied_at"] if one.number in applied else None) for one in known]
    ours = {one.number for one in known}
    return rows + [(row["name"], row["applied_at"]) for row in applied.values() if row["number"] not in ours]


def new(name: str, *, when: str = "before", folder: Path = MIGRATIONS) -> Path:
    """An empty migration with the next number. Raises CannotMigrate for a name that makes no file name."""
    number = max((one.number for one in migrations(folder)), default=0) + 1
    path = folder / f"{number:04d}_{when}_{name}.sql"
    if not FILE.fullmatch(path.name):
        raise CannotMigrate(f"{name!r} cannot name a migration: use small letters, digits and _.")
    path.write_text("-- Why this change, in one sentence. Mend schema.sql in the same commit.\n", encoding="utf-8")
    return path


async def _pending(connection: Connection, folder: Path) -> list[Migration]:
    applied = {row["number"]: row for row in await connection.fetch(SQL.applied)}
    pending = []
    for one in migrations(folder):
        landed = applied.get(one.number)
        if landed is None:
            pending.append(one)
        elif landed["checksum"] != one.checksum:
            raise CannotMigrate(
                f"{one.name} has changed since it was applied. Put it back as it was and write a new migration."
            )
    return pending


def _choose(pending: list[Migration], only: str | None) -> list[Migration]:
    """What to apply now. Numbers are never overtaken by one that may depend on them."""
    if only is None:
        return pending
    chosen: list[Migration] = []
    held: Migration | None = None
    for one in pending:
        if one.when != only:
            held = held or one
        elif held:
            raise CannotMigrate(
                f"{one.name} has to wait for {held.name}: run `python -m sql migrate {held.when}` first."
            )
        else:
            chosen.append(one)
    return chosen
