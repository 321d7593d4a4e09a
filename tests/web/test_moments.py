"""What many ask for at once is asked for once, known for a second, and asked anew for whoever changed something."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from web.moments import APART, KEPT_FOR, Moments

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Town:
    """A clock, and a count that is slow to take."""

    def __init__(self) -> None:
        self.now = NOON
        self.votes = 0
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.moments = Moments(lambda: self.now, most=3)

    async def count(self) -> int:
        self.asked += 1
        counted = self.votes
        await self.may_answer.wait()
        return counted

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def known(self, key: str = "room", *, anew: bool = False) -> int:
        return await self.moments.of(key, self.count, anew=anew)


async def test_five_thousand_who_come_at_once_ask_once() -> None:
    town = Town()
    town.may_answer.clear()
    everybody = [asyncio.create_task(town.known()) for _ in range(5_000)]
    await asyncio.sleep(0)
    town.may_answer.set()
    assert set(await asyncio.gather(*everybody)) == {0}
    assert town.asked == 1


async def test_what_is_known_is_a_second_old_at_most() -> None:
    town = Town()
    await town.known()
    town.votes = 1
    town.pass_by(0.999)
    assert await town.known() == 0
    town.pass_by(0.001)
    assert (await town.known(), town.asked) == (1, 2)


async def test_who_changed_something_sees_it_at_once_and_then_everybody_does() -> None:
    town = Town()
    await town.known()
    town.votes = 1
    assert await town.known(anew=True) == 1
    assert await town.known() == 1
    assert town.asked == 2


async def test_an_answer_that_was_begun_before_a_change_is_not_what_its_author_gets() -> None:
    town = Town()
    town.may_answer.clear()
    early = asyncio.create_task(town.known())
    await asyncio.sleep(0)
    town.votes = 1
    late = [asyncio.create_task(town.known(anew=True)) for _ in range(100)]
    await asyncio.sleep(0)
    town.may_answer.set()
    assert await early == 0
    assert set(await asyncio.gather(*late)) == {1}
    assert town.asked == 2, "and a hundred of them share one"


async def test_what_is_asked_anew_by_many_is_asked_a_few_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        town.pass_by(seconds)

    monkeypatch.setattr("web.moments.asyncio.sleep", sleep)
    for vote in range(1, 31):
        town.votes = vote
        assert await town.known(anew=True) == vote
    assert sum(slept) == pytest.approx(29 * KEPT_FOR.total_seconds() / APART)


async def test_a_failure_is_everybodys_who_waited_and_nobody_elses() -> None:
    town = Town()
    town.may_answer.clear()

    async def fail() -> int:
        town.asked += 1
        await town.may_answer.wait()
        raise ConnectionError("Postgres is away")

    waiting = [asyncio.create_task(town.moments.of("room", fail)) for _ in range(100)]
    await asyncio.sleep(0)
    town.may_answer.set()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(one, ConnectionError) for one in told)
    assert town.asked == 1
    assert await town.known() == 0


async def test_who_leaves_while_asking_takes_nothing_from_those_who_wait() -> None:
    town = Town()
    town.may_answer.clear()
    leaves, stays = asyncio.create_task(town.known()), asyncio.create_task(town.known())
    await asyncio.sleep(0)
    leaves.cancel()
    town.may_answer.set()
    assert await stays == 0
    assert leaves.cancelled()


async def test_memory_is_bounded_and_what_was_asked_for_least_lately_goes() -> None:
    town = Town()
    for key in ("a", "b", "c", "a", "d"):
        await town.known(key)
    assert len(town.moments) == 3
    asked = town.asked
    await town.known("a")
    assert town.asked == asked
    await town.known("b")
    assert town.asked == asked + 1


async def test_a_clock_that_was_put_back_keeps_nothing_for_ever() -> None:
    town = Town()
    await town.known()
    town.votes = 1
    town.pass_by(-3600)
    assert await town.known() == 1
