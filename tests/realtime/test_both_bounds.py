"""What is bounded, and what is forgotten by its name: the log in Redis and its twin do the same."""

from typing import Any

import pytest

from realtime import log as limits
from realtime import verbs
from realtime.commands import ChatMute
from realtime.errors import Refused
from realtime.kept import MOST_EDITS, TRIMMED_AT_ONCE
from realtime.passes import Pass
from realtime.speaker import Speaker
from realtime.words import beginnings
from realtime.writes import ANY, Expects, Forget, Placed, Put, Ration, Speech, Write
from tests.operator import Operator
from tests.realtime.test_both_edit import edits, events, everything, says
from tests.realtime.test_both_logs import DESK, NOW, ROOM, Twin, put
from tests.realtime.test_both_logs import twin as twin


async def test_a_message_is_edited_so_often_and_then_keeps_its_text(twin: Twin) -> None:
    at, other = await says(twin, "first"), await says(twin, "another")
    for number in range(MOST_EDITS):
        await edits(twin, at, f"text {number}")
    with pytest.raises(Refused, match=r"chat\.edited_often"):
        await edits(twin, at, "one too many")
    assert (await events(twin))[-1]["said"]["text"] == f"text {MOST_EDITS - 1}"
    assert len((await twin.read()).entries[-1].forgets) == MOST_EDITS
    await edits(twin, other, "of another message")
    await twin.do(put({}), forget=Forget(at, author=7))
    assert f"text {MOST_EDITS - 1}" not in await everything(twin)


async def held_edit(twin: Twin, at: int, text: str) -> int:
    """A new text waits at the desk; where its message stood then."""
    assert (await edits(twin, at, text)).held
    return int((await events(twin, DESK))[-1]["stood"])


async def release(twin: Twin, at: int, text: str, stood: int) -> Placed:
    """As chat.settle decides it."""
    forget = Forget(at, author=7, instead=text, stood=stood)
    return await twin.do(put({"edit": at}), put({"settled": True}, room=DESK), forget=forget)


async def test_a_held_text_does_not_replace_one_that_its_author_wrote_later(twin: Twin) -> None:
    at = await says(twin, "fine")
    await twin.do(put({}, room=DESK), words=beginnings(("rude",)))
    stood = await held_edit(twin, at, "rude")
    assert stood == at
    kind = await edits(twin, at, "kind")
    with pytest.raises(Refused, match=r"chat\.outdated"):
        await release(twin, at, "rude", stood)
    assert (await events(twin))[-1]["said"]["text"] == "kind"
    again = await held_edit(twin, at, "rude, a little")
    assert again == kind.offset
    await release(twin, at, "rude, a little", again)
    assert (await events(twin))[-1]["said"]["text"] == "rude, a little"


async def test_what_left_the_state_is_forgotten_by_its_name(twin: Twin) -> None:
    await twin.do(put({"text": "of the second"}, part="q:2"))
    shown = await twin.do(put({"text": "asked long ago"}, part="q:1"))
    await twin.do(put({}), Put(ROOM, 7, b'{"is":"left"}', "!q:1", leaves=True))
    assert "asked long ago" in await everything(twin), "nobody hid it"
    gone = await twin.do(put({}, part="!q:1"), forget=Forget(parts=("q:1",)))
    assert "asked long ago" not in await everything(twin)
    assert "of the second" in await everything(twin)
    [entry] = [one for one in (await twin.read()).entries if one.offset == gone.offset]
    assert entry.forgets == (shown.offset,)
    await twin.do(put({}, part="!q:1"), forget=Forget(parts=("q:1",)))
    assert (await twin.read()).entries[-1].forgets == (), "once"


async def test_what_left_and_came_back_is_forgotten_where_it_stands_now(twin: Twin) -> None:
    await twin.do(put({"text": "as it was"}, part="q:1"))
    await twin.do(put({}), Put(ROOM, 7, b'{"is":"left"}', "!q:1", leaves=True))
    await twin.do(put({"text": "as it is"}, part="q:1"), forget=Forget(parts=("q:1",)))
    assert "as it was" not in await everything(twin)
    await twin.do(put({}, part="!q:1"), forget=Forget(parts=("q:1",)))
    assert "as it is" not in await everything(twin)


async def test_all_of_a_person_that_left_the_state_is_forgotten_with_what_is_there(twin: Twin) -> None:
    for number, user in enumerate((7, 8, 7, 7)):
        await twin.do(Put(ROOM, user, b'{"text":"text %d"}' % number, f"q:{number}"))
        if number < 3:
            await twin.do(put({}), Put(ROOM, user, b'{"is":"left"}', f"!q:{number}", leaves=True))
    gone = await twin.do(put({}), forget=Forget(parts=("q:3",), left=7))
    [entry] = [one for one in (await twin.read()).entries if one.offset == gone.offset]
    assert entry.forgets == (10, 1, 7)
    assert [f"text {number}" in await everything(twin) for number in range(4)] == [False, True, False, False]
    await twin.do(put({}), forget=Forget(left=7))
    assert (await twin.read()).entries[-1].forgets == (), "once"


async def test_where_something_left_is_forgotten_with_what_is_trimmed(
    twin: Twin, redis: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "KEEP", 1)
    await twin.do(put({"text": "of another"}, part="q:2"))
    await twin.do(put({"text": "asked"}, part="q:1"), forget=Forget(parts=("q:2",)))
    placed = await twin.do(put({}), Put(ROOM, 7, b'{"is":"left"}', "!q:1", leaves=True))
    await twin.archived(Placed(placed.epoch, 60))
    while (await twin.say("x")).offset < 64:
        pass
    await twin.do(put({}, part="!q:1"), forget=Forget(parts=("q:1",)))
    assert (await twin.read()).entries[-1].forgets == ()
    assert not await redis.hkeys("{chat:1}:copies")


async def test_what_an_outage_left_is_trimmed_stride_by_stride(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEEP", 10)
    many = TRIMMED_AT_ONCE + 200
    writes = [Write(ROOM, "do", 7, f"key-{n:08}", NOW, (put({"text": f"{n}"}),)) for n in range(many)]
    placed = [one for one in await twin.log.write(writes) if isinstance(one, Placed)]
    assert len(placed) == many
    await twin.archived(placed[-1])

    async def oldest_after_another_stride() -> int:
        while (at := (await twin.say("x")).offset) % 64:
            pass
        epoch = placed[0].epoch
        for floor in range(at):
            if (await twin.read(epoch=epoch, after=floor)).resumed:
                return floor
        return at

    monkeypatch.setattr(limits, "CATCH_UP", 10_000)
    assert await oldest_after_another_stride() == TRIMMED_AT_ONCE
    assert await oldest_after_another_stride() > TRIMMED_AT_ONCE + 100


async def test_a_person_does_something_so_often_however_they_come(twin: Twin) -> None:
    speech, ration = Speech(free=True, text=None), Ration(most=3, seconds=3600)

    async def reports(user: int = 7, **how: Any) -> Placed:
        return await twin.do(put({}, room=DESK), user=user, speech=speech, ration=ration, verb="report", **how)

    first = await reports(key="the-first-one")
    for _ in range(2):
        await reports()
    for _ in range(2):
        with pytest.raises(Refused, match=r"chat\.reported_much") as no:
            await reports()
        assert 0 < (no.value.retry_after or 0) <= 3600
    assert await reports(key="the-first-one") == first, "a resend is answered as before"
    await reports(user=8)
    await twin.say("and speaks as ever")


async def test_a_wish_may_be_about_whatever_is_there(twin: Twin) -> None:
    anything = (Expects(DESK, "held:a", ANY),)
    with pytest.raises(Refused, match=r"desk\.changed"):
        await twin.do(put({}, room=DESK, part="!held:a"), expects=anything)
    await twin.do(put({}, room=DESK, part="held:a"))
    await twin.do(put({}, room=DESK, part="!held:a"), expects=anything)
    with pytest.raises(Refused, match=r"desk\.changed"):
        await twin.do(put({}, room=DESK, part="!held:a"), expects=anything)


async def test_the_end_of_an_older_mute_does_not_lift_a_newer_one(twin: Twin) -> None:
    moderator = Pass(3, "Maria", {ROOM: frozenset({"moderate"})}, 0)
    facts: dict[tuple[str, str], bytes] = {}

    async def mutes(user: int, *, now: float) -> None:
        def look(room: str, part: str) -> bytes | None:
            return facts.get((room, part))

        speaker = Speaker(moderator, now, look, "secret", lambda room: [part for one, part in facts if one == room])
        [write] = verbs.decide(ChatMute(1, ROOM, f"key-{user}-{now}", user, 60), speaker)
        [done] = await twin.log.write([write])
        assert isinstance(done, Placed)

    await mutes(7, now=0.0)
    await mutes(9, now=0.0)
    facts |= {(ROOM, one.part): one.event for one in (await twin.read()).state}
    await mutes(7, now=1000.0)  # by a moderator whose worker has not told this one yet
    await mutes(8, now=1000.0)
    for room, prefix in ((ROOM, ".mute:"), (DESK, "mute:")):
        assert {one.part for one in (await twin.read(room)).state} == {f"{prefix}7", f"{prefix}8"}
    with pytest.raises(Refused, match=r"chat\.muted"):
        await twin.say("hello", now=1001_000)
    await twin.say("hello", user=9, now=1001_000)
