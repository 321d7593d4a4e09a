"""One frame to many real sockets, in Python and in C: the same bytes, whoever is slow, half gone or newly come."""

import asyncio
import logging
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop

from config.services import Service
from realtime import broadcast, frames
from realtime.backlog import Backlog
from realtime.broadcast import Broadcast
from realtime.connection import Connection
from realtime.engine import connect
from realtime.errors import CLOSED_LEAVING, CLOSED_TOO_SLOW
from realtime.hub import Hub
from realtime.log import RedisLog
from realtime.stats import Stats
from realtime.tail import Tail
from realtime.visit import Host
from realtime.wheel import Wheel
from realtime.writer import Writer
from tests.realtime.node import ROOT, Node
from tests.realtime.node import until as wait_until
from tests.realtime.person import Person
from tests.realtime.test_handshake import CHROMIUM

PATIENCE = 20.0  # seconds
FRAMES = [frames.text(b"%06d " % n + b"x" * 5000) for n in range(200)]
ASIDE = frames.text(b"to one alone")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture(params=["python", "c"])
def way(request: pytest.FixtureRequest, folder: Path) -> Broadcast:
    """Both ways to write; a machine without a compiler has one."""
    chosen = broadcast.choose(request.param, folder)
    if request.param == "c" and chosen is broadcast.in_python:
        pytest.skip("there is no C compiler here (apt-get install gcc)")
    return chosen


@pytest.fixture(params=[asyncio.run, uvloop.run])
def run(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Both loops: the one of the library and the one that a worker runs on."""
    chosen: Callable[..., Any] = request.param
    return chosen


class Door:
    """A listening socket behind which connections are born, and those who come."""

    def __init__(self, host: Host, port: int, born: list[Connection]) -> None:
        self.host = host
        self._port = port
        self._born = born
        self._theirs: list[socket.socket] = []

    def close(self) -> None:
        """Everybody goes."""
        for one in self._born:
            one.cut(CLOSED_LEAVING, "the test is over")
        for theirs in self._theirs:
            theirs.close()

    async def come(self, *, reads: int = 1 << 20) -> tuple[socket.socket, Connection]:
        """One who has shaken hands; `reads` is what their side takes in without being read."""
        theirs = socket.socket()
        self._theirs.append(theirs)
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, reads)
        theirs.connect(("127.0.0.1", self._port))
        theirs.sendall(CHROMIUM)
        count = len(self._born)
        await until(lambda: len(self._born) > count and self._born[-1].open)
        theirs.setblocking(False)
        answer = await asyncio.get_running_loop().sock_recv(theirs, 4096)
        assert answer.startswith(b"HTTP/1.1 101 ")
        assert answer.endswith(b"\r\n\r\n")
        return theirs, self._born[-1]


@asynccontextmanager
async def door(way: Broadcast, *, budget: int = 1 << 30) -> AsyncIterator[Door]:
    """A worker's host without a Redis: nobody enters a room here."""
    loop = asyncio.get_running_loop()
    redis, stats = connect("redis://127.0.0.1:1"), Stats()
    hub = Hub(
        RedisLog(redis, redis),
        lambda heard, doubted: Tail(redis, lambda number: f"probe:{number}", heard=heard, restored=doubted),
        stats,
        loop.create_task,
    )
    host = Host(
        secret="",
        origins=frozenset({"https://veche.example"}),
        limit=1000,
        hub=hub,
        writer=Writer(RedisLog(redis, redis), lane=lambda room: ""),
        stats=stats,
        clock=time.time,
        spawn=loop.create_task,
        wheel=Wheel(int(loop.time())),
        backlog=Backlog(budget),
        direct=way is not broadcast.in_python,
    )
    born: list[Connection] = []

    def bear() -> Connection:
        born.append(Connection(host))
        return born[-1]

    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
    server = await loop.create_server(bear, sock=listening)
    house = Door(host, listening.getsockname()[1], born)
    try:
        yield house
    finally:
        server.close()
        house.close()
        await redis.aclose()
        await until(lambda: not host.visits)


async def until(happened: Callable[[], bool]) -> None:
    for _ in range(int(PATIENCE / 0.005)):
        if happened():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError("it never came true")


async def read(theirs: socket.socket, size: int) -> bytes:
    seen = b""
    async with asyncio.timeout(PATIENCE):
        while len(seen) < size:
            more = await asyncio.get_running_loop().sock_recv(theirs, 65_536)
            if not more:
                break
            seen += more
    return seen


async def tell_all(way: Broadcast, listeners: list[Connection]) -> dict[Connection, bytes]:
    """All frames to all, with a word to each alone in between; what everybody is to have got then."""
    took: dict[Connection, bytes] = dict.fromkeys(listeners, b"")
    for number, frame in enumerate(FRAMES):
        if number == 3:
            for one in listeners:
                one.say(b"to one alone")
                took[one] += ASIDE
        behind = way(listeners, frame)
        for one in listeners:
            if one not in behind:
                took[one] += frame
        await asyncio.sleep(0)
    return took


def test_everybody_gets_the_same_bytes_in_order_and_the_slow_as_far_as_they_go(
    way: Broadcast, run: Callable[..., Any]
) -> None:
    async def story() -> None:
        async with door(way) as house:
            whole = len(b"".join(FRAMES)) + len(ASIDE)
            quick = [await house.come() for _ in range(5)]
            slow = [await house.come(reads=4096) for _ in range(5)]
            reading = [asyncio.ensure_future(read(theirs, whole)) for theirs, _ in quick]
            took = await tell_all(way, [one for _, one in quick + slow])
            for (_, one), seen in zip(quick, reading, strict=True):
                assert await seen == took[one]
                assert len(took[one]) == whole
            for theirs, one in slow:
                assert len(took[one]) < whole
                assert one.choked
                assert await read(theirs, len(took[one])) == took[one]
                await until(lambda left=one: not left.choked)  # type: ignore[misc]  # a default binds the loop's one
                assert way([one], FRAMES[0]) == []
                assert await read(theirs, len(FRAMES[0])) == FRAMES[0]

    run(story())


def test_nothing_is_written_to_whoever_inherits_a_descriptor(way: Broadcast, run: Callable[..., Any]) -> None:
    async def story() -> None:
        async with door(way) as house:
            crowd = [await house.come() for _ in range(10)]
            listeners = [one for _, one in crowd]
            heirs = []
            for theirs, one in crowd[:5]:
                theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                theirs.close()  # a reset: the next write fails
                way(listeners, FRAMES[0])
                await until(lambda left=one: left not in house.host.visits)  # type: ignore[misc]  # as above
                heirs.append(await house.come())  # takes the lowest free descriptor
                way(listeners, FRAMES[1])
            told = b"".join((FRAMES[0] + FRAMES[1]) for _ in range(5))
            for theirs, _ in crowd[5:]:
                assert await read(theirs, len(told)) == told
            for theirs, one in heirs:
                one.say(b"to one alone")
                assert await read(theirs, len(ASIDE)) == ASIDE

    run(story())


def test_nothing_is_written_behind_a_good_bye(way: Broadcast, run: Callable[..., Any]) -> None:
    async def story() -> None:
        async with door(way) as house:
            theirs, one = await house.come()
            one.close(CLOSED_LEAVING, "bye")
            assert one.fd == -1
            assert way([one], FRAMES[0]) == []
            farewell = frames.close(frames.farewell(CLOSED_LEAVING, "bye"))
            one.cut(CLOSED_LEAVING, "bye")
            assert await read(theirs, 10_000) == farewell

    run(story())


def test_when_too_many_bytes_wait_the_biggest_go_first(way: Broadcast) -> None:
    async def story() -> None:
        async with door(way, budget=400_000) as house:
            slow = [await house.come(reads=4096) for _ in range(10)]
            listeners = [one for _, one in slow]
            for frame in FRAMES[:30]:  # 150 KB each: all of them fill their own limit
                way(listeners, frame)
            sizes = {one: one.unsent for one in listeners}
            assert sum(sizes.values()) > 400_000
            house.host.backlog.weigh()
            gone = [one for one in listeners if not one.open]
            left = [one for one in listeners if one.open]
            assert gone
            assert left
            assert sum(one.unsent for one in left) <= 400_000
            assert min(sizes[one] for one in gone) >= max(sizes[one] for one in left)
            await until(lambda: house.host.stats.closes[CLOSED_TOO_SLOW] == len(gone))

    uvloop.run(story())


# Choosing


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO, logger="realtime.broadcast"):
        yield caplog


def test_without_a_compiler_it_is_python_and_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert broadcast.choose("auto", tmp_path / "compiled") is broadcast.in_python
    assert [record.levelname for record in heard.records] == ["INFO"]
    assert "no compiler" in heard.text


def test_a_compiler_that_fails_is_named_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: pytest.LogCaptureFixture
) -> None:
    cc = tmp_path / "cc"
    cc.write_text("#!/bin/sh\necho 'no such header' >&2\nexit 1\n")
    cc.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert broadcast.choose("c", tmp_path / "compiled") is broadcast.in_python
    assert [record.levelname for record in heard.records] == ["WARNING"]
    assert "cc failed: no such header" in heard.text
    assert not list((tmp_path / "compiled").iterdir())


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path: Path, heard: pytest.LogCaptureFixture) -> None:
    taken = tmp_path / "compiled"
    taken.write_text("a file where the folder should be")
    assert broadcast.choose("auto", taken) is broadcast.in_python
    assert "in Python" in heard.text


def test_a_library_that_cannot_be_loaded_is_no_trouble(folder: Path, tmp_path: Path, way: Broadcast) -> None:
    for compiled in folder.iterdir():
        (tmp_path / compiled.name).write_bytes(b"no library at all")
        assert broadcast.choose("c", tmp_path) is broadcast.in_python


def test_many_nodes_may_start_at_once(tmp_path: Path) -> None:
    code = "import sys, pathlib, realtime.broadcast as b; print(b.choose('auto', pathlib.Path(sys.argv[1])))"
    command = [sys.executable, "-c", code, str(tmp_path)]
    starting = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    said = {one.communicate(timeout=PATIENCE)[0].partition(" at ")[0] for one in starting}
    assert len(said) == 1
    assert {one.returncode for one in starting} == {0}
    assert [path.suffix for path in tmp_path.iterdir()] in ([".so"], [])


@pytest.mark.parametrize("chosen", ["python", "c"])
async def test_a_node_says_which_way_it_writes(own_redis: Service, tmp_path: Path, chosen: str, folder: Path) -> None:
    if chosen == "c" and broadcast.choose("c", folder) is broadcast.in_python:
        pytest.skip("there is no C compiler here (apt-get install gcc)")
    var = tmp_path / "var"
    with Node(own_redis.url, tmp_path, workers=1, REALTIME_BROADCAST=chosen, VECHE_VAR=str(var)) as node:
        people = [Person(node, user, "chat:1") for user in range(1, 4)]
        for person in people:
            await person.__aenter__()
        for person in people:
            await person.says("hello")
        for person in people:
            await person.hears(3)
            await person.__aexit__()
        wait_until(lambda: node.metric("veche_broadcast_c") == (chosen == "c"), "the worker reported")
        assert (var / "compiled").exists() == (chosen == "c")
    assert "Traceback" not in node.logged
