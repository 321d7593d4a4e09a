"""A word list reaches every chat and every desk of its conference, and once more changes nothing."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from config.settings import Settings
from realtime import channels, publish
from sql import queries
from sql.connection import Pool
from tests.operator import Operator
from workers import words
from workers.notices import Notices
from workers.outbox import Promise, Tools, Undone

MODERATION = queries("moderation")
NOON = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
async def numbers(database: Pool, conference: int) -> list[int]:
    """Two channels of the conference, and a word list."""
    for stem, act in (("казин", "hold"), ("дурак", "hide")):
        await database.execute(MODERATION.add_word, conference, stem, act)
    return [
        await database.fetchval(
            "insert into channel (conference_id, position, slug, name) values ($1, $2, $3, '{}') returning id",
            conference,
            position,
            f"channel-{position}",
        )
        for position in (1, 2)
    ]


async def tell(database: Pool, redis: Operator, settings: Settings, payload: dict[str, Any]) -> None:
    async with database.acquire() as connection:
        await words.tell(Promise(7, "words.tell", payload, NOON), Tools(settings, redis, connection, Notices(redis)))


async def said_at(redis: Operator, room: str) -> list[Any]:
    rows: Any = await redis.xrange(channels.log(channels.desk(room)))
    return [orjson.loads(fields[b"e"]) for _, fields in rows]


async def test_every_chat_and_desk_hears_the_list_once(
    database: Pool, redis: Operator, settings: Settings, conference: int, numbers: list[int]
) -> None:
    for _ in range(2):
        await tell(database, redis, settings, {"conference_id": conference, "by": 3})
    for number in numbers:
        for room in (channels.chat(number), channels.questions(number)):
            [worded] = await said_at(redis, room)
            assert (worded["is"], worded["words"], worded["hidden"]) == ("chat.worded", ["казин"], ["дурак"])


async def test_what_the_list_holds_is_held_from_then_on(
    database: Pool, redis: Operator, settings: Settings, conference: int, numbers: list[int]
) -> None:
    await tell(database, redis, settings, {"conference_id": conference, "by": 3})
    item = await publish.ask(
        redis,
        channel=numbers[0],
        user=7,
        name="Timur",
        badge="",
        text="Где лучшее KАЗИНО?",
        anonymous=False,
        key="key-00000001",
        when=NOON,
        secret=settings.secret,
    )
    asked = (await said_at(redis, channels.questions(numbers[0])))[-1]
    assert (asked["item"], asked["suspicious"]) == (item, True)


async def test_a_promise_without_a_conference_is_given_up(database: Pool, redis: Operator, settings: Settings) -> None:
    with pytest.raises(Undone):
        await tell(database, redis, settings, {"by": 3})
