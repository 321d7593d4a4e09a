"""The bench believes nobody: a server that loses, doubles or swaps is found out, an honest one is measured."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import chat, meter, report
from bench.chat import Plan
from tests.bench.hall import LIES, Event, Hall, hall, truth

HOUSE = Path(__file__).parent.parent.parent
PLAN = Plan(clients=5, rate=100, seconds=0.2, senders=5, workers=1, room="chat:1")


async def test_an_honest_server_is_measured() -> None:
    async with hall(truth) as where:
        seen = await chat.measure(PLAN, where)
    assert seen.troubles == []
    assert (seen.messages, seen.deliveries) == (20, 100)
    assert len(seen.latencies) == 20
    assert 0 < seen.latencies[0] <= seen.latencies[-1] < 5
    assert seen.cpu is None
    assert "in order, once" in report.table(chat.title(PLAN), chat.lines(PLAN, seen))


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_is_found_out(
    lie: Callable[[Hall, int, Event], list[Event]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "LAGGARDS", 0.3)
    async with hall(lie) as where:
        seen = await chat.measure(PLAN, where)
    assert seen.troubles
    assert "TROUBLES" in report.table(chat.title(PLAN), chat.lines(PLAN, seen))


async def test_a_message_without_an_answer_is_a_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "LAGGARDS", 0.3)
    async with hall(truth, acknowledge=False) as where:
        seen = await chat.measure(PLAN, where)
    assert len(seen.troubles) == 20
    assert "was never answered" in seen.troubles[0]


async def test_a_real_node_keeps_its_promises_and_nothing_is_left_behind() -> None:
    bench = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench", "chat", "--clients", "30", "--rate", "20", "--seconds", "1", "--workers", "2"),
        cwd=HOUSE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    started: set[int] = set()
    while bench.returncode is None:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            started |= set(meter.family(bench.pid))
        await asyncio.sleep(0.05)
    printed, complaint = await bench.communicate()
    assert bench.returncode == 0, complaint.decode()
    assert "of 20 messages; each to everyone, in order, once" in printed.decode()
    assert "deliveries per CPU-second" in printed.decode()
    assert len(started) > 3
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["chat", "--clients", "3", "--senders", "5"], "5 senders need as many --clients"),
        (["chat", "--rate", "0"], "--rate goes up to 10000"),
        (["chat", "--clients", "10", "--rate", "100"], "A person may say one message a second"),
        (["chat", "--url", "http://127.0.0.1:1/"], "--url looks like ws://host:port/ws"),
        (["song"], "the questions are: chat"),
    ],
)
def test_a_wrong_question_gets_a_sentence(words: list[str], sentence: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "bench", *words], cwd=HOUSE, capture_output=True, text=True, check=False
    )
    assert asked.returncode != 0
    assert sentence in asked.stdout + asked.stderr
    assert "Traceback" not in asked.stderr


def test_a_row_finds_its_section() -> None:
    once = report.with_row("# Results\n\nWords.\n", "chat", {"when": "monday", "p50": "1 ms"})
    twice = report.with_row(once, "chat", {"when": "tuesday", "p50": "2 ms"})
    other = report.with_row(twice, "peers", {"when": "friday"})
    again = report.with_row(other, "chat", {"when": "sunday", "p50": "3 ms"})
    assert again.splitlines() == [
        *("# Results", "", "Words.", "", "## chat", "", "| when | p50 |", "|---|---|"),
        *("| monday | 1 ms |", "| tuesday | 2 ms |", "| sunday | 3 ms |"),
        *("", "## peers", "", "| when |", "|---|", "| friday |"),
    ]
