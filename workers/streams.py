"""Reads the live rooms as one consumer group: every event is taken by somebody, and again if that somebody dies.

It never decides what an event means. An event stays pending until it is `done`; what a dead process had pending is
taken over after a while. So events come at least once and, after a death, not in order.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from redis.exceptions import ResponseError

from realtime import channels
from realtime.engine import Engine

AT_ONCE = 200  # events of one room in one answer; keeps it under half a megabyte
ROOMS_AT_ONCE = 100  # streams in one command; more would hold up Redis for everybody
BLOCK = 1000  # milliseconds to wait for an event when there is none; well under the client's socket timeout
TAKEOVER = 30_000  # milliseconds after which a pending event counts as left by a dead process
FORGET = 3_600_000  # milliseconds of silence after which the name of a dead process is struck off


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a room. `fields` are the stream's (realtime/log.py); e is the event's JSON, x the stream's life."""

    room: str
    offset: int
    fields: Mapping[bytes, bytes]


class Reader:
    """One member of a consumer group over all rooms of one kind."""

    def __init__(self, redis: Engine, *, group: str, kind: str, name: str, takeover: int = TAKEOVER) -> None:
        """`name` must be this process's own; `takeover` is in milliseconds."""
        self._redis = redis
        self._group = group
        self._kind = kind
        self._name = name
        self._takeover = takeover
        self._looked = 0.0  # when pending events of others were last looked for
        self._known: set[str] = set()  # rooms whose stream has our group

    async def take(self) -> list[Entry]:
        """Events nobody had yet, and those a dead process left. Waits a second for some; none is an answer too."""
        rooms = await self._rooms()
        if not rooms:
            return []
        try:
            left = await self._take_over(rooms)
            return left or await self._take_new(rooms)
        except ResponseError as lost:
            if not str(lost).startswith("NOGROUP"):
                raise
            self._known.clear()  # Redis came back without its data; the next round makes the groups anew
            return []

    async def done(self, entries: Iterable[Entry]) -> dict[str, int]:
        """Events are where they belong. Answers, by room, up to which offset the whole group has everything."""
        by_room: dict[str, list[str]] = defaultdict(list)
        for entry in entries:
            by_room[entry.room].append(f"{entry.offset}-0")
        complete = {}
        for room, ids in by_room.items():
            await self._redis.xack(channels.log(room), self._group, *ids)
            offset = await self._complete(room)
            if offset is not None:
                complete[room] = offset
        return complete

    async def _rooms(self) -> list[str]:
        """Every room of our kind that ever spoke, each with our group on its stream."""
        names: Any = await self._redis.smembers(channels.ROOMS)
        rooms = [name for name in sorted(name.decode() for name in names) if channels.kind(name) == self._kind]
        for room in rooms:
            if room not in self._known:
                await self._join(room)
        return rooms

    async def _join(self, room: str) -> None:
        """Let our group read a stream from its very beginning."""
        try:
            await self._redis.xgroup_create(channels.log(room), self._group, id="0", mkstream=True)
        except ResponseError as there:
            if not str(there).startswith("BUSYGROUP"):
                raise
        self._known.add(room)

    async def _take_new(self, rooms: list[str]) -> list[Entry]:
        portions = [
            share[at : at + ROOMS_AT_ONCE]
            for share in self._redis.shares(rooms, channels.log)  # a command reads from one server
            for at in range(0, len(share), ROOMS_AT_ONCE)
        ]
        taken: list[Entry] = []
        for portion in portions:
            streams: dict[Any, Any] = {channels.log(room): ">" for room in portion}
            answer: Any = await self._redis.xreadgroup(
                self._group, self._name, streams, count=AT_ONCE, block=max(1, BLOCK // len(portions))
            )
            for key, rows in answer or ():
                taken += _entries(channels.room_of(key.decode()), rows)
        return taken

    async def _take_over(self, rooms: list[str]) -> list[Entry]:
        """What others took and did not finish in time. Looked for twice per takeover time, not at every breath."""
        now = time.monotonic()
        if now - self._looked < self._takeover / 2000:
            return []
        taken: list[Entry] = []
        for room in rooms:
            key = channels.log(room)
            # Redis itself strikes pending events off that were retracted meanwhile (XAUTOCLAIM since 7.0).
            _, rows, _ = await self._redis.xautoclaim(
                key, self._group, self._name, min_idle_time=self._takeover, count=AT_ONCE
            )
            taken += _entries(room, rows)
            await self._strike_off(key)
        if not taken:  # otherwise there may be more of it
            self._looked = now
        return taken

    async def _strike_off(self, key: str) -> None:
        for one in await self._redis.xinfo_consumers(key, self._group):
            if one["pending"] == 0 and one["idle"] > FORGET:
                await self._redis.xgroup_delconsumer(key, self._group, one["name"])

    async def _complete(self, room: str) -> int | None:
        """The offset up to which nothing is pending; None when that is just changing."""
        key = channels.log(room)
        if not await self._redis.exists(key):
            return None  # Redis came back without its data
        groups = {one["name"]: one for one in await self._redis.xinfo_groups(key)}
        group = groups.get(self._group.encode())
        if group is None:
            return None
        if group["pending"] == 0:
            return _offset(group["last-delivered-id"])
        pending = await self._redis.xpending(key, self._group)
        return _offset(pending["min"]) - 1 if pending["min"] else None


def _entries(room: str, rows: Iterable[tuple[bytes, Mapping[bytes, bytes] | None]]) -> list[Entry]:
    return [Entry(room, _offset(id), fields) for id, fields in rows if fields]


def _offset(id: bytes) -> int:
    return int(id.partition(b"-")[0])
