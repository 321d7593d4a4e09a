"""Many messages in one packet: each is answered, in order, whatever they are and however it ends."""

import json
from collections.abc import Mapping, Sequence

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close, Frame, Opcode
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from realtime import messages
from realtime.connection import ASIDE, ASIDE_AT_ONCE
from tests.realtime.node import Node, token

VECHE = [Subprotocol(messages.SUBPROTOCOL)]


def breathe(socket: ClientConnection, said: Sequence[Mapping[str, object]], *, last: Sequence[Frame] = ()) -> None:
    frames = [Frame(Opcode.TEXT, json.dumps({"id": number, **one}).encode()) for number, one in enumerate(said, 1)]
    socket.socket.sendall(b"".join(frame.serialize(mask=True) for frame in (*frames, *last)))


def answered(socket: ClientConnection, count: int) -> list[int]:
    heard = (json.loads(socket.recv(timeout=10)) for _ in range(count))
    return [answer["re"] for answer in heard if isinstance(answer, dict)]


def test_small_and_big_answers_keep_their_order(shared_node: Node) -> None:
    rooms = ("chat:31", "chat:32")
    with connect(shared_node.url, subprotocols=VECHE, compression=None) as socket:
        breathe(socket, [{"do": "hello", "token": token(7, rooms=rooms)}])
        assert answered(socket, 1) == [1]
        for number in range(3):
            line = {"do": "chat.say", "room": "chat:31", "key": f"one-breath-{number}", "text": "a" * (ASIDE // 2)}
            breathe(socket, [line])
            assert answered(socket, 1) == [1]
        join = {"do": "join", "room": "chat:31"}
        leave = {"do": "leave", "room": "chat:31"}
        pings: list[Mapping[str, object]] = [{"do": "ping"}] * (2 * ASIDE_AT_ONCE)
        breathe(socket, [join])  # from now on the room is known here, and its answer is more than waits for others
        assert len(str(socket.recv(timeout=10))) > ASIDE
        said: list[Mapping[str, object]] = [{"do": "ping"}, join, leave, {"do": "fly"}, join, *pings]
        breathe(socket, said)
        assert answered(socket, len(said)) == list(range(1, len(said) + 1))


def test_what_was_asked_before_a_farewell_is_answered_before_it(shared_node: Node) -> None:
    with connect(shared_node.url, subprotocols=VECHE, compression=None) as socket:
        farewell = Frame(Opcode.CLOSE, Close(1000, "").serialize())
        hello = {"do": "hello", "token": token(7)}
        breathe(socket, [hello, {"do": "ping"}], last=[farewell])
        assert answered(socket, 2) == [1, 2]
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1000
