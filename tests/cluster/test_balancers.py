"""Two nodes on one Redis behind the shipped HAProxy or nginx: one room, and no node that could not be missed."""

import asyncio
import shutil
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.cluster.balancers import Balancer, HAProxy, Nginx
from tests.realtime.crowd import PACE, ROOM, survive
from tests.realtime.node import Node, until
from tests.realtime.person import Person
from tests.store import Store

HANDSHAKES = 20  # after the fault is over; they come all the time before


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "redis", clustered=False) as redis:
        yield redis


@pytest.fixture
def nodes(redis: Store, tmp_path: Path) -> Iterator[list[Node]]:
    with started(redis, tmp_path) as one, started(redis, tmp_path) as other:
        yield [one, other]
        for node in (one, other):
            assert "Traceback" not in node.logged, node.logged


def started(redis: Store, folder: Path) -> Node:
    return Node(redis.url, folder, ADMIN_TOKEN="only ops know this")  # without one nobody presses a button


@pytest.fixture(params=[HAProxy, Nginx])
def balancer(nodes: list[Node], tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Balancer]:
    if not shutil.which(request.param.program):
        pytest.skip(f"{request.param.program} is missing: apt-get install {request.param.program}")
    with request.param(nodes, tmp_path) as balancer:
        yield balancer


only_haproxy = pytest.mark.parametrize("balancer", [HAProxy], indirect=True)


async def test_people_on_different_nodes_are_in_one_room(nodes: list[Node], balancer: Balancer) -> None:
    people = [Person([balancer.url], user, ROOM) for user in range(1, 9)]
    for person in people:
        await person.__aenter__()
    for person in people:
        await person.says(f"from {person}")
    for person in people:
        await person.hears(len(people))
    assert all(person.heard == people[0].heard for person in people)
    until(lambda: [node.metric("veche_connections") for node in nodes] == [4, 4], "each node has half of them")
    for person in people:
        await person.__aexit__()


async def test_a_node_killed_under_load_is_missed_by_nobody(nodes: list[Node], balancer: Balancer) -> None:
    async def kill() -> None:
        await asyncio.to_thread(nodes[0].kill)
        await knock(balancer, HANDSHAKES)

    crowd = await survive([balancer.url], kill, people=8)
    assert sum(person.client.connects > 1 for person in crowd) == 4  # those of the dead one, and nobody else


@pytest.mark.parametrize("leave", ["drain", "stop"])
async def test_a_node_that_leaves_under_load_refuses_no_handshake(
    nodes: list[Node], balancer: Balancer, leave: str
) -> None:
    going, staying = nodes

    def gone() -> bool:
        return going.process.poll() is not None if leave == "stop" else going.metric("veche_connections") == 0

    async def depart() -> None:
        over = asyncio.Event()
        newcomers = asyncio.create_task(knock_until(balancer, over))
        if leave == "drain":
            assert await asyncio.to_thread(going.press, "drain") == 303
        else:
            going.signal(signal.SIGTERM)
        await asyncio.to_thread(until, gone, "the node has nobody any more")
        await knock(balancer, HANDSHAKES)
        over.set()
        assert await newcomers > 0

    await survive([balancer.url], depart, people=8)
    if leave == "drain":
        assert going.press("serve") == 303
        until(lambda: going.admin("/readyz")[0] == 200, "the node serves again")
    assert staying.why() == []


@only_haproxy  # nginx asks nobody whether it is ready
async def test_a_node_that_is_not_ready_gets_nobody(nodes: list[Node], balancer: Balancer) -> None:
    assert await asyncio.to_thread(nodes[0].press, "drain") == 303
    await asyncio.to_thread(until, lambda: "node1 is DOWN" in balancer.logged, "HAProxy has seen it")
    people = [Person([balancer.url], user, ROOM) for user in range(1, 5)]
    for person in people:
        await person.__aenter__()
    assert all(person.client.connects == 1 for person in people)
    until(lambda: nodes[1].metric("veche_connections") == 4, "all are on the other one")
    for person in people:
        await person.__aexit__()


def test_what_is_no_socket_goes_to_the_pages(balancer: Balancer) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{balancer.port}/healthz", timeout=10) as answer:
        assert answer.status == 200


async def knock(balancer: Balancer, times: int) -> None:
    """So many handshakes, one after the other; the first that is refused raises."""
    for _ in range(times):
        async with connect(balancer.url, subprotocols=[Subprotocol("veche.1")], compression=None):
            pass


async def knock_until(balancer: Balancer, over: asyncio.Event) -> int:
    """Handshakes all the time; how many there were."""
    count = 0
    while not over.is_set():
        await knock(balancer, 1)
        count += 1
        await asyncio.sleep(PACE / 5)
    return count
