"""DOOR, by way of publish.py: what workers tell many rooms at once. Rooms of one server do not wait for another's."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from realtime import channels, inbox, log, messages, stage
from realtime.engine import Engine
from realtime.events import Tally
from realtime.inbox_events import Notified
from realtime.writes import Write


@dataclass(frozen=True, slots=True)
class Notice:
    """What one person is told, once per key, in their language; `link` leads there, `kind` is for programs."""

    user: int
    key: str
    kind: str
    text: str
    link: str


async def polls(redis: Engine, stands: Sequence[tuple[int, int, str]], *, when: datetime) -> list[Exception | None]:
    """Polls, by channel and number, are open, closed or gone from now on.

    Answers in their order what went wrong, None for each that was told: rooms of one server do not wait for another's.
    """
    now = int(when.timestamp() * 1000)
    # Told twice, it is the same.
    return await _each(redis, [stage.stands(*one, key=str(uuid.uuid4()), when=now) for one in stands])


async def tallies(redis: Engine, counts: Mapping[str, Mapping[str, int]]) -> dict[str, Exception]:
    """By room, how many votes each of these has now. It is stored nowhere: whoever comes later asks a page.

    Answers the rooms that could not be told, and why.
    """
    calls: list[tuple[str, Sequence[Any]]] = []
    for room, some in counts.items():
        channel = channels.live(room)
        calls.append((channel, ("SPUBLISH", channel, messages.whispered(Tally(room, dict(some))))))
    said = zip(counts, await redis.together(calls) if calls else [], strict=True)
    return {room: answer for room, answer in said if isinstance(answer, Exception)}


async def notify(redis: Engine, notices: Sequence[Notice], *, when: datetime) -> list[Exception | None]:
    """Tell people that something happened; answers as `polls` does."""
    now, writes = int(when.timestamp() * 1000), []
    for one in notices:
        notified = Notified(thread=inbox.NOTICES, kind=one.kind, text=one.text, link=one.link, when=now)
        writes.append(inbox.notify(one.user, one.key, notified))
    return await _each(redis, writes)


async def _each(redis: Engine, writes: Sequence[Write]) -> list[Exception | None]:
    """Many writes at once, and what went wrong with each."""
    done = await log.RedisLog(redis, redis).write(writes) if writes else []
    return [one if isinstance(one, Exception) else None for one in done]
