"""One socket: bytes in, bytes out, around websockets' Sans-I/O protocol. It decides nothing: session.py does."""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, assert_never, cast

from websockets.exceptions import InvalidMessage
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from realtime import frames, messages
from realtime.errors import CLOSE_CODES, CLOSED_BAD_INPUT, CLOSED_TOO_FAST, CLOSED_TOO_SLOW, Refused
from realtime.hub import Hub
from realtime.limits import FRAMES, full
from realtime.log import Placed, Write, Writer
from realtime.session import Action, Answer, Append, Close, Enter, Exit, Refuse, Retract, Session
from realtime.stats import Stats

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

# The library tells every opened and refused handshake; our stats count them.
library_log = logging.getLogger("realtime.websockets")
library_log.setLevel(logging.CRITICAL)


@dataclass(slots=True)
class Host:
    """What a socket needs of its worker."""

    secret: str
    origins: frozenset[str]
    limit: int  # sockets of one worker
    hub: Hub
    writer: Writer
    stats: Stats
    clock: Callable[[], float]  # Unix seconds
    spawn: Callable[[Coroutine[Any, Any, None]], Any]
    buffer: memoryview = field(default_factory=lambda: memoryview(bytearray(READ)))
    sockets: set["Connection"] = field(default_factory=set)


class Connection(asyncio.BufferedProtocol):
    """One visitor's socket.

    All sockets of a worker read into one small buffer, for nothing waits in it: one read is at most some thousand
    frames, so that nobody holds the loop for long by sending many tiny ones.
    """

    __slots__ = (
        "_choked_at",
        "_closing_at",
        "_entering",
        "_frames",
        "_greeted",
        "_heard_at",
        "_host",
        "_loop",
        "_parts",
        "_pinged",
        "_protocol",
        "_transport",
        "_unsent_before",
        "open",
        "session",
    )

    def __init__(self, host: Host) -> None:
        self._host = host
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
        self._entering: set[str] = set()  # rooms that Redis is being asked for
        self._frames = full(FRAMES, self._heard_at)
        self.open = False
        self.session = Session(host.secret, opened=host.clock())

    # What the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A stranger is at the door."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        self._transport.set_write_buffer_limits(high=HIGH_WATER, low=LOW_WATER)
        self._host.sockets.add(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes may be put."""
        return self._host.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Read what came, do what it asks for."""
        self._heard_at = self._loop.time()
        self._pinged = False
        self._protocol.receive_data(bytes(self._host.buffer[:nbytes]))
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
        self.open = False
        self._host.sockets.discard(self)
        for room in self.session.rooms:
            self._host.hub.leave(self, room)
        if self._greeted:
            said = self._protocol.close_sent
            code = said.code if said is not None else 1006
            self._host.stats.closes[code if code in CLOSE_CODES else 0] += 1  # clients may invent codes

    def pause_writing(self) -> None:
        """The high mark is passed."""
        self._choked_at = self._loop.time()
        self._unsent_before = self.unsent
        self._host.stats.choked += 1
        self._transport.pause_reading()  # who does not read our answers may not ask for more

    def resume_writing(self) -> None:
        """The low mark is reached: what was left out comes now."""
        self._choked_at = None
        if self.open:
            self._transport.resume_reading()
            self._host.hub.drained(self, self.session.rooms)

    # What the worker and the hub call

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
            self._act(self.session.look_at_the_clock(self._host.clock()))
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
            self.open = False

    @property
    def unsent(self) -> int:
        """Bytes that wait for this socket."""
        return self._transport.get_write_buffer_size()

    @property
    def who(self) -> str:
        """Whom ops see in the list of slow sockets."""
        return f"user {self.session.visitor.user}" if self.session.visitor else "a stranger"

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
            self._host.stats.refusals[refused.code] += 1
            response = self._protocol.reject(status, json.dumps(refused.wire()))
            del response.headers["Content-Type"]
            response.headers["Content-Type"] = "application/json"
        else:
            response = self._protocol.accept(request)
        self._protocol.send_response(response)
        self.open = self._greeted = self._protocol.state is State.OPEN
        if self.open:
            self._host.stats.handshakes += 1
        elif no is None:
            self._host.stats.refusals["handshake.wrong"] += 1

    def _refusal(self, request: Request) -> tuple[int, Refused] | None:
        if request.path.partition("?")[0] != messages.PATH:
            return 404, Refused("path.unknown")
        # A browser always says where the page came from; a program that does not is held by its pass alone.
        origins = request.headers.get_all("Origin")
        if origins and not self._host.origins.issuperset(origins):
            return 403, Refused("origin.foreign")
        if len(self._host.sockets) > self._host.limit:
            return 503, Refused("server.full", retry_after=5)
        return None

    def _read(self, frame: Frame) -> None:
        if not self.open:
            return
        if self._frames.take(self._heard_at):
            self._cut_off(CLOSED_TOO_FAST, "limit.too_fast")
        elif frame.opcode is Opcode.TEXT and frame.fin:
            self._hear(frame.data)
        elif frame.opcode in (Opcode.TEXT, Opcode.CONT):
            self._parts.append(bytes(frame.data))
            if len(self._parts) > PIECES:
                self._cut_off(CLOSED_BAD_INPUT, "message.malformed")
            elif frame.fin:
                whole, self._parts = b"".join(self._parts), []
                self._hear(whole)
        elif frame.opcode is Opcode.BINARY:
            # Its continuation, if any, is refused as text that is no message.
            self._act([Refuse(None, Refused("message.binary"))])

    def _cut_off(self, code: int, reason: str) -> None:
        """Say good-bye to a flood, and read no more of it."""
        self.close(code, reason)
        self._transport.pause_reading()

    def _hear(self, text: bytes | bytearray | memoryview) -> None:
        self._host.stats.commands += 1
        self._act(self.session.hear(bytes(text), now=self._host.clock()))

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
            self.open = False
            if self._closing_at is None and self._protocol.state is not State.CONNECTING:
                self._closing_at = self._loop.time()

    # What the session decided

    def _act(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Answer():
                    self._say(messages.answer(action.re, action.ok))
                case Refuse():
                    self._refuse(action.re, action.refused)
                case Enter():
                    self._enter(action)
                case Exit():
                    self._host.hub.leave(self, action.room)
                case Append() | Retract():
                    self._write(action)
                case Close():
                    self.close(action.code, action.reason)
                case _:
                    assert_never(action)

    def _say(self, message: bytes) -> None:
        if self.open:
            self._transport.write(frames.text(message))

    def _refuse(self, re: int | None, refused: Refused) -> None:
        self._host.stats.refusals[refused.code] += 1
        self._say(messages.refusal(re, refused))

    def _enter(self, action: Enter) -> None:
        if action.room in self._entering or self._choked_at is not None:
            # One answer at a time, and no new ones for a socket that does not take the old ones.
            self._refuse(action.re, Refused("limit.too_fast", retry_after=1.0))
            return
        state = self._host.hub.enter(self, action.room, action.after)
        if state is not None:
            self._say(messages.answer(action.re, state))
        else:
            self._entering.add(action.room)
            self._host.spawn(self._enter_cold(action))

    async def _enter_cold(self, action: Enter) -> None:
        try:
            state = await self._host.hub.join(self, action.room, action.after)
        except Refused as no:
            self.session.rooms.discard(action.room)
            self._host.hub.leave(self, action.room)
            self._refuse(action.re, no)
        else:
            self._say(messages.answer(action.re, state))
            if not self.open or action.room not in self.session.rooms:
                self._host.hub.leave(self, action.room)  # they left while Redis was asked
        finally:
            self._entering.discard(action.room)

    def _write(self, action: Append | Retract) -> None:
        target, author = (action.target, action.author) if isinstance(action, Retract) else (0, None)
        try:
            placed = self._host.writer.submit(
                Write(action.room, action.user, action.key, action.body, target=target, author=author)
            )
        except Refused as no:
            self._refuse(action.re, no)
            return
        placed.add_done_callback(partial(self._written, action.re))

    def _written(self, re: int, placed: asyncio.Future[Placed]) -> None:
        if placed.cancelled():
            return
        match placed.exception():
            case None:
                where = placed.result()
                self._say(messages.answer(re, messages.json({"epoch": where.epoch, "at": where.offset})))
            case Refused() as no:
                self._refuse(re, no)
            case other:
                raise other
