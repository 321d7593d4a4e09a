"""What a client may send is read, everything else is refused with a code."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime import errors, manual, messages
from realtime.commands import COMMANDS, After, ChatSay, Join, Ping
from realtime.errors import Refused
from realtime.events import NOTICES, ChatSaid
from realtime.manual import EVENTS

KEY = "3d0f7c1e-0000-4000-8000-000000000001"


def refusal_of(text: str | bytes) -> Refused:
    with pytest.raises(Refused) as no:
        messages.parse(text)
    return no.value


def test_a_command_is_read_field_by_field() -> None:
    text = orjson.dumps({"id": 7, "do": "chat.say", "room": "chat:1", "key": KEY, "text": "Сәлем", "admin": True})
    assert messages.parse(text) == ChatSay(id=7, room="chat:1", key=KEY, text="Сәлем")


def test_a_join_may_say_where_the_client_stopped() -> None:
    text = orjson.dumps({"id": 1, "do": "join", "room": "chat:1", "after": {"epoch": "e1", "offset": 12}})
    assert messages.parse(text) == Join(id=1, room="chat:1", after=After("e1", 12))
    assert messages.parse('{"id":1,"do":"join","room":"chat:1","after":null}') == Join(id=1, room="chat:1")


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '"hello"', "null", b"\xff\xfe", "{'id':1}", "[" * 2000])
def test_what_is_no_json_object_is_malformed(text: str | bytes) -> None:
    assert refusal_of(text).code == "message.malformed"


@pytest.mark.parametrize("do", ["fly", "", None, 7, ["ping"], {"do": "ping"}, "__class__"])
def test_an_unknown_command_is_refused(do: object) -> None:
    assert refusal_of(orjson.dumps({"id": 1, "do": do})).code == "message.unknown"


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"do": "ping"}, "id"),
        ({"do": "ping", "id": "1"}, "id"),
        ({"do": "ping", "id": True}, "id"),
        ({"do": "ping", "id": -1}, "id"),
        ({"do": "ping", "id": 2**53 + 1}, "id"),
        ({"do": "ping", "id": 1.5}, "id"),
        ({"do": "hello", "id": 1}, "token"),
        ({"do": "hello", "id": 1, "token": "x" * 10_000}, "token"),
        ({"do": "join", "id": 1, "room": 5}, "room"),
        ({"do": "join", "id": 1, "room": "r" * 65}, "room"),
        ({"do": "join", "id": 1, "room": "chat:1", "after": 5}, "after"),
        ({"do": "join", "id": 1, "room": "chat:1", "after": {"epoch": "e"}}, "after"),
        ({"do": "join", "id": 1, "room": "chat:1", "after": {"epoch": "e", "offset": "1"}}, "after"),
        ({"do": "chat.say", "id": 1, "room": "chat:1", "key": KEY}, "text"),
        ({"do": "chat.say", "id": 1, "room": "chat:1", "key": "short", "text": "a"}, "key"),
        ({"do": "chat.say", "id": 1, "room": "chat:1", "key": "a b c d e f g", "text": "a"}, "key"),
        ({"do": "chat.say", "id": 1, "room": "chat:1", "key": KEY, "text": ["a"]}, "text"),
        ({"do": "chat.retract", "id": 1, "room": "chat:1", "key": KEY, "target": "1"}, "target"),
    ],
)
def test_a_field_of_wrong_shape_is_named(message: dict[str, object], field: str) -> None:
    no = refusal_of(orjson.dumps(message))
    assert (no.code, no.field) == ("message.field", field)


def test_a_refused_message_still_tells_its_number() -> None:
    assert messages.number(b'{"id":9,"do":"fly"}') == 9
    assert messages.number(b'{"id":"nine"}') is None
    assert messages.number(b"nonsense") is None


def test_a_broken_message_still_tells_its_number() -> None:
    assert messages.number(b'{"id":9,"do":"chat.say","text":"half a \\ud83d character"}') == 9
    assert messages.number(b'{"id":9,"do":"chat.say","text":"\xff"}') == 9
    assert messages.number(b'{"text":"{"id":9,", oops') is None


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    try:
        messages.parse(noise)
    except Refused as no:
        assert no.code in errors.SENTENCES  # noqa: PT017  # most noise is refused, some is read; both are fine


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from(["id", "room", "token", "key", "text", "target", "after"])


@given(st.sampled_from(sorted(COMMANDS)), st.dictionaries(fields, json_values))
def test_any_fields_of_any_command_are_read_or_refused(do: str, noise: dict[str, object]) -> None:
    try:
        messages.parse(orjson.dumps({"do": do, **noise}, option=orjson.OPT_NON_STR_KEYS))
    except Refused as no:
        assert no.code in ("message.field", "message.malformed")  # noqa: PT017  # either outcome is right
    except orjson.JSONEncodeError:
        pass  # hypothesis made an integer that JSON cannot hold


def test_an_event_gets_its_place_in_front() -> None:
    body = messages.event(ChatSaid(user=7, name="Анна", badge="", key=KEY, text="Да", when=5))
    placed = orjson.loads(messages.placed("chat:1", 12, body))
    assert list(placed)[:3] == ["room", "at", "is"]
    assert placed["at"] == 12
    assert placed["text"] == "Да"


def test_a_refusal_says_what_it_knows_and_no_more() -> None:
    assert orjson.loads(messages.refusal(3, Refused("limit.too_fast", retry_after=1.234))) == {
        "re": 3,
        "no": {"code": "limit.too_fast", "text": errors.SENTENCES["limit.too_fast"], "retry_after": 1.24},
    }
    assert orjson.loads(messages.refusal(None, Refused("message.malformed")))["re"] is None


def test_the_manual_names_every_message_and_refusal() -> None:
    printed = manual.text()
    for word in (*COMMANDS, *EVENTS, *NOTICES, *errors.SENTENCES):
        assert word in printed


def test_a_ping_is_small() -> None:
    assert messages.parse('{"id":1,"do":"ping"}') == Ping(id=1)
