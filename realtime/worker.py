"""One process of the socket server: accept, serve, report, drain. The master forks it and owns its listening socket."""

import asyncio
import contextlib
import logging
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import orjson
import uvloop
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from config.settings import Settings
from realtime import channels, frames, messages
from realtime.connection import Connection
from realtime.errors import CLOSED_LEAVING
from realtime.events import Reconnect
from realtime.hub import Hub
from realtime.log import RedisLog
from realtime.stats import Stats
from realtime.tail import Tail
from realtime.visit import Host
from realtime.wheel import Wheel
from realtime.writer import Writer

SOCKETS = 20_000  # of one worker; 6 KB each
KERNEL_BUFFER = 65_536  # bytes; left alone the kernel takes up to 4 MB for each slow socket, out of our sight
BACKLOG = 4096  # handshakes that may wait while a worker is busy or being replaced
REPORT_EVERY = 1.0  # seconds
SWEEP_EVERY = 5  # reports between two looks for rooms that nobody is in
LOOKED_AT = 500  # sockets looked at in one go; less than a millisecond
LAST_WRITES = 2.0  # seconds a leaving worker waits for writes that Redis has not answered
LAST_WORDS = 1.0  # seconds it waits for good-byes to be answered
SPREAD = 2000  # milliseconds over which the sockets of a leaving worker connect again
REDIS_TIMEOUT = 2.0  # seconds; a Redis that takes longer is treated as away

logger = logging.getLogger(__name__)


def serve(settings: Settings, listener: socket.socket, *, slot: int, reports: socket.socket, ready: int) -> None:
    """Run one worker until SIGTERM. `reports` takes a datagram a second, `ready` (a pipe) one byte at the start."""
    uvloop.run(_Worker(settings, listener, slot, reports, ready).run())


def connect(url: str) -> Redis:
    """A client that fails soon and never by itself does a thing twice: the callers know what may be repeated."""
    redis: Redis = Redis.from_url(
        url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT, retry=Retry(NoBackoff(), 0)
    )
    return redis


class _Worker:
    def __init__(
        self, settings: Settings, listener: socket.socket, slot: int, reports: socket.socket, ready: int
    ) -> None:
        self._settings = settings
        self._listener = listener
        self._slot = slot
        self._reports = reports
        self._ready = ready
        self._master = os.getppid()
        self._stats = Stats()
        self._lag = 0.0  # seconds the loop was late at the last report
        self._draining = False

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        leaving = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, leaving.set)
        # Writes have a wire of their own: a storm of readers must not take it from them.
        redis, writing = connect(self._settings.redis_url), connect(self._settings.redis_url)
        try:
            async with asyncio.TaskGroup() as tasks:
                url, probe = self._settings.redis_url, channels.probe(f"{socket.gethostname()}:{os.getpid()}")
                log = RedisLog(redis, writing)
                hub = Hub(
                    log,
                    lambda heard, restored: Tail(redis, url, probe, heard=heard, restored=restored),
                    self._stats,
                    tasks.create_task,
                )
                writer = Writer(log)
                self._host = Host(
                    secret=self._settings.secret,
                    origins=frozenset(self._settings.realtime_origins),
                    limit=SOCKETS,
                    hub=hub,
                    writer=writer,
                    stats=self._stats,
                    clock=time.time,
                    spawn=lambda visit: tasks.create_task(_guarded(visit)),
                    wheel=Wheel(int(loop.time())),
                )
                own = [
                    tasks.create_task(hub.ear.run()),
                    tasks.create_task(writer.run()),
                    tasks.create_task(self._look_around(leaving)),
                ]
                server = await loop.create_server(lambda: Connection(self._host), sock=self._listener, backlog=BACKLOG)
                os.write(self._ready, b"1")
                await leaving.wait()
                server.close()
                await self._drain()
                hub.close()
                for task in own:
                    task.cancel()
        finally:
            await redis.aclose()
            await writing.aclose()

    async def _drain(self) -> None:
        """Answer what was asked, say good-bye to everybody, hang up."""
        self._draining = True
        await _until(lambda: not self._host.writer.waiting, within=LAST_WRITES)
        farewell = frames.text(messages.notice(Reconnect(within=SPREAD)))
        for one in tuple(self._host.visits):
            one.deliver(farewell)
            one.close(CLOSED_LEAVING, "server.leaving")
        await _until(lambda: not self._host.visits, within=LAST_WORDS)

    async def _look_around(self, leaving: asyncio.Event) -> None:
        """Every second a turn of the wheel and a report; every few seconds a look at the rooms."""
        loop = asyncio.get_running_loop()
        round_ = 0
        while True:
            due = loop.time() + REPORT_EVERY
            await asyncio.sleep(REPORT_EVERY)
            self._lag = max(0.0, loop.time() - due)
            round_ += 1
            await self._look_at_the_clock(int(loop.time()))
            if round_ % SWEEP_EVERY == 0 and not self._draining:
                self._host.hub.sweep(loop.time())
            if os.getppid() != self._master:
                logger.warning("The master is gone; worker %d leaves too.", self._slot)
                leaving.set()
            with contextlib.suppress(OSError):  # the admin is being restarted, or slow: the next report is as good
                self._reports.send(orjson.dumps(self._report(loop.time())))

    async def _look_at_the_clock(self, now: int) -> None:
        for count, one in enumerate(self._host.wheel.turn(now), start=1):
            one.look_at_the_clock()
            if count % LOOKED_AT == 0:
                await asyncio.sleep(0)  # many came in one second; others get their turn

    def _report(self, now: float) -> dict[str, object]:
        """What admin.py shows of this worker. Times are seconds, sizes bytes."""
        stats, sockets = self._stats, self._host.visits
        rooms = sorted(self._host.hub.rooms.items(), key=lambda room: -room[1])
        slowest = sorted(((one.unsent, one) for one in sockets if one.unsent), key=lambda one: -one[0])[:5]
        cpu = time.process_time()
        return {
            "slot": self._slot,
            "pid": os.getpid(),
            "draining": self._draining,
            "hears": self._host.hub.ear.alive(now),
            "connections": len(sockets),
            "rooms": len(rooms),
            "busiest": rooms[:10],
            "slowest": [[one.who, unsent] for unsent, one in slowest],
            "unsent": sum(one.unsent for one in sockets),
            "writing": self._host.writer.waiting,
            "lag": self._lag,
            "cpu": cpu,
            "rss": _resident(),
            "handshakes": stats.handshakes,
            "commands": stats.commands,
            "events": stats.events,
            "flushes": stats.flushes,
            "deliveries": stats.deliveries,
            "gaps": stats.gaps,
            "choked": stats.choked,
            "refusals": dict(stats.refusals),
            "closes": {str(code): count for code, count in stats.closes.items()},
        }


async def _guarded(visit: Coroutine[Any, Any, None]) -> None:
    """What goes wrong with one visitor ends with that visitor."""
    try:
        await visit
    except Exception:
        logger.exception("A visitor could not be served.")


async def _until(done: Callable[[], bool], *, within: float) -> None:
    for _ in range(int(within / 0.01)):
        if done():
            return
        await asyncio.sleep(0.01)


def _resident() -> int:
    """Memory of this process now; where /proc is missing, its peak."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * resource.getpagesize()
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
