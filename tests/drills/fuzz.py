"""Conversations that nobody should hold: valid handshakes, frames and messages, bent at random. Pure: a seed is all.

`Fuzzer(seed, ...).conversation()` gives the bytes of one connection and how many inputs in it were bent.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from realtime.commands import COMMANDS
from tests.realtime import speech

Json = dict[str, Any]
HANDSHAKE = [
    b"GET /ws HTTP/1.1",
    b"Host: veche",
    b"Upgrade: websocket",
    b"Connection: Upgrade",
    b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    b"Sec-WebSocket-Protocol: veche.1",
    b"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover",
    b"Origin: http://127.0.0.1:8000",
]
TEXT, CLOSE, PING = 1, 8, 9
MESSAGES = 8  # bent messages of one connection; ten mistakes close it
BENT_HANDSHAKES = 0.25  # of the connections
ODD: Sequence[Any] = (
    *(None, True, False, 0, -1, 1.5, 1e308, -0.0, 2**53, 2**53 + 1, 2**64, 10**40, "", " ", "\x00", "\u202e", "💥"),
    *("x" * 300, "ы" * 5000, [], {}, [[]], [None] * 50, {"": {}}, "chat:1", "chat:0", "chat:-1", "chat:1:desk"),
    *("questions:1", "inbox:1", "passes:1", "chat:١", "chat:1\n", "{chat:1}", "__proto__", "veche:rooms", "0", "٣"),
)
ODD_LINES = (
    *(b"", b":", b"X", b": x", b"Host: a\x00b", b"Content-Length: 5", b"Content-Length: -1", b"Host: " + b"a" * 9000),
    *(b"Transfer-Encoding: chunked", b" folded: line", b"Upgrade: h2c", b"Sec-WebSocket-Version: 8", b"\xff\xfe: \xfd"),
    *(b"Sec-WebSocket-Key: !", b"Sec-WebSocket-Protocol: \x01", b"Sec-WebSocket-Extensions: permessage-deflate; a=b"),
    *(b"Origin: null", b"Expect: 100-continue", b"GET /ws HTTP/1.1", b"Connection: close"),
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one connection sends, and how much of it was bent."""

    sent: bytes
    bent: int


class Fuzzer:
    """Conversations one after the other; the same seed gives the same ones."""

    def __init__(self, seed: int, *, tokens: Sequence[str], rooms: Sequence[str]) -> None:
        """`tokens` are good passes to those rooms."""
        self._chance = Random(seed)
        self._tokens = tokens
        self._rooms = rooms

    def conversation(self) -> Conversation:
        """The next one."""
        chance = self._chance
        if chance.random() < BENT_HANDSHAKES:
            return Conversation(self._bent_handshake() + self._frame(b'{"id":1,"do":"ping"}'), 1)
        sent = [b"\r\n".join(HANDSHAKE) + b"\r\n\r\n"]
        if chance.random() < 0.9:
            sent.append(self._frame(self._json({"id": 1, "do": "hello", "token": chance.choice(self._tokens)})))
        if chance.random() < 0.7:
            sent.append(self._frame(self._json({"id": 2, "do": "join", "room": chance.choice(self._rooms)})))
        bent = chance.randint(1, MESSAGES)
        sent += [self._bent() for _ in range(bent)]
        return Conversation(b"".join(sent), bent)

    def _bent_handshake(self) -> bytes:
        chance, lines = self._chance, list(HANDSHAKE)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(lines))
            match chance.randrange(5):
                case 0:
                    lines[at] = self._bent_bytes(lines[at])
                case 1:
                    lines.insert(at, chance.choice(ODD_LINES))
                case 2:
                    lines[at : at + 1] = [lines[at]] * chance.choice((0, 2, 200)) or [b""]
                case 3:
                    lines[at] = chance.choice(ODD_LINES)
                case 4:
                    chance.shuffle(lines)
        whole = chance.choice((b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r")).join(lines) + b"\r\n\r\n"
        return whole[: chance.randrange(len(whole))] if chance.random() < 0.1 else whole

    def _bent(self) -> bytes:
        """One message, bent in its fields, its text, its bytes or its frame."""
        chance = self._chance
        bend: Callable[[], bytes] = chance.choice(
            (self._bent_fields, self._bent_fields, self._bent_text, self._bent_frame, self._bent_wire, self._odd_frame)
        )
        return bend()

    def _message(self) -> Json:
        kind = self._chance.choice(tuple(COMMANDS.values()))
        return speech.message(
            kind,
            id=self._chance.randrange(1000),
            room=self._chance.choice(self._rooms),
            key=f"key-{self._chance.getrandbits(40):x}-long",
            token=self._chance.choice(self._tokens),
        )

    def _bent_fields(self) -> bytes:
        chance, message = self._chance, self._message()
        for _ in range(chance.randint(1, 2)):
            name = chance.choice(tuple(message))
            match chance.randrange(5):
                case 0:
                    del message[name]
                    message.setdefault("do", "chat.say")
                case 1:
                    message[chance.choice((name, "else", "", "__class__"))] = chance.choice(ODD)
                case 2:
                    message[name] = {name: message[name]} if chance.random() < 0.5 else [message[name]]
                case 3:
                    message[name] = self._deep()
                case 4:
                    message[name] = chance.choice(ODD)
        return self._frame(self._json(message))

    def _bent_text(self) -> bytes:
        return self._frame(self._bent_bytes(self._json(self._message())))

    def _bent_frame(self) -> bytes:
        """A good message in a frame whose head lies."""
        chance, body = self._chance, self._json(self._message())
        return self._frame(
            body,
            opcode=chance.randrange(16),
            final=chance.random() < 0.5,
            reserved=chance.choice((0, 0, 0, 1, 2, 4, 7)),
            masked=chance.random() < 0.9,
            length=chance.choice((None, None, 0, len(body) // 2, len(body) + 7, 2**16, 2**31, 2**63, 2**64 - 1)),
        )

    def _bent_wire(self) -> bytes:
        return self._bent_bytes(self._frame(self._json(self._message())))

    def _odd_frame(self) -> bytes:
        """Control frames and fragments where they are allowed, and where they are not."""
        chance, body = self._chance, self._json(self._message())
        at = chance.randrange(len(body))
        parts = [self._frame(body[:at], final=False), self._frame(body[at:], opcode=0)]
        parts.insert(
            chance.randrange(3), self._frame(chance.randbytes(chance.choice((0, 1, 2, 125, 126))), opcode=PING)
        )
        if chance.random() < 0.2:
            parts.append(self._frame(chance.randbytes(chance.randrange(8)), opcode=CLOSE))
        if chance.random() < 0.2:
            chance.shuffle(parts)
        return b"".join(parts)

    def _bent_bytes(self, text: bytes) -> bytes:
        chance, bent = self._chance, bytearray(text)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(bent)) if bent else 0
            match chance.randrange(4):
                case 0:
                    bent[at : at + 1] = chance.randbytes(1)
                case 1:
                    del bent[at : at + chance.randint(1, 8)]
                case 2:
                    bent[at:at] = chance.choice((b"\x00", b"\xff", b'"', b"}", b"[", b"\\u", b"\xed\xa0\x80", b"\r\n"))
                case 3:
                    bent[at:at] = bent[: chance.randrange(1, 40)]
        return bytes(bent)

    def _deep(self) -> Any:
        """Something with many floors."""
        deep: Any = 1
        for _ in range(self._chance.choice((3, 100, 900))):
            deep = [deep] if self._chance.random() < 0.5 else {"a": deep}
        return deep

    def _json(self, message: Json) -> bytes:
        return json.dumps(message, ensure_ascii=self._chance.random() < 0.5).encode(errors="surrogatepass")

    def _frame(
        self,
        body: bytes,
        *,
        opcode: int = TEXT,
        final: bool = True,
        reserved: int = 0,
        masked: bool = True,
        length: int | None = None,
    ) -> bytes:
        size = len(body) if length is None else length
        head = bytes([final << 7 | reserved << 4 | opcode])
        flag = masked << 7
        if size < 126:
            head += bytes([flag | size])
        elif size < 2**16:
            head += bytes([flag | 126]) + size.to_bytes(2)
        else:
            head += bytes([flag | 127]) + size.to_bytes(8)
        if not masked:
            return head + body
        mask = self._chance.randbytes(4)
        key = int.from_bytes((mask * (len(body) // 4 + 1))[: len(body)])
        return head + mask + (int.from_bytes(body) ^ key).to_bytes(len(body))
