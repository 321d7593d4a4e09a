"""Tells each channel what is on, by the clock or by hand, as soon as that is something else. It decides no schedule.

Any number may go on at once, on hosts whose clocks differ: the time is Postgres'. What a channel was told is asked of
its room, and told once for each place it is told at; whoever was overtaken by somebody who looked later says nothing.
"""

import uuid
from contextlib import suppress
from datetime import datetime

from realtime import publish
from realtime.engine import Engine
from sql import queries
from sql.connection import Pool

LIVE = queries("live")

REST = 1.0  # seconds between rounds: who says by hand what is on sees it at once


class Stage:
    """Rounds over all channels, also of conferences that are not public: their teams rehearse."""

    def __init__(self, postgres: Pool, redis: Engine) -> None:
        self._postgres = postgres
        self._redis = redis

    async def round(self) -> float:
        """Tell what changed. Answers how long to rest."""
        should = await self._look()
        told = await publish.what_is_on(self._redis, should) if should else {}
        if any(on != should[channel][0] for channel, (on, _) in told.items()):
            # Once more: somebody may have looked later than this, and told it before the rooms were asked.
            should = await self._look()
        for channel, (session, now) in should.items():
            on, at = told.get(channel, (session, 0))
            if on != session:
                await self._tell(channel, session, after=at, when=now)
        return REST

    async def _look(self) -> dict[int, tuple[int, datetime]]:
        """What is on in each channel, and when it was."""
        rows = await self._postgres.fetch(LIVE.on_air)
        return {row["channel_id"]: (row["session_id"], row["looked_at"]) for row in rows}

    async def _tell(self, channel: int, session: int, *, after: int, when: datetime) -> None:
        key = uuid.uuid5(uuid.NAMESPACE_OID, f"{channel} {after} {session}")  # another worker has the same
        with suppress(publish.Refused):  # it was told something else meanwhile
            await publish.on_air(self._redis, channel=channel, session=session, key=str(key), when=when, after=after)
