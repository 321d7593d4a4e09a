"""Ends the processes of an earlier `make up` that was killed before it could. It never ends a stranger.

What belongs to an installation carries its mark in the environment; nothing else is touched.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

MARK = "VECHE_UP"  # environment variable of everything `make up` starts; its value is the installation's folder
PATIENCE = 5.0  # seconds to leave by themselves
GLANCE = 0.05
PROC = Path("/proc")  # where there is none (macOS), leftovers show themselves by their busy ports


def end(var: Path) -> None:
    """End every process that an earlier run on this folder left, gently first. Nobody may be running on it now."""
    until = time.monotonic() + PATIENCE
    for pid in running(var):
        _signal(pid, signal.SIGTERM)
    while left := list(running(var)):
        if time.monotonic() > until:
            for pid in left:
                _signal(pid, signal.SIGKILL)
        time.sleep(GLANCE)


def running(var: Path) -> Iterator[int]:
    """Process ids of everything that carries this installation's mark, except our own."""
    mark = f"{MARK}={var}".encode()
    for process in PROC.glob("[0-9]*"):
        pid = int(process.name)
        # A process may end while we look, and those of other users do not show their environment.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            if pid != os.getpid() and mark in (process / "environ").read_bytes().split(b"\0"):
                yield pid


def _signal(pid: int, what: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)
