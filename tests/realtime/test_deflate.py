"""Compressed frames that a whole room shares are understood by everybody who gets them, whatever they missed."""

import json
import zlib

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime import deflate, messages
from realtime.broadcast import in_python
from realtime.deflate import KEY_EVERY, NO_LINK, Chain
from realtime.fanout import FEW, Fanout, Packet
from realtime.frames import text
from realtime.room import Listener, Room
from realtime.stats import Stats

TAIL = b"\x00\x00\xff\xff"


class Browser(Listener):
    """Reads frames as a browser does, with one memory for all compressed ones of its socket."""

    def __init__(self, *, deflates: bool = True) -> None:
        super().__init__()
        self.deflates = deflates
        self.slow = False
        self.heard: list[bytes] = []
        self.compressed = 0
        self._inflate = zlib.decompressobj(-15)

    def deliver(self, frame: bytes) -> bool:
        if self.slow:
            return False
        size = frame[1]
        start = 2 if size < 126 else 4 if size == 126 else 10
        payload = frame[start:]
        if frame[0] & 0x40:
            self.compressed += 1
            payload = self._inflate.decompress(payload + TAIL)
            assert not self._inflate.unconsumed_tail
        self.heard.append(payload)
        return True


def said(n: int) -> bytes:
    return messages.joined([json.dumps({"room": "chat:1", "at": n, "is": "chat.said", "text": f"text {n}"}).encode()])


class House:
    """Two rooms, the same people in both, and what each of them is to have heard."""

    def __init__(self) -> None:
        self.fanout = Fanout(Stats(), in_python)
        self.rooms = [Room("chat:1"), Room("chat:2")]
        self.people = [Browser(deflates=n != 0) for n in range(12)]
        self.expected: dict[Browser, list[bytes]] = {one: [] for one in self.people}
        self.told = 0
        for room in self.rooms:
            room.listeners.update(self.people)

    def tell(self, room: Room) -> None:
        """One message to everybody in a room."""
        self.told += 1
        message = said(self.told)
        for one in self.people:
            if one in room.listeners and not one.slow:
                self.expected[one].append(message)
        self.fanout.write(room, Packet(message, 1, text(message)), tuple(room.listeners))


moves = st.lists(
    st.tuples(
        st.sampled_from(["tell", "tell", "tell", "tell other", "slow", "quick", "leave", "come"]), st.integers(0, 11)
    ),
    max_size=150,
)


@settings(max_examples=150, deadline=None)
@given(moves)
async def test_everybody_understands_everything_whatever_happens(moves: list[tuple[str, int]]) -> None:
    house = House()
    for verb, who in moves:
        one = house.people[who]
        if verb.startswith("tell"):
            house.tell(house.rooms[verb == "tell other"])
        elif verb == "leave":
            house.rooms[0].listeners.discard(one)
        elif verb == "come":
            house.rooms[0].listeners.add(one)
        else:
            one.slow = verb == "slow"
    for one in house.people:
        assert one.heard == house.expected[one]
    assert house.people[0].compressed == 0


async def test_a_busy_room_is_told_in_compressed_frames_and_a_newcomer_from_the_next_key_frame() -> None:
    stats = Stats()
    fanout, room = Fanout(stats, in_python), Room("chat:1")
    people = [Browser() for _ in range(FEW)]
    room.listeners.update(people)
    newcomer = Browser()
    for n in range(2 * KEY_EVERY):
        if n == 3:
            room.listeners.add(newcomer)
        fanout.write(room, Packet(said(n), 1, text(said(n))), tuple(room.listeners))
    assert {one.compressed for one in people} == {2 * KEY_EVERY}
    assert newcomer.compressed == KEY_EVERY
    assert newcomer.heard == [said(n) for n in range(3, 2 * KEY_EVERY)]
    assert stats.saved > 0


async def test_a_room_of_few_is_told_plainly() -> None:
    fanout, room = Fanout(Stats(), in_python), Room("inbox:1")
    one = Browser()
    room.listeners.add(one)
    fanout.write(room, Packet(said(1), 1, text(said(1))), (one,))
    assert (one.compressed, room.chain) == (0, None)


def test_frames_refer_to_the_ones_before_and_key_frames_to_none() -> None:
    chain = Chain()
    links = [chain.add(said(n)) for n in range(KEY_EVERY + 1)]
    assert [n for n, link in enumerate(links) if link.key] == [0, KEY_EVERY]
    assert [link.before for link in links] == [NO_LINK, *(link.number for link in links[:-1])]
    assert max(len(link.frame) for link in links[1:KEY_EVERY]) < len(links[KEY_EVERY].frame)
    alone = zlib.decompressobj(-15)
    assert alone.decompress(links[KEY_EVERY].frame[2:] + TAIL) == said(KEY_EVERY)


def test_links_of_two_rooms_are_never_the_same() -> None:
    assert deflate.Chain().add(b"x").number != deflate.Chain().add(b"x").number
