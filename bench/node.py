"""A Valkey and a node of the socket server, as anybody would start them; all it starts it stops, each by its own id."""

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
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

HOUSE = Path(__file__).parent.parent
START = 30.0  # seconds until everything answers
STOP = 10.0  # seconds a process gets to leave by itself
SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, prctl(2)


class CannotStart(Exception):
    """Why there is nothing to measure, in a sentence."""


@dataclass(frozen=True, slots=True)
class Node:
    """Where a node is and how to be let in."""

    host: str
    port: int
    path: str
    pid: int | None  # of the master; None: somebody else's node, whose CPU we cannot see
    environ: dict[str, str]  # holds the secret that signs passes

    async def passes(self, room: str, *, count: int) -> list[str]:
        """Passes for persons 1, 2, 3 ... who may write in a room."""
        words = ("pass", "--user", "1", "--name", "Stranger", "--room", room, "--may", "say", "--count", str(count))
        printing = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "realtime", *words), cwd=HOUSE, env=self.environ, stdout=PIPE, stderr=PIPE
        )
        printed, complaint = await printing.communicate()
        if printing.returncode:
            raise CannotStart(f"No passes were issued: {complaint.decode().strip()}")
        return printed.decode().split()


@contextlib.asynccontextmanager
async def running(*, workers: int, redis_url: str | None) -> AsyncIterator[Node]:
    """A node of so many workers on ports of its own, with a Valkey of its own unless an address is given."""
    async with contextlib.AsyncExitStack() as started:
        folder = Path(started.enter_context(tempfile.TemporaryDirectory(prefix="veche-bench-")))
        if redis_url is None:
            redis_url = await _redis(folder, started)
        port, admin = _free_ports(2)
        environ = {
            **_environ(),
            "VECHE_SECRET": secrets.token_urlsafe(32),
            "VECHE_VAR": str(folder / "var"),
            "REDIS_URL": redis_url,
            "REALTIME_PORT": str(port),
            "REALTIME_WORKERS": str(workers),
            "ADMIN_PORT": str(admin),
        }
        log = started.enter_context((folder / "node.log").open("wb"))
        master = await _start(started, "realtime", environ=environ, stdout=log.fileno())
        try:
            await _ready(master, f"http://127.0.0.1:{admin}/readyz")
        except CannotStart as why:
            raise CannotStart(f"{why} It said: {(folder / 'node.log').read_text().strip() or 'nothing'}") from None
        yield Node("127.0.0.1", port, "/ws", master.pid, environ)


async def _redis(folder: Path, started: contextlib.AsyncExitStack) -> str:
    service = await _start(
        started, "config", "services", "--only", "redis", str(folder), environ=_environ(), stdout=PIPE
    )
    assert service.stdout is not None
    try:
        async with asyncio.timeout(START):
            line = await service.stdout.readline()
    except TimeoutError:
        line = b""
    if not line:
        raise CannotStart("No Valkey came up; try `python -m config services --only redis FOLDER`.")
    address: str = json.loads(line)["REDIS_URL"]
    return address


async def _start(started: contextlib.AsyncExitStack, *words: str, environ: dict[str, str], stdout: int) -> Process:
    """`python -m words` that leaves with the stack, and with this process even if that is killed."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *words),
        cwd=HOUSE,
        env=environ,
        stdin=PIPE,
        stdout=stdout,
        stderr=stdout if stdout != PIPE else None,
        start_new_session=True,  # Ctrl-C is for the bench, which then stops the others in order
        preexec_fn=_leave_with_parent,
    )
    started.push_async_callback(_stop, child)
    return child


def _leave_with_parent() -> None:
    ctypes.CDLL(None).prctl(SET_DEATH_SIGNAL, signal.SIGTERM)


async def _stop(child: Process) -> None:
    if child.returncode is None:
        child.terminate()
        try:
            async with asyncio.timeout(STOP):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()


async def _ready(master: Process, url: str) -> None:
    try:
        async with asyncio.timeout(START):
            while not await asyncio.to_thread(_answers, url):
                if master.returncode is not None:
                    raise CannotStart("The node left at once.")
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise CannotStart(f"The node was not ready within {START:.0f} s.") from None


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
