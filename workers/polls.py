"""Rooms hear which polls are open and over, and how they stand. It counts ballots and never casts one.

What a room was told is noted beside the poll, in the transaction that tells: a commit nobody told of is told in the
next round, and of two changes the last one counts. One worker at a time tells, and holds no poll meanwhile: whoever
votes does not wait for Redis. Nothing is told of how a secret poll stands until it is over. Rooms of a server that is
away hear of it when it is back, and no other room waits for that.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from realtime import channels, publish
from realtime.engine import Engine
from sql import queries
from sql.connection import Pool
from workers.aside import Aside
from workers.loop import is_away

CHANNEL = queries("channel")
STAGE = queries("stage")

TURN = 0x706F6C6C  # "poll" as a number: the advisory lock of whoever tells
AGAIN = 3.0  # seconds in which a count is told again, for whoever came with what the site knew a second before
REST = 0.7  # seconds between rounds: bars that grow once in a second look alive
GONE, TOLD = {"draft": "gone"}, {"draft": ""}  # what a room is told of a draft, and what of it is noted
JUST_CLOSED = timedelta(seconds=30)  # for so long the final counts are told to whoever comes


@dataclass(frozen=True, slots=True)
class _Told:
    """A count as this process told it, and since when (monotonic seconds)."""

    count: int
    since: float


class Polls:
    """Rounds over all polls."""

    def __init__(self, postgres: Pool, redis: Engine, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._postgres = postgres
        self._clock = clock
        self._redis = redis
        self._aside = Aside[int](redis, lambda channel: channels.log(channels.questions(channel)))
        self._told: dict[int, dict[str, _Told]] = {}  # by channel and item

    async def round(self) -> float:
        """Tell what changed. Answers how long to rest."""
        await self._tell_standing()
        await self._tell_counts()
        return REST

    async def _tell_standing(self) -> None:
        wrongs = []
        async with self._postgres.acquire() as connection, connection.transaction():
            if not await connection.fetchval(CHANNEL.take_turn_telling, TURN):
                return
            rows = await connection.fetch(STAGE.polls_to_tell, self._aside.things())
            due = [row for row in rows if not self._aside.belongs(row["channel_id"])]
            stands = [(row["channel_id"], row["id"], GONE.get(row["status"], row["status"])) for row in due]
            for row, wrong in zip(due, await publish.polls(self._redis, stands, when=datetime.now(UTC)), strict=True):
                if wrong is None:
                    await connection.execute(STAGE.poll_told, row["id"], TOLD.get(row["status"], row["status"]))
                elif is_away(wrong):
                    self._aside.put(row["channel_id"], wrong)
                else:
                    wrongs.append(wrong)
        for wrong in wrongs:
            raise wrong

    async def _tell_counts(self) -> None:
        aside = self._aside.things()
        counted: dict[int, dict[str, int]] = {}
        for row in await self._postgres.fetch(STAGE.counts, datetime.now(UTC) - JUST_CLOSED):
            if row["channel_id"] not in aside and not self._aside.belongs(row["channel_id"]):
                counted.setdefault(row["channel_id"], {}).update(_counts(dict(row)))
        now, told, new = self._clock(), {}, {}
        for channel, counts in counted.items():
            known = self._told.get(channel, {})
            told[channel] = {
                item: known[item] if item in known and known[item].count == count else _Told(count, now)
                for item, count in counts.items()
            }
            lately = {item: one.count for item, one in told[channel].items() if now < one.since + AGAIN}
            if lately:
                new[channels.questions(channel)] = lately
        untold = {channels.number(room): wrong for room, wrong in (await publish.tallies(self._redis, new)).items()}
        self._told = {channel: some for channel, some in told.items() if channel not in untold}
        for channel, wrong in untold.items():
            if not is_away(wrong):
                raise wrong
            self._aside.put(channel, wrong)


def _counts(row: Mapping[str, Any]) -> dict[str, int]:
    """What may be told of a poll: how many voted, and for what, unless that is hidden."""
    counts = {f"poll:{row['id']}": row["votes"]}
    if not row["hidden"]:
        counts |= {f"poll:{row['id']}:{option}": votes for option, votes in row["options"].items()}
    return counts
