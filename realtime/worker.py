"""One process of the socket server: accept, serve, report, drain. The master forks it and owns its listening socket."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import time
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

import orjson
import uvloop

from config.settings import Settings
from realtime import broadcast, channels, child, doors, version
from realtime.backlog import Backlog
from realtime.connection import Connection
from realtime.doorkeeper import Doorkeeper
from realtime.engine import Engine, connect
from realtime.errors import CLOSED_TOO_SLOW
from realtime.farewell import end_all, hand_over, see_off, until
from realtime.hub import Hub
from realtime.log import RedisLog
from realtime.presence import Crowds
from realtime.reports import DRAINED, LEAVING, SERVING
from realtime.stats import Stats
from realtime.tail import Tail
from realtime.viewers import Viewers
from realtime.visit import Host, Visit
from realtime.vitals import Vitals, give_back, resident
from realtime.wheel import Wheel
from realtime.writer import Writer

REPORT_EVERY = 1.0  # seconds
MEGABYTE = 1 << 20  # bytes
SWEEP_EVERY = 5  # reports between two looks for rooms that nobody is in
LOOKED_AT = 500  # sockets looked at in one go; less than a millisecond
LAST_WRITES = 2.0  # seconds a leaving worker waits for writes that Redis has not answered
LAST_WORDS = 1.0  # seconds it waits for good-byes to be answered
NOTICED_WITHIN = 5.0  # seconds in which a balancer sees that /readyz is red
HEARS_WITHIN = 2.0  # seconds a new worker waits for Redis before it takes over from an old one

logger = logging.getLogger(__name__)


def serve(
    settings: Settings, listeners: Sequence[socket.socket], *, slot: int, line: socket.socket, drained: bool
) -> None:
    """Run one worker until SIGTERM. `line` leads to the master: reports go up, commands of ops come down."""
    uvloop.run(_Worker(settings, listeners, slot, line, drained=drained).run())


class _Worker:
    def __init__(
        self, settings: Settings, listeners: Sequence[socket.socket], slot: int, line: socket.socket, *, drained: bool
    ) -> None:
        self._settings = settings
        self._listeners = listeners
        self._slot = slot
        self._line = line
        self._stats = Stats()
        self._lag = 0.0  # seconds the loop was late at the last report
        self._drained = drained
        self._emptying: asyncio.Task[None] | None = None
        self._leaving = asyncio.Event()
        self._hurry = False

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._told_to_leave)
        # Writes have a wire of their own: a storm of readers must not take it from them.
        redis, writing = self._connect(), self._connect()
        try:
            async with asyncio.TaskGroup() as tasks:
                write = broadcast.choose(self._settings.realtime_broadcast, self._settings.var / "compiled")
                self._stats.broadcast = broadcast.PYTHON if write is broadcast.in_python else broadcast.C
                probe = partial(channels.probe, f"{socket.gethostname()}:{os.getpid()}")
                log = RedisLog(redis, writing)
                visits: set[Visit] = set()
                hub = Hub(
                    log,
                    lambda heard, restored: Tail(redis, probe, heard=heard, restored=restored),
                    self._stats,
                    tasks.create_task,
                    Doorkeeper(visits).heard,
                    crowds := Crowds(),
                    write,
                )
                viewers = Viewers(redis, crowds, hub.counted)
                writer = Writer(log, lane=lambda room: writing.owner_of(channels.log(room)))
                self._host = Host(
                    secret=self._settings.secret,
                    origins=frozenset(self._settings.realtime_origins),
                    limit=0 if self._drained else doors.capacity(),
                    hub=hub,
                    writer=writer,
                    stats=self._stats,
                    clock=time.time,
                    visits=visits,
                    spawn=lambda visit: tasks.create_task(_guarded(visit)),
                    wheel=Wheel(int(loop.time())),
                    backlog=Backlog(self._settings.realtime_backlog * MEGABYTE),
                    direct=write is not broadcast.in_python,
                )
                self._vitals = Vitals(
                    self._host,
                    writing,
                    partial(channels.written, f"{socket.gethostname()}:{os.getpid()}"),
                    slot=self._slot,
                    version=version.RUNNING,
                    now=loop.time(),
                )
                for life in (hub.ear, writer, viewers, self._vitals):
                    tasks.create_task(life.run())
                tasks.create_task(hub.keep(channels.PASSES))
                tasks.create_task(self._look_around())
                open_doors = [
                    await loop.create_server(lambda: Connection(self._host), sock=one, backlog=doors.BACKLOG)
                    for one in self._listeners
                ]
                await until(lambda: self._host.hub.ear.alive(loop.time()), within=HEARS_WITHIN)
                self._report(child.READY)
                loop.add_reader(self._line, self._listen)
                await self._leaving.wait()
                for door in open_doors:
                    door.close()
                await self._leave()
                await viewers.report()
        finally:
            await redis.aclose()
            await writing.aclose()

    def _connect(self) -> Engine:
        return connect(self._settings.redis_url, replicas=self._settings.redis_replicas)

    async def _leave(self) -> None:
        """Send everybody elsewhere, serving those whose turn has not come; finish what was begun."""
        if self._emptying is not None:
            self._emptying.cancel()
        await hand_over(self._host, hurry=lambda: self._hurry)
        await until(lambda: not self._host.writer.waiting, within=LAST_WRITES)
        await see_off(self._host, within=LAST_WORDS, hurry=lambda: self._hurry)
        self._host.hub.close()
        await end_all()

    async def _empty(self) -> None:
        """Drained by ops: send everybody elsewhere, but stay, and turn newcomers away until told to serve again."""
        self._drained = True
        self._report()
        await asyncio.sleep(NOTICED_WITHIN)
        self._host.limit = 0
        await hand_over(self._host, hurry=lambda: self._hurry)

    def _told_to_leave(self) -> None:
        self._hurry = self._leaving.is_set()
        self._leaving.set()

    def _listen(self) -> None:
        """The master says something, or has gone."""
        message = child.hear(self._line)
        if message is None:
            return
        if not message:
            logger.warning("The master is gone; worker %d leaves too.", self._slot)
            asyncio.get_running_loop().remove_reader(self._line)
            self._leaving.set()
            return
        match orjson.loads(message):
            case {"do": "drain"} if not self._drained:
                self._emptying = self._host.spawn(self._empty())
            case {"do": "serve"} if self._drained:
                if self._emptying is not None:
                    self._emptying.cancel()
                self._drained = False
                self._host.limit = doors.capacity()
                self._report()
            case {"do": "cut", "visit": visit}:
                for one in [one for one in self._host.visits if id(one) == visit]:
                    one.close(CLOSED_TOO_SLOW, "client.too_slow")

    async def _look_around(self) -> None:
        """Every second a turn of the wheel and a report; every few seconds a look at the rooms."""
        loop = asyncio.get_running_loop()
        round_ = 0
        ceiling = self._settings.realtime_memory * MEGABYTE
        while True:
            due = loop.time() + REPORT_EVERY
            await asyncio.sleep(REPORT_EVERY)
            self._lag = max(0.0, loop.time() - due)
            round_ += 1
            await self._look_at_the_clock(int(loop.time()))
            self._host.backlog.weigh()
            if round_ % SWEEP_EVERY == 0 and self._host.backlog.has_emptied():
                give_back()  # what waited for the slow is all over the heap
            if round_ % SWEEP_EVERY == 0:
                self._host.hub.sweep(loop.time())
            self._report()
            if ceiling and resident() > ceiling:
                self._report(child.HEAVY)

    async def _look_at_the_clock(self, now: int) -> None:
        for count, one in enumerate(self._host.wheel.turn(now), start=1):
            one.look_at_the_clock()
            if count % LOOKED_AT == 0:
                await asyncio.sleep(0)  # many came in one second; others get their turn

    def _report(self, word: bytes = b"") -> None:
        """Tell the master how this worker is, and perhaps one word before it."""
        state = LEAVING if self._leaving.is_set() else DRAINED if self._drained else SERVING
        report = self._vitals.report(state=state, lag=self._lag, now=asyncio.get_running_loop().time())
        with contextlib.suppress(OSError):  # the master is slow, or gone: the next report is as good
            if word:
                self._line.send(word)
            self._line.send(orjson.dumps(report))


async def _guarded(visit: Coroutine[Any, Any, None]) -> None:
    """What goes wrong with one visitor ends with that visitor."""
    try:
        await visit
    except Exception:
        logger.exception("A visitor could not be served.")
