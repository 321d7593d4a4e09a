"""All writes of one process, in the order they came, many in one round trip. It knows no rooms and no rights."""

import asyncio
import logging
from collections import deque

from redis.exceptions import RedisError

from realtime.errors import Refused
from realtime.log import Log
from realtime.writes import Placed, Write

BATCH = 512  # writes in one pipeline; keeps Redis' answers under 100 KB
WAITING = 20_000  # writes; more than that means that Redis is away, and honest refusals are better than memory
PATIENCE = 5.0  # seconds a write may wait for a Redis that is away

logger = logging.getLogger(__name__)


class Writer:
    """One pipeline at a time keeps the order of each visitor's messages; while it travels the next one fills up.

    A write that Redis did not answer is sent again with its key, which changes nothing if it had arrived.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._queue: deque[tuple[Write, float, asyncio.Future[Placed]]] = deque()
        self._filled = asyncio.Event()

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
                results = await self._log.write([write for write, _, _ in batch])
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

    def _give_up_the_late(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._queue and self._queue[0][1] < now:
            _, _, future = self._queue.popleft()
            if not future.done():
                future.set_exception(Refused("server.busy", retry_after=2.0))
        if not self._queue:
            self._filled.clear()


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
