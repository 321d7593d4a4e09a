"""One compressed frame for a whole room (RFC 7692): each may refer to the ones before it, back to the last key frame.

Compression usually remembers what each socket was told before: for each its own memory and its own work. Here the
memory is the room's. Only broadcasts are ever compressed, so whoever took the last one of this room as the last one
of all has the same past, and the same bytes serve; whoever has not is told plainly until the next key frame, which
refers to nothing. Pure.
"""

import zlib
from itertools import count
from typing import NamedTuple

from realtime import frames

WINDOW_BITS = 13  # 8 KB: some forty messages of a chat; with it a room's compressor takes 64 KB
MEMORY = 6  # of zlib's 9
LEVEL = 6  # of zlib's 9
KEY_EVERY = 64  # frames; newcomers are told plainly until the next key frame
TAIL = 4  # bytes of a flush that are not sent, RFC 7692, 7.2.1

NO_LINK = 0  # of a socket that took none
_numbers = count(NO_LINK + 1)  # links of all rooms of a process are told apart


class Link(NamedTuple):
    """One compressed frame. It is understood by those whose last link is `before`, and a key frame by all."""

    frame: bytes
    before: int
    number: int
    key: bool


class Chain:
    """The compressed frames of one room."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -WINDOW_BITS, MEMORY)
        self._length = 0
        self._last = NO_LINK

    def add(self, text: bytes) -> Link:
        """The next frame."""
        key = self._length % KEY_EVERY == 0
        self._length += 1
        # The flush before a key frame is a full one: behind it nothing refers to what was before.
        flush = zlib.Z_FULL_FLUSH if self._length % KEY_EVERY == 0 else zlib.Z_SYNC_FLUSH
        squeezed = self._deflate.compress(text) + self._deflate.flush(flush)
        before, self._last = self._last, next(_numbers)
        return Link(frames.deflated(squeezed[:-TAIL]), before, self._last, key)
