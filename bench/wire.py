"""Frames and handshakes of RFC 6455, as little as a client that trusts its server needs. It opens no socket."""

import base64
import os
import struct

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
FINAL = 0x80
MASKED = 0x80
NO_MASK = bytes(4)  # a mask of zeros is a mask; a bench that hides nothing need not XOR


class Unexpected(Exception):
    """The server said something this client does not understand."""


def handshake(host: str, path: str, protocol: str) -> bytes:
    """What a client says first."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: {protocol}",
    )
    return "\r\n".join((*lines, "", "")).encode()


def frame(payload: bytes, kind: int = TEXT) -> bytes:
    """One frame of a client."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", FINAL | kind, MASKED | size)
    elif size < 65536:
        head = struct.pack("!BBH", FINAL | kind, MASKED | 126, size)
    else:
        head = struct.pack("!BBQ", FINAL | kind, MASKED | 127, size)
    return head + NO_MASK + payload


def split(stream: bytes) -> tuple[list[tuple[int, bytes]], int]:
    """Whole frames of a server at the start of a stream, as (kind, payload), and how many bytes they take.

    Raises Unexpected at what no server may send: masked, in pieces, compressed without having asked.
    """
    found = []
    at, end = 0, len(stream)
    while end - at >= 2:
        first, second = stream[at], stream[at + 1]
        if first & 0xF0 != FINAL or second & MASKED:
            raise Unexpected(f"A frame begins with {first:#x} {second:#x}.")
        size, start = second, at + 2
        if size == 126:
            start += 2
            size = int.from_bytes(stream[at + 2 : start]) if end >= start else end
        elif size == 127:
            start += 8
            size = int.from_bytes(stream[at + 2 : start]) if end >= start else end
        if end < start + size:
            break
        found.append((first & 0x0F, stream[start : start + size]))
        at = start + size
    return found, at
