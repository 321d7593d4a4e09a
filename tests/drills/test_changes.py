"""Reload and drain under load: nobody is refused at the door, and nothing acknowledged is lost."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.drills.crowd import Crowd, survive
from tests.realtime.node import Node, until_reloaded
from tests.store import Store

KNOCKING = 4  # visitors who come and go all the time


async def test_a_reload(node: Node, rounds: int, back: list[float]) -> None:
    for n in range(rounds):
        before = set(node.workers)
        async with visitors_coming(node.url) as came:
            crowd = Crowd([node.url], f"chat:{n + 1}")
            back.append(await survive(crowd, partial(_reload, node, before)))
            assert crowd.connects > len(crowd.people)
        assert len(came) > KNOCKING


async def test_a_drained_node_beside_another(own_redis: Store, tmp_path: Path, rounds: int, back: list[float]) -> None:
    with Node(own_redis.url, tmp_path) as one, Node(own_redis.url, tmp_path) as other:
        for n in range(rounds):
            async with visitors_coming(other.url) as came:
                crowd = Crowd([one.url, other.url], f"chat:{n + 1}")
                back.append(await survive(crowd, partial(_drain, one), mend=partial(_start, one)))
                assert crowd.connects > len(crowd.people)
            assert len(came) > KNOCKING
        assert "Traceback" not in one.logged + other.logged


@contextlib.asynccontextmanager
async def visitors_coming(url: str) -> AsyncIterator[list[int]]:
    """Handshake after handshake meanwhile; each that was not answered with a socket is raised. Those that came."""
    came: list[int] = []
    over = asyncio.Event()

    async def knock() -> None:
        while not over.is_set():
            async with connect(url, subprotocols=[Subprotocol("veche.1")], compression=None, close_timeout=1) as door:
                with contextlib.suppress(ConnectionClosed):  # let in by a worker that was just leaving
                    await door.send('{"id":1,"do":"ping"}')
                    await door.recv()
                came.append(1)
            await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as knocking:
        for _ in range(KNOCKING):
            knocking.create_task(knock())
        try:
            yield came
        finally:
            over.set()


async def _reload(node: Node, before: set[int]) -> None:
    node.signal(signal.SIGHUP)
    await asyncio.to_thread(
        until_reloaded, lambda: before.isdisjoint(node.workers) and len(node.workers) == 2, "all workers are new"
    )


async def _start(node: Node) -> None:
    await asyncio.to_thread(node.__enter__)


async def _drain(node: Node) -> None:
    node.signal(signal.SIGTERM)
    assert await asyncio.to_thread(node.process.wait, 20) == 0, node.logged
