"""Speakers at the organiser's desk: names, words about them, pictures, accounts. It holds no rule and no SQL."""

from typing import Any
from uuid import uuid4

import asyncpg
from aiohttp import web

from config.languages import N_, pick
from sql import queries
from sql.connection import Connection
from web.conferences import at_desk, changes, picture_rules, pictures, speakers_rules, where
from web.conferences.form_rules import Asked
from web.conferences.monogram import monogram
from web.conferences.picture_rules import Picture
from web.conferences.speakers_rules import Speaker
from web.forms import read_form, takes
from web.keys import POOL
from web.reader import meet
from web.refusals import Refused

DESK = queries("desk")
FIELDS = ("name", "about", "email", "picture", "announced")  # what is written down when they change


async def show_speakers(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/speakers?q=: all of them, or those with a name like that."""
    conference, _ = await at_desk.enter(request)
    wanted = request.query.get("q", "").strip().replace("\0", "")[:200]
    context = {"speakers": await _speakers(request, conference, wanted), "wanted": wanted}
    return await at_desk.show(request, "desk/speakers.html", conference, here="speakers", context=context)


async def show_new(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/speakers/new: the form of a new speaker."""
    conference, _ = await at_desk.enter(request)
    return await _form(request, conference, None)


@takes(pictures.FORM_AT_MOST)
async def add(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/speakers: a new speaker."""
    conference, person = await at_desk.enter(request)
    asked, wanted, picture = await _read(request, conference, None)
    if wanted is None:
        return await _form(request, conference, None, asked)
    address = f"/desk/{conference['slug']}/speakers"
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            account = await _account(connection, conference, asked, wanted)
            if not asked.wrong:
                kept = await pictures.keep(connection, conference["id"], picture) if picture else None
                number = await connection.fetchval(
                    *(DESK.add_speaker, conference["id"], account, wanted.name, wanted.about),
                    *(monogram(pick(wanted.name, conference["language"])), kept, wanted.announced),
                )
                made = _fields(wanted, picture.digest if picture else None)
                await changes.record(
                    *(connection, conference["id"], person.id, "speaker.add", f"speaker:{number}", None, made),
                    form_key=asked.key(),
                )
    except asyncpg.UniqueViolationError as twice:
        if twice.constraint_name != changes.FORM_SENT_TWICE:
            raise
        raise at_desk.leave(address) from None
    if asked.wrong:
        return await _form(request, conference, None, asked)
    raise at_desk.leave(address, said="added")


async def show_speaker(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/speakers/{id}: the form of a speaker."""
    conference, _ = await at_desk.enter(request)
    return await _form(request, conference, await _speaker(request, conference))


@takes(pictures.FORM_AT_MOST)
async def save(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/speakers/{id}: save the form of a speaker."""
    conference, person = await at_desk.enter(request)
    before = await _speaker(request, conference)
    asked, wanted, picture = await _read(request, conference, before)
    if wanted is None:
        return await _form(request, conference, before, asked)
    async with request.app[POOL].acquire() as connection, connection.transaction():
        account = await _account(connection, conference, asked, wanted)
        if not asked.wrong:
            facts = (account, wanted.name, wanted.about, wanted.announced)
            await connection.execute(DESK.set_speaker, before["id"], *facts)
            initials = [monogram(pick(name, conference["language"])) for name in (before["name"], wanted.name)]
            await connection.execute(DESK.redraw_portrait, before["id"], *initials)
            digest = before["picture"]
            if picture or asked.ticked("no_picture"):
                kept = await pictures.keep(connection, conference["id"], picture) if picture else None
                digest = picture.digest if picture else None
                await connection.execute(DESK.set_speaker_picture, before["id"], kept)
            old = {name: before[name] for name in FIELDS}
            await changes.record(
                *(connection, conference["id"], person.id, "speaker.set", f"speaker:{before['id']}"),
                *(old, _fields(wanted, digest)),
            )
    if asked.wrong:
        return await _form(request, conference, before, asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/speakers/{before['id']}", said="saved")


async def delete(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/speakers/{id}/delete: a speaker of no session is gone."""
    conference, person = await at_desk.enter(request)
    before = await _speaker(request, conference)
    async with request.app[POOL].acquire() as connection, connection.transaction():
        gone = await connection.fetchval(DESK.delete_speaker, before["id"])
        if gone:
            old = {name: before[name] for name in FIELDS}
            await changes.record(
                connection, conference["id"], person.id, "speaker.delete", f"speaker:{gone}", old, None
            )
    if not gone:
        asked = Asked({})
        asked.refuse("delete", speakers_rules.SPEAKS)
        return await _form(request, conference, before, deleting=asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/speakers", said="deleted")


async def _read(
    request: web.Request, conference: where.Row, before: where.Row | None
) -> tuple[Asked, Speaker | None, Picture | None]:
    asked = Asked(await read_form(request))
    wanted = speakers_rules.speaker(asked, conference, before=before)
    picture = await pictures.asked_for(request, asked, "picture", picture_rules.PORTRAIT)
    return asked, None if asked.wrong else wanted, picture


async def _account(connection: Connection, conference: where.Row, asked: Asked, wanted: Speaker) -> int | None:
    """The person whose account it is; from now on they may do what speakers may."""
    if wanted.email is None:
        return None
    found = await connection.fetchrow(DESK.person_with_email, wanted.email)
    if found is None:
        asked.refuse("email", speakers_rules.NO_ACCOUNT)
        return None
    await connection.execute(DESK.add_role, conference["id"], found["id"], "speaker")
    return int(found["id"])


async def _speakers(request: web.Request, conference: where.Row, wanted: str = "") -> list[where.Row]:
    language = (await meet(request)).language
    rows = await request.app[POOL].fetch(DESK.speakers_at_desk, conference["id"], wanted, language)
    return [dict(one) for one in rows]


async def _speaker(request: web.Request, conference: where.Row) -> where.Row:
    number = int(request.match_info["id"])
    for row in await _speakers(request, conference):
        if row["id"] == number:
            return row
    way_out = (f"/desk/{conference['slug']}/speakers", N_("To the speakers"))
    raise Refused("speaker.unknown", 404, N_("There is no such speaker in this conference."), way_out)


def _fields(wanted: Speaker, picture: str | None) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in FIELDS if name != "picture"} | {"picture": picture}


async def _form(
    request: web.Request,
    conference: where.Row,
    speaker: where.Row | None,
    asked: Asked | None = None,
    *,
    deleting: Asked | None = None,
) -> web.Response:
    context = {
        "speaker": speaker,
        "form": asked,
        "form_key": asked.typed("form_key") if asked else uuid4(),
    }
    return await at_desk.show(
        request, "desk/speaker.html", conference, here="speakers", context=context, asked=asked or deleting
    )
