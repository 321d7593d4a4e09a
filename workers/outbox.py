"""Keeps promises: takes rows of the outbox one by one and has each performed. It never knows what a kind means.

One transaction per row: it is locked, performed, marked, committed. If this process dies the lock goes with it and
another takes the row at once, so a row is done at least once and never by two at the same time. What is away
(Postgres, Redis, the mail server) costs a row no attempt; only what is wrong with the row itself does.
"""

import logging
import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import asyncpg

from config.settings import Settings
from realtime.engine import Engine
from sql import queries
from sql.connection import Pool
from workers.loop import is_away
from workers.notices import Notices

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

OUTBOX = queries("outbox")

IDLE = 1.0  # seconds between two looks at an empty outbox
ATTEMPTS = 8  # the last comes about a day after the first, for kinds that keep no order
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
LONGEST_PAUSE_IN_ORDER = timedelta(minutes=1)  # everything behind it waits, too: it is given up after some minutes
BEHIND = timedelta(seconds=10)  # how far a row steps back when something was away
ERROR_LIMIT = 500  # characters of an error that are kept

logger = logging.getLogger(__name__)


class Undone(Exception):
    """A promise that could not be kept, in a sentence. For good: no later attempt will change that."""

    def __init__(self, sentence: str, *, for_good: bool) -> None:
        super().__init__(sentence)
        self.for_good = for_good


@dataclass(frozen=True, slots=True)
class Promise:
    """One row. `id` and `made_at` are the same at every attempt, so a deed can be recognised by them."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Tools:
    """What performing a promise may use. The connection is inside the transaction that holds the row."""

    settings: Settings
    redis: Engine
    connection: "PoolConnectionProxy[asyncpg.Record]"
    notices: Notices


Perform = Callable[[Promise, Tools], Awaitable[None]]


class Outbox:
    """Rounds over the outbox; any number may go on at once, here and in other processes."""

    def __init__(
        self,
        settings: Settings,
        postgres: Pool,
        redis: Engine,
        kinds: Mapping[str, Perform],
        *,
        in_order: Collection[str],
    ) -> None:
        """`in_order` names the kinds performed one after another, oldest first; one put off holds up the rest."""
        self._settings = settings
        self._postgres = postgres
        self._redis = redis
        self._notices = Notices(redis)
        self._kinds = kinds
        self._in_order = list(in_order)

    async def any_round(self) -> float:
        """Perform one row that is due, of any kind that keeps no order. Answers how long to rest."""
        # When something is away others go first: it may be this very row that the mail server hangs up on.
        return await self._round(OUTBOX.take_due, self._in_order, behind=BEHIND)

    async def ordered_round(self, kind: str) -> float:
        """Perform the oldest row of a kind. Answers how long to rest."""
        return await self._round(OUTBOX.take_oldest, kind, behind=None)

    async def _round(self, statement: str, which: str | list[str], *, behind: timedelta | None) -> float:
        async with self._postgres.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(statement, which)
            if row is None:
                return IDLE
            away = await self._keep(row, connection)
            if away is not None and behind is not None:
                await connection.execute(OUTBOX.step_back, row["id"], behind)
        if away is not None:
            raise away
        return 0.0

    async def _keep(self, row: asyncpg.Record, connection: "PoolConnectionProxy[asyncpg.Record]") -> Exception | None:
        """Perform one row and mark what came of it. When something is away nothing is marked; the answer says what."""
        promise = Promise(row["id"], row["kind"], row["payload"], row["created_at"])
        try:
            async with connection.transaction():
                await self._perform(promise, connection)
        except Undone as undone:
            logger.warning("Promise %d (%s) was not kept: %s.", promise.id, promise.kind, undone)
            await self._mark_undone(row, str(undone), connection, for_good=undone.for_good)
        except Exception as wrong:
            if is_away(wrong):
                return wrong
            logger.exception("Promise %d (%s) failed in a way nobody foresaw.", promise.id, promise.kind)
            await self._mark_undone(row, repr(wrong), connection, for_good=False)
        else:
            await connection.execute(OUTBOX.mark_done, promise.id)
        return None

    async def _perform(self, promise: Promise, connection: "PoolConnectionProxy[asyncpg.Record]") -> None:
        perform = self._kinds.get(promise.kind)
        if perform is None:
            # Perhaps made by a newer version that is just being rolled out: a later attempt finds its worker.
            raise Undone(f"No worker knows how to do {promise.kind}", for_good=False)
        await perform(promise, Tools(self._settings, self._redis, connection, self._notices))

    async def _mark_undone(
        self, row: asyncpg.Record, error: str, connection: "PoolConnectionProxy[asyncpg.Record]", *, for_good: bool
    ) -> None:
        error = error.replace("\0", "")[:ERROR_LIMIT]  # Postgres stores every character but this one
        attempts = row["attempts"] + 1
        if for_good or attempts >= ATTEMPTS:
            logger.error("Promise %d (%s) is given up after %d attempts.", row["id"], row["kind"], attempts)
            await connection.execute(OUTBOX.give_up, row["id"], error)
        else:
            longest = LONGEST_PAUSE_IN_ORDER if row["kind"] in self._in_order else LONGEST_PAUSE
            await connection.execute(OUTBOX.put_off, row["id"], pause(attempts, longest=longest), error)


def pause(attempts: int, *, longest: timedelta) -> timedelta:
    """How long a row rests after so many attempts: 30 s, 2 min, 8 min ... `longest`, give or take a quarter."""
    return min(longest, FIRST_PAUSE * 4.0 ** (attempts - 1)) * random.uniform(0.75, 1.25)
