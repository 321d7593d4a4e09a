"""One socket: bytes in, bytes out, around websockets' Sans-I/O protocol. What they mean is visit.py's to say."""

import asyncio
import json
import logging
from typing import cast

from websockets.exceptions import InvalidMessage
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from realtime import frames, messages
from realtime.errors import CLOSE_CODES, CLOSED_BAD_INPUT, CLOSED_TOO_FAST, CLOSED_TOO_SLOW, Refused
from realtime.limits import FRAMES, full
from realtime.session import Refuse
from realtime.visit import Host, Visit

MESSAGE_LIMIT = 16_384  # bytes of one message from a client; a pass with hundreds of rooms fits
PIECES = 64  # fragments of one message
READ = 16_384  # bytes of one read
HIGH_WATER = 65_536  # bytes unsent: beyond this a socket gets no more events
LOW_WATER = 16_384  # bytes unsent: here it catches up
SILENT = 30.0  # seconds without a sound before the server pings
GONE = 75.0  # seconds without a sound after which nobody is there
STUCK = 10.0  # seconds above the high mark after which a socket is cut
NOT_HTTP = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
FAREWELL = 5.0  # seconds for the other side to answer a close
BUFFER = memoryview(bytearray(READ))  # all sockets of a process read into it, one after the other

# The library tells every opened and refused handshake; our stats count them.
library_log = logging.getLogger("realtime.websockets")
library_log.setLevel(logging.CRITICAL)


class Connection(Visit, asyncio.BufferedProtocol):
    """One visitor's socket.

    All sockets of a worker read into one small buffer, for nothing waits in it: one read is at most some thousand
    frames, so that nobody holds the loop for long by sending many tiny ones.
    """

    __slots__ = (
        "_choked_at",
        "_closing_at",
        "_frames",
        "_greeted",
        "_heard_at",
        "_loop",
        "_open",
        "_parts",
        "_pinged",
        "_protocol",
        "_transport",
        "_unsent_before",
    )

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._loop = asyncio.get_running_loop()
        self._protocol = ServerProtocol(
            subprotocols=[Subprotocol(messages.SUBPROTOCOL)], max_size=MESSAGE_LIMIT, logger=library_log
        )
        self._parts: list[bytes] = []
        self._heard_at = self._loop.time()
        self._choked_at: float | None = None
        self._closing_at: float | None = None
        self._pinged = False
        self._greeted = False
        self._unsent_before = 0
        self._frames = full(FRAMES, self._heard_at)
        self._open = False

    # What the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A stranger is at the door."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        self._transport.set_write_buffer_limits(high=HIGH_WATER, low=LOW_WATER)
        self.host.visits.add(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes may be put."""
        return BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Read what came, do what it asks for."""
        self._heard_at = self._loop.time()
        self._pinged = False
        self._protocol.receive_data(bytes(BUFFER[:nbytes]))
        if isinstance(self._protocol.handshake_exc, InvalidMessage) and self._closing_at is None:
            self._closing_at = self._heard_at
            self._transport.write(NOT_HTTP)  # the library would hang up without a word
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._greet(event)
            elif isinstance(event, Frame):
                self._read(event)
        self._push()

    def eof_received(self) -> bool:
        """The other side will send no more."""
        self._protocol.receive_eof()
        self._push()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        self._open = False
        self.host.visits.discard(self)
        self.leave()
        if self._greeted:
            said = self._protocol.close_sent
            code = said.code if said is not None else 1006
            self.host.stats.closes[code if code in CLOSE_CODES else 0] += 1  # clients may invent codes

    def pause_writing(self) -> None:
        """The high mark is passed."""
        self._choked_at = self._loop.time()
        self._unsent_before = self.unsent
        self.host.stats.choked += 1
        self._transport.pause_reading()  # who does not read our answers may not ask for more

    def resume_writing(self) -> None:
        """The low mark is reached: what was left out comes now."""
        self._choked_at = None
        if self.open:
            self._transport.resume_reading()
            self.host.hub.drained(self, self.session.rooms)

    # What the worker, the hub and the visit call

    @property
    def open(self) -> bool:
        """Whether the visitor can be spoken to."""
        return self._open

    @property
    def choked(self) -> bool:
        """Whether the visitor does not take what was said before."""
        return self._choked_at is not None

    def say(self, message: bytes) -> None:
        """Send one message, if the visitor can be spoken to."""
        if self._open:
            self._transport.write(frames.text(message))

    def deliver(self, frame: bytes) -> bool:
        """Write a frame that many share; False when this socket is too slow now."""
        if self._choked_at is not None:
            return False
        if self.open:
            self._transport.write(frame)
        return True

    def look_at_the_clock(self) -> None:
        """Called every few seconds: greet the silent, close the gone, the stuck and the late."""
        now = self._loop.time()
        if self._closing_at is not None and now - self._closing_at > FAREWELL:
            self._transport.abort()
        elif self._choked_at is not None and now - self._choked_at > STUCK:
            self._look_for_progress(now)
        elif now - self._heard_at > GONE:
            self._transport.abort()
        elif self._closing_at is None:
            self.act(self.session.look_at_the_clock(self.host.clock()))
            if self.open and now - self._heard_at > SILENT and not self._pinged:
                self._pinged = True
                self._protocol.send_ping(b"")
            self._push()

    def close(self, code: int, reason: str) -> None:
        """Say good-bye; the other side closes, or is cut after a while."""
        if self._closing_at is None:
            self._closing_at = self._loop.time()
            # The library reads ahead: the other side's close may have come behind the message that we answer now.
            if self._protocol.state is State.OPEN:
                self._protocol.send_close(code, reason)
                self._push()
            elif self._protocol.state is State.CONNECTING:
                self._transport.close()
            self._open = False

    @property
    def unsent(self) -> int:
        """Bytes that wait for this socket."""
        return self._transport.get_write_buffer_size()

    def _look_for_progress(self, now: float) -> None:
        """A slow phone is waited for as long as it reads at all."""
        if self.unsent >= self._unsent_before:
            self.close(CLOSED_TOO_SLOW, "client.too_slow")
            self._transport.abort()
            return
        self._unsent_before, self._choked_at = self.unsent, now

    # Handshake and frames

    def _greet(self, request: Request) -> None:
        if self._protocol.eof_sent:
            return  # nonsense came right behind the request, and the library has hung up already
        no = self._refusal(request)
        if no is not None:
            status, refused = no
            self.host.stats.refusals[refused.code] += 1
            response = self._protocol.reject(status, json.dumps(refused.wire()))
            del response.headers["Content-Type"]
            response.headers["Content-Type"] = "application/json"
        else:
            response = self._protocol.accept(request)
        self._protocol.send_response(response)
        self._open = self._greeted = self._protocol.state is State.OPEN
        if self.open:
            self.host.stats.handshakes += 1
        elif no is None:
            self.host.stats.refusals["handshake.wrong"] += 1

    def _refusal(self, request: Request) -> tuple[int, Refused] | None:
        if request.path.partition("?")[0] != messages.PATH:
            return 404, Refused("path.unknown")
        # A browser always says where the page came from; a program that does not is held by its pass alone.
        origins = request.headers.get_all("Origin")
        if origins and not self.host.origins.issuperset(origins):
            return 403, Refused("origin.foreign")
        if len(self.host.visits) > self.host.limit:
            return 503, Refused("server.full", retry_after=5)
        return None

    def _read(self, frame: Frame) -> None:
        if not self.open:
            return
        if self._frames.take(self._heard_at):
            self._cut_off(CLOSED_TOO_FAST, "limit.too_fast")
        elif frame.opcode is Opcode.TEXT and frame.fin:
            self.hear(bytes(frame.data))
        elif frame.opcode in (Opcode.TEXT, Opcode.CONT):
            self._parts.append(bytes(frame.data))
            if len(self._parts) > PIECES:
                self._cut_off(CLOSED_BAD_INPUT, "message.malformed")
            elif frame.fin:
                whole, self._parts = b"".join(self._parts), []
                self.hear(whole)
        elif frame.opcode is Opcode.BINARY:
            # Its continuation, if any, is refused as text that is no message.
            self.act([Refuse(None, Refused("message.binary"))])

    def _cut_off(self, code: int, reason: str) -> None:
        """Say good-bye to a flood, and read no more of it."""
        self.close(code, reason)
        self._transport.pause_reading()

    def _push(self) -> None:
        """Write what the protocol wants to say: handshake, pongs, closes."""
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            elif not self._transport.is_closing():
                # Only our half: closing with bytes unread would reset the wire and take our last words along.
                self._transport.write_eof()
                self._closing_at = self._closing_at or self._loop.time()
        if self._protocol.state is not State.OPEN:
            self._open = False
            if self._closing_at is None and self._protocol.state is not State.CONNECTING:
                self._closing_at = self._loop.time()
