"""Pages of conferences: the list, the schedule, a channel, the pass to its chat. It holds no rule and no SQL."""

from hashlib import blake2b
from typing import Any
from urllib.parse import quote

from aiohttp import web

from config.languages import N_, zone_name
from realtime import channels as rooms
from realtime import passes
from realtime.passes import Pass
from sql import queries
from web import permissions
from web.conferences import rules, sentences
from web.keys import CLOCK, POOL, SETTINGS
from web.page import page
from web.reader import Person, meet
from web.refusals import Refused

CONFERENCES = queries("conferences")
# A picture may be opened as a page of its own: then it may load and run nothing.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
PICTURE_LIFE = 24 * 3600  # seconds


async def index(request: web.Request) -> web.StreamResponse:
    """GET /: the one conference there is, or a list of them."""
    conferences = await request.app[POOL].fetch(CONFERENCES.conferences)
    if len(conferences) == 1:
        raise web.HTTPFound(f"/c/{conferences[0]['slug']}")
    return await page(request, "conferences/index.html", {"conferences": [dict(one) for one in conferences]})


async def show_conference(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}: the schedule, for everybody."""
    conference = await _conference(request)
    schedule = await _schedule(request, conference)
    context = {
        "conference": conference,
        "channels": await _channels(request, conference, schedule),
        "speakers": [dict(one) for one in await request.app[POOL].fetch(CONFERENCES.speakers, conference["id"])],
        "days": rules.days(schedule),
    }
    return await page(request, "conferences/conference.html", context)


async def show_channel(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/{channel}: what is on in a channel and its chat, for participants."""
    conference = await _conference(request)
    schedule = await _schedule(request, conference)
    channels = await _channels(request, conference, schedule)
    channel = _channel(request, channels)
    person, roles = await _admit(request, conference)
    upcoming = rules.upcoming(schedule, channel["id"])
    context = {
        "conference": conference,
        "channel": channel,
        "channels": channels,
        "current": channel["current"],
        "next": channel["next"],
        "upcoming": upcoming,
        "may_moderate": passes.MODERATE in permissions.rights(roles),
        "live": await _live(request, conference, channel, person, roles),
    }
    return await page(request, "conferences/channel.html", context)


async def give_pass(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/{channel}/pass: a fresh pass to the channel's chat, as JSON."""
    conference = await _conference(request)
    channels = await request.app[POOL].fetch(CONFERENCES.channels, conference["id"])
    channel = _channel(request, [dict(one) for one in channels])
    person, roles = await _admit(request, conference)
    token, expires = _pass(request, channel, person, roles)
    answer = web.json_response({"token": token, "expires": expires})
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def show_portrait(request: web.Request) -> web.StreamResponse:
    """GET /portraits/{speaker}.svg: a speaker's picture."""
    portrait = await request.app[POOL].fetchval(CONFERENCES.portrait, int(request.match_info["speaker"]))
    if portrait is None:
        raise Refused("portrait.unknown", 404, N_("There is no such picture."))
    version = blake2b(portrait.encode(), digest_size=8).hexdigest()
    same = any(one.value == version for one in request.if_none_match or ())
    answer = web.Response(status=304) if same else web.Response(text=portrait, content_type="image/svg+xml")
    answer.etag = version
    answer.headers["Content-Security-Policy"] = PICTURE_POLICY
    answer.headers["Cache-Control"] = f"public, max-age={PICTURE_LIFE}"
    return answer


async def _conference(request: web.Request) -> dict[str, Any]:
    row = await request.app[POOL].fetchrow(CONFERENCES.conference_by_slug, request.match_info["slug"])
    if row is None:
        raise Refused("conference.unknown", 404, N_("There is no conference at this address."))
    reader = await meet(request, default=row["language"])
    when = rules.nearest(row["starts_on"], row["ends_on"], zone=row["zone"], now=request.app[CLOCK]())
    return {**row, "zone_name": zone_name(row["zone"], when, reader.language)}


async def _schedule(request: web.Request, conference: dict[str, Any]) -> list[rules.Session]:
    rows = await request.app[POOL].fetch(CONFERENCES.sessions, conference["id"])
    return rules.sessions([dict(row) for row in rows], zone=conference["zone"], now=request.app[CLOCK]())


async def _channels(
    request: web.Request, conference: dict[str, Any], schedule: list[rules.Session]
) -> list[dict[str, Any]]:
    """The channels, each with what is on and what comes next."""
    rows = await request.app[POOL].fetch(CONFERENCES.channels, conference["id"])
    found = []
    for row in rows:
        current = rules.current(schedule, row["id"])
        coming = rules.upcoming(schedule, row["id"])
        found.append({**row, "current": current, "next": next(iter(coming), None), "live": current is not None})
    return found


def _channel(request: web.Request, channels: list[dict[str, Any]]) -> dict[str, Any]:
    for one in channels:
        if one["slug"] == request.match_info["channel"]:
            return one
    way_out = (f"/c/{request.match_info['slug']}", N_("To the schedule"))
    raise Refused("channel.unknown", 404, N_("There is no such channel in this conference."), way_out)


async def _admit(request: web.Request, conference: dict[str, Any]) -> tuple[Person, list[str]]:
    """Whoever asks, with their roles here. Raises Refused for those who may not come in."""
    person = (await meet(request)).person
    rows = await request.app[POOL].fetch(CONFERENCES.roles, conference["id"], person.id) if person else []
    roles = [row["role"] for row in rows]
    verdict = permissions.enter_channel(signed_in=person is not None, roles=roles)
    if person is None or verdict == "sign_in":
        raise Refused("person.unknown", 401, N_("Sign in to continue."), _sign_in(request))
    if verdict == "closed":
        way_out = (f"/c/{conference['slug']}", N_("To the schedule"))
        raise Refused("conference.closed", 403, N_("The channels are for participants of this conference."), way_out)
    return person, roles


def _sign_in(request: web.Request) -> tuple[str, str]:
    return f"/sign-in?next={quote(request.path_qs, safe='/')}", N_("Sign in")


def _pass(request: web.Request, channel: dict[str, Any], person: Person, roles: list[str]) -> tuple[str, int]:
    """A signed pass to the channel's chat, and when it ends (Unix seconds)."""
    expires = int(request.app[CLOCK]().timestamp()) + passes.LIFE
    opens = {rooms.chat(channel["id"]): permissions.rights(roles)}
    visitor = Pass(person.id, person.name, opens, expires, permissions.badge(roles), issued=expires - passes.LIFE)
    return passes.issue(visitor, secret=request.app[SETTINGS].secret), expires


async def _live(
    request: web.Request, conference: dict[str, Any], channel: dict[str, Any], person: Person, roles: list[str]
) -> dict[str, Any]:
    """What channel.js needs to open the chat."""
    language = (await meet(request)).language
    token, _ = _pass(request, channel, person, roles)
    return {
        "url": request.app[SETTINGS].realtime_url,
        "room": rooms.chat(channel["id"]),
        "pass_url": f"/c/{conference['slug']}/{channel['slug']}/pass",
        "token": token,
        "user": person.id,
        "name": person.name,
        "badge": permissions.badge(roles),
        "may": sorted(permissions.rights(roles)),
        "language": language,
        "sentences": sentences.refusals(language),
        "words": sentences.words(language),
    }
