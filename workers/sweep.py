"""Throws away what nobody will ask for again: rows of the outbox that were done long ago. It never touches others.

A row that was given up stays: an operator looks at it. Batches are short, so nobody waits behind them.
"""

from datetime import timedelta

from sql import queries
from sql.connection import Pool

OUTBOX = queries("outbox")

KEPT = timedelta(days=30)  # long enough to answer "did you send me that letter?"
BATCH = 1000  # rows in one statement; some ten milliseconds
REST = 3600.0  # seconds between two sweeps


class Sweep:
    """Rounds over what is old; any number may go on at once, here and in other processes."""

    def __init__(self, postgres: Pool, *, batch: int = BATCH) -> None:
        self._postgres = postgres
        self._batch = batch

    async def outbox_round(self) -> float:
        """Delete one batch of rows that were done long ago. Answers how long to rest."""
        deleted = await self._postgres.fetch(OUTBOX.sweep, KEPT, self._batch)
        return 0.0 if len(deleted) == self._batch else REST
