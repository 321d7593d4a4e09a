"""Sessions at the organiser's desk: texts, speakers, a draft of place and time. It holds no rule and no SQL."""

from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
from aiohttp import web

from config.languages import N_, pick
from sql import queries
from sql.connection import Connection, Pool
from web.conferences import at_desk, changes, merge_rules, sessions_rules, where
from web.conferences.form_rules import Asked
from web.conferences.sessions_rules import Session
from web.forms import TEXTS, takes
from web.keys import POOL
from web.reader import meet
from web.refusals import Refused

DESK = queries("desk")


async def show_sessions(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/sessions?q=: all of them by day, or those with a title or a speaker like that."""
    conference, _ = await at_desk.enter(request)
    wanted = request.query.get("q", "").strip().replace("\0", "")[:200]
    rows = await request.app[POOL].fetch(DESK.sessions_at_desk, conference["id"], wanted)
    there = ZoneInfo(conference["zone"])
    days = groupby(
        [dict(one) for one in rows], key=lambda one: one["starts_at"] and one["starts_at"].astimezone(there).date()
    )
    context = {"days": [(day, list(sessions)) for day, sessions in days], "wanted": wanted}
    return await at_desk.show(request, "desk/sessions.html", conference, here="sessions", context=context)


async def show_new(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/sessions/new: the form of a new session."""
    conference, _ = await at_desk.enter(request)
    return await _form(request, conference, None)


@takes(TEXTS)
async def add(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/sessions: a new session."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    wanted = await _read(request.app[POOL], request, conference, asked, None)
    if wanted is None:
        return await _form(request, conference, None, asked)
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            number = await connection.fetchval(DESK.add_session, conference["id"], *_columns(wanted))
            await _seat(connection, number, wanted)
            await changes.record(
                *(connection, conference["id"], person.id, "session.add", f"session:{number}", None, _fields(wanted)),
                form_key=asked.key(),
            )
    except asyncpg.UniqueViolationError as twice:
        if twice.constraint_name != changes.FORM_SENT_TWICE:
            raise
    except asyncpg.ForeignKeyViolationError as gone:
        return await _form(request, conference, None, _without(asked, gone))
    raise at_desk.leave(f"/desk/{conference['slug']}/sessions", said="added")


async def show_session(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/sessions/{id}: the form of a session."""
    conference, _ = await at_desk.enter(request)
    return await _form(request, conference, await _session(request.app[POOL], request, conference))


@takes(TEXTS)
async def save(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/sessions/{id}: save the form of a session, with what came into it meanwhile."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            conference = await at_desk.locked(connection, conference)
            before = await _session(connection, request, conference)
            merge_rules.merge(asked, sessions_rules.fields(before, conference), together=sessions_rules.TOGETHER)
            wanted = await _read(connection, request, conference, asked, before)
            if wanted and not asked.refused:
                await connection.execute(DESK.set_session, before["id"], *_columns(wanted))
                await connection.execute(DESK.forget_seats, before["id"])
                await _seat(connection, before["id"], wanted)
                await changes.record(
                    *(connection, conference["id"], person.id, "session.set", f"session:{before['id']}"),
                    *(_kept(before), _fields(wanted)),
                )
    except asyncpg.ForeignKeyViolationError as gone:
        _without(asked, gone)
    if wanted is None or asked.refused:
        return await _form(request, conference, before, asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/sessions/{before['id']}", said="saved")


async def delete(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/sessions/{id}/delete: a draft on which nothing hangs is gone."""
    conference, person = await at_desk.enter(request)
    subject, deleting = f"session:{request.match_info['id']}", Asked()
    async with request.app[POOL].acquire() as connection, connection.transaction():
        await at_desk.locked(connection, conference)
        if not await changes.is_done(connection, conference["id"], "session.delete", subject):
            before = await _session(connection, request, conference)
            if await connection.fetchval(DESK.hangs_on_session, before["id"]):
                deleting.refuse("delete", sessions_rules.HANGS)
            else:
                await connection.execute(DESK.delete_session, before["id"])
                await changes.record(
                    connection, conference["id"], person.id, "session.delete", subject, _kept(before), None
                )
    if deleting.wrong:
        return await _form(request, conference, before, deleting=deleting)
    raise at_desk.leave(f"/desk/{conference['slug']}/sessions", said="deleted")


async def _read(
    source: Connection | Pool, request: web.Request, conference: where.Row, asked: Asked, before: where.Row | None
) -> Session | None:
    wanted = sessions_rules.session(
        asked,
        conference,
        channels=[one["id"] for one in await _channels(source, conference)],
        speakers=[one["id"] for one in await _speakers(source, request, conference)],
        before=before,
    )
    if asked.ticked("more"):  # one more place for a speaker was asked for; nothing is saved or wrong yet
        asked.wrong.clear()
        return None
    return wanted


async def _session(source: Connection | Pool, request: web.Request, conference: where.Row) -> where.Row:
    number = int(request.match_info["id"])
    for row in await source.fetch(DESK.sessions_at_desk, conference["id"], ""):
        if row["id"] == number:
            return dict(row)
    way_out = (f"/desk/{conference['slug']}/sessions", N_("To the sessions"))
    raise Refused("session.unknown", 404, N_("There is no such session in this conference."), way_out)


async def _channels(source: Connection | Pool, conference: where.Row) -> list[where.Row]:
    return [dict(one) for one in await source.fetch(DESK.channels_at_desk, conference["id"])]


async def _speakers(source: Connection | Pool, request: web.Request, conference: where.Row) -> list[where.Row]:
    language = (await meet(request)).language
    rows = await source.fetch(DESK.speakers_at_desk, conference["id"], "", language)
    return [dict(one) for one in rows]


async def _seat(connection: Connection, number: int, wanted: Session) -> None:
    await connection.executemany(
        DESK.add_seat, [(number, speaker, place) for place, speaker in enumerate(wanted.speakers, 1)]
    )


def _without(asked: Asked, gone: asyncpg.ForeignKeyViolationError) -> Asked:
    """The form, which says that a channel or a speaker it names was deleted meanwhile."""
    if gone.constraint_name == "session_channel_id_fkey":
        asked.refuse("channel", sessions_rules.UNKNOWN_CHANNEL)
    else:
        asked.refuse("speaker_1", sessions_rules.UNKNOWN_SPEAKER)
    return asked


def _columns(wanted: Session) -> tuple[Any, ...]:
    slot = (wanted.slot.channel, wanted.slot.starts_at, wanted.slot.ends_at) if wanted.slot else (None, None, None)
    return (*slot, wanted.title, wanted.abstract, wanted.language)


def _fields(wanted: Session) -> dict[str, Any]:
    channel, starts_at, ends_at, title, abstract, language = _columns(wanted)
    texts = {"title": title, "abstract": abstract, "language": language, "speakers": wanted.speakers}
    return {**texts, "channel_id": channel, "starts_at": starts_at, "ends_at": ends_at}


def _kept(before: where.Row) -> dict[str, Any]:
    names = ("title", "abstract", "language", "channel_id", "starts_at", "ends_at")
    return {**{name: before[name] for name in names}, "speakers": [one["id"] for one in before["speakers"]]}


async def _form(
    request: web.Request,
    conference: where.Row,
    session: where.Row | None,
    asked: Asked | None = None,
    *,
    deleting: Asked | None = None,
) -> web.Response:
    pool, language = request.app[POOL], (await meet(request)).language
    channels, speakers = await _channels(pool, conference), await _speakers(pool, request, conference)
    now = sessions_rules.fields(session, conference)
    shown = asked or Asked(now)
    context = {
        "session": session,
        "places": sessions_rules.places(shown),
        "channels": channels,
        "speakers": speakers,
        "offered_channels": [("", "—"), *((one["id"], pick(one["name"], language)) for one in channels)],
        "offered_speakers": [("", "—"), *((one["id"], pick(one["name"], language)) for one in speakers)],
        "form": shown,
        "opened": merge_rules.opened(now),
    }
    subject = f"session:{session['id']}" if session else ""
    return await at_desk.show(
        request,
        "desk/session.html",
        conference,
        here="sessions",
        context=context,
        asked=asked or deleting,
        subject=subject,
    )
