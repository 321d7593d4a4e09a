"""The word list of a conference, promised to its rooms in the transaction that changed it; workers keep the promise.

Who adds a channel promises it anew: the worker reads the list and the channels as they are then.
"""

from sql import queries
from sql.connection import Connection

MODERATION = queries("moderation")
OUTBOX = queries("outbox")
KIND = "words.tell"  # workers/kinds.py


async def promise(connection: Connection, conference: int, person: int) -> None:
    """Tell every room of every channel which words are watched for, as soon as this transaction is committed."""
    await connection.execute(OUTBOX.promise, KIND, {"conference_id": conference, "by": person})


async def promise_to_new(connection: Connection, conference: int, person: int) -> None:
    """The same for a channel that is new, if there are words at all."""
    if await connection.fetchval(MODERATION.has_words, conference):
        await promise(connection, conference, person)
