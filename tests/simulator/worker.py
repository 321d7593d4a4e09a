"""One worker of one node: everything worker.py puts together, without a process, a socket or a master."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

from realtime import channels
from realtime.connection import Connection
from realtime.doorkeeper import Doorkeeper
from realtime.farewell import hand_over, see_off, until
from realtime.hub import Hub
from realtime.stats import Stats
from realtime.visit import Host, Visit
from realtime.wheel import Wheel
from realtime.worker import LAST_WORDS, LAST_WRITES, SWEEP_EVERY
from realtime.writer import Writer
from tests.simulator.loop import Loop
from tests.simulator.network import End, Wire
from tests.simulator.store import Ear, Line, Store

SECRET = "a secret of the simulator, long enough for HS256"
DAWN = 1_800_000_000  # Unix seconds when the world begins


class Socket(Connection):
    """A connection that is known by its number: sets of them have the same order in a replay."""

    __slots__ = ("number",)

    def __init__(self, host: Host, number: int) -> None:
        super().__init__(host)
        self.number = number

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        return self is other


class Worker:
    """A worker that can be asked to leave, or be killed."""

    def __init__(self, loop: Loop, store: Store, name: str, node: int) -> None:
        self.name = name
        self.node = node
        self.dead = False
        self.leaving = False
        self.wires: dict[Wire, Socket] = {}
        self._loop = loop
        self._count = 0
        self._tasks: dict[asyncio.Task[Any], None] = {}
        stats = Stats()
        visits: set[Visit] = set()
        self.ear: Ear
        self.hub = Hub(Line(store), self._listen(store), stats, self._spawn, Doorkeeper(visits).heard)
        writer = Writer(Line(store))
        self.host = Host(
            secret=SECRET,
            origins=frozenset(),
            limit=1000,
            hub=self.hub,
            writer=writer,
            stats=stats,
            clock=lambda: DAWN + loop.now,
            spawn=self._spawn,
            wheel=Wheel(int(loop.now)),
            visits=visits,
        )
        self._spawn(writer.run())
        self._spawn(self.hub.keep(channels.PASSES))
        self._spawn(self._look_around())

    def accept(self, chance: random.Random, end: End, written: Callable[["Worker", Socket, bytes], None]) -> Wire:
        """Somebody connects."""
        self._count += 1
        socket = Socket(self.host, self._count)
        wire = Wire(self._loop, chance, end, lambda data: written(self, socket, data))
        self.wires[wire] = socket
        wire.start(socket)
        return wire

    def leave(self) -> None:
        """A reload: another worker has taken over."""
        self.leaving = True
        self._spawn(self._leave())

    def kill(self) -> None:
        """It does nothing more, from this moment on."""
        self.dead = True
        self.ear.dead = True
        self.ear.forget()
        for wire in self.wires:
            wire.die()
        for task in tuple(self._tasks):
            task.cancel()

    def _listen(self, store: Store) -> Callable[..., Ear]:
        def ear(heard: Callable[[bytes, bytes], None], restored: Callable[[str], None]) -> Ear:
            self.ear = Ear(store, heard, restored)
            return self.ear

        return ear

    def _spawn(self, life: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(life)
        self._tasks[task] = None
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._loop.broken.append(f"a task of {self.name} ended: {error!r}")

    async def _leave(self) -> None:
        await hand_over(self.host, hurry=lambda: False)
        await until(lambda: not self.host.writer.waiting, within=LAST_WRITES)
        await see_off(self.host, within=LAST_WORDS, hurry=lambda: False)
        self.hub.close()
        self.kill()

    async def _look_around(self) -> None:
        round_ = 0
        while True:
            await asyncio.sleep(1.0)
            round_ += 1
            for one in self.host.wheel.turn(int(self._loop.now)):
                one.look_at_the_clock()
            if round_ % SWEEP_EVERY == 0:
                self.hub.sweep(self._loop.now)
