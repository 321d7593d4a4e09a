"""Reads the live rooms as one consumer group: every event is taken by somebody, and again if that somebody dies.

It never decides what an event means. An event stays pending until it is `done`; what a dead process had pending is
taken over after a while. So events come at least once and, after a death, not in order. In a cluster the rooms of a
master that is away come later, and those of the others do not wait for it.
"""

import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import ConnectionError, ResponseError, TimeoutError

from realtime import channels
from realtime.engine import Address, Engine

AT_ONCE = 200  # events of one room in one answer; keeps it under half a megabyte
ROOMS_AT_ONCE = 100  # streams in one round trip; they may all be full
TAKEOVER = 30_000  # milliseconds after which a pending event counts as left by a dead process
FORGET = 3_600_000  # milliseconds of silence after which the name of a dead process is struck off
LISTED_EVERY = 1.0  # seconds between two looks for rooms that are new
SHORTEST_REST = 0.2  # seconds in which a room without news is not asked again; doubled each time
LONGEST_REST = 15.0  # seconds; inboxes are many and quiet, and their stream keeps what waits


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a room. `fields` are the stream's (realtime/log.py); e is the event's JSON, x the stream's life."""

    room: str
    offset: int
    fields: Mapping[bytes, bytes]


class Reader:
    """One member of a consumer group over all rooms."""

    def __init__(
        self, redis: Engine, *, group: str, name: str, takeover: int = TAKEOVER, rest: float = LONGEST_REST
    ) -> None:
        """`name` must be this process's own; `takeover` is in milliseconds, the longest `rest` of a room in seconds."""
        self._rest = rest
        self._redis = redis
        self._group = group
        self._name = name
        self._takeover = takeover
        self._looked = 0.0  # when pending events of others were last looked for
        self._known: set[str] = set()  # rooms whose stream has our group
        self._listed: list[str] = []  # rooms on the list when it was read last
        self._listed_at = -LISTED_EVERY
        self._struck_at = time.monotonic()  # when names of dead processes were last looked for
        self._rests: dict[str, tuple[float, float]] = {}  # room -> until when it is not asked, and for how long
        self._away: dict[Address | None, Exception] = {}  # who could not be reached in this round, and why

    async def take(self) -> list[Entry]:
        """Events nobody had yet, and those a dead process left; perhaps none. Raises ConnectionError, TimeoutError."""
        self._away.clear()
        rooms = await self._rooms()
        try:
            taken = await self._take_over(rooms) or await self._take_new(rooms)
        except ResponseError as lost:
            if not str(lost).startswith("NOGROUP"):
                raise
            self._known.clear()  # Redis came back without its data; the next round makes the groups anew
            return []
        if self._away and not taken:
            raise next(iter(self._away.values()))
        return taken

    async def done(self, entries: Iterable[Entry]) -> dict[str, int]:
        """Events are where they belong. Answers, by room, up to which offset the whole group has everything."""
        by_room: dict[str, list[str]] = defaultdict(list)
        for entry in entries:
            by_room[entry.room].append(f"{entry.offset}-0")
        complete = {}
        for room, ids in by_room.items():
            with self._others_go_on(channels.log(room)):  # what cannot be noted comes again
                await self._redis.xack(channels.log(room), self._group, *ids)
                offset = await self._complete(room)
                if offset is not None:
                    complete[room] = offset
        return complete

    async def _rooms(self) -> list[str]:
        """Every room that ever spoke, each with our group on its stream."""
        now = time.monotonic()
        if now - self._listed_at >= min(LISTED_EVERY, self._rest):
            with self._others_go_on(channels.ROOMS):
                names: Any = await self._redis.smembers(channels.ROOMS)
                self._listed = sorted(name for name in map(bytes.decode, names) if channels.kind(name) is not None)
                self._listed_at = now
        for room in self._listed:
            if room not in self._known and self._reached(room):
                with self._others_go_on(channels.log(room)):
                    await self._join(room)
        return [room for room in self._listed if room in self._known and self._reached(room)]

    async def _join(self, room: str) -> None:
        """Let our group read a stream from its very beginning."""
        try:
            await self._redis.xgroup_create(channels.log(room), self._group, id="0", mkstream=True)
        except ResponseError as there:
            if not str(there).startswith("BUSYGROUP"):
                raise
        self._known.add(room)

    async def _take_new(self, rooms: list[str]) -> list[Entry]:
        """A command each: those of a cluster read streams of one slot only, and a pipeline cannot wait for events."""
        now = time.monotonic()
        taken: list[Entry] = []
        read = ("XREADGROUP", "GROUP", self._group, self._name, "COUNT", AT_ONCE, "STREAMS")
        due = [room for room in rooms if self._rests.get(room, (now, 0.0))[0] <= now]
        async for room, answer in self._ask(due, lambda key: (*read, key, ">")):
            if answer:
                self._rests.pop(room, None)
            else:
                rest = min(self._rest, 2 * self._rests.get(room, (0.0, SHORTEST_REST / 2))[1])
                self._rests[room] = now + rest, rest
            for _, rows in answer or ():
                taken += _entries(room, rows)
        return taken

    async def _take_over(self, rooms: list[str]) -> list[Entry]:
        """What others took and did not finish in time. Looked for twice per takeover time, not at every breath."""
        now = time.monotonic()
        if now - self._looked < self._takeover / 2000:
            return []
        taken: list[Entry] = []
        claim = (self._group, self._name, self._takeover, "0-0", "COUNT", AT_ONCE)
        # Redis itself strikes pending events off that were retracted meanwhile (XAUTOCLAIM since 7.0).
        async for room, (_, rows, _) in self._ask(rooms, lambda key: ("XAUTOCLAIM", key, *claim)):
            taken += _entries(room, rows)
        if not taken:  # otherwise there may be more of it
            self._looked = now
            await self._strike_off(rooms)
        return taken

    async def _strike_off(self, rooms: list[str]) -> None:
        now = time.monotonic()
        if now - self._struck_at < FORGET / 1000:
            return
        self._struck_at = now
        for room in filter(self._reached, rooms):
            key = channels.log(room)
            with self._others_go_on(key):
                for one in await self._redis.xinfo_consumers(key, self._group):
                    if one["pending"] == 0 and one["idle"] > FORGET:
                        await self._redis.xgroup_delconsumer(key, self._group, one["name"])

    async def _ask(self, rooms: list[str], words: Callable[[str], Sequence[Any]]) -> AsyncIterator[tuple[str, Any]]:
        """A command about each room's stream, many in one round trip, and its answer."""
        for at in range(0, len(rooms), ROOMS_AT_ONCE):
            keys = {channels.log(room): room for room in rooms[at : at + ROOMS_AT_ONCE]}
            answers = await self._redis.together([(key, words(key)) for key in keys])
            for (key, room), answer in zip(keys.items(), answers, strict=True):
                with self._others_go_on(key):
                    if isinstance(answer, Exception):
                        raise answer
                    yield room, answer

    @contextlib.contextmanager
    def _others_go_on(self, key: str) -> Iterator[None]:
        """When the owner of a key is away, note it; a server that is the only one has no others."""
        try:
            yield
        except (ConnectionError, TimeoutError) as away:
            if len(self._redis.masters) <= 1:
                raise
            self._away[self._redis.owner_of(key)] = away

    def _reached(self, room: str) -> bool:
        return self._redis.owner_of(channels.log(room)) not in self._away

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
