"""What every page of the organiser's desk begins and ends with: who may come in, and the frame around the page."""

from collections.abc import Mapping
from typing import Any

import asyncpg
from aiohttp import web

from config.languages import N_
from sql import queries
from sql.connection import Connection
from web import permissions
from web.conferences import where
from web.conferences.form_rules import Asked
from web.explain import CODE_HEADER
from web.page import page
from web.reader import Person
from web.refusals import Refused

DESK = queries("desk")
WRONG = "form.wrong"  # the code of a form that comes back with what is wrong beside its fields
UNPROCESSABLE = 422


async def enter(request: web.Request) -> tuple[where.Row, Person]:
    """The conference of the address and the organiser who asks. Raises Refused."""
    await where.somebody(request)  # first: whoever is not signed in is led there, also to a conference not yet public
    conference = await where.conference(request)
    return conference, await where.organiser(request, conference)


async def show(
    request: web.Request,
    template: str,
    conference: where.Row,
    *,
    here: str,
    context: Mapping[str, Any],
    asked: Asked | None = None,
) -> web.Response:
    """A page of the desk; `here` is its name in desk/base.html.

    With `asked`, a form that was refused, the page comes back with what was typed and what is wrong with it.
    """
    refused = asked is not None and bool(asked.wrong)
    given = {
        "conference": conference,
        "here": here,
        "organises_here": await organises(request, conference),
        "asked": asked,
        "said": request.query.get("said", ""),
        **context,
    }
    answer = await page(request, template, given, status=UNPROCESSABLE if refused else 200)
    if refused:
        answer.headers[CODE_HEADER] = WRONG
    return answer


async def organises(request: web.Request, conference: where.Row) -> bool:
    """Whether whoever asks may open all pages of the desk, and not only those of moderators."""
    return permissions.organise(await where.roles(request, conference["id"]))


async def locked(connection: Connection, conference: int) -> asyncpg.Record:
    """The conference as it is now; others who change it wait until this transaction is done."""
    row = await connection.fetchrow(DESK.lock_conference, conference)
    if row is None:
        raise Refused("conference.unknown", 404, N_("There is no conference at this address."))
    return row


def leave(address: str, *, said: str = "") -> web.HTTPSeeOther:
    """Where a form leads that was done; `said` names the sentence of desk/base.html that the next page says."""
    return web.HTTPSeeOther(f"{address}?said={said}" if said else address)
