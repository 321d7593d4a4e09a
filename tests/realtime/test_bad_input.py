"""Whatever comes in by the socket gets a coded refusal; nothing crashes, nothing is logged with a traceback."""

import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from realtime import messages
from realtime.errors import CLOSED_BAD_INPUT, CLOSED_PASS, CLOSED_TOO_FAST
from tests.realtime.node import ORIGIN, Node, token, until

Json = dict[str, Any]
VECHE = [Subprotocol(messages.SUBPROTOCOL)]


@pytest.fixture
def visitor(shared_node: Node) -> Iterator[ClientConnection]:
    """A socket that has said hello."""
    with connect(shared_node.url, subprotocols=VECHE, compression=None) as socket:
        assert "ok" in ask(socket, {"id": 1, "do": "hello", "token": token(7)})
        yield socket


def ask(socket: ClientConnection, message: Json | str | bytes) -> Json:
    socket.send(json.dumps(message) if isinstance(message, dict) else message)
    answer: Json = json.loads(socket.recv(timeout=10))
    return answer


def still_serves(node: Node) -> bool:
    with connect(node.url, subprotocols=VECHE) as socket:
        return "ok" in ask(socket, {"id": 1, "do": "hello", "token": token(8)})


@pytest.mark.parametrize(
    ("message", "re", "code"),
    [
        ("{", None, "message.malformed"),
        ("[1,2]", None, "message.malformed"),
        (b"\x00\x01", None, "message.binary"),
        ({"id": 5, "do": "fly"}, 5, "message.unknown"),
        ({"id": 5, "do": "join"}, 5, "message.field"),
        ({"id": 5, "do": "join", "room": "chat:2"}, 5, "room.closed"),
        ({"id": 5, "do": "join", "room": "kitchen:2"}, 5, "room.unknown"),
        ({"id": 5, "do": "chat.say", "room": "chat:1", "key": "k" * 8, "text": " "}, 5, "chat.empty"),
        ({"id": 5, "do": "chat.say", "room": "chat:1", "key": "k" * 8, "text": "a" * 2001}, 5, "chat.too_long"),
        ({"id": 5, "do": "chat.retract", "room": "chat:1", "key": "k" * 8, "target": 999}, 5, "chat.no_such_message"),
    ],
)
def test_a_wrong_message_is_refused_by_its_code(
    visitor: ClientConnection, message: Json | str | bytes, re: int | None, code: str
) -> None:
    answer = ask(visitor, message)
    assert (answer["re"], answer["no"]["code"]) == (re, code)
    assert answer["no"]["text"].endswith(".")
    assert ask(visitor, {"id": 6, "do": "ping"}) == {"re": 6, "ok": {}}


def test_repeated_nonsense_closes_the_socket(shared_node: Node, visitor: ClientConnection) -> None:
    for _ in range(10):
        assert ask(visitor, "nonsense")["no"]["code"] == "message.malformed"
    ask(visitor, "nonsense")
    with pytest.raises(ConnectionClosed) as closed:
        visitor.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CLOSED_BAD_INPUT
    assert still_serves(shared_node)


@pytest.mark.parametrize(
    ("pass_", "code"),
    [("forged.pass.here", "pass.forged"), (token(7)[:-4] + "AAAA", "pass.forged"), (token(7, life=-5), "pass.expired")],
)
def test_a_forged_or_expired_pass_ends_the_conversation(shared_node: Node, pass_: str, code: str) -> None:
    with connect(shared_node.url, subprotocols=VECHE) as socket:
        assert ask(socket, {"id": 1, "do": "hello", "token": pass_})["no"]["code"] == code
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (CLOSED_PASS, code)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:8000.evil.example"])
def test_a_foreign_page_may_not_open_a_socket(shared_node: Node, origin: str) -> None:
    with (
        pytest.raises(InvalidStatus) as no,
        connect(shared_node.url, subprotocols=VECHE, additional_headers={"Origin": origin}),
    ):
        pass
    assert no.value.response.status_code == 403
    assert json.loads(no.value.response.body)["code"] == "origin.foreign"


def test_our_own_page_may(shared_node: Node) -> None:
    with connect(shared_node.url, subprotocols=VECHE, additional_headers={"Origin": ORIGIN}) as socket:
        assert ask(socket, {"id": 1, "do": "ping"}) == {"re": 1, "ok": {}}


def test_there_is_one_address(shared_node: Node) -> None:
    with pytest.raises(InvalidStatus) as no, connect(shared_node.url + "/else", subprotocols=VECHE):
        pass
    assert no.value.response.status_code == 404
    assert json.loads(no.value.response.body)["code"] == "path.unknown"


# Bytes that no library would send


class Wire:
    """A bare TCP socket that has shaken hands."""

    def __init__(self, node: Node, *, handshake: bool = True) -> None:
        self.socket = socket.create_connection(("127.0.0.1", node.port), timeout=10)
        if handshake:
            self.socket.sendall(
                b"GET /ws HTTP/1.1\r\nHost: veche\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                b"Sec-WebSocket-Protocol: veche.1\r\n\r\n"
            )
            assert b"101" in self.read_until(b"\r\n\r\n")

    def read_until(self, mark: bytes) -> bytes:
        seen = b""
        while mark not in seen:
            more = self.socket.recv(4096)
            if not more:
                break
            seen += more
        return seen

    def close_code(self) -> int:
        """The code of the close frame that ends what the server says."""
        seen = self.read_until(b"\x88")
        at = seen.index(b"\x88")
        while len(seen) < at + 4:
            seen += self.socket.recv(4096)
        return int(struct.unpack("!H", seen[at + 2 : at + 4])[0])

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


PING = b'{"id":1,"do":"ping"}'


@pytest.mark.parametrize(
    ("bytes_", "code"),
    [
        pytest.param(b"\x81\x05hello", 1002, id="unmasked"),
        pytest.param(b"\xf1\x80abcd", 1002, id="reserved bits"),
        pytest.param(b"\x83\x80abcd", 1002, id="reserved opcode"),
        pytest.param(b"\x89\xfe\x00\x80abcd" + b"x" * 128, 1002, id="long control frame"),
        pytest.param(b"\x80\x80abcd", 1002, id="continuation of nothing"),
        pytest.param(b"\x81\xff\x00\x00\x00\x00\x00\x10\x00\x00abcd", 1009, id="a megabyte"),
        pytest.param(b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xffabcd", 1009, id="2^64 bytes"),
        pytest.param(Frame(Opcode.CLOSE, b"\x00\x01").serialize(mask=True), 1002, id="wrong close code"),
    ],
)
def test_a_broken_frame_is_closed_with_its_code(shared_node: Node, bytes_: bytes, code: int) -> None:
    with Wire(shared_node) as wire:
        wire.socket.sendall(bytes_)
        assert wire.close_code() == code
    assert still_serves(shared_node)


def test_many_small_fragments_do_not_add_up_to_a_big_message(shared_node: Node) -> None:
    with Wire(shared_node) as wire:
        piece = b"x" * 8000
        wire.socket.sendall(Frame(Opcode.TEXT, piece, fin=False).serialize(mask=True))
        for _ in range(3):
            wire.socket.sendall(Frame(Opcode.CONT, piece, fin=False).serialize(mask=True))
        assert wire.close_code() == 1009


@pytest.mark.parametrize(
    "tiny",
    [
        pytest.param(Frame(Opcode.PING, b"").serialize(mask=True) * 2000, id="pings"),
        pytest.param(
            Frame(Opcode.TEXT, b"", fin=False).serialize(mask=True)
            + Frame(Opcode.CONT, b"", fin=False).serialize(mask=True) * 2000,
            id="empty fragments",
        ),
    ],
)
def test_a_flood_of_tiny_frames_is_closed(shared_node: Node, tiny: bytes) -> None:
    with Wire(shared_node) as wire:
        wire.socket.sendall(tiny)
        assert wire.close_code() in (CLOSED_TOO_FAST, CLOSED_BAD_INPUT)
    assert still_serves(shared_node)


def test_a_close_right_behind_a_forged_pass_is_no_trouble(shared_node: Node) -> None:
    with Wire(shared_node) as wire:
        hello = b'{"id":1,"do":"hello","token":"forged"}'
        close = Frame(Opcode.CLOSE, struct.pack("!H", 1000)).serialize(mask=True)
        wire.socket.sendall(Frame(Opcode.TEXT, hello).serialize(mask=True) + close)
        wire.read_until(b"never")
    assert still_serves(shared_node)


def test_bytes_right_behind_a_refused_handshake_are_no_trouble(shared_node: Node) -> None:
    with Wire(shared_node, handshake=False) as wire:
        wire.socket.sendall(b"GET /nope HTTP/1.1\r\nHost: x\r\n\r\nGET /again HTTP/1.1\r\n\r\n\xff\xff")
        wire.read_until(b"never")  # until the server hangs up
    assert still_serves(shared_node)


def test_who_does_not_read_the_answers_cannot_pile_them_up(shared_node: Node) -> None:
    """Fifty joins of a full room, and nobody takes the answers: the server stops listening instead of hoarding."""
    for user in range(1, 15):
        with connect(shared_node.url, subprotocols=VECHE) as writer:
            ask(writer, {"id": 1, "do": "hello", "token": token(user, rooms=("chat:77",))})
            for n in range(4):
                message = {
                    "id": 2,
                    "do": "chat.say",
                    "room": "chat:77",
                    "key": f"some-key-{user}-{n}",
                    "text": "ы" * 1900,
                }
                assert "ok" in ask(writer, message)
    with Wire(shared_node) as wire:
        hello = {"id": 1, "do": "hello", "token": token(1, rooms=("chat:77",))}
        wire.socket.sendall(Frame(Opcode.TEXT, json.dumps(hello).encode()).serialize(mask=True))
        join = Frame(Opcode.TEXT, b'{"id":2,"do":"join","room":"chat:77"}').serialize(mask=True)
        wire.socket.sendall(join)
        wire.read_until(b'"resumed"')  # the room is known here; while Redis is asked, one join is answered and no more
        for _ in range(50):
            wire.socket.sendall(join)
        until(lambda: shared_node.metric("veche_choked_total") > 0, "the socket is full")
        assert shared_node.metric("veche_unsent_bytes") < 1_000_000


def test_a_fragmented_message_with_a_ping_inside_is_one_message(shared_node: Node) -> None:
    with Wire(shared_node) as wire:
        wire.socket.sendall(Frame(Opcode.TEXT, PING[:5], fin=False).serialize(mask=True))
        wire.socket.sendall(Frame(Opcode.PING, b"there?").serialize(mask=True))
        wire.socket.sendall(Frame(Opcode.CONT, PING[5:]).serialize(mask=True))
        seen = wire.read_until(b"there?")  # the pong may come before or behind the answer
        assert b'{"re":1,"ok":{}}' in seen or b'{"re":1,"ok":{}}' in wire.read_until(b'"ok":{}}')


def test_bytes_that_are_no_text_are_refused(shared_node: Node) -> None:
    with Wire(shared_node) as wire:
        wire.socket.sendall(Frame(Opcode.TEXT, b'{"id":1,"do":"\xff\xfe"}').serialize(mask=True))
        assert b"message.malformed" in wire.read_until(b"}}")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
        (b"GET /ws HTTP/1.1\r\nHost: x\r\n\r\n", b"426"),
        (b"POST /ws HTTP/1.1\r\nHost: x\r\n\r\n", b"405"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /ws HTTP/1.1\r\n" + b"X: y\r\n" * 500 + b"\r\n", b"431"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
    ],
)
def test_what_is_no_handshake_gets_a_status(shared_node: Node, request_: bytes, status: bytes) -> None:
    with Wire(shared_node, handshake=False) as wire:
        wire.socket.sendall(request_)
        answer = wire.read_until(b"\r\n\r\n")
        assert status in answer.split(b"\r\n")[0]
    assert still_serves(shared_node)


def test_random_bytes_after_the_handshake_harm_nobody(shared_node: Node) -> None:
    for _ in range(200):
        with Wire(shared_node) as wire:
            wire.socket.sendall(os.urandom(64))
    assert still_serves(shared_node)


def test_sockets_that_hang_up_in_the_middle_leave_nothing_behind(shared_node: Node) -> None:
    for cut in range(0, 100, 10):
        with Wire(shared_node) as wire:
            whole = Frame(Opcode.TEXT, PING * 4).serialize(mask=True)
            wire.socket.sendall(whole[:cut])
    end = time.monotonic() + 10
    while shared_node.metric("veche_connections") and time.monotonic() < end:
        time.sleep(0.2)
    assert shared_node.metric("veche_connections") == 0
