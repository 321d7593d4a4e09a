"""What is on in a channel: questions asked meanwhile are about it, and a moderator knows better."""

import orjson
import pytest

from realtime import stage
from realtime.commands import ChatBan, ChatMute, ChatPurge, QuestionAsk
from realtime.errors import Refused
from realtime.passes import Pass
from realtime.questions import ASKED
from realtime.writes import Placed, Write
from tests.realtime.test_questions import KEYS, MODERATOR, ROOM, Hall


@pytest.fixture
def hall() -> Hall:
    return Hall()


def tell(hall: Hall, write: Write) -> None:
    assert isinstance(hall.log.carry_out(write), Placed)


def on_air(hall: Hall, session: int) -> None:
    tell(hall, stage.on_air(1, session, key=next(KEYS), when=5))


def test_a_question_is_about_what_was_on_when_it_was_asked(hall: Hall) -> None:
    before = hall.asks()
    on_air(hall, 12)
    during = hall.asks()
    on_air(hall, 0)
    assert [hall.at_desk(item)["session"] for item in (before, during, hall.asks())] == [0, 12, 0]
    hall.moves(during, "approve")
    assert (hall.shown(during) or {})["session"] == 12


def test_a_moderator_moves_a_question_to_another_session_whatever_its_status(hall: Hall) -> None:
    item, other = hall.asks(), hall.asks()
    hall.moves(item, "bind", into="7")
    assert (hall.at_desk(item)["session"], hall.at_desk(item)["status"]) == (7, ASKED)
    for verb in ("reject", "recall", "merge", "approve", "answering", "answered"):
        hall.moves(item, verb, into=other)
        hall.moves(item, "bind", into="8")
        assert hall.at_desk(item)["session"] == 8
    assert (hall.shown(item) or {})["session"] == 8
    hall.moves(item, "bind", into="0")
    assert (hall.shown(item) or {})["session"] == 0


@pytest.mark.parametrize("into", ["", "x", "-1", "07", "1.5", "9" * 19, " 7", "7\n"])
def test_what_is_no_number_is_no_session(hall: Hall, into: str) -> None:
    item = hall.asks()
    with pytest.raises(Refused) as no:
        hall.moves(item, "bind", into=into)
    assert (no.value.code, no.value.field) == ("message.field", "into")


def test_a_poll_is_a_part_of_the_room_until_it_is_gone(hall: Hall) -> None:
    tell(hall, stage.stands(1, 5, stage.OPEN, key=next(KEYS), when=5))
    tell(hall, stage.stands(1, 6, stage.OPEN, key=next(KEYS), when=5))
    tell(hall, stage.stands(1, 5, stage.CLOSED, key=next(KEYS), when=6))
    assert orjson.loads(hall.look(ROOM, "poll:5") or b"{}")["status"] == "closed"
    tell(hall, stage.stands(1, 5, stage.GONE, key=next(KEYS), when=7))
    assert hall.parts(ROOM) == ["poll:6"]


def test_many_in_the_hall_ask_under_one_number_and_nobody_can_be_silenced_for_another(hall: Hall) -> None:
    guest = Pass(0, "", {ROOM: frozenset({"say"})}, 0)
    for _ in range(2):
        hall.does(guest, QuestionAsk(1, ROOM, next(KEYS), "Why?"))
    asked = [orjson.loads(hall.look(f"{ROOM}:desk", part) or b"") for part in hall.parts(f"{ROOM}:desk")]
    assert [(one["user"], one["name"], one["status"]) for one in asked] == [(0, "", ASKED)] * 2
    assert len({one["item"] for one in asked}) == 2
    for act in (
        ChatMute(1, ROOM, next(KEYS), 0, 60),
        ChatBan(1, ROOM, next(KEYS), 0, on=True),
        ChatPurge(1, ROOM, next(KEYS), 0),
    ):
        with pytest.raises(Refused) as no:
            hall.does(MODERATOR, act)
        assert no.value.field == "user"


def test_a_question_of_an_earlier_version_is_about_no_session(hall: Hall) -> None:
    item = hall.asks()
    at, event = hall.log.kept(f"{ROOM}:desk").state[f"q:{item}"]
    old = {name: value for name, value in orjson.loads(event).items() if name != "session"}
    hall.log.kept(f"{ROOM}:desk").state[f"q:{item}"] = at, orjson.dumps(old)
    hall.moves(item, "approve")
    assert hall.at_desk(item)["session"] == 0
