"""What people show without writing: who may, and how many become one."""

from collections import Counter

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime import history, messages
from realtime.commands import LookAt, React, Type
from realtime.errors import Refused
from realtime.events import Hint, Looker, Looking, Reacted, Somebody, Tally, Typing, Viewers
from realtime.gestures import EMOJI, NAMED, Gathered, heard, show
from realtime.passes import Pass
from realtime.speaker import Speaker
from tests.realtime.test_session import NOW, SECRET, Visitor, refused

ROOM = "chat:1"
people = st.lists(st.integers(1, 6).map(lambda user: Somebody(user, f"Person {user}")), min_size=1, max_size=1)
hints: st.SearchStrategy[Hint] = st.one_of(
    st.integers(0, 9).map(lambda count: Viewers(ROOM, count)),
    st.dictionaries(st.sampled_from(sorted(EMOJI)), st.integers(1, 5), min_size=1).map(
        lambda some: Reacted(ROOM, some)
    ),
    people.map(lambda who: Typing(ROOM, tuple(who), 1)),
    st.dictionaries(st.sampled_from(["q1", "q2", "poll:1:2"]), st.integers(0, 9)).map(lambda some: Tally(ROOM, some)),
    st.tuples(st.integers(1, 3), st.sampled_from(["", "q1", "q2"])).map(
        lambda one: Looking(ROOM, (Looker(one[0], f"Person {one[0]}", one[1]),))
    ),
)


def speaker(rights: str = "say", **known: dict[str, object]) -> Speaker:
    visitor = Pass(7, "Anna", dict.fromkeys((ROOM, "inbox:7"), frozenset(rights.split())), NOW + 60)
    parts = {part.replace("_", ":"): orjson.dumps(event) for part, event in known.items()}
    return Speaker(visitor, NOW, lambda room, part: parts.get(part.removeprefix(".")), SECRET)


def refusal(gesture: React | Type | LookAt, by: Speaker) -> Refused:
    with pytest.raises(Refused) as caught:
        show(gesture, by)
    return caught.value


def test_a_thumb_is_one_thumb() -> None:
    assert show(React(1, ROOM, "👍"), speaker()) == Reacted(ROOM, {"👍": 1})


def test_only_the_products_own_emoji_rise() -> None:
    assert refusal(React(1, ROOM, "💩"), speaker()).field == "emoji"
    assert refusal(React(1, ROOM, "<b>"), speaker()).field == "emoji"


def test_who_may_not_be_heard_does_not_wave() -> None:
    assert refusal(React(1, ROOM, "👍"), speaker("")).code == "chat.read_only"
    assert refusal(React(1, ROOM, "👍"), speaker(ban_7={})).code == "room.banned"
    muted = refusal(React(1, ROOM, "👍"), speaker(mute_7={"until": (NOW + 30) * 1000}))
    assert (muted.code, muted.retry_after) == ("chat.muted", 30)
    assert show(React(1, ROOM, "👍"), speaker(mute_7={"until": (NOW - 1) * 1000})), "a mute ends by itself"


def test_there_is_no_waving_at_a_desk_nor_among_questions() -> None:
    visitor = Pass(7, "Anna", {"questions:1": frozenset({"say"}), ROOM: frozenset({"say", "moderate"})}, NOW + 60)
    by = Speaker(visitor, NOW, lambda room, part: None, SECRET)
    for room in ("questions:1", f"{ROOM}:desk"):
        assert refusal(React(1, room, "👍"), by).code == "room.wrong_kind"


def test_typing_is_told_to_the_room_and_in_direct_messages_to_one_person() -> None:
    assert show(Type(1, ROOM), speaker()) == Typing(ROOM, (Somebody(7, "Anna"),), 1)
    known = speaker(thread_user_9={})
    assert show(Type(1, "inbox:7", 9), known) == Typing("inbox:9", (Somebody(7, "Anna"),), 1)
    assert show(Type(1, "inbox:7", 10), known) is None, "a stranger hears nothing"
    assert refusal(Type(1, ROOM, 9), speaker()).code == "room.wrong_kind"
    assert refusal(Type(1, "inbox:7"), speaker()).code == "room.wrong_kind"


def test_who_may_write_to_nobody_types_to_nobody() -> None:
    assert refusal(Type(1, "inbox:7", 9), speaker("", thread_user_9={})).code == "room.no_right"


def test_a_person_hears_of_nobodys_typing_whom_they_blocked() -> None:
    anna, boris = Somebody(7, "Anna"), Somebody(8, "Boris")
    blocked = {("inbox:9", "block:7"): b"{}"}

    def told(*who: Somebody) -> Hint | None:
        return heard(Typing("inbox:9", who, len(who)), lambda room, part: blocked.get((room, part)))

    assert told(anna) is None
    assert told(anna, boris) == Typing("inbox:9", (boris,), 1)
    assert told(boris) == Typing("inbox:9", (boris,), 1)
    waved = Reacted(ROOM, {"👍": 1})
    assert heard(waved, lambda room, part: b"{}") == waved


def test_moderators_see_at_the_desk_what_each_other_looks_at() -> None:
    by = speaker("say moderate")
    assert show(LookAt(1, f"{ROOM}:desk", "q1", on=True), by) == Looking(f"{ROOM}:desk", (Looker(7, "Anna", "q1"),))
    assert show(LookAt(1, f"{ROOM}:desk", "q1", on=False), by) == Looking(f"{ROOM}:desk", (Looker(7, "Anna", ""),))
    assert refusal(LookAt(1, ROOM, "q1", on=True), by).code == "room.wrong_kind"
    assert refusal(LookAt(1, f"{ROOM}:desk", "q1", on=True), speaker()).code == "room.no_right"


def test_in_a_closed_room_only_moderators_type() -> None:
    assert refusal(Type(1, ROOM), speaker(closed={})).code == "chat.read_only"
    assert show(Type(1, ROOM), speaker("say moderate", closed={}))


def test_a_person_waves_so_often_and_no_more() -> None:
    visitor = Visitor()
    visitor.does("join", room=ROOM)
    answers = [visitor.does("react", room=ROOM, emoji="🔥") for _ in range(11)]
    assert refused(answers[-1]) == "limit.too_fast"
    assert all(len(actions) == 2 for actions in answers[:10])
    visitor.now += 1
    assert len(visitor.does("react", room=ROOM, emoji="🔥")) == 2


def test_nobody_waves_from_outside() -> None:
    assert refused(Visitor().does("react", room=ROOM, emoji="🔥")) == "room.join_first"
    assert refused(Visitor().does("typing", room=ROOM)) == "room.join_first"


@given(st.lists(hints))
def test_whatever_comes_in_a_tick_leaves_as_one_hint_of_a_kind(came: list[Hint]) -> None:
    gathered = Gathered()
    for hint in came:
        gathered.put(hint)
    left = {type(hint): hint for hint in gathered.take(ROOM)}
    assert set(left) == {type(hint) for hint in came if hint != Tally(ROOM, {})}
    for hint in left.values():
        match hint:
            case Viewers():
                assert hint == [one for one in came if isinstance(one, Viewers)][-1]
            case Reacted():
                assert hint.counts == sum((Counter(one.counts) for one in came if isinstance(one, Reacted)), Counter())
            case Typing():
                typists = {one.who[0].user for one in came if isinstance(one, Typing)}
                assert len(hint.who) == min(NAMED, len(typists))
                assert len(typists) <= hint.count <= len([one for one in came if isinstance(one, Typing)])
            case Tally():
                assert hint.counts == {
                    item: n for one in came if isinstance(one, Tally) for item, n in one.counts.items()
                }
            case Looking():
                last = {one.who[0].user: one.who[0] for one in came if isinstance(one, Looking)}
                assert {one.user: one for one in hint.who} == last
    assert gathered.take(ROOM) == []


@given(hints)
def test_workers_understand_each_other_and_take_no_hint_for_an_event(hint: Hint) -> None:
    payload = messages.whispered(hint)
    assert messages.hinted(payload) == hint
    with pytest.raises(ValueError):
        history.heard(payload)


def test_a_hint_of_another_version_is_ignored() -> None:
    assert messages.hinted(b'~{"is":"danced","room":"chat:1"}') is None


def test_the_count_of_the_script_is_a_hint_like_any_other() -> None:
    assert messages.hinted(messages.uncounted(ROOM) + b"12}") == Viewers(ROOM, 12)
