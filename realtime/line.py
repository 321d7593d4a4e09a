"""One connection to a Redis in subscriber mode: bytes in, messages out. It never comes back by itself."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from typing import Any, cast

import hiredis
from redis.asyncio import SSLConnection
from redis.exceptions import RedisError

MOVED = "MOVED "

logger = logging.getLogger(__name__)


class Line(asyncio.Protocol):
    """`sound` gets each message; `moved` the words behind a MOVED; any other complaint ends the line."""

    def __init__(self, sound: Callable[[list[Any]], None], moved: Callable[[str], None]) -> None:
        self._sound = sound
        self._moved = moved
        self._reader = hiredis.Reader()
        self._transport: asyncio.Transport | None = None
        loop = asyncio.get_running_loop()
        self.ponged: asyncio.Future[None] = loop.create_future()
        self.lost: asyncio.Future[None] = loop.create_future()

    async def connect(self, where: Mapping[str, Any]) -> None:
        """Reach a server; `where` are keywords of redis.asyncio.Connection. Raises OSError."""
        loop = asyncio.get_running_loop()
        if "path" in where:
            await loop.create_unix_connection(lambda: self, where["path"])
        else:
            secure = _tls(where) if where.get("connection_class") is SSLConnection else None
            host, port = where.get("host", "localhost"), where.get("port", 6379)
            await loop.create_connection(lambda: self, host, port, ssl=secure)
        if where.get("password"):
            name = where.get("username") or "default"
            self.send(b"AUTH", name.encode(), where["password"].encode())

    async def pong(self) -> None:
        """Until everything sent before was answered. Raises RedisError, ConnectionResetError."""
        self.send(b"PING")
        await self.ponged

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
        self._fail(ConnectionResetError("Redis hung up"))

    def _take(self, message: Any) -> None:
        match message:
            case [b"pong", _] | b"PONG":  # the latter where nothing is subscribed yet
                if not self.ponged.done():
                    self.ponged.set_result(None)
            case list():
                self._sound(message)
            case hiredis.ReplyError() if str(message).startswith(MOVED):
                self._moved(str(message).removeprefix(MOVED))
            case hiredis.ReplyError():
                # Wrong password, still loading, no permission: this line is of no use.
                self._fail(RedisError(str(message)))
                self.abort()

    def _fail(self, why: Exception) -> None:
        if not self.ponged.done():
            self.ponged.set_exception(why)
            self.ponged.exception()  # nobody may be waiting any more


def _tls(where: Mapping[str, Any]) -> ssl.SSLContext:
    """The client's own, so that every option of the address means the same here and there."""
    return SSLConnection(
        **{name: value for name, value in where.items() if name != "connection_class"}
    ).ssl_context.get()
