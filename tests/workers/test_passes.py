"""What is told to end, ends: passes of persons and of what they were given for. A promise without is given up."""

from typing import Any

import pytest

from config.settings import Settings
from realtime import channels, passes
from realtime.log import RedisLog
from sql import queries
from sql.connection import Pool
from tests.operator import Operator
from workers.kinds import IN_ORDER, KINDS
from workers.outbox import IDLE, Outbox

OUTBOX = queries("outbox")
KIND = "passes.revoke"


async def over(redis: Operator) -> dict[str, float]:
    """What passes end with now, and until when they were issued."""
    state = (await RedisLog(redis, redis).read(channels.PASSES)).state
    return {subject: when for one in state for subject, when in passes.standing(one.event).people.items()}


def outbox(settings: Settings, database: Pool, redis: Operator) -> Outbox:
    return Outbox(settings, database, redis, KINDS, in_order=IN_ORDER)


async def test_every_pass_until_the_promise_is_kept_ends_also_one_given_after_it_was_made(
    database: Pool, redis: Operator, settings: Settings
) -> None:
    wish = {"users": [7], "grounds": [passes.of_conference(3), passes.of_screen(12)]}
    await database.execute(OUTBOX.promise, KIND, wish)
    given_meanwhile = await database.fetchval("select clock_timestamp()")
    box = outbox(settings, database, redis)
    assert (await box.ordered_round(KIND), await box.ordered_round(KIND)) == (0.0, IDLE)
    ended = await over(redis)
    assert set(ended) == {"7", "conference:3", "screen:12"}
    now = await database.fetchval("select clock_timestamp()")
    assert given_meanwhile.timestamp() <= min(ended.values()) <= now.timestamp()


async def test_it_stands_behind_no_letter(database: Pool, redis: Operator, settings: Settings) -> None:
    """A thousand letters to a slow mail server wait in the other lane."""
    assert KIND in IN_ORDER
    await database.execute(OUTBOX.promise, KIND, {"users": [7], "grounds": []})
    assert await outbox(settings, database, redis).any_round() == IDLE


@pytest.mark.parametrize("wish", [{}, {"users": [7]}, {"users": ["x"], "grounds": []}, {"users": 7, "grounds": []}])
async def test_a_promise_that_names_nobody_is_given_up(
    database: Pool, redis: Operator, settings: Settings, wish: dict[str, Any]
) -> None:
    await database.execute(OUTBOX.promise, KIND, wish)
    await outbox(settings, database, redis).ordered_round(KIND)
    assert await database.fetchval("select failed_at is not null from outbox")
    assert await over(redis) == {}
