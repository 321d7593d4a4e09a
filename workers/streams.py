"""Reads the live rooms as one consumer group: every event is taken by somebody, and again if that somebody dies.

It never decides what an event means. An event stays pending until it is `done`; what a dead process had pending is
taken over after a while. So events come at least once and, after a death, not in order. In a cluster the rooms of a
master that is away come later, and those of the others do not wait for it. What is taken at once is bounded, and who
was asked last is asked last again: after a long outage every room gets its turn.
"""

import contextlib
import logging
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import ConnectionError, ResponseError, TimeoutError

from realtime import channels
from realtime.engine import Address, Engine

AT_ONCE = 100  # events of one room in one answer; under 50 KB as people write, under a megabyte at worst
ROOMS_AT_ONCE = 25  # streams in one round trip; they may all be full
MOST_ROOMS = 200  # with events, taken at once: each costs some round trips when it is done
MOST_BYTES = 1 << 20  # taken at once, and what one round trip brings above it: a transaction of a second
TAKEOVER = 30_000  # milliseconds after which a pending event counts as left by a dead process
FORGET = 3_600_000  # milliseconds of silence after which the name of a dead process is struck off
LISTED_EVERY = 1.0  # seconds between two looks for rooms that are new
SHORTEST_REST = 0.2  # seconds in which a room without news is not asked again; doubled each time
LONGEST_REST = 15.0  # seconds; inboxes are many and quiet, and their stream keeps what waits
REST_OF_QUESTIONS = 1.0  # seconds; these rooms are few, and pages show what the archive has of them
PUT_OFF = 30.0  # seconds in which a room that failed is left alone; doubled each time
LONGEST_PUT_OFF = 300.0  # seconds

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a room. `fields` are the stream's (realtime/log.py); e is the event's JSON, x the stream's life."""

    room: str
    offset: int
    fields: Mapping[bytes, bytes]


class Reader:
    """One member of a consumer group over all rooms."""

    def __init__(
        self,
        redis: Engine,
        *,
        group: str,
        name: str,
        takeover: int = TAKEOVER,
        rest: float = LONGEST_REST,
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
        self._failed: dict[str, tuple[float, float]] = {}  # room -> until when it is left alone, and for how long
        self._last = {">": "", "0": ""}  # the room that was asked last for what is new, and for what others left
        self._took_over = False  # in the round before
        self._away: dict[Address | None, Exception] = {}  # who could not be reached in this round, and why

    async def take(self) -> list[Entry]:
        """Events nobody had yet, or that a dead process left; perhaps none. Raises ConnectionError, TimeoutError."""
        self._away.clear()
        rooms = await self._rooms()
        # What was left, if it fails again and again, must not keep anybody from what is new.
        taken = [] if self._took_over else await self._take_over(rooms)
        self._took_over = bool(taken)
        taken = taken or await self._take_new(rooms)
        if self._away and not taken:
            raise next(iter(self._away.values()))
        return taken

    def put_off(self, room: str) -> float:
        """What was taken of a room could not be kept: it stays pending, and the room alone. For how many seconds."""
        seconds = min(LONGEST_PUT_OFF, 2 * self._failed.get(room, (0.0, PUT_OFF / 2))[1])
        self._failed[room] = time.monotonic() + seconds, seconds
        return seconds

    async def done(self, entries: Iterable[Entry]) -> dict[str, int]:
        """Events are where they belong. Answers, by room, up to which offset the whole group has everything."""
        by_room: dict[str, list[str]] = defaultdict(list)
        for entry in entries:
            by_room[entry.room].append(f"{entry.offset}-0")
        complete = {}
        for room, ids in by_room.items():
            self._failed.pop(room, None)
            with self._others_go_on(channels.log(room), room):  # what cannot be noted comes again
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
                with self._others_go_on(channels.log(room), room):
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
        due = [room for room in rooms if self._rests.get(room, (now, 0.0))[0] <= now]
        read = ("XREADGROUP", "GROUP", self._group, self._name, "COUNT", AT_ONCE, "STREAMS")

        def rows(room: str, answer: Any) -> list[Any]:
            if answer:
                self._rests.pop(room, None)
                return list(answer[0][1])
            longest = REST_OF_QUESTIONS if channels.kind(room) == "questions" else LONGEST_REST
            rest = min(self._rest, longest, 2 * self._rests.get(room, (0.0, SHORTEST_REST / 2))[1])
            self._rests[room] = now + rest, rest
            return []

        return await self._collect(">", due, lambda key: (*read, key, ">"), rows)

    async def _take_over(self, rooms: list[str]) -> list[Entry]:
        """What others took and did not finish in time. Looked for twice per takeover time, not at every breath."""
        now = time.monotonic()
        if now - self._looked < self._takeover / 2000:
            return []
        claim = (self._group, self._name, self._takeover, "0-0", "COUNT", AT_ONCE)
        # Redis itself strikes pending events off that were retracted meanwhile (XAUTOCLAIM since 7.0).
        taken = await self._collect("0", rooms, lambda key: ("XAUTOCLAIM", key, *claim), lambda room, answer: answer[1])
        if not taken:  # otherwise there may be more of it
            self._looked = now
            await self._strike_off(rooms)
        return taken

    async def _collect(
        self,
        kind: str,
        rooms: list[str],
        words: Callable[[str], Sequence[Any]],
        rows: Callable[[str, Any], Iterable[Any]],
    ) -> list[Entry]:
        """Ask rooms in turn, from the one behind who was asked last, until it is enough for once."""
        first = bisect_right(rooms, self._last[kind])
        turn = rooms[first:] + rooms[:first]
        taken: list[Entry] = []
        full = size = at = 0
        while at < len(turn) and full < MOST_ROOMS and size < MOST_BYTES:
            some = turn[at : at + min(ROOMS_AT_ONCE, MOST_ROOMS - full)]
            for room, answer in await self._ask(some, words):
                found = _entries(room, rows(room, answer))
                taken += found
                full += bool(found)
                size += sum(len(value) for entry in found for value in entry.fields.values())
            at += len(some)
            self._last[kind] = some[-1]
        return taken

    async def _strike_off(self, rooms: list[str]) -> None:
        now = time.monotonic()
        if now - self._struck_at < FORGET / 1000:
            return
        self._struck_at = now
        for room in filter(self._reached, rooms):
            key = channels.log(room)
            with self._others_go_on(key, room):
                for one in await self._redis.xinfo_consumers(key, self._group):
                    if one["pending"] == 0 and one["idle"] > FORGET:
                        await self._redis.xgroup_delconsumer(key, self._group, one["name"])

    async def _ask(self, rooms: list[str], words: Callable[[str], Sequence[Any]]) -> list[tuple[str, Any]]:
        """A command about each room's stream, all in one round trip, and the answers that came.

        Replicas have it before we do: what a failover takes back must not be remembered.
        """
        keys = [channels.log(room) for room in rooms]
        said = []
        for room, key, answer in zip(
            rooms,
            keys,
            await self._redis.together([(key, words(key)) for key in keys], replicas=self._redis.replicas),
            strict=True,
        ):
            with self._others_go_on(key, room):
                if isinstance(answer, Exception):
                    raise answer
                said.append((room, answer))
        return said

    @contextlib.contextmanager
    def _others_go_on(self, key: str, room: str = "") -> Iterator[None]:
        """What is wrong with one room, or with the owner of its key, is noted; a server that is the only one has none
        beside it.
        """
        try:
            yield
        except (ConnectionError, TimeoutError) as away:
            if len(self._redis.masters) <= 1:
                raise
            self._away[self._redis.owner_of(key)] = away
        except ResponseError as wrong:
            if room and str(wrong).startswith("NOGROUP"):
                self._known.discard(room)  # Redis came back without its data; the next round makes the group anew
            elif room and str(wrong).startswith("WRONGTYPE"):
                logger.error("Room %s has no stream (%s). Again in %.0f s.", room, wrong, self.put_off(room))
            else:
                raise

    def _reached(self, room: str) -> bool:
        """Whether a room can be asked: its owner is not away, and it did not fail lately."""
        if self._failed.get(room, (0.0, 0.0))[0] > time.monotonic():
            return False
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
