"""Polls as voters see them: the list, a page of them, a vote. It tells no room; workers/polls.py does."""

from typing import Any

from aiohttp import web

from config.languages import N_
from sql import queries
from web.conferences import poll_rules, votes, where
from web.forms import read_form
from web.keys import POOL
from web.page import page
from web.reader import Person, meet
from web.refusals import Refused

STAGE = queries("stage")


async def show_polls(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/{channel}/polls: the channel's polls as plain forms."""
    conference, channel, person = await _here(request)
    found = await standing(request, conference["id"], votes.voter(person.id), channel=channel["id"])
    context = {"conference": conference, "channel": channel, "polls": found}
    return await page(request, "conferences/polls.html", context)


async def list_polls(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/{channel}/polls.json: the channel's polls as this reader may see them."""
    conference, channel, person = await _here(request)
    found = await standing(request, conference["id"], votes.voter(person.id), channel=channel["id"])
    return web.json_response({"polls": found})


async def vote(request: web.Request) -> web.StreamResponse:
    """POST /c/{slug}/{channel}/polls/{poll}/vote: vote by a form, and see the polls again."""
    await _cast(request)
    raise web.HTTPSeeOther(f"{_address(request)}?{where.VOTED}=1#poll-{request.match_info['poll']}")


async def vote_by_script(request: web.Request) -> web.StreamResponse:
    """POST /c/{slug}/{channel}/polls/{poll}/vote.json: vote; the poll as it stands now."""
    conference, channel, person, poll = await _cast(request)
    found = await standing(request, conference["id"], votes.voter(person.id), channel=channel["id"], anew=True)
    for one in found:
        if one["id"] == poll:
            return web.json_response({"poll": one})
    raise Refused("poll.unknown", 404, UNKNOWN, _back(request))  # recalled between the two


async def standing(
    request: web.Request,
    conference: int,
    voter: str,
    *,
    channel: int | None = None,
    session: int | None = None,
    address: str | None = None,
    anew: bool = False,
) -> list[dict[str, Any]]:
    """The polls of a channel, or those of a session, that are open or over, as a voter may see them.

    Votes go to `address`, and if there is none to the channel that each of them is in. What is counted is counted for
    all once a second, and `anew` for whoever has just voted.
    """
    pool = request.app[POOL]
    at_most = None if session else poll_rules.SHOWN_AT_ONCE

    async def ask() -> list[where.Row]:
        return [dict(row) for row in await pool.fetch(STAGE.polls, channel, session, at_most)]

    rows = await where.lately(request, conference, ("polls", channel, session), ask, anew=anew)
    chosen = await pool.fetch(STAGE.ballots_of, [row["id"] for row in rows], voter) if voter and rows else []
    mine = {row["poll_id"]: row["options"] for row in chosen}
    language = (await meet(request)).language
    found = []
    for row in rows:
        at = f"/c/{request.match_info['slug']}/{row['channel_slug']}/polls" if address is None else address
        poll = {**row, "mine": mine.get(row["id"], [])}
        found.append(poll_rules.shown(poll, language=language, vote=f"{at}/{row['id']}/vote"))
    return found


UNKNOWN = N_("There is no such poll in this channel.")


async def cast(request: web.Request, channel: int, voter: str, *, way_out: tuple[str, str]) -> int:
    """Count the ballot that was posted; the poll's number. Raises Refused poll.unknown, poll.closed, poll.choose."""
    poll = int(request.match_info["poll"])
    await read_form(request)  # checked for shape; of a name that stands twice it keeps the first alone
    options = poll_rules.chosen(str(one) for one in (await request.post()).getall("option", []))
    if options and await request.app[POOL].fetchval(STAGE.cast_ballot, channel, poll, voter, options):
        return poll
    found = await request.app[POOL].fetchrow(STAGE.poll_in, channel, poll)
    if found is None:
        raise Refused("poll.unknown", 404, UNKNOWN, way_out)
    if found["status"] != "open":
        raise Refused("poll.closed", 409, N_("This poll is over. If you voted before, that vote counts."), way_out)
    if found["kind"] == "single" and len(options) > 1:
        raise Refused("poll.choose", 422, N_("Choose one option alone, and vote again."), way_out)
    raise Refused("poll.choose", 422, N_("Choose an option, and vote again."), way_out)


async def _cast(request: web.Request) -> tuple[where.Row, where.Row, Person, int]:
    conference, channel, person = await _here(request)
    way_out = _back(request)
    await votes.admit(request, channel["id"], person, way_out=way_out)
    await votes.spend(request, person, "ballot", subject=request.match_info["poll"], way_out=way_out)
    return conference, channel, person, await cast(request, channel["id"], votes.voter(person.id), way_out=way_out)


async def _here(request: web.Request) -> tuple[where.Row, where.Row, Person]:
    conference = await where.conference(request)
    channel = await where.channel(request, conference)
    person, _ = await where.participant(request, conference)
    return conference, channel, person


def _address(request: web.Request) -> str:
    return f"/c/{request.match_info['slug']}/{request.match_info['channel']}/polls"


def _back(request: web.Request) -> tuple[str, str]:
    return _address(request), N_("Back to the polls")
