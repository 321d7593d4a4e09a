"""A question's life: what the desk sees, what readers see, and what no reader ever sees."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from realtime import questions, verbs
from realtime.channels import desk
from realtime.commands import Act, ChatPurge, QuestionAsk, QuestionMove
from realtime.errors import Refused
from realtime.memory import MemoryLog
from realtime.passes import Pass
from realtime.questions import ANSWERED, ANSWERING, APPROVED, ASKED, MERGED, MOVES, REJECTED, SHOWN
from realtime.speaker import Speaker
from realtime.writes import Placed

ROOM = "questions:1"
ASKER = Pass(7, "Anna", {ROOM: frozenset({"say"})}, 0)
MODERATOR = Pass(3, "Maria", {ROOM: frozenset({"say", "moderate"})}, 0)
KEYS = (f"key-{n:08}" for n in itertools.count())


class Hall:
    """A room of questions and its desk, in memory."""

    def __init__(self) -> None:
        self.log = MemoryLog(epoch=lambda: "life", clock=lambda: 0.0)

    def does(self, who: Pass, act: Act) -> Placed:
        placed = Placed("", 0)
        for write in verbs.decide(act, Speaker(who, 1000.0, self.look, "secret", self.parts)):
            done = self.log.carry_out(write)
            if isinstance(done, Refused):
                raise done
            placed = done
        return placed

    def parts(self, room: str) -> list[str]:
        return list(self.log.kept(room).state)

    def asks(self, text: str = "Why?", *, anonymous: bool = False) -> str:
        act = QuestionAsk(1, ROOM, next(KEYS), text, anonymous)
        self.does(ASKER, act)
        return Speaker(ASKER, 1000.0, self.look, "secret").item(act)

    def moves(self, item: str, verb: str, text: str = "", into: str = "", key: str = "") -> Placed:
        return self.does(MODERATOR, QuestionMove(1, ROOM, key or next(KEYS), item, verb, text, into))

    def look(self, room: str, part: str) -> bytes | None:
        found = self.log.kept(room).state.get(part)
        return found[1] if found else None

    def at_desk(self, item: str) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.look(desk(ROOM), f"q:{item}") or b"null")
        return found

    def shown(self, item: str) -> dict[str, Any] | None:
        found = self.look(ROOM, f"q:{item}")
        return orjson.loads(found) if found else None

    @property
    def readers_log(self) -> str:
        """Everything that a reader may still be sent."""
        kept = self.log.kept(ROOM)
        return " ".join(one.event.decode() for one in kept.stream.values()) + str(list(kept.state.values()))


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_what_somebody_else_decided_is_not_decided_again_by_who_saw_it_before() -> None:
    hall = Hall()
    item = hall.asks()
    seen = hall.at_desk(item)["at"]
    hall.moves(item, "approve")
    with pytest.raises(Refused, match="quicker"):
        hall.does(MODERATOR, QuestionMove(1, ROOM, next(KEYS), item, "reject", seen=seen))
    assert hall.at_desk(item)["status"] == APPROVED
    now = hall.at_desk(item)["at"]
    hall.does(MODERATOR, QuestionMove(1, ROOM, next(KEYS), item, "reject", seen=now))
    assert hall.at_desk(item)["status"] == REJECTED


def test_a_question_waits_at_the_desk_and_readers_hear_nothing(hall: Hall) -> None:
    item = hall.asks("Why?")
    assert (hall.at_desk(item)["status"], hall.at_desk(item)["text"], hall.at_desk(item)["user"]) == (ASKED, "Why?", 7)
    assert hall.log.kept(ROOM).top == 0


def test_everything_a_person_asked_goes_at_once_and_nothing_of_others(hall: Hall) -> None:
    waiting, shown, foreign = hall.asks("Waiting?"), hall.asks("Shown?"), hall.asks("Of another?")
    for item in (shown, foreign):
        hall.moves(item, "approve")
    theirs = replace(ASKER, user=8)
    hall.does(theirs, QuestionAsk(1, ROOM, "key-of-boris", "Mine?", anonymous=False))
    mine = Speaker(theirs, 1000.0, hall.look, "secret").item(QuestionAsk(1, ROOM, "key-of-boris", "Mine?", False))
    wish = ChatPurge(1, ROOM, "key-of-purge", 7)
    placed = hall.does(MODERATOR, wish)
    assert {hall.at_desk(item)["status"] for item in (waiting, shown, foreign)} == {REJECTED}
    assert hall.at_desk(mine)["status"] == ASKED
    assert "Shown?" not in hall.readers_log
    assert hall.does(MODERATOR, wish) == placed  # its answer was lost: it hears the same again


def test_a_purge_of_somebody_who_asked_nothing_changes_nothing(hall: Hall) -> None:
    waiting, shown = hall.asks("Waiting?"), hall.asks("Shown?")
    hall.moves(shown, "approve")
    hall.does(MODERATOR, ChatPurge(1, ROOM, "key-of-purge", 9))
    assert [hall.at_desk(item)["status"] for item in (waiting, shown)] == [ASKED, APPROVED]
    assert "Shown?" in hall.readers_log


def test_readers_are_not_told_whose_questions_went(hall: Hall) -> None:
    hall.moves(hall.asks("Shown?", anonymous=True), "approve")
    hall.does(MODERATOR, ChatPurge(1, ROOM, "key-of-purge", 7))
    assert '"user":7' not in hall.readers_log
    assert "question.forgotten" in hall.readers_log


def test_its_name_says_nothing_about_who_asked(hall: Hall) -> None:
    items = {hall.asks("Why?", anonymous=True) for _ in range(20)}
    assert len(items) == 20
    assert all(len(item) == 16 for item in items)


def test_an_approved_question_is_shown_with_its_asker(hall: Hall) -> None:
    item = hall.asks("Why?")
    hall.moves(item, "approve")
    shown = hall.shown(item)
    assert shown is not None
    assert (shown["status"], shown["text"], shown["user"], shown["name"]) == (APPROVED, "Why?", 7, "Anna")


def test_an_anonymous_one_has_its_asker_at_the_desk_alone(hall: Hall) -> None:
    item = hall.asks("Why?", anonymous=True)
    hall.moves(item, "approve")
    shown = hall.shown(item)
    assert shown is not None
    assert (shown["user"], shown["name"], shown["badge"]) == (0, "", "")
    assert "Anna" not in hall.readers_log
    assert hall.at_desk(item)["name"] == "Anna"


def test_the_original_stays_at_the_desk_when_a_text_is_edited(hall: Hall) -> None:
    item = hall.asks("Wyh?")
    hall.moves(item, "edit", "Why?")
    hall.moves(item, "edit", "Why so?")
    assert (hall.at_desk(item)["text"], hall.at_desk(item)["original"]) == ("Why so?", "Wyh?")
    hall.moves(item, "approve")
    assert "Wyh?" not in hall.readers_log


def test_an_edit_of_a_shown_one_takes_the_old_text_away_from_readers(hall: Hall) -> None:
    item = hall.asks("rude words")
    hall.moves(item, "approve")
    hall.moves(item, "pin")
    hall.moves(item, "edit", "kind words")
    assert "rude" not in hall.readers_log
    assert "kind words" in hall.readers_log


@pytest.mark.parametrize("verb", ["recall", "reject", "merge"])
def test_what_is_hidden_is_in_no_later_read(hall: Hall, verb: str) -> None:
    item, other = hall.asks("secret words"), hall.asks("other words")
    hall.moves(item, "approve")
    hall.moves(item, "pin")
    hall.moves(item, "answering")
    hall.moves(item, verb, text="secret reason", into=other)
    assert hall.shown(item) is None
    assert "secret" not in hall.readers_log
    assert hall.at_desk(item)["pinned"] is False


def test_it_is_answered_live_or_in_writing_and_both_can_be_taken_back(hall: Hall) -> None:
    item = hall.asks()
    hall.moves(item, "approve")
    hall.moves(item, "answering")
    hall.moves(item, "answered", " Because. ")
    shown = hall.shown(item)
    assert shown is not None
    assert (shown["status"], shown["answer"]) == (ANSWERED, "Because.")
    hall.moves(item, "approve")
    assert (hall.at_desk(item)["status"], hall.at_desk(item)["answer"]) == (APPROVED, "")
    hall.moves(item, "answered")
    assert hall.at_desk(item)["status"] == ANSWERED


def test_a_rejected_one_has_its_reason_until_it_is_approved_after_all(hall: Hall) -> None:
    item = hall.asks()
    hall.moves(item, "reject", "off topic")
    assert (hall.at_desk(item)["status"], hall.at_desk(item)["reason"]) == (REJECTED, "off topic")
    hall.moves(item, "approve")
    assert (hall.at_desk(item)["status"], hall.at_desk(item)["reason"]) == (APPROVED, "")


def test_one_that_says_the_same_is_merged_and_comes_back(hall: Hall) -> None:
    one, same = hall.asks(), hall.asks()
    hall.moves(same, "merge", into=one)
    assert (hall.at_desk(same)["status"], hall.at_desk(same)["into"]) == (MERGED, one)
    hall.moves(same, "recall")
    assert (hall.at_desk(same)["status"], hall.at_desk(same)["into"]) == (ASKED, "")


def test_it_is_merged_into_another_that_is_there_only(hall: Hall) -> None:
    one, same, third = hall.asks(), hall.asks(), hall.asks()
    hall.moves(same, "merge", into=one)
    for into in (third, "nowhere", "", same):
        with pytest.raises(Refused, match="no_such_item"):
            hall.moves(third, "merge", into=into)


def test_the_first_of_two_moderators_wins_and_its_resend_hears_its_own_success(hall: Hall) -> None:
    item = hall.asks()
    first = hall.moves(item, "approve", key="the-first-one")
    with pytest.raises(Refused, match=r"desk\.changed"):
        hall.moves(item, "approve")
    hall.moves(item, "reject")
    assert hall.moves(item, "approve", key="the-first-one") == first
    assert hall.at_desk(item)["status"] == REJECTED


def test_two_who_decided_at_the_same_moment_are_one_success(hall: Hall) -> None:
    """Both saw it waiting; the log knows that only one of them still sees what is."""
    item = hall.asks()
    speaker = Speaker(MODERATOR, 1000.0, hall.look, "secret")
    writes = [questions.move(QuestionMove(1, ROOM, next(KEYS), item, verb), speaker) for verb in ("approve", "reject")]
    results = [hall.log.carry_out(write) for write in writes]
    assert isinstance(results[0], Placed)
    assert isinstance(results[1], Refused)
    assert results[1].code == "desk.changed"
    assert hall.at_desk(item)["status"] == APPROVED


@pytest.mark.parametrize(
    ("verb", "text", "code"),
    [
        ("fly", "", "message.field"),
        ("edit", "  ", "chat.empty"),
        ("edit", "a" * 2001, "chat.too_long"),
        ("reject", "a" * 2001, "chat.too_long"),
        ("answered", "a", "desk.changed"),
        ("pin", "", "desk.changed"),
    ],
)
def test_a_wrong_step_is_refused_by_its_code(hall: Hall, verb: str, text: str, code: str) -> None:
    item = hall.asks()
    before = hall.at_desk(item)
    with pytest.raises(Refused) as no:
        hall.moves(item, verb, text)
    assert no.value.code == code
    assert hall.at_desk(item) == before


def test_a_question_nobody_asked_cannot_be_moved(hall: Hall) -> None:
    with pytest.raises(Refused, match="no_such_item"):
        hall.moves("nothing", "approve")


def test_only_moderators_move_and_only_who_may_say_asks(hall: Hall) -> None:
    item = hall.asks()
    with pytest.raises(Refused, match="no_right"):
        hall.does(ASKER, QuestionMove(1, ROOM, next(KEYS), item, "approve"))
    with pytest.raises(Refused, match="no_right"):
        hall.does(Pass(9, "Guest", {ROOM: frozenset()}, 0), QuestionAsk(1, ROOM, next(KEYS), "Why?"))


def test_every_status_has_a_way_back_to_those_that_wait() -> None:
    def reach(status: str) -> set[str]:
        seen, new = set(), {status}
        while new:
            seen |= new
            new = {after for (before, _), after in MOVES.items() if before in seen} - seen
        return seen

    statuses = {ASKED, APPROVED, REJECTED, MERGED, ANSWERING, ANSWERED}
    assert all(reach(status) == statuses for status in statuses)


class Life(RuleBasedStateMachine):
    """Whatever happens, readers can be sent the shown questions as they are now, and not one word more."""

    def __init__(self) -> None:
        super().__init__()
        self.hall = Hall()
        self.items: list[str] = []
        self.words = itertools.count()
        self.page: dict[str, Mapping[str, Any]] = {}  # a reader's, who was there from the beginning
        self.told = 0

    @rule(anonymous=st.booleans())
    def somebody_asks(self, anonymous: bool) -> None:
        self.items.append(self.hall.asks(f"<text {next(self.words)}>", anonymous=anonymous))

    @precondition(lambda self: self.items)
    @rule(which=st.integers(0), verb=st.sampled_from(sorted(questions.VERBS)), into=st.integers(0, 10**18 - 1))
    def somebody_moves(self, which: int, verb: str, into: int) -> None:
        item, other = (self.items[n % len(self.items)] for n in (which, into))
        try:
            self.hall.moves(item, verb, f"<text {next(self.words)}>", str(into) if verb == "bind" else other)
        except Refused as no:
            assert no.code in ("desk.changed", "desk.no_such_item")  # noqa: PT017  # either outcome is right

    @invariant()
    def readers_can_be_sent_the_shown_ones_and_nothing_else(self) -> None:
        everything = [self.hall.at_desk(item) for item in self.items]
        shown = {one["item"]: one for one in everything if one["status"] in SHOWN}
        found = {item: self.hall.shown(item) for item in self.items}
        assert {item for item, one in found.items() if one} == set(shown)
        allowed = {words for one in shown.values() for words in (one["text"], one["answer"]) if words}
        log = self.hall.readers_log
        sent = {f"<text {piece.split('>')[0]}>" for piece in log.split("<text ")[1:]}
        assert sent == allowed
        for item, one in shown.items():
            public = found[item]
            assert public is not None
            assert (public["text"], public["pinned"]) == (one["text"], one["pinned"])

    @invariant()
    def who_heard_every_event_shows_what_a_newcomer_shows(self) -> None:
        kept = self.hall.log.kept(ROOM)
        for at, one in kept.stream.items():
            if at > self.told:
                event = orjson.loads(one.event)
                self.page.pop(event["item"], None)
                if event["is"] == "question.shown":
                    self.page[event["item"]] = event
        self.told = kept.top
        fresh = {part.removeprefix("q:"): orjson.loads(event) for part, (_, event) in kept.state.items()}
        assert self.page == fresh


test_any_life_of_any_questions = Life.TestCase
