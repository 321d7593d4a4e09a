"""Votes for questions and messages, one of each person: cast, withdrawn, counted. It tells no room: workers/tallies.py.

Who votes, here and in polls, must be let into the conference at that moment, and a moderator must not have banned them
from the channel. Who is muted may not write for a while, and votes: a vote says nothing that others would have to read.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from config.languages import N_
from realtime import channels as rooms
from realtime import publish
from sql import queries
from web import throttle
from web.conferences import where
from web.conferences.where import Row
from web.forms import read_form
from web.keys import CLOCK, MOMENTS, POOL, REDIS
from web.reader import Person
from web.refusals import HOME, Refused

CHANNEL = queries("channel")
STAGE = queries("stage")
EMOJI = ("👍", "❤️", "👏", "😂", "🔥", "🎉", "🤔", "😮")  # those that the live rooms know (realtime/gestures.py)
# What was voted for longer ago is on nobody's screen any more.
LATELY = {"chat": timedelta(days=1), "questions": timedelta(days=30)}
MINUTE = 60  # seconds
# How often one person may, in so many seconds: who reads a list presses once a second; a ballot is changed a few times.
LIMITS = {"vote": (60, MINUTE), "ballot": (20, MINUTE)}
GONE = N_("This is not shown any more.")

Counts = Mapping[str, int]


async def vote(request: web.Request) -> web.StreamResponse:
    """POST /c/{slug}/{channel}/vote: for a question or a message (`of` questions, chat); without `on`, back."""
    conference = await where.conference(request)
    channel = await where.channel(request, conference)
    person, _ = await where.participant(request, conference)
    await admit(request, channel["id"], person)
    await spend(request, person, "vote")
    form = await read_form(request)
    item, on = form.get("item", ""), form.get("on") == "1"
    room, pool = _room(channel, form.get("of", "")), request.app[POOL]
    if not on:
        await pool.execute(CHANNEL.take_vote_back, room, item, voter(person.id))
    elif await _is_shown(request, room, item):
        await pool.execute(CHANNEL.cast_vote, room, item, voter(person.id))
    else:
        raise Refused("vote.unknown", 404, GONE)

    async def ask() -> int:
        return int(await pool.fetchval(CHANNEL.votes_for, room, item))

    count = await request.app[MOMENTS].of(("votes for", room, item), ask, anew=True)
    return web.json_response({"item": item, "count": count, "on": on})


async def admit(request: web.Request, channel: int, person: Person, *, way_out: tuple[str, str] = HOME) -> None:
    """Let a person vote in a channel. Raises Refused vote.banned."""
    both = (rooms.questions(channel), rooms.chat(channel))
    if await publish.is_banned(request.app[REDIS], rooms=both, user=person.id):
        raise Refused(
            "vote.banned", 403, N_("A moderator has closed this channel to you, so you cannot vote."), way_out
        )


async def spend(
    request: web.Request, person: Person, what: str, *, subject: str = "", way_out: tuple[str, str] = HOME
) -> None:
    """Count a vote of somebody with an account against LIMITS. Raises Refused vote.too_often."""
    counted = [(voter(person.id), *LIMITS[what])]
    wait = await throttle.spend(request.app[REDIS], what=f"{what} {subject}", counted=counted)
    if wait:
        sentence = N_("That was a lot in a short time. Wait a minute, and vote again.")
        raise Refused("vote.too_often", 429, sentence, way_out, headers={"Retry-After": str(wait)})


async def tally(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/{channel}/tally: how many voted for what, what oneself voted for, and what oneself asked."""
    conference = await where.conference(request)
    channel = await where.channel(request, conference)
    person, _ = await where.participant(request, conference)
    pool = request.app[POOL]
    both = [rooms.chat(channel["id"]), rooms.questions(channel["id"])]
    counts = {room: await _counts(request, conference["id"], room) for room in both}
    mine: dict[str, list[str]] = {room: [] for room in both}
    for row in await pool.fetch(CHANNEL.votes_of, both, voter(person.id)):
        mine[row["room"]].append(row["item"])
    asked = [_asked(dict(row)) for row in await pool.fetch(CHANNEL.asked_by, both[1], person.id)]
    return web.json_response({"counts": counts, "mine": mine, "asked": asked})


async def counted(request: web.Request, conference: int, room: str, voter: str) -> dict[str, Any]:
    """What a page begins with: how many voted for what in a room, and what this voter voted for."""
    mine = await request.app[POOL].fetch(CHANNEL.votes_of, [room], voter)
    return {"votes": await _counts(request, conference, room), "mine": [row["item"] for row in mine]}


async def questions(
    request: web.Request, conference: int, *, room: str | None = None, session: int | None = None, at_most: int
) -> list[Row]:
    """What was asked and let through, in a room, about a session or both, with its votes; the most wanted first."""

    async def ask() -> list[Row]:
        return [dict(row) for row in await request.app[POOL].fetch(STAGE.questions, room, session, at_most)]

    return await where.lately(request, conference, ("questions", room, session, at_most), ask)


def voter(person: int) -> str:
    """The name under which somebody with an account votes."""
    return f"person:{person}"


async def _counts(request: web.Request, conference: int, room: str) -> Counts:
    since = request.app[CLOCK]() - LATELY[rooms.kind(room) or ""]

    async def ask() -> Counts:
        return {row["item"]: row["votes"] for row in await request.app[POOL].fetch(CHANNEL.votes_in, room, since)}

    return await where.lately(request, conference, ("votes in", room), ask)


def _room(channel: Row, of: str) -> str:
    if of == "chat":
        return rooms.chat(channel["id"])
    if of == "questions":
        return rooms.questions(channel["id"])
    raise Refused("vote.unknown", 404, GONE)


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
