"""A room's state is bounded, in parts and in bytes, and moderators always have space to end something: in both logs."""

import pytest

from realtime import channels
from realtime.errors import Refused
from realtime.kept import MOST_BYTES, MOST_PARTS, SPARE_BYTES, SPARE_PARTS
from realtime.log import RedisLog
from realtime.words import beginnings
from realtime.writes import Expects, Forget, Put, Repeat, Speech
from tests.operator import Operator
from tests.realtime.test_both_logs import DESK, ROOM, Twin, in_memory, put

LONG = 65_536  # bytes of a long event
MANY = MOST_BYTES // LONG  # of those fill a room


@pytest.fixture(params=["redis", "memory"])
def twin(request: pytest.FixtureRequest, redis: Operator) -> Twin:
    return Twin(RedisLog(redis, redis) if request.param == "redis" else in_memory(), redis)


def long(part: str, *, room: str = ROOM, size: int = LONG) -> Put:
    return put({"text": "x" * size}, room=room, part=part)


def speech() -> Speech:
    return Speech(free=False, text=None)


async def size(twin: Twin, room: str = ROOM) -> int:
    return sum(len(entry.event) for entry in (await twin.read(room)).state)


# Parts


async def test_a_room_holds_so_many_parts_and_no_more(twin: Twin) -> None:
    await twin.do(*(put({}, part=f"part {number}") for number in range(MOST_PARTS)))
    with pytest.raises(Refused, match=r"room\.full"):
        await twin.do(put({}, part="one too many"))
    await twin.do(put({}, part="part 1"))
    await twin.do(put({}, part="!part 2"))
    await twin.do(put({}, part="a free place"))


async def test_a_full_desk_silences_only_what_would_be_held(twin: Twin) -> None:
    await twin.do(*(put({}, room=DESK, part=f"held:{number}") for number in range(MOST_PARTS)))
    await twin.do(put({}), words=beginnings(("bad",)))
    assert not (await twin.say("good")).held
    with pytest.raises(Refused, match=r"desk\.full"):
        await twin.say("bad")
    assert not (await twin.say("bad", free=True)).held


async def test_who_floods_a_desk_leaves_room_for_the_ban_that_ends_it(twin: Twin) -> None:
    await twin.do(*(put({}, room=DESK, part=f"held:{number}") for number in range(MOST_PARTS - SPARE_PARTS)))
    await twin.do(put({}), words=beginnings(("bad",)))
    with pytest.raises(Refused, match=r"desk\.full"):
        await twin.say("bad")
    await twin.do(put({}, room=DESK, part="ban:7", rule=("ban:7", "1")))
    with pytest.raises(Refused, match="banned"):
        await twin.say("good", user=7)


# Bytes


async def test_a_room_holds_so_many_bytes_and_no_more(twin: Twin) -> None:
    await twin.do(*(long(f"part {number}") for number in range(MANY)))
    with pytest.raises(Refused, match=r"room\.full"):
        await twin.do(put({}, part="a small one"))
    await twin.do(put({"no": "part"}))
    await twin.do(put({}, part="!part 1"))
    await twin.do(long("a free place"))
    with pytest.raises(Refused, match=r"room\.full"):
        await twin.do(put({}, part="a small one"))
    assert MOST_BYTES <= await size(twin) < MOST_BYTES + 2 * LONG


async def test_in_a_full_room_a_part_may_shrink_but_not_grow(twin: Twin) -> None:
    await twin.do(*(long(f"part {number}") for number in range(MANY)), put({}, part="short"))
    with pytest.raises(Refused, match=r"room\.full"):
        await twin.do(long("short"))
    await twin.do(put({}, part="short"))
    await twin.do(long("part 1", size=LONG - 100))
    await twin.do(put({}, part="part 2"))
    await twin.do(long("short", size=LONG // 2))


async def test_who_speaks_leaves_bytes_for_moderators(twin: Twin) -> None:
    almost = MOST_BYTES - SPARE_BYTES
    await twin.do(*(long(f"held:{number}", room=DESK) for number in range(almost // LONG)))
    with pytest.raises(Refused, match=r"desk\.full"):
        await twin.do(put({}, room=DESK, part="q:1"), speech=speech())
    await twin.do(put({}), words=beginnings(("bad",)))
    with pytest.raises(Refused, match=r"desk\.full"):
        await twin.say("bad")
    await twin.do(put({}, room=DESK, part="ban:7"))


async def test_a_decision_about_what_is_there_needs_no_space(twin: Twin) -> None:
    for room in (ROOM, DESK):
        await twin.do(*(long(f"part {number}", room=room) for number in range(MANY)))
    grown, shown = long("part 1", room=DESK, size=LONG + 100), put({}, part="q:1")
    with pytest.raises(Refused, match=r"desk\.full"):
        await twin.do(grown)
    with pytest.raises(Refused, match=r"room\.full"):
        await twin.do(shown)
    await twin.do(shown, grown, expects=(Expects(DESK, "part 1", 2),))


async def test_what_is_forgotten_makes_space(twin: Twin) -> None:
    said = await twin.say("a")
    await twin.do(put({}, part="pin"), repeat=Repeat(said.offset, restored=False))
    await twin.do(*(long(f"part {number}") for number in range(MANY)))
    with pytest.raises(Refused, match=r"room\.full"):
        await twin.do(put({}, part="a small one"))
    await twin.do(put({}), forget=Forget(parts=("part 1", "part 2")))
    await twin.do(put({}), forget=Forget(target=said.offset))
    await twin.do(long("part 1"))
    await twin.do(put({}, part="a small one"))


async def test_bytes_are_counted_as_they_are(redis: Operator) -> None:
    async def counted(room: str) -> bool:
        values = await redis.hvals(channels.state(room))
        return int(await redis.hget(channels.meta(room), "size") or 0) == sum(map(len, values)) > 0

    twin = Twin(RedisLog(redis, redis), redis)
    said = await twin.say("Ещё раз")
    await twin.do(put({}, part="pin"), repeat=Repeat(said.offset, restored=False))
    for version in ("one", "longer", "x"):
        await twin.do(put({"text": version}, part="q:1"), put({"текст": version}, room=DESK, part="q:1"))
    await twin.do(put({}, part="!q:1"), put({}, part="!never"), put({}, part="q:2"), forget=Forget(parts=("q:1",)))
    await twin.do(put({}), forget=Forget(target=said.offset))
    assert await counted(ROOM)
    assert await counted(DESK)
    await redis.hdel(channels.meta(ROOM), "size")  # as in a room of before they were counted
    await twin.do(put({}, part="q:3"))
    assert await counted(ROOM)
