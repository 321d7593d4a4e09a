"""One pub/sub reader per worker: hands on what Redis tells, notices its own death, comes back. It heals nothing."""

import asyncio
import logging
import random
import ssl
from collections.abc import Callable
from typing import Any, cast

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import parse_url
from redis.exceptions import RedisError

from realtime.log import one_kind_of_away

PROBE_EVERY = 1.0  # seconds between probes while nothing is heard
DOUBTED_AFTER = 3.0  # seconds without a sound, probes included: health turns red
DEAD_AFTER = 5.0  # seconds: the line is given up
LONGEST_PAUSE = 1.0  # seconds between attempts to connect

logger = logging.getLogger(__name__)


class Tail:
    """The worker's ear. `heard` gets channel and payload; `restored` is called when there may be gaps."""

    def __init__(
        self,
        redis: Redis,
        url: str,
        probe: str,
        *,
        heard: Callable[[bytes, bytes], None],
        restored: Callable[[], None],
    ) -> None:
        """`redis` sends the probes; the ear itself is a connection of its own to the same server."""
        self._redis = redis
        self._url = url
        self._probe = probe.encode()
        self._heard = heard
        self._restored = restored
        self._wanted: dict[bytes, asyncio.Future[None]] = {}
        self._line: _Line | None = None
        self.heard_at = 0.0  # loop time of the last sound

    def alive(self, now: float) -> bool:
        """Whether Redis was heard lately."""
        return self._line is not None and now - self.heard_at < DOUBTED_AFTER

    async def subscribe(self, channel: str) -> None:
        """Listen to a channel; returns when Redis confirmed it. Raises TimeoutError when Redis is away."""
        name = channel.encode()
        confirmed = self._wanted.get(name)
        if confirmed is None or (confirmed.done() and self._line is None):
            confirmed = self._wanted[name] = asyncio.get_running_loop().create_future()
            if self._line is not None:
                self._line.send(b"SUBSCRIBE", name)
        async with asyncio.timeout(DEAD_AFTER):
            await asyncio.shield(confirmed)

    def unsubscribe(self, channel: str) -> None:
        """Listen to a channel no longer."""
        name = channel.encode()
        if self._wanted.pop(name, None) is not None and self._line is not None:
            self._line.send(b"UNSUBSCRIBE", name)

    async def run(self) -> None:
        """Listen until cancelled."""
        pause, first = 0.0, True
        while True:
            try:
                line = await self._connect()
            except (OSError, TimeoutError, RedisError, ssl.SSLError) as away:
                logger.warning("Redis is not heard (%s); trying again.", away or type(away).__name__)
                pause = min(LONGEST_PAUSE, pause * 2 or 0.05)
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                continue
            pause = 0.0
            self._line = line
            for channel, confirmed in self._wanted.items():
                if not confirmed.done():
                    line.send(b"SUBSCRIBE", channel)  # wished for while the line was being made
            if not first:
                logger.info("Redis is heard again.")
                self._restored()
            first = False
            try:
                await self._stay(line)
            finally:
                self._line = None
                line.abort()

    async def _connect(self) -> "_Line":
        """A line on which everything wanted is confirmed."""
        loop = asyncio.get_running_loop()
        where: dict[str, Any] = dict(parse_url(self._url))
        line = _Line(self._sound)
        async with asyncio.timeout(DEAD_AFTER):
            if "path" in where:
                await loop.create_unix_connection(lambda: line, where["path"])
            else:
                secure = _tls(where) if self._url.startswith("rediss:") else None
                host, port = where.get("host", "localhost"), where.get("port", 6379)
                await loop.create_connection(lambda: line, host, port, ssl=secure)
            try:
                if where.get("password"):
                    name = where.get("username") or "default"
                    line.send(b"AUTH", name.encode(), where["password"].encode())
                for channel in (self._probe, *self._wanted):
                    line.send(b"SUBSCRIBE", channel)
                line.send(b"PING")  # its answer comes after the last confirmation
                await line.ponged
            except BaseException:
                line.abort()
                raise
        return line

    async def _stay(self, line: "_Line") -> None:
        """Until the line is dead: hung up, or silent in spite of probes."""
        loop = asyncio.get_running_loop()
        while not line.lost.done():
            await asyncio.wait([line.lost], timeout=PROBE_EVERY)
            silent = loop.time() - self.heard_at
            if silent > DEAD_AFTER:
                logger.warning("Redis fell silent for %.1f s; connecting anew.", silent)
                return
            if silent > PROBE_EVERY / 2:
                await self._knock()

    async def _knock(self) -> None:
        """Write to oneself by the way that every event takes."""
        try:
            async with asyncio.timeout(PROBE_EVERY):
                with one_kind_of_away():
                    await self._redis.publish(self._probe, b"")
        except (RedisError, OSError, TimeoutError) as away:
            # The silence that follows is what counts; it ends the line.
            logger.debug("A probe could not be sent: %s", away)

    def _sound(self, message: list[Any]) -> None:
        self.heard_at = asyncio.get_running_loop().time()
        match message:
            case [b"message", channel, payload]:
                if channel != self._probe:
                    self._heard(channel, payload)
            case [b"subscribe", channel, _]:
                confirmed = self._wanted.get(channel)
                if confirmed is not None and not confirmed.done():
                    confirmed.set_result(None)


def _tls(where: dict[str, Any]) -> ssl.SSLContext:
    """The options of the address that the client honours: ssl_ca_certs, ssl_certfile, ssl_keyfile, ssl_cert_reqs."""
    secure = ssl.create_default_context(cafile=where.get("ssl_ca_certs"))
    if where.get("ssl_certfile"):
        secure.load_cert_chain(where["ssl_certfile"], where.get("ssl_keyfile"))
    if where.get("ssl_cert_reqs") == "none":
        secure.check_hostname = False
        secure.verify_mode = ssl.CERT_NONE
    return secure


class _Line(asyncio.Protocol):
    """One connection in subscriber mode: bytes in, messages out."""

    def __init__(self, sound: Callable[[list[Any]], None]) -> None:
        self._sound = sound
        self._reader = hiredis.Reader()
        self._transport: asyncio.Transport | None = None
        loop = asyncio.get_running_loop()
        self.ponged: asyncio.Future[None] = loop.create_future()
        self.lost: asyncio.Future[None] = loop.create_future()

    def send(self, *words: Any) -> None:
        """Send one command."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(hiredis.pack_command(words))

    def abort(self) -> None:
        """Hang up at once."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name

    def data_received(self, data: bytes) -> None:
        """Called by the loop: everything that waited is handed on before anything is flushed."""
        self._reader.feed(data)
        try:
            while (message := self._reader.gets()) is not False:
                self._take(message)
        except hiredis.ProtocolError as broken:
            logger.warning("Redis spoke nonsense (%s); connecting anew.", broken)
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        if not self.lost.done():
            self.lost.set_result(None)
        if not self.ponged.done():
            self.ponged.set_exception(ConnectionResetError("Redis hung up"))
            self.ponged.exception()  # nobody may be waiting any more

    def _take(self, message: Any) -> None:
        match message:
            case [b"pong", _]:
                if not self.ponged.done():
                    self.ponged.set_result(None)
            case list():
                self._sound(message)
            case hiredis.ReplyError():
                # Wrong password, still loading, no permission: this line is of no use.
                if not self.ponged.done():
                    self.ponged.set_exception(RedisError(str(message)))
                    self.ponged.exception()
                self.abort()
