"""Rooms hear of polls from the worker: once, in order, and nothing that is still hidden."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from redis.exceptions import ConnectionError as NoConnection

from realtime import channels, publish
from realtime.engine import Engine
from sql import queries
from sql.connection import Pool
from tests.operator import Operator
from tests.store import Store
from workers.polls import AGAIN, Polls

STAGE = queries("stage")


@pytest.fixture
async def channel(database: Pool) -> int:
    """A channel of a conference."""
    conference = await database.fetchval(
        "insert into conference (slug, name, tagline, about, zone, languages, language, starts_on, ends_on)"
        " values ('school', '{}', '{}', '{}', 'UTC', '{ru}', 'ru', '2026-11-23', '2026-11-24') returning id"
    )
    number: int = await database.fetchval(
        "insert into channel (conference_id, position, slug, name) values ($1, 1, 'main', '{}') returning id",
        conference,
    )
    return number


@pytest.fixture
async def engine(redis_url: str) -> AsyncIterator[Engine]:
    """Redis as workers have it."""
    async with Engine(redis_url) as client:
        yield client


async def poll(database: Pool, channel: int, *, secret: bool, status: str = "open") -> tuple[int, list[int]]:
    number = await database.fetchval(
        "insert into poll (channel_id, question, kind, secret, status, opened_at)"
        " values ($1, '{}', 'multiple', $2, $3, now()) returning id",
        channel,
        secret,
        status,
    )
    rows = [(number, place, {"ru": str(place)}) for place in (1, 2)]
    await database.executemany("insert into poll_option (poll_id, position, text) values ($1, $2, $3)", rows)
    options = await database.fetch("select id from poll_option where poll_id = $1 order by position", number)
    return number, [row["id"] for row in options]


async def vote(database: Pool, poll: int, voter: str, *options: int) -> None:
    await database.execute("insert into ballot values ($1, $2, $3)", poll, voter, list(options))


async def heard(redis: Operator, channel: int) -> list[tuple[int, str]]:
    """What the room was told of polls, in order."""
    entries: Any = await redis.xrange(channels.log(channels.questions(channel)))
    events = [orjson.loads(fields[b"e"]) for _, fields in entries]
    return [(event["poll"], event["status"]) for event in events if event["is"] == "poll.stands"]


@asynccontextmanager
async def listening(redis_url: str, channel: int) -> AsyncIterator[list[dict[str, int]]]:
    """The tallies that are told in the room meanwhile."""
    told: list[dict[str, int]] = []
    client = Operator(redis_url)
    pubsub = client.pubsub()
    await pubsub.ssubscribe(channels.live(channels.questions(channel)))

    async def listen() -> None:
        while True:
            message = await pubsub.get_message(timeout=1.0)
            if message is not None and message["type"] == "smessage" and b'"tally"' in message["data"]:
                told.append(orjson.loads(message["data"][message["data"].index(b"{") :])["counts"])

    task = asyncio.create_task(listen())
    try:
        yield told
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await pubsub.aclose()  # type: ignore[no-untyped-call]  # redis annotates only some functions
        await client.aclose()


async def test_a_commit_that_nobody_told_of_is_told(
    database: Pool, engine: Engine, redis: Operator, channel: int
) -> None:
    number, _ = await poll(database, channel, secret=True)
    worker = Polls(database, engine)
    await worker.round()
    await worker.round()
    assert await heard(redis, channel) == [(number, "open")], "once"
    await database.execute("update poll set status = 'closed', closed_at = now()")
    await Polls(database, engine).round()
    assert await heard(redis, channel) == [(number, "open"), (number, "closed")], "also by another process"
    await database.execute("update poll set status = 'draft', opened_at = null, closed_at = null")
    await worker.round()
    assert (await heard(redis, channel))[-1] == (number, "gone")
    assert await database.fetchval("select told from poll") == ""


async def test_a_draft_is_told_to_nobody(database: Pool, engine: Engine, redis: Operator, channel: int) -> None:
    await poll(database, channel, secret=False, status="draft")
    await Polls(database, engine).round()
    assert await heard(redis, channel) == []


async def test_two_workers_tell_it_once(database: Pool, engine: Engine, redis: Operator, channel: int) -> None:
    number, _ = await poll(database, channel, secret=True)
    await asyncio.gather(*(Polls(database, engine).round() for _ in range(4)))
    assert await heard(redis, channel) == [(number, "open")]


async def test_when_redis_is_away_it_is_told_later(
    database: Pool, engine: Engine, redis: Operator, channel: int
) -> None:
    number, _ = await poll(database, channel, secret=True)
    async with Engine("redis://127.0.0.1:1/0") as nowhere:
        with pytest.raises(NoConnection):
            await Polls(database, nowhere).round()
    assert await database.fetchval("select told from poll") == ""
    await Polls(database, engine).round()
    assert await heard(redis, channel) == [(number, "open")]


async def test_how_a_secret_poll_stands_leaves_no_worker_before_its_end(
    database: Pool, engine: Engine, redis_url: str, redis: Operator, channel: int
) -> None:
    number, (one, other) = await poll(database, channel, secret=True)
    await vote(database, number, "person:1", one)
    await vote(database, number, "person:2", one, other)
    worker = Polls(database, engine)
    async with listening(redis_url, channel) as told:
        await worker.round()
        await until(told, {f"poll:{number}": 2})
        await vote(database, number, "person:3", other)
        await worker.round()
        await until(told, {f"poll:{number}": 3})
        assert not any(len(name.split(":")) == 3 for counts in told for name in counts), told
        await database.execute("update poll set status = 'closed', closed_at = now()")
        await worker.round()
        await until(told, {f"poll:{number}:{one}": 2, f"poll:{number}:{other}": 2})


async def test_how_an_open_poll_stands_is_told_as_it_changes(
    database: Pool, engine: Engine, redis_url: str, redis: Operator, channel: int
) -> None:
    number, (one, other) = await poll(database, channel, secret=False)
    now = 0.0
    worker = Polls(database, engine, clock=lambda: now)
    async with listening(redis_url, channel) as told:
        await worker.round()
        await until(told, {f"poll:{number}": 0, f"poll:{number}:{one}": 0, f"poll:{number}:{other}": 0})
        await vote(database, number, "person:1", other)
        await worker.round()
        await until(told, {f"poll:{number}": 1, f"poll:{number}:{other}": 1})
        await worker.round()
        await worker.round()
        await publish.tallies(engine, {channels.questions(channel): {"end": 0}})
        await until(told, {"end": 0})
        assert len(told) == 5, "who came in between hears it, too"
        now = AGAIN
        await worker.round()
        await publish.tallies(engine, {channels.questions(channel): {"end": 1}})
        await until(told, {"end": 1})
        assert len(told) == 6, "later what did not change is not told again"


@asynccontextmanager
async def silent() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A server that takes what it is sent and answers nothing, at an address; and when something was sent."""
    sent, over = asyncio.Event(), asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(1):
            sent.set()
        await over.wait()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}", sent
    finally:
        over.set()
        server.close()
        await server.wait_closed()


async def test_while_a_room_is_told_people_vote(database: Pool, channel: int) -> None:
    number, (one, _) = await poll(database, channel, secret=True)
    async with silent() as (url, sent), Engine(url, socket_timeout=60) as nobody:
        telling = asyncio.create_task(Polls(database, nobody).round())
        try:
            await asyncio.wait_for(sent.wait(), 20)
            voted = await database.fetchval(STAGE.cast_ballot, channel, number, "person:1", [one], timeout=20)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
    assert voted == number


async def test_while_people_vote_a_room_is_told(database: Pool, engine: Engine, redis: Operator, channel: int) -> None:
    number, (one, _) = await poll(database, channel, secret=True)
    async with database.acquire() as voter, voter.transaction():
        await voter.execute(STAGE.cast_ballot, channel, number, "person:1", [one])
        telling = asyncio.create_task(Polls(database, engine).round())
        async with asyncio.timeout(20):
            while await heard(redis, channel) != [(number, "open")]:  # noqa: ASYNC110 - Redis calls nobody back
                await asyncio.sleep(0.02)
    await telling
    assert await database.fetchval("select told from poll") == "open"


async def test_how_polls_stand_is_told_in_every_room_when_redis_is_back(
    database: Pool, tmp_path: Path, channel: int
) -> None:
    other = await database.fetchval(
        "insert into channel (conference_id, position, slug, name)"
        " select conference_id, 2, 'other', '{}' from channel returning id"
    )
    here, there = [(await poll(database, one, secret=True)) for one in (channel, other)]
    now = 0.0
    with Store(tmp_path, clustered=False) as store:
        async with Engine(store.url) as engine:
            worker = Polls(database, engine, clock=lambda: now)
            await worker.round()
            now += AGAIN
            for number, options in (here, there):
                await vote(database, number, "person:1", options[0])
            store.kill("")
            with pytest.raises(NoConnection):
                await worker.round()
            now += AGAIN
            store.start("")
            async with listening(store.url, channel) as told, listening(store.url, other) as told_there:
                await worker.round()
                await until(told, {f"poll:{here[0]}": 1})
                await until(told_there, {f"poll:{there[0]}": 1})


async def until(told: list[dict[str, int]], wanted: dict[str, int]) -> None:
    """Wait until this was told in one go."""
    async with asyncio.timeout(10):
        while not any(wanted.items() <= one.items() for one in told):  # noqa: ASYNC110  # another task fills the list
            await asyncio.sleep(0.02)
