"""The master: owns the listening sockets for life, forks workers, replaces the dead, reloads, drains."""

import contextlib
import gc
import logging
import os
import resource
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from config.settings import Settings
from realtime import admin, worker

CHILDREN = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
READY_WITHIN = 10.0  # seconds
STOP_WITHIN = 5.0  # seconds from SIGTERM to SIGKILL
SHORT_LIFE = 1.0  # seconds; a child that dies younger is not replaced at once
FILES = 65_536  # descriptors wanted: one a socket

logger = logging.getLogger(__name__)


class CannotStart(Exception):
    """Why this node does not start, as one sentence."""


@dataclass(slots=True)
class Child:
    """One forked process."""

    name: str
    run: Callable[[int], None]  # takes the pipe on which it says that it is ready
    pid: int = 0
    born: float = 0.0
    ready: int = -1  # read end of its pipe
    replaces: int = 0  # pid of the one that leaves when this one is ready


def run(settings: Settings) -> int:
    """Run a node until SIGTERM or SIGINT; the exit code. Raises CannotStart."""
    _raise_file_limit(settings.realtime_workers)
    # One listening socket a worker, so that the kernel spreads handshakes; the master keeps them open over every
    # death and reload, because closing one would reset the handshakes that wait in it.
    listeners = listen(settings.realtime_host, settings.realtime_port, count=settings.realtime_workers)
    [page] = listen(settings.admin_host, settings.admin_port, count=1)
    inbox, outbox = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    outbox.settimeout(0)

    def worker_child(slot: int) -> Child:
        def serve(ready: int) -> None:
            worker.serve(settings, listeners[slot].dup(), slot=slot, reports=outbox, ready=ready)

        return Child(f"worker {slot}", serve)

    def serve_admin(ready: int) -> None:
        admin.serve(settings, page.dup(), reports=inbox, ready=ready)

    return Master([Child("admin", serve_admin), *(worker_child(slot) for slot in range(len(listeners)))]).run()


def listen(host: str, port: int, *, count: int) -> list[socket.socket]:
    """So many listening sockets that share one port. Raises CannotStart when somebody else has it."""
    try:
        # Sharing is for our own workers: a first socket that shares nothing finds out whether the port is free.
        _bind(host, port, shared=False).close()
        return [_bind(host, port, shared=True) for _ in range(count)]
    except OSError as busy:
        raise CannotStart(f"Cannot listen on {host}:{port} ({busy.strerror}); choose another port.") from None


def _bind(host: str, port: int, *, shared: bool) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, worker.KERNEL_BUFFER)  # accepted sockets inherit it
        bound.bind((host, port))
        bound.listen(worker.BACKLOG)
    except OSError:
        bound.close()
        raise
    bound.settimeout(0)
    return bound


class Master:
    """Keeps one process running for each child it was given."""

    def __init__(self, children: list[Child]) -> None:
        self._children = children
        self._leaving: dict[int, float] = {}  # pid -> when it is killed
        self._reload: list[Child] = []
        self._stopping = False

    def run(self) -> int:
        """Until told to stop; 0."""
        signal.pthread_sigmask(signal.SIG_BLOCK, CHILDREN)
        gc.collect()
        gc.freeze()  # what exists now is shared by all workers and never looked at by their collectors
        for child in self._children:
            self._fork(child)
        while not (self._stopping and not self._living()):
            got = signal.sigtimedwait(CHILDREN, 0.1)
            if got is not None:
                self._signalled(signal.Signals(got.si_signo))
            self._bury()
            self._replace_the_dead()
            self._go_on_reloading()
            self._kill_the_late()
        return 0

    def _signalled(self, name: signal.Signals) -> None:
        if name is signal.SIGHUP and not self._stopping:
            logger.info("Replacing the workers, one after the other.")
            self._reload += [child for child in self._children if child not in self._reload]
        elif name in (signal.SIGTERM, signal.SIGINT) and not self._stopping:
            self._stopping = True
            self._reload.clear()
            for child in self._children:
                self._dismiss(child.pid)
                self._dismiss(child.replaces)

    def _fork(self, child: Child) -> None:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _be(child, writing)
        os.close(writing)
        os.set_blocking(reading, False)
        if child.ready >= 0:
            os.close(child.ready)
        child.pid, child.born, child.ready = pid, time.monotonic(), reading

    def _bury(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            expected = self._leaving.pop(pid, None) is not None
            for child in self._children:
                if child.replaces == pid:
                    child.replaces = 0
                if child.pid == pid:
                    child.pid = 0
                    if not expected:
                        logger.error("%s (pid %d) died with %s; replacing it.", child.name, pid, _cause(status))

    def _replace_the_dead(self) -> None:
        for child in self._children:
            if not child.pid and not self._stopping and time.monotonic() - child.born > SHORT_LIFE:
                self._fork(child)

    def _go_on_reloading(self) -> None:
        """New before old, one at a time."""
        for child in self._children:
            if not child.replaces:
                continue
            if self._is_ready(child):
                self._dismiss(child.replaces)
                child.replaces = 0
            elif time.monotonic() - child.born > READY_WITHIN:
                logger.error("The new %s is not ready after %.0f s; the old one stays.", child.name, READY_WITHIN)
                self._dismiss(child.pid)
                child.pid, child.replaces = child.replaces, 0
                self._reload.clear()
        if self._reload and not any(child.replaces for child in self._children):
            child = self._reload.pop(0)
            child.replaces = child.pid
            self._fork(child)

    def _is_ready(self, child: Child) -> bool:
        try:
            return os.read(child.ready, 1) == b"1"
        except BlockingIOError:
            return False

    def _dismiss(self, pid: int) -> None:
        if pid:
            self._leaving[pid] = time.monotonic() + STOP_WITHIN
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def _kill_the_late(self) -> None:
        now = time.monotonic()
        for pid, due in self._leaving.items():
            if now > due:
                logger.error("pid %d did not leave in %.0f s; killing it.", pid, STOP_WITHIN)
                self._leaving[pid] = now + STOP_WITHIN
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _living(self) -> bool:
        return any(child.pid for child in self._children) or bool(self._leaving)


def _be(child: Child, ready: int) -> NoReturn:
    """The life of a forked child; it never returns into the master's code."""
    code = 1
    try:
        for name in CHILDREN:
            signal.signal(name, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a closed terminal is the master's business
        signal.pthread_sigmask(signal.SIG_UNBLOCK, CHILDREN)
        child.run(ready)
        code = 0
    except Exception:
        logger.exception("%s failed.", child.name)
    finally:
        logging.shutdown()
        os._exit(code)


def _cause(status: int) -> str:
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else f"exit {os.WEXITSTATUS(status)}"


def _raise_file_limit(workers: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < worker.SOCKETS:
        logger.warning(
            "Each of %d workers may hold only about %d sockets; raise the limit of open files (ulimit -n).",
            workers,
            wanted,
        )
