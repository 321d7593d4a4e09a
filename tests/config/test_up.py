"""`python -m config up`: it starts everything, says one line, and leaves nothing behind, however it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config import leftovers

ROOT = Path(__file__).parents[2]
PROCFILE = """\
web: python -m tests.config.standin WEB_PORT
realtime: python -m tests.config.standin ADMIN_PORT
workers: python -c "import time; time.sleep(600)"
"""
SOON = 30.0  # seconds; a machine busy with other tests is slow


class Run:
    """One `up` under test and what it has said so far."""

    def __init__(
        self, folder: Path, ports: dict[str, str], procfile: str, stdout: int | None = None, **environ: str
    ) -> None:
        self.var = folder / "var"
        self.said = folder / "said"
        (folder / "Procfile").write_text(procfile)
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config", "up", "--procfile", str(folder / "Procfile")],
                cwd=ROOT,
                env={**inherited, "VECHE_VAR": str(self.var), **ports, **environ},
                stdout=stdout or said,
                stderr=said,
                start_new_session=True,
                # Whoever runs the tests may ignore the end of the terminal; who runs this does not.
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
            )

    @property
    def words(self) -> str:
        """Everything it has said."""
        return self.said.read_text()

    def await_words(self, words: str) -> None:
        """Wait until it says so."""
        until = time.monotonic() + SOON
        while words not in self.words:
            assert self.process.poll() is None, self.words
            assert time.monotonic() < until, self.words
            time.sleep(0.02)

    def left(self) -> list[int]:
        """What still runs of it: processes of the Procfile, Postgres, Valkey."""
        storage = [self.var / "postgres" / "postmaster.pid", self.var / "sockets" / "redis.sock"]
        return list(leftovers.running(self.var)) + [-1 for path in storage if path.exists()]


@pytest.fixture
def ports() -> dict[str, str]:
    """Three ports that nobody uses."""
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    numbers = [str(door.getsockname()[1]) for door in doors]
    for door in doors:
        door.close()
    return dict(zip(("WEB_PORT", "REALTIME_PORT", "ADMIN_PORT"), numbers, strict=True))


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory, ports: dict[str, str]) -> Iterator[Callable[..., Run]]:
    """Starts `up` in this test's folder, any number of times; nothing outlives the test."""
    runs: list[Run] = []
    folder = tmp_path_factory.mktemp("up")

    def begin(procfile: str = PROCFILE, stdout: int | None = None, **environ: str) -> Run:
        runs.append(Run(folder, ports, procfile, stdout, **environ))
        return runs[-1]

    yield begin
    for run in runs:
        run.process.kill()
        run.process.wait()
        leftovers.end(run.var)


@contextmanager
def listening() -> Iterator[int]:
    """A port that somebody uses."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield door.getsockname()[1]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_says_one_line_when_everything_answers_and_stops_everything_when_told(
    start: Callable[..., Run], ports: dict[str, str], how: signal.Signals
) -> None:
    run = start()
    run.await_words("timur@demo.veche")
    assert run.words.count(f"\nveche is ready: http://127.0.0.1:{ports['WEB_PORT']}\n") == 1
    assert "password veche-demo" in run.words
    assert run.words.count("stand-in sees True True") == 2
    run.process.send_signal(how)
    assert run.process.wait(SOON) != 0
    assert run.words.count("stand-in leaves in peace") == 2
    assert run.left() == []


def test_the_second_start_is_quick_and_finds_everything_as_it_was(start: Callable[..., Run]) -> None:
    first = start()
    first.await_words("veche is ready")
    secret = (first.var / "secret").read_text()
    assert (first.var / "secret").stat().st_mode & 0o077 == 0
    first.process.terminate()
    first.process.wait(SOON)
    begun = time.monotonic()
    second = start()
    second.await_words("timur@demo.veche")
    assert time.monotonic() - begun < 5
    assert (second.var / "secret").read_text() == secret


def test_a_child_that_dies_takes_everything_down_with_a_failure(start: Callable[..., Run]) -> None:
    run = start(PROCFILE.replace("time.sleep(600)", "time.sleep(1)"))
    assert run.process.wait(SOON) == 1
    assert "workers stopped (rc=0)" in run.words
    assert run.left() == []


def test_who_says_stop_while_it_starts_is_obeyed(start: Callable[..., Run]) -> None:
    run = start()
    run.await_words("web started")
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(SOON) == 130
    assert "Traceback" not in run.words
    assert run.left() == []


def test_who_says_stop_in_the_middle_of_a_line_is_obeyed(start: Callable[..., Run]) -> None:
    """The more is said, the likelier a signal finds the launcher writing; it must not write in the handler, too."""
    chatty = PROCFILE.replace("import time; time.sleep(600)", "while True: print(chr(46) * 200)")
    run = start(procfile=chatty)
    run.await_words("." * 200)
    for _ in range(20):
        run.process.send_signal(signal.SIGINT)
        time.sleep(0.01)
    assert run.process.wait(SOON) == 130
    assert "Traceback" not in run.words
    assert run.left() == []


def test_when_nobody_reads_what_it_says_everything_stops(start: Callable[..., Run]) -> None:
    ear, mouth = os.pipe()
    run = start(stdout=mouth)
    os.close(mouth)
    os.close(ear)
    assert run.process.wait(SOON) == 1
    assert run.words.startswith("Everything was stopped, because nothing can be shown any more: ")
    assert run.words.count("\n") == 1
    assert run.left() == []


def test_a_killed_run_takes_its_processes_with_it(start: Callable[..., Run]) -> None:
    run = start()
    run.await_words("veche is ready")
    run.process.kill()
    run.process.wait()
    until = time.monotonic() + SOON
    while run.left():
        assert time.monotonic() < until, run.left()
        time.sleep(0.02)


def test_what_was_left_all_the_same_is_ended_by_the_next(start: Callable[..., Run]) -> None:
    left = start()
    left.await_words("veche is ready")
    numbers = Path(f"/proc/{left.process.pid}/task/{left.process.pid}/children").read_text().split()
    guards = [number for number in numbers if Path(f"/proc/{number}/comm").read_text() == "sh\n"]
    for number in guards:
        os.kill(int(number), signal.SIGKILL)
    left.process.kill()
    left.process.wait()
    assert len(left.left()) >= 5
    start().await_words("veche is ready")


def test_two_of_them_never_share_a_folder(start: Callable[..., Run]) -> None:
    run = start()
    run.await_words("veche is ready")
    environ = {**os.environ, "VECHE_VAR": str(run.var)}
    other = subprocess.run(
        [sys.executable, "-m", "config", "up"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert other.returncode == 1
    assert other.stderr == f"Another veche is already running in {run.var}; stop it first.\n"
    assert run.process.poll() is None


def test_a_busy_port_is_named_with_a_way_out(start: Callable[..., Run]) -> None:
    with listening() as port:
        run = start(WEB_PORT=str(port))
        assert run.process.wait(SOON) == 1
    assert run.words.startswith(f"WEB_PORT {port} on 127.0.0.1 cannot be used (Address already in use): ")
    assert run.words.count("\n") == 1
    assert run.left() == []


@pytest.mark.parametrize("host", ["::1", "::", "localhost"])
def test_it_can_listen_on_any_kind_of_address(start: Callable[..., Run], host: str) -> None:
    run = start(WEB_HOST=host)
    run.await_words("veche is ready")


def test_a_busy_port_is_named_on_ipv6_too(start: Callable[..., Run]) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as door:
        run = start(WEB_HOST="::1", WEB_PORT=str(door.getsockname()[1]))
        assert run.process.wait(SOON) == 1
    assert " on ::1 cannot be used (Address already in use): " in run.words


def test_a_host_nobody_knows_is_named(start: Callable[..., Run]) -> None:
    run = start(WEB_HOST="no.such.host.invalid")
    assert run.process.wait(SOON) == 1
    assert " on no.such.host.invalid cannot be used (" in run.words
    assert run.words.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none", "The database does not answer: "),
        ("DATABASE_URL", "mysql://localhost/veche", "DATABASE_URL must be an address that starts with postgresql://"),
        ("REDIS_URL", "redis://127.0.0.1:1", "Redis does not answer at REDIS_URL: "),
        ("VECHE_VAR", "/dev/null/var", "/dev/null/var cannot be written: Not a directory."),
        ("WEB_PORT", "eighty", "WEB_PORT must be a port between 1 and 65535, not 'eighty'."),
        ("VECHE_SECRET", "short", "VECHE_SECRET must be at least 32 characters"),
        ("VECHE_MODE", "production", "PUBLIC_URL must be an address that starts with https://."),
    ],
)
def test_what_cannot_work_gets_one_sentence_and_nothing_stays(
    start: Callable[..., Run], name: str, value: str, sentence: str
) -> None:
    run = start(**{name: value})
    assert run.process.wait(SOON) == 1
    assert run.words.startswith(sentence)
    assert run.words.count("\n") == 1, run.words
    assert "Traceback" not in run.words
    assert run.left() == []


def test_other_terminals_can_read_how_to_reach_it(start: Callable[..., Run]) -> None:
    run = start()
    run.await_words("veche is ready")
    command = f". {run.var}/environment && {sys.executable} -m sql status"
    seen = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True, timeout=SOON)
    assert "0001_before_first_house.sql" in seen.stdout
    assert "pending" not in seen.stdout
