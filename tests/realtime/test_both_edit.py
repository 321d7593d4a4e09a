"""Messages that get another text, reports and words that hide: the log in Redis and its twin do the same."""

from typing import Any

import orjson
import pytest

from realtime import log as limits
from realtime.errors import Refused
from realtime.history import Entry
from realtime.words import beginnings
from realtime.writes import Expects, Forget, Placed, Put, Repeat, Speech
from tests.operator import Operator
from tests.realtime.test_both_logs import DESK, NOW, ROOM, Twin, put
from tests.realtime.test_both_logs import twin as twin


def message(text: str, *, user: int = 7, when: int = NOW) -> Put:
    return put({"is": "chat.said", "user": user, "name": "Anna", "text": text, "when": when}, user=user)


async def says(twin: Twin, text: str, *, user: int = 7) -> int:
    return (await twin.do(message(text, user=user), user=user)).offset


async def edits(twin: Twin, at: int, text: str, *more: Put, user: int = 7, since: int = 0, epoch: str = "") -> Placed:
    """As chat.edit decides it."""
    held = put({"text": text}, room=DESK, user=user, part=f"held:{text}")
    forget = Forget(at, epoch, author=user, instead=text, since=since)
    speech = Speech(free=False, text=text, held=(held,))
    return await twin.do(put({"edit": at}, user=user), *more, user=user, forget=forget, speech=speech)


async def events(twin: Twin, room: str = ROOM) -> list[dict[str, Any]]:
    return [orjson.loads(one.event) for one in (await twin.read(room)).entries]


async def everything(twin: Twin) -> str:
    """Whatever anybody may be sent of the room."""
    reading = await twin.read()
    return b" ".join(one.event for one in (*reading.entries, *reading.state)).decode()


TEXTS = ["b", 'with "quotes", and \\ "text":"x","when":1}', "Сәлем 👋", "</script>\n", '","when":5}']


@pytest.mark.parametrize("text", TEXTS)
async def test_an_edited_message_says_what_it_says_now_and_all_else_as_before(twin: Twin, text: str) -> None:
    at = await says(twin, 'old "text":"y",')
    done = await edits(twin, at, text)
    [edited] = await events(twin)
    assert edited["at"] == done.offset == at + 1
    was = {"is": "chat.said", "user": 7, "name": "Anna", "when": NOW, "room": ROOM, "at": at}
    assert edited["said"] == {**was, "text": text}
    assert "old" not in await everything(twin)


async def test_who_missed_both_learns_that_the_first_text_is_no_more(twin: Twin) -> None:
    first = await says(twin, "x", user=8)
    at = await says(twin, "old")
    epoch = (await edits(twin, at, "new")).epoch
    resumed = await twin.read(epoch=epoch, after=first)
    assert [(one.offset, one.forgets) for one in resumed.entries] == [(at + 1, (at,))]


async def test_it_keeps_its_name_however_often_it_is_edited(twin: Twin) -> None:
    at = await says(twin, "one")
    for text in ("two", "three", "four"):
        last = await edits(twin, at, text)
    [edited] = await events(twin)
    assert (edited["said"]["text"], edited["said"]["at"]) == ("four", at)
    [entry] = (await twin.read()).entries
    assert entry.forgets[-1] == at, "whoever missed them all learns it from the last"
    assert not {"one", "two", "three"} & set((await everything(twin)).split('"'))
    for name in (last.offset, last.offset - 1):
        with pytest.raises(Refused, match="no_such_message"):
            await edits(twin, name, "five")


async def test_only_its_author_edits_and_only_what_is_there(twin: Twin) -> None:
    at = await says(twin, "mine")
    with pytest.raises(Refused, match="not_yours"):
        await edits(twin, at, "theirs", user=8)
    await twin.do(put({}, part="slow"))
    for target in (0, at + 1, 99):
        with pytest.raises(Refused, match="no_such_message"):
            await edits(twin, target, "x")
    with pytest.raises(Refused, match="no_such_message"):
        await edits(twin, at, "x", epoch="another")
    await twin.do(put({}), forget=Forget(at))
    with pytest.raises(Refused, match="no_such_message"):
        await edits(twin, at, "x")


async def test_a_message_of_long_ago_keeps_its_text(twin: Twin) -> None:
    at = await says(twin, "old")
    with pytest.raises(Refused, match="too_late"):
        await edits(twin, at, "new", since=NOW + 1)
    await edits(twin, at, "new", since=NOW)
    with pytest.raises(Refused, match="too_late"):
        await edits(twin, at, "newer", since=NOW + 1)


@pytest.mark.parametrize(
    ("rule", "code"), [("closed", "read_only"), ("mute:7", "muted"), ("ban:7", "banned"), ("slow", "slow")]
)
async def test_who_may_not_write_now_does_not_edit_either(twin: Twin, rule: str, code: str) -> None:
    at = await says(twin, "old")
    await twin.do(put({}, rule=(rule, "60" if rule == "slow" else str(NOW + 5000))))
    if rule == "slow":
        await twin.say("spends the turn")
    with pytest.raises(Refused, match=code):
        await edits(twin, at, "new")
    assert "new" not in await everything(twin)


async def test_an_edited_message_is_deleted_by_its_name_with_all_its_texts(twin: Twin) -> None:
    at = await says(twin, "one")
    await edits(twin, at, "two")
    gone = await twin.do(put({"gone": True}), forget=Forget(at, author=7))
    [entry] = (await twin.read()).entries
    assert entry.offset == gone.offset
    assert set(entry.forgets) == {at, at + 1}
    assert (await twin.do(put({}), forget=Forget(at))).offset == 0


async def test_all_of_a_person_goes_with_what_they_edited(twin: Twin) -> None:
    at = await says(twin, "rude")
    await edits(twin, at, "ruder")
    kind = await says(twin, "kind", user=8)
    await edits(twin, kind, "kinder", user=8)
    await twin.do(put({"purge": True}), forget=Forget(person=7, keep=True))
    said = await everything(twin)
    assert "rude" not in said
    assert "kinder" in said
    back = await twin.do(put({"back": True}), repeat=Repeat(at, restored=True))
    restored = next(one for one in await events(twin) if one["at"] == back.offset)
    assert restored["said"]["text"] == "ruder", "under its own name, as it was last"
    await edits(twin, back.offset, "sorry")
    assert "rude" not in await everything(twin)


async def test_a_pinned_message_is_pinned_with_its_new_text_or_not_at_all(twin: Twin) -> None:
    at = await says(twin, "old")
    pinned = await twin.do(put({"pinned": at}, part="pin"), repeat=Repeat(at, restored=False))
    again = put({"again": at}, part="pin")
    now = Put(again.room, again.user, again.body, "pin", None, Expects(ROOM, "pin", pinned.offset))
    first = await edits(twin, at, "new", now)
    state = (await twin.read()).state
    assert [(one.part, orjson.loads(one.event)["said"]["text"]) for one in state] == [("pin", "new")]
    assert "old" not in await everything(twin)
    # Somebody pinned it again meanwhile: nobody is shown the old text, and it is on top no longer.
    await edits(twin, at, "newer", now)
    assert not (await twin.read()).state
    assert '"new"' not in await everything(twin)
    assert first.offset == pinned.offset + 1


async def test_a_pin_of_an_edited_message_has_its_text_and_goes_with_it(twin: Twin) -> None:
    at = await says(twin, "old")
    await edits(twin, at, "new")
    await twin.do(put({}, part="pin"), repeat=Repeat(at, restored=False))
    assert orjson.loads((await twin.read()).state[0].event)["said"]["text"] == "new"
    await twin.do(put({}), forget=Forget(at))
    reading = await twin.read()
    assert not reading.state
    assert "new" not in await everything(twin)


async def test_what_the_desk_is_told_of_an_edit_is_no_copy_and_takes_nobodys_words_along(twin: Twin) -> None:
    other = await says(twin, "of somebody else", user=8)
    at = await says(twin, "old")
    pinned = await twin.do(put({"pinned": at}, part="pin"), repeat=Repeat(at, restored=False))
    again = put({"again": at}, part="pin")
    now = Put(again.room, again.user, again.body, "pin", None, Expects(ROOM, "pin", pinned.offset))
    await edits(twin, at, "released", now, put({"settled": True}, room=DESK))
    assert [(await events(twin, DESK))[-1].get(name) for name in ("settled", "said")] == [True, None]
    await twin.do(put({}), forget=Forget(at))
    reading = await twin.read()
    assert not reading.state
    assert other in [one.offset for one in reading.entries]
    assert "of somebody else" in await everything(twin)
    assert "released" not in await everything(twin)


async def test_all_of_a_person_goes_with_what_was_pinned_when_they_edited_it(twin: Twin) -> None:
    at = await says(twin, "rude")
    pinned = await twin.do(put({"pinned": at}, part="pin"), repeat=Repeat(at, restored=False))
    again = put({"again": at}, part="pin")
    await edits(
        twin, at, "ruder", Put(again.room, again.user, again.body, "pin", None, Expects(ROOM, "pin", pinned.offset))
    )
    await twin.do(put({"purge": True}), forget=Forget(person=7, keep=True))
    assert not (await twin.read()).state
    assert "rude" not in await everything(twin)


async def test_a_word_of_the_list_holds_an_edit_and_the_old_text_stays(twin: Twin) -> None:
    at = await says(twin, "fine")
    await twin.do(put({}, room=DESK), words=beginnings(("rude",)))
    done = await edits(twin, at, "a rude word")
    assert (done.held, done.hidden) == (True, False)
    assert [one["text"] for one in await events(twin)] == ["fine"]
    assert (await events(twin, DESK))[-1]["text"] == "a rude word"
    with pytest.raises(Refused, match="not_yours"):
        await edits(twin, at, "a rude word of another", user=8)
    assert len(await events(twin, DESK)) == 2, "and nothing of it waits"


async def test_a_word_that_hides_has_a_message_wait_and_its_author_is_told_where_it_would_be(twin: Twin) -> None:
    await says(twin, "first")
    await twin.do(put({}, room=DESK), words=beginnings(("rude", "ugly"), ("ugly",)))
    held = await twin.say("rude", key="rude-key")
    hidden = await twin.say("ugly and rude", key="ugly-key")
    assert (held.held, held.hidden) == (True, False)
    assert (hidden.held, hidden.hidden, hidden.offset) == (False, True, 1)
    assert await twin.say("ugly and rude", key="ugly-key") == hidden
    assert "ugly" not in await everything(twin)
    at_desk = await events(twin, DESK)
    assert [one.get("hidden") for one in at_desk] == [None, None, True]
    moderator = await twin.say("ugly, says a moderator", free=True)
    assert (moderator.held, moderator.hidden) == (False, False)


async def test_the_first_message_of_a_room_can_be_hidden(twin: Twin) -> None:
    await twin.do(put({}, room=DESK), words=beginnings((), ("ugly",)))
    hidden = await twin.say("ugly")
    assert (hidden.hidden, hidden.offset, (await twin.read()).top) == (True, 0, 0)


async def test_a_question_with_a_word_that_hides_waits_like_any_other(twin: Twin) -> None:
    await twin.do(put({}, room=DESK), words=beginnings((), ("ugly",)))
    asked, suspect = put({}, room=DESK, part="q:1"), put({"suspect": True}, room=DESK, part="q:1")
    speech = Speech(free=False, text="ugly", held=(suspect,), secretly=True)
    done = await twin.do(asked, speech=speech)
    assert done.offset == (await twin.read(DESK)).top
    assert "hidden" not in (await events(twin, DESK))[-1]


async def reports(twin: Twin, at: int, *, user: int = 9, epoch: str = "") -> Placed:
    """As chat.report decides it."""
    at_desk = put({"reported": at}, room=DESK, user=user, part=f"report:{at}")
    repeat, speech = Repeat(at, restored=False, epoch=epoch), Speech(free=True, text=None)
    return await twin.do(at_desk, user=user, repeat=repeat, speech=speech, key=f"{epoch}.{at}", verb="chat.report")


async def test_a_report_has_the_message_with_it_as_it_was_then_at_the_desk_alone(twin: Twin) -> None:
    at = await says(twin, "rude")
    first = await reports(twin, at)
    assert await reports(twin, at) == first, "once per person and message"
    await edits(twin, at, "kind")
    await reports(twin, at, user=10)
    assert [one["said"]["text"] for one in await events(twin, DESK)] == ["rude", "kind"]
    assert (await twin.read()).top == at + 1
    await twin.do(put({}), forget=Forget(at))
    assert len((await twin.read(DESK)).entries) == 2, "what moderators were told stays with them"
    for target in (at, 99):
        with pytest.raises(Refused, match="no_such_message"):
            await reports(twin, target, user=11)


async def test_a_report_of_another_life_is_of_another_message(twin: Twin) -> None:
    at = await says(twin, "rude")
    with pytest.raises(Refused, match="no_such_message"):
        await reports(twin, at, epoch="another")
    await reports(twin, at, epoch=(await twin.read()).epoch)


async def test_where_an_edited_message_stands_is_forgotten_with_what_is_trimmed(
    twin: Twin, redis: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "KEEP", 1)
    at = await says(twin, "old")
    placed = await edits(twin, at, "new")
    late = await says(twin, "newer")
    while (placed := await twin.say("x")).offset < 63:
        pass
    kept = await edits(twin, late, "newest")
    await twin.archived(Placed(placed.epoch, 63))
    while (await twin.say("y")).offset < 128:
        pass
    with pytest.raises(Refused, match="no_such_message"):
        await edits(twin, at, "newest")
    await edits(twin, late, "last")
    assert kept.offset == 64
    assert not [name for name in await redis.hkeys("{chat:1}:copies") if name == b"@1"]


async def test_what_an_earlier_life_said_is_there_in_the_next_one_under_its_number(twin: Twin) -> None:
    places = [await says(twin, text) for text in ("one", "two", "three")]
    before = (await twin.read()).epoch
    lost = [Entry(one, (), b"lost", "") for one in (4,)]
    epoch = (await twin.read(epoch=before, after=4, heard=lost)).epoch
    assert epoch != before
    await edits(twin, places[0], "new", epoch=epoch)
    await reports(twin, places[1], epoch=epoch)
    await twin.do(put({}), forget=Forget(places[2], epoch))
    late = await says(twin, "late")
    for wrong in (before, "another"):
        with pytest.raises(Refused, match="no_such_message"):
            await edits(twin, late, "not this one", epoch=wrong)
    assert await edits(twin, places[0], "newer", epoch=epoch)


async def test_many_in_the_hall_do_not_wait_for_each_other(twin: Twin) -> None:
    await twin.do(put({}, rule=("slow", "3600")))
    for text in "abc":
        await twin.say(text, user=0)
    await twin.say("a person's", user=7)
    with pytest.raises(Refused, match="slow"):
        await twin.say("another of theirs", user=7)
