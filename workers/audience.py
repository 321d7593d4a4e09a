"""How many watch each channel, minute by minute, for the organisers' figures. It counts nobody itself: the rooms do.

Any number may go on at once, on hosts whose clocks differ: the time is Postgres', and of what they saw in a minute the
largest stays.
"""

from realtime import channels, publish
from realtime.engine import Engine
from sql import queries
from sql.connection import Pool

FIGURES = queries("figures")

REST = 20.0  # seconds between rounds: three looks a minute, and a peak is hardly missed


class Audience:
    """Rounds over the channels of conferences that are on."""

    def __init__(self, postgres: Pool, redis: Engine) -> None:
        self._postgres = postgres
        self._redis = redis

    async def round(self) -> float:
        """Note how many are here. Answers how long to rest."""
        rows = await self._postgres.fetch(FIGURES.channels_counted)
        rooms = {channels.chat(row["id"]): row["id"] for row in rows}
        here = await publish.how_many(self._redis, rooms) if rooms else {}
        seen = {rooms[room]: count for room, count in here.items() if count}
        if seen:
            await self._postgres.execute(FIGURES.remember_audience, rows[0]["minute"], list(seen), list(seen.values()))
        return REST
