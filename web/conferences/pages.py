"""Pages of conferences: the list, and the schedule of one. It holds no rule and no SQL."""

from aiohttp import web

from sql import queries
from web.conferences import rules, where
from web.keys import POOL
from web.page import page

CONFERENCES = queries("conferences")


async def index(request: web.Request) -> web.StreamResponse:
    """GET /: the one conference there is, or a list of them."""
    conferences = await request.app[POOL].fetch(CONFERENCES.conferences)
    if len(conferences) == 1:
        raise web.HTTPFound(f"/c/{conferences[0]['slug']}")
    return await page(request, "conferences/index.html", {"conferences": [dict(one) for one in conferences]})


async def show_conference(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}: the schedule, for everybody."""
    conference = await where.conference(request)
    schedule = await where.schedule(request, conference)
    context = {
        "conference": conference,
        "channels": await where.channels(request, conference, schedule),
        "speakers": [dict(one) for one in await request.app[POOL].fetch(CONFERENCES.speakers, conference["id"])],
        "days": rules.days(schedule),
    }
    return await page(request, "conferences/conference.html", context)
