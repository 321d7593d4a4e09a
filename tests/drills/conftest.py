"""How many rounds each drill has (VECHE_ROUNDS), and the table of how long service took to come back."""

import os
from collections.abc import Callable
from math import ceil

import pytest
from _pytest.terminal import TerminalReporter

# The same nodes and Redis as beside the other tests of the socket server.
from tests.realtime.conftest import node as node
from tests.realtime.conftest import own_redis as own_redis
from tests.realtime.conftest import shared_node as shared_node
from tests.realtime.conftest import stores as stores

ROUNDS = "VECHE_ROUNDS"  # `make drill` asks for 20
BACK = "seconds until back"


@pytest.fixture(scope="session")
def rounds() -> int:
    """How often each drill is done; one in `make test`."""
    return int(os.environ.get(ROUNDS, "1"))


@pytest.fixture(scope="session")
def thorough(rounds: int) -> bool:
    """Whether there is time for the real lengths: 30 s of a frozen Redis, 20 s of a dead wire."""
    return rounds > 1


@pytest.fixture
def back(record_property: Callable[[str, object], None]) -> list[float]:
    """Takes the seconds after which service was back, one for each round."""
    seconds: list[float] = []
    record_property(BACK, seconds)
    return seconds


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """A row for each drill: how long until what is said was heard by everybody again."""
    rows = [
        (report.nodeid.partition("::test_")[2].replace("_", " "), sorted(seconds))
        for report in terminalreporter.getreports("passed")
        for name, seconds in report.user_properties
        if name == BACK and seconds
    ]
    if rows and ROUNDS in os.environ:
        width = max(len(name) for name, _ in rows)
        terminalreporter.section("seconds until what is said was heard by everybody again")
        terminalreporter.write_line(f"{'':{width}}  rounds    p50    p99    max")
        for name, times in rows:
            middle, late = (times[ceil(len(times) * part) - 1] for part in (0.5, 0.99))
            terminalreporter.write_line(f"{name:{width}}  {len(times):6}  {middle:5.2f}  {late:5.2f}  {times[-1]:5.2f}")
