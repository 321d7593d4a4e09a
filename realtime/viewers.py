"""Counts persons over all workers and nodes: tells Redis who came and left here, and learns how many there are.

It decides nothing: presence.py knows who is here, viewers.lua adds up.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError

from realtime import channels, messages
from realtime.engine import Engine
from realtime.log import Script
from realtime.presence import Crowds, Report

BEAT = 0.25  # seconds: what came and left meanwhile is told together
LEASE = 7.0  # seconds after which a silent worker's people are gone; three times what it is confirmed in, and some
COUNT = Script("viewers.lua")

logger = logging.getLogger(__name__)


class Viewers:
    """The count of one worker's rooms."""

    def __init__(self, engine: Engine, crowds: Crowds, counted: Callable[[str, int], None]) -> None:
        """`counted` hears how many persons there are in a room, as everybody is told."""
        self._engine = engine
        self._crowds = crowds
        self._counted = counted
        self.worker = uuid.uuid4().hex[:16]  # not the process id: another process may get it within the lease

    async def run(self) -> None:
        """Count until cancelled."""
        while True:
            await asyncio.sleep(BEAT)
            await self.report()

    async def report(self) -> None:
        """Tell what changed; also the last words of a leaving worker."""
        reports = self._crowds.due(asyncio.get_running_loop().time())
        if not reports:
            return
        for report, answer in zip(reports, await self._send(reports), strict=True):
            if isinstance(answer, Exception):
                logger.debug("The people of %s could not be counted: %s", report.crowd, answer)
                self._crowds.failed(report.crowd)
                continue
            _, shown, lost = answer
            if lost:
                self._crowds.failed(report.crowd)
            self._counted(report.crowd, shown)

    async def _send(self, reports: Iterable[Report]) -> list[Any]:
        calls = [_call(self.worker, report) for report in reports]
        answers = await self._engine.together(calls)
        if any(isinstance(answer, NoScriptError) for answer in answers):
            try:
                await self._engine.everywhere("SCRIPT LOAD", COUNT.text)
            except (RedisError, OSError) as away:
                logger.debug("Redis could not be told how to count: %s", away)
            # Whoever was away gets everything with the next beat.
            answers = await self._engine.together(calls)
        return answers


async def online(engine: Engine, users: Iterable[int]) -> set[int]:
    """Who of these is here now. Raises RedisError when Redis is away."""
    asked = list(users)
    calls = [(key, ("HEXISTS", key, user)) for user in asked for key in [channels.viewers(channels.online(user))]]
    answers = await engine.together(calls)
    for wrong in answers:
        if isinstance(wrong, Exception):
            raise wrong
    return {user for user, here in zip(asked, answers, strict=True) if here}


async def counted(engine: Engine, rooms: Iterable[str]) -> dict[str, int]:
    """How many persons are in each of these rooms now. Of a cluster, rooms whose master is away are left out.

    Raises RedisError when none of them can be asked.
    """
    asked = list(rooms)
    calls = [(key, ("HLEN", key)) for room in asked for key in [channels.viewers(room)]]
    answers = await engine.together(calls)
    here = {room: one for room, one in zip(asked, answers, strict=True) if not isinstance(one, RedisConnectionError)}
    for wrong in here.values() if here else answers:
        if isinstance(wrong, Exception):
            raise wrong
    return here


def _call(worker: str, report: Report) -> tuple[str, tuple[Any, ...]]:
    """The script's call, with its key."""
    name = report.crowd
    key = channels.viewers(name)
    told = channels.kind(name) is not None
    keys = [key, f"{key}:by", f"{key}:told", channels.live(name), f"{key}:{worker}"]
    hint = messages.uncounted(name) if told else b""
    args = [worker, int(report.whole) or "", report.size, int(LEASE * 1000), hint]
    return key, ("EVALSHA", COUNT.sha, len(keys), *keys, *args, len(report.came), *report.came, *report.left)
