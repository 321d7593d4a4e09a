"""What came in this tick becomes one frame, written once to each socket of the room. It reads nothing."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from realtime import frames, messages
from realtime.broadcast import Broadcast
from realtime.deflate import NO_LINK, Chain, Link
from realtime.events import Rejoin
from realtime.room import Listener, Room
from realtime.stats import Stats

WINDOW = 0.010  # seconds between the end of one flush and the next: what comes meanwhile travels together
PACKET = 32_768  # bytes of events in one frame, so that a socket holds its high mark and one of these at most
SLICE = 1000  # sockets written to before others get their turn; some 5 ms
NEVER = -1  # the offset of somebody whom no history continues
FEW = 8  # listeners; for fewer a room's compressor is not worth its memory


@dataclass(slots=True)
class Packet:
    """Events that travel together: ready for everybody, and compressed when somebody takes it so."""

    text: bytes
    count: int  # of events; without a gap between them this is the distance of their offsets, too
    frame: bytes
    link: Link | None = None


@dataclass(slots=True)
class Flush:
    """A packet on its way to a room."""

    room: Room
    before: int  # the offset that its listeners have
    packet: Packet
    waiting: Iterator[Listener]


class Fanout:
    """All flushes of one worker, one after the other."""

    def __init__(self, stats: Stats, broadcast: Broadcast) -> None:
        self._stats = stats
        self._broadcast = broadcast
        self._loop = asyncio.get_running_loop()
        self._untold: dict[Room, None] = {}
        self._flushes: deque[Flush] = deque()
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
        packets = [rejoin(room)] if missed is None else _packets(missed)
        for packet in packets:
            if not listener.deliver(packet.frame):
                room.behind[listener] = offset
                return
            offset += packet.count

    def send_back(self, room: Room) -> None:
        """The room's history broke off: everybody is told to join again."""
        room.behind.clear()
        # What is on its way was told in the life that ended.
        self._flushes = deque(one for one in self._flushes if one.room is not room)
        packet = rejoin(room)
        for listener in tuple(room.listeners):
            if not listener.deliver(packet.frame):
                room.behind[listener] = NEVER

    def write(self, room: Room, packet: Packet, some: Sequence[Listener]) -> list[Listener]:
        """Write a packet to some of a room; those who were too slow."""
        # Nearly always all of them take the same form.
        small = [one for one in some if one.deflates]
        if small and len(room.listeners) >= FEW:
            slow = self._write_small(room, packet, some, small)
        else:
            slow = self._broadcast(some, packet.frame)
        self._stats.deliveries += (len(some) - len(slow)) * packet.count
        return slow

    def _flush(self) -> None:
        self._planned = False  # again below, if all goes well: one flush that fails must not be the last
        for room in self._untold:
            before = room.history.told
            events = room.history.tell()
            hints = [messages.hint(hint) for hint in room.take_hints()]
            if room.listeners:
                listeners = tuple(room.listeners)
                for packet in _packets(events, hints):
                    self._stats.flushes += 1
                    self._flushes.append(Flush(room, before, packet, iter(listeners)))
                    before += packet.count
        self._untold.clear()
        self._planned = True
        self._write_a_slice()

    def _write_a_slice(self) -> None:
        left = SLICE
        while self._flushes and left:
            some = list(islice(self._flushes[0].waiting, left))
            if some:
                left -= len(some)
                self._go_on(self._flushes[0], some)
            else:
                self._flushes.popleft()
        if self._flushes:
            self._loop.call_soon(self._write_a_slice)
            return
        self._flushed_at = self._loop.time()
        self._planned = False
        if self._untold:
            self.plan(next(iter(self._untold)))

    def _go_on(self, flush: Flush, some: Sequence[Listener]) -> None:
        room = flush.room
        if room.behind or not room.listeners.issuperset(some):
            some = [one for one in some if one in room.listeners and one not in room.behind]
        for listener in self.write(room, flush.packet, some):
            room.behind[listener] = flush.before

    def _write_small(
        self, room: Room, packet: Packet, some: Sequence[Listener], small: list[Listener]
    ) -> list[Listener]:
        """Compressed for those who have what it refers to; plainly for the others."""
        if packet.link is None:
            room.chain = room.chain or Chain()
            packet.link = room.chain.add(packet.text)
        link = packet.link
        if not link.key:
            small = [one for one in small if one.link == link.before]
        slow = self._broadcast(small, link.frame)
        for listener in small:
            listener.link = link.number
        for listener in slow:
            listener.link = NO_LINK
        self._stats.saved += (len(small) - len(slow)) * (len(packet.frame) - len(link.frame))
        if len(small) == len(some):
            return slow
        taken = set(small)
        return slow + self._broadcast([one for one in some if one not in taken], packet.frame)


def rejoin(room: Room) -> Packet:
    """What asks to join again."""
    return _packet(messages.notice(Rejoin(room.history.room)), 0)


def _packets(events: list[bytes], hints: Sequence[bytes] = ()) -> list[Packet]:
    """Events joined into frames of a bounded size: a slow socket stops between two of them.

    Hints are few, and travel with the last ones; whoever is too slow for them never hears them.
    """
    packets, start, size = [], 0, 0
    for i, event in enumerate(events):
        if i > start and size + len(event) > PACKET:
            packets.append(_packet(messages.joined(events[start:i]), i - start))
            start, size = i, 0
        size += len(event)
    if events or hints:
        packets.append(_packet(messages.joined([*events[start:], *hints]), len(events) - start))
    return packets


def _packet(text: bytes, count: int) -> Packet:
    return Packet(text, count, frames.text(text))
