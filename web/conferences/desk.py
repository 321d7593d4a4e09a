"""The organiser's desk: conferences, founding one, its settings, whether it is public. It holds no rule and no SQL."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import asyncpg
from aiohttp import web

from config.languages import LANGUAGES, N_, pick
from realtime import passes
from sql import queries
from web import permissions
from web.conferences import (
    at_desk,
    changes,
    desk_rules,
    door,
    merge_rules,
    rehearsal_desk,
    releases,
    where,
    zones_rules,
)
from web.conferences.form_rules import Asked
from web.explain import CODE_HEADER
from web.forms import TEXTS, takes
from web.keys import CLOCK, POOL
from web.page import page
from web.reader import Person, meet
from web.refusals import Refused

DESK = queries("desk")
SLUG_TAKEN = "conference_slug_key"  # the constraint
TAKEN = N_("Another conference has this address already. Choose another one.")
FRAMED = {
    "channel": N_("The channel “%(title)s” still shows %(host)s. Give the channel another stream first."),
    "session": N_("The recording of “%(title)s” is on %(host)s. Give the session another recording first."),
}
# Its fields, in the order of the statements add_conference and set_conference.
SETTINGS = ("slug", "name", "tagline", "about", "zone", "languages", "language", "starts_on", "ends_on", "theme")


async def show_conferences(request: web.Request) -> web.StreamResponse:
    """GET /desk: the conferences somebody organises."""
    person = await where.somebody(request)
    rows = await request.app[POOL].fetch(DESK.conferences_of, person.id, person.is_admin)
    may_found = permissions.found_a_conference(is_admin=person.is_admin, organises=person.organises)
    context = {"conferences": [dict(one) for one in rows], "may_found": may_found}
    return await page(request, "desk/conferences.html", context)


async def show_new(request: web.Request) -> web.StreamResponse:
    """GET /desk/new: the form of a new conference."""
    await _founder(request)
    return await _new(request, None)


@takes(TEXTS)
async def add(request: web.Request) -> web.StreamResponse:
    """POST /desk/new: found a conference; whoever founds it is its organiser."""
    person = await _founder(request)
    asked = await at_desk.form(request)
    wanted = desk_rules.conference(asked)
    if wanted is None:
        return await _new(request, asked)
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            number = await connection.fetchval(DESK.add_conference, *(getattr(wanted, name) for name in SETTINGS))
            await connection.execute(DESK.add_role, number, person.id, "organiser")
            subject, made = f"conference:{number}", _fields(wanted)
            await changes.record(
                connection, number, person.id, "conference.add", subject, None, made, form_key=asked.key()
            )
    except asyncpg.UniqueViolationError as taken:
        if not await changes.done_by(request.app[POOL], asked.key()):
            _taken(asked, taken)
            return await _new(request, asked)
    raise at_desk.leave(f"/desk/{wanted.slug}", said="added")


async def show_settings(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}: what is there already, what is missing, and the settings."""
    conference, _ = await at_desk.enter(request)
    return await _settings(request, conference)


@takes(TEXTS)
async def save_settings(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}: save the settings."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            before = await at_desk.locked(connection, conference)
            merge_rules.merge(asked, desk_rules.fields(before), together=desk_rules.TOGETHER)
            wanted = desk_rules.conference(asked, before=before)
            if wanted and not asked.refused:
                await connection.execute(
                    DESK.set_conference, conference["id"], *(getattr(wanted, name) for name in SETTINGS)
                )
                if wanted.zone != before["zone"]:
                    await connection.execute(DESK.keep_times_of_day, conference["id"], before["zone"], wanted.zone)
                old, new = ({name: one[name] for name in SETTINGS} for one in (before, _fields(wanted)))
                await _record(connection, conference, person, "conference.set", old, new)
    except asyncpg.UniqueViolationError as taken:
        _taken(asked, taken)
    if wanted is None or asked.refused:
        return await _settings(request, before, asked)
    raise at_desk.leave(f"/desk/{wanted.slug}", said="saved")


async def publish(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/publish: everybody may see it."""
    conference, person = await at_desk.enter(request)
    await _set_public(request, conference, person, DESK.publish_conference, public=True)
    raise at_desk.leave(f"/desk/{conference['slug']}", said="published")


async def unpublish(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/unpublish: only its team sees it, and everybody else leaves its rooms."""
    conference, person = await at_desk.enter(request)
    await _set_public(request, conference, person, DESK.unpublish_conference, public=False)
    raise at_desk.leave(f"/desk/{conference['slug']}", said="unpublished")


async def save_frames(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/frames: whose players may stand in its pages. A site that is being shown stays on the list."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    async with request.app[POOL].acquire() as connection, connection.transaction():
        before = await at_desk.locked(connection, conference)
        merge_rules.merge(asked, desk_rules.framing(before))
        wanted = desk_rules.hosts(asked, "frame_hosts")
        for one in await connection.fetch(DESK.framed, conference["id"]):
            host = one["address"].removeprefix("https://").partition("/")[0]
            if not desk_rules.allowed(host, wanted):
                title = pick(one["name"], (await meet(request)).language)
                asked.refuse("frame_hosts", FRAMED[one["what"]], title=title, host=host)
        if not asked.refused:
            await connection.execute(DESK.set_frame_hosts, conference["id"], wanted)
            old, new = {"frame_hosts": before["frame_hosts"]}, {"frame_hosts": wanted}
            await _record(connection, conference, person, "conference.set", old, new)
    if asked.refused:
        return await _settings(request, before, frames=asked)
    raise at_desk.leave(f"/desk/{conference['slug']}", said="saved")


async def _founder(request: web.Request) -> Person:
    person = await where.somebody(request)
    if not permissions.found_a_conference(is_admin=person.is_admin, organises=person.organises):
        sentence = N_("New conferences are founded by organisers. Ask the people who run this site.")
        raise Refused("conference.may_not_found", 403, sentence)
    return person


async def _new(request: web.Request, asked: Asked | None) -> web.Response:
    blank = desk_rules.blank((await meet(request)).language)
    context = {"asked": asked, "form": asked or Asked(blank), "form_key": uuid4(), **await _offered(request)}
    answer = await page(request, "desk/new.html", context, status=at_desk.UNPROCESSABLE if asked else 200)
    if asked:
        answer.headers[CODE_HEADER] = at_desk.WRONG
    return answer


async def _settings(
    request: web.Request, conference: where.Row, asked: Asked | None = None, *, frames: Asked | None = None
) -> web.Response:
    ready = await request.app[POOL].fetchrow(DESK.readiness, conference["id"])
    now, framing = desk_rules.fields(conference), desk_rules.framing(conference)
    context = {
        "ready": ready,
        "rehearsed": await rehearsal_desk.rehearsed(request.app[POOL], conference),
        "settings": asked or Asked(now),
        "opened": merge_rules.opened(now),
        "frames": frames or Asked(framing),
        "opened_frames": merge_rules.opened(framing),
        **await _offered(request),
    }
    return await at_desk.show(
        request,
        "desk/settings.html",
        conference,
        here="settings",
        context=context,
        asked=asked or frames,
        subject=_subject(conference),
        opened_at=f"/desk/{conference['slug']}",
    )


async def _offered(request: web.Request) -> dict[str, Any]:
    language = (await meet(request)).language
    now = request.app[CLOCK]()
    return {
        "themes": desk_rules.THEMES,
        "all_languages": LANGUAGES,
        "zones": sorted(zones_rules.cities(language).items(), key=lambda one: one[1]),
        "today": now.date(),
    }


async def _set_public(
    request: web.Request, conference: where.Row, person: Person, statement: str, *, public: bool
) -> None:
    async with request.app[POOL].acquire() as connection, connection.transaction():
        before = await at_desk.locked(connection, conference)
        await connection.execute(statement, conference["id"])
        if before["published_at"] is not None and not public:
            await door.end(connection, grounds=[passes.of_conference(conference["id"])])
        if before["published_at"] is None and public:  # what was released in hiding was told to nobody
            await releases.promise_to_tell(connection, conference["id"])
        old, new = {"public": before["published_at"] is not None}, {"public": public}
        await _record(connection, conference, person, "conference.publish", old, new)


async def _record(
    connection: Any, conference: where.Row, person: Person, what: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    await changes.record(connection, conference["id"], person.id, what, _subject(conference), old, new)


def _subject(conference: where.Row) -> str:
    return f"conference:{conference['id']}"


def _taken(asked: Asked, taken: asyncpg.UniqueViolationError) -> None:
    """Say that an address is taken, if it is that."""
    if taken.constraint_name != SLUG_TAKEN:
        raise taken
    asked.refuse("slug", TAKEN)


def _fields(wanted: desk_rules.Conference) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in SETTINGS}
