"""What every page of the organiser's desk begins and ends with: who may come in, and the frame around the page."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from aiohttp import web

from config.languages import N_
from sql import queries
from sql.connection import Connection
from web import permissions
from web.conferences import where
from web.conferences.form_rules import Asked
from web.explain import CODE_HEADER
from web.forms import read_form
from web.keys import POOL
from web.page import page
from web.reader import Person
from web.refusals import Refused

CHANGES = queries("changes")
DESK = queries("desk")
WRONG = "form.wrong"  # the code of a form that comes back with what is wrong beside its fields
UNPROCESSABLE = 422
CROSSED = "form.crossed"  # the code of a form that changes what somebody else has changed since it was opened
CONFLICT = 409


async def enter(request: web.Request) -> tuple[where.Row, Person]:
    """The conference of the address and the organiser who asks. Raises Refused."""
    await where.somebody(request)  # first: whoever is not signed in is led there, also to a conference not yet public
    found = await conference(request)
    return found, await where.organiser(request, found)


async def conference(request: web.Request) -> where.Row:
    """The conference of the address, or that had it before: forms of that time find it still, also when sent twice."""
    try:
        return await where.conference(request)
    except Refused:
        now = await request.app[POOL].fetchval(CHANGES.renamed, request.match_info["slug"])
        if now is None:
            raise
        return await where.conference(request, now)


async def form(request: web.Request) -> Asked:
    """The form that was sent to the desk, to be read. Raises Refused form.malformed."""
    return Asked(dict(await read_form(request)), request.path)


async def show(
    request: web.Request,
    template: str,
    conference: where.Row,
    *,
    here: str,
    context: Mapping[str, Any],
    asked: Asked | None = None,
    subject: str = "",
    opened_at: str = "",
) -> web.Response:
    """A page of the desk; `here` is its name in desk/base.html.

    With `asked`, a form that was refused, the page comes back with what was typed and what is wrong with it; if
    somebody else has changed the same fields of its `subject` ("channel:12"), with what is there now and who changed
    it. `opened_at` is the form's own page, if that has another address than the form is sent to.
    """
    given = {
        "conference": conference,
        "here": here,
        "organises_here": await organises(request, conference),
        "asked": asked,
        "said": request.query.get("said", ""),
        "form_key": uuid4(),  # of this page; with what is typed into a form it is that form's (Asked.key)
        "meanwhile": await _meanwhile(request, conference, asked, subject),
        "opened_at": opened_at or request.path,
        **context,
    }
    crossed, refused = bool(asked and asked.crossed), bool(asked and asked.refused)
    answer = await page(request, template, given, status=CONFLICT if crossed else UNPROCESSABLE if refused else 200)
    if refused:
        answer.headers[CODE_HEADER] = CROSSED if crossed else WRONG
    return answer


async def organises(request: web.Request, conference: where.Row) -> bool:
    """Whether whoever asks may open all pages of the desk, and not only those of moderators."""
    return permissions.organise(await where.roles(request, conference["id"]))


async def _meanwhile(
    request: web.Request, conference: where.Row, asked: Asked | None, subject: str
) -> where.Row | None:
    """Who changed what a form crosses last, and when: {"person_id", "name", "made_at"}."""
    if not asked or not asked.crossed:
        return None
    row = await request.app[POOL].fetchrow(CHANGES.last_change, conference["id"], subject)
    return dict(row) if row else None


async def locked(connection: Connection, conference: where.Row) -> where.Row:
    """The conference as it is now; others who change it wait until this transaction is done."""
    row = await connection.fetchrow(DESK.lock_conference, conference["id"])
    if row is None:
        raise Refused("conference.unknown", 404, N_("There is no conference at this address."))
    return {**conference, **row}


def leave(address: str, *, said: str = "") -> web.HTTPSeeOther:
    """Where a form leads that was done; `said` names the sentence of desk/base.html that the next page says."""
    return web.HTTPSeeOther(f"{address}?said={said}" if said else address)
