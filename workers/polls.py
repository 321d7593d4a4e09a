"""Rooms hear which polls are open and over, and how they stand. It counts ballots and never casts one.

What a room was told is noted beside the poll, in the transaction that tells: a commit nobody told of is told in the
next round, and of two changes the last one counts. Nothing is told of how a secret poll stands until it is over.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from realtime import channels, publish
from realtime.engine import Engine
from sql import queries
from sql.connection import Pool

STAGE = queries("stage")

REST = 0.7  # seconds between rounds: bars that grow once in a second look alive
JUST_CLOSED = timedelta(seconds=30)  # for so long the final counts are told to whoever comes


class Polls:
    """Rounds over all polls."""

    def __init__(self, postgres: Pool, redis: Engine) -> None:
        self._postgres = postgres
        self._redis = redis
        self._told: dict[str, dict[str, int]] = {}  # room -> item -> count, as this process told it last

    async def round(self) -> float:
        """Tell what changed. Answers how long to rest."""
        await self._tell_standing()
        await self._tell_counts()
        return REST

    async def _tell_standing(self) -> None:
        async with self._postgres.acquire() as connection, connection.transaction():
            for row in await connection.fetch(STAGE.polls_to_tell):
                status = row["status"]
                await publish.poll(
                    self._redis,
                    channel=row["channel_id"],
                    poll=row["id"],
                    status="gone" if status == "draft" else status,
                    key=str(uuid.uuid4()),  # told twice, it is the same
                    when=datetime.now(UTC),
                )
                await connection.execute(STAGE.poll_told, row["id"], "" if status == "draft" else status)

    async def _tell_counts(self) -> None:
        counted: dict[str, dict[str, int]] = {}
        for row in await self._postgres.fetch(STAGE.counts, datetime.now(UTC) - JUST_CLOSED):
            counted.setdefault(channels.questions(row["channel_id"]), {}).update(_counts(dict(row)))
        for room, counts in counted.items():
            known = self._told.get(room, {})
            new = {item: count for item, count in counts.items() if known.get(item) != count}
            if new:
                await publish.tally(self._redis, room=room, counts=new)
        self._told = counted


def _counts(row: Mapping[str, Any]) -> dict[str, int]:
    """What may be told of a poll: how many voted, and for what, unless that is hidden."""
    counts = {f"poll:{row['id']}": row["votes"]}
    if not row["hidden"]:
        counts |= {f"poll:{row['id']}:{option}": votes for option, votes in row["options"].items()}
    return counts
