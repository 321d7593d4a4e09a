"""Chats become rows of Postgres. It only writes what the live streams say, and never decides what is shown.

A row is found by the event's place (room, epoch, offset), so the same event may come twice; and a message and its
retraction may come in any order: the row ends the same. Redis hears "done" only after Postgres said "committed".
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from realtime import log
from realtime.engine import Engine
from sql import queries
from sql.connection import Pool
from workers.streams import Entry, Reader

CHAT = queries("chat")

REST = 0.5  # seconds between rounds that found nothing: nobody waits for the archive
BIGINT = 2**63  # Postgres' numbers end here

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """Columns of a message, in the order of chat.remember_said."""

    room: str
    epoch: str
    offset: int
    person_id: int
    name: str
    text: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Retracted:
    """Columns of a retraction, in the order of chat.remember_retracted; the offset is the retracted message's."""

    room: str
    epoch: str
    offset: int
    retracted_at: datetime
    retracted_by: int


class Archive:
    """Rounds over everything said in chats."""

    def __init__(self, postgres: Pool, redis: Engine, reader: Reader) -> None:
        """The reader takes from chat rooms."""
        self._postgres = postgres
        self._redis = redis
        self._reader = reader
        self._in_hand: list[Entry] = []  # taken, and not known to be in Postgres

    async def round(self) -> float:
        """Put into Postgres what was said since. Answers how long to rest."""
        self._in_hand = self._in_hand or await self._reader.take()
        if not self._in_hand:
            return REST
        facts = [fact for entry in self._in_hand if (fact := read(entry)) is not None]
        async with self._postgres.acquire() as connection, connection.transaction():
            await connection.executemany(CHAT.remember_said, _rows(facts, Said))
            await connection.executemany(CHAT.remember_retracted, _rows(facts, Retracted))
        await self._done(self._in_hand)
        self._in_hand = []
        return 0.0

    async def _done(self, entries: list[Entry]) -> None:
        epochs = {entry.room: entry.fields.get(b"x", b"").decode() for entry in entries}
        for room, offset in (await self._reader.done(entries)).items():
            await log.mark_archived(self._redis, room, epoch=epochs[room], offset=offset)


def read(entry: Entry) -> Said | Retracted | None:
    """What an event says; None, and an error in the log, when it says nothing a chat knows."""
    try:
        event = orjson.loads(entry.fields[b"e"])
        epoch = entry.fields[b"x"].decode()
        match event["is"]:
            case "chat.said":
                return Said(
                    room=entry.room,
                    epoch=epoch,
                    offset=entry.offset,
                    person_id=_number(event["user"]),
                    name=_text(event["name"]),
                    text=_text(event["text"]),
                    said_at=_moment(event["when"]),
                )
            case "chat.retracted":
                return Retracted(
                    room=entry.room,
                    epoch=entry.fields.get(b"l", entry.fields[b"x"]).decode(),  # the life in which it was said
                    offset=_number(event["target"]),
                    retracted_at=_moment(event["when"]),
                    retracted_by=_number(event["by"]),
                )
    except (KeyError, TypeError, ValueError, OverflowError) as wrong:
        # Left pending it would stop trimming for ever; nothing but realtime/log.py writes streams, so this is a bug.
        logger.error("Event %d of %s cannot be archived: %r", entry.offset, entry.room, wrong)
        return None
    logger.error("Event %d of %s is of a kind a chat does not know: %s", entry.offset, entry.room, event["is"])
    return None


def _rows(facts: Iterable[Said | Retracted], kind: type[Said] | type[Retracted]) -> list[tuple[object, ...]]:
    """Columns, always in the same order of rows: two workers that write the same ones wait instead of deadlocking."""
    rows = [tuple(getattr(fact, name) for name in kind.__slots__) for fact in facts if isinstance(fact, kind)]
    return sorted(rows, key=lambda row: row[:3])


def _number(value: object) -> int:
    if type(value) is not int or not -BIGINT <= value < BIGINT:
        raise ValueError(f"{value!r} is no number of a row")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value.replace("\0", "")  # the one character Postgres does not store


def _moment(milliseconds: object) -> datetime:
    return datetime.fromtimestamp(_number(milliseconds) / 1000, UTC)
