"""A Valkey and nodes of the socket server, as anybody would start them; all it starts it stops, each by its own id."""

import asyncio
import contextlib
import ctypes
import json
import os
import secrets
import signal
import socket
import sys
import tempfile
import urllib.error
import urllib.request
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench import meter

HOUSE = Path(__file__).parent.parent
START = 30.0  # seconds until everything answers
STOP = 10.0  # seconds a process gets to leave by itself
SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, prctl(2)
STORES = ("valkey-server", "redis-server")


class CannotStart(Exception):
    """Why there is nothing to measure, in a sentence."""


@dataclass(slots=True)
class Node:
    """Where a server is and how to be let in."""

    host: str
    port: int
    path: str
    pid: int | None  # of the master; None: somebody else's node, whose CPU we cannot see
    environ: dict[str, str]  # holds the secret that signs passes
    admin: int = 0  # port of its thin admin

    @property
    def family(self) -> list[int]:
        """All its processes."""
        return [] if self.pid is None else meter.family(self.pid)

    async def passes(self, *rooms: str, count: int, may: str = "say", first: int = 1) -> list[str]:
        """Passes for so many persons from the `first` on, with these rights in these rooms."""
        words = ["pass", "--user", str(first), "--name", "Stranger", "--may", may, "--count", str(count)]
        for room in rooms:
            words += ["--room", room]
        printing = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "realtime", *words), cwd=HOUSE, env=self.environ, stdout=PIPE, stderr=PIPE
        )
        printed, complaint = await printing.communicate()
        if printing.returncode:
            raise CannotStart(f"No passes were issued: {complaint.decode().strip()}")
        return printed.decode().split()


@dataclass(slots=True)
class Fleet:
    """Some nodes on one Redis. Each may be killed and started again."""

    folder: Path
    started: contextlib.AsyncExitStack = field(repr=False)
    environ: dict[str, str] = field(repr=False)
    nodes: list[Node] = field(default_factory=list)
    store: int = 0  # process id of Redis; 0: it is somebody else's
    _service: Process | None = field(default=None, repr=False)  # what runs Redis

    @property
    def node(self) -> Node:
        """The first one; mostly the only one."""
        return self.nodes[0]

    async def start_redis(self) -> None:
        """A Valkey of our own, with the shipped durability; again, with the data it had."""
        words = ("config", "services", "--only", "redis", str(self.folder))
        service = await start(self.started, sys.executable, "-m", *words, environ=_environ(), stdout=PIPE)
        assert service.stdout is not None
        try:
            async with asyncio.timeout(START):
                line = await service.stdout.readline()
        except TimeoutError:
            line = b""
        if not line:
            raise CannotStart("No Valkey came up; try `python -m config services --only redis FOLDER`.")
        self.environ["REDIS_URL"] = json.loads(line)["REDIS_URL"]
        self.store = next(pid for pid in meter.family(service.pid) if meter.name(pid) in STORES)
        self._service = service

    async def restart_redis(self, *, down: float) -> None:
        """Kill -9, a pause, then the same again."""
        assert self._service is not None
        os.kill(self.store, signal.SIGKILL)
        await _stop(self._service)
        await asyncio.sleep(down)
        await self.start_redis()

    async def start_node(self, *, workers: int) -> Node:
        """One node more, on ports of its own."""
        port, admin = _free_ports(2)
        ports = {"REALTIME_PORT": str(port), "REALTIME_WORKERS": str(workers), "ADMIN_PORT": str(admin)}
        node = Node("127.0.0.1", port, "/ws", None, {**self.environ, **ports}, admin)
        await self.restart_node(node)
        self.nodes.append(node)
        return node

    async def restart_node(self, node: Node) -> None:
        """Start a node (again), until it is ready."""
        log = self.folder / f"node-{node.port}.log"
        out = self.started.enter_context(log.open("ab"))
        command = (sys.executable, "-m", "realtime")
        master = await start(self.started, *command, environ=node.environ, stdout=out.fileno(), core=meter.SERVER)
        node.pid = master.pid
        try:
            await _until(lambda: _answers(f"http://127.0.0.1:{node.admin}/readyz"), master, "The node")
        except CannotStart as why:
            raise CannotStart(f"{why} It said: {log.read_text().strip()[-500:] or 'nothing'}") from None


@contextlib.asynccontextmanager
async def fleet(*, workers: int, redis_url: str | None = None, nodes: int = 1) -> AsyncIterator[Fleet]:
    """So many nodes of so many workers, with a Valkey of their own unless an address is given."""
    async with contextlib.AsyncExitStack() as started:
        folder = Path(started.enter_context(tempfile.TemporaryDirectory(prefix="veche-bench-")))
        environ = {**_environ(), "VECHE_SECRET": secrets.token_urlsafe(32), "VECHE_VAR": str(folder / "var")}
        ours = Fleet(folder, started, environ)
        if redis_url is None:
            await ours.start_redis()
        else:
            environ["REDIS_URL"] = redis_url
        for _ in range(nodes):
            await ours.start_node(workers=workers)
        yield ours


async def start(
    started: contextlib.AsyncExitStack,
    *words: str,
    environ: dict[str, str],
    stdout: int,
    core: int = meter.LOAD,
    folder: str | Path = HOUSE,
) -> Process:
    """A program that leaves with the stack, and with this process even if that is killed."""

    def settle_in() -> None:
        ctypes.CDLL(None).prctl(SET_DEATH_SIGNAL, signal.SIGTERM)
        meter.pin(core)

    child = await asyncio.create_subprocess_exec(
        *words,
        cwd=folder,
        env=environ,
        stdin=PIPE,
        stdout=stdout,
        stderr=stdout if stdout != PIPE else None,
        start_new_session=True,  # Ctrl-C is for the bench, which then stops the others in order
        preexec_fn=settle_in,
        limit=1 << 20,
    )
    started.push_async_callback(_stop, child)
    return child


async def _stop(child: Process) -> None:
    if child.returncode is None:
        child.terminate()
        try:
            async with asyncio.timeout(STOP):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()


async def _until(ready: Callable[[], bool], child: Process, who: str) -> None:
    try:
        async with asyncio.timeout(START):
            while not await asyncio.to_thread(ready):
                if child.returncode is not None:
                    raise CannotStart(f"{who} left at once.")
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise CannotStart(f"{who} was not ready within {START:.0f} s.") from None


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        doors = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [door.getsockname()[1] for door in doors]


def _environ() -> dict[str, str]:
    """What children need of our environment; nothing of the program's own settings, whatever this shell has."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}
