"""WebSocket frames from server to client (RFC 6455, section 5.2). Pure. Frames from clients are reader.py's."""

from struct import pack

FINAL = 0x80
DEFLATED = 0x40
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


def text(payload: bytes) -> bytes:
    """One final, unmasked text frame: made once, written to as many sockets as listen."""
    return _frame(FINAL | TEXT, payload)


def deflated(payload: bytes) -> bytes:
    """The same of a text that was deflated (RFC 7692)."""
    return _frame(FINAL | DEFLATED | TEXT, payload)


def close(payload: bytes) -> bytes:
    """Good-bye, with a payload that `farewell` made or the other side sent."""
    return _frame(FINAL | CLOSE, payload)


def farewell(code: int, reason: str) -> bytes:
    """What a close frame holds."""
    return code.to_bytes(2) + reason.encode()


def pong(payload: bytes) -> bytes:
    """The answer to a ping."""
    return _frame(FINAL | PONG, payload)


PING_FRAME = pack("!BB", FINAL | PING, 0)


def _frame(first: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return pack("!BB", first, size) + payload
    if size < 65_536:
        return pack("!BBH", first, 126, size) + payload
    return pack("!BBQ", first, 127, size) + payload
