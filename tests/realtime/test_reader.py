"""Our reader against websockets' own parser: the same words and the same close code, however the bytes are cut."""

import zlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from realtime import reader
from realtime.reader import BINARY, CLOSE, PIECE, PING, PONG, TEXT, Unfinished, Word

LIMIT = 300  # bytes; small, so that hypothesis finds its edges


def ours(chunks: list[bytes], *, deflate: bool = False) -> tuple[list[Word], Unfinished | None]:
    words: list[Word] = []
    unfinished = None
    for chunk in chunks:
        new, unfinished = reader.read(chunk, unfinished, limit=LIMIT, deflate=deflate)
        words += new
        if words and words[-1][0] == CLOSE:
            break
    return words, unfinished


def theirs(stream: bytes, *, deflate: bool = False) -> list[Word]:
    """What websockets reads, in our words."""
    protocol = ServerProtocol(state=OPEN, max_size=LIMIT)
    if deflate:
        protocol.extensions = [PerMessageDeflate(True, True, 15, 15)]
    protocol.receive_data(stream)
    words: list[Word] = []
    pieces: list[bytes] = []
    kind = PIECE
    for frame in protocol.events_received():
        assert isinstance(frame, Frame)
        if frame.opcode in (Opcode.PING, Opcode.PONG):
            words.append((int(frame.opcode), bytes(frame.data)))
        elif frame.opcode is not Opcode.CLOSE:
            kind = int(frame.opcode) or kind
            pieces.append(bytes(frame.data))
            words.append((kind, b"".join(pieces)) if frame.fin else (PIECE, b""))
            pieces = [] if frame.fin else pieces
    if protocol.close_sent is not None:
        code = protocol.close_sent.code
        words.append((CLOSE, b"" if code == 1005 else code.to_bytes(2)))
    return words


def codes_only(words: list[Word]) -> list[Word]:
    """Reasons are ours to word."""
    return [(kind, payload[:2] if kind == CLOSE else payload) for kind, payload in words]


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({0, len(stream), *(place % (len(stream) + 1) for place in places)})
    return [stream[start:end] for start, end in pairwise(ends)]


@st.composite
def frames(draw: st.DrawFn, *, deflate: bool = False) -> bytes:
    """One frame, right or wrong in one of many ways."""
    opcode = draw(st.sampled_from([0, 0, 1, 1, 1, 2, 8, 9, 10, 3, 11]))
    final = draw(st.sampled_from([0x80, 0x80, 0]))
    reserved = draw(st.sampled_from([0x00] * 20 + [0x40, 0x20, 0x10]))
    masked = draw(st.sampled_from([0x80] * 20 + [0]))
    payload = draw(st.one_of(st.binary(max_size=10), st.text(max_size=40).map(str.encode), st.binary(max_size=LIMIT)))
    if opcode == 8:
        code = draw(st.sampled_from([1000, 1001, 1004, 1005, 1006, 1012, 1015, 2999, 3000, 4999, 5000, 0]))
        payload = draw(st.sampled_from([b"", b"\x03", code.to_bytes(2) + payload[:100]]))
    if deflate and opcode < 3 and draw(st.booleans()):
        payload, reserved = deflated(payload), reserved | (0x40 if opcode else 0)
    claimed = draw(st.sampled_from([len(payload)] * 10 + [LIMIT, LIMIT + 1, 2**16, 2**63]))
    shape = draw(st.sampled_from(["shortest"] * 10 + ["126", "127"]))
    if shape == "127" or claimed > 0xFFFF:
        size = bytes([masked | 127]) + claimed.to_bytes(8)
    elif shape == "126" or claimed > 125:
        size = bytes([masked | 126]) + claimed.to_bytes(2)
    else:
        size = bytes([masked | claimed])
    mask = draw(st.binary(min_size=4, max_size=4)) if masked else b""
    body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if masked else payload
    return bytes([final | reserved | opcode]) + size + mask + body


def deflated(payload: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return (squeeze.compress(payload) + squeeze.flush(zlib.Z_SYNC_FLUSH))[:-4]


def masked(opcode: Opcode, payload: bytes, *, fin: bool = True, rsv1: bool = False) -> bytes:
    frame = bytearray(Frame(opcode, payload, fin).serialize(mask=True))
    frame[0] |= 0x40 if rsv1 else 0
    return bytes(frame)


@settings(max_examples=600)
@given(st.lists(frames(), max_size=8), st.lists(st.integers(0, 4000), max_size=12))
def test_any_frames_are_read_as_the_library_reads_them(sent: list[bytes], places: list[int]) -> None:
    stream = b"".join(sent)
    assert codes_only(ours(cut(stream, places))[0]) == theirs(stream)


@settings(max_examples=300)
@given(st.binary(max_size=100), st.lists(st.integers(0, 100), max_size=12))
def test_any_bytes_are_read_as_the_library_reads_them(stream: bytes, places: list[int]) -> None:
    assert codes_only(ours(cut(stream, places))[0]) == theirs(stream)


@settings(max_examples=300)
@given(st.lists(frames(deflate=True), max_size=6), st.lists(st.integers(0, 4000), max_size=8))
def test_deflated_frames_are_read_as_the_library_reads_them(sent: list[bytes], places: list[int]) -> None:
    stream = b"".join(sent)
    expected = theirs(stream, deflate=True)
    found = codes_only(ours(cut(stream, places), deflate=True)[0])
    if found[-1:] == [
        (CLOSE, b"\x03\xf1")
    ]:  # 1009: where nothing more may come, the library lets one frame grow freely
        assert found[:-1] == expected[: len(found) - 1]
    else:
        assert found == expected


def test_nothing_is_kept_between_two_messages() -> None:
    stream = masked(Opcode.TEXT, b"one", fin=False) + masked(Opcode.PING, b"?") + masked(Opcode.CONT, b" two")
    words, unfinished = ours([stream[:5], stream[5:]])
    assert words == [(PIECE, b""), (PING, b"?"), (TEXT, b"one two")]
    assert unfinished is None
    assert ours([stream[:-1]])[1] is not None


def test_a_message_may_be_as_big_as_the_limit_and_no_bigger() -> None:
    assert ours([masked(Opcode.BINARY, b"x" * LIMIT)])[0] == [(BINARY, b"x" * LIMIT)]
    assert codes_only(ours([masked(Opcode.BINARY, b"x" * (LIMIT + 1))])[0]) == [(CLOSE, b"\x03\xf1")]


@pytest.mark.parametrize("spare", [0, 1, 150])
def test_a_deflated_message_may_grow_to_the_limit_and_no_further(spare: int) -> None:
    half = b"x" * (LIMIT // 2)
    for size, fits in ((LIMIT - spare, True), (LIMIT + 1, False), (LIMIT * 1000, False)):
        whole = masked(Opcode.TEXT, deflated(b"x" * size), rsv1=True)
        assert (ours([whole], deflate=True)[0] == [(TEXT, b"x" * size)]) is fits
        assert (codes_only(ours([whole], deflate=True)[0]) == [(CLOSE, b"\x03\xf1")]) is not fits
    squeeze = zlib.compressobj(wbits=-15)
    first = squeeze.compress(half) + squeeze.flush(zlib.Z_SYNC_FLUSH)
    second = (squeeze.compress(b"y" * (LIMIT // 2 - spare)) + squeeze.flush(zlib.Z_SYNC_FLUSH))[:-4]
    pieces = [masked(Opcode.TEXT, first, fin=False, rsv1=True), masked(Opcode.CONT, second)]
    assert ours(pieces, deflate=True)[0] == [(PIECE, b""), (TEXT, half + b"y" * (LIMIT // 2 - spare))]


def test_a_deflated_frame_is_refused_where_none_was_agreed_on() -> None:
    assert codes_only(ours([masked(Opcode.TEXT, deflated(b"x"), rsv1=True)])[0]) == [(CLOSE, b"\x03\xea")]


def test_nothing_is_read_behind_a_close() -> None:
    farewell = Close(1000, "bye").serialize()
    words, unfinished = ours([masked(Opcode.CLOSE, farewell) + masked(Opcode.PONG, b"")])
    assert words == [(CLOSE, farewell)]
    assert unfinished is None
    assert ours([masked(Opcode.PONG, b"!")])[0] == [(PONG, b"!")]
