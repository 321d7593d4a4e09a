"""A real node for tests: `python -m realtime` on free ports of this machine, with everything it logged."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from email.message import Message
from pathlib import Path
from typing import IO

from realtime import passes
from realtime.passes import Pass
from realtime.reports import LEAP
from realtime.supervisor import READY_WITHIN, STOP_WITHIN, TRIED_WITHIN

ROOT = Path(__file__).parents[2]
SECRET = "a secret that nobody can guess, really"
ORIGIN = "http://127.0.0.1:8000"
PATIENCE = 20.0  # seconds; machines that run tests are slow at times
# Seconds after which a reload has happened or was given up: each of its steps may take all the time it is given.
RELOADED = TRIED_WITHIN + LEAP + READY_WITHIN + STOP_WITHIN


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def token(user: int, *, rights: str = "say", rooms: tuple[str, ...] = ("chat:1",), life: float = 600) -> str:
    """A pass as a page would give it."""
    opened = dict.fromkeys(rooms, frozenset(rights.split()))
    return passes.issue(Pass(user, f"Person {user}", opened, time.time() + life), secret=SECRET)


def until(happened: Callable[[], bool], what: str, *, within: float = PATIENCE) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + within
    while not happened():
        assert time.monotonic() < end, f"still waiting until {what}"
        time.sleep(0.05)


def until_reloaded(happened: Callable[[], bool], what: str) -> None:
    """Wait for what a reload brings about, or its failure."""
    until(happened, what, within=RELOADED)


class Node:
    """One node; leave the `with` and it is gone."""

    def __init__(
        self,
        redis_url: str,
        folder: Path,
        *,
        workers: int = 2,
        root: Path = ROOT,
        words: Sequence[str] = (),
        files: int | None = None,
        **environment: str,
    ) -> None:
        """`root` is the checkout it runs from, `files` how many files each of its processes may open."""
        self.port, self.admin_port = free_port(), free_port()
        self.url = f"ws://127.0.0.1:{self.port}/ws"
        self._log = folder / f"node-{self.port}.log"
        self._environment = {
            **os.environ,
            "VECHE_SECRET": SECRET,
            "REDIS_URL": redis_url,
            "REALTIME_PORT": str(self.port),
            "ADMIN_PORT": str(self.admin_port),
            "REALTIME_WORKERS": str(workers),
            "REALTIME_ORIGINS": ORIGIN,
            **environment,
        }
        self._workers = workers
        self._root = root
        self._files = files
        self.command = [sys.executable, "-m", "realtime", *words]

    def __enter__(self) -> "Node":
        """Start; after the end of the former life also again, on the same port."""
        with self._log.open("ab") as out:
            self.process = subprocess.Popen(
                [*_limited(self._files), *self.command], cwd=self._root, env=self._environment, stdout=out, stderr=out
            )
        until(lambda: self.process.poll() is not None or self.admin("/healthz")[0] == 200, "the node is healthy")
        assert self.process.poll() is None, self.logged
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End the whole node as a power cut would."""
        pids = [self.process.pid, *self.children]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        until(lambda: not any(runs(pid) for pid in pids), "the node is dead")

    @property
    def children(self) -> list[int]:
        """Process ids of everything the master started."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    @property
    def logged(self) -> str:
        """What it said so far."""
        return self._log.read_text()

    @property
    def workers(self) -> list[int]:
        """Process ids of the workers."""
        labels = "".join(labels for labels, _ in self.metrics("veche_connections"))
        return [int(pid) for pid in re.findall(r'pid="(\d+)"', labels)]

    def admin(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and body of an admin page; 0 when it does not answer."""
        try:
            request = urllib.request.Request(f"http://127.0.0.1:{self.admin_port}{path}", headers=headers)
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as no:
            with no:
                return no.code, no.read().decode()
        except OSError:
            return 0, ""

    def why(self) -> list[str]:
        """What /healthz complains about."""
        status, body = self.admin("/healthz")
        return list(json.loads(body)["why"]) if status else ["the admin does not answer"]

    @property
    def bearer(self) -> dict[str, str]:
        """Headers of a program that knows the token."""
        return {"Authorization": f"Bearer {self._environment.get('ADMIN_TOKEN', '')}"}

    def press(self, button: str, **form: object) -> int:
        """Press a button of the admin's page as a program that knows the token; the status."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.admin_port}/{button}",
            data=urllib.parse.urlencode(form).encode(),
            headers=self.bearer,
        )
        try:
            with urllib.request.build_opener(_Stay).open(request, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as no:
            with no:
                return no.code

    def check(self) -> subprocess.CompletedProcess[str]:
        """What `check` says of the code and settings on the disk."""
        return subprocess.run(
            [*self.command, "check"],
            cwd=self._root,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def metrics(self, name: str) -> list[tuple[str, float]]:
        """Labels and value of each line of a metric."""
        _, body = self.admin("/metrics", **self.bearer)
        lines = [line for line in body.splitlines() if line.startswith((f"{name}{{", f"{name} "))]
        return [(line.partition("{")[2].rpartition("}")[0], float(line.rpartition(" ")[2])) for line in lines]

    def metric(self, name: str) -> float:
        """Sum of a metric over all workers."""
        return sum(value for _, value in self.metrics(name))

    def signal(self, name: signal.Signals) -> None:
        """Send the master a signal."""
        self.process.send_signal(name)


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows nowhere: a button's answer is its status."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """Called by urllib."""


def _limited(files: int | None) -> list[str]:
    if files is None:
        return []
    limit = f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, ({files}, {files}))"
    return [sys.executable, "-c", f"{limit}; os.execv(sys.argv[1], sys.argv[1:])"]


def runs(pid: int) -> bool:
    """Whether a process does something still; a dead child that nobody has asked for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
