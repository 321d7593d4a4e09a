"""Whom one may write to without knowing them, and to how many a day: the same in Redis and in its twin in memory."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from realtime import channels, publish, verbs
from realtime.commands import Act, DirectRetract, DirectSay, InboxBlock, InboxRead
from realtime.errors import Refused
from realtime.inbox import BEGUN
from realtime.log import BRIEFLY, REMEMBER, Log, RedisLog
from realtime.memory import MemoryLog
from realtime.passes import Pass
from realtime.speaker import Speaker
from realtime.writes import Placed
from tests.operator import Operator

ANNA, BORIS, NOBODY = 1, 2, 999
DAY = 86_400  # seconds
MORNING = 20_000 * DAY + 3600.0  # Unix seconds
KEYS = (f"key-{n:08}" for n in itertools.count())


class House:
    """Inboxes; some of them are there, because somebody opened them."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.now = MORNING
        self.known: set[tuple[str, str]] = set()  # what the speaker's worker knows

    async def opens(self, *people: int) -> None:
        for user in people:
            await self.log.read(channels.inbox(user))

    async def does(self, user: int, act: Act, *, rights: str = "say") -> Placed:
        who = Pass(user, f"Person {user}", {act.room: frozenset(rights.split())}, 0)
        speaker = Speaker(who, self.now, lambda *part: b"{}" if part in self.known else None, "secret")
        for write in verbs.decide(act, speaker):
            [placed] = await self.log.write([write])
            if isinstance(placed, Exception):
                raise placed
        assert isinstance(placed, Placed)
        return placed

    async def writes(self, user: int, to: int, *, key: str = "", rights: str = "say") -> str:
        key = key or next(KEYS)
        await self.does(user, DirectSay(1, channels.inbox(user), key, to, "hi"), rights=rights)
        return key

    async def texts(self, user: int) -> list[str]:
        entries = (await self.log.read(channels.inbox(user))).entries
        return [event["text"] for event in (orjson.loads(one.event) for one in entries) if "text" in event]


@pytest.fixture(params=["redis", "memory"])
def house(request: pytest.FixtureRequest, redis: Operator) -> House:
    memory = MemoryLog(epoch=lambda: "life", clock=lambda: MORNING)
    return House(RedisLog(redis, redis) if request.param == "redis" else memory)


async def test_a_number_of_nobody_is_refused_as_if_it_had_blocked_one(house: House) -> None:
    await house.opens(ANNA, BORIS)
    await house.does(BORIS, InboxBlock(1, channels.inbox(BORIS), next(KEYS), ANNA, on=True))
    refusals = []
    for to in (NOBODY, BORIS):
        with pytest.raises(Refused) as no:
            await house.writes(ANNA, to)
        refusals.append(no.value.wire())
    assert refusals[0] == refusals[1]
    assert refusals[0]["code"] == "direct.blocked"
    assert await house.texts(ANNA) == []


async def test_trying_numbers_leaves_nothing_behind_them(redis: Operator) -> None:
    house = House(RedisLog(redis, redis))
    await house.opens(ANNA)
    with pytest.raises(Refused, match="blocked"):
        await house.writes(ANNA, NOBODY)
    with pytest.raises(Refused, match="no_such_message"):
        await house.does(ANNA, DirectRetract(1, channels.inbox(ANNA), next(KEYS), NOBODY, "some-key"))
    assert not [key for key in await redis.keys("*") if str(NOBODY).encode() in key]
    assert not await redis.sismember(channels.ROOMS, channels.inbox(NOBODY))


async def test_who_opened_their_inbox_is_written_to_and_the_archive_finds_it(redis: Operator) -> None:
    house = House(RedisLog(redis, redis))
    await house.opens(BORIS)
    key = await house.writes(ANNA, BORIS)
    assert await house.texts(BORIS) == ["hi"]
    assert await redis.sismember(channels.ROOMS, channels.inbox(BORIS))
    await redis.delete(channels.ROOMS)  # the worker died before it could say so; another one has the resend
    await House(RedisLog(redis, redis)).writes(ANNA, BORIS, key=key)
    assert await redis.sismember(channels.ROOMS, channels.inbox(BORIS))


async def test_a_page_writes_also_to_who_was_never_here(redis: Operator) -> None:
    wish: dict[str, Any] = {"name": "Anna", "text": "hi", "when": datetime.fromtimestamp(MORNING, UTC)}
    await publish.direct(redis, user=ANNA, to=BORIS, key=next(KEYS), **wish)
    house = House(RedisLog(redis, redis))
    await house.writes(3, BORIS)
    assert await house.texts(BORIS) == ["hi", "hi"]


async def test_nobody_writes_to_everybody(house: House) -> None:
    people = range(10, 10 + BEGUN)
    await house.opens(BORIS, *people)
    first = await house.writes(ANNA, people[0])
    for _ in range(3):
        await house.writes(ANNA, people[0], key=first)  # a resend is no conversation of its own
    for user in people[1:]:
        await house.writes(ANNA, user)
    with pytest.raises(Refused) as no:
        await house.writes(ANNA, BORIS)
    assert no.value.wire()["code"] == "direct.too_many"
    assert no.value.retry_after == pytest.approx(DAY - 3600)
    assert await house.texts(BORIS) == []
    for user in (people[0], people[-1]):
        await house.writes(ANNA, user)  # with those one goes on talking
    house.now += DAY
    await house.writes(ANNA, BORIS)
    assert await house.texts(BORIS) == ["hi"]


async def test_tries_with_strangers_are_counted_and_answers_to_them_are_not(house: House) -> None:
    await house.opens(ANNA, BORIS)
    await house.writes(BORIS, ANNA)
    for user in range(1000, 1000 + BEGUN):
        with pytest.raises(Refused, match="blocked"):
            await house.writes(ANNA, user)
    with pytest.raises(Refused, match="too_many"):
        await house.writes(ANNA, 3000)
    await house.writes(ANNA, BORIS)


async def test_a_service_writes_to_as_many_as_it_has_to(house: House) -> None:
    people = range(10, 10 + BEGUN + 1)
    await house.opens(*people)
    for user in people:
        await house.writes(ANNA, user, rights="say swift")


async def test_whose_worker_knows_the_conversation_does_not_ask_whether_it_is_new(house: House) -> None:
    act = DirectSay(1, channels.inbox(ANNA), next(KEYS), BORIS, "hi")
    who = Pass(ANNA, "Anna", {act.room: frozenset({"say"})}, 0)
    stranger = Speaker(who, MORNING, lambda room, part: None, "secret")
    friend = replace(stranger, look=lambda room, part: b"{}")
    assert len(verbs.decide(act, stranger)) == len(verbs.decide(act, friend)) + 1


async def test_keys_of_what_is_harmless_are_known_for_a_short_while(redis: Operator) -> None:
    house = House(RedisLog(redis, redis))
    room = channels.inbox(ANNA)
    acts = {
        BRIEFLY: InboxRead(1, room, next(KEYS), "notices", 0),
        REMEMBER: InboxBlock(1, room, next(KEYS), 5, on=True),
    }
    for life, act in acts.items():
        placed = await house.does(ANNA, act)
        assert await house.does(ANNA, act) == placed
        assert life - 60 < await redis.ttl(channels.once(room, act.do, ANNA, act.key)) <= life


async def test_a_late_repetition_of_what_is_harmless_changes_no_number() -> None:
    now = itertools.count(int(MORNING), BRIEFLY + 1)
    house = House(MemoryLog(epoch=lambda: "life", clock=lambda: next(now)))
    await house.opens(BORIS)
    for _ in range(2):
        await house.writes(ANNA, BORIS)
    read = InboxRead(1, channels.inbox(BORIS), next(KEYS), f"user:{ANNA}", 1)
    numbers = []
    for _ in range(2):
        await house.does(BORIS, read)
        entries = (await house.log.read(channels.inbox(BORIS))).entries
        numbers.append(orjson.loads(entries[-1].event)["unread"])
    assert numbers == [1, 1]
