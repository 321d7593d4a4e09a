"""Tells whoever starred a session that it begins in five minutes, once for each moment it was to begin at.

What was told is noted in the transaction that tells it, and an inbox knows its keys: a round that breaks off is done
again and nobody hears twice. A session shifted to another moment begins anew. Whose inbox is on a server that is away
is told when it is back, unless the session has begun by then; nobody else waits for that.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import asyncpg

from config.languages import clock, pick, translations, zone_name
from realtime.engine import Engine
from realtime.publish import Notice
from sql import queries
from sql.connection import Pool
from workers.notices import Notices, short

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
        self._notices = Notices(redis)
        self._now = now

    async def round(self) -> float:
        """Tell some of those who were not told yet. Answers how long to rest."""
        now = self._now()
        async with self._postgres.acquire() as connection, connection.transaction():
            rows = await connection.fetch(SCHEDULE.remind, now, now + BEFORE, AT_ONCE, self._notices.waiting())
            late = await self._notices.tell([_notice(row, now) for row in rows])
            if late:
                untold = [row for row in rows if row["person_id"] in late]
                columns = ([row[name] for row in untold] for name in ("session_id", "person_id", "starts_at"))
                await connection.execute(SCHEDULE.forget_untold, *columns)
        return 0.0 if len(rows) == AT_ONCE else REST

    async def sweep_round(self) -> float:
        """Forget who was told of what began long ago. Answers how long to rest."""
        await self._postgres.execute(SCHEDULE.forget_reminders, self._now() - KEPT)
        return SWEEP


def _notice(row: asyncpg.Record, now: datetime) -> Notice:
    starts, language = row["starts_at"], row["language"]
    minutes = max(1, -(-int((starts - now).total_seconds()) // 60))
    sentence = translations(language).ngettext(
        "In %(count)s minute, at %(time)s (%(zone)s): “%(title)s”, %(channel)s.",
        "In %(count)s minutes, at %(time)s (%(zone)s): “%(title)s”, %(channel)s.",
        minutes,
    )
    words = {
        "count": minutes,
        "time": clock(starts, row["zone"], language),
        "zone": zone_name(row["zone"], starts, language),
        "title": short(row["title"], language),
        "channel": pick(row["channel"], language),
    }
    key = f"starts:{row['session_id']}:{int(starts.timestamp())}"
    link = f"/c/{row['slug']}/{row['channel_slug']}"
    return Notice(row["person_id"], key, "session.starts", sentence % words, link)
