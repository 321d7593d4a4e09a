"""The listening sockets of a node and how many visitors its limits let in. The master owns them for life."""

import logging
import resource
import socket

from config.settings import Settings

SOCKETS = 20_000  # of one worker; beyond it another worker is cheaper than a longer wait for this one's loop
KERNEL_BUFFER = 65_536  # bytes; left alone the kernel takes up to 4 MB for each slow socket, out of our sight
BACKLOG = 4096  # handshakes that may wait while a worker is busy or being replaced
FILES = 65_536  # descriptors wanted: one a socket
KEPT_FREE = 64  # descriptors of one worker that are no visitors: doors, Redis, logs, those being refused
FEWEST = 16  # visitors of one worker below which a node is not worth starting

logger = logging.getLogger(__name__)


class CannotStart(Exception):
    """Why this node does not start, as one sentence."""


def visitors(settings: Settings) -> list[socket.socket]:
    """One listening socket a worker, so that the kernel spreads handshakes. Raises CannotStart."""
    return listen(settings.realtime_host, settings.realtime_port, count=settings.realtime_workers)


def ops(settings: Settings) -> socket.socket:
    """The listening socket of the admin. Raises CannotStart."""
    return listen(settings.admin_host, settings.admin_port, count=1)[0]


def listen(host: str, port: int, *, count: int) -> list[socket.socket]:
    """So many listening sockets that share one port. Raises CannotStart when somebody else has it."""
    try:
        # Sharing is for our own workers: a first socket that shares nothing finds out whether the port is free.
        _bind(host, port, shared=False).close()
        return [_bind(host, port, shared=True) for _ in range(count)]
    except OSError as busy:
        raise CannotStart(f"Cannot listen on {host}:{port} ({busy.strerror}); choose another port.") from None


def enough(found: list[socket.socket], settings: Settings) -> None:
    """Open more doors beside those found, when there are more workers than before a reload.

    One that is too many stays: closing it would reset the handshakes that wait in it; a worker serves two.
    """
    while len(found) < settings.realtime_workers:
        found.append(_bind(*found[0].getsockname()[:2], shared=True))


def moved(door: socket.socket, port: int) -> bool:
    """Whether the settings ask for another port than this door has; only a restart changes it."""
    return bool(door.getsockname()[1] != port)


def raise_limit() -> None:
    """Ask for as many open files as a worker may need; say so when it gets fewer. Raises CannotStart."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if capacity() < FEWEST:
        raise CannotStart(f"A worker needs {KEPT_FREE + FEWEST} open files at least; raise the limit (ulimit -n).")
    if capacity() < SOCKETS:
        logger.warning(
            "Each worker holds %d sockets instead of %d, because it may have no more open files; "
            "raise the limit (ulimit -n).",
            capacity(),
            SOCKETS,
        )


def capacity() -> int:
    """How many visitors one worker may hold, so that it never fails to accept for want of descriptors."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return SOCKETS if soft == resource.RLIM_INFINITY else max(0, min(SOCKETS, soft - KEPT_FREE))


def _bind(host: str, port: int, *, shared: bool) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)  # accepted sockets inherit it
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except OSError:
        bound.close()
        raise
    bound.settimeout(0)
    return bound
