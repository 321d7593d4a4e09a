"""Who listens to what in this process, and what of it is known. It decides nothing about rights."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError

from realtime import channels, gestures, history, messages
from realtime.broadcast import Broadcast, in_python
from realtime.commands import After
from realtime.ear import Ear
from realtime.errors import Refused
from realtime.events import Hint, Tally, Typing, Viewers
from realtime.fanout import Fanout
from realtime.gestures import CROWDED
from realtime.history import Entry, Fit, Reading
from realtime.log import Log
from realtime.presence import Crowds, crowd_of
from realtime.room import Listener, Room
from realtime.stats import Stats
from realtime.whisper import Whisper
from realtime.writes import Expects

LINGER = 60.0  # seconds an empty room is kept warm
READERS = 32  # logs read at once; a resume storm must not take every connection to Redis
PATIENCE = 5.0  # seconds a join waits for Redis
TRIES = 3  # a join that misses a moving history so often is told to come again
ECHO = 1.0  # seconds; Redis tells a write within milliseconds, or its pub/sub is away
TALLIED_EVERY = 0.5  # seconds: a hall that votes changes a room's counts a hundred times a second
LONGEST_PAUSE = 1.0  # seconds between attempts to read a log

logger = logging.getLogger(__name__)


class Hub:
    """All rooms of one worker."""

    def __init__(
        self,
        log: Log,
        ear: Callable[[Callable[[bytes, bytes], None], Callable[[str], None]], Ear],
        stats: Stats,
        spawn: Callable[[Coroutine[Any, Any, None]], Any],
        own: Callable[[str, Sequence[Entry]], None] = lambda room, entries: None,
        crowds: Crowds | None = None,
        broadcast: Broadcast = in_python,
    ) -> None:
        """`ear` makes this worker's ear: what to call with what is heard, and with a channel that missed something.

        `spawn` starts a task that somebody else awaits; `own` gets the events that are for the workers alone, those of
        one reading together; `crowds` is told who is where, if somebody counts them; `broadcast` writes one frame to
        many.
        """
        self._own = own
        self._crowds = crowds
        self._whisper = Whisper(log, spawn)
        self._kept: set[str] = set()
        self._log = log
        self._stats = stats
        self._spawn = spawn
        self._rooms: dict[str, Room] = {}
        self._reads: dict[tuple[str, str, int], asyncio.Task[Reading]] = {}
        self._fanout = Fanout(stats, broadcast)
        self._readers = asyncio.Semaphore(READERS)
        self._loop = asyncio.get_running_loop()
        self.ear = ear(self._hear, self._doubt)

    @property
    def rooms(self) -> dict[str, int]:
        """How many listen to each room."""
        return {name: len(room.listeners) for name, room in self._rooms.items()}

    def look(self, name: str, part: str) -> bytes | None:
        """The event that a part of a room's state is now, as far as this worker knows the room."""
        room = self._rooms.get(name)
        found = room.history.state.get(part) if room is not None else None
        return found.event if found is not None else None

    def parts(self, name: str) -> list[str]:
        """The parts of a room's state, as far as this worker knows the room."""
        room = self._rooms.get(name)
        return list(room.history.state) if room is not None else []

    def group(self, name: str, group: str) -> list[bytes]:
        """The events of the parts of a room's state that are one person's, as far as this worker knows the room."""
        room = self._rooms.get(name)
        return room.history.group(group) if room is not None else []

    async def keep(self, name: str) -> None:
        """Know a room from now on, whoever listens; returns when it is known."""
        self._kept.add(name)
        while True:
            try:
                await self._warm(name)
                return
            except (RedisError, OSError, TimeoutError) as away:
                logger.warning("Room %s cannot be opened (%s); trying again.", name, away or type(away).__name__)
                await asyncio.sleep(LONGEST_PAUSE)

    def known(self, name: str) -> int:
        """Up to which offset a room is known here; 0 when nobody listens to it."""
        room = self._rooms.get(name)
        return room.history.offset if room is not None else 0

    async def reach(self, name: str, epoch: str, offset: int) -> None:
        """Until a room, if it is known here, is known up to an event; not for long, should it not be heard."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ECHO):
                while (room := self._rooms.get(name)) is not None and not room.history.reaches(epoch, offset):
                    await room.grew.wait()

    async def outgrow(self, expected: Iterable[Expects]) -> None:
        """Until nothing stands any more, as far as it is known here, that was expected to; not for long, as above."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ECHO):
                for one in expected:
                    while (room := self._rooms.get(one.room)) is not None and room.history.stands(one.part, one.at):
                        await room.grew.wait()

    def enter(self, listener: Listener, name: str, after: After | None) -> bytes | None:
        """Join a room that is warm: its state as JSON, or None when Redis has to be asked (then `join`)."""
        room = self._rooms.get(name)
        if room is None or room.busy is not None:
            return None
        state = room.history.answer(after)
        if state is not None:
            self._admit(room, listener)
        return state

    async def join(self, listener: Listener, name: str, after: After | None) -> bytes:
        """Join a room: its state as JSON. Raises Refused server.busy when Redis is away."""
        try:
            async with asyncio.timeout(PATIENCE):
                for _ in range(TRIES):
                    state = await self._try_to_join(listener, name, after)
                    if state is not None:
                        return state
        except (RedisError, OSError, TimeoutError) as away:
            logger.warning("Room %s could not be opened: %s", name, away or type(away).__name__)
        raise Refused("server.busy", retry_after=1.0)

    def leave(self, listener: Listener, name: str) -> None:
        """Listen to a room no longer."""
        room = self._rooms.get(name)
        if room is not None and listener in room.listeners:
            room.listeners.discard(listener)
            room.behind.pop(listener, None)
            self._count(name, listener, Crowds.left)
            if not room.listeners:
                room.empty_since = self._loop.time()

    def tell(self, hint: Hint) -> None:
        """Tell what is not stored, to everybody in the room, wherever they are; lost when nobody listens."""
        room = self._rooms.get(hint.room)
        crowded = room is not None and (room.viewers or 0) > CROWDED
        if not (crowded and isinstance(hint, Typing)):
            self._whisper.tell(hint)

    def viewers(self, name: str) -> int | None:
        """How many persons are in a room, as far as this worker knows."""
        room = self._rooms.get(name)
        return room.viewers if room is not None else None

    def counted(self, name: str, count: int) -> None:
        """So many persons are in a room, as everybody was told; those here who heard another number hear this one."""
        room = self._rooms.get(name)
        if room is not None and room.viewers != count:
            room.viewers = count
            self._show(room, Viewers(name, count))

    def drained(self, listener: Listener, rooms: Iterable[str]) -> None:
        """A slow socket has space again."""
        for name in sorted(rooms):  # a story replays to the letter
            room = self._rooms.get(name)
            if room is not None:
                self._fanout.catch_up(room, listener)

    def sweep(self, now: float) -> None:
        """Let rooms go that have been empty for a while."""
        for name, room in list(self._rooms.items()):
            unused = not room.listeners and room.busy is None and name not in self._kept
            if unused and now - room.empty_since > LINGER:
                del self._rooms[name]
                self.ear.unsubscribe(channels.live(name))

    def close(self) -> None:
        """Stop asking Redis: this worker leaves."""
        for task in (*(room.busy for room in self._rooms.values()), *self._reads.values()):
            if task is not None:
                task.cancel()

    async def _try_to_join(self, listener: Listener, name: str, after: After | None) -> bytes | None:
        room = await self._warm(name)
        state = self.enter(listener, name, after)
        if state is not None or after is None or room.busy is not None:
            return state
        reading = await self._read(name, after.epoch, after.offset)
        if room.busy is not None or self._rooms.get(name) is not room:
            return None  # it was read or let go meanwhile
        state = room.history.answer_from(reading)
        if state is None:
            self._heal(room)
        else:
            self._admit(room, listener)
        return state

    def _admit(self, room: Room, listener: Listener) -> None:
        if listener not in room.listeners:
            self._count(room.history.room, listener, Crowds.came)
        room.admit(listener)

    def _count(self, name: str, listener: Listener, moved: Callable[[Crowds, str, int], None]) -> None:
        crowd, person = crowd_of(name), listener.person
        if self._crowds is not None and crowd is not None and person is not None:
            moved(self._crowds, crowd, person)

    # What is heard

    def _hear(self, channel: bytes, payload: bytes) -> None:
        room = self._rooms.get(channels.room_of(channel.decode()))
        if room is None:
            return  # the last words after an unsubscribe
        if payload.startswith(messages.WHISPER):
            self._overhear(room, payload)
            return
        self._stats.events += 1
        epoch, entry = history.heard(payload)
        if room.busy is not None:
            room.held.append((epoch, entry))
        elif not self._take(room, epoch, entry):
            room.held.append((epoch, entry))
            self._heal(room)

    def _overhear(self, room: Room, payload: bytes) -> None:
        hint = messages.hinted(payload)
        if isinstance(hint, Viewers):
            room.viewers = hint.count
        shown = gestures.heard(hint, self.look) if hint is not None else None
        if shown is not None:
            self._show(room, shown)

    def _show(self, room: Room, hint: Hint) -> None:
        if room.listeners:
            room.hint(hint)
            if isinstance(hint, Tally):
                self._plan_tally(room)
            else:
                self._fanout.plan(room)

    def _plan_tally(self, room: Room) -> None:
        """At once, or when the pause after the one before is over; events that come sooner take it along."""
        now = self._loop.time()
        if room.tally_at <= now - TALLIED_EVERY:
            room.tally_at = now
            self._fanout.plan(room)
        elif room.tally_at <= now:
            room.tally_at += TALLIED_EVERY
            self._loop.call_at(room.tally_at, self._fanout.plan, room)

    def _take(self, room: Room, epoch: str, entry: Entry) -> bool:
        fit = room.history.take(epoch, entry)
        if fit is Fit.NEXT:
            self._grow(room)
            self._fanout.plan(room)
            if entry.own:
                self._own(room.history.room, [entry])
        elif fit is not Fit.KNOWN:
            self._stats.gaps += 1
        return fit in (Fit.NEXT, Fit.KNOWN)

    def _grow(self, room: Room) -> None:
        room.grew.set()
        room.grew.clear()

    # Reading the log

    async def _warm(self, name: str) -> Room:
        """The room, listened to and read; however many come at once, Redis is asked once."""
        room = self._rooms.get(name)
        if room is None:
            room = self._rooms[name] = Room(name)
            room.empty_since = self._loop.time()
            room.busy = self._loop.create_task(self._open(room))
            room.busy.add_done_callback(_seen)
        if room.busy is not None:
            await asyncio.shield(room.busy)
        return room

    async def _open(self, room: Room) -> None:
        name = room.history.room
        try:
            await self.ear.subscribe(channels.live(name))
            async with self._readers:
                room.held.clear()  # what was heard before the reading began is in it
                reading = await self._log.read(name)
            room.history.start(reading)
            self._act_on(room, reading.state)
        except BaseException:
            del self._rooms[name]
            self.ear.unsubscribe(channels.live(name))
            raise
        self._ready(room)

    async def _read(self, name: str, epoch: str, after: int) -> Reading:
        key = (name, epoch, after)
        task = self._reads.get(key)
        if task is None:
            task = self._reads[key] = self._loop.create_task(self._read_log(name, epoch, after))
            task.add_done_callback(lambda _: self._reads.pop(key))
            task.add_done_callback(_seen)
        return await asyncio.shield(task)

    async def _read_log(self, name: str, epoch: str, after: int) -> Reading:
        async with self._readers:
            return await self._log.read(name, epoch=epoch, after=after)

    def _doubt(self, channel: str) -> None:
        room = self._rooms.get(channels.room_of(channel))
        if room is not None:
            self._heal(room)

    def _heal(self, room: Room) -> None:
        if room.busy is not None:
            room.doubted = True
            return
        room.busy = self._loop.create_task(self._mend(room))
        self._spawn(_outcome(room.busy))

    async def _mend(self, room: Room) -> None:
        """Read what was not heard, until it was read."""
        known, pause = room.history, 0.0
        while True:
            try:
                async with self._readers:
                    room.held.clear()  # what was heard before the reading began is in it
                    heard = tuple(known.heard)
                    reading = await self._log.read(known.room, epoch=known.epoch, after=known.offset, heard=heard)
                break
            except (RedisError, OSError, TimeoutError) as away:
                logger.warning("The log of %s cannot be read (%s); trying again.", known.room, away)
                pause = min(LONGEST_PAUSE, pause * 2 or 0.05)
                await asyncio.sleep(pause)
        if known.catch_up(reading):
            self._fanout.plan(room)
            self._act_on(room, reading.entries)
        else:
            # Another life, or too long a gap: everyone asks again and is answered from the new history.
            known.start(reading)
            self._act_on(room, reading.state)
            self._fanout.send_back(room)
        self._ready(room)

    def _act_on(self, room: Room, entries: Iterable[Entry]) -> None:
        own = [entry for entry in entries if entry.own]
        if own:
            self._own(room.history.room, own)

    def _ready(self, room: Room) -> None:
        """The log was read: what was heard meanwhile comes behind it."""
        room.busy = None
        self._grow(room)
        if room.doubted:
            room.doubted = False
            self._heal(room)
            return
        held, room.held = room.held, []
        for i, (epoch, entry) in enumerate(held):
            if not self._take(room, epoch, entry):
                room.held = held[i:]
                self._heal(room)
                return


async def _outcome(task: asyncio.Task[None]) -> None:
    """Let the owner of the worker's tasks hear of a failure."""
    await task


def _seen(task: asyncio.Task[Any]) -> None:
    """Whoever waits for this task gets its exception; if they all left meanwhile, it is of no use to anybody."""
    if not task.cancelled():
        task.exception()
