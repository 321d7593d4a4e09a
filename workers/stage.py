"""Tells each channel what is on, by the clock or by hand, as soon as that is something else. It decides no schedule.

Any number may go on at once: what a channel was told is asked of its room, and told once for each place it is told at.
"""

import uuid
from datetime import UTC, datetime

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
        now = datetime.now(UTC)
        rows = await self._postgres.fetch(LIVE.on_air, now)
        should = {row["channel_id"]: row["session_id"] for row in rows}
        told = await publish.what_is_on(self._redis, should) if should else {}
        for channel, (on, at) in told.items():
            session = should[channel]
            if on != session:
                key = uuid.uuid5(uuid.NAMESPACE_OID, f"{channel} {at} {session}")  # another worker has the same
                await publish.on_air(self._redis, channel=channel, session=session, key=str(key), when=now)
        return REST
