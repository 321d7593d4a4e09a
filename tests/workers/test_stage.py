"""Channels hear what is on: by the clock and the newest public schedule, or by hand."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from realtime import channels, publish
from sql.connection import Pool
from tests.operator import Operator
from workers.stage import Stage


class Programme:
    """A conference with one channel and sessions, by the clock of Postgres and this machine."""

    def __init__(self, database: Pool, conference: int, channel: int) -> None:
        self.database = database
        self.conference = conference
        self.channel = channel
        self.number = 0

    async def session(self) -> int:
        """One more, without a place."""
        return int(
            await self.database.fetchval(
                """insert into session (conference_id, title, abstract, language)
                values ($1, '{}', '{}', 'ru') returning id""",
                self.conference,
            )
        )

    async def release(self, slots: dict[int, tuple[int, int]]) -> None:
        """A version of the schedule: session -> minutes from now at which it begins and ends."""
        self.number += 1
        release = await self.database.fetchval(
            "insert into release (conference_id, number) values ($1, $2) returning id", self.conference, self.number
        )
        now = datetime.now(UTC)
        for session, (begins, ends) in slots.items():
            await self.database.execute(
                "insert into slot (release_id, session_id, channel_id, starts_at, ends_at) values ($1, $2, $3, $4, $5)",
                *(release, session, self.channel, now + timedelta(minutes=begins), now + timedelta(minutes=ends)),
            )

    async def by_hand(self, session: int | None, *, on: bool = True) -> None:
        await self.database.execute(
            "update channel set by_hand = $2, on_air_id = $3 where id = $1", self.channel, on, session
        )


@pytest.fixture
async def programme(database: Pool, conference: int) -> Programme:
    await database.execute("update conference set published_at = now() where id = $1", conference)
    channel = await database.fetchval(
        "insert into channel (conference_id, position, slug, name) values ($1, 1, 'main', '{}') returning id",
        conference,
    )
    return Programme(database, conference, channel)


async def told(redis: Operator, channel: int) -> list[Any]:
    """What everybody there was told, in order."""
    found: Any = await redis.xrange(channels.log(channels.questions(channel)))
    return [orjson.loads(fields[b"e"])["session"] for _, fields in found]


async def on(redis: Operator, channel: int) -> int:
    return (await publish.what_is_on(redis, [channel]))[channel][0]


async def test_what_is_on_follows_the_newest_schedule(database: Pool, redis: Operator, programme: Programme) -> None:
    stage, channel = Stage(database, redis), programme.channel
    await stage.round()
    assert await told(redis, channel) == [], "nothing is on, and nobody need hear of it"
    early, late = await programme.session(), await programme.session()
    await programme.release({early: (-10, 10), late: (10, 20)})
    for _ in range(3):
        await stage.round()
    assert await told(redis, channel) == [early]
    await programme.release({late: (-10, 10), early: (10, 20)})
    await stage.round()
    await programme.release({late: (-20, -10), early: (10, 20)})
    await stage.round()
    assert await told(redis, channel) == [early, late, 0]


async def test_by_hand_somebody_says_what_is_on_and_the_clock_is_silent(
    database: Pool, redis: Operator, programme: Programme
) -> None:
    stage, channel = Stage(database, redis), programme.channel
    clock, hand = await programme.session(), await programme.session()
    await programme.release({clock: (-10, 10)})
    await programme.by_hand(hand)
    await stage.round()
    assert await on(redis, channel) == hand
    await programme.by_hand(None)
    await stage.round()
    assert await on(redis, channel) == 0
    await programme.by_hand(None, on=False)
    await stage.round()
    assert await told(redis, channel) == [hand, 0, clock]


async def test_of_two_that_overlap_the_later_one_is_on(database: Pool, redis: Operator, programme: Programme) -> None:
    long, later = await programme.session(), await programme.session()
    await programme.release({long: (-60, 60), later: (-5, 5)})
    await Stage(database, redis).round()
    assert await on(redis, programme.channel) == later


async def test_a_team_that_rehearses_before_the_conference_is_public_hears_what_is_on(
    database: Pool, redis: Operator, programme: Programme
) -> None:
    session = await programme.session()
    await programme.release({session: (-10, 10)})
    await database.execute("update conference set published_at = null")
    await Stage(database, redis).round()
    assert await told(redis, programme.channel) == [session]


async def test_several_workers_tell_a_change_once(database: Pool, redis: Operator, programme: Programme) -> None:
    one, other = await programme.session(), await programme.session()
    workers = [Stage(database, redis) for _ in range(4)]
    for session in (one, other, one, other):
        await programme.by_hand(session)
        await asyncio.gather(*(worker.round() for worker in workers))
    assert await told(redis, programme.channel) == [one, other, one, other]


async def test_a_redis_that_lost_everything_is_told_again(
    database: Pool, redis: Operator, programme: Programme
) -> None:
    session = await programme.session()
    await programme.by_hand(session)
    stage = Stage(database, redis)
    await stage.round()
    await redis.flushall()
    await stage.round()
    assert await on(redis, programme.channel) == session
