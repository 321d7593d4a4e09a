"""A master of a cluster dies or freezes under load and its replica takes over: what was acknowledged is found again.

Every write waits for a replica (REDIS_REPLICAS=1) before its sender is told. What was told to listeners but never
acknowledged may be gone: then the room is shown anew.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from redis import Redis

from config import cluster
from config.cluster import Cluster
from realtime import channels
from realtime.engine import connect, slot_of
from sql.connection import Pool
from tests.drills.crowd import Crowd, survive
from tests.realtime.node import SECRET, Node, until
from tests.workers.worker import Worker

STUFFING = 64 << 20  # bytes; more than the kernel keeps for one who does not read, so what comes behind never leaves
UNCOPIED = 1.5  # seconds in which people write on; shorter than what the others take for a failure of the replica


@pytest.fixture
def members(tmp_path: Path) -> Iterator[Cluster]:
    """Three masters with a replica each."""
    with cluster.start_cluster(tmp_path / "redis", replicas=1) as members:
        yield members


@pytest.fixture
def node(members: Cluster, tmp_path: Path) -> Iterator[Node]:
    """Two workers that wait for replicas."""
    with Node(members.url, tmp_path, REDIS_REPLICAS="1") as node:
        yield node
    assert "Traceback" not in node.logged, node.logged


@pytest.fixture
def archive(members: Cluster, database_url: str, tmp_path: Path) -> Iterator[Worker]:
    """The archive, which waits for replicas as well."""
    told = {"VECHE_SECRET": SECRET, "VECHE_VAR": str(tmp_path), "DATABASE_URL": database_url}
    with Worker({**told, "REDIS_URL": members.url, "REDIS_REPLICAS": "1"}) as archive:
        yield archive
    assert "Traceback" not in archive.log, archive.log


async def test_a_killed_master_whose_replica_takes_over(
    members: Cluster, node: Node, archive: Worker, database: Pool, rounds: int, back: list[float]
) -> None:
    """In every other round its replica did not get what everybody has heard and nobody was told is stored: that is
    gone, and what is sent again has its place.
    """
    for n in range(rounds):
        room, behind = f"chat:{n + 1}", n % 2 == 0

        async def fail_over(room: str = room, behind: bool = behind) -> None:
            victim = holder(members, room)
            copy = replica(members, victim)
            with left_behind(members, room, victim, copy) if behind else nullcontext():
                await asyncio.sleep(UNCOPIED)
                members.servers[victim].kill()
            await asyncio.to_thread(until, lambda: holder(members, room, but=victim) == copy, "the replica takes over")
            # The new master has no replica: nothing can be promised until the dead one is back, as its replica.
            await asyncio.to_thread(until, partial(_says, node, "only 0 of 1 replicas have it"), "health says why")
            assert node.admin("/readyz")[0] == 200  # the other rooms go on
            await asyncio.to_thread(members.start, victim)

        crowd = await _goes_well(members, node, room, fail_over, database, back)
        assert not behind or all(one.resets > 1 for one in crowd.people)


async def test_a_frozen_master_that_wakes_up_behind_its_replica(
    members: Cluster, node: Node, archive: Worker, database: Pool, rounds: int, back: list[float]
) -> None:
    """It takes itself for the master still when it wakes up, and what was sent to it waits at its door."""
    for n in range(rounds):
        room = f"chat:{n + 1}"

        async def fail_over(room: str = room) -> None:
            victim = holder(members, room)
            os.kill(members.servers[victim].pid, signal.SIGSTOP)
            try:
                await asyncio.to_thread(
                    until, lambda: holder(members, room, but=victim) != victim, "the replica takes over"
                )
            finally:
                os.kill(members.servers[victim].pid, signal.SIGCONT)

        await _goes_well(members, node, room, fail_over, database, back)


async def _goes_well(
    members: Cluster, node: Node, room: str, fault: Callable[[], Awaitable[None]], database: Pool, back: list[float]
) -> Crowd:
    crowd = Crowd([node.url], room, anew=True)
    back.append(await survive(crowd, fault))
    await asyncio.to_thread(until, lambda: node.why() == [], "the node is well again")
    async with connect(members.url) as redis:
        found: Any = await redis.xrange(channels.log(room))
    events = [orjson.loads(fields[b"e"]) for _, fields in found]
    assert len(events) == len(crowd.ledger.log)
    crowd.ledger.check_read(events, "the new master")
    await _archived(database, room, crowd)
    return crowd


async def _archived(database: Pool, room: str, crowd: Crowd) -> None:
    """Postgres has the same, and nothing that was taken back."""
    away = set(crowd.ledger.retracted.values())
    expected = {at: None if at in away else text for at, text in crowd.ledger.said.items()}
    statement = 'select "offset", text from chat_message where room = $1'
    async with asyncio.timeout(60):
        while True:
            rows = [(row["offset"], row["text"]) for row in await database.fetch(statement, room)]
            if dict(rows) == expected:
                break
            await asyncio.sleep(0.2)
    assert len(rows) == len(expected)  # in one life of the room each


@contextmanager
def left_behind(members: Cluster, room: str, master: int, copy: int) -> Iterator[None]:
    """A replica gets nothing meanwhile, and nothing of it later if the master dies."""
    os.kill(members.servers[copy].pid, signal.SIGSTOP)
    try:
        with Redis(port=members.ports[master][0]) as client:
            client.set(f"{{{room}}}:stuffing", b"." * STUFFING, px=60_000)
        yield
    finally:
        os.kill(members.servers[copy].pid, signal.SIGCONT)


def holder(members: Cluster, room: str, *, but: int = -1) -> int:
    """Whom any member that answers takes for the master of a room's slot; `but` is not asked."""
    slot = slot_of(channels.log(room))
    for number, (asked, _) in enumerate(members.ports):
        if number != but:
            with Redis(port=asked, socket_timeout=1) as client:
                rows: Any = client.execute_command("CLUSTER SLOTS")
            port = next(master[1] for first, last, master, *_ in rows if first <= slot <= last)
            return next(n for n, (own, _) in enumerate(members.ports) if own == port)
    raise LookupError(room)


def replica(members: Cluster, master: int) -> int:
    """Who copies a master."""
    with Redis(port=members.ports[master][0]) as client:
        role: Any = client.execute_command("ROLE")
    [(_, port, _)] = role[2]
    return next(number for number, (own, _) in enumerate(members.ports) if own == int(port))


def _says(node: Node, sentence: str) -> bool:
    return any(sentence in why for why in node.why())
