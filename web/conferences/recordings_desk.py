"""Recordings at the organiser's desk: where each session can be seen afterwards. It holds no rule and no SQL."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from aiohttp import web

from config.languages import translations
from sql import queries
from sql.connection import Connection
from web.conferences import at_desk, changes, merge_rules, recordings_rules, streams_rules, where
from web.conferences.form_rules import Asked
from web.conferences.streams_rules import Stream
from web.forms import takes
from web.keys import POOL
from web.reader import Person, meet

DESK = queries("desk")
FORM_AT_MOST = 2 * 1024 * 1024  # bytes: embed codes for some hundreds of sessions


async def show_recordings(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/recordings: the released sessions by day, each with a field for an address."""
    conference, _ = await at_desk.enter(request)
    async with request.app[POOL].acquire() as connection:
        kept = await _kept(connection, conference)
    return await _page(request, conference, kept)


@takes(FORM_AT_MOST)
async def save(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/recordings: all that was typed, with what came meanwhile, or nothing."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    sessions = [one.id for one in await where.schedule(request, conference)]
    async with request.app[POOL].acquire() as connection, connection.transaction():
        locked = await at_desk.locked(connection, conference)
        kept = await _kept(connection, conference)
        merge_rules.merge(asked, recordings_rules.fields(sessions, kept))
        hosts, own_host = locked["frame_hosts"], request.host
        wanted = recordings_rules.wanted(asked, sessions, kept, hosts=hosts, own_host=own_host)
        if not asked.refused:
            for session, stream in wanted.items():
                await _keep(connection, conference, person, session, kept.get(session), stream)
    if asked.refused:
        return await _page(request, conference, kept, asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/recordings", said="saved")


async def _kept(connection: Connection, conference: where.Row) -> dict[int, Stream]:
    rows = await connection.fetch(DESK.recordings, conference["id"])
    return {row["session_id"]: Stream(row["kind"], row["address"]) for row in rows}


async def _keep(
    connection: Connection,
    conference: where.Row,
    person: Person,
    session: int,
    before: Stream | None,
    after: Stream | None,
) -> None:
    if after is None:
        await connection.execute(DESK.drop_recording, session)
    else:
        await connection.execute(DESK.set_recording, session, after.kind, after.address)
    old, new = ({"recording": one.address if one else ""} for one in (before, after))
    await changes.record(connection, conference["id"], person.id, "session.recording", _subject(session), old, new)


def _subject(session: int) -> str:
    """Not the session itself: whoever changes its recording changes nothing of the session's own form."""
    return f"recording:{session}"


async def _page(
    request: web.Request, conference: where.Row, kept: Mapping[int, Stream], asked: Asked | None = None
) -> web.Response:
    schedule = await where.schedule(request, conference)
    now = recordings_rules.fields([one.id for one in schedule], kept)
    crossed = next((one.id for one in schedule if asked and recordings_rules.field(one.id) in asked.crossed), None)
    words = translations((await meet(request)).language)
    context: dict[str, Any] = {
        "days": [(on, list(sessions)) for on, sessions in groupby(schedule, key=lambda one: one.on)],
        "kept": kept,
        "kinds": {kind: words.gettext(label) for kind, label in streams_rules.KINDS.items()},
        "titles": {recordings_rules.field(one.id): one.title for one in schedule},
        "form": asked or Asked(now),
        "opened": merge_rules.opened(now),
    }
    return await at_desk.show(
        request,
        "desk/recordings.html",
        conference,
        here="recordings",
        context=context,
        asked=asked,
        subject=_subject(crossed) if crossed else "",
    )
