"""Pages of conferences: the list, the schedule, a channel, the pass to its rooms. It holds no rule and no SQL."""

from aiohttp import web

from realtime import channels as rooms
from realtime import passes
from sql import queries
from web import permissions
from web.conferences import door, rules, where
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


async def show_channel(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/{channel}: what is on in a channel and its rooms, for participants."""
    conference = await where.conference(request)
    schedule = await where.schedule(request, conference)
    channels = await where.channels(request, conference, schedule)
    channel = where.pick(request, channels)
    person, roles = await where.participant(request, conference)
    opened = door.opened(conference["id"], [channel], person, roles)
    pass_url = f"/c/{conference['slug']}/{channel['slug']}/pass"
    live = await door.live(request, person, roles, opened, pass_url=pass_url)
    context = {
        "conference": conference,
        "channel": channel,
        "channels": channels,
        "streams": [dict(one) for one in await request.app[POOL].fetch(CONFERENCES.streams, channel["id"])],
        "current": channel["current"],
        "next": channel["next"],
        "upcoming": rules.upcoming(schedule, channel["id"]),
        "may_moderate": passes.MODERATE in permissions.rights(roles),
        "live": {**live, "room": rooms.chat(channel["id"])},
    }
    return await page(request, "conferences/channel.html", context)


async def give_pass(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/{channel}/pass: a fresh pass to the channel's rooms, as JSON."""
    conference = await where.conference(request)
    channel = await where.channel(request, conference)
    person, roles = await where.participant(request, conference)
    opened = door.opened(conference["id"], [channel], person, roles)
    return door.answer(*door.issue(request, person, roles, opened))
