"""WebSocket frames from server to client (RFC 6455, section 5.2). Pure. Frames from clients are websockets' to read."""

from struct import pack

FIN_TEXT = 0x81


def text(payload: bytes) -> bytes:
    """One final, unmasked text frame: made once, written to as many sockets as listen."""
    size = len(payload)
    if size < 126:
        return pack("!BB", FIN_TEXT, size) + payload
    if size < 65_536:
        return pack("!BBH", FIN_TEXT, 126, size) + payload
    return pack("!BBQ", FIN_TEXT, 127, size) + payload
