"""What one worker tells of itself each second, and the questions to Redis behind it. It decides nothing."""

import asyncio
import ctypes
import logging
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError

from realtime import channels
from realtime.engine import HOME, Address, Engine
from realtime.visit import Host

ASK_EVERY = 1.0  # seconds
DOUBTED_AFTER = 3.0  # seconds without a write that succeeded: health turns red
KEPT = 60_000  # milliseconds that a probe is there
COMPARE_WITHIN = 2.0  # seconds
COMPARED = 3  # rooms, the fullest, whose place is compared with Redis'
BUSIEST = 10  # rooms shown
SLOWEST = 5  # visitors shown

logger = logging.getLogger(__name__)


class Vitals:
    """The pulse of one worker."""

    def __init__(
        self,
        host: Host,
        redis: Engine,
        probe: Callable[[int], str],
        *,
        slot: int,
        version: str,
        now: float,
    ) -> None:
        """`probe` spells keys of this worker's own, numbered: some falls to each master; `now` is the loop's time."""
        self._host = host
        self._redis = redis
        self._probe = probe
        self._told = {"slot": slot, "pid": os.getpid(), "version": version}
        self._wrote_at: dict[Address, float] = {HOME: now}  # of each master; HOME before any is known
        self._mute: dict[Address, str] = {}  # why the last write was not taken
        self._took = 0.0  # seconds of the last write
        self._behind = 0  # events

    async def run(self) -> None:
        """Ask until cancelled: does Redis take writes, and does it know more than was heard?

        An ear that hears is not enough: a Redis whose disk is full hands probes on and takes no message.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._compare())
            asked: dict[Address, asyncio.Task[None]] = {}
            while True:
                for owner in self._owners:
                    if owner not in asked or asked[owner].done():  # one that is frozen holds up no other
                        asked[owner] = tasks.create_task(self._write(owner))
                await asyncio.sleep(ASK_EVERY)

    @property
    def _owners(self) -> set[Address]:
        return self._redis.masters or {HOME}

    async def _write(self, owner: Address) -> None:
        """By the wire of every other write, and with as many replicas."""
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        self._wrote_at.setdefault(owner, asked_at)
        key = self._redis.key_of(owner, self._probe) or self._probe(0)
        [answer] = await self._redis.together([(key, ("SET", key, b"", "PX", KEPT))], replicas=self._redis.replicas)
        if isinstance(answer, Exception):
            self._mute[owner] = (str(answer) or type(answer).__name__).rstrip(".")
        else:
            self._wrote_at[owner], self._took = loop.time(), loop.time() - asked_at

    def _untaken(self, now: float) -> str:
        """Why writes are not taken, for each server that took none lately."""
        late = [owner for owner in self._owners if now - self._wrote_at.get(owner, now) >= DOUBTED_AFTER]
        return "; ".join(
            self._mute.get(owner, "no answer") + (f" ({owner[0]}:{owner[1]})" if owner != HOME else "")
            for owner in sorted(late)
        )

    async def _compare(self) -> None:
        """How many events the fullest rooms here are behind Redis, at worst."""
        hub = self._host.hub
        while True:
            await asyncio.sleep(ASK_EVERY)
            worst = 0
            try:
                async with asyncio.timeout(COMPARE_WITHIN):
                    for name in _first(hub.rooms, COMPARED):
                        known = hub.known(name)  # before Redis is asked: what comes meanwhile is no lag
                        top = await self._redis.hget(channels.meta(name), "top")
                        worst = max(worst, int(top or 0) - max(known, hub.known(name)))
            except (RedisError, OSError, TimeoutError) as away:
                logger.debug("The fullest rooms could not be compared: %s", away)  # health says why
            else:
                self._behind = worst

    def report(self, *, state: str, lag: float, now: float) -> dict[str, Any]:
        """What admin.py shows of this worker. Times are seconds, sizes bytes; `lag` is how late the loop is."""
        host, stats = self._host, self._host.stats
        rooms = {name: listeners for name, listeners in host.hub.rooms.items() if listeners}
        slow = host.backlog.biggest()
        untaken = self._untaken(now)
        return {
            **self._told,
            "state": state,
            "hears": host.hub.ear.alive(now),
            "deaf": host.hub.ear.deaf(now),
            "writes": not untaken,
            "mute": untaken,
            "write_seconds": self._took,
            "behind": self._behind,
            "connections": len(host.visits),
            "limit": host.limit,
            "rooms": len(rooms),
            "busiest": [[name, rooms[name]] for name in _first(rooms, BUSIEST)],
            "slowest": [[one.who, unsent, id(one)] for unsent, one in slow[:SLOWEST]],
            "unsent": sum(unsent for unsent, _ in slow),
            "writing": host.writer.waiting,
            "lag": lag,
            "cpu": time.process_time(),
            "rss": resident(),
            "handshakes": stats.handshakes,
            "commands": stats.commands,
            "events": stats.events,
            "flushes": stats.flushes,
            "deliveries": stats.deliveries,
            "gaps": stats.gaps,
            "choked": stats.choked,
            "saved": stats.saved,
            "broadcast": stats.broadcast,
            "refusals": dict(stats.refusals),
            "closes": {str(code): count for code, count in stats.closes.items()},
        }


def resident() -> int:
    """Memory of this process now; where /proc is missing, its peak."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * resource.getpagesize()
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def give_back() -> None:
    """Let the kernel have the memory that nothing uses; glibc alone knows how to be asked."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _first(rooms: dict[str, int], count: int) -> list[str]:
    return sorted(rooms, key=lambda name: -rooms[name])[:count]
