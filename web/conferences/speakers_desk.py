"""Speakers at the organiser's desk: names, words about them, pictures, accounts. It holds no rule and no SQL."""

from typing import Any

import asyncpg
from aiohttp import web

from config.languages import N_, pick
from sql import queries
from sql.connection import Connection, Pool
from web.conferences import at_desk, changes, merge_rules, picture_rules, pictures, speakers_rules, where
from web.conferences.form_rules import Asked
from web.conferences.monogram import monogram
from web.conferences.speakers_rules import Speaker
from web.forms import takes
from web.keys import POOL
from web.reader import meet
from web.refusals import Refused

DESK = queries("desk")
FIELDS = ("name", "about", "email", "picture", "announced")  # what is written down when they change


async def show_speakers(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/speakers?q=: all of them, or those with a name like that."""
    conference, _ = await at_desk.enter(request)
    wanted = request.query.get("q", "").strip().replace("\0", "")[:200]
    context = {"speakers": await _speakers(request.app[POOL], request, conference, wanted), "wanted": wanted}
    return await at_desk.show(request, "desk/speakers.html", conference, here="speakers", context=context)


async def show_new(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/speakers/new: the form of a new speaker."""
    conference, _ = await at_desk.enter(request)
    return await _form(request, conference, None)


@takes(pictures.FORM_AT_MOST)
async def add(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/speakers: a new speaker."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    await pictures.take_in(request, conference["id"], asked, "picture", picture_rules.PORTRAIT)
    wanted = speakers_rules.speaker(asked, conference)
    if wanted is None:
        return await _form(request, conference, None, asked)
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            account = await _account(connection, conference, asked, wanted)
            if not asked.wrong:
                picture, digest = await pictures.kept(connection, conference["id"], asked.typed("picture"))
                number = await connection.fetchval(
                    *(DESK.add_speaker, conference["id"], account, wanted.name, wanted.about),
                    *(monogram(pick(wanted.name, conference["language"])), picture, wanted.announced),
                )
                made = _fields(wanted, digest)
                await changes.record(
                    *(connection, conference["id"], person.id, "speaker.add", f"speaker:{number}", None, made),
                    form_key=asked.key(),
                )
    except asyncpg.UniqueViolationError as twice:
        if twice.constraint_name != changes.FORM_SENT_TWICE:
            raise
    if asked.wrong:
        return await _form(request, conference, None, asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/speakers", said="added")


async def show_speaker(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/speakers/{id}: the form of a speaker."""
    conference, _ = await at_desk.enter(request)
    return await _form(request, conference, await _speaker(request.app[POOL], request, conference))


@takes(pictures.FORM_AT_MOST)
async def save(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/speakers/{id}: save the form of a speaker."""
    conference, person = await at_desk.enter(request)
    await _speaker(request.app[POOL], request, conference)
    asked = await at_desk.form(request)
    await pictures.take_in(request, conference["id"], asked, "picture", picture_rules.PORTRAIT)
    async with request.app[POOL].acquire() as connection, connection.transaction():
        conference = await at_desk.locked(connection, conference)
        before = await _speaker(connection, request, conference)
        merge_rules.merge(asked, speakers_rules.fields(before, conference))
        wanted = speakers_rules.speaker(asked, conference, before=before)
        account = await _account(connection, conference, asked, wanted) if wanted and not asked.refused else None
        if wanted and not asked.refused:
            facts = (account, wanted.name, wanted.about, wanted.announced)
            await connection.execute(DESK.set_speaker, before["id"], *facts)
            initials = [monogram(pick(name, conference["language"])) for name in (before["name"], wanted.name)]
            await connection.execute(DESK.redraw_portrait, before["id"], *initials)
            picture, digest = await pictures.kept(connection, conference["id"], asked.typed("picture"))
            await connection.execute(DESK.set_speaker_picture, before["id"], picture)
            old = {name: before[name] for name in FIELDS}
            await changes.record(
                *(connection, conference["id"], person.id, "speaker.set", f"speaker:{before['id']}"),
                *(old, _fields(wanted, digest)),
            )
    if asked.refused:
        return await _form(request, conference, before, asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/speakers/{before['id']}", said="saved")


async def delete(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/speakers/{id}/delete: a speaker of no session is gone."""
    conference, person = await at_desk.enter(request)
    subject, deleting = f"speaker:{request.match_info['id']}", Asked()
    async with request.app[POOL].acquire() as connection, connection.transaction():
        await at_desk.locked(connection, conference)
        if not await changes.is_done(connection, conference["id"], "speaker.delete", subject):
            before = await _speaker(connection, request, conference)
            if await connection.fetchval(DESK.delete_speaker, before["id"]):
                old = {name: before[name] for name in FIELDS}
                await changes.record(connection, conference["id"], person.id, "speaker.delete", subject, old, None)
            else:
                deleting.refuse("delete", speakers_rules.SPEAKS)
    if deleting.wrong:
        return await _form(request, conference, before, deleting=deleting)
    raise at_desk.leave(f"/desk/{conference['slug']}/speakers", said="deleted")


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


async def _speakers(
    source: Connection | Pool, request: web.Request, conference: where.Row, wanted: str = ""
) -> list[where.Row]:
    language = (await meet(request)).language
    rows = await source.fetch(DESK.speakers_at_desk, conference["id"], wanted, language)
    return [dict(one) for one in rows]


async def _speaker(source: Connection | Pool, request: web.Request, conference: where.Row) -> where.Row:
    number = int(request.match_info["id"])
    for row in await _speakers(source, request, conference):
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
    now = speakers_rules.fields(speaker, conference)
    context = {"speaker": speaker, "form": asked or Asked(now), "opened": merge_rules.opened(now)}
    return await at_desk.show(
        request,
        "desk/speaker.html",
        conference,
        here="speakers",
        context=context,
        asked=asked or deleting,
        subject=f"speaker:{speaker['id']}" if speaker else "",
    )
