"""Reads the frames of one client, as strictly as websockets' own parser (RFC 6455). Pure: it sends nothing.

Nothing is kept for a client who is between two messages, so an idle socket costs no memory here.
"""

import zlib
from sys import byteorder

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
PIECE = CONT  # what a word is called that is no whole message yet

FINAL, DEFLATED, RESERVED, OPCODE = 0x80, 0x40, 0x70, 0x0F  # of the first byte
MASKED, LENGTH = 0x80, 0x7F  # of the second byte
KINDS = frozenset({CONT, TEXT, BINARY, CLOSE, PING, PONG})
CONTROL = 0x8  # this bit is in the opcodes of control frames
CONTROL_LIMIT = 125  # bytes in a control frame

PROTOCOL_ERROR, NO_TEXT, TOO_BIG = 1002, 1007, 1009  # close codes, RFC 6455, 7.4.1
CODES = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})  # that may be sent
OWN_CODES = range(3000, 5000)  # of libraries and applications

TAIL = b"\x00\x00\xff\xff"  # what a sender leaves off a deflated message, RFC 7692, 7.2.1

Word = tuple[int, bytes]  # opcode and payload; PIECE has none; CLOSE: the payload to answer with, then read no more


class Unfinished:
    """What waits for more bytes: the beginning of a frame, the first pieces of a message."""

    __slots__ = ("inflate", "kind", "pieces", "rest", "size")

    def __init__(self) -> None:
        self.rest = b""
        self.kind = CONT  # of the message that comes in pieces; CONT: none does
        self.pieces: list[bytes] = []
        self.size = 0  # bytes of the pieces, inflated
        self.inflate: zlib._Decompress | None = None


class Broken(Exception):
    """The client breaks the protocol; the arguments are close code and reason."""

    @property
    def payload(self) -> bytes:
        """What the close frame holds."""
        code, reason = self.args
        return int(code).to_bytes(2) + str(reason).encode()


def read(
    came: bytes, unfinished: Unfinished | None, *, limit: int, deflate: bool = False
) -> tuple[list[Word], Unfinished | None]:
    """The words in what came, and what is unfinished then.

    `limit` is the size of a message in bytes; `deflate` tells whether messages may be compressed, each by itself.
    """
    unfinished = unfinished or Unfinished()
    stream = unfinished.rest + came
    words: list[Word] = []
    at = 0
    try:
        while (frame := _frame(stream, at, limit - unfinished.size)) is not None:
            first, payload, at = frame
            word = _control(first, payload, unfinished)
            if word is None:
                word = _piece(first, payload, unfinished, limit - unfinished.size, deflate=deflate)
            words.append(word)
            if word[0] == CLOSE:
                return words, None
    except Broken as broken:
        words.append((CLOSE, broken.payload))
        return words, None
    unfinished.rest = stream[at:]
    return words, unfinished if unfinished.rest or unfinished.kind != CONT else None


def _frame(stream: bytes, at: int, limit: int) -> tuple[int, bytes, int] | None:
    """First byte, payload and end of the frame that begins at a place; None when it is not all there."""
    have = len(stream) - at
    if have < 2:
        return None
    first, second = stream[at], stream[at + 1]
    if first & OPCODE not in KINDS:
        raise Broken(PROTOCOL_ERROR, "invalid opcode")
    if not second & MASKED:
        raise Broken(PROTOCOL_ERROR, "incorrect masking")
    size = second & LENGTH
    mask = at + 2
    if size > CONTROL_LIMIT:
        mask += 2 if size == 126 else 8
        if len(stream) < mask:
            return None
        size = int.from_bytes(stream[at + 2 : mask])
    if size > limit:
        raise Broken(TOO_BIG, f"more than {limit} bytes")
    start, end = mask + 4, mask + 4 + size
    if len(stream) < end:
        return None
    return first, _unmasked(stream[start:end], stream[mask:start]), end


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = (mask * ((size + 3) // 4))[:size]
    return (int.from_bytes(payload, byteorder) ^ int.from_bytes(key, byteorder)).to_bytes(size, byteorder)


def _control(first: int, payload: bytes, unfinished: Unfinished) -> Word | None:
    """What a control frame says; None when it is none."""
    kind = first & OPCODE
    if not kind & CONTROL:
        return None
    if first & RESERVED:
        raise Broken(PROTOCOL_ERROR, "reserved bits must be 0")
    if len(payload) > CONTROL_LIMIT:
        raise Broken(PROTOCOL_ERROR, "control frame too long")
    if not first & FINAL:
        raise Broken(PROTOCOL_ERROR, "fragmented control frame")
    if kind == CLOSE:
        _check_farewell(payload)
        if unfinished.kind != CONT:
            raise Broken(PROTOCOL_ERROR, "incomplete fragmented message")
    return kind, payload


def _check_farewell(payload: bytes) -> None:
    if not payload:
        return
    if len(payload) == 1:
        raise Broken(PROTOCOL_ERROR, "close frame too short")
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise Broken(NO_TEXT, "the reason is no text") from None
    code = int.from_bytes(payload[:2])
    if code not in CODES and code not in OWN_CODES:
        raise Broken(PROTOCOL_ERROR, "invalid status code")


def _piece(first: int, payload: bytes, unfinished: Unfinished, limit: int, *, deflate: bool) -> Word:
    """A message, or a piece of one; `limit` is what it may still grow by."""
    kind, final = first & OPCODE, bool(first & FINAL)
    if deflate and first & DEFLATED and kind != CONT:
        first &= ~DEFLATED
        unfinished.inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    if unfinished.inflate is not None and (kind != CONT or not first & DEFLATED):
        payload = _inflated(payload, unfinished.inflate, limit, final=final)
    if first & RESERVED:
        raise Broken(PROTOCOL_ERROR, "reserved bits must be 0")
    if (kind == CONT) != (unfinished.kind != CONT):
        raise Broken(PROTOCOL_ERROR, f"{'unexpected' if kind == CONT else 'expected a'} continuation frame")
    kind = kind or unfinished.kind
    if not final:
        unfinished.kind = kind
        unfinished.pieces.append(payload)
        unfinished.size += len(payload)
        return PIECE, b""
    if unfinished.pieces:
        payload = b"".join((*unfinished.pieces, payload))
        unfinished.kind, unfinished.pieces, unfinished.size = CONT, [], 0
    unfinished.inflate = None
    return kind, payload


def _inflated(payload: bytes, inflate: "zlib._Decompress", limit: int, *, final: bool) -> bytes:
    """A deflated piece, never more than the limit: a small bomb must not become a big message."""
    try:
        # One byte more than allowed is asked for, because zlib takes a limit of 0 as none.
        out = inflate.decompress(payload + TAIL if final else payload, limit + 1)
    except zlib.error:
        raise Broken(PROTOCOL_ERROR, "decompression failed") from None
    if len(out) > limit:
        raise Broken(TOO_BIG, f"more than {limit} bytes")
    return out
