"""The ordinary handshake, read and answered at once (RFC 6455, 4.2). Pure. Whatever is odd is left to ceremony.py."""

import re
from base64 import b64encode
from hashlib import sha1
from typing import NamedTuple

from realtime import messages

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
LONGEST = 8192  # bytes; what is longer is odd
REQUEST = re.compile(
    rb"GET ([\x21-\x7e]+) HTTP/1\.1\r\n((?:[-!#$%&'*+.^_`|~0-9a-zA-Z]+:[\x09\x20-\x7e\x80-\xff]*\r\n){1,100})\r\n"
)
KEY = re.compile(rb"[A-Za-z0-9+/]{22}==")  # 16 bytes in base64
CONNECTIONS = frozenset({b"upgrade", b"keep-alive, upgrade"})  # Chromium and Safari; Firefox
PLAIN = b""
DEFLATE = frozenset({b"permessage-deflate", b"permessage-deflate; client_max_window_bits"})
BODY = frozenset({b"transfer-encoding", b"content-length"})

WELCOME = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n"
)
# We remember what was said before, once per room; a client may not, or each would cost us 32 KB.
DEFLATED = b"Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n"
SPOKEN = b"Sec-WebSocket-Protocol: %s\r\n\r\n" % messages.SUBPROTOCOL.encode()


class Wish(NamedTuple):
    """What somebody asks for who wants to come in."""

    path: str
    origins: tuple[str, ...]
    key: bytes
    deflate: bool


def read(came: bytes) -> tuple[Wish, int] | None:
    """An ordinary wish and where it ends; None when it is odd, or not all there."""
    found = REQUEST.match(came, 0, LONGEST)
    if found is None:
        return None
    lines = found[2].split(b"\r\n")
    lines.pop()
    headers = {name.lower(): value.strip(b" \t") for name, _, value in (line.partition(b":") for line in lines)}
    said = headers.get
    extensions = said(b"sec-websocket-extensions", PLAIN)
    key = said(b"sec-websocket-key", b"")
    if (
        len(headers) != len(lines)
        or said(b"upgrade", b"").lower() != b"websocket"
        or said(b"connection", b"").lower() not in CONNECTIONS
        or said(b"sec-websocket-version") != b"13"
        or said(b"sec-websocket-protocol") != messages.SUBPROTOCOL.encode()
        or not (extensions == PLAIN or extensions in DEFLATE)
        or not KEY.fullmatch(key)
        or not BODY.isdisjoint(headers)
    ):
        return None
    origin = said(b"origin")
    origins = () if origin is None else (origin.decode("latin-1"),)
    return Wish(found[1].decode(), origins, key, extensions in DEFLATE), found.end()


def welcome(wish: Wish) -> bytes:
    """The answer that opens the socket."""
    accepted = b64encode(sha1(wish.key + GUID, usedforsecurity=False).digest())
    return b"".join((WELCOME % accepted, DEFLATED if wish.deflate else b"", SPOKEN))
