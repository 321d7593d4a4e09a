"""Every room, stream and key name of the live half. Pure; nobody else spells a Redis key.

A room is `kind:number`, as a pass and the wire name it. Everything one room keeps in Redis carries the room
as its hash tag, so that it lives in one slot of a cluster and one script may touch all of it.
"""

import re

ROOM = re.compile(r"(chat):([1-9][0-9]{0,17})")  # numbers are Postgres bigints

ROOMS = "veche:rooms"  # set of all rooms that ever spoke; the archive finds its streams by it
ARCHIVE = "archive"  # consumer group of the archive, one per stream


def chat(channel: int) -> str:
    """The room of one channel's chat."""
    return f"chat:{channel}"


def kind(room: str) -> str | None:
    """The kind of a room, or None when this is no room's name."""
    found = ROOM.fullmatch(room)
    return found[1] if found else None


def log(room: str) -> str:
    """Stream of the room's events; entry ids are <offset>-0."""
    return f"{{{room}}}:log"


def meta(room: str) -> str:
    """Hash: epoch (this stream's life), top (last offset), floor (last trimmed offset), archived (last in Postgres)."""
    return f"{{{room}}}:meta"


def once(room: str, verb: str, user: int, key: str) -> str:
    """Where the result of one keyed write is remembered, so that a resend changes nothing."""
    return f"{{{room}}}:once:{verb}:{user}:{key}"


def live(room: str) -> str:
    """Pub/sub channel of the room: `<epoch> <offset> <retracted offset or 0> <event JSON>`."""
    return f"{{{room}}}:live"


def probe(worker: str) -> str:
    """Pub/sub channel on which a worker writes to itself to see that its reader is alive."""
    return f"veche:probe:{worker}"


def room_of(key: str) -> str:
    """The room in a key made by log, meta or live."""
    return key[1 : key.index("}")]
