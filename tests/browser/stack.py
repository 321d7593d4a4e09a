"""Everything `make up` starts, in a folder and on ports of its own. It ends only what it started."""

import os
import queue
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
READY = "veche is ready: "
PATIENCE = 90.0  # seconds; a cold Postgres on a busy machine


class Stack:
    """The whole product; leave the `with` and it is gone."""

    def __init__(self, folder: Path) -> None:
        ports = {name: str(_free_port()) for name in ("WEB_PORT", "REALTIME_PORT", "ADMIN_PORT")}
        inherited = {name: text for name, text in os.environ.items() if not name.endswith("_URL")}
        self._environment = {**inherited, **ports, "VECHE_VAR": str(folder / "var"), "REALTIME_WORKERS": "2"}
        self._folder = folder
        self.sockets = f"ws://127.0.0.1:{ports['REALTIME_PORT']}/ws"
        self.log: list[str] = []
        self.url = ""

    def __enter__(self) -> "Stack":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "config", "up"],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        ready: queue.Queue[str] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, args=(ready,), daemon=True)
        self._listener.start()
        try:
            self.url = ready.get(timeout=PATIENCE)
        except queue.Empty:
            self.__exit__()
            raise AssertionError("the stack did not start:\n" + "\n".join(self.log[-40:])) from None
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join()

    def environment(self) -> dict[str, str]:
        """What was filled in for this stack: VECHE_SECRET, DATABASE_URL, REDIS_URL."""
        lines = (self._folder / "var" / "environment").read_text(encoding="utf-8").splitlines()
        words = (shlex.split(line)[1].partition("=") for line in lines)
        return {name: value for name, _, value in words}

    def realtime_workers(self) -> list[int]:
        """Processes of the socket server that serve clients, without their master."""
        masters = [pid for pid in _descendants(self._process.pid) if "-m realtime" in _command(pid)]
        return sorted(child for master in masters for child in _children(master))

    def kill_realtime_workers(self) -> None:
        """All of them at once, as a bad day would; the master starts others."""
        killed = self.realtime_workers()
        assert killed, "no worker of the socket server was found"
        for worker in killed:
            os.kill(worker, signal.SIGKILL)
        until(lambda: len(set(self.realtime_workers()) - set(killed)) >= len(killed), "the workers are back")

    def _listen(self, ready: "queue.Queue[str]") -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                self.log.append(line.rstrip())
                if line.startswith(READY):
                    ready.put(line.removeprefix(READY).strip())


def until(happened: Callable[[], bool], what: str, *, patience: float = 20.0) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end, f"still waiting until {what}"
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _descendants(pid: int) -> list[int]:
    found = _children(pid)
    return [*found, *(deeper for one in found for deeper in _descendants(one))]


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return []


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""
