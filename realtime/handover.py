"""New code without a closed door: a trial of it, then what a master keeps as it becomes the new one. It forks nobody.

The master replaces its own program (exec) and stays the same process: its listening sockets, its children and the
lines to them stay open, and whoever watches the process by its id sees no change.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from realtime.child import Child

MARK = "VECHE_HANDED_ON"  # environment variable that carries what is handed on
MODESTY = 5  # nice; visitors come before a trial
AGAIN = [sys.executable, *sys.orig_argv[1:]]  # the words this program was started with


@dataclass(slots=True)
class Handover:
    """What outlives the code of a master."""

    doors: list[socket.socket]
    page: socket.socket
    children: list[Child] = field(default_factory=list)
    drained: bool = False
    counts: dict[str, int] = field(default_factory=dict)

    def leap(self) -> None:
        """Become the new code; returns only by raising OSError, and then nothing has changed."""
        fds = [one.fileno() for one in (*self.doors, self.page, *(child.line for child in self.children))]
        told: dict[str, Any] = {
            "doors": [door.fileno() for door in self.doors],
            "page": self.page.fileno(),
            "children": [[c.seat, c.pid, c.line.fileno(), c.born, c.ready, c.due] for c in self.children],
            "drained": self.drained,
            "counts": self.counts,
        }
        _inherit(fds, by_new=True)
        try:
            os.execve(AGAIN[0], AGAIN, {**os.environ, MARK: json.dumps(told)})
        finally:
            _inherit(fds, by_new=False)


def receive(environ: MutableMapping[str, str], *, now: float) -> Handover | None:
    """What the code before this one has handed on; None when this is the first."""
    text = environ.pop(MARK, "")
    if not text:
        return None
    told = json.loads(text)
    return Handover(
        doors=[_taken(fd) for fd in told["doors"]],
        page=_taken(told["page"]),
        children=[
            Child(seat, pid, _taken(fd), born=born, heard=now, ready=ready, due=due)
            for seat, pid, fd, born, ready, due in told["children"]
        ],
        drained=told["drained"],
        counts=told["counts"],
    )


class Trial:
    """The new code and settings, started beside the old: would they come up? `check` of __main__.py answers."""

    def __init__(self, *, until: float) -> None:
        """Begin; a trial that is not over at `until` (monotonic seconds) has failed."""
        self._until = until
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # it is open as long as the trial goes on; end() closes it
        self._process = subprocess.Popen(
            [*AGAIN, "check"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._said
        )
        os.setpriority(os.PRIO_PROCESS, self._process.pid, MODESTY)

    def verdict(self, now: float) -> str | None:
        """None while it goes on, empty when the new code is good, else the sentence that says why not."""
        code = self._process.poll()
        if code is None:
            return None if now < self._until else "it takes too long to start"
        if code == 0:
            return ""
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), f"exit {code}")

    def end(self) -> None:
        """Leave nothing behind."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._said.close()


def _inherit(fds: list[int], *, by_new: bool) -> None:
    for fd in fds:
        os.set_inheritable(fd, by_new)


def _taken(fd: int) -> socket.socket:
    taken = socket.socket(fileno=fd)
    _inherit([fd], by_new=False)
    taken.settimeout(0)
    return taken
