"""A Redis Cluster as the engine: what happens to one master is no matter of the others' rooms, and nothing is lost."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from redis.exceptions import ResponseError

from realtime import channels, publish
from realtime.engine import Engine, slot_of
from tests.realtime.crowd import PACE, survive
from tests.realtime.node import PATIENCE, Node, until
from tests.realtime.person import Person
from tests.store import Store

VISITORS = 20  # enough that a wait of two seconds for each would be longer than anybody's patience
MOVES = 4  # there and back, twice


@asynccontextmanager
async def people(node: Node, *rooms: str) -> AsyncIterator[list[Person]]:
    """Somebody in each room."""
    crowd = [Person(node, user, room) for user, room in enumerate(rooms, 1)]
    for person in crowd:
        await person.__aenter__()
    try:
        yield crowd
    finally:
        for person in crowd:
            await person.__aexit__()


async def go_on(node: Node, person: Person, *new: str) -> None:
    """One after the other comes and writes, somebody hears them all, and rooms that were silent begin to speak."""
    async with asyncio.timeout(PATIENCE):
        for user in range(100, 100 + VISITORS):
            async with Person(node, user, person.room) as visitor:
                await visitor.says("I have just come")
        await person.hears(VISITORS)
        for room in new:
            async with Person(node, 51, room) as first:
                await first.says("first!")
                await first.hears(1)


async def test_rooms_of_other_masters_go_on_while_one_is_dead(node: Node, masters: Store, rooms: list[str]) -> None:
    victim = masters.number(channels.ROOMS)  # the worst one to lose: the list of all rooms is there, too
    silent, one, other = (rooms[(victim + step) % len(rooms)] for step in range(3))
    new = next(room for room in map(channels.chat, range(100, 200)) if masters.number(channels.log(room)) != victim)
    async with people(node, silent, one, other) as (anna, boris, clara):
        await anna.says("before")
        await anna.hears(1)
        masters.kill(silent)
        waiting = asyncio.create_task(anna.says("meanwhile"))
        await asyncio.gather(go_on(node, boris, new), go_on(node, clara))
        await asyncio.to_thread(until, lambda: "only its rooms wait" in str(node.why()), "the node says who is silent")
        assert node.admin("/readyz")[0] == 200  # a balancer goes on sending visitors for the other rooms
        masters.start(silent)
        assert await waiting == 2
        await anna.until(lambda: anna.texts == ["before", "meanwhile"])
    until(lambda: node.why() == [], "the node hears every master again")
    async with Engine(masters.url) as redis, Person(node, 1, new) as anna, asyncio.timeout(PATIENCE):
        while new.encode() not in await redis.smembers(channels.ROOMS):
            await anna.says("the archive will find this room, too")


async def test_rooms_of_other_masters_go_on_while_one_is_frozen(node: Node, masters: Store, rooms: list[str]) -> None:
    silent, one, _ = rooms
    async with people(node, silent, one) as (anna, boris):
        with masters.frozen(silent):
            waiting = asyncio.create_task(anna.says("meanwhile"))
            await go_on(node, boris)
        await waiting
        await anna.until(lambda: anna.texts == ["meanwhile"])
    until(lambda: node.why() == [], "the node hears every master again")


async def test_a_master_killed_and_restarted_under_load_loses_nothing(
    node: Node, masters: Store, rooms: list[str]
) -> None:
    async def crash() -> None:
        masters.kill(rooms[0])
        await asyncio.sleep(0.5)
        await asyncio.to_thread(masters.start, rooms[0])

    await asyncio.gather(
        *(survive(node, crash if room is rooms[0] else nothing, people=3, room=room) for room in rooms)
    )
    until(lambda: node.why() == [], "the node hears every master again")


async def nothing() -> None:
    """What happens to the rooms of the others."""


async def key_by_key(slot: int, here: Any, there: Any) -> None:
    """As every Redis and Valkey moves a slot: for a while its keys are in two places."""
    ids = {server: (await server.execute_command("CLUSTER MYID")).decode() for server in (here, there)}
    await there.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", ids[here])
    await here.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", ids[there])
    where = there.connection_pool.connection_kwargs
    while keys := await here.execute_command("CLUSTER GETKEYSINSLOT", slot, 5):
        await here.execute_command("MIGRATE", where["host"], where["port"], "", 0, 5000, "KEYS", *keys)
        await asyncio.sleep(PACE / 5)  # so that people write in the middle of it
    for server in (there, here):
        await server.execute_command("CLUSTER SETSLOT", slot, "NODE", ids[there])


async def at_once(slot: int, here: Any, there: Any) -> None:
    """As Valkey 9 does it."""
    name = (await there.execute_command("CLUSTER MYID")).decode()
    try:
        await here.execute_command("CLUSTER MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", name)
    except ResponseError as unknown:
        pytest.skip(f"This server moves slots key by key only: {unknown}")
    while True:
        if await owner(here, slot) == name:
            return
        await asyncio.sleep(PACE / 5)


async def owner(server: Any, slot: int) -> str:
    """The name of whom a server takes for a slot's owner."""
    rows = await server.execute_command("CLUSTER SLOTS")
    return next(str(master[2], "ascii") for first, last, master, *_ in rows if first <= slot <= last)


@pytest.mark.parametrize("move", [key_by_key, at_once])
async def test_a_slot_that_moves_under_load_loses_and_doubles_nothing(
    node: Node, masters: Store, rooms: list[str], move: Callable[[int, Any, Any], Awaitable[None]]
) -> None:
    room, elsewhere, _ = rooms
    slot = slot_of(channels.log(room))
    async with Engine(masters.url) as redis:
        here, there = [await redis.at(channels.log(one)) for one in (room, elsewhere)]

        async def to_and_fro() -> None:
            for n in range(MOVES):
                await move(slot, *((here, there) if n % 2 == 0 else (there, here)))
                await asyncio.sleep(PACE * 4)

        await survive(node, to_and_fro, room=room)
        until(lambda: node.why() == [], "the node hears every master")
        assert await here.exists(channels.log(room))


async def test_what_is_said_while_nobody_listens_at_the_new_owner_is_heard(
    node: Node, masters: Store, rooms: list[str]
) -> None:
    """And nothing else is said afterwards, from which a gap could be seen."""
    room, elsewhere, _ = rooms
    async with Engine(masters.url) as redis, Person(node, 1, room) as anna:
        await anna.says("before")
        await anna.hears(1)
        here, there = [await redis.at(channels.log(one)) for one in (room, elsewhere)]
        asleep = node.workers
        for pid in asleep:
            os.kill(pid, signal.SIGSTOP)
        await key_by_key(slot_of(channels.log(room)), here, there)
        number = channels.number(room)
        await publish.say_in_chat(
            redis, channel=number, user=2, name="Boris", badge="", key="k" * 8, text="unheard", when=datetime.now(UTC)
        )
        for pid in asleep:
            os.kill(pid, signal.SIGCONT)
        await anna.until(lambda: anna.texts == ["before", "unheard"])


async def test_a_newcomer_finds_a_room_whose_slot_has_moved(node: Node, masters: Store, rooms: list[str]) -> None:
    room, elsewhere, _ = rooms
    async with Engine(masters.url) as redis, Person(node, 1, room) as anna:
        await anna.says("before")
        here, there = [await redis.at(channels.log(one)) for one in (room, elsewhere)]
        await key_by_key(slot_of(channels.log(room)), here, there)
        await anna.says("after")
        await anna.until(lambda: anna.texts == ["before", "after"])
        async with Person(node, 2, room) as boris:
            await boris.until(lambda: boris.texts == ["before", "after"])
        assert await redis.xlen(channels.log(room)) == 2  # this client, too, learns where it is now
