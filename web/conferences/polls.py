"""Polls as voters see them: the list, a page of them, a vote. It tells no room; workers/polls.py does."""

from typing import Any

from aiohttp import web

from config.languages import N_
from sql import queries
from web.conferences import poll_rules, votes, where
from web.forms import read_form
from web.keys import POOL
from web.page import page
from web.reader import meet
from web.refusals import Refused

STAGE = queries("stage")


async def show_polls(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/{channel}/polls: the channel's polls as plain forms."""
    conference, channel, voter = await _here(request)
    context = {
        "conference": conference,
        "channel": channel,
        "polls": await standing(request, channel["id"], voter, address=_address(request)),
    }
    return await page(request, "conferences/polls.html", context)


async def list_polls(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/{channel}/polls.json: the channel's polls as this reader may see them."""
    _, channel, voter = await _here(request)
    found = await standing(request, channel["id"], voter, address=_address(request))
    return web.json_response({"polls": found}, headers={"Cache-Control": "no-store"})


async def vote(request: web.Request) -> web.StreamResponse:
    """POST /c/{slug}/{channel}/polls/{poll}/vote: vote by a form, and see the polls again."""
    _, channel, voter = await _here(request)
    back = _address(request)
    await cast(request, channel["id"], voter, way_out=(back, N_("Back to the polls")))
    raise web.HTTPSeeOther(f"{back}#poll-{request.match_info['poll']}")


async def vote_by_script(request: web.Request) -> web.StreamResponse:
    """POST /c/{slug}/{channel}/polls/{poll}/vote.json: vote; the poll as it stands now."""
    _, channel, voter = await _here(request)
    back = _address(request)
    poll = await cast(request, channel["id"], voter, way_out=(back, N_("Back to the polls")))
    found = await standing(request, channel["id"], voter, address=back, poll=poll)
    return web.json_response({"poll": found[0]}, headers={"Cache-Control": "no-store"})


async def standing(
    request: web.Request,
    channel: int,
    voter: str,
    *,
    address: str,
    poll: int | None = None,
    session: int | None = None,
) -> list[dict[str, Any]]:
    """The polls of a channel that are open or over, as a voter may see them; `address` is where votes go.

    With `poll` or `session`: that one alone, or those of that session.
    """
    rows = await request.app[POOL].fetch(STAGE.polls, channel, voter, poll, session, poll_rules.SHOWN_AT_ONCE)
    language = (await meet(request)).language
    return [poll_rules.shown(dict(row), language=language, vote=f"{address}/{row['id']}/vote") for row in rows]


async def cast(request: web.Request, channel: int, voter: str, *, way_out: tuple[str, str]) -> int:
    """Count the ballot that was posted; the poll's number. Raises Refused poll.unknown, poll.closed, poll.choose."""
    poll = int(request.match_info["poll"])
    await read_form(request)  # checked for shape; of a name that stands twice it keeps the first alone
    options = poll_rules.chosen(str(one) for one in (await request.post()).getall("option", []))
    if options and await request.app[POOL].fetchval(STAGE.cast_ballot, channel, poll, voter, options):
        return poll
    found = await request.app[POOL].fetch(STAGE.polls, channel, voter, poll, None, 1)
    if not found:
        raise Refused("poll.unknown", 404, N_("There is no such poll in this channel."), way_out)
    if found[0]["status"] != "open":
        raise Refused("poll.closed", 409, N_("This poll is over. If you voted before, that vote counts."), way_out)
    if found[0]["kind"] == "single" and len(options) > 1:
        raise Refused("poll.choose", 422, N_("Choose one option alone, and vote again."), way_out)
    raise Refused("poll.choose", 422, N_("Choose an option, and vote again."), way_out)


async def _here(request: web.Request) -> tuple[where.Row, where.Row, str]:
    conference = await where.conference(request)
    channel = await where.channel(request, conference)
    person, _ = await where.participant(request, conference)
    return conference, channel, votes.voter(person.id)


def _address(request: web.Request) -> str:
    return f"/c/{request.match_info['slug']}/{request.match_info['channel']}/polls"
