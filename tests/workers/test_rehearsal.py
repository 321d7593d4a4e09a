"""What a team said before the public came is gone from every room and every count; what the public said stays."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from config.settings import Settings
from realtime import channels, commands, log, publish, verbs
from realtime.log import RedisLog
from realtime.passes import Pass
from realtime.speaker import Speaker
from realtime.writes import Write
from sql import queries
from sql.connection import Pool
from tests.operator import Operator
from tests.workers.test_archive import archive_of, drain
from workers.kinds import IN_ORDER, KINDS
from workers.outbox import Outbox

OUTBOX = queries("outbox")
NOW = datetime.now(UTC)
BEFORE = NOW - timedelta(hours=2)  # the public was there
HIDDEN = NOW - timedelta(hours=1)
RESTRICTED = (".mute:8", ".ban:9", "slow", "closed")  # the parts of a room's state that say so


@dataclass
class Stage:
    """A channel in which a team rehearses."""

    database: Pool
    redis: Operator
    settings: Settings
    channel: int

    async def say(self, text: str, when: datetime = NOW) -> int:
        """A message in the chat; its offset."""
        about: dict[str, Any] = {
            "channel": self.channel,
            "user": 7,
            "name": "Мира",
            "badge": "moderator",
            "key": uuid4().hex,
        }
        return await publish.say_in_chat(self.redis, **about, text=text, when=when)

    async def ask(self, text: str, *steps: str, when: datetime = NOW) -> str:
        """A question that went these steps; its name."""
        about: dict[str, Any] = {"channel": self.channel, "user": 8, "name": "Сергей", "badge": "speaker"}
        secret = self.settings.secret
        item = await publish.ask(
            self.redis, **about, text=text, anonymous=False, key=uuid4().hex, when=when, secret=secret
        )
        for verb in steps:
            key = uuid4().hex
            await publish.move_question(
                self.redis, channel=self.channel, item=item, verb=verb, by=7, key=key, when=when, text="Да"
            )
        return item

    async def restrict(self, room: str, *, when: datetime) -> None:
        """One person is muted, another banned, and the room slowed and closed."""
        about: dict[str, Any] = {"room": room, "by": 3, "when": when}
        await publish.mute(self.redis, user=8, seconds=86_400, key=uuid4().hex, **about)
        await publish.ban(self.redis, user=9, on=True, key=uuid4().hex, **about)
        await publish.slow(self.redis, seconds=60, key=uuid4().hex, **about)
        await publish.close(self.redis, on=True, key=uuid4().hex, **about)

    async def archive(self) -> None:
        """All that was said is in Postgres."""
        await drain(archive_of(self.database, self.redis))

    async def promise(self, since: datetime | None = None) -> Outbox:
        """Clear it; the outbox that will."""
        wish = {"channels": [self.channel], "since": since and since.isoformat(), "by": 3, "language": "ru"}
        await self.database.execute(OUTBOX.promise, "rehearsal.clear", wish)
        return Outbox(self.settings, self.database, self.redis, KINDS, in_order=IN_ORDER)

    async def state(self, room: str) -> dict[str, Any]:
        """What stands in a room, by part."""
        found = (await RedisLog(self.redis, self.redis).read(room)).state
        return {one.part: orjson.loads(one.event) for one in found}

    async def said(self) -> str:
        """All that a newcomer to the chat or the questions is told."""
        told = b""
        for room in (channels.chat(self.channel), channels.questions(self.channel)):
            reading = await RedisLog(self.redis, self.redis).read(room)
            told += b"".join(one.event for one in (*reading.entries, *reading.state))
        return told.decode()


@pytest.fixture
async def stage(database: Pool, redis: Operator, settings: Settings, conference: int) -> Stage:
    """One channel of a conference that is not public."""
    channel = await database.fetchval(
        "insert into channel (conference_id, position, slug, name) values ($1, 1, 'main', '{}') returning id",
        conference,
    )
    return Stage(database, redis, settings, channel)


async def test_nothing_said_or_asked_in_rehearsal_is_told_to_anybody_who_comes_later(stage: Stage) -> None:
    at = await stage.say("проверка звука раз")
    await stage.say("проверка звука два")
    room = channels.chat(stage.channel)
    await publish.pin(stage.redis, room=room, target=at, by=3, key=uuid4().hex, when=NOW)
    asked = [
        await stage.ask("проверка вопроса"),
        await stage.ask("проверка ответа", "approve", "pin", "answered"),
        await stage.ask("проверка показа", "approve", "answering"),
    ]
    assert (await stage.said()).count("проверка") >= 4
    outbox = await stage.promise()
    await stage.archive()
    assert await outbox.any_round() == 0.0
    assert await stage.database.fetchval("select done_at is not null from outbox")
    assert "проверка" not in await stage.said()
    desk = await stage.state(channels.desk(channels.questions(stage.channel)))
    for item in asked:
        assert (desk[f"q:{item}"]["status"], desk[f"q:{item}"]["reason"]) == ("rejected", "Репетиция закончилась.")
    await stage.archive()
    left = "select count(*) from chat_message where text is not null and retracted_at is null"
    assert await stage.database.fetchval(left) == 0
    assert await stage.database.fetchval("select count(*) from question where status <> 'rejected'") == 0


async def test_what_is_held_for_a_moderator_is_dropped(stage: Stage) -> None:
    room, key = channels.chat(stage.channel), uuid4().hex
    await publish.words(stage.redis, room=room, hold=["казин"], hide=[], by=3, key=key, when=NOW)
    await log.append(stage.redis, said_by(8, room, "Лучшее казино!"))
    assert [one for one in await stage.state(channels.desk(room)) if one.startswith("held:")]
    outbox = await stage.promise()
    await stage.archive()
    assert await outbox.any_round() == 0.0
    assert not [one for one in await stage.state(channels.desk(room)) if one.startswith("held:")]


async def test_what_the_public_said_before_the_conference_was_hidden_stays(stage: Stage) -> None:
    await stage.say("от публики", BEFORE)
    kept = await stage.ask("вопрос публики", "approve", when=BEFORE)
    await stage.say("репетиция")
    asked = await stage.ask("вопрос репетиции", "approve")
    room = channels.questions(stage.channel)
    for item, when in ((kept, BEFORE), (kept, NOW), (asked, NOW)):
        await stage.database.execute("insert into vote values ($1, $2, $3, $4)", room, item, f"{item}{when}", when)
    outbox = await stage.promise(HIDDEN)
    await stage.archive()
    assert await outbox.any_round() == 0.0
    told = await stage.said()
    assert "от публики" in told
    assert "вопрос публики" in told
    assert "репетиц" not in told
    votes = await stage.database.fetch("select item, voted_at from vote")
    assert [(row["item"], row["voted_at"]) for row in votes] == [(kept, BEFORE)]


async def test_polls_of_the_rehearsal_are_drafts_again_without_ballots(stage: Stage) -> None:
    number = await stage.database.fetchval(
        "insert into poll (channel_id, question, kind, status, told, opened_at, closed_at)"
        " values ($1, '{}', 'single', 'closed', 'closed', $2, $2) returning id",
        stage.channel,
        NOW,
    )
    await stage.database.execute("insert into ballot values ($1, 'person:7', '{1}', $2)", number, NOW)
    outbox = await stage.promise()
    assert await outbox.any_round() == 0.0
    row = await stage.database.fetchrow("select status, opened_at, closed_at from poll")
    assert tuple(row or ()) == ("draft", None, None)
    assert await stage.database.fetchval("select count(*) from ballot") == 0


async def test_it_waits_for_the_archive_and_is_done_then(stage: Stage) -> None:
    await stage.say("проверка звука")
    outbox = await stage.promise()
    with pytest.raises(Exception, match="The archive has not all"):
        await outbox.any_round()
    assert await stage.database.fetchval("select attempts = 0 and failed_at is null from outbox")
    assert "проверка" in await stage.said()
    await stage.archive()
    await stage.database.execute("update outbox set due_at = now()")
    assert await outbox.any_round() == 0.0
    assert "проверка" not in await stage.said()


async def test_a_promise_without_channels_is_given_up(stage: Stage) -> None:
    await stage.database.execute(OUTBOX.promise, "rehearsal.clear", {"by": 3})
    await Outbox(stage.settings, stage.database, stage.redis, KINDS, in_order=IN_ORDER).any_round()
    assert await stage.database.fetchval("select failed_at is not null from outbox")


async def test_whom_a_moderator_silenced_in_rehearsal_may_speak_and_rooms_are_as_quick_and_open_as_before(
    stage: Stage,
) -> None:
    chat, asked = channels.chat(stage.channel), channels.questions(stage.channel)
    for room in (chat, asked):
        await stage.restrict(room, when=NOW)
    outbox = await stage.promise()
    await stage.archive()
    assert await outbox.any_round() == 0.0
    for room in (chat, asked):
        assert not (set(RESTRICTED) & set(await stage.state(room)))
        assert not ({"mute:8", "ban:9"} & set(await stage.state(channels.desk(room))))
        assert await stage.redis.hgetall(channels.rules(room)) == {}
    assert await log.append(stage.redis, said_by(8, chat))
    assert not await publish.is_banned(stage.redis, rooms=[chat, asked], user=9)


async def test_what_moderators_imposed_in_public_or_after_it_was_promised_stays(stage: Stage) -> None:
    chat, asked = channels.chat(stage.channel), channels.questions(stage.channel)
    await stage.restrict(chat, when=BEFORE)
    await stage.restrict(asked, when=NOW)
    outbox = await stage.promise(HIDDEN)
    await publish.mute(
        stage.redis, room=asked, user=8, seconds=86_400, by=3, key=uuid4().hex, when=NOW + timedelta(hours=1)
    )
    await stage.archive()
    assert await outbox.any_round() == 0.0
    assert set(RESTRICTED) <= set(await stage.state(chat))
    assert set(RESTRICTED) & set(await stage.state(asked)) == {".mute:8"}


async def test_however_much_was_said_a_room_is_read_a_few_times(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        await stage.say(f"проверка {number}")
        await stage.ask(f"вопрос {number}", "approve")
    outbox = await stage.promise()
    await stage.archive()
    wholes: list[str] = []

    async def counted(key: str) -> Any:
        wholes.append(key)
        return await Operator.hgetall(stage.redis, key)

    monkeypatch.setattr(stage.redis, "hgetall", counted)
    assert await outbox.any_round() == 0.0
    assert 0 < len(wholes) < 5
    assert "проверка" not in await stage.said()
    assert "вопрос" not in await stage.said()
    await stage.archive()
    assert await stage.database.fetchval("select count(*) from question where status <> 'rejected'") == 0


def said_by(user: int, room: str, text: str = "Мне снова можно") -> Write:
    """What somebody without rights over others says in a chat."""
    act = commands.ChatSay(0, room, uuid4().hex, text)
    guest = Pass(user, "Сергей", {room: frozenset({"say"})}, 0)
    [write] = verbs.decide(act, Speaker(guest, NOW.timestamp(), lambda *_: None, ""))
    return write
