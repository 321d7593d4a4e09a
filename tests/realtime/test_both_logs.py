"""The log in Redis and its twin in memory, under one suite: what one does, the other does too."""

import itertools
import uuid
from dataclasses import replace
from typing import Any

import orjson
import pytest

from realtime import log as limits
from realtime.errors import Refused
from realtime.history import Entry, Reading
from realtime.log import Log, RedisLog, mark_archived
from realtime.memory import MemoryLog
from realtime.words import beginnings
from realtime.writes import Expects, Forget, Placed, Put, Repeat, Speech, Unread, Write
from tests.operator import Operator

ROOM, DESK = "chat:1", "chat:1:desk"
NOW = 1_000_000  # Unix milliseconds
numbers = itertools.count(1)


class Twin:
    """A log that is written to, and read by whoever comes."""

    def __init__(self, log: Log, redis: Operator) -> None:
        self.log = log
        self.redis = redis

    async def do(self, *puts: Put, room: str = ROOM, user: int = 7, **how: Any) -> Placed:
        """One write of its own key. Raises Refused."""
        wish: dict[str, Any] = {"verb": "do", "key": str(uuid.uuid4()), "now": NOW, **how}
        [done] = await self.log.write([Write(room=room, user=user, puts=puts, **wish)])
        if isinstance(done, Exception):
            raise done
        return done

    async def say(self, text: str, *, user: int = 7, free: bool = False, **how: Any) -> Placed:
        """A message, subject to the rules of the room."""
        held = put({"held": text}, room=DESK, user=user, part=f"held:{text}")
        speech = Speech(free=free, text=text, held=(held,))
        return await self.do(put({"text": text}, user=user), user=user, speech=speech, **how)

    async def read(self, room: str = ROOM, **known: Any) -> Reading:
        """What a newcomer gets."""
        return await self.log.read(room, **known)

    async def archived(self, placed: Placed) -> None:
        """Postgres has everything up to there."""
        if isinstance(self.log, MemoryLog):
            self.log.mark_archived(ROOM, epoch=placed.epoch, offset=placed.offset)
        else:
            await mark_archived(self.redis, ROOM, epoch=placed.epoch, offset=placed.offset)


def put(
    event: dict[str, object], *, room: str = ROOM, user: int = 7, part: str = "", rule: tuple[str, str] | None = None
) -> Put:
    return Put(room, user, orjson.dumps({"is": "x", **event}), part, rule)


def in_memory() -> MemoryLog:
    clock = itertools.count()
    return MemoryLog(epoch=lambda: f"life{next(numbers)}", clock=lambda: next(clock) / 1000)


@pytest.fixture(params=["redis", "memory"])
def twin(request: pytest.FixtureRequest, redis: Operator) -> Twin:
    return Twin(RedisLog(redis, redis) if request.param == "redis" else in_memory(), redis)


def texts(reading: Reading) -> list[object]:
    return [orjson.loads(entry.event).get("text") for entry in reading.entries]


def parts(reading: Reading) -> dict[str, int]:
    return {entry.part: entry.offset for entry in reading.state}


# Once, and in which order


async def test_a_resend_changes_nothing_and_is_answered_the_same(twin: Twin) -> None:
    first = await twin.say("a", key="k")
    await twin.say("b")
    assert await twin.say("a", key="k") == first
    assert await twin.say("a", key="k", user=8) != first
    assert await twin.say("a", key="k", verb="another") != first
    assert texts(await twin.read()) == ["a", "b", "a", "a"]


async def test_what_was_done_before_is_told_even_when_it_would_be_refused_now(twin: Twin) -> None:
    first = await twin.say("a", key="k")
    assert await twin.do(key="k", refusal="desk.changed") == first
    with pytest.raises(Refused, match="changed"):
        await twin.do(key="another", refusal="desk.changed")


async def test_a_room_and_its_desk_count_for_themselves(twin: Twin) -> None:
    await twin.do(put({"text": "a"}), put({}, room=DESK))
    placed = await twin.do(put({"text": "b"}), put({}, room=DESK))
    assert placed.offset == 2
    assert (await twin.read()).top == (await twin.read(DESK)).top == 2


# State


async def test_a_newcomer_is_told_the_state_whatever_its_age(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "NEWCOMER", 3)
    await twin.do(put({"slow": 5}, part="slow"))
    await twin.do(put({}, part=".ban:9"))
    await twin.do(put({}, part="over"))
    await twin.do(put({}, part="!over"))
    for text in "abc":
        await twin.say(text)
    reading = await twin.read()
    assert texts(reading) == ["a", "b", "c"]
    assert parts(reading) == {"slow": 1, ".ban:9": 2}
    assert reading.floor == 4
    assert orjson.loads(reading.state[0].event)["at"] in (1, 2)


async def test_a_reader_who_is_resumed_learns_which_parts_began_and_ended(twin: Twin) -> None:
    placed = await twin.say("a")
    await twin.do(put({}, part="slow"))
    await twin.do(put({}, part="!slow"))
    resumed = await twin.read(epoch=placed.epoch, after=1)
    assert resumed.resumed
    assert [entry.part for entry in resumed.entries] == ["slow", "!slow"]
    assert not resumed.state


async def test_the_quicker_of_two_moderators_wins(twin: Twin) -> None:
    held = await twin.do(put({}, room=DESK, part="held:1"))
    for at in (0, held.offset + 1):
        with pytest.raises(Refused, match="changed"):
            await twin.do(put({}, room=DESK, part="!held:1"), expects=(Expects(DESK, "held:1", at),))
    await twin.do(put({}, room=DESK, part="!held:1"), expects=(Expects(DESK, "held:1", held.offset),))
    with pytest.raises(Refused, match="changed"):
        await twin.do(put({}, room=DESK, part="!held:1"), expects=(Expects(DESK, "held:1", held.offset),))
    await twin.do(put({}, room=DESK, part="held:1"), expects=(Expects(DESK, "held:1", 0),))


async def test_a_decision_about_many_is_all_or_nothing(twin: Twin) -> None:
    one = await twin.do(put({}, room=DESK, part="held:1"))
    other = await twin.do(put({}, room=DESK, part="held:2"))
    both = put({}, room=DESK, part="!held:1"), put({}, room=DESK, part="!held:2")
    for late in (one.offset, 0):
        with pytest.raises(Refused, match="changed"):
            await twin.do(*both, expects=(Expects(DESK, "held:1", one.offset), Expects(DESK, "held:2", late)))
    assert parts(await twin.read(DESK)) == {"held:1": 1, "held:2": 2}
    await twin.do(*both, expects=(Expects(DESK, "held:1", one.offset), Expects(DESK, "held:2", other.offset)))
    assert parts(await twin.read(DESK)) == {}


async def test_what_no_longer_fits_is_left_out_of_a_write(twin: Twin) -> None:
    old = await twin.do(put({"text": "old"}), put({}, room=DESK, part="q:1"))
    now = Expects(DESK, "q:1", old.offset), Expects(DESK, "q:1", old.offset + 1)
    ends = [replace(put({"ends": room}, room=room, part="!q:1"), only=only) for only in now for room in (ROOM, DESK)]
    await twin.do(put({}, room=DESK, part="q:1"))
    await twin.do(put({"text": "new"}), *ends)
    assert (await twin.read()).top == 3
    desk = await twin.read(DESK)
    assert [entry.part for entry in desk.entries] == ["q:1", "q:1", "!q:1"]
    assert not desk.state


# Rules


@pytest.mark.parametrize(
    ("rule", "value", "code", "free"),
    [
        ("closed", "1", "chat.read_only", True),
        ("mute:7", str(NOW + 5000), "chat.muted", False),
        ("ban:7", "1", "room.banned", False),
        ("block:7", "1", "direct.blocked", False),
    ],
)
async def test_a_rule_holds_until_it_ends(twin: Twin, rule: str, value: str, code: str, *, free: bool) -> None:
    await twin.do(put({}, rule=(rule, value)))
    with pytest.raises(Refused, match=code) as no:
        await twin.say("a")
    assert no.value.retry_after == (5.0 if code == "chat.muted" else None)
    if free:
        await twin.say("a moderator's", free=True)
    else:
        await twin.say("another person's", user=8)
    await twin.do(put({"text": "no speech"}))
    await twin.do(put({}, rule=(rule, "")))
    await twin.say("again")


async def test_a_mute_ends_by_itself(twin: Twin) -> None:
    await twin.do(put({}, rule=("mute:7", str(NOW + 5000))))
    assert (await twin.say("a", now=NOW + 5000)).offset == 2


async def test_slow_mode_lets_everybody_speak_once_in_a_while(twin: Twin) -> None:
    await twin.do(put({}, rule=("slow", "30")))
    first = await twin.say("a", key="k")
    assert await twin.say("a", key="k") == first
    with pytest.raises(Refused, match="slow") as no:
        await twin.say("b")
    assert no.value.retry_after is not None
    assert 0 < no.value.retry_after <= 30
    await twin.say("another person's", user=8)
    await twin.say("a moderator's", free=True)


async def test_a_listed_word_holds_a_message_at_the_desk(twin: Twin) -> None:
    await twin.do(put({}, room=DESK), words=beginnings(("bad",)))
    held = await twin.say("badly", key="k")
    assert held.held
    assert await twin.say("badly", key="k") == held
    assert not (await twin.say("not a bad word's beginning".replace(" bad", " embad"))).held
    assert not (await twin.say("bad", free=True)).held
    assert texts(await twin.read()) == ["not a embad word's beginning", "bad"]
    assert parts(await twin.read(DESK)) == {"held:badly": 2}
    await twin.do(put({}, room=DESK), words=())
    assert not (await twin.say("bad")).held


# Forgetting


async def test_a_person_goes_with_everything_but_what_made_the_state(twin: Twin) -> None:
    await twin.say("a", user=9)
    await twin.say("b", user=8)
    await twin.do(put({"text": "state"}, user=9, part="slow"))
    await twin.say("c", user=9)
    gone = await twin.do(put({}), forget=Forget(person=9))
    reading = await twin.read()
    assert texts(reading) == ["b", "state", None]
    assert reading.entries[-1] == Entry(gone.offset, (1, 4), reading.entries[-1].event)
    nothing = await twin.do(put({}), forget=Forget(person=9))
    assert (await twin.read()).entries[-1].forgets == ()
    with pytest.raises(Refused, match="no_such_message"):
        await twin.do(put({}), forget=Forget(target=nothing.offset))


async def test_a_pin_goes_with_its_message_and_whoever_missed_it_learns_so(twin: Twin) -> None:
    said = await twin.say("a")
    await twin.do(put({}, part="pin", user=1), repeat=Repeat(said.offset, restored=False))
    pinned = (await twin.read()).state[0]
    assert orjson.loads(pinned.event)["said"]["text"] == "a"
    await twin.do(put({}), forget=Forget(target=said.offset))
    reading = await twin.read(epoch=said.epoch, after=2)
    assert (reading.entries[-1].forgets, reading.entries[-1].part) == ((1, 2), "!pin")
    assert orjson.loads(reading.entries[-1].event)["ends"] == ["pin"]
    assert b'"a"' not in b"".join(entry.event for entry in (await twin.read()).entries)
    assert not (await twin.read()).state


async def test_what_makes_the_state_is_neither_retracted_nor_repeated(twin: Twin) -> None:
    placed = await twin.do(put({}, part=".ban:9"))
    for how in ({"forget": Forget(target=placed.offset)}, {"repeat": Repeat(placed.offset, restored=False)}):
        with pytest.raises(Refused, match="no_such_message"):
            await twin.do(put({}), **how)


async def test_a_kept_message_comes_back_once_and_as_its_authors(twin: Twin) -> None:
    said = await twin.say("a", user=9)
    await twin.do(put({}, user=1), user=1, forget=Forget(target=said.offset, keep=True))
    back = await twin.do(put({}, user=1), user=1, repeat=Repeat(said.offset, restored=True))
    assert orjson.loads((await twin.read()).entries[-1].event)["said"]["text"] == "a"
    with pytest.raises(Refused, match="no_such_message"):
        await twin.do(put({}), repeat=Repeat(said.offset, restored=True))
    await twin.do(put({}, user=9), user=9, forget=Forget(target=back.offset, author=9))
    with pytest.raises(Refused, match="no_such_message"):
        await twin.do(put({}), repeat=Repeat(back.offset, restored=True))  # its author's deletion is for good


async def test_a_part_is_replaced_without_its_old_text(twin: Twin) -> None:
    for version in ("one", "two", "three"):
        await twin.do(put({"text": version}, part="q:1"), forget=Forget(parts=("q:1",)))
    reading = await twin.read()
    assert texts(reading) == ["three"]
    assert reading.entries[0].forgets == (2, 1)
    assert parts(reading) == {"q:1": 3}


async def test_several_parts_end_at_once_and_their_texts_are_gone(twin: Twin) -> None:
    for name in ("q:1", "q:2", "q:3"):
        await twin.do(put({"text": name}, part=name))
    gone = put({}, part="!q:1"), put({}, part="!q:3"), put({}, part="!never")
    await twin.do(*gone, forget=Forget(parts=("q:1", "q:3", "never")))
    reading = await twin.read()
    assert texts(reading) == ["q:2", None, None, None]
    assert (reading.entries[1].forgets, reading.entries[1].part) == ((1, 3), "!q:1,!q:3")
    assert orjson.loads(reading.entries[1].event)["ends"] == ["q:3"]
    assert parts(reading) == {"q:2": 2}


async def test_what_was_written_is_found_by_its_key(twin: Twin) -> None:
    await twin.say("a", key="k")
    await twin.do(put({}), forget=Forget(written=("do", "k"), author=7))
    assert texts(await twin.read()) == [None]
    with pytest.raises(Refused, match="no_such_message"):
        await twin.do(put({}), forget=Forget(written=("do", "unknown"), author=7))


async def test_only_the_author_retracts_and_only_in_the_same_life(twin: Twin) -> None:
    said = await twin.say("a", user=9)
    with pytest.raises(Refused, match="not_yours"):
        await twin.do(put({}), forget=Forget(target=said.offset, author=7))
    for other in (Forget(target=said.offset, epoch="another"), Forget(target=0), Forget(target=2)):
        with pytest.raises(Refused, match="no_such_message"):
            await twin.do(put({}), forget=other)
    await twin.do(put({}), forget=Forget(target=said.offset, epoch=said.epoch, author=9))
    assert (await twin.do(put({}), forget=Forget(target=said.offset))).offset == 0


# Unread


async def test_unread_messages_are_counted_by_thread_and_what_was_read_stays_read(twin: Twin) -> None:
    async def count(thread: str, upto: int | None) -> int:
        placed = await twin.do(put({}), unread=Unread(thread, upto))
        entry = (await twin.read(epoch=placed.epoch, after=placed.offset - 1)).entries[0]
        return int(orjson.loads(entry.event)["unread"])

    assert [await count("anna", None), await count("anna", None), await count("boris", None)] == [1, 2, 1]
    assert await count("anna", 1) == 1
    assert await count("anna", 0) == 1
    assert await count("boris", 2**53) == 0
    assert await count("anna", None) == 2


# Trimming and lost writes


async def test_trimming_never_overtakes_the_archive(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEEP", 10)
    for number in range(63):
        placed = await twin.say(f"text {number}")
    await twin.archived(Placed(placed.epoch, 40))
    await twin.say("the sixty-fourth")
    assert not (await twin.read(epoch=placed.epoch, after=39)).resumed
    assert (await twin.read(epoch=placed.epoch, after=40)).resumed
    with pytest.raises(Refused, match="no_such_message"):
        await twin.do(put({}), forget=Forget(target=40, author=7))
    assert (await twin.do(put({}), forget=Forget(target=40))).offset == 65


@pytest.mark.parametrize("lost", ["all of them", "another in its place"])
async def test_a_worker_who_heard_what_is_no_more_begins_a_new_life(twin: Twin, lost: str) -> None:
    await twin.say("a")
    placed = await twin.say("b")
    heard = [Entry(2, (), b"what was there before", "")] if lost == "another in its place" else []
    after = placed.offset if heard else placed.offset + 1
    assert (await twin.read(epoch=placed.epoch, after=after)).epoch == placed.epoch
    same = (await twin.read()).entries
    assert (await twin.read(epoch=placed.epoch, after=2, heard=same)).epoch == placed.epoch
    reborn = await twin.read(epoch=placed.epoch, after=after, heard=heard)
    assert reborn.epoch != placed.epoch
    assert not reborn.resumed
    assert texts(reborn) == ["a", "b"]
    assert (await twin.say("c")).epoch == reborn.epoch
