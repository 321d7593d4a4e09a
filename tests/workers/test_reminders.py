"""Whoever starred a session is told what it does: begins soon, moved, cancelled. Once, and in their language."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from config.settings import Settings
from realtime import channels, log
from realtime.engine import Engine
from sql import queries
from sql.connection import Pool
from tests.workers.worker import Worker
from web.conferences import releases, schedule_rules
from web.reader import Person
from workers.kinds import IN_ORDER, KINDS
from workers.outbox import Outbox
from workers.reminders import AT_ONCE, Reminders
from workers.schedule import AT_ONCE as TOLD_AT_ONCE

OUTBOX = queries("outbox")
NOW = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)


class Town:
    """A conference with one channel, and people who star."""

    def __init__(self, database: Pool, redis: Engine, settings: Settings, conference: int, channel: int) -> None:
        self.database, self.redis, self.conference, self.channel = database, redis, conference, channel
        self.outbox = Outbox(settings, database, redis, KINDS, in_order=IN_ORDER)
        self.now = NOW
        self.reminders = Reminders(database, redis, now=lambda: self.now)

    async def session(self, name: str, begins: int, length: int = 30) -> int:
        """A session that begins so many minutes after now, in the draft alone."""
        number: int = await self.database.fetchval(
            "insert into session (conference_id, channel_id, starts_at, ends_at, title, abstract, language)"
            " values ($1, $2, $3, $4, $5, '{}', 'ru') returning id",
            self.conference,
            self.channel,
            self.now + timedelta(minutes=begins),
            self.now + timedelta(minutes=begins + length),
            {"ru": name, "kk": f"{name} қазақша"},
        )
        return number

    async def release(self, *, promise: bool = True) -> None:
        """Everybody sees the draft, and whom it concerns is to be told."""
        await self.database.execute(
            "with made as (insert into release (conference_id, number, released_at) select $1, coalesce(max(number), 0)"
            " + 1, clock_timestamp() from release returning id) insert into slot select made.id, session.id,"
            " channel_id, starts_at, ends_at from session, made where channel_id is not null",
            self.conference,
        )
        if promise:
            await self.database.execute(OUTBOX.promise, "schedule.tell", {"conference": self.conference})

    async def move(self, session: int, minutes: int) -> None:
        """Change the draft."""
        await self.database.execute(
            "update session set starts_at = starts_at + $2, ends_at = ends_at + $2 where id = $1",
            session,
            timedelta(minutes=minutes),
        )

    async def person(self, name: str, *stars: int, language: str = "ru") -> int:
        """Somebody who wants to see these."""
        number: int = await self.database.fetchval(
            "insert into person (email, name, password_hash, language) values ($1, $2, '-', $3) returning id",
            f"{name}@example.org",
            name,
            language,
        )
        await self.database.executemany(
            "insert into star (person_id, session_id) values ($1, $2)", [(number, one) for one in stars]
        )
        return number

    async def work(self) -> None:
        """Keep every promise that is due."""
        while await self.outbox.any_round() == 0.0:
            pass
        left = await self.database.fetchval("select count(*) from outbox where done_at is null and due_at <= now()")
        assert left == 0

    async def notices(self, person: int) -> list[str]:
        """What came into somebody's inbox, the oldest first."""
        reading = await log.RedisLog(self.redis, self.redis).read(channels.inbox(person))
        events = [json.loads(entry.event) for entry in reading.entries]
        return [event["text"] for event in events if event.get("kind") in ("session.starts", "schedule.changed")]


@pytest.fixture
async def town(database: Pool, redis_url: str, settings: Settings, conference: int) -> AsyncIterator[Town]:
    """A conference that is public, with a channel."""
    await database.execute("update conference set published_at = now()")
    channel = await database.fetchval(
        "insert into channel (conference_id, position, slug, name) values ($1, 1, 'main', $2) returning id",
        conference,
        {"ru": "Главный зал", "kk": "Басты зал"},
    )
    async with Engine(redis_url) as redis:
        yield Town(database, redis, settings, conference, channel)


async def test_whoever_starred_is_told_five_minutes_before_once_and_in_their_language(town: Town) -> None:
    soon, later = await town.session("Скоро", 5), await town.session("Потом", 6)
    await town.release()
    anna, aigul = await town.person("anna", soon, later), await town.person("aigul", soon, language="kk")
    boris = await town.person("boris")
    for _ in range(3):
        await town.reminders.round()
    clock = (NOW + timedelta(minutes=5 + 5 * 60)).strftime("%H:%M")  # Almaty
    assert await town.notices(anna) == [f"Через 5 минут, в {clock} (Алматы, UTC+5): «Скоро», Главный зал."]
    assert await town.notices(aigul) == [
        f"5 минуттан кейін, сағат {clock} (Алматы, UTC+5): «Скоро қазақша», Басты зал."
    ]
    assert await town.notices(boris) == []
    town.now += timedelta(minutes=1)
    await town.reminders.round()
    assert len(await town.notices(anna)) == 2


async def test_a_star_of_the_last_minute_is_told_what_is_left(town: Town) -> None:
    soon = await town.session("Скоро", 5)
    await town.release()
    town.now += timedelta(minutes=3, seconds=30)
    anna = await town.person("anna", soon)
    await town.reminders.round()
    assert (await town.notices(anna))[0].startswith("Через 2 минуты")


async def test_what_has_begun_and_what_is_far_away_is_not_told(town: Town) -> None:
    sessions = [await town.session("Идёт", -1), await town.session("Сейчас", 0), await town.session("Нескоро", 20)]
    await town.release()
    anna = await town.person("anna", *sessions)
    await town.reminders.round()
    assert await town.notices(anna) == []


async def test_only_the_newest_release_counts_and_a_shift_is_told_again(town: Town) -> None:
    soon = await town.session("Скоро", 5)
    await town.release()
    anna = await town.person("anna", soon)
    await town.reminders.round()
    await town.move(soon, 10)
    await town.release(promise=False)
    await town.reminders.round()
    assert len(await town.notices(anna)) == 1, "it begins in a quarter of an hour now"
    town.now += timedelta(minutes=10)
    await town.reminders.round()
    assert len(await town.notices(anna)) == 2


async def test_a_session_shifted_to_this_moment_is_told_at_once(town: Town) -> None:
    later = await town.session("Потом", 30)
    await town.release()
    anna = await town.person("anna", later)
    await town.move(later, -27)
    await town.release(promise=False)
    await town.reminders.round()
    assert (await town.notices(anna))[0].startswith("Через 3 минуты")


async def test_a_conference_in_hiding_tells_nobody(town: Town) -> None:
    await town.database.execute("update conference set published_at = null")
    soon = await town.session("Скоро", 5)
    await town.release()
    anna = await town.person("anna", soon)
    await town.reminders.round()
    assert await town.notices(anna) == []


async def test_many_people_are_told_in_several_rounds(town: Town) -> None:
    soon = await town.session("Скоро", 5)
    await town.release()
    people = [await town.person(f"p{number}", soon) for number in range(AT_ONCE + 3)]
    assert await town.reminders.round() == 0.0
    assert await town.reminders.round() > 0
    assert {len(await town.notices(one)) for one in (*people[:3], *people[-4:])} == {1}


async def test_a_round_that_broke_off_is_done_again_and_nobody_hears_twice(town: Town) -> None:
    soon = await town.session("Скоро", 5)
    await town.release()
    anna = await town.person("anna", soon)
    await town.reminders.round()
    await town.database.execute("delete from reminder")  # as if the process died before it noted what it told
    await town.reminders.round()
    assert len(await town.notices(anna)) == 1


async def test_old_reminders_are_forgotten(town: Town) -> None:
    soon = await town.session("Скоро", 5)
    await town.release()
    await town.person("anna", soon)
    await town.reminders.round()
    town.now += timedelta(days=3)
    await town.reminders.sweep_round()
    assert await town.database.fetchval("select count(*) from reminder") == 0


async def test_whom_a_release_concerns_is_told_once_what_changed(town: Town) -> None:
    moved, gone, other = [await town.session(name, 60) for name in ("Перенос", "Отмена", "Другое")]
    await town.release()
    await town.work()
    anna, boris = await town.person("anna", moved, gone), await town.person("boris", other)
    await town.move(moved, 45)
    await town.database.execute(
        "update session set channel_id = null, starts_at = null, ends_at = null where id = $1", gone
    )
    await town.release()
    await town.work()
    (said,) = await town.notices(anna)
    clock = (NOW + timedelta(minutes=105 + 5 * 60)).strftime("%H:%M")
    assert "«Отмена» отменена." in said
    assert "«Перенос» перенесена: " in said
    assert f"{clock} (Алматы, UTC+5), Главный зал." in said
    assert await town.notices(boris) == []
    await town.database.execute(OUTBOX.promise, "schedule.tell", {"conference": town.conference})
    await town.work()
    assert len(await town.notices(anna)) == 1


async def test_what_is_released_in_hiding_is_told_when_the_conference_is_public_again(town: Town) -> None:
    moved = await town.session("Перенос", 60)
    await town.release()
    await town.work()
    anna = await town.person("anna", moved)
    await town.database.execute("update conference set published_at = null")
    await town.move(moved, 45)
    await town.release()
    await town.work()
    assert await town.notices(anna) == []
    await town.database.execute("update conference set published_at = now()")
    await town.database.execute(OUTBOX.promise, "schedule.tell", {"conference": town.conference})
    await town.work()
    (said,) = await town.notices(anna)
    assert "«Перенос» перенесена: " in said


async def test_a_session_that_comes_back_and_one_in_another_channel_are_told_as_such(town: Town) -> None:
    back, elsewhere = await town.session("Вернулась", 60), await town.session("Переехала", 90)
    await town.release()
    anna = await town.person("anna", back, elsewhere)
    await town.database.execute("delete from slot where session_id = $1", back)
    await town.work()
    await town.database.execute(
        "with made as (insert into channel (conference_id, position, slug, name) values ($1, 2, 'two', $2)"
        " returning id) update session set channel_id = made.id from made where session.id = $3",
        town.conference,
        {"ru": "Мастерская"},
        elsewhere,
    )
    await town.release()
    await town.work()
    (said,) = await town.notices(anna)
    assert "«Вернулась» снова в расписании" in said
    assert "«Переехала» теперь в другом канале: Мастерская" in said


async def test_a_shift_taken_back_before_its_promise_is_due_is_told_to_nobody(town: Town) -> None:
    soon = await town.session("Скоро", 60)
    await town.release()
    await town.work()
    anna = await town.person("anna", soon)
    await town.move(soon, 10)
    await town.release()
    await town.move(soon, -10)
    await town.release()
    await town.work()
    assert await town.notices(anna) == []


@pytest.mark.parametrize("told_between", [False, True])
async def test_a_shift_of_the_desk_and_its_undoing_are_told_once_each_or_not_at_all(
    town: Town, told_between: bool
) -> None:
    soon, other = await town.session("Скоро", 60), await town.session("Вчера", -24 * 60)
    await town.release()
    await town.work()
    anna, boris = await town.person("anna", soon), await town.person("boris", other)
    olga = Person(await town.person("olga"), "olga", "olga@example.org", "ru")
    now = datetime.now(UTC)

    async def all_is_due() -> None:
        for _ in range(2):  # a promise more than there are changes adds nothing
            await town.database.execute("update outbox set due_at = now() where done_at is null")
            await town.work()
            await town.database.execute(OUTBOX.promise, "schedule.tell", {"conference": town.conference})

    released = (await releases.standing(town.database, town.conference, {})).released
    just_before = released[soon].starts_at - timedelta(microseconds=1)  # the same day, whatever time it is here
    after = schedule_rules.shifted(released, town.channel, 10, now=just_before, zone="Asia/Almaty", with_current=False)
    assert [one.session for one in schedule_rules.difference(released, after)] == [soon]
    await releases.shift(
        town.database, town.conference, olga, channel=town.channel, minutes=10, after=after, seen=1, now=now
    )
    await town.work()
    assert await town.notices(anna) == [], "nobody is told within the first seconds"
    if told_between:
        await all_is_due()
    await releases.undo(town.database, town.conference, olga, seen=2, now=now)
    await all_is_due()
    said = await town.notices(anna)
    hours = [(NOW + timedelta(minutes=5 * 60 + one)).strftime("%H:%M") for one in ([70, 60] if told_between else [])]
    assert [re.findall(r"\d\d:\d\d", one) for one in said] == [[one] for one in hours]
    assert all(one.startswith("«Скоро» перенесена: ") for one in said)
    assert await town.notices(boris) == []


async def test_of_a_release_and_a_shift_in_one_breath_the_outcome_is_told_once(town: Town) -> None:
    soon = await town.session("Скоро", 60)
    await town.release()
    await town.work()
    anna = await town.person("anna", soon)
    for minutes in (30, 10, 5, -10):  # a release, two shifts, and the second of them taken back, too late
        await town.move(soon, minutes)
        await town.release()
    await town.work()
    (said,) = await town.notices(anna)
    assert (NOW + timedelta(minutes=95 + 5 * 60)).strftime("%H:%M") in said


async def test_whoever_takes_a_star_away_before_the_promise_is_due_is_told_nothing(town: Town) -> None:
    soon = await town.session("Скоро", 60)
    await town.release()
    await town.work()
    anna, boris = await town.person("anna", soon), await town.person("boris", soon)
    await town.move(soon, 10)
    await town.release()
    await town.database.execute("delete from star where person_id = $1", anna)
    await town.work()
    assert await town.notices(anna) == []
    assert len(await town.notices(boris)) == 1


async def test_what_is_past_is_not_told(town: Town) -> None:
    past = await town.session("Вчера", -24 * 60)
    await town.release()
    await town.work()
    anna = await town.person("anna", past)
    await town.move(past, -60)
    await town.release()
    await town.work()
    assert await town.notices(anna) == []


async def test_a_hall_full_of_people_is_told_in_parts(town: Town) -> None:
    soon = await town.session("Скоро", 60)
    await town.release()
    await town.work()
    people = [await town.person(f"p{number}", soon) for number in range(TOLD_AT_ONCE + 2)]
    await town.move(soon, 10)
    await town.release()
    await town.work()
    assert {len(await town.notices(one)) for one in (*people[:2], *people[-3:])} == {1}
    assert await town.database.fetchval("select count(*) from outbox where payload ? 'after'") == 1


async def test_many_changes_are_one_notice_that_counts_the_rest(town: Town) -> None:
    sessions = [await town.session(f"Тема {number}", 60 + number) for number in range(6)]
    await town.release()
    await town.work()
    anna = await town.person("anna", *sessions)
    for one in sessions:
        await town.move(one, 10)
    await town.release()
    await town.work()
    (said,) = await town.notices(anna)
    assert said.count("перенесена") == 3
    assert said.endswith("И ещё 3 сессии вашей программы.")


async def test_a_promise_nobody_can_read_is_given_up(town: Town) -> None:
    await town.database.execute(OUTBOX.promise, "schedule.tell", {"conference": "x"})
    await town.outbox.any_round()
    assert await town.database.fetchval("select failed_at is not null from outbox")


async def test_the_process_tells_by_itself(town: Town, told: dict[str, str]) -> None:
    town.now = datetime.now(UTC) + timedelta(seconds=30)
    soon = await town.session("Скоро", 2)
    await town.release()
    anna = await town.person("anna", soon)
    with Worker(told) as worker:
        await worker.until(town.database, "select exists (select from reminder)")
    assert len(await town.notices(anna)) == 1
