"""One TCP connection between a visitor and a worker: late, slow, cut, or silently dead. Bytes are never reordered."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from tests.simulator.loop import Loop

QUICK, SLOW = 0.001, 0.080  # seconds that a packet travels
ROOM = 1500  # bytes that the kernels and the wire hold; what is more waits in the server's own buffer


class End(Protocol):
    """The visitor's end of the wire."""

    reading: bool  # whether they take what comes

    def received(self, wire: "Wire", data: bytes) -> None:
        """Some bytes came."""

    def lost(self, wire: "Wire") -> None:
        """The wire is gone."""


class Wire(asyncio.Transport):
    """The server's end, as its protocol sees it."""

    def __init__(self, loop: Loop, chance: random.Random, end: End, written: Callable[[bytes], None]) -> None:
        """`written` sees everything at the moment at which the server says it."""
        super().__init__()
        self._loop = loop
        self._chance = chance
        self._end = end
        self._written = written
        self._protocol: asyncio.BufferedProtocol
        self._unsent = bytearray()
        self._down: deque[tuple[float, bytes]] = deque()  # on the way to the visitor, and when it is there
        self._up: deque[tuple[float, bytes]] = deque()  # on the way to the server
        self._high, self._low = 65_536, 16_384
        self._choked = False
        self._listens = True
        self._closing = self._eof = self._farewell = False
        self.over = False  # nothing is done for the server any more
        self.frozen = False  # nothing arrives any more, and nobody is told
        self.most = 0  # bytes that ever waited here

    # What the server calls

    def start(self, protocol: asyncio.BufferedProtocol) -> None:
        """The server has accepted."""
        self._protocol = protocol
        protocol.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._eof:
            raise RuntimeError("Cannot call write() after write_eof()")
        if self.over or self._closing or not data:
            return
        self._written(bytes(data))
        self._unsent += data
        self.most = max(self.most, len(self._unsent))
        self._send()
        if len(self._unsent) > self._high and not self._choked:
            self._choked = True
            self._protocol.pause_writing()

    def write_eof(self) -> None:
        self._eof = True
        self._send()

    def close(self) -> None:
        self._closing = True
        self._listens = False
        self._send()

    def abort(self) -> None:
        if not self.over and not self._farewell:
            self._unsent.clear()
            self._closing = True
            self._send()
        elif not self.over:
            self._loop.call_soon(self._end_here)

    def is_closing(self) -> bool:
        return self._closing or self.over

    def get_write_buffer_size(self) -> int:
        return len(self._unsent)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high, self._low = high or 0, low or 0

    def pause_reading(self) -> None:
        self._listens = False

    def resume_reading(self) -> None:
        self._listens = True
        self._loop.call_soon(self._hand_over)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    # What the visitor calls

    def wish(self, data: bytes) -> None:
        """The visitor sends bytes; empty: they hang up."""
        self._up.append((self._later(self._up), data))
        self._loop.call_at(self._up[-1][0], self._hand_over)

    def read_on(self) -> None:
        """The visitor takes what comes again."""
        self._arrive()

    # What happens to it

    def cut(self) -> None:
        """Somebody between them breaks it; each side hears of it in its own time."""
        if not self.frozen:
            self._loop.soon(self._chance.uniform(0, 0.5), self._end_here)
            self._loop.soon(self._chance.uniform(0, 0.5), self._end.lost, self)

    def die(self) -> None:
        """The server's process is gone: it hears nothing of it, and the visitor's kernel does."""
        self.over = True
        if not self.frozen:
            self._loop.soon(self._chance.uniform(QUICK, SLOW), self._end.lost, self)

    def _send(self) -> None:
        travelling = sum(len(piece) for _, piece in self._down)
        while self._unsent and travelling < ROOM:
            piece = bytes(self._unsent[: self._chance.randint(1, ROOM)])
            del self._unsent[: len(piece)]
            travelling += len(piece)
            self._travel(piece)
        if not self._unsent and (self._eof or self._closing) and not self._farewell:
            self._farewell = True
            self._travel(b"")
        if self._farewell and self._closing:
            self._loop.call_soon(self._end_here)

    def _travel(self, piece: bytes) -> None:
        self._down.append((self._later(self._down), piece))
        self._loop.call_at(self._down[-1][0], self._arrive)

    def _later(self, road: deque[tuple[float, bytes]]) -> float:
        sent = self._loop.now + self._chance.uniform(QUICK, SLOW) / 4
        return max(sent, road[-1][0]) if road else sent

    def _arrive(self) -> None:
        """What has travelled long enough reaches a visitor who reads."""
        while self._down and self._down[0][0] <= self._loop.now and self._end.reading and not self.frozen:
            _, piece = self._down.popleft()
            if piece:
                self._end.received(self, piece)
            else:
                self._end.lost(self)
        if self.over:
            return
        self._send()
        if self._choked and len(self._unsent) <= self._low:
            self._choked = False
            self._protocol.resume_writing()

    def _hand_over(self) -> None:
        while self._up and self._up[0][0] <= self._loop.now and self._listens and not self.frozen and not self.over:
            _, data = self._up.popleft()
            if not data and not self._protocol.eof_received():
                self._loop.call_soon(self._end_here)
            while data:
                place = memoryview(self._protocol.get_buffer(-1))
                piece, data = data[: len(place)], data[len(place) :]
                place[: len(piece)] = piece
                self._protocol.buffer_updated(len(piece))

    def _end_here(self) -> None:
        if not self.over:
            self.over = True
            self._protocol.connection_lost(None)
