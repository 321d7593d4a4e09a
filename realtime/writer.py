"""All writes of one process, in the order they came, many in one round trip. It knows no rooms and no rights."""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Hashable, Sequence

from redis.exceptions import ConnectionError, RedisError

from realtime.errors import Refused
from realtime.log import Log
from realtime.writes import Placed, Write

BATCH = 512  # writes in one pipeline; keeps Redis' answers under 100 KB
WAITING = 20_000  # writes; more than that means that Redis is away, and honest refusals are better than memory
PATIENCE = 5.0  # seconds a write may wait for a Redis that is away
FIRST_PAUSE = 0.05  # seconds between attempts; doubled each time
LONGEST_PAUSE = 1.0  # seconds

logger = logging.getLogger(__name__)


class Writer:
    """Writes of one room keep their order: they wait in one lane, and a lane has one pipeline at a time.

    While it travels the next one fills up. A write that Redis did not answer is sent again with its key, which changes
    nothing if it had arrived. Lanes do not wait for each other: there is one for each server, and one may be away.
    """

    def __init__(self, log: Log, *, lane: Callable[[str], Hashable] = lambda room: None) -> None:
        """`lane` names the server that holds a room; it may change."""
        self._log = log
        self._name = lane
        self._lanes: dict[Hashable, _Lane] = {}
        self._made = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Writes not answered yet."""
        return sum(len(lane.queue) for lane in self._lanes.values())

    def submit(self, write: Write) -> asyncio.Future[Placed]:
        """A future of the write's place; it raises Refused, server.busy among others. Raises Refused when full."""
        if self.waiting >= WAITING:
            raise Refused("server.busy", retry_after=PATIENCE)
        return self._lane(write.room).submit(write)

    async def run(self) -> None:
        """Write until cancelled."""
        running: set[_Lane] = set()
        async with asyncio.TaskGroup() as tasks:
            while True:
                for lane in set(self._lanes.values()) - running:
                    running.add(lane)
                    tasks.create_task(lane.run())
                self._made.clear()
                await self._made.wait()

    def _lane(self, room: str) -> "_Lane":
        # What waits of this room goes first, even if another server holds the room by now.
        for lane in self._lanes.values():
            if room in lane.rooms:
                return lane
        name = self._name(room)
        if name not in self._lanes:
            self._lanes[name] = _Lane(self._log)
            self._made.set()
        return self._lanes[name]


class _Lane:
    """Writes that travel together."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.queue: deque[tuple[Write, float, asyncio.Future[Placed]]] = deque()
        self.rooms: Counter[str] = Counter()  # how many writes of each wait here
        self._filled = asyncio.Event()

    def submit(self, write: Write) -> asyncio.Future[Placed]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Placed] = loop.create_future()
        self.queue.append((write, loop.time() + PATIENCE, future))
        self.rooms[write.room] += 1
        self._filled.set()
        return future

    async def run(self) -> None:
        pause = 0.0
        while True:
            await self._filled.wait()
            batch = [self.queue[i] for i in range(min(BATCH, len(self.queue)))]
            results = await self._log.write([write for write, _, _ in batch])
            unanswered = self._take(batch, results)
            if not unanswered:
                pause = 0.0
                continue
            if not pause:
                logger.warning("Redis does not take writes (%s); trying again.", unanswered[0])
            # When some were taken, only a few rooms are changing hands, and the others shall not wait for them.
            pause = FIRST_PAUSE if len(unanswered) < len(batch) else min(LONGEST_PAUSE, pause * 2 or FIRST_PAUSE)
            self._give_up_the_late()
            await asyncio.sleep(pause)

    def _take(
        self, batch: Sequence[tuple[Write, float, asyncio.Future[Placed]]], results: Sequence[Placed | Exception]
    ) -> list[Exception]:
        """Answer those that were; the others stay in front, in their order. Answers what Redis said of these."""
        unanswered: list[tuple[Write, float, asyncio.Future[Placed]]] = []
        why: list[Exception] = []
        for one, result in zip(batch, results, strict=True):
            self.queue.popleft()
            if isinstance(result, ConnectionError):
                unanswered.append(one)
                why.append(result)
            else:
                self._forget(one[0])
                _settle(one[2], result)
        self.queue.extendleft(reversed(unanswered))
        if not self.queue:
            self._filled.clear()
        return why

    def _give_up_the_late(self) -> None:
        now = asyncio.get_running_loop().time()
        while self.queue and self.queue[0][1] < now:
            write, _, future = self.queue.popleft()
            self._forget(write)
            if not future.done():
                future.set_exception(Refused("server.busy", retry_after=2.0))
        if not self.queue:
            self._filled.clear()

    def _forget(self, write: Write) -> None:
        self.rooms[write.room] -= 1
        if not self.rooms[write.room]:
            del self.rooms[write.room]


def _settle(future: asyncio.Future[Placed], result: Placed | Exception) -> None:
    if future.done():
        return
    if isinstance(result, RedisError):
        # Out of memory, disk full, a replica: Redis says it did not store this, so neither do we.
        logger.error("Redis refused a write: %s", result)
        future.set_exception(Refused("server.busy", retry_after=2.0))
    elif isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
