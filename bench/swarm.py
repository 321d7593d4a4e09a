"""The swarm (swarm.c) from Python: built once, told an order a line, telling what it saw. It measures no server."""

import asyncio
import contextlib
import hashlib
import json
import os
import secrets
import shutil
import subprocess
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import meter, node
from bench.node import CannotStart, Node

HERE = Path(__file__).parent
BUILT = HERE.parent / "var" / "bench"
WARNINGS = ("-O2", "-Wall", "-Wextra", "-Werror")
PATIENCE = 900.0  # seconds for one order
AT_ONCE = 64  # handshakes in flight; the kernel queues 4096, but nobody's hall opens like that
LETTERS = 50  # of a text, which makes an event of about 200 bytes

Report = dict[str, Any]  # what swarm.c prints: counts, times in seconds, troubles


class Broken(Exception):
    """A promise was not kept, in a sentence: a server that loses a message has no number here."""


def compiler() -> str | None:
    """Where a C compiler is, if there is one."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def build(name: str) -> Path:
    """The program made of name.c, made again only when a source has changed. Raises CannotStart."""
    cc = compiler()
    if cc is None:
        raise CannotStart("There is no C compiler (Debian: apt-get install gcc libc6-dev).")
    sources = b"".join(file.read_bytes() for file in sorted(HERE.glob("*.[ch]")))
    made = BUILT / f"{name}-{hashlib.sha256(sources).hexdigest()[:12]}"
    if made.exists():
        return made
    BUILT.mkdir(parents=True, exist_ok=True)
    unfinished = made.with_suffix(f".{os.getpid()}")
    complaint = ""
    for extra in (("-DSQUEEZE", "-lz"), ()) if name == "swarm" else ((),):
        words = [cc, *WARNINGS, "-o", str(unfinished), str(HERE / f"{name}.c"), *extra]
        tried = subprocess.run(words, capture_output=True, text=True, check=False)
        if not tried.returncode:
            unfinished.rename(made)
            return made
        complaint = tried.stderr
    raise CannotStart(f"{name}.c could not be compiled: {complaint.strip()[:500]}")


@dataclass(slots=True)
class Swarm:
    """Many sockets in one process of their own."""

    child: Process

    async def order(self, *words: object) -> dict[str, Any]:
        """Tell it something and wait until it is done. Raises CannotStart with what went wrong."""
        answer = await self.try_order(*words)
        if not answer.get("ok", True):
            raise CannotStart(f"The swarm could not do `{words[0]}`: {answer.get('why')}. {await self._troubles()}")
        return answer

    async def try_order(self, *words: object) -> dict[str, Any]:
        """The same, with `ok` false when it could not be done."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        if self.child.stdin.is_closing():
            raise CannotStart("The swarm died.")
        self.child.stdin.write((" ".join(map(str, words)) + "\n").encode())
        async with asyncio.timeout(PATIENCE):
            line = await self.child.stdout.readline()
        if not line:
            raise CannotStart("The swarm died.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def enter(self, clients: int, *rooms: str, at_once: int = AT_ONCE) -> None:
        """So many sockets, each in all these rooms."""
        await self.order("open", clients, at_once)
        await self.order("enter", at_once, "all", *rooms)

    async def settle(self, patience: float = 20.0) -> Report:
        """Wait until everybody heard everything; what was seen since the last report. Raises Broken."""
        seen = await self.try_settle(patience)
        if seen["trouble_count"]:
            raise Broken(f"{seen['trouble_count']} troubles: {'; '.join(seen['troubles'][:5])}")
        return seen

    async def try_settle(self, patience: float = 20.0) -> Report:
        """The same; troubles are in the report."""
        done = await self.try_order("settle", patience)
        seen = await self.report()
        if not done["ok"]:
            seen["troubles"].insert(0, done["why"])
            seen["trouble_count"] += 1
        return seen

    async def report(self) -> Report:
        """What was seen since the last report."""
        return await self.try_order("report")

    async def _troubles(self) -> str:
        return "; ".join((await self.report())["troubles"][:3])


@contextlib.asynccontextmanager
async def swarm(where: Node, passes: list[str], *further: Node) -> AsyncIterator[Swarm]:
    """A crowd that may come to these servers in turn."""
    async with contextlib.AsyncExitStack() as started:
        program = await asyncio.to_thread(build, "swarm")
        file = BUILT / f"passes-{secrets.token_hex(4)}"
        file.write_text("\n".join(passes) + "\n")
        started.callback(file.unlink)
        ports = [str(one.port) for one in (where, *further)]
        words = (str(program), str(file), f"{secrets.token_hex(3)}-", where.host, where.path, *ports)
        child = await node.start(started, *words, environ={}, stdout=PIPE, core=meter.LOAD)
        yield Swarm(child)
