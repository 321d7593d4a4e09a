"""Visitors are sent elsewhere a group after the other, and the others are served meanwhile."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from realtime.farewell import PACE, STEP, end, end_all, hand_over, see_off
from realtime.visit import Host

GROUP = round(PACE * STEP)


class Guest:
    """A visitor as a farewell sees one: somebody who can be told something and be shown out."""

    def __init__(self, host: Any, *, open_: bool = True) -> None:
        self.host = host
        self.open = open_
        self.told: list[bytes] = []
        self.code = 0
        host.visits.add(self)

    def deliver(self, frame: bytes) -> bool:
        self.told.append(frame)
        return True

    def close(self, code: int, reason: str) -> None:
        self.open, self.code = False, code
        self.host.visits.discard(self)


def house(guests: int) -> tuple[Host, list[Guest]]:
    host = SimpleNamespace(visits=set())
    return cast(Host, host), [Guest(host) for _ in range(guests)]


async def test_each_is_told_to_come_again_and_shown_out() -> None:
    host, guests = house(3)
    await hand_over(host, hurry=lambda: False)
    assert all(b'"reconnect"' in guest.told[0] and guest.code == 1012 for guest in guests)


async def test_a_full_house_empties_group_by_group() -> None:
    host, _ = house(3 * GROUP)
    leaving = asyncio.create_task(hand_over(host, hurry=lambda: False))
    sizes = []
    while not leaving.done():
        sizes.append(len(host.visits))
        await asyncio.sleep(0)
    assert sorted(set(sizes), reverse=True) == [3 * GROUP, 2 * GROUP, GROUP, 0]


async def test_in_a_hurry_all_go_at_once() -> None:
    host, _ = house(3 * GROUP)
    await asyncio.wait_for(hand_over(host, hurry=lambda: True), STEP)
    assert not host.visits


async def test_who_is_in_the_middle_of_a_handshake_is_let_in_first() -> None:
    host, [guest] = house(1)
    guest.open = False
    await hand_over(host, hurry=lambda: False)
    assert guest.code == 0
    waiting = asyncio.create_task(see_off(host, within=30, hurry=lambda: False))
    await asyncio.sleep(0.02)
    guest.open = True
    await waiting
    assert guest.code == 1012


async def test_who_never_finishes_a_handshake_is_not_waited_for() -> None:
    host, [guest] = house(1)
    guest.open = False
    await see_off(host, within=0.05, hurry=lambda: False)
    assert host.visits


async def test_a_task_that_misses_a_cancel_is_asked_again() -> None:
    missed = 0

    async def stay() -> None:
        nonlocal missed
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                missed += 1
                if missed == 3:
                    raise

    tasks = [asyncio.create_task(stay()), asyncio.create_task(asyncio.sleep(0))]
    await asyncio.sleep(0)
    await end(tasks)
    assert (missed, [task.done() for task in tasks]) == (3, [True, True])


async def test_a_task_within_a_group_that_misses_a_cancel_is_asked_again() -> None:
    missed = 0

    async def stubborn() -> None:
        nonlocal missed
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            missed += 1
            await asyncio.sleep(3600)

    async def group() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stubborn())

    life = asyncio.create_task(group())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await end_all()
    assert (missed, life.done()) == (1, True)
