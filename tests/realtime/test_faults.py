"""What was acknowledged is found again, in order, once: through kills, restarts, reloads and cut wires."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio.connection import parse_url
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.operator import Operator
from tests.realtime.crowd import PACE, ROOM, survive
from tests.realtime.node import Node, token, until, until_reloaded
from tests.realtime.person import Person
from tests.realtime.proxy import Proxy
from tests.store import Store


async def test_a_worker_killed_under_load_loses_and_doubles_nothing(node: Node) -> None:
    victim = node.workers[0]

    async def kill() -> None:
        os.kill(victim, signal.SIGKILL)

    crowd = await survive(node, kill, people=14)  # the kernel deals them out; somebody gets the victim
    assert any(person.client.connects > 1 for person in crowd)
    until(lambda: victim not in node.workers and node.why() == [], "the dead worker is replaced")
    assert "SIGKILL" in node.logged


async def test_a_reload_under_load_refuses_nobody(node: Node) -> None:
    before = set(node.workers)

    async def reload() -> None:
        node.signal(signal.SIGHUP)

    await survive(node, reload)
    until_reloaded(lambda: before.isdisjoint(node.workers) and node.why() == [], "all workers are new")
    assert "replacing" not in node.logged


async def test_redis_killed_and_restarted_under_load_loses_nothing(node: Node, own_redis: Store) -> None:
    async def crash() -> None:
        own_redis.kill(ROOM)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(own_redis.start, ROOM)

    await survive(node, crash)
    until(lambda: node.why() == [], "the node hears Redis again")


async def test_a_frozen_redis_is_noticed_and_loses_nothing(node: Node, own_redis: Store) -> None:
    async def freeze() -> None:
        with own_redis.frozen(ROOM):
            await asyncio.to_thread(until, lambda: node.why() != [], "the node says that it is deaf")

    await survive(node, freeze)
    until(lambda: node.why() == [], "the node hears Redis again")


async def test_a_reader_cut_off_from_redis_heals_from_the_log(node: Node, own_redis: Store) -> None:
    async with Operator(own_redis.url) as redis:

        async def cut() -> None:
            for _ in range(5):
                await redis.client_kill_filter(_type="pubsub")
                await asyncio.sleep(PACE)

        await survive(node, cut)


@pytest.mark.one_server  # masters of a cluster name their own addresses, past this network
async def test_cut_wires_to_redis_lose_nothing(own_redis: Store, tmp_path: Path) -> None:
    """Redis is another machine, and the network between drops every connection again and again."""
    async with Proxy(parse_url(own_redis.url)["path"]) as network:

        async def cut() -> None:
            for _ in range(100):
                network.cut()
                await asyncio.sleep(PACE / 2)

        node = Node(network.url, tmp_path)
        try:
            await asyncio.to_thread(node.__enter__)
            before = node.workers
            await survive(node, cut)
            await asyncio.to_thread(until, lambda: node.why() == [], "the node hears Redis again")
            assert node.workers == before
            assert "Traceback" not in node.logged
        finally:
            await asyncio.to_thread(node.__exit__)


async def test_a_redis_that_lost_everything_begins_a_new_life_for_all(node: Node, own_redis: Store) -> None:
    async with Operator(own_redis.url) as redis, Person(node, 1, ROOM) as anna, Person(node, 2, ROOM) as boris:
        await anna.says("before")
        await boris.hears(1)
        await redis.flushall()
        assert await boris.says("after") == 1
        await anna.until(lambda: anna.texts == ["after"])
        await boris.until(lambda: boris.texts == ["after"])
        assert anna.resets == 2  # the first join, and the new life


async def test_a_slow_reader_is_left_behind_catches_up_and_hinders_nobody(node: Node) -> None:
    """A frozen phone holds 64 KiB of the server's memory, not everything that is said meanwhile."""
    with frozen_phone(node) as slow:
        crowd = [Person(node, user, ROOM) for user in range(10, 30)]
        for person in crowd:
            await person.__aenter__()
        long_text = "ы" * 1900
        await asyncio.gather(*(person.says(long_text) for person in crowd for _ in range(5)))
        for person in crowd:
            await person.hears(100)
        until(lambda: node.metric("veche_choked_total") >= 1, "the slow one is noticed")
        until(lambda: node.metric("veche_unsent_bytes") < 2 * 65_536, "only the slow one is waited for")
        heard = await asyncio.to_thread(wakes_up, slow, 100)
        assert heard == crowd[0].heard
        for person in crowd:
            await person.__aexit__()


@contextmanager
def frozen_phone(node: Node) -> Iterator[ClientConnection]:
    """Somebody who joined and then reads nothing."""
    bare = socket.socket()
    bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    bare.connect(("127.0.0.1", node.port))
    with connect(node.url, sock=bare, subprotocols=[Subprotocol("veche.1")], compression=None, max_queue=1) as phone:
        phone.send(json.dumps({"id": 1, "do": "hello", "token": token(1)}))
        phone.send(json.dumps({"id": 2, "do": "join", "room": ROOM}))
        assert [json.loads(phone.recv(timeout=10))["re"] for _ in range(2)] == [1, 2]
        yield phone


def wakes_up(phone: ClientConnection, count: int) -> list[dict[str, Any]]:
    """Everything that was said meanwhile, as the phone hears it in the end."""
    heard: list[dict[str, Any]] = []
    while len(heard) < count:
        heard += [event for event in json.loads(phone.recv(timeout=10)) if "at" in event]  # no hints, such as counts
    return heard


async def test_a_node_told_to_stop_says_good_bye_and_leaves(node: Node) -> None:
    async with Person(node, 1, ROOM) as anna:
        await anna.says("hi")
        node.signal(signal.SIGTERM)
        assert await asyncio.to_thread(node.process.wait, 10) == 0
    assert "Killing" not in node.logged


def test_workers_leave_when_their_master_is_killed(node: Node) -> None:
    workers = node.workers
    node.process.kill()
    node.process.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), "no orphan is left")


def test_a_busy_port_is_one_sentence_and_an_exit(node: Node, own_redis: Store, tmp_path: Path) -> None:
    second = Node(own_redis.url, tmp_path, REALTIME_PORT=str(node.port))
    with pytest.raises(AssertionError, match=f"Cannot listen on 127.0.0.1:{node.port}"):
        second.__enter__()
    assert second.process.returncode == 1
    assert len(second.logged.splitlines()) == 1


def test_the_page_for_ops_shows_the_workers(node: Node) -> None:
    status, page = node.admin("/")
    assert status == 200
    assert all(str(pid) in page for pid in node.workers)
    assert node.admin("/readyz")[0] == 200


def test_the_page_for_ops_wants_its_token(own_redis: Store, tmp_path: Path) -> None:
    with Node(own_redis.url, tmp_path, ADMIN_TOKEN="only ops know this") as node:
        assert node.admin("/")[0] == 403
        assert node.admin("/metrics", Authorization="Bearer wrong")[0] == 403
        assert node.admin("/metrics", Authorization="Bearer only ops know this")[0] == 200
        assert node.admin("/healthz")[0] == 200
