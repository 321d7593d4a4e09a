"""How many persons are in a room: exact over workers and nodes, through kills, losses and moves."""

import asyncio
import itertools
import os
import random
import re
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from config.services import Service
from realtime import channels
from realtime.client import Client
from realtime.errors import Refused
from realtime.presence import CONFIRMED_EVERY, Crowds
from realtime.viewers import Viewers, online
from tests.operator import Operator
from tests.realtime.node import PATIENCE, Node, token

ROOM = "chat:1"
numbers = itertools.count(1)


class Watcher:
    """A client that remembers what it hears."""

    def __init__(self, node: Node, user: int, *rooms: str, rights: str = "say") -> None:
        self.rooms = rooms
        self.hints: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.news = asyncio.Event()
        pass_ = token(user, rights=rights, rooms=rooms)
        self.client = Client(node.url, pass_, heard=self._heard, noticed=self._noticed)

    def _heard(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        self.news.set()

    def _noticed(self, hint: dict[str, Any]) -> None:
        self.hints.append(hint)
        self.news.set()

    async def __aenter__(self) -> "Watcher":
        await self.client.__aenter__()
        for room in self.rooms:
            await self.client.join(room)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.__aexit__(None, None, None)

    async def does(self, do: str, room: str, **more: object) -> dict[str, Any]:
        return await self.client.ask({"do": do, "room": room, **more})

    @property
    def count(self) -> int:
        """The number this page shows."""
        return next((hint["count"] for hint in reversed(self.hints) if hint["is"] == "viewers"), -1)

    def told(self, what: str) -> list[dict[str, Any]]:
        return [hint for hint in self.hints if hint["is"] == what]

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(2 * PATIENCE):
            while not happened():
                self.news.clear()
                await self.news.wait()


# One worker's count against a real Redis


class Worker:
    """The counting part of a worker, without sockets."""

    def __init__(self, redis: Operator) -> None:
        self.crowds = Crowds()
        self.shown: dict[str, int] = {}
        self.viewers = Viewers(redis, self.crowds, self.shown.__setitem__)
        self._redis = redis

    async def tells(self) -> int:
        """Report; how many are in the room then."""
        await self.viewers.report()
        return await exact(self._redis)


@pytest.fixture
async def worker(redis: Operator) -> Callable[[], Worker]:
    return lambda: Worker(redis)


async def exact(redis: Operator, room: str = ROOM) -> int:
    return int(await redis.hlen(channels.viewers(room)))


async def test_a_person_at_two_workers_is_one(redis: Operator, worker: Callable[[], Worker]) -> None:
    one, other = worker(), worker()
    one.crowds.came(ROOM, 1)
    other.crowds.came(ROOM, 1)
    other.crowds.came(ROOM, 2)
    await one.tells()
    assert await other.tells() == 2
    one.crowds.left(ROOM, 1)
    assert await one.tells() == 2
    other.crowds.left(ROOM, 1)
    assert await other.tells() == 1


async def test_random_moves_over_workers_leave_the_exact_number(redis: Operator, worker: Callable[[], Worker]) -> None:
    chance, workers, truth = random.Random(7), [worker() for _ in range(3)], list[tuple[int, int]]()
    for _ in range(400):
        if truth and chance.random() < 0.45:
            where, who = truth.pop(chance.randrange(len(truth)))
            workers[where].crowds.left(ROOM, who)
        else:
            where, who = chance.randrange(3), chance.randrange(60)
            workers[where].crowds.came(ROOM, who)
            truth.append((where, who))
        if chance.random() < 0.1:
            await workers[chance.randrange(3)].viewers.report()
    for one in workers:
        await one.viewers.report()
    assert await exact(redis) == len({who for _, who in truth})


async def test_many_changes_are_shown_as_few_and_the_last_of_them_is(
    redis: Operator, worker: Callable[[], Worker]
) -> None:
    one = worker()
    shown = []
    for person in range(20):
        one.crowds.came(ROOM, person)
        assert await one.tells() == person + 1
        shown.append(one.shown[ROOM])
    assert shown[0] == 1
    assert len(set(shown)) < 10
    await asyncio.sleep(CONFIRMED_EVERY)
    await one.viewers.report()
    assert one.shown[ROOM] == 20


async def test_a_number_that_nobody_stayed_to_correct_is_corrected_for_the_next_one(
    redis: Operator, worker: Callable[[], Worker]
) -> None:
    one = worker()
    one.crowds.came(ROOM, 1)
    await one.viewers.report()
    one.crowds.left(ROOM, 1)
    await one.viewers.report()
    assert (await exact(redis), one.shown[ROOM]) == (0, 1), "too soon after the last telling"
    for person in range(2, 5):
        one.crowds.came(ROOM, person)
    await one.viewers.report()
    await asyncio.sleep(CONFIRMED_EVERY)
    await one.viewers.report()
    assert one.shown[ROOM] == 3


async def test_a_redis_that_lost_everything_is_told_again(redis: Operator, worker: Callable[[], Worker]) -> None:
    one = worker()
    for person in range(5):
        one.crowds.came(ROOM, person)
    assert await one.tells() == 5
    await redis.flushall()
    one.crowds.came(ROOM, 5)
    assert await one.tells() == 1, "nothing of it is known, and the worker is told so"
    await asyncio.sleep(CONFIRMED_EVERY)
    assert await one.tells() == 6


async def test_nothing_is_left_when_everybody_has_gone(redis: Operator, worker: Callable[[], Worker]) -> None:
    one = worker()
    one.crowds.came(ROOM, 1)
    await one.tells()
    one.crowds.left(ROOM, 1)
    assert await one.tells() == 0
    assert await exact(redis) == 0
    assert await redis.scard(f"{channels.viewers(ROOM)}:{one.viewers.worker}") == 0


async def test_the_lunch_move_is_a_handful_of_calls(redis: Operator, worker: Callable[[], Worker]) -> None:
    one = worker()
    for person in range(3000):
        one.crowds.came(f"chat:{2 + person % 10}", person)
    await one.viewers.report()
    before = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
    for person in range(3000):
        one.crowds.left(f"chat:{2 + person % 10}", person)
        one.crowds.came(ROOM, person)
    assert await one.tells() == 3000
    after = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
    assert after - before == 11
    assert await exact(redis, "chat:5") == 0


async def test_who_is_online_is_known_by_inboxes(redis: Operator, worker: Callable[[], Worker]) -> None:
    one = worker()
    for person in (3, 19, 40):
        one.crowds.came(channels.online(person), person)
    await one.viewers.report()
    assert await online(redis, [3, 4, 19, 20]) == {3, 19}


# Whole nodes


@pytest.fixture
def room() -> str:
    return f"chat:{next(numbers)}"


async def test_a_newcomer_sees_a_number_at_once_and_everybody_sees_it_change(shared_node: Node, room: str) -> None:
    async with Watcher(shared_node, 1, room) as first:
        await first.until(lambda: first.count == 1)
        async with AsyncExitStack() as stack:
            for user in range(2, 8):
                await stack.enter_async_context(Watcher(shared_node, user, room))
            await first.until(lambda: first.count == 7)
            state = await first.does("join", room)
            assert state["viewers"] == 7
        await first.until(lambda: first.count == 1)


async def test_two_tabs_and_a_service_are_no_more_persons(shared_node: Node, room: str) -> None:
    async with (
        Watcher(shared_node, 1, room) as anna,
        Watcher(shared_node, 1, room),
        Watcher(shared_node, 1, room),
        Watcher(shared_node, 99, room, rights="say swift"),
        Watcher(shared_node, 2, room),
    ):
        await anna.until(lambda: anna.count == 2)
        await asyncio.sleep(CONFIRMED_EVERY)
        assert anna.count == 2


async def test_whoever_moves_is_counted_where_they_are(shared_node: Node, room: str) -> None:
    other = f"chat:{next(numbers)}"
    async with AsyncExitStack() as stack:
        people = [await stack.enter_async_context(Watcher(shared_node, user, room, other)) for user in range(1, 151)]
        await asyncio.gather(*(one.does("leave", other) for one in people))
        await people[0].until(lambda: people[0].count == 150)
        here = await stack.enter_async_context(Watcher(shared_node, 999, other))
        await here.until(lambda: here.count == 1)
        await asyncio.gather(*(one.does("leave", room) for one in people))
        await asyncio.gather(*(one.does("join", other) for one in people))
        await here.until(lambda: here.count == 151)


async def test_reactions_of_many_arrive_as_one_number(shared_node: Node, room: str) -> None:
    async with AsyncExitStack() as stack:
        people = [await stack.enter_async_context(Watcher(shared_node, user, room)) for user in range(1, 21)]
        first = people[0]
        await asyncio.gather(*(one.does("react", room, emoji="🔥") for one in people for _ in range(5)))
        await first.until(lambda: sum(hint["counts"]["🔥"] for hint in first.told("reacted")) >= 100)
        assert sum(hint["counts"]["🔥"] for hint in first.told("reacted")) == 100
        assert len(first.told("reacted")) < 20
        assert all("at" not in hint for hint in first.hints)


async def test_typing_reaches_the_room_with_a_few_names(shared_node: Node, room: str) -> None:
    async with AsyncExitStack() as stack:
        people = [await stack.enter_async_context(Watcher(shared_node, user, room)) for user in range(1, 7)]
        await asyncio.gather(*(one.does("typing", room) for one in people))
        first = people[0]
        await first.until(lambda: sum(hint["count"] for hint in first.told("typing")) >= 6)
        assert all(len(hint["who"]) <= 3 for hint in first.told("typing"))


async def test_typing_to_one_person_is_heard_by_nobody_else(shared_node: Node) -> None:
    async with (
        Watcher(shared_node, 501, "inbox:501") as anna,
        Watcher(shared_node, 502, "inbox:502") as boris,
        Watcher(shared_node, 503, "inbox:503") as vera,
    ):
        await anna.does("typing", "inbox:501", to=502)
        await anna.does("direct.say", "inbox:501", to=502, text="Hello", key="hello-boris-1")
        assert not boris.told("typing"), "they had no thread yet"
        await anna.until(lambda: bool(anna.events))  # an answer says that it is stored, not that her worker knows
        await anna.does("typing", "inbox:501", to=502)
        await boris.until(lambda: bool(boris.told("typing")))
        assert boris.told("typing")[0]["who"] == [{"user": 501, "name": "Person 501"}]
        assert vera.hints == anna.hints == []


async def test_typing_to_who_blocked_one_is_not_shown_to_them(shared_node: Node) -> None:
    async with (
        Watcher(shared_node, 511, "inbox:511") as anna,
        Watcher(shared_node, 512, "inbox:512") as boris,
        Watcher(shared_node, 513, "inbox:513") as vera,
    ):
        for one, own in ((anna, "inbox:511"), (vera, "inbox:513")):
            await one.does("direct.say", own, to=512, text="Hello", key="hello-boris-1")
            await one.until(lambda one=one: bool(one.events))  # type: ignore[misc]  # a default binds it
        await boris.does("inbox.block", "inbox:512", user=511, on=True, key="no-more-anna")
        await boris.until(lambda: any(event["is"] == "inbox.blocked" for event in boris.events))
        for times in range(1, 4):  # what Anna types first would be told before what Vera types last
            await anna.does("typing", "inbox:511", to=512)
            await vera.does("typing", "inbox:513", to=512)
            await boris.until(lambda times=times: len(boris.told("typing")) >= times)  # type: ignore[misc]  # as above
        assert {one["user"] for hint in boris.told("typing") for one in hint["who"]} == {513}


async def test_a_hint_is_in_no_history_and_moves_no_offset(shared_node: Node, room: str) -> None:
    async with Watcher(shared_node, 1, room) as anna, Watcher(shared_node, 2, room) as boris:
        await anna.does("react", room, emoji="👏")
        await boris.until(lambda: bool(boris.told("reacted")))
        state = await boris.does("join", room)
        assert (state["offset"], state["events"]) == (0, [])
        assert await anna.client.say(room, "first") == 1


async def test_a_muted_person_does_not_wave_until_the_mute_is_over(shared_node: Node, room: str) -> None:
    async with Watcher(shared_node, 1, room) as anna, Watcher(shared_node, 9, room, rights="say moderate") as moderator:
        await moderator.does("chat.mute", room, user=1, seconds=3600, key="mute-him-1")
        await anna.until(lambda: bool(anna.told("muted")))
        with pytest.raises(Refused, match="muted"):
            await anna.does("react", room, emoji="👍")


async def test_the_people_of_a_killed_worker_are_subtracted(own_redis: Service, tmp_path: Path) -> None:
    with Node(own_redis.url, tmp_path, workers=3) as node:
        async with AsyncExitStack() as stack:
            first = await stack.enter_async_context(Watcher(node, 1, ROOM))
            others = [Watcher(node, user, ROOM) for user in range(2, 41)]
            for one in others:
                await one.__aenter__()
            await first.until(lambda: first.count == 40)
            await asyncio.sleep(1.5)  # the workers' next report
            labels, held = max(node.metrics("veche_connections"), key=lambda one: one[1])
            assert held > 1
            [pid] = re.findall(r'pid="(\d+)"', labels)
            os.kill(int(pid), signal.SIGKILL)
            for one in others:
                await one.__aexit__()  # nobody comes back
            async with Operator(own_redis.url) as redis:
                assert await exact(redis) > 1, "the dead cannot say that its people left"
                await first.until(lambda: first.count == 1)
                assert await exact(redis) == 1
