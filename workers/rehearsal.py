"""Clears what a team did in rehearsal, as promised: what it said is retracted, votes forgotten, polls drafts again.

Whom moderators silenced may speak again, and rooms are open and quick.

It takes what the archive has, so it waits until the archive has all that was said; and nothing that was said after the
promise was made. Repeating it changes nothing: what is gone is not found again, and the rooms know the keys.
"""

from collections.abc import Iterable, Mapping, Sequence
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
MESSAGES_AT_ONCE = 200  # retracted; what its moderators know is read once for all of them
QUESTIONS_AT_ONCE = 50  # rejected, in one step
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
    """Everything of that while goes, in the chats and among the questions of these channels."""
    wish = promise.payload
    try:
        numbers, since = [int(one) for one in wish["channels"]], wish["since"]
        lasted = While(datetime.fromisoformat(since) if since else None, promise.made_at, int(wish["by"]), promise.id)
        reason = translations(str(wish["language"])).gettext(REASON)
    except (KeyError, TypeError, ValueError) as wrong:
        raise Undone(f"The promise has no usable {wrong}", for_good=True) from None
    rooms = [room for number in numbers for room in (channels.chat(number), channels.questions(number))]
    # All of them before the first act: what is done here is archived later.
    epochs = {room: await _archived(room, tools) for room in (*rooms, *map(channels.desk, rooms))}
    try:
        for number in numbers:
            await _chat(channels.chat(number), number, epochs, lasted, tools)
            await _questions(channels.questions(number), number, lasted, reason, tools)
        await _imposed(rooms, lasted, tools)
    except publish.Refused as no:  # somebody decided about the same thing at this moment
        raise Undone(f"A room refused it: {no.code}", for_good=False) from None
    await tools.connection.execute(REHEARSAL.drop_votes, rooms, lasted.since, lasted.until)
    await tools.connection.execute(REHEARSAL.drop_ballots, numbers, lasted.since, lasted.until)
    await tools.connection.execute(REHEARSAL.recall_polls, numbers, lasted.since, lasted.until)


async def _chat(room: str, number: int, epochs: Mapping[str, str], lasted: While, tools: Tools) -> None:
    rows = await tools.connection.fetch(REHEARSAL.messages, room, epochs[room], lasted.since, lasted.until)
    said = [row["offset"] for row in rows]
    for at in range(0, len(said), MESSAGES_AT_ONCE):
        await publish.retract_all(
            tools.redis,
            channel=number,
            targets=said[at : at + MESSAGES_AT_ONCE],
            by=lasted.by,
            key=lambda one: lasted.key(f"{room}:{one}"),
            when=lasted.until,
        )
    for item in await _held(room, lasted, tools):
        key = lasted.key(f"{room}:{item}")
        await publish.settle(tools.redis, room=room, item=item, release=False, by=lasted.by, key=key, when=lasted.until)


async def _questions(room: str, number: int, lasted: While, reason: str, tools: Tools) -> None:
    rows = await tools.connection.fetch(REHEARSAL.questions, room, lasted.since, lasted.until)
    asked = [dict(row) for row in rows]
    for at in range(0, len(asked), QUESTIONS_AT_ONCE):
        lasts = asked[at : at + QUESTIONS_AT_ONCE]
        await publish.reject_all(
            tools.redis,
            channel=number,
            lasts=lasts,
            by=lasted.by,
            key=lasted.key(" ".join((room, *(last["item"] for last in lasts)))),
            when=lasted.until,
            text=reason,
        )


async def _imposed(rooms: Sequence[str], lasted: While, tools: Tools) -> None:
    """People may write and come in again, rooms are open and quick."""
    rows = await tools.connection.fetch(REHEARSAL.imposed, rooms, lasted.since, lasted.until)
    await publish.lift_all(
        tools.redis,
        [publish.Imposed(row["room"], row["kind"], row["person_id"], row["offset"]) for row in rows],
        by=lasted.by,
        key=lambda one: lasted.key(f"{one.room}:{one.kind}:{one.user}"),
        when=lasted.until,
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
