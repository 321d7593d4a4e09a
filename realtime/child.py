"""One forked process as its master sees it: a pid and a line to talk over. It decides nothing: supervisor.py does."""

import contextlib
import faulthandler
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NoReturn

MESSAGE = 65_536  # bytes; a report has some thousand
ALONE = 40  # seconds; twice what a full worker needs to send everybody elsewhere
READY = b"ready"  # a child serves now
HEAVY = b"heavy"  # a child asks to be replaced, for it holds more memory than it should
SIGNALS = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}  # what a master listens to

logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Child:
    """A process that holds a seat: `admin`, `worker 0`, ... Times are seconds of the machine's monotonic clock."""

    seat: str
    pid: int
    line: socket.socket
    born: float
    heard: float  # when it last said anything
    ready: bool = False
    due: float = 0.0  # when a leaving one is killed

    def messages(self, now: float) -> list[bytes]:
        """What it said since it was last asked."""
        said = []
        with contextlib.suppress(BlockingIOError, ConnectionResetError):
            while message := self.line.recv(MESSAGE):
                said.append(message)
        if said:
            self.heard = now
        return said

    def tell(self, message: bytes) -> None:
        """Say something; lost when it does not listen."""
        with contextlib.suppress(OSError):
            self.line.send(message)

    def signal(self, name: signal.Signals) -> None:
        """Send it a signal, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, name)

    def died(self) -> str:
        """How it ended; empty while it lives."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if not pid:
            return ""
        self.line.close()
        return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else f"exit {os.WEXITSTATUS(status)}"


def fork(seat: str, life: Callable[[socket.socket], None], *, close: Iterable[socket.socket], now: float) -> Child:
    """A child that lives `life` with its end of the line, without the sockets that are others'."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(0)
    theirs.settimeout(0)
    pid = os.fork()
    if pid == 0:
        # Open here, they would keep a line from ending with its master, and a port from being free.
        for one in (ours, *close):
            one.close()
        _live(seat, life, theirs)
    theirs.close()
    return Child(seat, pid, ours, born=now, heard=now)


def hear(line: socket.socket) -> bytes | None:
    """At the child's end: what the master says; None when it says nothing, empty when it is gone."""
    try:
        said = line.recv(MESSAGE)
    except BlockingIOError:
        return None
    except ConnectionResetError:  # gone, with something of ours unread
        said = b""
    if not said:
        signal.alarm(ALONE)  # nobody is left who would kill a child that does not manage to leave
    return said


def _live(seat: str, life: Callable[[socket.socket], None], line: socket.socket) -> NoReturn:
    """The life of a forked child; it never returns into the master's code."""
    code = 1
    try:
        for name in SIGNALS:
            signal.signal(name, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a closed terminal is the master's business
        faulthandler.register(signal.SIGUSR1)  # asked before it is killed, a hung one shows where it hangs
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        life(line)
        code = 0
    except Exception:
        logger.exception("%s failed.", seat)
    finally:
        logging.shutdown()
        os._exit(code)
