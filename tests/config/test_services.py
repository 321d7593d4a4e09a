"""The embedded Postgres and Valkey: what survives, who is left alone, what a person is told."""

import asyncio
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis

from config import services
from config.services import Service
from config.settings import Misconfigured

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "config", "services"]


@pytest.mark.parametrize("end", [Service.stop, Service.kill], ids=["stop", "power cut"])
async def test_what_postgres_was_told_survives(tmp_path: Path, end: Callable[[Service], None]) -> None:
    server = services.start_postgres(tmp_path)
    connection = await asyncpg.connect(server.url)
    await connection.execute("create table kept (word text); insert into kept values ('вече')")
    await connection.close()
    end(server)
    with services.start_postgres(tmp_path) as again:
        connection = await asyncpg.connect(again.url)
        assert await connection.fetchval("select word from kept") == "вече"
        await connection.close()


@pytest.mark.parametrize("end", [Service.stop, Service.kill], ids=["stop", "power cut"])
async def test_what_redis_acknowledged_survives(tmp_path: Path, end: Callable[[Service], None]) -> None:
    server = services.start_redis(tmp_path)
    async with Redis.from_url(server.url) as redis:
        await redis.xadd("log", {"e": "вече"}, id="7-0")
    end(server)
    with services.start_redis(tmp_path) as again:
        async with Redis.from_url(again.url) as redis:
            assert await redis.xrange("log") == [(b"7-0", {b"e": "вече".encode()})]


async def test_neither_can_be_reached_over_a_network_or_by_other_users(tmp_path: Path) -> None:
    with services.start_postgres(tmp_path) as postgres, services.start_redis(tmp_path) as valkey:
        connection = await asyncpg.connect(postgres.url)
        assert await connection.fetchval("show listen_addresses") == ""
        await connection.close()
        async with Redis.from_url(valkey.url) as redis:
            assert await redis.config_get("port") == {"port": "0"}
        assert (tmp_path / "sockets").stat().st_mode & 0o077 == 0


def test_postgres_never_runs_as_root(postgres_server: Service) -> None:
    owner = Path(f"/proc/{postgres_server.pid}").stat().st_uid
    assert owner != 0
    assert owner == os.geteuid() or os.geteuid() == 0


@pytest.mark.parametrize("name", ["очень длинное имя " * 4 + "/" + "и ещё одно " * 4, "a, b"])
async def test_a_path_that_is_long_or_strange_is_no_obstacle(
    name: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("short")))
    folder = tmp_path_factory.mktemp("x") / name
    with services.start_postgres(folder) as postgres, services.start_redis(folder) as valkey:
        connection = await asyncpg.connect(postgres.url)
        assert await connection.fetchval("select lower('ӘҒҚҢӨҰҮҺІ')") == "әғқңөұүһі"
        await connection.close()
        async with Redis.from_url(valkey.url) as redis:
            assert await redis.ping()


async def test_a_long_log_is_read_before_anybody_is_told_that_it_is_up(tmp_path: Path) -> None:
    log = tmp_path / "redis" / "appendonlydir"
    log.mkdir(parents=True)
    (log / "appendonly.aof.manifest").write_text("file appendonly.aof.1.incr.aof seq 1 type i\n")
    one = b"*3\r\n$5\r\nRPUSH\r\n$4\r\nlist\r\n$100\r\n" + b"x" * 100 + b"\r\n"
    (log / "appendonly.aof.1.incr.aof").write_bytes(one * 500_000)  # half a second's reading
    with services.start_redis(tmp_path) as valkey:
        async with Redis.from_url(valkey.url) as redis:
            assert (await redis.info("persistence"))["loading"] == 0
            assert await redis.exists("list")


def test_a_folder_in_use_is_refused_to_others_and_free_again_afterwards(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "--only", "redis", str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline()
        with pytest.raises(Misconfigured, match="Another veche is already running"):
            services.start_redis(tmp_path)
        other.stdin.close()
        assert other.wait() == 0
    services.start_redis(tmp_path).stop()


async def test_when_a_run_is_killed_its_servers_stop_and_the_next_finds_everything(tmp_path: Path) -> None:
    with subprocess.Popen([*COMMAND, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        assert run.stdout
        urls = json.loads(run.stdout.readline())
        connection = await asyncpg.connect(urls["DATABASE_URL"])
        await connection.execute("create table kept (word text)")
        await connection.close()
        async with Redis.from_url(urls["REDIS_URL"]) as redis:
            await redis.set("kept", "word")
            left = [int((await redis.info())["process_id"])]
        left.append(int((tmp_path / "postgres" / "postmaster.pid").read_text().splitlines()[0]))
        run.kill()
    until = time.monotonic() + 10
    while any(_is_running(pid) for pid in left):
        assert time.monotonic() < until
        await asyncio.sleep(0.02)
    with services.start_postgres(tmp_path) as postgres, services.start_redis(tmp_path) as valkey:
        connection = await asyncpg.connect(postgres.url)
        assert await connection.fetchval("select count(*) from kept") == 0
        await connection.close()
        async with Redis.from_url(valkey.url) as redis:
            assert await redis.get("kept") == b"word"


def test_a_server_left_running_is_replaced(tmp_path: Path) -> None:
    for start in (services.start_postgres, services.start_redis):
        left = start(tmp_path)
        os.close(left.lock)  # as if its owner had vanished and nobody had stopped the server
        with start(tmp_path) as again:
            assert left.child.wait(10) == 0
            assert again.pid != left.pid
        left.lock = os.open(os.devnull, os.O_RDONLY)
        left.stop()


@pytest.fixture
def too_long(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose sockets have to be in /tmp (here: a short folder of the test's own)."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("short")))
    return tmp_path_factory.mktemp("x") / ("long " * 20)


def test_a_redis_whose_door_was_swept_away_is_replaced_too(too_long: Path) -> None:
    left = services.start_redis(too_long)
    os.close(left.lock)
    shutil.rmtree((too_long / "sockets").resolve())
    with services.start_redis(too_long) as again:
        assert left.child.poll() == 0
        assert again.pid != left.pid
    left.lock = os.open(os.devnull, os.O_RDONLY)
    left.stop()


def test_whoever_only_stands_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    services.start_redis(tmp_path).stop()
    with subprocess.Popen(["sleep", "60"], cwd=tmp_path / "redis") as stranger:
        services.start_redis(tmp_path).stop()
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("how", ["open to others", "another's", "a link", "gone"])
def test_a_folder_that_somebody_put_where_the_sockets_were_is_not_trusted(too_long: Path, how: str) -> None:
    services.start_redis(too_long).stop()
    trap = Path(tempfile.gettempdir()) / "trap"
    if how == "a link":
        trap.symlink_to(tempfile.mkdtemp())
    elif how != "gone":
        trap.mkdir(mode=0o777 if how == "open to others" else 0o700)
    if how == "another's":
        if os.geteuid() != 0:
            pytest.skip("Only root can make somebody else's folder.")
        os.chown(trap, 12345, 12345)
    (too_long / "sockets").symlink_to(trap)
    with services.start_redis(too_long) as server:
        assert (too_long / "sockets").readlink() != trap
        assert server.sockets.resolve().stat().st_mode & 0o077 == 0
    assert not trap.exists() or list(trap.iterdir()) == []


def test_a_folder_that_was_moved_finds_its_sockets_a_new_place(too_long: Path, tmp_path: Path) -> None:
    left = services.start_redis(tmp_path / "near")
    left.kill()
    (tmp_path / "near" / "sockets").mkdir(exist_ok=True)
    (tmp_path / "near").rename(too_long)
    services.start_redis(too_long).stop()


def test_a_stranger_who_got_the_old_process_number_is_left_alone(tmp_path: Path) -> None:
    services.start_postgres(tmp_path).stop()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (tmp_path / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{tmp_path}\n")
        services.start_postgres(tmp_path).stop()
        assert stranger.poll() is None
        stranger.kill()


def test_an_interrupted_first_start_is_not_taken_for_a_database(tmp_path: Path) -> None:
    (tmp_path / "postgres.unfinished" / "base").mkdir(parents=True)
    services.start_postgres(tmp_path).stop()
    assert not (tmp_path / "postgres.unfinished").exists()


@pytest.mark.parametrize("durable", [True, False])
def test_a_new_database_is_on_the_disk_before_it_is_taken_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, durable: bool
) -> None:
    commands: list[list[str]] = []
    synced: list[tuple[Path, bool]] = []
    run, fsync = subprocess.run, os.fsync

    def watched(command: list[str], **how: Any) -> Any:
        commands.append(command)
        return run(command, **how)

    def seen(descriptor: int) -> None:
        synced.append((Path(f"/proc/self/fd/{descriptor}").readlink(), (tmp_path / "postgres").exists()))
        fsync(descriptor)

    monkeypatch.setattr(subprocess, "run", watched)
    monkeypatch.setattr(os, "fsync", seen)
    services.start_postgres(tmp_path, durable=durable).stop()
    [initdb] = [command for command in commands if any(word.endswith("/initdb") for word in command)]
    assert ("--no-sync" not in initdb) == durable
    assert synced == ([(tmp_path, True)] if durable else [])


def test_a_folder_that_cannot_be_written_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match=r"cannot be written: Not a directory\.$"):
        services.start_postgres(tmp_path / "file" / "var")


def test_a_server_that_cannot_start_says_its_last_words_and_leaves_the_folder_free(tmp_path: Path) -> None:
    services.start_postgres(tmp_path).stop()
    (tmp_path / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(Misconfigured, match=r"did not start: .*no_such_setting|did not start: .*errors"):
        services.start_postgres(tmp_path)
    with (tmp_path / "postgres.lock").open("r+") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_where_they_are_and_stops_them_when_told(tmp_path: Path, how: signal.Signals) -> None:
    # Whoever runs the tests in the background ignores SIGINT, and so would this.
    with subprocess.Popen(
        [*COMMAND, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as run:
        assert run.stdout
        assert set(json.loads(run.stdout.readline())) == {"DATABASE_URL", "REDIS_URL"}
        run.send_signal(how)
        assert run.wait(timeout=20) == 0
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()
    assert not (tmp_path / "sockets" / "redis.sock").exists()


def _is_running(pid: int) -> bool:
    """Whether a process is alive; one that ended but was not yet collected is not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
