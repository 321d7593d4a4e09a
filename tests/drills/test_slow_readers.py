"""Sockets that stop reading while others talk: bounded memory, nobody else waits, and nothing is lost to them."""

import asyncio
import time
from contextlib import AsyncExitStack
from functools import partial

from realtime.fanout import PACKET
from tests.drills.ledger import Ledger
from tests.drills.witness import Witness
from tests.realtime.node import Node, until
from tests.realtime.person import Person

ASLEEP = 20  # sockets
LOUD = 10  # people
LINES = 9  # of each: 340 KB, so that those asleep are left behind, and hot still when they wake up
LONG = "ы" * 1900
HELD = 65_536 + PACKET  # bytes that wait for one of them at most


async def test_sockets_that_stop_reading(node: Node, rounds: int, back: list[float]) -> None:
    for n in range(rounds):
        room, ledger = f"chat:{n + 1}", Ledger()
        sleepers = [Witness([node.url], 500 + k, room, slow=True) for k in range(ASLEEP)]
        loud = [Person(node, 1 + k, room, rights="say swift") for k in range(LOUD)]
        async with AsyncExitStack() as entering:
            for sleeper in sleepers:
                await entering.enter_async_context(sleeper)
                sleeper.fall_asleep()
            for person in loud:
                await entering.enter_async_context(person)
            choked = node.metric("veche_choked_total")
            await asyncio.gather(*(_talk(person, k, ledger) for k, person in enumerate(loud)))
            for person in loud:
                await person.hears(LOUD * LINES)
                ledger.check_listener(person.heard, "somebody who reads")
            await asyncio.to_thread(until, partial(_choked, node, choked + ASLEEP), "all sleepers are noticed")
            assert 0 < node.metric("veche_unsent_bytes") <= ASLEEP * HELD
            begun = time.monotonic()
            for sleeper in sleepers:
                sleeper.wake_up()
            await asyncio.gather(*(sleeper.until(ledger.top) for sleeper in sleepers))
            back.append(time.monotonic() - begun)
            for sleeper in sleepers:
                assert sleeper.faults == []
                ledger.check_listener([sleeper.heard[at] for at in sorted(sleeper.heard)], "a sleeper")
            await asyncio.to_thread(until, lambda: node.metric("veche_unsent_bytes") == 0, "nothing waits any more")


def _choked(node: Node, count: float) -> bool:
    return node.metric("veche_choked_total") >= count


async def _talk(person: Person, name: int, ledger: Ledger) -> None:
    for n in range(LINES):
        text = f"{name}/{n} {LONG}"
        ledger.say(text, await person.says(text))
