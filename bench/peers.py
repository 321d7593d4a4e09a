"""Servers to stand beside ours in the same run: the bare C loop, and an afternoon with the websockets library."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator

from bench import meter, node, swarm
from bench.node import HOUSE, CannotStart, Node

EACH, MERGE, PLAIN = "bare C loop, a send per message", "bare C loop, merging per 10 ms", "websockets.broadcast"


@contextlib.asynccontextmanager
async def peer(name: str) -> AsyncIterator[Node]:
    """One of them, on a port of its own."""
    async with contextlib.AsyncExitStack() as started:
        if name == PLAIN:
            words = [sys.executable, "-m", "bench.plain"]
        else:
            program = await asyncio.to_thread(swarm.build, "bare")
            words = [str(program), "each" if name == EACH else "merge"]
        environ = {"PATH": os.environ.get("PATH", "")}
        child = await node.start(started, *words, environ=environ, stdout=PIPE, core=meter.SERVER, folder=HOUSE)
        assert child.stdout is not None
        port = (await child.stdout.readline()).strip()
        if not port:
            raise CannotStart(f"The {name} did not start.")
        yield Node("127.0.0.1", int(port), "/ws", child.pid, {})
