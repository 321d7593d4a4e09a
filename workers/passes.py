"""Ends live passes as promised: of persons, of a screen, of a whole conference. It never decides who may come in.

A page that read the old state while it was changed may have given a pass after the transaction: so what ends is every
pass until now, not until the promise was made; and now is by the clock of Postgres, as in the passes (door.py).
Repeated, it sends people for another pass once more.
"""

from realtime import publish
from sql import queries
from workers.outbox import Promise, Tools, Undone

OUTBOX = queries("outbox")


async def revoke(promise: Promise, tools: Tools) -> None:
    """Close the sockets of whoever is meant, on every node; their passes open nothing any more."""
    try:
        users = [int(one) for one in promise.payload["users"]]
        grounds = [str(one) for one in promise.payload["grounds"]]
    except (KeyError, TypeError, ValueError) as wrong:
        raise Undone(f"The promise has no usable {wrong}", for_good=True) from None
    now = await tools.connection.fetchval(OUTBOX.clock)
    await publish.revoke(tools.redis, users=users, grounds=grounds, before=now)
