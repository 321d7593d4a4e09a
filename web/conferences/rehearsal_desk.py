"""What was done in rehearsal, at the organiser's desk: how much it is, and clearing it before the public comes.

It takes nothing back itself: workers/rehearsal.py does, as it is promised here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from config.languages import N_
from realtime import channels as rooms
from sql import queries
from sql.connection import Connection, Pool
from web.conferences import at_desk, changes, where
from web.forms import read_form
from web.keys import POOL
from web.refusals import Refused

REHEARSAL = queries("rehearsal")
OUTBOX = queries("outbox")


async def clear(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/rehearsal/clear: what was said, voted and imposed since the conference was hidden goes."""
    conference, person = await at_desk.enter(request)
    await read_form(request)
    address = f"/desk/{conference['slug']}"
    async with request.app[POOL].acquire() as connection, connection.transaction():
        now = await at_desk.locked(connection, conference)
        if now["published_at"] is not None:
            raise Refused("rehearsal.public", 409, PUBLIC, (address, N_("Back to the settings")))
        channels, since = await _stage(connection, conference["id"])
        counts = await _counts(connection, channels, since)
        wish = {
            "channels": channels,
            "since": since.isoformat() if since else None,
            "by": person.id,
            "language": conference["language"],
        }
        if any(counts.values()):
            await connection.execute(OUTBOX.promise, "rehearsal.clear", wish)
            subject = f"conference:{conference['id']}"
            await changes.record(connection, conference["id"], person.id, "conference.rehearsal", subject, counts, None)
    raise at_desk.leave(address, said="cleared")


PUBLIC = N_("The conference is public, and what is said in it is no rehearsal any more. Moderators can take it back.")


async def rehearsed(pool: Pool, conference: where.Row) -> Mapping[str, int]:
    """How much there is to clear; nothing for a conference that is public."""
    if conference["published_at"] is not None:
        return {}
    return await _counts(pool, *await _stage(pool, conference["id"]))


async def _stage(connection: Connection | Pool, conference: int) -> tuple[list[int], datetime | None]:
    """The channels, and when the public left; None: it never was there."""
    channels = [row["id"] for row in await connection.fetch(REHEARSAL.channels, conference)]
    return channels, await connection.fetchval(REHEARSAL.hidden_since, conference)


async def _counts(connection: Connection | Pool, channels: list[int], since: datetime | None) -> dict[str, int]:
    chats, asked = [rooms.chat(one) for one in channels], [rooms.questions(one) for one in channels]
    found: Any = await connection.fetchrow(REHEARSAL.rehearsed, chats, asked, channels, since)
    imposed = await connection.fetch(REHEARSAL.imposed, [*chats, *asked], since, None)
    people = {row["person_id"] for row in imposed if row["person_id"]}
    restricted = {rooms.number(row["room"]) for row in imposed if not row["person_id"]}
    return {**found, "people": len(people), "channels": len(restricted)}
