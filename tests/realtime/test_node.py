"""People in a room, over real sockets, a real node and a real Redis."""

import asyncio
import itertools
from typing import Any

import pytest

from realtime.client import Client
from realtime.errors import Refused
from tests.realtime.node import PATIENCE, Node, token, until
from tests.realtime.person import Person
from tests.realtime.wiretap import newcomer

REPORTED = 1.5  # seconds after which the admin knows what happened before
channels = itertools.count(1)


@pytest.fixture
def room() -> str:
    return f"chat:{next(channels)}"


async def test_what_one_writes_appears_at_the_other_on_whichever_worker(shared_node: Node, room: str) -> None:
    people = [Person(shared_node, user, room) for user in range(1, 9)]
    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(person.__aenter__())
    for person in people:
        await person.says(f"from {person.client}")
    for person in people:
        await person.hears(8)
    assert all(person.heard == people[0].heard for person in people)
    until(lambda: shared_node.metric("veche_deliveries_total") >= 64, "both workers reported")
    for person in people:
        await person.__aexit__()


async def test_history_is_there_on_arrival(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 1, room) as anna:
        for n in range(3):
            await anna.says(f"text {n}")
        async with Person(shared_node, 2, room) as boris:
            await boris.hears(3)  # what was not flushed yet comes right behind
            assert boris.texts == ["text 0", "text 1", "text 2"]


async def test_the_event_carries_the_senders_key_and_name(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 7, room) as anna:
        at = await anna.says("hi", key="my-own-key-1")
        await anna.hears(1)
        said = anna.heard[0]
        assert (said["at"], said["key"], said["user"], said["name"]) == (at, "my-own-key-1", 7, "Person 7")


async def test_a_resend_is_acknowledged_the_same_and_shown_once(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 1, room) as anna:
        first = await anna.says("once", key="the-same-key")
        assert await anna.says("once", key="the-same-key") == first
        await anna.says("afterwards")
        await anna.hears(2)
        assert anna.texts == ["once", "afterwards"]


async def test_a_deleted_message_vanishes_everywhere_and_from_history(shared_node: Node, room: str) -> None:
    async with (
        Person(shared_node, 1, room) as anna,
        Person(shared_node, 2, room) as boris,
        Person(shared_node, 3, room, rights="say moderate") as moderator,
    ):
        at = await anna.says("something rude")
        await boris.hears(1)
        with pytest.raises(Refused, match="not_yours"):
            await boris.client.retract(room, at)
        await moderator.client.retract(room, at)
        await anna.hears(2)
        await boris.hears(2)
        assert boris.heard[1]["is"] == "chat.retracted"
        assert boris.heard[1]["target"] == at
        async with newcomer(shared_node, room, boris.heard[1]["at"]) as late:
            assert "rude" not in " ".join(late.frames)


async def test_one_person_hears_only_the_rooms_they_joined(shared_node: Node, room: str) -> None:
    other = f"chat:{next(channels)}"
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 2, other) as boris:
        await anna.says("here")
        await boris.says("there")
        await anna.hears(1)
        await boris.hears(1)
        await asyncio.sleep(0.1)
        assert (anna.texts, boris.texts) == (["here"], ["there"])


async def test_who_leaves_hears_no_more(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 2, room) as boris:
        await anna.client.ask({"do": "leave", "room": room})
        await boris.says("psst")
        await boris.hears(1)
        await anna.client.ask({"do": "ping"})
        assert anna.texts == []


async def test_a_busy_room_travels_joined_and_whole(shared_node: Node, room: str) -> None:
    """Twenty people write at once: fewer frames than messages, every message at everybody, in one order."""
    people = [Person(shared_node, user, room) for user in range(100, 120)]
    for person in people:
        await person.__aenter__()
    await asyncio.sleep(REPORTED)
    before = shared_node.metric("veche_flushes_total"), shared_node.metric("veche_events_total")
    await asyncio.gather(*(person.says(f"{n}") for person in people for n in range(5)))
    for person in people:
        await person.hears(100)
    await asyncio.sleep(REPORTED)
    flushes = shared_node.metric("veche_flushes_total") - before[0]
    assert shared_node.metric("veche_events_total") - before[1] == 200  # both workers hear each
    assert flushes < 200
    assert all(person.heard == people[0].heard for person in people)
    assert [event["at"] for event in people[0].heard] == list(range(1, 101))
    for person in people:
        await person.__aexit__()


async def test_who_goes_at_the_moment_the_socket_breaks_is_gone(shared_node: Node, room: str) -> None:
    going: asyncio.Future[asyncio.Task[None]] = asyncio.get_running_loop().create_future()

    def breaks(event: dict[str, Any]) -> None:
        going.set_result(asyncio.create_task(client.__aexit__(None, None, None)))
        raise ConnectionError("the wire was cut")

    client = Client(shared_node.url, token(2, rooms=(room,)), heard=breaks)
    await client.__aenter__()
    await client.join(room)
    async with Person(shared_node, 1, room) as anna:
        await anna.says("now")
        gone, _ = await asyncio.wait([await going], timeout=PATIENCE)
        assert gone
