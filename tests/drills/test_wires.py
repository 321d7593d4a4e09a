"""Networks that cut, and networks that swallow everything without a word, under load: nothing is lost."""

import asyncio
import contextlib
import itertools
import random
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from redis.asyncio.connection import parse_url
from redis.exceptions import RedisError

from realtime import publish
from realtime.client import PATIENCE
from realtime.engine import Engine, connect
from tests.drills.crowd import Crowd, survive
from tests.realtime.node import Node, until
from tests.realtime.proxy import Proxy
from tests.store import Store

DISCONNECTS = 500  # in one round; 20 rounds are the 10,000 of the target
PATIENCE_OF_ALL = 120  # seconds for them, on a machine that is busy with other things
CUTS = 700  # of a wire under writes; some dozen of them hit uvloop in the middle of one


async def test_visitors_cut_off_at_random(node: Node, rounds: int, back: list[float]) -> None:
    async with Proxy(node.port) as network:
        url = f"ws://127.0.0.1:{network.port}/ws"
        for n in range(rounds):
            crowd = Crowd([url], f"chat:{n + 1}")

            async def cut(crowd: Crowd = crowd) -> None:
                async with asyncio.timeout(PATIENCE_OF_ALL):
                    while crowd.connects < DISCONNECTS:  # not counting who was cut off before the door opened
                        network.cut_one()
                        await asyncio.sleep(random.uniform(0, 0.01))

            back.append(await survive(crowd, cut))


async def test_half_open_sockets_are_found_by_those_who_sit_on_them(
    node: Node, rounds: int, thorough: bool, back: list[float]
) -> None:
    """A phone that changed its network: neither side is told. The shipped clocks find it within 25 s."""
    heartbeat, patience = (None, PATIENCE) if thorough else (1.0, 1.5)
    async with Proxy(node.port) as network:
        url = f"ws://127.0.0.1:{network.port}/ws"
        for n in range(rounds):
            crowd = Crowd([url], f"chat:{n + 1}", honest=[node.url], heartbeat=heartbeat, patience=patience)

            async def swallow() -> None:
                assert network.swallow() >= 13

            back.append(await survive(crowd, swallow))
            assert crowd.connects >= 2 * len(crowd.people)


async def test_cut_wires_to_redis(own_redis: Store, tmp_path: Path, rounds: int, back: list[float]) -> None:
    """Redis is another machine, and the network between drops every connection again and again."""
    async with Proxy(parse_url(own_redis.url)["path"]) as network:
        node = Node(network.url, tmp_path)
        await asyncio.to_thread(node.__enter__)
        try:
            before = node.workers
            for n in range(rounds):

                async def cut() -> None:
                    for _ in range(60):
                        network.cut()
                        await asyncio.sleep(random.uniform(0, 0.05))

                back.append(await survive(Crowd([node.url], f"chat:{n + 1}"), cut))
            await asyncio.to_thread(until, lambda: node.why() == [], "the node hears Redis again")
            assert node.workers == before
            assert "Traceback" not in node.logged
        finally:
            await asyncio.to_thread(node.__exit__)


def test_a_wire_cut_in_the_middle_of_a_write_is_redis_being_away(own_redis: Store) -> None:
    """uvloop says RuntimeError then, at one cut of thirty; whoever lets it through ends the worker."""
    uvloop.run(_cut_under_writes(own_redis.url))


async def _cut_under_writes(address: str) -> None:
    over = asyncio.Event()
    async with Proxy(parse_url(address)["path"]) as network:
        redis = connect(network.url)
        async with asyncio.TaskGroup() as saying:
            for user in range(1, 9):
                saying.create_task(_say_on(redis, user, over))
            for _ in range(CUTS):
                await asyncio.sleep(random.uniform(0, 0.004))
                network.cut()
            over.set()
        await redis.aclose()


async def _say_on(redis: Engine, user: int, over: asyncio.Event) -> None:
    """Write and write; only what means that Redis is away is expected."""
    try:
        for n in itertools.takewhile(lambda _: not over.is_set(), itertools.count()):
            key, now = f"key-{user}-{n}", datetime.now(UTC)
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                await publish.say_in_chat(
                    redis, channel=1, user=user, name="", badge="", key=key, text="t" * 500, when=now
                )
            await asyncio.sleep(0)
    finally:
        over.set()
