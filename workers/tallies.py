"""Rooms hear how many voted for their questions and messages. It casts no vote, and polls.py tells of polls.

Each vote leaves a row beside it, in its own transaction, that goes when its count was told. One worker at a time tells,
and it counts after it has read these rows: so what a room hears last is true, and a hundred votes for one question
between two rounds are counted once. It is told a second time, for whoever came in between with what the site knew a
second before. Rooms of a server that is away hear of it when it is back.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import asyncpg

from realtime import channels, publish
from realtime.engine import Engine
from sql import queries
from sql.connection import Connection, Pool
from workers.aside import Aside
from workers.loop import is_away

CHANNEL = queries("channel")

REST = 0.5  # seconds between rounds; the rooms gather what they hear twice a second
AT_ONCE = 50  # rooms in one transaction
AGAIN = timedelta(seconds=3)  # the site's own memory is a second old at most, and a page is joined to its room in two
TURN = 0x74616C6C79  # "tally" as a number: the advisory lock of whoever tells


class Tallies:
    """Rounds over all votes."""

    def __init__(
        self, postgres: Pool, redis: Engine, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._postgres = postgres
        self._redis = redis
        self._now = now
        self._aside = Aside[str](redis, channels.live)

    async def round(self) -> float:
        """Tell what changed. Answers how long to rest."""
        wrongs, now = [], self._now()
        async with self._postgres.acquire() as connection, connection.transaction():
            if not await connection.fetchval(CHANNEL.take_turn_telling, TURN):
                return REST
            rows = await connection.fetch(CHANNEL.untold_votes, self._aside.things(), now - AGAIN, AT_ONCE)
            due = {row["room"]: row for row in rows if not self._aside.belongs(row["room"])}
            untold = await publish.tallies(self._redis, await _counts(connection, due))
            told = [row for room, row in due.items() if room not in untold]
            await connection.execute(CHANNEL.votes_told, [one for row in told for one in row["new"] or ()], now)
            await connection.execute(CHANNEL.votes_told_again, [one for row in told for one in row["again"] or ()])
            for room, wrong in untold.items():
                if is_away(wrong):
                    self._aside.put(room, wrong)
                else:
                    wrongs.append(wrong)
        for wrong in wrongs:
            raise wrong
        return 0.0 if len(rows) == AT_ONCE else REST


async def _counts(connection: Connection, due: Mapping[str, asyncpg.Record]) -> dict[str, dict[str, int]]:
    """How many voted for what of these rooms is to be told, by room and item."""
    pairs = [(room, item) for room, row in due.items() for item in row["items"]]
    found: dict[str, dict[str, int]] = {room: {} for room in due}
    rooms, items = [room for room, _ in pairs], [item for _, item in pairs]
    for row in await connection.fetch(CHANNEL.votes_for_each, rooms, items):
        found[row["room"]][row["item"]] = row["votes"]
    return found
