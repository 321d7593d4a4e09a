"""How many watch is noted minute by minute while a conference is on."""

from datetime import UTC, datetime, timedelta

import pytest

from realtime import channels
from realtime.engine import Engine
from sql.connection import Pool
from workers.audience import Audience


async def here(redis: Engine, room: str, *people: int) -> None:
    """These are in a room, as viewers.lua keeps it."""
    key = channels.viewers(room)
    await redis.delete(key)
    if people:
        await redis.hset(key, mapping={str(one): 1 for one in people})


@pytest.fixture
async def channel(database: Pool, conference: int) -> int:
    number: int = await database.fetchval(
        "insert into channel (conference_id, position, slug, name) values ($1, 1, 'main', '{}') returning id",
        conference,
    )
    await database.execute(
        "update conference set starts_on = $2, ends_on = $2 where id = $1", conference, datetime.now(UTC).date()
    )
    return number


async def noted(database: Pool) -> list[int]:
    return [row["viewers"] for row in await database.fetch("select viewers from audience order by minute")]


async def test_the_most_of_a_minute_stays(database: Pool, redis: Engine, channel: int) -> None:
    audience = Audience(database, redis)
    begun = datetime.now(UTC).replace(second=0, microsecond=0)
    await here(redis, channels.chat(channel), 1, 2, 3)
    await audience.round()
    await here(redis, channels.chat(channel), 1)
    await audience.round()
    rows = await database.fetch("select minute, viewers from audience")
    most = {row["minute"]: row["viewers"] for row in rows}
    assert max(most.values()) == 3
    assert all(minute >= begun and minute.second == 0 for minute in most)


async def test_an_empty_hall_leaves_no_rows(database: Pool, redis: Engine, channel: int) -> None:
    await Audience(database, redis).round()
    assert await noted(database) == []


async def test_a_conference_that_is_long_over_is_not_counted(database: Pool, redis: Engine, channel: int) -> None:
    await database.execute(
        "update conference set starts_on = $1, ends_on = $1", datetime.now(UTC).date() - timedelta(days=3)
    )
    await here(redis, channels.chat(channel), 1, 2)
    await Audience(database, redis).round()
    assert await noted(database) == []
