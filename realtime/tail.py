"""The worker's ear: one pub/sub line to each Redis, which notices its own death and comes back. It heals nothing.

Channels are sharded ones (SSUBSCRIBE): in a cluster each is told by the master of its slot, without one it is the same.
A channel follows its slot. Whoever listens learns which channels may have missed something.
"""

import asyncio
import logging
import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from realtime.engine import HOME, Address, Engine
from realtime.line import Line

PROBE_EVERY = 1.0  # seconds between probes while nothing is heard
DOUBTED_AFTER = 3.0  # seconds without a sound, probes included: health turns red
DEAD_AFTER = 5.0  # seconds: the line is given up
LONGEST_PAUSE = 1.0  # seconds between attempts to connect

AWAY = (OSError, TimeoutError, RedisError, ssl.SSLError)

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Wish:
    """One channel that is listened to."""

    confirmed: asyncio.Future[None]  # when a server said so for the first time, or again after somebody asked
    owner: Address | None = None  # who was asked to tell
    listening: bool = False
    missed: bool = False  # perhaps something was told while nobody listened


class Tail:
    """Every line of one worker. `heard` gets channel and payload; `restored` a channel that may have a gap."""

    def __init__(
        self,
        engine: Engine,
        probe: Callable[[int], str],
        *,
        heard: Callable[[bytes, bytes], None],
        restored: Callable[[str], None],
    ) -> None:
        """`probe` spells the worker's own channels, numbered: some number falls to each master."""
        self.engine = engine
        self.probe = probe
        self.heard = heard
        self._restored = restored
        self._wanted: dict[bytes, _Wish] = {}
        self._ears: dict[Address, tuple[_Ear, asyncio.Task[None]]] = {}

    def alive(self, now: float) -> bool:
        """Whether any Redis was heard lately."""
        return any(ear.alive(now) for ear, _ in self._ears.values())

    def deaf(self, now: float) -> list[str]:
        """Which masters of a cluster were not heard lately: their rooms wait, and those of the others go on."""
        return [f"{host}:{port}" for (host, port), (ear, _) in self._ears.items() if host and not ear.alive(now)]

    async def subscribe(self, channel: str) -> None:
        """Listen to a channel; returns when Redis confirmed it. Raises TimeoutError when its owner is away."""
        name = channel.encode()
        wish = self._wanted.get(name)
        if wish is None:
            wish = self._wanted[name] = _Wish(asyncio.get_running_loop().create_future())
            self._ask(name, wish)
        elif wish.confirmed.done() and not wish.listening:
            wish.confirmed = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(DEAD_AFTER):
            await asyncio.shield(wish.confirmed)

    def unsubscribe(self, channel: str) -> None:
        """Listen to a channel no longer."""
        name = channel.encode()
        wish = self._wanted.pop(name, None)
        if wish is not None:
            self._tell(wish.owner, b"SUNSUBSCRIBE", name)

    async def run(self) -> None:
        """Listen until cancelled."""
        await self._find()
        changed = asyncio.Event()
        self.engine.changed.append(changed.set)
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    changed.clear()
                    self._arrange(tasks)
                    await changed.wait()
        finally:
            self.engine.changed.remove(changed.set)
            self._ears.clear()

    async def _find(self) -> None:
        """Until somebody said who owns what."""
        pause = 0.0
        while not self.engine.masters:
            try:
                await self.engine.learn()
            except AWAY as away:
                logger.warning("Redis is not found (%s); trying again.", away or type(away).__name__)
                pause = await rest(pause)

    def _arrange(self, tasks: asyncio.TaskGroup) -> None:
        """An ear for each master; each channel at the master that owns it now."""
        masters = self.engine.masters
        for gone in self._ears.keys() - masters:
            _, task = self._ears.pop(gone)
            task.cancel()
        for new in masters - self._ears.keys():
            ear = _Ear(self, new)
            self._ears[new] = ear, tasks.create_task(ear.run())
        for name, wish in self._wanted.items():
            if wish.owner != self.engine.owner_of(name):
                self._tell(wish.owner, b"SUNSUBSCRIBE", name)
                self._lose(wish)
                self._ask(name, wish)

    def _ask(self, name: bytes, wish: _Wish) -> None:
        wish.owner = self.engine.owner_of(name)
        self._tell(wish.owner, b"SSUBSCRIBE", name)

    def _tell(self, owner: Address | None, verb: bytes, name: bytes) -> None:
        found = self._ears.get(owner) if owner is not None else None
        if found and found[0].line is not None:
            found[0].line.send(verb, name)

    def _lose(self, wish: _Wish) -> None:
        wish.missed = wish.missed or wish.listening
        wish.listening = False

    # What an ear reports

    def unheard(self, owner: Address) -> list[bytes]:
        """Channels of an owner that it has not confirmed."""
        return [name for name, wish in self._wanted.items() if wish.owner == owner and not wish.listening]

    def confirmed(self, owner: Address, name: bytes) -> None:
        """An owner tells a channel from now on."""
        wish = self._wanted.get(name)
        if wish is None or wish.owner != owner:
            return
        wish.listening = True
        if not wish.confirmed.done():
            wish.confirmed.set_result(None)
        if wish.missed:
            wish.missed = False
            self._restored(name.decode())

    def ended(self, owner: Address, name: bytes) -> None:
        """An owner tells a channel no longer: we asked it to, or its slot has moved."""
        wish = self._wanted.get(name)
        if wish is not None and wish.owner == owner and wish.listening:
            self._lose(wish)
            self._ask(name, wish)  # the answer says who owns it now

    def lost(self, owner: Address) -> None:
        """Nothing of an owner is heard any more."""
        for wish in self._wanted.values():
            if wish.owner == owner:
                self._lose(wish)


class _Ear:
    """The line to one master."""

    def __init__(self, tail: Tail, owner: Address) -> None:
        self._tail = tail
        self._owner = owner
        self._name = "Redis" if owner == HOME else f"Redis at {owner[0]}:{owner[1]}"
        self._probe = b""
        self._heard_at = 0.0  # loop time of the last sound
        self.line: Line | None = None

    def alive(self, now: float) -> bool:
        return self.line is not None and now - self._heard_at < DOUBTED_AFTER

    async def run(self) -> None:
        """Listen until cancelled."""
        pause, first = 0.0, True
        while True:
            try:
                line = await self._connect()
            except AWAY as away:
                logger.warning("%s is not heard (%s); trying again.", self._name, away or type(away).__name__)
                self._tail.engine.doubt(self._owner)
                pause = await rest(pause)
                continue
            pause = 0.0
            self.line = line
            try:
                for channel in self._tail.unheard(self._owner):
                    line.send(b"SSUBSCRIBE", channel)  # wished for while the line was being made
                if not first:
                    logger.info("%s is heard again.", self._name)
                first = False
                await self._stay(line)
            finally:
                self.line = None
                line.abort()
                self._tail.lost(self._owner)

    async def _connect(self) -> Line:
        """A line on which everything wanted is confirmed."""
        engine = self._tail.engine
        line = Line(self._sound, lambda told: engine.follow(self._owner, told))
        probe = engine.key_of(self._owner, self._tail.probe)
        if probe is None:
            raise RedisError("it owns nothing any more")
        self._probe = probe.encode()
        try:
            async with asyncio.timeout(DEAD_AFTER):
                await line.connect(engine.address(self._owner))
                for channel in (self._probe, *self._tail.unheard(self._owner)):
                    line.send(b"SSUBSCRIBE", channel)
                await line.pong()  # its answer comes after the last confirmation
        except BaseException:
            line.abort()
            self._tail.lost(self._owner)
            raise
        return line

    async def _stay(self, line: Line) -> None:
        """Until the line is dead: hung up, or silent in spite of probes."""
        loop = asyncio.get_running_loop()
        while not line.lost.done():
            await asyncio.wait([line.lost], timeout=PROBE_EVERY)
            silent = loop.time() - self._heard_at
            if silent > DEAD_AFTER:
                logger.warning("%s fell silent for %.1f s; connecting anew.", self._name, silent)
                return
            if silent > PROBE_EVERY / 2:
                await self._knock()

    async def _knock(self) -> None:
        """Write to oneself by the way that every event takes."""
        try:
            async with asyncio.timeout(PROBE_EVERY):
                await self._tail.engine.spublish(self._probe, b"")
        except (RedisError, OSError, TimeoutError) as away:
            # The silence that follows is what counts; it ends the line.
            logger.debug("A probe could not be sent: %s", away)

    def _sound(self, message: list[Any]) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        match message:
            case [b"smessage", channel, payload]:
                if channel != self._probe:
                    self._tail.heard(channel, payload)
            case [b"ssubscribe", channel, _]:
                self._tail.confirmed(self._owner, channel)
            case [b"sunsubscribe", self._probe, _]:
                if self.line is not None:
                    self.line.abort()  # its slot has moved; the next line gets another
            case [b"sunsubscribe", channel, _]:
                self._tail.ended(self._owner, channel)


async def rest(pause: float) -> float:
    """Rest a little longer than last time, not in step with others; the pause, to be handed in next time."""
    pause = min(LONGEST_PAUSE, pause * 2 or 0.05)
    await asyncio.sleep(pause * random.uniform(0.5, 1.0))
    return pause
