"""All nodes on one Redis: each says every second how it is, and everyone can read it. It commands nobody."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime import channels
from realtime.engine import one_kind_of_away
from realtime.reports import Report

TELL_EVERY = 1.0  # seconds
SILENT_AFTER = 5.0  # seconds without a word: shown as silent
FORGOTTEN_AFTER = 120.0  # seconds without a word: not shown any more
PATIENCE = 2.0  # seconds for one round

logger = logging.getLogger(__name__)


class Fleet:
    """What this node says of itself and hears of the others."""

    def __init__(self, redis: Redis, name: str, summary: Callable[[], Report]) -> None:
        """`summary` is this node's row: see Reports.summary."""
        self._redis = redis
        self._name = name
        self._summary = summary
        self.nodes: list[Report] = []  # rows by name, each with `name`, `silent` (seconds) and `here`
        self.away = ""  # why Redis cannot be asked

    async def run(self) -> None:
        """Tell and ask until cancelled."""
        while True:
            await self._round()
            await asyncio.sleep(TELL_EVERY)

    async def strike_off(self) -> None:
        """This node leaves as it was told, and is not missed; one that was killed is shown as silent for a while."""
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                with one_kind_of_away():
                    await self._forget(self._name)

    def rows(self) -> list[Report]:
        """What is shown: when Redis is away, this node at least."""
        if not self.away and self.nodes:
            return self.nodes
        return [{**self._summary(), "name": self._name, "silent": 0.0, "here": True}]

    async def _round(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                with one_kind_of_away():
                    await self._tell()
                    self.nodes = await self._ask()
        except (RedisError, OSError, TimeoutError) as away:
            if not self.away:
                logger.warning("The other nodes are not known: %s", away or type(away).__name__)
            self.away = str(away) or type(away).__name__
        else:
            self.away = ""

    async def _tell(self) -> None:
        row = orjson.dumps({"name": self._name, **self._summary()})
        await self._redis.set(channels.node(self._name), row, px=int(FORGOTTEN_AFTER * 1000))
        await self._redis.sadd(channels.NODES, self._name)

    async def _ask(self) -> list[Report]:
        names: Any = await self._redis.smembers(channels.NODES)
        rows = []
        for name in sorted(name.decode() for name in names):
            row, left = await self._redis.get(channels.node(name)), await self._redis.pttl(channels.node(name))
            if row is None:
                await self._forget(name)
                continue
            # The age is read off the key's life: the clocks of the nodes need not agree.
            silent = max(0.0, FORGOTTEN_AFTER - left / 1000)
            silent = silent if silent > SILENT_AFTER else 0.0
            rows.append({**orjson.loads(row), "silent": silent, "here": name == self._name})
        return rows

    async def _forget(self, name: str) -> None:
        await self._redis.srem(channels.NODES, name)
        await self._redis.delete(channels.node(name))
