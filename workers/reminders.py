"""Tells whoever starred a session that it begins in five minutes, once for each moment it was to begin at.

What was told is noted in the transaction that tells it, and an inbox knows its keys: a round that breaks off is done
again and nobody hears twice. A session shifted to another moment begins anew.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import asyncpg

from config.languages import clock, pick, translations, zone_name
from realtime.engine import Engine
from sql import queries
from sql.connection import Pool
from workers import notices

SCHEDULE = queries("schedule")

BEFORE = timedelta(minutes=5)
AT_ONCE = 200  # people in one round; about a second
REST = 5.0  # seconds; so late the first hears of it at most
KEPT = timedelta(days=2)  # what began so long ago nobody is told of again
SWEEP = 3600.0  # seconds


class Reminders:
    """Rounds over what begins soon; any number may go on at once, here and in other processes."""

    def __init__(
        self, postgres: Pool, redis: Engine, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._postgres = postgres
        self._redis = redis
        self._now = now

    async def round(self) -> float:
        """Tell some of those who were not told yet. Answers how long to rest."""
        now = self._now()
        async with self._postgres.acquire() as connection, connection.transaction():
            rows = await connection.fetch(SCHEDULE.remind, now, now + BEFORE, AT_ONCE)
            for row in rows:
                await self._tell(row, now)
        return 0.0 if len(rows) == AT_ONCE else REST

    async def sweep_round(self) -> float:
        """Forget who was told of what began long ago. Answers how long to rest."""
        await self._postgres.execute(SCHEDULE.forget_reminders, self._now() - KEPT)
        return SWEEP

    async def _tell(self, row: asyncpg.Record, now: datetime) -> None:
        starts, language = row["starts_at"], row["language"]
        minutes = max(1, -(-int((starts - now).total_seconds()) // 60))
        sentence = translations(language).ngettext(
            "In %(count)s minute, at %(time)s (%(zone)s): “%(title)s”, %(channel)s.",
            "In %(count)s minutes, at %(time)s (%(zone)s): “%(title)s”, %(channel)s.",
            minutes,
        )
        await notices.tell(
            self._redis,
            person=row["person_id"],
            key=f"starts:{row['session_id']}:{int(starts.timestamp())}",
            kind="session.starts",
            text=sentence
            % {
                "count": minutes,
                "time": clock(starts, row["zone"], language),
                "zone": zone_name(row["zone"], starts, language),
                "title": notices.short(row["title"], language),
                "channel": pick(row["channel"], language),
            },
            link=f"/c/{row['slug']}/{row['channel_slug']}",
        )
