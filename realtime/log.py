"""A room's history in a Redis stream: append, retract, read, trim. It decides nothing about people."""

import asyncio
import contextlib
import hashlib
import logging
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError, NoScriptError, RedisError

from realtime import channels
from realtime.errors import Refused
from realtime.history import HOT, Entry, Reading

KEEP = 5000  # events of one room kept in Redis; a day of the busiest chat
REMEMBER = 86_400  # seconds a key is known: a laptop closed overnight resends in the morning
CATCH_UP = 500  # events; whoever missed more is shown the room anew
NEWCOMER = HOT  # events read for a room that was cold
BATCH = 512  # writes in one pipeline; keeps Redis' answers under 100 KB
WAITING = 20_000  # writes; more than that means that Redis is away, and honest refusals are better than memory
PATIENCE = 5.0  # seconds a write may wait for a Redis that is away

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def one_kind_of_away() -> Iterator[None]:
    """Redis being away is always a ConnectionError: uvloop says RuntimeError when a wire is cut under a write."""
    try:
        yield
    except RuntimeError as closed:
        raise ConnectionError(str(closed)) from closed


class Script:
    """A Lua script beside this file, with the name Redis caches it under."""

    def __init__(self, name: str) -> None:
        """Read it once, at start."""
        self.text = (Path(__file__).parent / name).read_text()
        self.sha = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, redis: Redis, keys: list[str], args: list[Any]) -> Any:
        """Run it; a Redis that restarted has forgotten it and is told again."""
        with one_kind_of_away():
            try:
                return await redis.evalsha(self.sha, len(keys), *keys, *args)
            except NoScriptError:
                return await redis.eval(self.text, len(keys), *keys, *args)


APPEND = Script("append.lua")
RETRACT = Script("retract.lua")
READ = Script("read.lua")
ARCHIVED = Script("archived.lua")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an event stands; offset 0: there was nothing to do."""

    epoch: str
    offset: int


@dataclass(frozen=True, slots=True)
class Write:
    """One wish to append (body) or to retract (target, author as in session.Retract)."""

    room: str
    user: int
    key: str
    body: bytes
    target: int = 0
    author: int | None = None


async def append(redis: Redis, write: Write) -> Placed:
    """Carry out one write at once. Raises Refused as placed() does, and RedisError when Redis is away."""
    script, keys, args = _call(write)
    with one_kind_of_away():
        await redis.sadd(channels.ROOMS, write.room)
    return placed(await script(redis, keys, args))


async def read(redis: Redis, room: str, *, epoch: str = "", after: int = 0, heard: bool = False) -> Reading:
    """What came in a room after an offset of an epoch, or its newest events.

    `heard`: this process heard the offset from Redis; if the log does not reach so far, it lost writes.
    """
    keys = [channels.log(room), channels.meta(room)]
    found = await READ(redis, keys, [_new_epoch(), epoch, after, CATCH_UP, NEWCOMER, int(heard)])
    life, top, resumed, floor, rows = found
    entries = [Entry(offset, int(retracts or 0), event) for offset, retracts, event in rows]
    if resumed:
        floor = after
    elif len(entries) == NEWCOMER:
        floor = entries[0].offset - 1  # there may be older ones
    return Reading(epoch=life.decode(), top=top, resumed=bool(resumed), floor=floor, entries=entries)


async def mark_archived(redis: Redis, room: str, *, epoch: str, offset: int) -> None:
    """Tell the trimmer that Postgres has everything of this room up to the offset."""
    await ARCHIVED(redis, [channels.meta(room)], [epoch, offset])


def placed(result: Any) -> Placed:
    """What a script answered. Raises Refused chat.no_such_message or chat.not_yours."""
    status, epoch, offset = result
    match status:
        case b"unknown":
            raise Refused("chat.no_such_message", field="target")
        case b"foreign":
            raise Refused("chat.not_yours", field="target")
    return Placed(epoch.decode(), offset)


class Writer:
    """All writes of one process, in the order they came, many in one round trip.

    One pipeline at a time keeps the order of each visitor's messages; while it travels the next one fills up.
    A write that Redis did not answer is sent again with its key, which changes nothing if it had arrived.
    """

    def __init__(self, redis: Redis) -> None:
        """The client must have a socket timeout, or a frozen Redis would hold the queue for ever."""
        self._redis = redis
        self._queue: deque[tuple[Write, float, asyncio.Future[Placed]]] = deque()
        self._filled = asyncio.Event()
        self._registered: set[str] = set()

    @property
    def waiting(self) -> int:
        """Writes not answered yet."""
        return len(self._queue)

    def submit(self, write: Write) -> asyncio.Future[Placed]:
        """A future of the write's place; it raises Refused, server.busy among others. Raises Refused when full."""
        if len(self._queue) >= WAITING:
            raise Refused("server.busy", retry_after=PATIENCE)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Placed] = loop.create_future()
        self._queue.append((write, loop.time() + PATIENCE, future))
        self._filled.set()
        return future

    async def run(self) -> None:
        """Write until cancelled."""
        pause = 0.0
        while True:
            await self._filled.wait()
            batch = [self._queue[i] for i in range(min(BATCH, len(self._queue)))]
            try:
                with one_kind_of_away():
                    results = await self._send([write for write, _, _ in batch])
            except (RedisError, OSError, TimeoutError) as away:
                if not pause:
                    logger.warning("Redis does not take writes (%s); trying again.", away)
                pause = min(1.0, pause * 2 or 0.05)
                self._give_up_the_late()
                await asyncio.sleep(pause)
                continue
            pause = 0.0
            for _, result in zip(batch, results, strict=True):
                _, _, future = self._queue.popleft()
                _settle(future, result)
            if not self._queue:
                self._filled.clear()

    async def _send(self, writes: Sequence[Write]) -> list[Any]:
        """The scripts' answers, in order; a ResponseError in the place of one that Redis refused."""
        new = {write.room for write in writes} - self._registered
        if new:
            # Before the first event of a room is acknowledged, the archive must be able to find the room.
            await self._redis.sadd(channels.ROOMS, *new)
            self._registered |= new
        results = await self._pipe(writes)
        if any(isinstance(result, NoScriptError) for result in results):
            await self._redis.script_load(APPEND.text)
            await self._redis.script_load(RETRACT.text)
            results = await self._pipe(writes)
        born = {
            write.room
            for write, result in zip(writes, results, strict=True)
            if not isinstance(result, RedisError) and result[2] == 1
        }
        if born - new:
            await self._redis.sadd(channels.ROOMS, *born)  # Redis began anew and has forgotten the rooms
        return results

    async def _pipe(self, writes: Sequence[Write]) -> list[Any]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for write in writes:
                script, keys, args = _call(write)
                pipe.evalsha(script.sha, len(keys), *keys, *args)
            return await pipe.execute(raise_on_error=False)

    def _give_up_the_late(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._queue and self._queue[0][1] < now:
            _, _, future = self._queue.popleft()
            if not future.done():
                future.set_exception(Refused("server.busy", retry_after=2.0))
        if not self._queue:
            self._filled.clear()


def _settle(future: asyncio.Future[Placed], result: Any) -> None:
    if future.done():
        return
    if isinstance(result, RedisError):
        # Out of memory, disk full, a replica: Redis says it did not store this, so neither do we.
        logger.error("Redis refused a write: %s", result)
        future.set_exception(Refused("server.busy", retry_after=2.0))
        return
    try:
        future.set_result(placed(result))
    except Refused as no:
        future.set_exception(no)


def _call(write: Write) -> tuple[Script, list[str], list[Any]]:
    room = write.room
    once = channels.once(room, "retract" if write.target else "append", write.user, write.key)
    keys = [channels.log(room), channels.meta(room), once, channels.live(room)]
    if write.target:
        author = "" if write.author is None else write.author
        args = [room, write.user, write.body, write.target, author, REMEMBER]
        return RETRACT, keys, args
    return APPEND, keys, [room, write.user, write.body, _new_epoch(), KEEP, REMEMBER]


def _new_epoch() -> str:
    return uuid.uuid4().hex[:12]
