"""Votes for questions and messages, one of each person: cast, withdrawn, counted. It decides nothing live."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from config.languages import N_
from realtime import channels as rooms
from realtime import publish
from sql import queries
from sql.connection import Pool
from web.conferences import where
from web.conferences.where import Row
from web.forms import read_form
from web.keys import CLOCK, POOL, REDIS
from web.refusals import Refused

CHANNEL = queries("channel")
EMOJI = ("👍", "❤️", "👏", "😂", "🔥", "🎉", "🤔", "😮")  # those that the live rooms know (realtime/gestures.py)
# What was voted for longer ago is on nobody's screen any more.
LATELY = {"chat": timedelta(days=1), "questions": timedelta(days=30)}
COUNTED_FOR = timedelta(seconds=1)  # a whole hall that comes in at once is counted for once

Counts = Mapping[str, int]


class Tallies:
    """The counts of rooms, remembered for a moment."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[datetime, Counts]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def of(self, pool: Pool, room: str, now: datetime) -> Counts:
        """How many voted for what, by its name."""
        async with self._asking.setdefault(room, asyncio.Lock()):
            counted, counts = self._known.get(room, (None, {}))
            if counted is None or not counted <= now < counted + COUNTED_FOR:
                since = now - LATELY[rooms.kind(room) or ""]
                counts = {row["item"]: row["votes"] for row in await pool.fetch(CHANNEL.votes_in, room, since)}
                self._known[room] = (now, counts)
            return counts


TALLIES = web.AppKey("TALLIES", Tallies)


async def vote(request: web.Request) -> web.StreamResponse:
    """POST /c/{slug}/{channel}/vote: for a question or a message (`of` questions, chat); without `on`, back."""
    conference = await where.conference(request)
    channel = await where.channel(request, conference)
    person, _ = await where.participant(request, conference)
    form = await read_form(request)
    item, on = form.get("item", ""), form.get("on") == "1"
    room = _room(channel, form.get("of", ""))
    if not on:
        await request.app[POOL].execute(CHANNEL.take_vote_back, room, item, voter(person.id))
    elif await _is_shown(request, room, item):
        await request.app[POOL].execute(CHANNEL.cast_vote, room, item, voter(person.id))
    else:
        raise Refused("vote.unknown", 404, N_("This is not shown any more."))
    count = await request.app[POOL].fetchval(CHANNEL.votes_for, room, item)
    await publish.tally(request.app[REDIS], room=room, counts={item: count})
    return web.json_response({"item": item, "count": count, "on": on})


async def tally(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/{channel}/tally: how many voted for what, what oneself voted for, and what oneself asked."""
    conference = await where.conference(request)
    channel = await where.channel(request, conference)
    person, _ = await where.participant(request, conference)
    pool, now = request.app[POOL], request.app[CLOCK]()
    both = [rooms.chat(channel["id"]), rooms.questions(channel["id"])]
    counts = {room: await request.app[TALLIES].of(pool, room, now) for room in both}
    mine: dict[str, list[str]] = {room: [] for room in both}
    for row in await pool.fetch(CHANNEL.votes_of, both, voter(person.id)):
        mine[row["room"]].append(row["item"])
    asked = [_asked(dict(row)) for row in await pool.fetch(CHANNEL.asked_by, both[1], person.id)]
    response = web.json_response({"counts": counts, "mine": mine, "asked": asked})
    response.headers["Cache-Control"] = "no-store"
    return response


async def counted(request: web.Request, room: str, voter: str) -> dict[str, Any]:
    """What a page begins with: how many voted for what in a room, and what this voter voted for."""
    pool = request.app[POOL]
    lately = request.app[CLOCK]() - LATELY[rooms.kind(room) or ""]
    counts = {row["item"]: row["votes"] for row in await pool.fetch(CHANNEL.votes_in, room, lately)}
    return {"votes": counts, "mine": [row["item"] for row in await pool.fetch(CHANNEL.votes_of, [room], voter)]}


def voter(person: int) -> str:
    """The name under which somebody with an account votes."""
    return f"person:{person}"


def _room(channel: Row, of: str) -> str:
    if of == "chat":
        return rooms.chat(channel["id"])
    if of == "questions":
        return rooms.questions(channel["id"])
    raise Refused("vote.unknown", 404, N_("This is not shown any more."))


async def _is_shown(request: web.Request, room: str, item: str) -> bool:
    """A message is voted for with an emoji: `<epoch>:<offset>:<emoji>`."""
    if rooms.kind(room) == "chat":
        message, _, emoji = item.rpartition(":")
        return emoji in EMOJI and await publish.is_shown(request.app[REDIS], room=room, item=message)
    if await publish.is_shown(request.app[REDIS], room=room, item=item):
        return True
    return bool(await request.app[POOL].fetchval(CHANNEL.is_question_shown, room, item))


def _asked(row: Mapping[str, object]) -> dict[str, object]:
    asked_at = row["asked_at"]
    when = int(asked_at.timestamp() * 1000) if isinstance(asked_at, datetime) else 0
    fields = ("item", "status", "text", "reason", "answer", "anonymous")
    return {**{name: row[name] for name in fields}, "session": row["session_id"] or 0, "when": when}
