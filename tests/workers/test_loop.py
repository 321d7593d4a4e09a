"""Jobs run again and again, fail alone, and leave when they are asked to."""

import asyncio
import logging

import asyncpg
import pytest

from workers import loop
from workers.loop import Away


async def test_a_job_runs_again_and_again_until_it_is_asked_to_stop() -> None:
    stop, rounds = asyncio.Event(), 0

    async def job() -> float:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            stop.set()
        return 0.0

    await asyncio.wait_for(loop.run({"job": job}, stop), 5)
    assert rounds == 3


async def test_a_job_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "FIRST_PAUSE", 0.001)
    stop, failures, rounds = asyncio.Event(), 0, 0

    async def broken() -> float:
        nonlocal failures
        failures += 1
        raise LookupError("a bug")

    async def sound() -> float:
        nonlocal rounds
        rounds += 1
        if failures >= 3 and rounds >= 3:
            stop.set()
        return 0.001

    await asyncio.wait_for(loop.run({"broken": broken, "sound": sound}, stop), 5)
    assert failures >= 3


async def test_what_is_away_is_told_in_a_sentence_and_what_is_broken_with_a_traceback(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "FIRST_PAUSE", 0.001)
    stop, rounds = asyncio.Event(), 0

    async def job() -> float:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 5432)")
        if rounds == 2:
            raise Away("The mail server is closing.")
        if rounds == 3:
            raise LookupError("a bug")
        stop.set()
        return 0.0

    with caplog.at_level(logging.INFO, "workers.loop"):
        await asyncio.wait_for(loop.run({"mail": job}, stop), 5)
    refused, closing, broken, back = caplog.records
    assert "mail has to wait: [Errno 111] Connect call failed" in refused.message
    assert "mail has to wait: The mail server is closing. Again in" in closing.message
    assert refused.exc_info is None
    assert broken.exc_info is not None
    assert back.message == "mail is back at work."


def test_a_wire_cut_while_a_statement_begins_is_away() -> None:
    assert loop.is_away(asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress"))
    assert loop.is_away(asyncpg.InterfaceError("connection is closed"))
    assert not loop.is_away(asyncpg.InterfaceError("the server expects 1 argument for this query, 2 were passed"))


async def test_a_round_in_hand_is_finished_before_leaving() -> None:
    stop, finished = asyncio.Event(), False

    async def job() -> float:
        nonlocal finished
        stop.set()
        await asyncio.sleep(0.05)
        finished = True
        return 60.0

    await asyncio.wait_for(loop.run({"job": job}, stop), 5)
    assert finished


async def test_a_round_that_does_not_end_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    stop = asyncio.Event()

    async def job() -> float:
        stop.set()
        await asyncio.sleep(3600)
        return 0.0

    await asyncio.wait_for(loop.run({"slow": job}, stop, grace=0.05), 5)
    assert "slow is still busy" in caplog.text


async def test_a_round_that_misses_being_cut_off_is_cut_off_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "ASKED_AGAIN", 0.01)
    stop, missed = asyncio.Event(), 0

    async def job() -> float:
        nonlocal missed
        stop.set()
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                missed += 1
                if missed == 2:
                    raise

    await asyncio.wait_for(loop.run({"deaf": job}, stop, grace=0.01), 5)
    assert missed == 2


def test_a_pause_grows_and_ends_somewhere() -> None:
    assert 0.5 <= loop.pause(1) <= 1.0
    assert loop.LONGEST_PAUSE / 2 <= loop.pause(50) <= loop.LONGEST_PAUSE
