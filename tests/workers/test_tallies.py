"""Rooms hear how many voted: soon, once for many votes, and the last they hear is true."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from redis.exceptions import ConnectionError as NoConnection

from realtime import channels
from realtime.engine import Engine
from sql import queries
from sql.connection import Pool
from tests.operator import Operator
from tests.workers.test_polls import engine, listening
from workers.tallies import AGAIN, TURN, Tallies

__all__ = ["engine"]

CHANNEL = queries("channel")
ROOM = channels.questions(1)


async def vote(database: Pool, voter: int, item: str = "a", room: str = ROOM) -> None:
    await database.execute(CHANNEL.cast_vote, room, item, f"person:{voter}")


async def take_back(database: Pool, voter: int, item: str = "a") -> None:
    await database.execute(CHANNEL.take_vote_back, ROOM, item, f"person:{voter}")


async def untold(database: Pool) -> int:
    return int(await database.fetchval("select count(*) from untold_vote where told_at is null"))


async def heard(told: list[dict[str, int]], many: int) -> None:
    async with asyncio.timeout(10):
        while len(told) < many:  # noqa: ASYNC110 - Redis calls nobody back
            await asyncio.sleep(0.01)


async def test_many_votes_between_two_rounds_are_counted_once(database: Pool, engine: Engine, redis_url: str) -> None:
    worker = Tallies(database, engine)
    async with listening(redis_url, 1) as told:
        for voter in range(20):
            await vote(database, voter)
        await vote(database, 1, "b")
        await worker.round()
        await heard(told, 1)
        await take_back(database, 3)
        await worker.round()
        await heard(told, 2)
    assert told == [{"a": 20, "b": 1}, {"a": 19}]
    assert await untold(database) == 0


async def test_what_changes_nothing_is_told_to_nobody(database: Pool, engine: Engine) -> None:
    await vote(database, 1)
    await Tallies(database, engine).round()
    await vote(database, 1)
    await take_back(database, 2)
    assert await untold(database) == 0


async def test_the_last_vote_that_is_taken_back_is_told_as_none(database: Pool, engine: Engine, redis_url: str) -> None:
    worker = Tallies(database, engine)
    async with listening(redis_url, 1) as told:
        await vote(database, 1)
        await worker.round()
        await take_back(database, 1)
        await worker.round()
        await heard(told, 2)
    assert told == [{"a": 1}, {"a": 0}]


async def test_of_many_workers_and_voters_at_once_the_last_word_is_true(
    database: Pool, engine: Engine, redis_url: str
) -> None:
    workers = [Tallies(database, engine) for _ in range(3)]
    async with listening(redis_url, 1) as told:
        for some in range(0, 60, 6):
            await asyncio.gather(
                *(vote(database, voter) for voter in range(some, some + 6)), *(one.round() for one in workers)
            )
        while await untold(database):
            await asyncio.gather(*(one.round() for one in workers))
        async with asyncio.timeout(10):
            while told[-1:] != [{"a": 60}]:  # noqa: ASYNC110 - Redis calls nobody back
                await asyncio.sleep(0.01)
    assert [one["a"] for one in told] == sorted(one["a"] for one in told)


async def test_who_came_in_between_hears_it_once_more_and_then_it_is_over(
    database: Pool, engine: Engine, redis_url: str
) -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    worker = Tallies(database, engine, now=lambda: now)
    await vote(database, 1)
    await worker.round()
    async with listening(redis_url, 1) as told:
        await worker.round()
        now += AGAIN + timedelta(milliseconds=1)
        await worker.round()
        await heard(told, 1)
        await worker.round()
    assert told == [{"a": 1}]
    assert await database.fetchval("select count(*) from untold_vote") == 0


async def test_while_one_worker_tells_no_other_does(database: Pool, engine: Engine) -> None:
    await vote(database, 1)
    async with database.acquire() as other, other.transaction():
        assert await other.fetchval("select pg_try_advisory_xact_lock($1)", TURN)
        await Tallies(database, engine).round()
        assert await untold(database) == 1
    await Tallies(database, engine).round()
    assert await untold(database) == 0


async def test_when_redis_is_away_it_is_told_later(
    database: Pool, engine: Engine, redis: Operator, redis_url: str
) -> None:
    await vote(database, 1)
    async with Engine("redis://127.0.0.1:1/0") as nowhere:
        with pytest.raises(NoConnection):
            await Tallies(database, nowhere).round()
    async with listening(redis_url, 1) as told:
        await Tallies(database, engine).round()
        await heard(told, 1)
    assert told == [{"a": 1}]
