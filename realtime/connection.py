"""One socket: bytes in, bytes out, greeting, heartbeat and back-pressure. What the bytes mean is visit.py's to say."""

import asyncio
from collections.abc import Sequence
from enum import Enum, auto
from typing import cast

from realtime import frames, handshake, messages, reader
from realtime.ceremony import Ceremony, Outcome
from realtime.errors import CLOSE_CODES, CLOSED_BAD_INPUT, CLOSED_TOO_FAST, CLOSED_TOO_SLOW, Refused
from realtime.limits import FRAMES, UNUSED, spend
from realtime.reader import Unfinished, Word
from realtime.session import HELLO_WITHIN, Refuse
from realtime.visit import Host, Visit

MESSAGE_LIMIT = 16_384  # bytes of one message from a client; a pass with hundreds of rooms fits
PIECES = 64  # fragments of one message
READ = 16_384  # bytes of one read
HIGH_WATER = 65_536  # bytes unsent: beyond this a socket gets no more events
LOW_WATER = 16_384  # bytes unsent: here it catches up
SILENT = 30  # seconds without a sound before the server pings
GONE = 75  # seconds without a sound after which nobody is there
STUCK = 10  # seconds above the high mark after which a socket is cut
ASIDE = 1024  # bytes of an answer that waits for the next one of the same read
ASIDE_AT_ONCE = 16  # such answers
AT_THE_DOOR = 32  # sockets above the limit that are told why; more would take the files Redis is reached by
FAREWELL = 5  # seconds for the other side to answer a close
NO_CODE, NO_FAREWELL, NO_TEXT = 1005, 1006, 1007  # close codes, RFC 6455, 7.4.1
BUFFER = memoryview(bytearray(READ))  # all sockets of a process read into it, one after the other


class Phase(Enum):
    """How far a socket's life has come."""

    GREETING = auto()
    OPEN = auto()
    LEAVING = auto()  # we said good-bye and wait for the answer
    OVER = auto()  # nothing is said any more, nothing that comes is read


GREETING, OPEN, LEAVING, OVER = Phase  # looked up often


class Connection(Visit, asyncio.BufferedProtocol):
    """One visitor's socket.

    A node holds many thousands that are silent nearly all the time, so what is rare has no place here of its own: no
    timer (the wheel looks at the clock), no buffer (one for all, because nothing waits in it), no parser between two
    messages. One read is at most some thousand frames, so that nobody holds the loop for long by sending tiny ones.
    """

    __slots__ = (
        "_aside",
        "_ceremony",
        "_choked",
        "_code",
        "_direct",
        "_heard",
        "_phase",
        "_pinged",
        "_spent",
        "_transport",
        "_unfinished",
    )

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._phase = GREETING
        self._aside: list[bytes | memoryview] | None = None  # answers that travel with the next one
        self._ceremony: Ceremony | None = None
        self._unfinished: Unfinished | None = None
        self._heard = host.wheel.now  # second of the last sound
        self._pinged = False
        self._choked: tuple[int, int] | None = None  # since when, and what was unsent then
        self._spent = UNUSED  # of the rate FRAMES
        self._code: int | None = None  # how it ends: the code of the close frame that was sent
        self._direct = -1  # the descriptor

    # What the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A stranger is at the door."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        self._transport.set_write_buffer_limits(high=HIGH_WATER, low=LOW_WATER)
        if self.host.direct:
            self._direct = self._transport.get_extra_info("socket").fileno()
        self.host.visits.add(self)
        self.host.wheel.put(self, within=HELLO_WITHIN + 1)
        if len(self.host.visits) > self.host.limit + AT_THE_DOOR:
            self._transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes may be put."""
        return BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Read what came, do what it asks for."""
        self._heard = self.host.wheel.now
        self._pinged = False
        came = bytes(BUFFER[:nbytes])
        if self._phase is GREETING:
            came = self._greet(came)
        if came and self._phase in (OPEN, LEAVING):
            words, self._unfinished = reader.read(came, self._unfinished, limit=MESSAGE_LIMIT, deflate=self.deflates)
            if len(words) > 1:
                self._read_together(words)
            elif words:
                self._read(words[0])
            if self._unfinished is not None and len(self._unfinished.pieces) > PIECES:
                self._cut_off(CLOSED_BAD_INPUT, "message.malformed")

    def eof_received(self) -> bool:
        """The other side will send no more."""
        self._hang_up()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        self._enter_phase(OVER)
        self.host.visits.discard(self)
        self.host.backlog.drop(self)
        self.host.wheel.drop(self)
        self.leave()
        if self._code is not None:
            self.host.stats.closes[self._code if self._code in CLOSE_CODES else 0] += 1  # clients may invent codes

    def pause_writing(self) -> None:
        """The high mark is passed."""
        self._choked = self.host.wheel.now, self.unsent
        self.host.stats.choked += 1
        self.host.backlog.choke(self)
        self._transport.pause_reading()  # who does not read our answers may not ask for more
        self.host.wheel.put(self, within=STUCK)

    def resume_writing(self) -> None:
        """The low mark is reached: what was left out comes now."""
        self._choked = None
        if self._phase is OPEN:
            self._transport.resume_reading()
            self.host.hub.drained(self, self.session.rooms)

    # What the worker, the hub and the visit call

    @property
    def open(self) -> bool:
        """Whether the visitor can be spoken to."""
        return self._phase is OPEN

    @property
    def choked(self) -> bool:
        """Whether the visitor does not take what was said before."""
        return self._choked is not None

    @property
    def unsent(self) -> int:
        """Bytes that wait for this socket."""
        return self._transport.get_write_buffer_size()

    def say(self, message: bytes) -> None:
        """Send one message, if the visitor can be spoken to."""
        if self._phase is OPEN:
            self._write(frames.text(message))

    def deliver(self, frame: bytes) -> bool:
        """Write a frame that many share; False when this socket is too slow now."""
        if self._choked is not None:
            return False
        if self._phase is OPEN:
            self._write(frame)
        return True

    def deliver_rest(self, rest: memoryview) -> None:
        """Write the rest of a frame of which a part was written to the descriptor."""
        if self._phase is OPEN:
            self._write(rest)

    def close(self, code: int, reason: str) -> None:
        """Say good-bye; the other side closes, or is cut after a while."""
        if self._phase is OPEN:
            self._code = code
            self._write(frames.close(frames.farewell(code, reason)))
            self._enter_phase(LEAVING)
            self.host.wheel.put(self, within=FAREWELL)
        elif self._phase is GREETING:
            self._enter_phase(OVER)
            self._transport.close()

    def cut(self, code: int, reason: str) -> None:
        """Hang up without waiting for anything."""
        self.close(code, reason)
        self._enter_phase(OVER)
        self._transport.abort()

    def look_at_the_clock(self) -> None:
        """The wheel has come round: greet the silent, close the gone, the stuck and the late."""
        now = self.host.wheel.now
        if self._phase in (LEAVING, OVER) or (now - self._heard > GONE and self._choked is None):
            self._enter_phase(OVER)
            self._transport.abort()
            return
        if self._choked is not None:
            self._look_for_progress(self._choked, now)
        else:
            self.act(self.session.look_at_the_clock(self.host.clock()))
            if self._phase is OPEN and now - self._heard >= SILENT and not self._pinged:
                self._pinged = True
                self._write(frames.PING_FRAME)
        if self._phase in (OPEN, GREETING):
            self.host.wheel.put(self, within=self._next_look(now))

    def _next_look(self, now: int) -> int:
        if self._choked is not None:
            return STUCK
        if self.session.visitor is None:
            return HELLO_WITHIN
        return self._heard + (GONE if self._pinged else SILENT) + 1 - now

    def _look_for_progress(self, choked: tuple[int, int], now: int) -> None:
        """A slow phone is waited for as long as it reads at all."""
        since, before = choked
        if now - since < STUCK:
            return
        if self.unsent >= before:
            self.cut(CLOSED_TOO_SLOW, "client.too_slow")
        else:
            self._choked = now, self.unsent

    # Writing

    def _write(self, bytes_: bytes | memoryview) -> None:
        if self._aside is not None:
            self._aside.append(bytes_)
            if len(bytes_) <= ASIDE and len(self._aside) < ASIDE_AT_ONCE:
                return
            bytes_, self._aside = b"".join(self._aside), []
        self._transport.write(bytes_)
        if self._transport.get_write_buffer_size():
            self.fd = -1  # what is written directly would overtake what waits
            self.host.backlog.add(self)
        else:
            self.fd = self._direct

    def _write_what_is_aside(self) -> None:
        aside, self._aside = self._aside, None
        if aside:
            self._write(b"".join(aside))

    def _enter_phase(self, phase: Phase) -> None:
        self._phase = phase
        if phase is not OPEN:
            self._write_what_is_aside()
            self.fd = self._direct = -1  # the descriptor may soon be somebody else's

    # Greeting and words

    def _greet(self, came: bytes) -> bytes:
        """Shake hands; what came behind the handshake."""
        if self._ceremony is None:
            ordinary = handshake.read(came)
            if ordinary is not None:
                wish, end = ordinary
                if self._refusal(wish.path.partition("?")[0], wish.origins) is None:
                    return self._let_in(Outcome(handshake.welcome(wish), "", wish.deflate, came[end:]))
            self._ceremony = Ceremony()
        outcome = self._ceremony.read(came, self._refusal)
        if outcome is None:
            return b""
        self._ceremony = None
        return self._let_in(outcome)

    def _let_in(self, outcome: Outcome) -> bytes:
        self._write(outcome.answer)
        if outcome.refused:
            self.host.stats.refusals[outcome.refused] += 1
            self._hang_up()
            return b""
        self.host.stats.handshakes += 1
        self._enter_phase(OPEN)
        self._code = NO_FAREWELL
        self.deflates = outcome.deflate
        return outcome.rest

    def _refusal(self, path: str, origins: Sequence[str]) -> tuple[int, Refused] | None:
        if path != messages.PATH:
            return 404, Refused("path.unknown")
        # A browser always says where the page came from; a program that does not is held by its pass alone.
        if origins and not self.host.origins.issuperset(origins):
            return 403, Refused("origin.foreign")
        if len(self.host.visits) > self.host.limit:
            return 503, Refused("server.full", retry_after=5)
        return None

    def _read_together(self, words: Sequence[Word]) -> None:
        """A page leaves one room and enters the next in one breath; what it is answered is one write, too."""
        self._aside = []
        try:
            for word in words:
                self._read(word)
        finally:
            self._write_what_is_aside()

    def _read(self, word: Word) -> None:
        kind, payload = word
        if kind == reader.CLOSE:
            self._answer_farewell(payload)
        elif self._phase is not OPEN:
            return
        elif self._is_too_fast():
            self._cut_off(CLOSED_TOO_FAST, "limit.too_fast")
        elif kind == reader.TEXT:
            self._hear(payload)
        elif kind == reader.PING:
            self._write(frames.pong(payload))
        elif kind == reader.BINARY:
            self.act([Refuse(None, Refused("message.binary"))])

    def _hear(self, text: bytes) -> None:
        if not text.isascii():
            try:
                text.decode()
            except UnicodeDecodeError:
                self.act([Refuse(None, Refused("message.malformed"))])
                self.close(NO_TEXT, "message.malformed")
                return
        self.hear(text)

    def _is_too_fast(self) -> bool:
        if self.session.swift:
            return False
        self._spent, wait = spend(FRAMES, self._spent, self.host.wheel.now)
        return wait > 0

    def _cut_off(self, code: int, reason: str) -> None:
        """Say good-bye to a flood, and read no more of it."""
        self.close(code, reason)
        self._transport.pause_reading()

    def _answer_farewell(self, payload: bytes) -> None:
        """The other side leaves, answers our good-bye, or broke the protocol."""
        if self._phase is OPEN:
            self._code = int.from_bytes(payload[:2]) if payload else NO_CODE
            self._write(frames.close(payload))
        self._hang_up()

    def _hang_up(self) -> None:
        """Only our half: closing with bytes unread would reset the wire and take our last words along."""
        if self._phase is not OVER:
            self._enter_phase(OVER)
            self.host.wheel.put(self, within=FAREWELL)
            if not self._transport.is_closing():
                self._transport.write_eof()
