"""A worker, a node and Redis are killed with -9 under load: what was acknowledged is found again, in order, once."""

import asyncio
import os
import signal
from functools import partial
from pathlib import Path

from tests.drills.crowd import Crowd, survive
from tests.realtime.node import Node, until
from tests.store import Store


async def test_a_killed_worker(node: Node, rounds: int, back: list[float]) -> None:
    moved = 0
    for n in range(rounds):
        victim = node.workers[n % 2]
        crowd = Crowd([node.url], f"chat:{n + 1}")
        back.append(await survive(crowd, partial(_kill, victim)))
        moved += crowd.connects - len(crowd.people)
        await asyncio.to_thread(until, partial(_replaced, node, victim), "the dead worker is replaced")
    assert moved  # the kernel deals them out: somebody had the victim
    assert node.logged.count("SIGKILL") == rounds


async def test_a_killed_node_beside_another(own_redis: Store, tmp_path: Path, rounds: int, back: list[float]) -> None:
    with Node(own_redis.url, tmp_path) as one, Node(own_redis.url, tmp_path) as other:
        for n in range(rounds):
            crowd = Crowd([one.url, other.url], f"chat:{n + 1}")
            back.append(await survive(crowd, partial(_end, one), mend=partial(_start, one)))
            assert crowd.connects > len(crowd.people)
        assert "Traceback" not in one.logged + other.logged


async def test_a_killed_node_that_comes_back(node: Node, rounds: int, back: list[float]) -> None:
    for n in range(rounds):

        async def crash() -> None:
            await _end(node)
            await _start(node)

        back.append(await survive(Crowd([node.url], f"chat:{n + 1}"), crash))


async def test_a_killed_redis(node: Node, own_redis: Store, rounds: int, back: list[float]) -> None:
    before = node.workers
    for n in range(rounds):
        room = f"chat:{n + 1}"
        back.append(await survive(Crowd([node.url], room), partial(_crash, own_redis, room)))
    await asyncio.to_thread(until, lambda: node.why() == [], "the node hears Redis again")
    assert node.workers == before


async def _crash(redis: Store, room: str) -> None:
    redis.kill(room)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(redis.start, room)


async def _kill(victim: int) -> None:
    os.kill(victim, signal.SIGKILL)


async def _end(node: Node) -> None:
    await asyncio.to_thread(node.kill)


async def _start(node: Node) -> None:
    await asyncio.to_thread(node.__enter__)


def _replaced(node: Node, victim: int) -> bool:
    return victim not in node.workers and len(node.workers) == 2 and node.why() == []
