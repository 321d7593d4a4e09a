"""What waits stands in its room, too, for its author's pages: begun, replaced and ended in one step, in both logs."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from realtime import chat, dropped
from realtime import log as limits
from realtime.commands import ChatSay, ChatWithdraw
from realtime.errors import Refused
from realtime.history import History
from realtime.kept import MOST_PARTS
from realtime.log import RedisLog
from realtime.passes import SAY, Pass
from realtime.speaker import Speaker
from realtime.words import beginnings
from realtime.writes import ANY, Expects, Forget, Placed, Put, Speech
from tests.operator import Operator
from tests.realtime.test_both_logs import DESK, ROOM, Twin, in_memory, parts, put, texts

HERE = ".held:7:h1"


@pytest.fixture(params=["redis", "memory"])
async def twin(request: pytest.FixtureRequest, redis: Operator) -> Twin:
    found = Twin(RedisLog(redis, redis) if request.param == "redis" else in_memory(), redis)
    await found.do(put({}, room=DESK, part="words"), words=beginnings(("rude",), ("ugly",)))
    return found


async def says(twin: Twin, text: str, *, item: str = "h1", **how: Any) -> Placed:
    """As chat.say decides it."""
    at_desk = put({"text": text, "item": item}, room=DESK, part=f"held:{item}")
    here = replace(at_desk, room=ROOM, part=f".held:7:{item}", takes=True)
    speech = Speech(free=False, text=text, held=(at_desk, here))
    return await twin.do(put({"text": text}), speech=speech, **how)


def ends(at: int = ANY) -> tuple[Put, Put]:
    only = Expects(DESK, "held:h1", at)
    return (
        replace(put({"gone": "h1"}, room=DESK, part="!held:h1"), only=only),
        replace(put({"gone": "h1"}, part=f"!{HERE}"), only=only, takes=True),
    )


async def test_what_waits_is_in_the_state_of_both_and_its_place_is_that_in_the_room(twin: Twin) -> None:
    await twin.do(put({"text": "before"}))
    done = await says(twin, "rude", key="a-key")
    assert (done.held, done.hidden, done.offset) == (True, False, 2)
    here, at_desk = parts(await twin.read()), parts(await twin.read(DESK))
    assert (here, at_desk) == ({HERE: 2}, {"words": 1, "held:h1": 2})
    assert await says(twin, "rude", key="a-key") == done
    hidden = await says(twin, "ugly", item="h2")
    assert (hidden.held, hidden.hidden, hidden.offset) == (False, True, 3)
    for room in (ROOM, DESK):
        events = [orjson.loads(one.event) for one in (await twin.read(room)).state if "held:" in one.part]
        assert sorted((one["item"], one.get("hidden", False)) for one in events) == [("h1", False), ("h2", True)]
    assert (await says(twin, "fine")).offset == 4


async def test_what_waited_is_in_no_later_read_of_the_room(twin: Twin) -> None:
    await says(twin, "rude")
    await says(twin, "rude again")
    reading = await twin.read()
    assert (parts(reading), texts(reading)) == ({HERE: 2}, []), "newcomers are told nothing of it"
    assert texts(await twin.read(epoch=reading.epoch, after=0)) == ["rude again"]
    await twin.do(put({"text": "rude again"}), *ends())
    reading = await twin.read()
    assert (parts(reading), texts(reading)) == ({}, ["rude again"])
    again = await twin.read(epoch=reading.epoch, after=0)
    assert [(one.offset, one.part) for one in again.entries] == [(3, ""), (4, f"!{HERE}")]


async def test_what_was_decided_meanwhile_ends_in_both_or_in_none(twin: Twin) -> None:
    await says(twin, "rude")
    seen = parts(await twin.read(DESK))["held:h1"]
    await says(twin, "rude again")
    await twin.do(put({"text": "a purge"}), *ends(seen))
    assert HERE in parts(await twin.read())
    assert "held:h1" in parts(await twin.read(DESK))
    await twin.do(put({"text": "a purge"}), *ends(seen + 1))
    assert not parts(await twin.read())
    assert "held:h1" not in parts(await twin.read(DESK))


async def test_what_waits_outlives_what_is_trimmed(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEEP", 1)
    placed = await says(twin, "rude")
    await twin.archived(Placed(placed.epoch, 60))
    while (await twin.do(put({"text": "x"}))).offset < 64:
        pass
    reading = await twin.read()
    assert not (await twin.read(epoch=reading.epoch, after=0)).resumed, "it was trimmed"
    assert parts(reading) == {HERE: 1}
    history = History(ROOM)
    history.start(reading)
    assert [orjson.loads(one)["text"] for one in history.group(".held:7")] == ["rude"]
    assert history.group(".held:8") == []
    await twin.do(*reversed([replace(one, only=None) for one in ends()]))
    assert parts(await twin.read()) == {}


async def test_a_full_room_silences_only_what_would_have_to_wait(twin: Twin) -> None:
    await twin.do(*(put({}, part=f"part {number}") for number in range(MOST_PARTS)))
    with pytest.raises(Refused, match=r"room\.full"):
        await says(twin, "rude")
    assert "held:h1" not in parts(await twin.read(DESK)), "both or none"
    assert not (await says(twin, "fine")).held


async def test_a_pinned_message_and_a_text_that_waits_do_not_take_each_other_for_what_they_are(twin: Twin) -> None:
    """An edit that is fine ends the text that waited; only what repeats the message carries what it says now."""
    await twin.do(put({"text": "first", "when": 1}))
    await says(twin, "rude")
    forget = Forget(1, author=7, instead="kinder")
    await twin.do(put({"edited": 1}), *ends(), forget=forget, speech=Speech(free=False, text="kinder"))
    reading = await twin.read(epoch=(await twin.read()).epoch)
    assert [b'"said"' in one.event for one in reading.entries] == [True, False]
    await twin.do(put({}), forget=Forget(1, author=7))
    assert (await twin.read()).entries[-1].forgets == (3, 1)


async def test_what_is_for_the_workers_takes_no_place_among_the_newest_that_are_read(
    twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "NEWCOMER", 3)
    for text in "abcd":
        await twin.do(put({"text": text}))
    for number in range(7):
        await twin.do(put({}, part=f".ban:{number}"))
    reading = await twin.read()
    assert (texts(reading), reading.floor, reading.top) == (["b", "c", "d"], 1, 11)
    for _ in range(3 * limits.FARTHER):
        await twin.do(put({}, part="!.ban:1"))
    reading = await twin.read()
    assert (texts(reading), reading.floor) == ([], 11), "no farther than that"


async def test_what_a_worker_of_before_ended_at_the_desk_alone_may_still_be_taken_back(twin: Twin) -> None:
    known: dict[tuple[str, str], bytes] = {}
    anna = Speaker(Pass(7, "Anna", {ROOM: frozenset({SAY})}, 0), 1.0, lambda *one: known.get(one), "secret")
    wish = ChatSay(0, ROOM, "a-key", "rude")
    await twin.log.write([chat.say(wish, anna)])
    item = anna.item(wish)
    await twin.do(put({}, room=DESK, part=f"!held:{item}"))
    known |= {(ROOM, one.part): one.event for one in (await twin.read()).state}
    assert list(known) == [(ROOM, f".held:7:{item}")]
    top = (await twin.read(DESK)).top
    for key, outcome in (("b-key", Placed), ("b-key", Placed), ("c-key", Refused)):
        [done] = await twin.log.write([dropped.withdraw(ChatWithdraw(0, ROOM, key, "a-key"), anna)])
        assert isinstance(done, outcome), done
    assert parts(await twin.read()) == {}
    assert (await twin.read(DESK)).top == top, "the desk has heard of it"
