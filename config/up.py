"""`make up`: services, secret, migrations, demo, then every process of the Procfile until somebody says stop.

It never leaves anything behind: whatever it started it stops, also when a step in the middle fails.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from shlex import quote

from redis import Redis, RedisError

from config import leftovers, services
from config.processes import Processes
from config.settings import Misconfigured, Settings, look, read

ROOT = Path(__file__).parent.parent
DOORS = {"WEB_PORT": "WEB_HOST", "REALTIME_PORT": "REALTIME_HOST", "ADMIN_PORT": "ADMIN_HOST"}
PATIENCE = 60.0  # seconds for everything to answer; a cold, busy machine needs half of it
GLANCE = 0.1  # seconds between two looks


def up(environ: Mapping[str, str], *, procfile: Path) -> int:
    """Run everything in the foreground; the exit code, never 0. Raises Misconfigured with one sentence."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup leaves it
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))  # the terminal was closed
    try:
        with ExitStack() as running:
            complete = _prepare(environ, running)
            settings = read(complete)
            words = _fill(complete, settings)
            return _run(complete, settings, procfile, words if not environ.get("DATABASE_URL") else "")
    except KeyboardInterrupt:
        return 130  # as a shell says "interrupted"


def _prepare(environ: Mapping[str, str], running: ExitStack) -> dict[str, str]:
    """The given environment with everything filled in that is missing. What this starts, `running` stops."""
    found, reading = look(environ)
    for name, sentence in reading.wrong.items():
        if environ.get(name):
            raise Misconfigured(sentence)
    running.callback(os.close, services.claim(found.var, "up"))
    leftovers.end(found.var)
    for port, host in DOORS.items():
        _check_free(port, reading.found[host], int(reading.found[port]))
    complete = {**environ, leftovers.MARK: str(found.var), "PYTHONUNBUFFERED": "1"}
    complete["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ.get('PATH', os.defpath)}"
    if not environ.get("VECHE_SECRET"):
        complete["VECHE_SECRET"] = _secret(found.var / "secret")
    if not environ.get("DATABASE_URL"):
        complete["DATABASE_URL"] = running.enter_context(services.start_postgres(found.var)).url
    if not environ.get("REDIS_URL"):
        complete["REDIS_URL"] = running.enter_context(services.start_redis(found.var)).url
    _check_redis(complete["REDIS_URL"])
    _note(complete, found.var / "environment")
    return complete


def _check_free(name: str, host: str, port: int) -> None:
    try:
        for family, kind, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with socket.socket(family, kind) as door:
                door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: one left just now is free
                if family == socket.AF_INET6:
                    door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # IPv4 may be somebody else's
                door.bind(address)
    except OSError as wrong:
        raise Misconfigured(
            f"{name} {port} on {host} cannot be used ({wrong.strerror}): stop what listens there "
            f"or choose another, as in `make up {name}={port + 100 if port < 65000 else 8100}`."
        ) from None


def _secret(path: Path) -> str:
    """This installation's secret, made on the first start."""
    if not path.exists():
        new = path.with_name("secret.new")  # complete before it gets its name
        new.touch(mode=0o600)
        new.write_text(secrets.token_urlsafe(48), encoding="ascii")
        new.rename(path)
    return path.read_text(encoding="ascii").strip()


def _check_redis(urls: str) -> None:
    """One of several is enough to find the others."""
    why: Exception | None = None
    for url in urls.split(","):
        try:
            with Redis.from_url(url, socket_connect_timeout=5) as redis:
                redis.ping()
                return
        except (RedisError, OSError, ValueError) as wrong:
            why = wrong
    raise Misconfigured(f"Redis does not answer at REDIS_URL: {why}.")


def _note(environ: dict[str, str], path: Path) -> None:
    """Leave what was filled in for other terminals: `. var/environment` and then any `python -m ...`."""
    path.touch(mode=0o600)
    names = ("VECHE_SECRET", "DATABASE_URL", "REDIS_URL")
    path.write_text("".join(f"export {name}={quote(environ[name])}\n" for name in names), encoding="utf-8")


def _fill(environ: dict[str, str], settings: Settings) -> str:
    """Bring the database up to date and, in development, put the demo into an empty one; what the seed said."""
    _sql("migrate", environ)
    return "" if settings.production else _sql("seed", environ)


def _sql(command: str, environ: dict[str, str]) -> str:
    # A process of its own: config imports nothing of ours.
    work = [sys.executable, "-m", "sql", command]
    done = subprocess.run(work, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Misconfigured(done.stderr.strip() or f"`python -m sql {command}` failed with code {done.returncode}.")
    return done.stdout.strip()


def _run(environ: dict[str, str], settings: Settings, procfile: Path, words: str) -> int:
    """Every process until one ends or somebody says stop; then none."""
    processes = Processes(procfile, environ=environ, folder=ROOT)
    threading.Thread(target=_announce, args=(settings, words), daemon=True).start()
    try:
        return processes.run() or 1  # a process that left of its own accord is a failure, too
    except OSError as gone:  # the terminal was closed, the pipe that was written to has ended
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())  # Python writes what is left when it ends
        raise Misconfigured(
            f"Everything was stopped, because nothing can be shown any more: {gone.strerror}."
        ) from None


def _announce(settings: Settings, words: str) -> None:
    """Say so once everything answers; when it never does, stop everything."""
    pages = f"http://{_here(settings.web_host)}:{settings.web_port}/healthz"
    admin = f"http://{_here(settings.admin_host)}:{settings.admin_port}/healthz"
    until = time.monotonic() + PATIENCE
    waiting = [pages, admin]
    while waiting and time.monotonic() < until:
        time.sleep(GLANCE)
        waiting = [one for one in waiting if not _answers(one)]
    if waiting:
        _say(f"{' and '.join(waiting)} did not answer within {PATIENCE:.0f} s; stopping.")
        os.kill(os.getpid(), signal.SIGTERM)
    else:
        _say(f"veche is ready: {settings.public_url}\n{words}".strip())


def _here(host: str) -> str:
    """Where to reach a server that listens on `host` from this machine."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{near}]" if ":" in near else near


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:  # refused, reset, timed out or an error status (urllib.error derives from it)
        return False


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
