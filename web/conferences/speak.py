"""The speaker's view on a phone: the questions of one's own session, live. It plays nothing and asks nothing."""

from typing import Any
from uuid import uuid4

from aiohttp import web

from config.languages import N_
from realtime import channels as rooms
from web import permissions
from web.conferences import announced, door, stage_words, votes, where
from web.conferences.rules import Session
from web.conferences.session import move, question_of, speaks_here
from web.csrf import token
from web.forms import read_form
from web.page import page
from web.reader import Person
from web.refusals import Refused

VERBS = ("answering", "answered", "approve")  # what a speaker does with a question; approve: not now after all
AT_ONCE = 200  # questions; a speaker scrolls no further


async def show_speak(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/speak: one's session that is on or comes next, or the one of ?session."""
    conference, person, roles = await _here(request)
    schedule = await where.schedule(request, conference)
    own = await _own(request, person, roles, schedule)
    session = _chosen(request, own)
    context: dict[str, Any] = {
        "conference": conference,
        "own": own,
        "session": session,
        "announced": await announced.standing(request, conference["id"]),
        "questions": [],
        "live": None,
    }
    if session is not None:
        channels = await where.channels(request, conference, schedule)
        channel = next(one for one in channels if one["id"] == session.channel_id)
        room = rooms.questions(session.channel_id)
        asked = await votes.questions(request, conference["id"], room=room, session=session.id, at_most=AT_ONCE)
        opened = door.opened(conference["id"], [channel], person, roles)
        pass_url = f"/c/{conference['slug']}/{channel['slug']}/pass"
        live = await door.live(request, person, roles, opened, pass_url=pass_url)
        context |= {
            "channel": channel,
            "on_air": channel["current"] is not None and channel["current"].id == session.id,
            "questions": asked,
            "key": str(uuid4()),
            "live": {
                **live,
                "room": room,
                "session": session.id,
                "ends": int(session.ends_at.timestamp() * 1000),
                "starts": int(session.starts_at.timestamp() * 1000),
                **await votes.counted(request, conference["id"], room, votes.voter(person.id)),
                "move": f"/c/{conference['slug']}/speak",
                "csrf": await token(request),
                "words": stage_words.words(live["language"]),
            },
        }
    return await page(request, "conferences/speak.html", context)


async def move_question(request: web.Request) -> web.StreamResponse:
    """POST /c/{slug}/speak: one step with a question of one's own session, by a form."""
    session = await _moved(request)
    raise web.HTTPSeeOther(f"/c/{request.match_info['slug']}/speak?session={session.id}")


async def move_question_by_script(request: web.Request) -> web.StreamResponse:
    """POST /c/{slug}/speak.json: the same for the page's script."""
    await _moved(request)
    return web.json_response({"moved": True})


async def _moved(request: web.Request) -> Session:
    conference, person, roles = await _here(request)
    form = await read_form(request)
    own = await _own(request, person, roles, await where.schedule(request, conference))
    session = next((one for one in own if str(one.id) == form.get("session", "")), None)
    way_out = (f"/c/{conference['slug']}/speak", N_("Back to the questions"))
    if session is None:
        raise Refused("speak.closed", 403, N_("This is not a session of yours."), way_out)
    verb = form.get("verb", "")
    if verb not in VERBS:
        raise Refused("speak.unknown", 422, N_("Choose what to do with the question."), way_out)
    room, question = await question_of(request, session, form.get("item", ""), way_out=way_out)
    await move(request, room, question, verb, person, key=form.get("key", ""), way_out=way_out)
    return session


async def _here(request: web.Request) -> tuple[where.Row, Person, frozenset[str]]:
    conference = await where.conference(request)
    person, roles = await where.participant(request, conference)
    if not permissions.speak(roles):
        way_out = (f"/c/{conference['slug']}", N_("To the schedule"))
        raise Refused("speak.closed", 403, N_("This page is for speakers of this conference."), way_out)
    return conference, person, roles


async def _own(request: web.Request, person: Person, roles: frozenset[str], schedule: list[Session]) -> list[Session]:
    """The sessions of a speaker; of whoever helps them, all."""
    if permissions.organise(roles):
        return schedule
    mine = await speaks_here(request, person, *(one.id for one in schedule))
    return [one for one in schedule if one.id in mine]


def _chosen(request: web.Request, own: list[Session]) -> Session | None:
    """The session asked for; or what is on, or comes next, or was the last."""
    asked = request.query.get("session", "")
    for one in own:
        if str(one.id) == asked:
            return one
    for state in ("live", "coming"):
        found = [one for one in own if one.state == state]
        if found:
            return found[0]
    return own[-1] if own else None
