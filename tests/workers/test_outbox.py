"""Promises are kept once, by one worker at a time, and a broken one stands in nobody's way."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

import sql
from config.settings import Settings
from sql import queries
from sql.connection import Pool
from tests.operator import Operator
from workers import outbox
from workers.loop import Away, is_away
from workers.outbox import IDLE, Outbox, Promise, Tools, Undone

OUTBOX = queries("outbox")

Do = Callable[[Promise], Awaitable[None]]


@pytest.fixture
def kept(settings: Settings, database: Pool, redis: Operator) -> Callable[..., Outbox]:
    """An outbox in which `note` is what the test says it is."""

    def make(do: Do, *, postgres: Pool = database, in_order: tuple[str, ...] = ()) -> Outbox:
        async def perform(promise: Promise, tools: Tools) -> None:
            await do(promise)

        return Outbox(settings, postgres, redis, {"note": perform}, in_order=in_order)

    return make


async def test_a_promise_is_kept_and_marked(database: Pool, kept: Callable[..., Outbox]) -> None:
    await promise(database, text="hello")
    done: list[Any] = []
    box = kept(lambda one: note(done, one))
    assert await box.any_round() == 0.0
    assert await box.any_round() == IDLE
    assert done == ["hello"]
    assert await database.fetchval("select done_at is not null and attempts = 1 from outbox")


async def test_a_promise_of_a_transaction_that_was_rolled_back_is_never_kept(
    database: Pool, kept: Callable[..., Outbox]
) -> None:
    done: list[Any] = []
    async with database.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(OUTBOX.promise, "note", {"text": "hello"})
        await transaction.rollback()
    assert await kept(lambda one: note(done, one)).any_round() == IDLE
    assert done == []


async def test_a_promise_for_later_waits(database: Pool, kept: Callable[..., Outbox]) -> None:
    later = await database.fetchval("select now() + interval '1 hour'")
    await database.execute(OUTBOX.promise_later, "note", {"text": "later"}, later)
    done: list[Any] = []
    box = kept(lambda one: note(done, one))
    assert await box.any_round() == IDLE
    await database.execute("update outbox set due_at = now()")
    await box.any_round()
    assert done == ["later"]


async def test_two_workers_never_keep_a_promise_twice(
    database: Pool, database_url: str, kept: Callable[..., Outbox]
) -> None:
    for number in range(60):
        await promise(database, text=number)
    done: list[Any] = []

    async def slowly(one: Promise) -> None:
        await asyncio.sleep(0.002)
        done.append(one.payload["text"])

    async def empty(box: Outbox) -> None:
        while await box.any_round() == 0.0:
            pass

    async with sql.connect(database_url, at_most=4) as other:
        boxes = [kept(slowly), kept(slowly), kept(slowly, postgres=other), kept(slowly, postgres=other)]
        await asyncio.gather(*(empty(box) for box in boxes))
    assert sorted(done) == list(range(60))


async def test_a_row_comes_again_when_its_worker_dies_in_the_middle(
    database: Pool, kept: Callable[..., Outbox]
) -> None:
    await promise(database, text="hello")
    begun = asyncio.Event()

    async def forever(_: Promise) -> None:
        begun.set()
        await asyncio.sleep(3600)

    dying = asyncio.create_task(kept(forever).any_round())
    await begun.wait()
    done: list[Any] = []
    box = kept(lambda one: note(done, one))
    assert await box.any_round() == IDLE
    dying.cancel()
    await asyncio.wait([dying])
    assert await box.any_round() == 0.0
    assert done == ["hello"]


async def test_a_broken_row_is_put_off_and_the_others_go_on(database: Pool, kept: Callable[..., Outbox]) -> None:
    await promise(database, text="broken")
    await promise(database, text="sound")
    done: list[Any] = []

    async def perform(one: Promise) -> None:
        if one.payload["text"] == "broken":
            raise LookupError("a bug")
        await note(done, one)

    box = kept(perform)
    while await box.any_round() == 0.0:
        pass
    assert done == ["sound"]
    row = await database.fetchrow("select *, due_at - now() as wait from outbox where payload->>'text' = 'broken'")
    assert row is not None
    assert (row["attempts"], row["done_at"], row["failed_at"]) == (1, None, None)
    assert row["error"] == "LookupError('a bug')"
    assert timedelta(seconds=20) < row["wait"] < timedelta(seconds=40)


async def test_a_row_that_never_works_is_given_up_with_its_last_error(
    database: Pool, kept: Callable[..., Outbox]
) -> None:
    await promise(database, text="broken")

    async def perform(_: Promise) -> None:
        raise Undone("The recipient does not exist\0", for_good=False)

    box = kept(perform)
    for _ in range(outbox.ATTEMPTS):
        assert await database.fetchval("select failed_at is null from outbox")
        assert await box.any_round() == 0.0
        await database.execute("update outbox set due_at = now()")
    assert await box.any_round() == IDLE
    assert await database.fetchval("select error from outbox where failed_at is not null") == (
        "The recipient does not exist"
    )


async def test_what_can_never_work_is_tried_once(database: Pool, kept: Callable[..., Outbox]) -> None:
    await promise(database, text="broken")

    async def perform(_: Promise) -> None:
        raise Undone("Nobody has this address", for_good=True)

    await kept(perform).any_round()
    assert await database.fetchval("select failed_at is not null and attempts = 1 from outbox")


async def test_what_is_away_costs_no_attempt_and_lets_others_go_first(
    database: Pool, kept: Callable[..., Outbox]
) -> None:
    await promise(database, text="first")
    await promise(database, text="second")
    done: list[Any] = []

    async def perform(one: Promise) -> None:
        if one.payload["text"] == "first":
            raise Away("The mail server hung up")
        await note(done, one)

    box = kept(perform)
    with pytest.raises(Away):
        await box.any_round()
    assert await box.any_round() == 0.0
    assert done == ["second"]
    assert await database.fetchval("select attempts = 0 and error is null from outbox where payload->>'text' = 'first'")


async def test_a_statement_that_fails_inside_does_not_lose_the_row(
    database: Pool, settings: Settings, redis: Operator
) -> None:
    await promise(database, text="broken")

    async def perform(_: Promise, tools: Tools) -> None:
        await tools.connection.execute("select 1 / 0")

    await Outbox(settings, database, redis, {"note": perform}, in_order=()).any_round()
    assert await database.fetchval("select attempts from outbox where error like '%division%'") == 1


async def test_a_kind_nobody_knows_waits_for_a_newer_worker(database: Pool, kept: Callable[..., Outbox]) -> None:
    await database.execute(OUTBOX.promise, "note.from.the.future", {})
    done: list[Any] = []
    await kept(lambda one: note(done, one)).any_round()
    row = await database.fetchrow("select * from outbox")
    assert row is not None
    assert row["error"] == "No worker knows how to do note.from.the.future"
    assert row["failed_at"] is None


async def test_a_kind_that_keeps_its_order_is_kept_one_after_another_by_all_workers(
    database: Pool, kept: Callable[..., Outbox]
) -> None:
    for number in range(20):
        await promise(database, text=number)
    done: list[Any] = []

    async def unevenly(one: Promise) -> None:
        await asyncio.sleep(0.004 if one.payload["text"] % 3 == 0 else 0.0)
        done.append(one.payload["text"])

    async def empty(box: Outbox) -> None:
        while len(done) < 20:
            await box.ordered_round("note")
            await asyncio.sleep(0)

    boxes = [kept(unevenly, in_order=("note",)) for _ in range(3)]
    assert await boxes[0].any_round() == IDLE
    await asyncio.wait_for(asyncio.gather(*(empty(box) for box in boxes)), 20)
    assert done == list(range(20))


async def test_a_row_put_off_holds_up_its_kind_until_it_is_kept(database: Pool, kept: Callable[..., Outbox]) -> None:
    for text in ("first", "second"):
        await promise(database, text=text)
    done: list[Any] = []
    broken = True

    async def perform(one: Promise) -> None:
        if broken and one.payload["text"] == "first":
            raise LookupError("a bug")
        await note(done, one)

    box = kept(perform, in_order=("note",))
    assert await box.ordered_round("note") == 0.0
    assert await box.ordered_round("note") == IDLE
    assert await database.fetchval("select max(due_at) < now() + interval '40 s' from outbox")
    broken = False
    await database.execute("update outbox set due_at = now()")
    assert [await box.ordered_round("note") for _ in range(3)] == [0.0, 0.0, IDLE]
    assert done == ["first", "second"]


async def test_a_row_given_up_and_one_for_later_hold_up_nobody(database: Pool, kept: Callable[..., Outbox]) -> None:
    later = await database.fetchval("select now() + interval '1 hour'")
    await database.execute(OUTBOX.promise_later, "note", {"text": "later"}, later)
    for text in ("broken", "sound"):
        await promise(database, text=text)
    done: list[Any] = []

    async def perform(one: Promise) -> None:
        if one.payload["text"] == "broken":
            raise Undone("Nobody can say this", for_good=True)
        await note(done, one)

    box = kept(perform, in_order=("note",))
    assert [await box.ordered_round("note") for _ in range(3)] == [0.0, 0.0, IDLE]
    assert done == ["sound"]


def test_what_others_wait_behind_rests_for_a_minute_at_most() -> None:
    assert outbox.pause(8, longest=outbox.LONGEST_PAUSE_IN_ORDER) <= timedelta(seconds=75)
    assert outbox.pause(8, longest=outbox.LONGEST_PAUSE) >= timedelta(hours=4)


async def test_a_statement_asked_wrongly_is_a_fault_of_the_row_and_not_of_postgres(
    database: Pool, settings: Settings, redis: Operator
) -> None:
    await promise(database, text="broken")

    async def perform(_: Promise, tools: Tools) -> None:
        await tools.connection.execute("select $1::int", 1, 2)

    assert await Outbox(settings, database, redis, {"note": perform}, in_order=("note",)).ordered_round("note") == 0.0
    assert await database.fetchval("select attempts from outbox where error like '%expects 1 argument%'") == 1


async def test_a_connection_that_breaks_costs_no_attempt(database: Pool, settings: Settings, redis: Operator) -> None:
    await promise(database, text="sound")

    async def perform(_: Promise, tools: Tools) -> None:
        number = await tools.connection.fetchval("select pg_backend_pid()")
        await database.execute("select pg_terminate_backend($1)", number)
        await asyncio.sleep(0.1)
        await tools.connection.execute("select 1")

    with pytest.raises(Exception, match="closed") as broke:
        await Outbox(settings, database, redis, {"note": perform}, in_order=("note",)).ordered_round("note")
    assert is_away(broke.value)
    assert await database.fetchval("select attempts from outbox") == 0


async def promise(database: Pool, **payload: Any) -> None:
    await database.execute(OUTBOX.promise, "note", payload)


async def note(done: list[Any], one: Promise) -> None:
    done.append(one.payload["text"])
