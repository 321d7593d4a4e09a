"""What came in this tick becomes one frame, written once to each socket of the room. It reads nothing."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator, Sequence

from realtime import frames, messages
from realtime.events import Rejoin
from realtime.room import Listener, Room
from realtime.stats import Stats

WINDOW = 0.010  # seconds between the end of one flush and the next: what comes meanwhile travels together
PACKET = 32_768  # bytes of events in one frame, so that a socket holds its high mark and one of these at most
SLICE = 1000  # sockets written to before others get their turn; some 5 ms
NEVER = -1  # the offset of somebody whom no history continues

logger = logging.getLogger(__name__)


class Fanout:
    """All flushes of one worker, one after the other."""

    def __init__(self, stats: Stats) -> None:
        self._stats = stats
        self._loop = asyncio.get_running_loop()
        self._untold: dict[Room, None] = {}
        self._jobs: deque[tuple[Room, int, int, bytes, Iterator[Listener]]] = deque()
        self._planned = False
        self._flushed_at = 0.0

    def plan(self, room: Room) -> None:
        """Flush as soon as everything that waits in the socket from Redis was read, but not sooner than the window.

        The window is counted from the end of the last flush: counted from its beginning, a flush to thousands of
        sockets would outlast it, and nothing would ever travel together.
        """
        self._untold[room] = None
        if not self._planned:
            self._planned = True
            self._loop.call_at(max(self._flushed_at + WINDOW, self._loop.time()), self._flush)

    def catch_up(self, room: Room, listener: Listener) -> None:
        """A slow socket has space again: give it what it missed, or tell it to join again."""
        offset = room.behind.pop(listener, None)
        if offset is None:
            return
        missed = room.history.told_since(offset)
        packets = [(rejoin(room), 0)] if missed is None else _packets(missed)
        for frame, count in packets:
            if not listener.deliver(frame):
                room.behind[listener] = offset
                return
            offset += count

    def send_back(self, room: Room) -> None:
        """The room's history broke off: everybody is told to join again."""
        room.behind.clear()
        frame = rejoin(room)
        for listener in tuple(room.listeners):
            if not listener.deliver(frame):
                room.behind[listener] = NEVER

    def _flush(self) -> None:
        for room in self._untold:
            before = room.history.told
            events = room.history.tell()
            hints = [messages.hint(hint) for hint in room.take_hints()]
            if room.listeners:
                listeners = tuple(room.listeners)
                for frame, count in _packets(events, hints):
                    self._stats.flushes += 1
                    self._jobs.append((room, before, count, frame, iter(listeners)))
                    before += count
        self._untold.clear()
        self._write_a_slice()

    def _write_a_slice(self) -> None:
        left = SLICE
        while self._jobs and left:
            room, before, count, frame, waiting = self._jobs[0]
            behind, listeners = room.behind, room.listeners
            done = 0
            for listener in waiting:
                left -= 1
                if listener in behind or listener not in listeners:
                    pass
                elif _write(listener, frame):
                    done += 1
                else:
                    behind[listener] = before
                if not left:
                    break
            else:
                self._jobs.popleft()
            self._stats.deliveries += done * count
        if self._jobs:
            self._loop.call_soon(self._write_a_slice)
            return
        self._flushed_at = self._loop.time()
        self._planned = False
        if self._untold:
            self.plan(next(iter(self._untold)))


def rejoin(room: Room) -> bytes:
    """The frame that asks to join again."""
    return frames.text(messages.notice(Rejoin(room.history.room)))


def _packets(events: list[bytes], hints: Sequence[bytes] = ()) -> list[tuple[bytes, int]]:
    """Events joined into frames of a bounded size, each with its count: a slow socket stops between two of them.

    Events that follow each other without a gap make the count the distance of their offsets, too. Hints are few, and
    travel with the last ones; whoever is too slow for them never hears them.
    """
    packets, start, size = [], 0, 0
    for i, event in enumerate(events):
        if i > start and size + len(event) > PACKET:
            packets.append((frames.text(messages.joined(events[start:i])), i - start))
            start, size = i, 0
        size += len(event)
    if events or hints:
        packets.append((frames.text(messages.joined([*events[start:], *hints])), len(events) - start))
    return packets


def _write(listener: Listener, frame: bytes) -> bool:
    """One broken socket must not silence all the others."""
    try:
        return listener.deliver(frame)
    except Exception:
        logger.exception("A socket could not be written to.")
        return True
