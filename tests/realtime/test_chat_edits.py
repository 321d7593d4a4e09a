"""What an edit, a report and a hidden message come to, before any log is asked."""

import orjson
import pytest

from realtime import chat, verbs, waiting
from realtime.commands import Act, ChatDismiss, ChatEdit, ChatReport, ChatRetract, ChatSettle
from realtime.errors import Refused
from realtime.limits import REPORTS
from realtime.passes import Pass
from realtime.speaker import Speaker
from realtime.writes import ENDS, Expects, Forget, Write

ROOM, DESK = "chat:1", "chat:1:desk"
NOW = 1_790_000_000.0
KEY = "a-key-of-mine"


def decide(act: Act, rights: str = "say", **known: dict[str, object]) -> Write:
    """As the wire would; `known` are parts of the desk's state, and the room's pin."""
    state = {
        (ROOM if part == "pin" else DESK, part.replace("_", ":")): orjson.dumps(event) for part, event in known.items()
    }
    visitor = Pass(7, "Anna", {ROOM: frozenset(rights.split())}, NOW + 60, badge="speaker")
    speaker = Speaker(
        visitor,
        NOW,
        lambda room, part: state.get((room, part)),
        "secret",
        lambda room: [part for one, part in state if one == room],
    )
    [write] = verbs.decide(act, speaker)
    return write


def refusal(act: Act, rights: str = "say") -> Refused:
    with pytest.raises(Refused) as no:
        decide(act, rights)
    return no.value


def test_an_edit_is_speech_and_forgets_what_its_author_said_lately() -> None:
    write = decide(ChatEdit(1, ROOM, KEY, 5, "  new ", "life"))
    assert write.forget is not None
    assert (write.forget.target, write.forget.epoch, write.forget.author) == (5, "life", 7)
    assert (write.forget.instead, write.forget.keep) == ("new", False)
    assert write.forget.since == (NOW - chat.EDITED_WITHIN) * 1000
    assert write.speech is not None
    assert (write.speech.text, write.speech.free) == ("new", False)
    assert decide(ChatEdit(1, ROOM, KEY, 5, "new"), "say moderate").speech != write.speech
    held = orjson.loads(write.speech.held[0].body)
    assert (held["is"], held["target"], held["epoch"], held["text"]) == ("chat.held", 5, "life", "new")


@pytest.mark.parametrize(("text", "code"), [("  ", "chat.empty"), ("x" * 2001, "chat.too_long")])
def test_an_edit_into_nothing_or_too_much_is_refused(text: str, code: str) -> None:
    assert refusal(ChatEdit(1, ROOM, KEY, 5, text)).code == code


def test_who_only_reads_neither_edits_nor_reports() -> None:
    assert refusal(ChatEdit(1, ROOM, KEY, 5, "new"), "").code == "chat.read_only"
    assert refusal(ChatReport(1, ROOM, KEY, 5), "").code == "chat.read_only"


def test_there_is_nothing_to_edit_among_questions_nor_at_a_desk() -> None:
    for room in ("questions:1", DESK, "inbox:7"):
        assert refusal(ChatEdit(1, room, KEY, 5, "new")).code == "room.wrong_kind"


def test_what_is_pinned_is_pinned_again_if_it_still_is() -> None:
    pin: dict[str, object] = {"target": 5, "by": 3, "when": 1, "at": 9}
    [edited, pinned, *_] = decide(ChatEdit(1, ROOM, KEY, 5, "new"), pin=pin).puts
    assert orjson.loads(edited.body)["is"] == "chat.edited"
    assert (pinned.part, pinned.user, pinned.only) == ("pin", 3, Expects(ROOM, "pin", 9))
    assert [one.part[:6] for one in decide(ChatEdit(1, ROOM, KEY, 6, "new"), pin=pin).puts] == ["", "!held:", "!.held"]


def test_a_released_edit_is_its_authors_and_knows_no_limit_of_time() -> None:
    held: dict[str, object] = {"item": "h1", "user": 8, "name": "Boris", "badge": "", "key": KEY}
    held |= {"text": "new", "when": 1, "at": 4}
    write = decide(ChatSettle(1, ROOM, KEY, "h1", True), "moderate", held_h1={**held, "target": 5, "epoch": "life"})
    assert write.forget is not None
    assert (write.forget.author, write.forget.instead, write.forget.since) == (8, "new", 0)
    assert [put.part for put in write.puts] == ["", "!held:h1", "!.held:8:h1"]
    assert write.puts[0].user == 8
    dropped = decide(ChatSettle(1, ROOM, KEY, "h1", False), "moderate", held_h1={**held, "target": 5, "epoch": ""})
    assert [put.part for put in dropped.puts] == [".dropped:8", "!held:h1", "!.held:8:h1"]
    assert dropped.forget == Forget(parts=(".dropped:8",)), "and the message stays"


def test_a_report_has_one_name_and_key_whatever_key_it_comes_with() -> None:
    one, again = (decide(ChatReport(1, ROOM, key, 5, "rude", "life")) for key in (KEY, "another-key"))
    assert (one.key, one.item) == (again.key, again.item)
    assert decide(ChatReport(1, ROOM, KEY, 6, "rude", "life")).item != one.item
    assert decide(ChatReport(1, ROOM, KEY, 5, "rude", "next life")).key != one.key
    assert [put.room for put in one.puts] == [DESK]
    assert ChatReport.rate is REPORTS


def test_reports_of_one_message_are_settled_together_and_no_others() -> None:
    reports: dict[str, dict[str, object]] = {
        f"report_{item}": {"item": item, "target": target, "at": at, "said": {"user": 8}}
        for at, (item, target) in enumerate([("a", 5), ("b", 5), ("c", 6)], start=1)
    }
    for act in (ChatDismiss(1, ROOM, KEY, "a"), ChatRetract(1, ROOM, KEY, 5)):
        ended = [put.part for put in decide(act, "moderate", **reports).puts if put.room == DESK]
        assert [one for one in ended if "report:" in one] == [f"{ENDS}report:a", f"{ENDS}report:b"]
    assert decide(ChatDismiss(1, ROOM, KEY, "gone"), "moderate", **reports).refusal == "desk.changed"


def test_a_hidden_message_stands_behind_the_last_one_and_before_the_next_in_order() -> None:
    day = [waiting.unseen(5, when) for when in range(0, waiting.DAY, 1_000_000)]
    assert day == sorted(day)
    assert all(5 < place < 6 for place in day)
    assert waiting.unseen(1_000_000, 1) < waiting.unseen(1_000_000, 2)
