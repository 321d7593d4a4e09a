"""Bad input for every field of every command there is: a coded refusal, nothing stored, and the socket lives on."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from realtime import channels
from realtime.commands import COMMANDS, Act, Command, InboxBlock
from realtime.errors import CLOSED_BAD_INPUT, SENTENCES
from realtime.limits import MISTAKES
from tests.realtime import speech
from tests.realtime.node import Node, token

Json = dict[str, Any]
numbers = itertools.count(50_000)
KEY = "a-good-key-1"
LONG = "x" * 9000  # characters; more than any field takes, less than a whole message may have
ODD: dict[type, list[Any]] = {
    int: ["1", True, 1.5, -1, 2**53 + 1, 10**300, [1], {"a": 1}],
    bool: ["true", 1, [True], {"a": True}],
    str: [5, True, LONG, ["x"], {"a": "x"}],
    list: ["x", 5, [5], [LONG], {"a": "x"}],
    dict: ["x", 5, [5], {}, {"epoch": LONG, "offset": 1}, {"epoch": "e", "offset": -1}],
}
IN_ROOMS = [kind for kind in COMMANDS.values() if "room" in speech.field_names(kind)]
by_command = pytest.mark.parametrize("kind", COMMANDS.values(), ids=lambda kind: str(kind.do))
in_rooms = pytest.mark.parametrize("kind", IN_ROOMS, ids=lambda kind: str(kind.do))


@pytest.fixture
def room() -> str:
    return channels.chat(next(numbers))


@contextmanager
def visitor(
    node: Node, *rooms: str, rights: str = "say moderate", hello: bool = True, user: int = 7
) -> Iterator[ClientConnection]:
    with connect(node.url, subprotocols=[Subprotocol("veche.1")], compression=None) as socket:
        if hello:
            assert "ok" in ask(socket, {"id": 1, "do": "hello", "token": token(user, rights=rights, rooms=rooms)})
        yield socket


def ask(socket: ClientConnection, message: Json) -> Json:
    socket.send(json.dumps(message))
    while True:
        said = json.loads(socket.recv(timeout=20))
        if isinstance(said, dict):
            return said


def nothing_is_stored(node: Node, room: str) -> bool:
    with visitor(node, room, channels.desk(room)) as reader:
        states = [ask(reader, {"id": 2, "do": "join", "room": one})["ok"] for one in (room, channels.desk(room))]
    return all(state["offset"] == 0 and state["events"] == [] for state in states)


def wrong(kind: type[Command], name: str, room: str) -> list[Json]:
    """The command with this field missing, null, of other types, too long, negative, absurd."""
    good = speech.message(kind, id=5, room=room, key=KEY, token=token(7, rooms=(room,)))
    odd = [{**good, name: value} for value in ODD[type(good[name])]]
    if name in speech.field_names(kind, needed=True):
        odd += [{**good, name: None}, {one: value for one, value in good.items() if one != name}]
    return odd


@pytest.mark.parametrize(("kind", "name"), speech.fields_of_all(), ids=lambda part: getattr(part, "do", part))
def test_a_wrong_field_is_named(shared_node: Node, room: str, kind: type[Command], name: str) -> None:
    messages = wrong(kind, name, room)
    assert len(messages) <= MISTAKES.burst
    with visitor(shared_node, room) as socket:
        for message in messages:
            answer = ask(socket, message)
            assert answer["re"] == (5 if name != "id" else None), message
            assert (answer["no"]["code"], answer["no"]["field"]) == ("message.field", name), message
        assert ask(socket, {"id": 6, "do": "ping"}) == {"re": 6, "ok": {}}
    assert nothing_is_stored(shared_node, room)


@in_rooms
@pytest.mark.parametrize(("where", "code"), [("kitchen:1", "room.unknown"), ("chat:49999", "room.closed")])
def test_a_wrong_room_is_refused(shared_node: Node, room: str, kind: type[Command], where: str, code: str) -> None:
    with visitor(shared_node, room) as socket:
        answer = ask(socket, speech.message(kind, id=5, room=where, key=KEY))
        assert (answer["re"], answer["no"]["code"]) == (5, code)
        assert ask(socket, {"id": 6, "do": "ping"}) == {"re": 6, "ok": {}}
    assert nothing_is_stored(shared_node, "chat:49999")


@in_rooms
def test_hello_comes_first(shared_node: Node, room: str, kind: type[Command]) -> None:
    with visitor(shared_node, room, hello=False) as socket:
        answer = ask(socket, speech.message(kind, id=5, room=room, key=KEY))
        assert (answer["re"], answer["no"]["code"]) == (5, "hello.first")
        assert ask(socket, {"id": 6, "do": "ping"}) == {"re": 6, "ok": {}}
    assert nothing_is_stored(shared_node, room)


@in_rooms
@pytest.mark.parametrize("home", ["chat", "questions", "video", "announcements", "inbox"])
def test_who_has_no_right_stores_nothing(shared_node: Node, kind: type[Command], home: str) -> None:
    number = next(numbers)
    room = f"{home}:{number}"
    with visitor(shared_node, room, rights="", user=number) as socket:
        answer = ask(socket, speech.message(kind, id=5, room=room, key=KEY, after=None))
        assert answer["re"] == 5
        assert ask(socket, {"id": 6, "do": "ping"}) == {"re": 6, "ok": {}}
        state = ask(socket, {"id": 7, "do": "join", "room": room})["ok"]
        if (home, kind) == ("inbox", InboxBlock):  # whose letters one takes needs nobody's leave
            assert [event["is"] for event in state["events"]] == ["inbox.blocked"]
        else:
            assert not issubclass(kind, Act) or answer["no"]["code"] in SENTENCES
            assert state["offset"] == 0


@by_command
def test_whoever_goes_on_with_bad_input_is_closed(shared_node: Node, room: str, kind: type[Command]) -> None:
    bad = {"id": -1, "do": kind.do}
    with visitor(shared_node, room) as socket:
        for _ in range(int(MISTAKES.burst)):
            assert ask(socket, bad)["no"]["code"] == "message.field"
        with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - how many more it takes is a matter of time
            while True:
                ask(socket, bad)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CLOSED_BAD_INPUT
