"""A real workers process for tests: started, watched, killed. It never outlives its `with`."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from sql.connection import Pool

HOUSE = Path(__file__).parent.parent.parent
PATIENCE = 20.0  # seconds; a laptop under load starts Python this slowly


class Worker:
    """`python -m workers` with an environment of its own."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = {"PATH": os.environ["PATH"], **environ}
        self.log = ""

    def __enter__(self) -> "Worker":
        self.child = subprocess.Popen(
            [sys.executable, "-u", "-m", "workers"],
            cwd=HOUSE,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end(signal.SIGTERM)
        try:
            self.log, _ = self.child.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.log, _ = self.child.communicate()
            raise

    def end(self, how: signal.Signals) -> None:
        """Send a signal, if it is still there."""
        if self.child.poll() is None:
            self.child.send_signal(how)

    async def ended(self) -> int:
        """Its exit code, as soon as it has one."""
        return await asyncio.to_thread(self.child.wait, PATIENCE)

    async def until(self, database: Pool, question: str) -> None:
        """Wait until a statement answers true."""
        async with asyncio.timeout(PATIENCE):
            while not await database.fetchval(question):
                assert self.child.poll() is None, "the worker is gone"
                await asyncio.sleep(0.02)
