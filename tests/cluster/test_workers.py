"""What workers tell rooms of a master that is away waits for it, and what they tell all others does not."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from redis.exceptions import ConnectionError

from config.settings import read
from realtime import channels
from realtime.engine import Engine
from sql import queries
from sql.connection import Pool
from tests.realtime.node import PATIENCE
from tests.store import Store
from workers import aside
from workers.askers import Askers
from workers.kinds import IN_ORDER, KINDS
from workers.outbox import Outbox
from workers.polls import Polls
from workers.reminders import Reminders
from workers.tallies import Tallies

CHANNEL = queries("channel")
MANY = 60  # channels and people; more than one round takes
VICTIM = channels.questions(1)  # a room of the master that is away


@pytest.fixture
async def engine(masters: Store) -> AsyncIterator[Engine]:
    """The cluster as workers have it, who have seen all of it."""
    async with Engine(masters.url) as client:
        await client.learn()
        yield client


@pytest.fixture
async def conference(database: Pool) -> int:
    """A public conference of many channels, one session that begins soon, and as many people who starred it."""
    number: int = await database.fetchval(
        "insert into conference (slug, name, tagline, about, zone, languages, language, starts_on, ends_on,"
        " published_at) values ('school', '{}', '{}', '{}', 'UTC', '{ru}', 'ru', '2026-11-23', '2026-11-24', now())"
        " returning id"
    )
    await database.execute(
        "insert into channel (conference_id, position, slug, name)"
        " select $1, number, 'c' || number, '{}' from generate_series(1, $2) as number",
        *(number, MANY),
    )
    await database.execute(
        "insert into person (email, name, password_hash, language)"
        " select number || '@veche.example', 'Anna', '-', 'ru' from generate_series(1, $1) as number",
        MANY,
    )
    return number


@dataclass(frozen=True, slots=True)
class Job:
    """A worker, whom it told as Postgres has it, and whom it has to tell: on the master that is away, and elsewhere."""

    tell: Callable[[], Awaitable[float]]
    told: str
    there: set[int]
    elsewhere: set[int]

    async def keeps_on(self, database: Pool, whom: set[int]) -> None:
        """Rounds until they are told, and nobody else."""
        end = datetime.now(UTC) + timedelta(seconds=PATIENCE)
        while {row["id"] for row in await database.fetch(self.told)} != whom:
            assert datetime.now(UTC) < end, f"others waited for the master that is away: {self.told}"
            await self.tell()


@pytest.fixture
async def jobs(database: Pool, masters: Store, engine: Engine, conference: int) -> list[Job]:
    """Something to tell in every room: a poll, a vote, what became of a question, and that a session begins."""
    starts = datetime.now(UTC) + timedelta(minutes=4)
    session = await database.fetchval(
        "insert into session (conference_id, channel_id, starts_at, ends_at, title, abstract, language)"
        " select $1, min(id), $2, $3, '{}', '{}', 'ru' from channel returning id",
        *(conference, starts, starts + timedelta(hours=1)),
    )
    await database.execute(queries("demo").plant_release, conference)
    await database.execute("insert into star (person_id, session_id) select id, $1 from person", session)
    await database.execute(
        'insert into question (room, item, epoch, "offset", person_id, name, badge, anonymous, status, text, asked_at,'
        " changed_at) select 'questions:1', 'q' || id, 'e', 1, id, '', '', false, 'approved', '?', now(), now()"
        " from person order by id"
    )
    await database.execute(
        "insert into poll (channel_id, question, kind, secret, status, opened_at)"
        " select id, '{}', 'single', true, 'open', now() from channel order by id"
    )
    victim = masters.number(channels.log(VICTIM))

    async def split(table: str, room: Callable[[int], str]) -> tuple[set[int], set[int]]:
        numbers = {row["id"] for row in await database.fetch(f"select id from {table}")}
        there = {one for one in numbers if masters.number(channels.log(room(one))) == victim}
        assert there
        assert there != numbers
        return there, numbers - there

    halls, people = await split("channel", channels.questions), await split("person", channels.inbox)
    for channel in sorted(halls[0] | halls[1]):
        await database.execute(CHANNEL.cast_vote, channels.questions(channel), "a", "person:1")
    told = (
        "select channel.id from channel join untold_vote on room = 'questions:' || channel.id where told_at is not null"
    )
    return [
        Job(Polls(database, engine).round, "select channel_id as id from poll where told = 'open'", *halls),
        Job(Tallies(database, engine, now=lambda: starts).round, told, *halls),
        Job(Askers(database, engine).round, "select person_id as id from question where told = step", *people),
        Job(Reminders(database, engine).round, "select person_id as id from reminder", *people),
    ]


@pytest.mark.parametrize("away", ["frozen", "dead"])
async def test_what_is_for_other_masters_is_told_and_the_rest_when_theirs_is_back(
    database: Pool, masters: Store, engine: Engine, jobs: list[Job], monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    monkeypatch.setattr(aside, "TRIED_AGAIN", 1.0)
    monkeypatch.setattr("workers.reminders.AT_ONCE", 20)
    with masters.frozen(VICTIM) if away == "frozen" else contextlib.nullcontext():
        if away == "dead":
            masters.kill(VICTIM)
        for job in jobs:
            await job.keeps_on(database, job.elsewhere)
    if away == "dead":
        masters.start(VICTIM)
    for job in jobs:
        await job.keeps_on(database, job.elsewhere | job.there)
    for channel in jobs[0].there | jobs[0].elsewhere:
        entries: Any = await engine.xrange(channels.log(channels.questions(channel)))
        assert [orjson.loads(fields[b"e"])["is"] for _, fields in entries][:1] == ["poll.stands"]
    for person in jobs[2].there | jobs[2].elsewhere:
        notices: Any = await engine.xrange(channels.log(channels.inbox(person)))
        kinds = sorted(orjson.loads(fields[b"e"])["kind"] for _, fields in notices)
        assert kinds == ["question.approved", "session.starts"], "once each"


@pytest.fixture
async def moved(database: Pool, conference: int) -> None:
    """Everybody starred one session, and the schedule has it an hour later than they know."""
    starts = datetime.now(UTC) + timedelta(hours=2)
    session = await database.fetchval(
        "insert into session (conference_id, channel_id, starts_at, ends_at, title, abstract, language)"
        " select $1, min(id), $2, $3, '{}', '{}', 'ru' from channel returning id",
        *(conference, starts, starts + timedelta(hours=1)),
    )
    await database.execute("insert into star (person_id, session_id) select id, $1 from person", session)
    await database.execute(queries("demo").plant_release, conference)
    await database.execute(
        "with made as (insert into release (conference_id, number) values ($1, 2) returning id) insert into slot"
        " select made.id, session_id, channel_id, starts_at + interval '1 hour', ends_at + interval '1 hour'"
        " from slot, made",
        conference,
    )
    await database.execute(queries("outbox").promise, "schedule.tell", {"conference": conference})


@pytest.mark.parametrize("away", ["frozen", "dead"])
async def test_of_a_moved_session_hears_everybody_whose_master_is_there_and_the_rest_when_theirs_is_back(
    database: Pool,
    masters: Store,
    engine: Engine,
    database_url: str,
    moved: None,
    monkeypatch: pytest.MonkeyPatch,
    away: str,
) -> None:
    monkeypatch.setattr(aside, "TRIED_AGAIN", 1.0)
    monkeypatch.setattr("workers.schedule.AT_ONCE", 20)
    environment = {"VECHE_SECRET": "-" * 32, "DATABASE_URL": database_url, "REDIS_URL": masters.url}
    outbox = Outbox(read(environment), database, engine, KINDS, in_order=IN_ORDER)
    victim = masters.number(channels.log(VICTIM))
    everybody = {row["id"] for row in await database.fetch("select id from person")}
    there = {one for one in everybody if masters.number(channels.log(channels.inbox(one))) == victim}

    async def heard(person: int) -> int:
        with contextlib.suppress(ConnectionError):  # a master that comes back is not there at once
            return int(await engine.xlen(channels.log(channels.inbox(person))))
        return 0

    async def told(some: set[int]) -> None:
        """Keep promises until each of these heard of it."""
        end = datetime.now(UTC) + timedelta(seconds=PATIENCE)
        while not all([await heard(one) for one in some]):
            assert datetime.now(UTC) < end, "others waited for the master that is away"
            await outbox.any_round()

    with masters.frozen(VICTIM) if away == "frozen" else contextlib.nullcontext():
        if away == "dead":
            masters.kill(VICTIM)
        await told(everybody - there)
    if away == "dead":
        masters.start(VICTIM)
    await told(there)
    for one in everybody:
        assert await heard(one) == 1, "once each"
