"""Live rooms become rows of Postgres: what people say in chats and ask in tables of their own, all else as it is.

It only writes what the live streams say, and never decides what is shown. A row is found by the event's place (room,
epoch, offset), so the same event may come twice; and an event and what makes everybody forget it may come in any order:
the row ends the same. Redis hears "done" only after Postgres said "committed".
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import orjson

from realtime import channels, log
from realtime.engine import Engine
from sql import queries
from sql.connection import Pool
from workers.loop import is_away
from workers.streams import Entry, Reader

CHAT = queries("chat")
LIVE = queries("live")

REST = 0.5  # seconds between rounds that found nothing: nobody waits for the archive
OUTLIVED = timedelta(hours=1)  # after a change of a question, whose other half may be on its way here
BATCH = 1000  # rows forgotten in one statement
REST_OF_OUTLIVED = 600.0  # seconds: no page shows these rows
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


@dataclass(frozen=True, slots=True)
class Edited:
    """Columns of a message that has another text, in the order of chat.remember_edited."""

    room: str
    epoch: str
    offset: int
    person_id: int
    name: str
    text: str
    said_at: datetime
    edited_at: datetime
    edit_epoch: str
    edit_offset: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Columns of a question, in the order of live.remember_question; the room is that of its readers."""

    room: str
    item: str
    epoch: str
    offset: int
    session_id: int | None
    person_id: int | None
    name: str
    badge: str
    anonymous: bool
    status: str
    text: str
    original: str
    reason: str
    answer: str
    merged: str
    pinned: bool
    asked_at: datetime
    changed_at: datetime
    changed_by: int | None


@dataclass(frozen=True, slots=True)
class Purged:
    """Columns of the end of all that a person asked, in the order of live.remember_purged; the room is the readers'."""

    room: str
    epoch: str
    offset: int
    person_id: int
    purged_at: datetime
    purged_by: int


@dataclass(frozen=True, slots=True)
class Happened:
    """Columns of any other event, in the order of live.remember_event."""

    room: str
    epoch: str
    offset: int
    person_id: int
    event: Any


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Columns of such an event that everybody was told to forget, in the order of live.remember_forgotten."""

    room: str
    epoch: str
    offset: int


Fact = Said | Retracted | Edited | Asked | Purged | Happened | Forgotten
Place = tuple[str, int]  # the life in which something was put, and its offset


class Archive:
    """Rounds over everything that happens live."""

    def __init__(self, postgres: Pool, redis: Engine, reader: Reader) -> None:
        self._postgres = postgres
        self._redis = redis
        self._reader = reader
        self._in_hand: list[Entry] = []  # taken, and not known to be in Postgres

    async def round(self) -> float:
        """Put into Postgres some of what was said since. Answers how long to rest.

        A room whose events Postgres refuses is put off; the others go on.
        """
        self._in_hand = self._in_hand or await self._reader.take()
        if not self._in_hand:
            return REST
        taken = self._in_hand
        try:
            await self._store(taken)
        except Exception as wrong:
            if is_away(wrong):
                raise
            self._in_hand = []  # they stay pending, and come again
            await self._done(await self._store_apart(taken))
        else:
            await self._done(taken)
            self._in_hand = []
        return 0.0

    async def outlived_round(self, *, batch: int = BATCH) -> float:
        """Forget some wordings of questions that readers see no more, also where the room had forgotten the place.

        Each event of a question makes everybody forget the one before it, but not one that had left and was trimmed.
        """
        gone = await self._postgres.fetch(LIVE.forget_outlived, OUTLIVED, batch)
        return 0.0 if len(gone) == batch else REST_OF_OUTLIVED

    async def _store(self, entries: list[Entry]) -> None:
        facts = [fact for entry in entries for fact in read(entry)]
        async with self._postgres.acquire() as connection, connection.transaction():
            await connection.executemany(CHAT.remember_said, _rows(facts, Said))
            await connection.executemany(CHAT.remember_retracted, _rows(facts, Retracted))
            await connection.executemany(CHAT.remember_edited, _rows(facts, Edited))
            # Purges first: a question of before that comes late finds them.
            await connection.executemany(LIVE.remember_event, _rows(facts, Happened))
            await connection.executemany(LIVE.remember_question, _rows(facts, Asked))
            await connection.executemany(LIVE.remember_purged, _rows(facts, Purged))
            await connection.executemany(LIVE.remember_forgotten, _rows(facts, Forgotten))

    async def _store_apart(self, entries: list[Entry]) -> list[Entry]:
        """Store each room by itself; what was stored. Raises what went wrong when that went wrong with every room."""
        stored: list[Entry] = []
        wrongs: list[Exception] = []
        for room, of_it in groupby(sorted(entries, key=lambda one: (one.room, one.offset)), key=lambda one: one.room):
            some = list(of_it)
            try:
                await self._store(some)
            except Exception as wrong:
                if is_away(wrong):
                    raise
                wrong.add_note(f"Room {room} is archived again in {self._reader.put_off(room):.0f} s.")
                wrongs.append(wrong)
            else:
                stored += some
        if not stored:
            raise wrongs[0]
        for one in wrongs:
            logger.error("A room cannot be archived, the others go on.", exc_info=one)
        return stored

    async def _done(self, entries: list[Entry]) -> None:
        epochs = {entry.room: entry.fields.get(b"x", b"").decode() for entry in entries}
        for room, offset in (await self._reader.done(entries)).items():
            await log.mark_archived(self._redis, room, epoch=epochs[room], offset=offset)


def read(entry: Entry) -> list[Fact]:
    """What an event says; nothing, and an error in the log, when nobody can know."""
    try:
        return list(_facts(entry, orjson.loads(entry.fields[b"e"])))
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as wrong:
        # Left pending it would stop trimming for ever; nothing but realtime/log.py writes streams, so this is a bug.
        logger.error("Event %d of %s cannot be archived: %r", entry.offset, entry.room, wrong)
        return []


def _facts(entry: Entry, event: Any) -> Iterator[Fact]:
    forgotten = _forgotten(entry)
    match event["is"]:
        case "chat.said":
            yield _said(entry, event)
        case "chat.restored":
            yield _said(entry, event["said"])
            told = {name: value for name, value in event.items() if name != "said"}  # the text is the message's alone
            yield Happened(entry.room, entry.fields[b"x"].decode(), entry.offset, _number(event["by"]), told)
        case "chat.retracted":
            it, others = _named(event, forgotten)
            yield from _gone(entry, event, messages=it, repeated=others)
        case "chat.edited":
            it, others = _named(event, forgotten)
            yield from (_edited(entry, event, life) for life, _ in it)
            yield from _gone(entry, event, messages=(), repeated=others)
        case "chat.purged" if channels.kind(entry.room) != "questions":
            yield from _gone(entry, event, messages=forgotten, repeated=forgotten)
        case "chat.held" | "chat.waited" if entry.room == channels.public(entry.room):
            return  # for its author's pages alone; the desk's events say the same
        case str():
            user, epoch = int(entry.fields[b"u"]), entry.fields[b"x"].decode()
            yield Happened(entry.room, epoch, entry.offset, user, _storable(event))
            yield from _of_questions(entry, event)
            yield from _gone(entry, event, messages=(), repeated=forgotten)
        case other:
            raise TypeError(f"{other!r} is no kind of event")


def _of_questions(entry: Entry, event: Any) -> Iterator[Fact]:
    match event["is"]:
        case "question.at_desk":
            yield _asked(entry, event)
        case "chat.purged":
            yield _purged(entry, event)


def _gone(entry: Entry, event: Any, *, messages: Sequence[Place], repeated: Sequence[Place]) -> Iterator[Fact]:
    """Messages that were deleted, and events that are forgotten, such as those that had repeated them."""
    for life, offset in messages:
        yield Retracted(entry.room, life, offset, _moment(event["when"]), _number(event["by"]))
    for life, offset in repeated:
        yield Forgotten(entry.room, life, offset)


def _named(event: Any, forgotten: Sequence[Place]) -> tuple[Sequence[Place], Sequence[Place]]:
    """The message that an event is about, where it came, and what else of it is forgotten, such as older edits."""
    it = [place for place in forgotten if place[1] == event["target"]]
    return it, [place for place in forgotten if place not in it]


def _edited(entry: Entry, event: Any, life: str) -> Edited:
    said = event["said"]
    return Edited(
        room=entry.room,
        epoch=life,
        offset=_number(event["target"]),
        person_id=_number(said["user"]),
        name=_text(said["name"]),
        text=_text(said["text"]),
        said_at=_moment(said["when"]),
        edited_at=_moment(event["when"]),
        edit_epoch=entry.fields[b"x"].decode(),
        edit_offset=entry.offset,
    )


def _asked(entry: Entry, event: Any) -> Asked:
    return Asked(
        room=channels.public(entry.room),
        item=_text(event["item"]),
        epoch=entry.fields[b"x"].decode(),
        offset=entry.offset,
        session_id=_number(event.get("session", 0)) or None,
        person_id=_number(event["user"]) or None,
        name=_text(event["name"]),
        badge=_text(event["badge"]),
        anonymous=bool(event["anonymous"]),
        status=_text(event["status"]),
        text=_text(event["text"]),
        original=_text(event["original"]),
        reason=_text(event["reason"]),
        answer=_text(event["answer"]),
        merged=_text(event["into"]),
        pinned=bool(event["pinned"]),
        asked_at=_moment(event["when"]),
        changed_at=_moment(event["changed"]),
        changed_by=_number(event["by"]) or None,
    )


def _purged(entry: Entry, event: Any) -> Purged:
    return Purged(
        room=channels.public(entry.room),
        epoch=entry.fields[b"x"].decode(),
        offset=entry.offset,
        person_id=_number(event["user"]),
        purged_at=_moment(event["when"]),
        purged_by=_number(event["by"]),
    )


def _said(entry: Entry, said: Any) -> Said:
    return Said(
        room=entry.room,
        epoch=entry.fields[b"x"].decode(),
        offset=entry.offset,
        person_id=_number(said["user"]),
        name=_text(said["name"]),
        text=_text(said["text"]),
        said_at=_moment(said["when"]),
    )


def _forgotten(entry: Entry) -> list[Place]:
    """What this event makes everybody forget; announcements stay, for the log of acts alone."""
    lives, offsets = (entry.fields.get(name, b"").decode() for name in (b"l", b"g"))
    if not offsets or channels.kind(entry.room) == "announcements":
        return []
    return [(life, int(at)) for life, at in zip(lives.split(","), offsets.split(","), strict=True)]


def _rows(facts: Iterable[Fact], kind: type[Fact]) -> list[tuple[object, ...]]:
    """Columns, always in the same order of rows: two workers that write the same ones wait instead of deadlocking."""
    rows = [tuple(getattr(fact, name) for name in kind.__slots__) for fact in facts if isinstance(fact, kind)]
    return sorted(rows, key=lambda row: row[:3])


def _storable(value: Any) -> Any:
    """The same without the one character that Postgres does not store."""
    match value:
        case str():
            return value.replace("\0", "")
        case list():
            return [_storable(one) for one in value]
        case dict():
            return {name: _storable(one) for name, one in value.items()}
    return value


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
