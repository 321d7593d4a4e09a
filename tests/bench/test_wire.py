"""The bench's own frames agree with those of a library, whole or in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from bench import wire

PAYLOADS = some.one_of(
    some.binary(max_size=300), some.sampled_from([bytes(125), bytes(126), bytes(65535), bytes(65536)])
)


@given(payloads=some.lists(PAYLOADS, max_size=5), cut=some.integers(min_value=0, max_value=200_000))
def test_a_stream_is_split_into_its_whole_frames_wherever_it_is_cut(payloads: list[bytes], cut: int) -> None:
    frames = [Frame(Opcode.TEXT, payload).serialize(mask=False) for payload in payloads]
    stream = b"".join(frames)
    first, size = wire.split(stream[:cut])
    rest, left = wire.split(stream[size:])
    assert [payload for _, payload in first + rest] == payloads
    assert size + left == len(stream)
    assert all(kind == wire.TEXT for kind, _ in first + rest)


@given(payload=PAYLOADS)
def test_a_server_understands_what_a_client_says(payload: bytes) -> None:
    server = ServerProtocol(max_size=None, subprotocols=[Subprotocol("veche.1")])
    server.receive_data(wire.handshake("127.0.0.1:1", "/ws", "veche.1"))
    request = server.events_received()[0]
    assert isinstance(request, Request)
    answer = server.accept(request)
    server.send_response(answer)
    assert (answer.status_code, answer.headers["Sec-WebSocket-Protocol"]) == (101, "veche.1")
    server.receive_data(wire.frame(payload))
    (heard,) = server.events_received()
    assert isinstance(heard, Frame)
    assert (heard.opcode, heard.data) == (Opcode.TEXT, payload)


@pytest.mark.parametrize("stream", [b"\x01\x00", b"\xc1\x00", b"\x81\x80"], ids=["in pieces", "compressed", "masked"])
def test_what_no_server_may_send_is_not_guessed_at(stream: bytes) -> None:
    with pytest.raises(wire.Unexpected):
        wire.split(stream)
