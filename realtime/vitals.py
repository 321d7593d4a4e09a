"""What one worker tells of itself each second, and the questions to Redis behind it. It decides nothing."""

import asyncio
import ctypes
import os
import resource
import time
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime import channels
from realtime.engine import one_kind_of_away
from realtime.visit import Host

ASK_EVERY = 1.0  # seconds
DOUBTED_AFTER = 3.0  # seconds without a write that succeeded: health turns red
WRITE_WITHIN = 2.0  # seconds
COMPARED = 3  # rooms, the fullest, whose place is compared with Redis'
BUSIEST = 10  # rooms shown
SLOWEST = 5  # visitors shown


class Vitals:
    """The pulse of one worker."""

    def __init__(self, host: Host, redis: Redis, probe: str, *, slot: int, version: str, now: float) -> None:
        """`probe` is a key of this worker's own; `now` is the loop's time."""
        self._host = host
        self._redis = redis
        self._probe = probe
        self._told = {"slot": slot, "pid": os.getpid(), "version": version}
        self._wrote_at = now
        self._took = 0.0  # seconds of the last write
        self._mute = ""  # why Redis took no write
        self._behind = 0  # events

    async def run(self) -> None:
        """Ask until cancelled: does Redis take writes, and does it know more than was heard?

        An ear that hears is not enough: a Redis whose disk is full hands probes on and takes no message.
        """
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(ASK_EVERY)
            asked_at = loop.time()
            try:
                async with asyncio.timeout(WRITE_WITHIN):
                    with one_kind_of_away():
                        await self._redis.set(self._probe, b"", px=60_000)
                        self._wrote_at, self._took = loop.time(), loop.time() - asked_at
                        self._behind = await self._compare()
            except (RedisError, OSError, TimeoutError) as away:
                self._mute = str(away) or type(away).__name__

    async def _compare(self) -> int:
        """How many events the fullest rooms here are behind Redis, at worst."""
        hub, worst = self._host.hub, 0
        for name in _first(hub.rooms, COMPARED):
            known = hub.known(name)  # before Redis is asked: what comes meanwhile is no lag
            top = await self._redis.hget(channels.meta(name), "top")
            worst = max(worst, int(top or 0) - max(known, hub.known(name)))
        return worst

    def report(self, *, state: str, lag: float, now: float) -> dict[str, Any]:
        """What admin.py shows of this worker. Times are seconds, sizes bytes; `lag` is how late the loop is."""
        host, stats = self._host, self._host.stats
        rooms = {name: listeners for name, listeners in host.hub.rooms.items() if listeners}
        slow = host.backlog.biggest()
        writes = now - self._wrote_at < DOUBTED_AFTER
        return {
            **self._told,
            "state": state,
            "hears": host.hub.ear.alive(now),
            "deaf": host.hub.ear.deaf(now),
            "writes": writes,
            "mute": "" if writes else self._mute,
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
