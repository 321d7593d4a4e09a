"""One visitor's conversation: who may do what, how often, and what repeated nonsense leads to."""

import orjson
import pytest

from realtime import passes
from realtime.errors import CLOSED_BAD_INPUT, CLOSED_HELLO_LATE, CLOSED_PASS, CLOSED_TOO_FAST
from realtime.passes import Pass
from realtime.session import Action, Answer, Close, Enter, Exit, Refuse, Session, Store
from realtime.writes import Expects, Write

SECRET = "a secret that nobody can guess, really"
NOW = 1_000_000.0
KEY = "3d0f7c1e-0000-4000-8000-000000000001"


def token(*, user: int = 7, rights: str = "say", room: str = "chat:1", expires: float = NOW + 600) -> str:
    rooms = {room: frozenset(rights.split())}
    return passes.issue(Pass(user=user, name="Anna", rooms=rooms, expires=expires), secret=SECRET)


class Visitor:
    """A session and a hand that types."""

    def __init__(self, *, rights: str = "say", hello: bool = True) -> None:
        self.session = Session(SECRET, opened=NOW)
        self.now = NOW
        self.number = 0
        self.known: dict[tuple[str, str], bytes] = {}  # what this worker knows of rooms
        if hello:
            self.does("hello", token=token(rights=rights))

    def does(self, do: str, **fields: object) -> list[Action]:
        self.number += 1
        text = orjson.dumps({"id": self.number, "do": do, **fields})
        return self.session.hear(text, now=self.now, look=self.look, parts=self.parts)

    def look(self, room: str, part: str) -> bytes | None:
        return self.known.get((room, part))

    def parts(self, room: str) -> list[str]:
        return [part for one, part in self.known if one == room]

    def types(self, text: bytes) -> list[Action]:
        return self.session.hear(text, now=self.now, look=self.look)

    def says(self, text: str, *, room: str = "chat:1") -> list[Action]:
        return self.does("chat.say", room=room, key=KEY, text=text)


def refused(actions: list[Action]) -> str:
    assert isinstance(actions[0], Refuse), actions
    return actions[0].refused.code


def written(actions: list[Action]) -> Write:
    """The one thing that is to be stored."""
    [store] = actions
    assert isinstance(store, Store)
    [write] = store.writes
    return write


def test_a_good_hello_is_greeted() -> None:
    [answer] = Visitor(hello=False).does("hello", token=token())
    assert isinstance(answer, Answer)
    greeting = orjson.loads(answer.ok)
    assert (greeting["user"], greeting["now"]) == (7, NOW * 1000)


@pytest.mark.parametrize(("bad", "code"), [("x.y.z", "pass.forged"), (token(expires=NOW - 1), "pass.expired")])
def test_a_bad_pass_is_refused_and_ends_the_conversation(bad: str, code: str) -> None:
    actions = Visitor(hello=False).does("hello", token=bad)
    assert refused(actions) == code
    assert actions[1] == Close(CLOSED_PASS, code)


def test_nothing_is_done_before_hello() -> None:
    visitor = Visitor(hello=False)
    assert refused(visitor.does("join", room="chat:1")) == "hello.first"
    assert refused(visitor.says("hi")) == "hello.first"


def test_a_ping_is_answered_even_to_a_stranger() -> None:
    assert Visitor(hello=False).does("ping") == [Answer(1, b"{}")]


def test_whoever_never_says_hello_is_closed() -> None:
    visitor = Visitor(hello=False)
    assert visitor.session.look_at_the_clock(NOW + 9) == []
    assert visitor.session.look_at_the_clock(NOW + 11) == [Close(CLOSED_HELLO_LATE, "hello.late")]


def test_a_pass_that_is_long_over_closes_the_socket() -> None:
    visitor = Visitor()
    assert visitor.session.look_at_the_clock(NOW + 659) == []
    assert visitor.session.look_at_the_clock(NOW + 661) == [Close(CLOSED_PASS, "pass.expired")]


def test_the_next_pass_prolongs_the_conversation() -> None:
    visitor = Visitor()
    visitor.now = NOW + 500
    visitor.does("hello", token=token(expires=NOW + 1200))
    assert visitor.session.look_at_the_clock(NOW + 700) == []


def test_another_persons_pass_is_refused() -> None:
    actions = Visitor().does("hello", token=token(user=8))
    assert refused(actions) == "pass.other"
    assert actions[1] == Close(CLOSED_PASS, "pass.other")


def test_a_new_pass_without_a_room_leads_out_of_it() -> None:
    visitor = Visitor()
    visitor.does("join", room="chat:1")
    actions = visitor.does("hello", token=token(room="chat:2"))
    assert actions[0] == Exit("chat:1")
    assert visitor.session.rooms == set()


def test_only_rooms_of_the_pass_open() -> None:
    visitor = Visitor()
    assert visitor.does("join", room="chat:1") == [Enter(2, "chat:1", None)]
    assert refused(visitor.does("join", room="chat:2")) == "room.closed"
    assert refused(visitor.does("join", room="kitchen:1")) == "room.unknown"
    assert refused(visitor.does("join", room="chat:0")) == "room.unknown"
    assert refused(visitor.says("hi", room="chat:2")) == "room.closed"


def test_a_message_is_written_by_who_the_pass_says() -> None:
    actions = Visitor().does("chat.say", room="chat:1", key=KEY, text="  Добрый день!\n", user=1, name="God")
    write = written(actions)
    assert (write.user, write.key) == (7, KEY)
    said = orjson.loads(write.puts[0].body)
    assert (said["user"], said["name"], said["text"]) == (7, "Anna", "Добрый день!")


@pytest.mark.parametrize(("text", "code"), [("", "chat.empty"), (" \n\t", "chat.empty"), ("a" * 2001, "chat.too_long")])
def test_an_empty_or_endless_message_is_refused(text: str, code: str) -> None:
    assert refused(Visitor().says(text)) == code


def test_a_reader_may_not_write_or_delete() -> None:
    reader = Visitor(rights="")
    assert refused(reader.says("hi")) == "chat.read_only"
    assert refused(reader.does("chat.retract", room="chat:1", key=KEY, target=1)) == "chat.read_only"


def test_a_person_deletes_only_their_own_a_moderator_anybodys() -> None:
    own = written(Visitor().does("chat.retract", room="chat:1", key=KEY, target=3)).forget
    anybodys = written(Visitor(rights="say moderate").does("chat.retract", room="chat:1", key=KEY, target=3)).forget
    assert own is not None
    assert anybodys is not None
    assert (own.author, anybodys.author) == (7, None)


def test_who_writes_too_fast_is_told_when_to_go_on() -> None:
    visitor = Visitor()
    for _ in range(5):
        assert isinstance(visitor.says("hi")[0], Store)
    [no] = visitor.says("hi")
    assert isinstance(no, Refuse)
    assert no.refused.code == "limit.too_fast"
    assert no.refused.retry_after == pytest.approx(1.0)
    visitor.now += 1.0
    assert isinstance(visitor.says("hi")[0], Store)


def test_a_clock_that_is_set_back_takes_no_credit_away() -> None:
    visitor = Visitor()
    visitor.says("hi")
    visitor.now -= 3600
    assert isinstance(visitor.says("hi")[0], Store)


def test_repeated_nonsense_is_answered_and_then_closed() -> None:
    visitor = Visitor()
    for _ in range(10):
        [no] = visitor.types(b"nonsense")
        assert isinstance(no, Refuse)
    assert visitor.types(b"nonsense")[1] == Close(CLOSED_BAD_INPUT, "message.malformed")


def test_a_flood_of_commands_is_closed() -> None:
    visitor = Visitor()
    seen = [action for _ in range(100) for action in visitor.does("ping")]
    assert Close(CLOSED_TOO_FAST, "limit.too_fast") in seen


def test_nobody_sits_in_endless_rooms() -> None:
    rooms = {f"chat:{n}": frozenset({"say"}) for n in range(1, 30)}
    visitor = Visitor(hello=False)
    visitor.does("hello", token=passes.issue(Pass(7, "Anna", rooms, NOW + 600), secret=SECRET))
    for n in range(1, 17):
        assert isinstance(visitor.does("join", room=f"chat:{n}")[0], Enter)
    assert refused(visitor.does("join", room="chat:17")) == "room.too_many"
    assert isinstance(visitor.does("join", room="chat:1")[0], Enter)  # the same one again is a rejoin
    visitor.does("leave", room="chat:1")
    assert isinstance(visitor.does("join", room="chat:17")[0], Enter)


def test_who_moderates_many_channels_is_in_all_their_rooms() -> None:
    rooms = {f"chat:{n}": frozenset({"say", "moderate"}) for n in range(1, 70)}
    visitor = Visitor(hello=False)
    visitor.does("hello", token=passes.issue(Pass(7, "Anna", rooms, NOW + 600), secret=SECRET))
    for n in range(1, 65):
        visitor.now += 1
        assert isinstance(visitor.does("join", room=f"chat:{n}")[0], Enter)
    assert refused(visitor.does("join", room="chat:65")) == "room.too_many"


def test_a_mute_ends_those_that_ended_by_themselves_and_no_others() -> None:
    visitor = Visitor(rights="say moderate")
    for user, left in ((1, -3600), (2, -1), (3, 3600), (4, -3600)):  # seconds; the second one is over only just now
        muted = {"user": user, "until": int((NOW + left) * 1000), "at": user + 10}
        visitor.known["chat:1", f".mute:{user}"] = orjson.dumps(muted)
    visitor.known["chat:1", "pin"] = visitor.known["chat:1", ".ban:5"] = orjson.dumps({"user": 5})
    write = written(visitor.does("chat.mute", room="chat:1", key=KEY, user=4, seconds=60))
    assert [put.part for put in write.puts] == [".mute:4", "mute:4", "!.mute:1", "!mute:1"]
    assert [put.rule for put in write.puts if put.room == "chat:1"] == [
        ("mute:4", str(int((NOW + 60) * 1000))),
        ("mute:1", ""),
    ]
    still = Expects("chat:1", ".mute:1", 11)
    assert [put.only for put in write.puts] == [None, None, still, still], "unless they were muted again"
