"""Acts of whoever has no socket: a page, a worker. What they look at is read, and the wire's own functions decide.

It checks no rights: whoever calls publish.py did.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from realtime import channels, log, verbs
from realtime.commands import Act
from realtime.engine import Engine
from realtime.passes import MODERATE, SAY, Pass
from realtime.speaker import Speaker
from realtime.writes import Placed, Write

WHOLE = frozenset({SAY, MODERATE})

Known = Mapping[tuple[str, str], bytes | None]  # room, part of its state -> the event that is this part now, as JSON


async def moderate(redis: Engine, wish: Act, by: int, when: datetime, *rooms: str) -> Placed:
    """Carry out an act of a moderator that looks at all that stands in these rooms; where its last event stands."""
    known: dict[tuple[str, str], bytes | None] = {}
    for room in rooms:
        known |= await state(redis, room)
    return await store(redis, wish, speaker(moderator(by, wish.room), when, known=known))


async def act(redis: Engine, wish: Act, who: Pass, when: datetime, *parts: tuple[str, str]) -> Placed:
    """Carry out an act that looks at these parts of a room's state; where its last event stands."""
    known = {one: await part(redis, *one) for one in parts}
    return await store(redis, wish, speaker(who, when, known=known))


async def store(redis: Engine, wish: Act, speaker: Speaker) -> Placed:
    """Carry out an act as the wire would; where its last event stands. Raises Refused."""
    writes: Sequence[Write] = verbs.decide(wish, speaker)
    for write in writes:
        placed = await log.append(redis, write)
    return placed


def speaker(who: Pass, when: datetime, *, known: Known | None = None, secret: str = "") -> Speaker:
    """Somebody at a moment, who knows this of the rooms."""
    facts = known or {}
    return Speaker(
        who,
        when.timestamp(),
        lambda room, part: facts.get((room, part)),
        secret,
        lambda room: [part for one, part in facts if one == room],
    )


def moderator(user: int, room: str) -> Pass:
    """Somebody who may do all in a room."""
    return Pass(user, "", {room: WHOLE}, 0)


async def state(redis: Engine, room: str) -> dict[tuple[str, str], bytes | None]:
    """A room's whole state."""
    found: Any = await redis.hgetall(channels.state(room))
    return {(room, part.decode()): bytes(value).partition(b" ")[2] for part, value in found.items()}


async def part(redis: Engine, room: str, name: str) -> bytes | None:
    """One part of it; None: it is not there."""
    value: Any = await redis.hget(channels.state(room), name)
    return bytes(value).partition(b" ")[2] if value else None


def milliseconds(when: datetime) -> int:
    """Unix milliseconds."""
    return int(when.timestamp() * 1000)
