"""The page of a session, before it, during it and for good: what it is, what was asked and said, its recording."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web

from config.languages import N_
from realtime import channels as rooms
from realtime import publish
from sql import queries
from web import headers, permissions
from web.conferences import head, player, polls, sentences, stars, votes, where
from web.conferences.rules import Session
from web.forms import read_form
from web.keys import CLOCK, POOL, REDIS, SETTINGS
from web.page import page
from web.reader import Person, meet
from web.refusals import Refused

STAGE = queries("stage")
SHOWN = ("approved", "answering", "answered")  # as realtime/questions.py names them
QUESTIONS = 500  # at most; more than a session ever had
SAID_AT_ONCE = 200  # messages on a page
ARCHIVED_WITHIN = 3.0  # seconds an answer is waited for: usually half a second
LOOK_AGAIN = 0.1  # seconds
GIVEN_UP = 60  # seconds after which a page no longer loads itself anew to see the answer


async def show_session(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/s/{session}: everybody sees what it is, participants what was asked and said."""
    conference, session = await _here(request)
    person = (await meet(request)).person
    roles = await where.roles(request, conference["id"])
    inside = person is not None and permissions.enter_channel(roles)
    context: dict[str, Any] = {
        "conference": conference,
        "session": session,
        "inside": inside,
        "questions": [],
        "polls": [],
        "said": [],
        "said_in_all": 0,
        "said_from": 0,
        "may_answer": False,
        "stored": "",
        "ringing": session.state == "live",
        "recording": None,
        "starred": session.id in await stars.of_reader(request, [session.id]),
        "head": await head.given(request, conference),
    }
    if inside and person is not None:
        asked = await votes.questions(request, conference["id"], session=session.id, at_most=QUESTIONS)
        context["questions"] = [{**one, "key": str(uuid4())} for one in asked]
        item, at = request.query.get("stored", ""), request.query.get("at", "")
        if at.isascii() and at.isdigit() and len(at) < 16 and await _is_late(request, session, item, int(at)):
            context["stored"] = item
        context["polls"] = await polls.standing(request, conference["id"], votes.voter(person.id), session=session.id)
        context |= await _said(request, session)
        context["may_answer"] = await _may_answer(request, session, person, roles)
        context["recording"] = await _recording(request, session)
    answer = await page(request, "conferences/session.html", context)
    if context["recording"]:
        seen = [context["recording"]]
        answer.headers["Content-Security-Policy"] = headers.content_policy(
            request.app[SETTINGS].realtime_url, frames=player.frames(seen), media=player.media(seen)
        )
    return answer


async def answer(request: web.Request) -> web.StreamResponse:
    """POST /c/{slug}/s/{session}/answer: a speaker answers in writing, or in other words."""
    conference, session = await _here(request)
    person, roles = await where.participant(request, conference)
    here = f"/c/{conference['slug']}/s/{session.id}"
    if not await _may_answer(request, session, person, roles):
        raise Refused("answer.closed", 403, N_("Only speakers of this session may answer here."), (here, BACK))
    form = await read_form(request)
    room, question = await question_of(request, session, form.get("item", ""), way_out=(here, BACK))
    text = form.get("text", "").strip()
    if not text:
        raise Refused("answer.empty", 422, N_("Write the answer first."), (f"{here}#q-{question['item']}", BACK))
    now = _milliseconds(request.app[CLOCK]())  # before the answer's own moment, or at it
    await move(request, room, question, "answered", person, key=form.get("key", ""), text=text, way_out=(here, BACK))
    until = asyncio.get_running_loop().time() + ARCHIVED_WITHIN
    while await _is_late(request, session, question["item"], now):
        if asyncio.get_running_loop().time() > until:
            raise web.HTTPSeeOther(f"{here}?{where.VOTED}=1&stored={question['item']}&at={now}#questions")
        await asyncio.sleep(LOOK_AGAIN)
    raise web.HTTPSeeOther(f"{here}?{where.VOTED}=1#q-{question['item']}")


BACK = N_("Back to the session")


async def question_of(
    request: web.Request, session: Session, item: str, *, way_out: tuple[str, str]
) -> tuple[str, Mapping[str, Any]]:
    """A question of a session that people may read, as its room has it, or the archive when the room let it go.

    The room is that of the channel in which it was asked: the session may have been moved since. The question has the
    fields that live rooms know (realtime/question_events.py). Raises Refused question.unknown.
    """
    room = rooms.questions(session.channel_id)
    found = await publish.question(request.app[REDIS], channel=session.channel_id, item=item)
    if found is None:
        row = await request.app[POOL].fetchrow(STAGE.question_of, session.id, item)
        if row is not None:
            room = row["room"]
            found = await publish.question(request.app[REDIS], channel=rooms.number(room), item=item)
            found = found or _last(dict(row))
    if found is None or found["session"] != session.id or found["status"] not in SHOWN:
        raise Refused("question.unknown", 404, N_("This question is not shown here any more."), way_out)
    return room, found


async def move(
    request: web.Request,
    room: str,
    question: Mapping[str, Any],
    verb: str,
    person: Person,
    *,
    key: str,
    text: str = "",
    way_out: tuple[str, str],
) -> None:
    """Go one step with a question, also with one that its room has let go. Raises Refused as the room does."""
    try:
        await publish.move_question(
            request.app[REDIS],
            channel=rooms.number(room),
            item=question["item"],
            verb=verb,
            by=person.id,
            key=_key(key),
            when=request.app[CLOCK](),
            text=text,
            last=question,
        )
    except publish.Refused as no:
        raise Refused(no.code, 409, sentences.REFUSALS[no.code], way_out) from None


async def speaks_here(request: web.Request, person: Person, *sessions: int) -> set[int]:
    """In which of these sessions a person speaks."""
    rows = await request.app[POOL].fetch(STAGE.speaks_in, person.id, list(sessions))
    return {row["session_id"] for row in rows}


def _key(text: str) -> str:
    """The name of a form that was sent, so that sent twice it counts once."""
    try:
        return str(UUID(text))
    except ValueError:
        return str(uuid4())


def _last(row: Mapping[str, Any]) -> dict[str, Any]:
    """A question of the archive, by the names the live rooms have for its fields (realtime/question_events.py)."""
    same = ("item", "status", "name", "badge", "anonymous", "text", "original", "reason", "answer", "pinned")
    return {name: row[name] for name in same} | {
        "user": row["person_id"] or 0,
        "session": row["session_id"] or 0,
        "into": row["merged"],
        "when": _milliseconds(row["asked_at"]),
        "changed": _milliseconds(row["changed_at"]),
        "by": row["changed_by"] or 0,
    }


async def _here(request: web.Request) -> tuple[where.Row, Session]:
    conference = await where.conference(request)
    number = int(request.match_info["session"])
    for one in await where.schedule(request, conference):
        if one.id == number:
            return conference, one
    way_out = (f"/c/{conference['slug']}", N_("To the schedule"))
    raise Refused("session.unknown", 404, N_("There is no such session in this conference."), way_out)


async def _may_answer(request: web.Request, session: Session, person: Person, roles: frozenset[str]) -> bool:
    speaks = session.id in await speaks_here(request, person, session.id)
    return permissions.answer(roles, speaks_here=speaks)


async def _recording(request: web.Request, session: Session) -> player.Stream | None:
    """What can be seen afterwards, and not before."""
    if session.state != "past":
        return None
    row = await request.app[POOL].fetchrow(STAGE.recording, session.id)
    return player.recording(dict(row), session.language) if row else None


async def _said(request: web.Request, session: Session) -> dict[str, Any]:
    """A page of what chats said while the session was on, wherever it was then."""
    found = request.query.get("said", "0")
    begin = int(found) if found.isascii() and found.isdigit() and len(found) < 8 else 0
    stood = await request.app[POOL].fetch(STAGE.stood, session.id)
    there = [rooms.chat(row["channel_id"]) for row in stood]
    since, until = [row["since"] for row in stood], [row["until"] for row in stood]
    rows = await request.app[POOL].fetch(STAGE.said_between, there, since, until, begin, SAID_AT_ONCE)
    return {"said": [dict(row) for row in rows], "said_in_all": rows[0]["of"] if rows else 0, "said_from": begin}


async def _is_late(request: web.Request, session: Session, item: str, at: int) -> bool:
    """Whether the archive does not have what became of a question at that moment (Unix milliseconds), and soon will."""
    row = await request.app[POOL].fetchrow(STAGE.question_of, session.id, item)
    late = row is not None and _milliseconds(row["changed_at"]) < at
    return late and at > _milliseconds(request.app[CLOCK]()) - GIVEN_UP * 1000


def _milliseconds(when: datetime) -> int:
    return int(when.timestamp() * 1000)
