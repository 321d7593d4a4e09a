"""Compressed frames that a whole room shares are understood by everybody who gets them, whatever they missed."""

import json
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from realtime import deflate, messages
from realtime.broadcast import in_python
from realtime.deflate import KEY_EVERY, NO_LINK, Chain
from realtime.fanout import FEW, Fanout, Packet
from realtime.frames import text
from realtime.room import Listener, Room
from realtime.stats import Stats
from tests.realtime.node import Node, token, until

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


# Over the wire


@contextmanager
def opened(node: Node, user: int) -> Iterator[ClientConnection]:
    """Somebody in the room, by the library's own client, which offers compression as browsers do."""
    with connect(node.url, subprotocols=[Subprotocol(messages.SUBPROTOCOL)]) as browser:
        assert browser.response is not None
        assert "permessage-deflate" in browser.response.headers["Sec-WebSocket-Extensions"]
        for message in (
            {"id": 1, "do": "hello", "token": token(user, rooms=("chat:50",))},
            {"id": 2, "do": "join", "room": "chat:50"},
        ):
            browser.send(json.dumps(message))
            assert "ok" in json.loads(browser.recv(timeout=10))
        yield browser


def texts(browser: ClientConnection, count: int) -> list[str]:
    """What is said until so many texts came."""
    found: list[str] = []
    while len(found) < count:
        heard = json.loads(browser.recv(timeout=10))
        if isinstance(heard, list):
            found += [event["text"] for event in heard if event["is"] == "chat.said"]
    return found


def test_browsers_of_the_library_hear_a_busy_room_compressed(shared_node: Node) -> None:
    with ExitStack() as stack:
        crowd = [stack.enter_context(opened(shared_node, user)) for user in range(1, 2 * FEW + 5)]
        for n, browser in enumerate(crowd):
            for part in range(3):
                say = {"id": 3 + part, "do": "chat.say", "room": "chat:50", "key": f"key-{n}-{part}-000"}
                browser.send(json.dumps({**say, "text": f"text {part} of {n}"}))
        expected = {f"text {part} of {n}" for n in range(len(crowd)) for part in range(3)}
        heard = [texts(browser, len(expected)) for browser in crowd]
        assert all(one == heard[0] for one in heard)
        assert set(heard[0]) == expected
        until(lambda: shared_node.metric("veche_compression_saved_bytes_total") > 0, "somebody was told in few bytes")


def test_a_bomb_is_closed_before_it_bursts(shared_node: Node) -> None:
    with opened(shared_node, 1) as browser:
        browser.send(b'{"id":5,"do":"ping","x":"' + b" " * 5_000_000 + b'"}', text=True)
        with pytest.raises(ConnectionClosed) as closed:
            browser.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
