"""The desk of screens: their addresses, made, shown again and closed. It shows no screen."""

from typing import Any

from aiohttp import web
from asyncpg import UniqueViolationError

from config.languages import LANGUAGES, N_, pick
from realtime import passes
from sql import queries
from web.conferences import at_desk, door, screen_rules, screens, where
from web.conferences.changes import FORM_SENT_TWICE, record
from web.conferences.form_rules import Asked
from web.conferences.screen_rules import WALL
from web.keys import CLOCK, POOL, SETTINGS
from web.page import page
from web.qr import drawn
from web.reader import meet
from web.refusals import Refused

STAGE = queries("stage")
FIELDS = ("channel_id", "kind", "name", "language", "expires_at")


async def show_screens(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/screens: every screen with its address, and a form for another one."""
    conference, _ = await at_desk.enter(request)
    return await _page(request, conference)


async def add(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/screens: one more screen."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    channels = await where.channels(request, conference, [])
    screen = screen_rules.screen(
        asked,
        channels={one["id"] for one in channels},
        languages=LANGUAGES,
        zone=conference["zone"],
        now=request.app[CLOCK](),
    )
    if screen is None:
        return await _page(request, conference, asked)
    facts = (screen.channel_id, screen.kind, screen.name, screen.language, screen.expires_at)
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            number = await connection.fetchval(STAGE.add_screen, conference["id"], *facts, person.id)
            subject, after = f"screen:{number}", dict(zip(FIELDS, facts, strict=True))
            key = asked.key()
            await record(connection, conference["id"], person.id, "screen.add", subject, None, after, form_key=key)
    except UniqueViolationError as twice:
        if twice.constraint_name != FORM_SENT_TWICE:
            raise
    raise at_desk.leave(f"/desk/{conference['slug']}/screens", said="added")


async def revoke(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/screens/{screen}/revoke: its address opens nothing any more, and what is open closes."""
    conference, person = await at_desk.enter(request)
    number, now = int(request.match_info["screen"]), request.app[CLOCK]()
    async with request.app[POOL].acquire() as connection, connection.transaction():
        if await connection.fetchval(STAGE.revoke_screen, conference["id"], number, now):
            await door.end(connection, grounds=[passes.of_screen(number)])
            before, after = {"revoked_at": None}, {"revoked_at": now}
            await record(connection, conference["id"], person.id, "screen.revoke", f"screen:{number}", before, after)
    raise web.HTTPSeeOther(f"/desk/{conference['slug']}/screens")


async def show_sheet(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/screens/{screen}/sheet: the QR of the hall on a sheet of paper."""
    conference, _ = await at_desk.enter(request)
    row = await request.app[POOL].fetchrow(STAGE.screen, int(request.match_info["screen"]))
    if row is None or row["conference_id"] != conference["id"] or not screen_rules.KINDS[row["kind"]]:
        way_out = (f"/desk/{conference['slug']}/screens", N_("To the screens"))
        raise Refused("screen.unknown", 404, N_("There is no such screen in this conference."), way_out)
    hall = screens.hall_address(request, dict(row))
    context = {"conference": conference, "screen": dict(row), "qr": drawn(hall), "hall": hall.partition("://")[2]}
    return await page(request, "desk/sheet.html", context)


async def _page(request: web.Request, conference: where.Row, asked: Asked | None = None) -> web.StreamResponse:
    rows = await request.app[POOL].fetch(STAGE.screens, conference["id"])
    language = (await meet(request)).language
    channels = await where.channels(request, conference, [])
    context = {
        "screens": [_shown(request, conference, dict(row)) for row in rows],
        "channel_choices": [(one["id"], pick(one["name"], language)) for one in channels],
    }
    return await at_desk.show(request, "desk/screens.html", conference, here="screens", context=context, asked=asked)


def _shown(request: web.Request, conference: where.Row, screen: dict[str, Any]) -> dict[str, Any]:
    settings = request.app[SETTINGS]
    token = screen_rules.token(WALL, screen["id"], secret=settings.secret)
    return screen | {
        "address": f"{settings.public_url}/screen/{token}",
        "hall": screens.hall_address(request, screen),
        "state": screen_rules.state(screen, request.app[CLOCK]()),
        "last_day": screen_rules.last_day(screen, conference["zone"]),
    }
