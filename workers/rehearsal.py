"""Clears what a team said in rehearsal, as promised: retracted in its rooms, votes forgotten, polls drafts again.

It takes what the archive has, so it waits until the archive has all that was said; and nothing that was said after the
promise was made. Repeating it changes nothing: what is gone is not found again, and the rooms know the keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import orjson

from config.languages import N_, translations
from realtime import channels, publish
from realtime.log import RedisLog
from sql import queries
from workers.loop import Away
from workers.outbox import Promise, Tools, Undone

REHEARSAL = queries("rehearsal")

REASON = N_("The rehearsal is over.")
HELD = "held:"  # the part of a desk's state that is a held message


@dataclass(frozen=True, slots=True)
class While:
    """Of which time, and in whose name."""

    since: datetime | None  # None: ever
    until: datetime
    by: int
    promise: int

    def key(self, what: str) -> str:
        """The name of one act, the same at every attempt."""
        return str(uuid5(NAMESPACE_OID, f"rehearsal:{self.promise}:{what}"))


async def clear(promise: Promise, tools: Tools) -> None:
    """Everything of that while goes, in the chat and among the questions of these channels."""
    wish = promise.payload
    try:
        numbers, since = [int(one) for one in wish["channels"]], wish["since"]
        lasted = While(datetime.fromisoformat(since) if since else None, promise.made_at, int(wish["by"]), promise.id)
        reason = translations(str(wish["language"])).gettext(REASON)
    except (KeyError, TypeError, ValueError) as wrong:
        raise Undone(f"The promise has no usable {wrong}", for_good=True) from None
    try:
        for number in numbers:
            await _chat(channels.chat(number), number, lasted, tools)
            await _questions(channels.questions(number), number, lasted, reason, tools)
    except publish.Refused as no:  # somebody decided about the same thing at this moment
        raise Undone(f"A room refused it: {no.code}", for_good=False) from None
    rooms = [room for number in numbers for room in (channels.chat(number), channels.questions(number))]
    await tools.connection.execute(REHEARSAL.drop_votes, rooms, lasted.since, lasted.until)
    await tools.connection.execute(REHEARSAL.drop_ballots, numbers, lasted.since, lasted.until)
    await tools.connection.execute(REHEARSAL.recall_polls, numbers, lasted.since, lasted.until)


async def _chat(room: str, number: int, lasted: While, tools: Tools) -> None:
    epoch = await _archived(room, tools)
    for row in await tools.connection.fetch(REHEARSAL.messages, room, epoch, lasted.since, lasted.until):
        at = row["offset"]
        await publish.retract_from_chat(
            tools.redis, channel=number, target=at, by=lasted.by, key=lasted.key(f"{room}:{at}"), when=lasted.until
        )
    for item in await _held(room, lasted, tools):
        key = lasted.key(f"{room}:{item}")
        await publish.settle(tools.redis, room=room, item=item, release=False, by=lasted.by, key=key, when=lasted.until)


async def _questions(room: str, number: int, lasted: While, reason: str, tools: Tools) -> None:
    await _archived(channels.desk(room), tools)
    for row in await tools.connection.fetch(REHEARSAL.questions, room, lasted.since, lasted.until):
        await publish.move_question(
            tools.redis,
            channel=number,
            item=row["item"],
            verb="reject",
            by=lasted.by,
            key=lasted.key(f"{room}:{row['item']}"),
            when=lasted.until,
            text=reason,
            last=dict(row),
        )


async def _archived(room: str, tools: Tools) -> str:
    """The epoch of a room whose events are all in Postgres; raises Away while they are not. "": it never spoke."""
    found: Any = await tools.redis.hmget(channels.meta(room), ["epoch", "top", "archived"])
    epoch, top, archived = (bytes(one or b"") for one in found)
    if int(archived or 0) < int(top or 0):
        raise Away(f"The archive has not all of {room} yet")
    return epoch.decode()


async def _held(room: str, lasted: While, tools: Tools) -> Iterable[str]:
    """What waits at the desk of a chat for a moderator to release it."""
    state = (await RedisLog(tools.redis, tools.redis).read(channels.desk(room))).state
    first = int(lasted.since.timestamp() * 1000) if lasted.since else 0
    last = int(lasted.until.timestamp() * 1000)
    held = [one for one in state if one.part.startswith(HELD)]
    return [one.part.removeprefix(HELD) for one in held if first <= orjson.loads(one.event)["when"] <= last]
