"""The master: new code without a closed door, and what it does with the hung, the heavy and the drained."""

import asyncio
import itertools
import json
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from realtime import doors
from tests.realtime.crowd import ROOM, survive
from tests.realtime.node import ROOT, SECRET, Node, runs, until, until_reloaded
from tests.realtime.person import Person
from tests.store import Store

OLD_SENTENCE = "This is not a message: send one JSON object with id and do."
NEW_SENTENCE = "This is no message at all."


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the node's code that a test may change."""
    for room in ("config", "realtime"):
        shutil.copytree(ROOT / room, tmp_path / "house" / room, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "house"


@pytest.fixture
def house(own_redis: Store, checkout: Path, tmp_path: Path) -> Iterator[Node]:
    """A node that runs from the copy, with settings in a file."""
    (checkout / "settings").write_text(f"export VECHE_SECRET='{SECRET}'  # the same as everywhere\nNODE_NAME=before\n")
    with Node(
        own_redis.url,
        tmp_path,
        root=checkout,
        words=["--settings", "settings"],
        PYTHONDONTWRITEBYTECODE="1",  # a file changed twice within a second must not be taken for its old self
        ADMIN_TOKEN="only ops know this",
    ) as node:
        yield node


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def what_it_says(node: Node) -> str:
    """The sentence with which a socket of this node refuses nonsense."""
    with socket_to(node) as wire:
        wire.send("nonsense")
        return str(json.loads(wire.recv(timeout=10))["no"]["text"])


def socket_to(node: Node) -> ClientConnection:
    return connect(node.url, subprotocols=[Subprotocol("veche.1")], compression=None, open_timeout=10)


def knock_once(node: Node) -> None:
    with socket_to(node):
        pass


def hear_out(wire: ClientConnection) -> None:
    """Everything, until the server hangs up."""
    while True:
        wire.recv(timeout=15)


async def knock(node: Node, over: asyncio.Event) -> int:
    """Connect again and again until it is over; how often. Raises when a connection is refused or cut short."""
    for count in itertools.count(1):
        await asyncio.to_thread(knock_once, node)
        if over.is_set():
            return count
    raise AssertionError


async def test_a_reload_brings_new_code_and_settings_and_refuses_nobody(house: Node, checkout: Path) -> None:
    before, over = set(house.workers), asyncio.Event()
    assert what_it_says(house) == OLD_SENTENCE
    knocking = asyncio.create_task(knock(house, over))

    async def reload() -> None:
        edit(checkout / "realtime" / "errors.py", OLD_SENTENCE, NEW_SENTENCE)
        (checkout / "settings").write_text("NODE_NAME=after\nREALTIME_WORKERS=3\n")
        house.signal(signal.SIGHUP)
        await asyncio.to_thread(until_reloaded, lambda: house.metric("veche_reloads_total") == 1, "the new code runs")
        await asyncio.to_thread(
            until_reloaded,
            lambda: len(house.workers) == 3 and before.isdisjoint(house.workers),
            "the old ones have left",
        )

    await survive(house, reload)
    over.set()
    assert await knocking > 10
    assert {what_it_says(house) for _ in range(10)} == {NEW_SENTENCE}
    assert "after" in house.admin("/fleet", **house.bearer)[1]
    assert house.why() == []


def test_fewer_workers_after_a_reload_serve_every_door(house: Node, checkout: Path) -> None:
    (checkout / "settings").write_text("REALTIME_WORKERS=1\n")
    house.signal(signal.SIGHUP)
    until_reloaded(lambda: len(house.workers) == 1, "one worker is left")
    assert {what_it_says(house) for _ in range(20)} == {OLD_SENTENCE}
    assert house.why() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("realtime/hub.py", "class Hub:", "class Hub(:", "SyntaxError: invalid syntax"),
        ("settings", "NODE_NAME=before", "REALTIME_WORKERS=many", "REALTIME_WORKERS must be a number between 1 and"),
        ("realtime/worker.py", "    uvloop.run(", "    sys.exit(uvloop", "died with exit 1"),
    ],
    ids=["syntax", "settings", "start"],
)
def test_new_code_that_does_not_start_changes_nothing(
    house: Node, checkout: Path, file: str, old: str, new: str, sentence: str
) -> None:
    before = house.workers
    edit(checkout / file, old, new)
    house.signal(signal.SIGHUP)
    until_reloaded(lambda: house.metric("veche_reload_failed") == 1, "the reload is given up")
    assert house.workers == before
    assert what_it_says(house) == OLD_SENTENCE
    status, body = house.admin("/healthz")
    assert status == 200
    assert sentence in json.loads(body)["notes"][0]
    assert house.logged.count(" stay") == 1
    told = house.check()
    if "died" not in sentence:  # what fails only when it serves, no check can tell
        assert (told.returncode, "Traceback" in house.logged) == (1, False)
        assert sentence in told.stderr


def test_new_processes_that_die_together_are_given_up_once(house: Node, checkout: Path) -> None:
    before, master = house.children, house.process.pid
    edit(checkout / "realtime/worker.py", "    uvloop.run(", "    time.sleep(2); sys.exit(uvloop")
    house.signal(signal.SIGHUP)
    until_reloaded(lambda: len(house.children) == 2 * len(before), "the new ones are there")
    house.signal(signal.SIGSTOP)  # so that both have died when the master looks again
    try:
        coming = [pid for pid in house.children if pid not in before]
        until(lambda: sum(not runs(pid) for pid in coming) == 2, "both new workers are dead")
    finally:
        os.kill(master, signal.SIGCONT)
    until_reloaded(lambda: house.metric("veche_reload_failed") == 1, "the reload is given up")
    assert (house.process.pid, house.process.poll()) == (master, None)
    until(lambda: sorted(house.children) == sorted(before), "the old ones alone are left")


def test_a_reload_that_failed_is_repeated_with_better_code(house: Node, checkout: Path) -> None:
    before = set(house.workers)
    hub = (checkout / "realtime" / "hub.py").read_text()
    (checkout / "realtime" / "hub.py").write_text("def broken(:\n")
    house.signal(signal.SIGHUP)
    until_reloaded(lambda: house.metric("veche_reload_failed") == 1, "the reload is given up")
    (checkout / "realtime" / "hub.py").write_text(hub)
    assert house.check().returncode == 0
    house.signal(signal.SIGHUP)
    until_reloaded(lambda: before.isdisjoint(house.workers), "all workers are new")
    until(lambda: house.metric("veche_reload_failed") == 0, "the trouble is forgotten")


async def test_a_worker_that_hangs_is_killed_and_replaced(node: Node) -> None:
    victim = node.workers[0]

    async def freeze() -> None:
        os.kill(victim, signal.SIGSTOP)
        await asyncio.to_thread(until, lambda: node.why() == ["Worker 0 does not report."], "health is red")
        await asyncio.to_thread(until, lambda: not Path(f"/proc/{victim}").exists(), "the hung one is killed")

    await survive(node, freeze, people=14)  # the kernel deals them out; somebody gets the victim
    until(lambda: node.why() == [] and node.metric("veche_workers_hung_total") == 1, "another has taken its place")
    assert f"worker 0 (pid {victim}) is hung" in node.logged


async def test_a_node_that_was_frozen_as_a_whole_kills_nobody(node: Node) -> None:
    before = node.workers
    for pid in (node.process.pid, *before):
        os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(10)  # longer than the silence after which a worker counts as hung
    for pid in (*before, node.process.pid):
        os.kill(pid, signal.SIGCONT)
    until(lambda: node.why() == [], "it delivers again")
    assert (node.workers, node.metric("veche_workers_hung_total")) == (before, 0)


async def test_a_worker_above_its_memory_is_replaced_once(own_redis: Store, tmp_path: Path) -> None:
    with Node(own_redis.url, tmp_path, workers=1, REALTIME_MEMORY="8") as node:
        crowd = [Person(node, user, ROOM) for user in range(1, 6)]
        for person in crowd:
            await person.__aenter__()
        until(lambda: node.metric("veche_workers_recycled_total") == 1, "it is replaced")
        [old, *_] = node.workers
        until(lambda: old not in node.workers and len(node.workers) == 1, "the old one has left")
        young = node.workers
        await crowd[0].says("still here")
        for person in crowd:
            await person.until(lambda heard=person: heard.texts == ["still here"])  # type: ignore[misc]  # bound now
            await person.__aexit__()
        await asyncio.sleep(3)
        assert node.workers == young  # a ceiling below what any worker needs must not churn
        assert node.logged.count("is above REALTIME_MEMORY") == 1


def test_a_low_limit_of_open_files_is_named_and_never_exceeded(own_redis: Store, tmp_path: Path) -> None:
    files = doors.KEPT_FREE + 40
    with Node(own_redis.url, tmp_path, workers=1, files=files) as node, ExitStack() as held:
        assert "Each worker holds 40 sockets instead of 20000" in node.logged
        visitors = [held.enter_context(socket_to(node)) for _ in range(40)]
        for _ in range(60):
            with pytest.raises(Exception, match="HTTP 503"):
                knock_once(node)
        strangers = [held.enter_context(socket.create_connection(("127.0.0.1", node.port))) for _ in range(120)]
        until(lambda: node.metric("veche_refusals_total") >= 60 and node.why() == [], "it is healthy, and says so")
        assert visitors[0].ping().wait(10)
        for stranger in strangers:
            stranger.close()
        assert "Traceback" not in node.logged


def test_a_limit_that_lets_nobody_in_is_one_sentence(own_redis: Store, tmp_path: Path) -> None:
    node = Node(own_redis.url, tmp_path, files=doors.KEPT_FREE)
    with pytest.raises(AssertionError, match=r"A worker needs \d+ open files at least"):
        node.__enter__()
    assert node.process.returncode == 1


async def test_a_drained_node_empties_itself_and_serves_again(own_redis: Store, tmp_path: Path) -> None:
    with Node(own_redis.url, tmp_path, ADMIN_TOKEN="only ops know this") as node, ExitStack() as held:
        wires = [held.enter_context(socket_to(node)) for _ in range(20)]
        assert node.press("drain") == 303
        until(lambda: node.admin("/readyz")[0] == 503, "a balancer is told")
        assert node.why() == []
        for wire in wires:
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.to_thread(hear_out, wire)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
        with pytest.raises(Exception, match="HTTP 503"):
            knock_once(node)
        assert len(node.workers) == 2
        assert node.press("serve") == 303
        until(lambda: node.admin("/readyz")[0] == 200, "a balancer is told")
        knock_once(node)


async def test_a_drain_that_is_taken_back_in_time_sends_nobody_away(own_redis: Store, tmp_path: Path) -> None:
    with Node(own_redis.url, tmp_path, ADMIN_TOKEN="only ops know this") as node, socket_to(node) as wire:
        node.press("drain")
        until(lambda: node.admin("/readyz")[0] == 503, "a balancer is told")
        node.press("serve")
        until(lambda: node.admin("/readyz")[0] == 200, "a balancer is told")
        await asyncio.sleep(6)  # past the moment when it would have begun
        assert wire.ping().wait(10)


def test_ops_replace_one_worker(own_redis: Store, tmp_path: Path) -> None:
    with Node(own_redis.url, tmp_path, ADMIN_TOKEN="only ops know this") as node:
        first, second = node.workers
        assert node.press("replace", pid=first) == 303
        until(lambda: first not in node.workers and len(node.workers) == 2, "another has taken its place")
        assert second in node.workers
