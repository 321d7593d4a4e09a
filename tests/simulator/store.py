"""Redis as one worker reaches it: late, away, silent, forgetful. What it holds is realtime/memory.py's to say."""

import asyncio
import random
from collections.abc import Callable, Sequence

from redis.exceptions import ConnectionError

from realtime.history import Entry, Reading
from realtime.memory import MemoryEar, MemoryLog
from realtime.tail import DEAD_AFTER
from realtime.writes import Placed, Write
from tests.simulator.loop import Loop

NEAR, FAR = 0.0002, 0.004  # seconds to Redis, or back
BUSY, LATE = 0.15, 0.150  # now and then it takes longer, up to so many seconds
PATIENCE = 2.0  # seconds after which a Redis that does not answer is away, as in engine.py


class Store:
    """The server: up or away; what it forgets when it falls depends on its disk."""

    def __init__(self, loop: Loop, chance: random.Random, memory: MemoryLog) -> None:
        self.loop = loop
        self.chance = chance
        self.memory = memory
        self.up = True
        self.life = 0  # counts restarts
        self.cut_writes = 0.0  # how probable it is that a pipeline breaks, before or after it was carried out
        self.frozen: asyncio.Future[None] | None = None  # somebody stopped it; requests wait
        self.ears: list[Ear] = []

    def fall(self) -> None:
        """It is killed."""
        self.up = False
        self.life += 1
        self.thaw()
        for ear in self.ears:
            ear.cut()

    def freeze(self) -> None:
        """It stands still with all connections open."""
        if self.up and self.frozen is None:
            self.frozen = self.loop.create_future()

    def thaw(self) -> None:
        """It goes on, beginning with what waited."""
        if self.frozen is not None:
            self.frozen.set_result(None)
            self.frozen = None

    async def reach(self) -> None:
        """A request arrives. Raises ConnectionError when it does not."""
        life = self.life
        busy = self.chance.random() < BUSY
        await asyncio.sleep(self.chance.uniform(NEAR, LATE if busy else FAR))
        while self.frozen is not None:
            await asyncio.shield(self.frozen)
        if not self.up or life != self.life:
            raise ConnectionError("away")


class Line:
    """The log, as one worker reaches it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def write(self, writes: Sequence[Write]) -> Sequence[Placed | Exception]:
        """As Log says. What was given up may still be carried out later: it lies in the buffers of a frozen Redis."""
        task = asyncio.ensure_future(self._write(writes))
        done, _ = await asyncio.wait([task], timeout=PATIENCE)
        return task.result() if done else [ConnectionError("no answer")] * len(writes)

    async def read(
        self, room: str, *, epoch: str = "", after: int = 0, heard: Sequence[Entry] | None = None
    ) -> Reading:
        """As Log says."""
        store = self._store
        async with asyncio.timeout(PATIENCE):
            await store.reach()
            reading = store.memory.look_up(room, epoch, after, heard)
            await store.reach()
        return reading

    async def publish(self, channel: str, payload: bytes) -> None:
        """As Log says."""
        await self._store.reach()
        self._store.memory.tell(channel, payload)

    async def _write(self, writes: Sequence[Write]) -> Sequence[Placed | Exception]:
        store, away = self._store, ConnectionError("the line broke")
        broken = store.chance.random() < store.cut_writes
        done_before = store.chance.randint(0, len(writes)) if broken else len(writes)
        try:
            await store.reach()
        except ConnectionError as error:
            return [error] * len(writes)
        answers = [store.memory.carry_out(write) for write in writes[:done_before]]
        try:
            await store.reach()
        except ConnectionError as error:
            return [error] * len(writes)
        if broken:
            answered = store.chance.randint(0, done_before)
            return [*answers[:answered], *[away] * (len(writes) - answered)]
        return answers


class Ear(MemoryEar):
    """One worker's pub/sub line: what is told arrives late, in order; when it breaks, what was on the way is lost."""

    def __init__(self, store: Store, heard: Callable[[bytes, bytes], None], restored: Callable[[str], None]) -> None:
        super().__init__(store.memory, heard=heard, restored=restored)
        self._store = store
        self._arrives = 0.0
        self._line = 0  # counts connections
        self._missed: dict[str, None] = {}  # channels that were told when the line broke
        self._wished: dict[str, asyncio.Future[None]] = {}
        self.up = True
        self.lossy = 0.0  # how probable it is that one message gets lost on its own
        self.dead = False
        store.ears.append(self)

    async def subscribe(self, channel: str) -> None:
        """As ear.Ear says."""
        wish = self._wished.get(channel)
        if wish is None:
            wish = self._wished[channel] = self._store.loop.create_future()
            self._store.loop.soon(self._store.chance.uniform(NEAR, FAR), self._confirm, channel, wish)
        async with asyncio.timeout(DEAD_AFTER):
            await asyncio.shield(wish)

    def unsubscribe(self, channel: str) -> None:
        """As ear.Ear says."""
        self._wished.pop(channel, None)
        self._missed.pop(channel, None)
        super().unsubscribe(channel)

    def cut(self) -> None:
        """The line breaks, and is made again when Redis is there."""
        self.up = False
        self._line += 1
        self._missed |= self.channels
        self.channels.clear()
        self._store.loop.soon(self._store.chance.uniform(0.01, 1.5), self._mend, self._line)

    def forget(self) -> None:
        """The worker is dead."""
        self.channels.clear()
        self._wished.clear()
        self._store.memory.ears.pop(self, None)
        self._store.ears.remove(self)

    def hear(self, channel: str, payload: bytes) -> None:
        """Called by the log."""
        store = self._store
        if channel not in self.channels or self.dead or store.chance.random() < self.lossy:
            return
        self._arrives = max(self._arrives, store.loop.now + store.chance.uniform(NEAR, FAR))
        store.loop.call_at(self._arrives, self._deliver, self._line, channel, payload)

    def _deliver(self, line: int, channel: str, payload: bytes) -> None:
        if line == self._line and not self.dead:
            super().hear(channel, payload)

    def _confirm(self, channel: str, wish: asyncio.Future[None]) -> None:
        if self._store.frozen is not None:
            self._store.frozen.add_done_callback(lambda _: self._confirm(channel, wish))
        elif self._wished.get(channel) is wish and self.up and not wish.done():
            self.channels[channel] = None
            wish.set_result(None)

    def _mend(self, line: int) -> None:
        if line != self._line or self.dead:
            return
        if not self._store.up or self._store.frozen is not None:
            self._store.loop.soon(self._store.chance.uniform(0.05, 1.0), self._mend, line)
            return
        self.up = True
        missed, self._missed = self._missed, {}
        for channel, wish in self._wished.items():
            self.channels[channel] = None
            if not wish.done():
                wish.set_result(None)
        for channel in missed:
            self._restored(channel)
