"""What was done long ago goes, in batches; what is waiting, given up or fresh stays."""

from typing import Any

from config.settings import read
from sql import queries
from sql.connection import Pool
from tests.operator import Operator
from workers import sweep
from workers.__main__ import jobs
from workers.sweep import REST, Sweep

OUTBOX = queries("outbox")
ROW = "update outbox set created_at = now() - interval '90 days', {} where payload->>'text' = $1"


async def test_only_rows_done_long_ago_are_swept(database: Pool) -> None:
    states = {
        "long ago": "done_at = now() - interval '31 days'",
        "lately": "done_at = now() - interval '29 days'",
        "given up": "failed_at = now() - interval '60 days'",
        "waiting": "attempts = 3",
    }
    for text, state in states.items():
        await database.execute(OUTBOX.promise, "note", {"text": text})
        await database.execute(ROW.format(state), text)
    assert await Sweep(database).outbox_round() == REST
    assert await texts(database) == ["lately", "given up", "waiting"]


async def test_many_rows_go_in_batches_without_a_rest(database: Pool) -> None:
    for text in range(7):
        await database.execute(OUTBOX.promise, "note", {"text": text})
    await database.execute("update outbox set done_at = now() - interval '31 days'")
    sweeping = Sweep(database, batch=3)
    assert [await sweeping.outbox_round() for _ in range(3)] == [0.0, 0.0, REST]
    assert await texts(database) == []


async def test_rows_that_somebody_else_sweeps_are_passed_over(database: Pool) -> None:
    for text in range(2):
        await database.execute(OUTBOX.promise, "note", {"text": text})
    await database.execute("update outbox set done_at = now() - interval '31 days'")
    async with database.acquire() as other, other.transaction():
        assert len(await other.fetch(OUTBOX.sweep, sweep.KEPT, 1)) == 1
        assert await Sweep(database).outbox_round() == REST
    assert await texts(database) == []


def test_workers_sweep_the_outbox(told: dict[str, str], database: Pool, redis: Operator) -> None:
    assert "sweep outbox" in jobs(read(told), database, redis)


async def texts(database: Pool) -> list[Any]:
    return [row["payload"]["text"] for row in await database.fetch("select payload from outbox order by id")]
