"""Many sockets in one process that believe nothing: every event must come to each of them once and in order.

All sockets hear the same bytes, so a piece is understood once and recognised by the others. What a delivery costs here
is one lookup and one comparison; the time of the last receiver is the time at which the piece was last recognised.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from bench import wire

PROTOCOL = "veche.1"
REMEMBERED = 4096  # pieces; the slowest socket is hardly further behind than that
NOTICES = ("rejoin", "reconnect")
PATIENCE = 15.0  # seconds to wait for an answer
HINTS = {"viewers", "reacted", "typing"}  # what has no place in a room and is no part of what is counted here

clock = time.perf_counter


@dataclass(slots=True, eq=False)
class Piece:
    """Bytes that held whole frames of events and nothing else."""

    first: int  # offsets of the first and the last event
    last: int
    heard: int = 0  # by so many sockets
    at: float = 0.0  # when the last of them heard it


@dataclass(slots=True)
class Message:
    """One message on its way."""

    sent: float
    offset: int = 0  # as acknowledged; 0: not yet
    refused: str = ""


@dataclass(slots=True)
class Ledger:
    """What the crowd said and heard, together."""

    room: str
    pieces: dict[bytes, Piece] = field(default_factory=dict)
    heard: list[Piece] = field(default_factory=list)
    keys: dict[int, str] = field(default_factory=dict)  # offset -> key of the event that was heard there
    messages: dict[str, Message] = field(default_factory=dict)  # key -> what was sent
    troubles: list[str] = field(default_factory=list)
    rejoined: int = 0  # times the server asked a socket to catch up by joining again
    events: int = 0  # deliveries
    reads: int = 0
    octets: int = 0  # bytes read

    def piece(self, raw: bytes, events: list[dict[str, Any]]) -> Piece:
        """Remember how these bytes are to be understood."""
        offsets = [event["at"] for event in events]
        if offsets != list(range(offsets[0], offsets[0] + len(offsets))):
            self.trouble(f"A frame holds events out of order: {offsets[:10]}")
        for event in events:
            known = self.keys.setdefault(event["at"], event.get("key", ""))
            if known != event.get("key", ""):
                self.trouble(f"Two events stand at offset {event['at']}")
        if len(self.pieces) >= REMEMBERED:
            del self.pieces[next(iter(self.pieces))]
        found = self.pieces[raw] = Piece(offsets[0], offsets[-1])
        self.heard.append(found)
        return found

    def trouble(self, sentence: str) -> None:
        """Note what must not happen."""
        self.troubles.append(sentence)


class Client(asyncio.Protocol):
    """One socket: it says hello, joins the room, listens, and says what it is told to say."""

    def __init__(self, ledger: Ledger, number: int) -> None:
        self.ledger = ledger
        self.number = number
        self.at = -1  # offset of the last event heard; -1: not in the room
        self.epoch = ""
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._asked = 0
        self._rest = b""
        self._open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._leaving = False

    # ---- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name

    def connection_lost(self, error: Exception | None) -> None:
        """The server hung up, or we did."""
        if not self._leaving:
            self.ledger.trouble(f"Socket {self.number} was closed by the server ({error or 'without a reason'})")
        gone = ConnectionError(self.ledger.troubles[-1] if self.ledger.troubles else "the bench left")
        waiters: list[asyncio.Future[Any]] = [self._open, *self._waiting.values()]
        for waiting in waiters:
            if not waiting.done():
                waiting.set_exception(gone)
                waiting.exception()  # looked at, so that asyncio does not complain when nobody waits any more

    def data_received(self, data: bytes) -> None:
        """The one function that is called a million times."""
        ledger = self.ledger
        ledger.octets += len(data)
        ledger.reads += 1
        if not self._rest:
            piece = ledger.pieces.get(data)
            if piece is not None:
                self._hear(piece)
                return
        try:
            self._read(self._rest + data)
        except (wire.Unexpected, json.JSONDecodeError, KeyError) as wrong:
            ledger.trouble(f"Socket {self.number} does not understand the server: {wrong!r}")
            self.close()

    # ---- the bench's side

    async def open(self, host: str, path: str) -> None:
        """The handshake."""
        self._transport.write(wire.handshake(host, path, PROTOCOL))
        await self._open

    async def enter(self, token: str) -> None:
        """Hello and join."""
        await self.ask({"do": "hello", "token": token})
        state = await self.ask({"do": "join", "room": self.ledger.room})
        self.at, self.epoch = state["offset"], state["epoch"]

    async def ask(self, command: dict[str, Any]) -> dict[str, Any]:
        """One command and its answer; raises ConnectionError when it is a no."""
        answer = await asyncio.wait_for(self._send(command), PATIENCE)
        if "ok" not in answer:
            raise ConnectionError(f"{command['do']} was refused: {answer.get('no')}")
        return answer["ok"]  # type: ignore[no-any-return]  # JSON

    def say(self, key: str, text: str, settled: Callable[[], None]) -> None:
        """Say something; the ledger learns what became of it, then `settled` is called."""
        message = self.ledger.messages[key] = Message(clock())

        def answered(future: asyncio.Future[dict[str, Any]]) -> None:
            answer = {} if future.exception() else future.result()
            message.offset = answer["ok"]["at"] if "ok" in answer else 0
            message.refused = answer["no"]["code"] if "no" in answer else ""
            settled()

        asked = self._send({"do": "chat.say", "room": self.ledger.room, "key": key, "text": text})
        asked.add_done_callback(answered)

    def close(self) -> None:
        """Leave without a word."""
        self._leaving = True
        self._transport.abort()

    # ---- what is heard

    def _read(self, stream: bytes) -> None:
        if not self._open.done():
            head, end, stream = stream.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            if not head.startswith(b"HTTP/1.1 101 "):
                raise wire.Unexpected(head.partition(b"\r\n")[0].decode("latin-1"))
            self._open.set_result(None)
        frames, size = wire.split(stream)
        self._rest = stream[size:]
        heard: list[dict[str, Any]] = []
        pure = True
        for kind, payload in frames:
            if kind != wire.TEXT:
                self._control(kind, payload)
                pure = False
                continue
            said = _without_hints(json.loads(payload))
            if isinstance(said, list) and all("at" in event for event in said):
                heard += said
            else:
                self._hear_events(heard)
                heard, pure = [], False
                self._answer(said)
        if heard:
            whole = pure and len(stream) == size
            self._hear(self.ledger.piece(stream[:size], heard)) if whole else self._hear_events(heard)

    def _hear_events(self, events: list[dict[str, Any]]) -> None:
        """Events that came together with something else: understood for this socket alone."""
        if events:
            name = json.dumps([event["at"] for event in events]).encode()
            piece = self.ledger.pieces.get(name) or self.ledger.piece(name, events)
            self._hear(piece)

    def _hear(self, piece: Piece) -> None:
        if piece.first != self.at + 1:
            what = "again" if piece.first <= self.at else "with a gap"
            self.ledger.trouble(f"Socket {self.number} heard {piece.first}-{piece.last} {what}, after {self.at}")
        self.at = piece.last
        piece.heard += 1
        piece.at = clock()
        self.ledger.events += piece.last - piece.first + 1

    def _answer(self, said: Any) -> None:
        if isinstance(said, list):
            for notice in said:
                self._notice(notice)
            return
        waiting = self._waiting.pop(said["re"], None) if said.get("re") is not None else None
        if waiting is None:
            self.ledger.trouble(f"Socket {self.number} was told {json.dumps(said)[:200]} without having asked")
        elif not waiting.done():
            waiting.set_result(said)

    def _notice(self, notice: dict[str, Any]) -> None:
        if notice.get("is") != "rejoin":
            self.ledger.trouble(f"Socket {self.number} was told {json.dumps(notice)[:200]}")
            return
        self.ledger.rejoined += 1
        after = {"epoch": self.epoch, "offset": self.at}
        asked = self._send({"do": "join", "room": self.ledger.room, "after": after})
        asked.add_done_callback(self._rejoined)

    def _rejoined(self, asked: asyncio.Future[dict[str, Any]]) -> None:
        if asked.exception():
            return  # closed, and noted
        state = asked.result().get("ok", {})
        if not state.get("resumed"):
            self.ledger.trouble(f"Socket {self.number} was not given what it missed after {self.at}")
            return
        self._hear_events(state["events"])

    def _control(self, kind: int, payload: bytes) -> None:
        if kind == wire.PING:
            self._transport.write(wire.frame(payload, wire.PONG))
        elif kind == wire.CLOSE:
            self.ledger.trouble(
                f"Socket {self.number} was closed: {int.from_bytes(payload[:2])} {payload[2:].decode()}"
            )
            self.close()

    def _send(self, command: dict[str, Any]) -> asyncio.Future[dict[str, Any]]:
        self._asked += 1
        waiting = self._waiting[self._asked] = asyncio.get_running_loop().create_future()
        self._transport.write(wire.frame(json.dumps({"id": self._asked, **command}).encode()))
        return waiting


def _without_hints(said: Any) -> Any:
    """Events and notices alone: a hint beside them has no place, and whoever does not know it ignores it."""
    if not isinstance(said, list):
        return said
    return [one for one in said if "at" in one or one.get("is") in NOTICES]
