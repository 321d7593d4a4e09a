"""The processes of the Procfile, run together: when one ends, or this process does, all end. It starts no storage.

honcho reads, colours and ends them; here it watches them from threads. It would fork itself for each, and those
copies would outlive a killed run, holding its pipes.
"""

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

from honcho.environ import parse_procfile
from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message
from honcho.process import Process

GLANCE = 0.01  # seconds
STOP = 5.0  # seconds to leave before it is not asked any more; as long as honcho's

# Ends the process groups whose numbers it read, when whoever wrote them is gone.
GUARD = 'while read -r one; do all="$all -$one"; done; kill -s TERM -- $all'


class Processes(Manager):  # type: ignore[misc]  # honcho has no types
    """All of them; `run` returns when they have ended."""

    def __init__(self, procfile: Path, *, environ: Mapping[str, str], folder: Path) -> None:
        """Commands run in `folder`. Nothing is started yet."""
        super().__init__()
        # A SimpleQueue may be filled from a signal's handler, even one that interrupts this very queue.
        self.events: queue.SimpleQueue[Message] = queue.SimpleQueue()
        for name, command in parse_procfile(procfile.read_text(encoding="utf-8")).processes.items():
            self.add_process(name, f"exec {command}", env=dict(environ), cwd=str(folder))

    def run(self) -> int:
        """Until one of them ends or somebody says stop; the exit code. However this ends, none is left."""
        with _guard() as self._guard:
            try:
                self.loop()
            finally:
                self._end()
        return int(self.returncode)

    def _start(self) -> None:
        """Start each. Who says stop meanwhile is obeyed afterwards: honcho cannot stop what it does not know yet."""
        told: list[int] = []

        def listen(number: int, _: FrameType | None) -> None:
            told.append(number)

        obeyed = {one: signal.signal(one, listen) for one in (signal.SIGINT, signal.SIGTERM)}
        for known in self._processes.values():
            known["pid"] = self._begin(known["obj"])
        for one, obey in obeyed.items():
            signal.signal(one, obey)
        for number in told:
            os.kill(os.getpid(), number)

    def _system_print(self, data: str) -> None:
        """Say it in turn: honcho would print in the signal's handler, perhaps in the middle of another line."""
        self.events.put(Message(type="line", data=data, time=self._clock.now(), name=SYSTEM_PRINTER_NAME, colour=None))

    def _begin(self, process: Process) -> int:
        watcher = threading.Thread(target=process.run, args=(self.events,), daemon=True)
        watcher.start()
        while process._child is None and watcher.is_alive():
            time.sleep(GLANCE)
        number: int = process._child.pid
        assert self._guard.stdin is not None
        self._guard.stdin.write(f"{number}\n".encode())
        self._guard.stdin.flush()
        return number

    def _end(self) -> None:
        """End what still runs, without a word: perhaps there is nobody any more to hear it."""
        children = [known["obj"]._child for known in self._processes.values()]
        running = [child for child in children if child is not None and child.poll() is None]
        for how in (signal.SIGTERM, signal.SIGKILL):
            until = time.monotonic() + STOP
            for child in running:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, how)
            while any(child.poll() is None for child in running) and time.monotonic() < until:
                time.sleep(GLANCE)


@contextlib.contextmanager
def _guard() -> Iterator[subprocess.Popen[bytes]]:
    guard = subprocess.Popen(["sh", "-c", GUARD, "guard"], stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield guard
    finally:
        guard.kill()
        guard.communicate()
