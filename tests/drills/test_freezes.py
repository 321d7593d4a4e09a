"""What hangs but lives: a frozen Redis, a frozen worker, an ear that hears nothing. Health says so, nothing is lost."""

import asyncio
import os
import signal
import time
from functools import partial
from pathlib import Path

from redis.asyncio.connection import parse_url

from realtime import reports, tail, worker
from tests.drills.crowd import Crowd, survive
from tests.realtime.node import Node, until
from tests.realtime.proxy import Proxy
from tests.store import Store

FROZEN = 30.0  # seconds of a frozen Redis in the thorough drill
RED_WITHIN = 5.0  # seconds in which health has to see that deliveries stopped


async def test_a_frozen_redis(node: Node, own_redis: Store, rounds: int, thorough: bool, back: list[float]) -> None:
    for n in range(rounds):
        room = f"chat:{n + 1}"

        async def freeze(room: str = room) -> None:
            begun = time.monotonic()
            with own_redis.frozen(room):
                await _says(node, "does not hear Redis")
                if thorough:
                    await asyncio.sleep(FROZEN - (time.monotonic() - begun))

        back.append(await survive(Crowd([node.url], room), freeze))
        await asyncio.to_thread(until, lambda: node.why() == [], "the node hears Redis again")


async def test_a_frozen_worker_is_replaced(node: Node, rounds: int, back: list[float]) -> None:
    """The kernel goes on giving it handshakes, so that waiting for it would lose every second visitor."""
    for n in range(rounds):
        victim = node.workers[n % 2]
        crowd = Crowd([node.url], f"chat:{n + 1}", heartbeat=2, patience=2)
        back.append(await survive(crowd, partial(_freeze, node, victim)))
        assert crowd.connects > len(crowd.people)
        await asyncio.to_thread(until, partial(_replaced, node, victim), "the frozen worker is replaced")


async def test_a_node_that_writes_but_does_not_hear(own_redis: Store, tmp_path: Path) -> None:
    async with Proxy(parse_url(own_redis.url)["path"]) as network:
        node = Node(network.url, tmp_path)
        await asyncio.to_thread(node.__enter__)
        try:

            async def deafen() -> None:
                assert network.swallow(lambda inwards: b"SUBSCRIBE" in inwards or b"PING" in inwards) == 2
                await _says(node, "does not hear Redis")

            await survive(Crowd([node.url], "chat:1"), deafen)
            await asyncio.to_thread(until, lambda: node.why() == [], "the node hears Redis again")
            assert "Traceback" not in node.logged
        finally:
            await asyncio.to_thread(node.__exit__)


def test_health_is_red_within_five_seconds_by_its_own_clocks() -> None:
    """A test on a busy machine cannot time it; these are all that is waited for before health is red."""
    assert reports.STALE + worker.REPORT_EVERY <= RED_WITHIN  # a worker that says nothing
    assert tail.DOUBTED_AFTER + 2 * worker.REPORT_EVERY <= RED_WITHIN  # one that says that it hears nothing


async def _freeze(node: Node, victim: int) -> None:
    os.kill(victim, signal.SIGSTOP)
    await asyncio.to_thread(until, lambda: node.why() != [], "health is red")


async def _says(node: Node, sentence: str) -> None:
    await asyncio.to_thread(
        until, lambda: any(sentence in why for why in node.why()), f"health says that it {sentence}"
    )


def _replaced(node: Node, victim: int) -> bool:
    return victim not in node.workers and len(node.workers) == 2 and node.why() == []
