"""Channels hear what is on: by the clock and the newest public schedule, or by hand."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Self
from uuid import uuid4

import orjson
import pytest

from realtime import channels, publish
from sql.connection import Pool
from tests.operator import Operator
from workers import stage
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
    worker, channel = Stage(database, redis), programme.channel
    await worker.round()
    assert await told(redis, channel) == [], "nothing is on, and nobody need hear of it"
    early, late = await programme.session(), await programme.session()
    await programme.release({early: (-10, 10), late: (10, 20)})
    for _ in range(3):
        await worker.round()
    assert await told(redis, channel) == [early]
    await programme.release({late: (-10, 10), early: (10, 20)})
    await worker.round()
    await programme.release({late: (-20, -10), early: (10, 20)})
    await worker.round()
    assert await told(redis, channel) == [early, late, 0]


async def test_by_hand_somebody_says_what_is_on_and_the_clock_is_silent(
    database: Pool, redis: Operator, programme: Programme
) -> None:
    worker, channel = Stage(database, redis), programme.channel
    clock, hand = await programme.session(), await programme.session()
    await programme.release({clock: (-10, 10)})
    await programme.by_hand(hand)
    await worker.round()
    assert await on(redis, channel) == hand
    await programme.by_hand(None)
    await worker.round()
    assert await on(redis, channel) == 0
    await programme.by_hand(None, on=False)
    await worker.round()
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
    worker = Stage(database, redis)
    await worker.round()
    await redis.flushall()
    await worker.round()
    assert await on(redis, programme.channel) == session


class Slow:
    """Postgres as a host sees it whose answers are late: after the first one everything else happens."""

    def __init__(self, database: Pool, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self.database = database
        self.meanwhile: Callable[[], Awaitable[None]] | None = meanwhile

    async def fetch(self, query: str, *args: object) -> Any:
        rows = await self.database.fetch(query, *args)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        return rows


async def test_who_looked_long_ago_does_not_take_back_what_was_told_since(
    database: Pool, redis: Operator, programme: Programme
) -> None:
    early, late = await programme.session(), await programme.session()
    await programme.by_hand(early)
    await Stage(database, redis).round()

    async def turn() -> None:
        await programme.by_hand(late)
        await Stage(database, redis).round()

    slow: Any = Slow(database, turn)
    await Stage(slow, redis).round()
    assert await told(redis, programme.channel) == [early, late]


async def test_what_was_overtaken_between_two_looks_is_not_told(
    database: Pool, redis: Operator, programme: Programme
) -> None:
    session = await programme.session()
    at = (await publish.what_is_on(redis, [programme.channel]))[programme.channel][1]
    now, keys = datetime.now(UTC), (str(uuid4()) for _ in range(2))
    await publish.on_air(redis, channel=programme.channel, session=session, key=next(keys), when=now, after=at)
    with pytest.raises(publish.Refused, match=r"desk\.changed"):
        await publish.on_air(redis, channel=programme.channel, session=0, key=next(keys), when=now, after=at)
    assert await on(redis, programme.channel) == session


@pytest.mark.parametrize("minutes", [-30, 30])
async def test_a_host_whose_clock_is_wrong_agrees_with_the_others_on_what_is_on(
    database: Pool, redis: Operator, programme: Programme, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(minutes=minutes)

    before, now, after = [await programme.session() for _ in range(3)]
    await programme.release({before: (-60, -10), now: (-10, 10), after: (10, 60)})
    right, wrong = Stage(database, redis), Stage(database, redis)
    await right.round()
    monkeypatch.setattr(stage, "datetime", Wrong)
    await wrong.round()
    assert await told(redis, programme.channel) == [now]
