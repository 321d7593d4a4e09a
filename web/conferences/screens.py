"""Screens on a wall and in OBS, live, for whoever has their address. They show nothing that waits for a moderator."""

from typing import Any

from aiohttp import web

from config import languages
from config.languages import N_
from realtime import channels as rooms
from realtime import passes
from sql import queries
from web.conferences import door, polls, rules, screen_rules, stage_words, where
from web.conferences.screen_rules import HALL, WALL
from web.keys import CLOCK, POOL, SETTINGS
from web.page import page
from web.qr import drawn
from web.reader import READER, Reader, meet
from web.refusals import HOME, Refused

STAGE = queries("stage")
CONFERENCES = queries("conferences")
SERVICE = frozenset({passes.SWIFT})  # a screen is nobody who is here, and it writes nothing
GONE = 410


async def show_screen(request: web.Request) -> web.StreamResponse:
    """GET /screen/{token}: a page for a whole screen; with ?obs=1 on nothing, for mixing into a broadcast."""
    screen = await opened(request, WALL)
    hall = hall_address(request, screen)
    context = {
        "screen": screen,
        "obs": request.query.get("obs") == "1",
        "qr": drawn(hall) if hall else "",
        "hall": hall.partition("://")[2],
        "live": {
            "url": request.app[SETTINGS].realtime_url,
            "pass_url": f"/screen/{request.match_info['token']}/pass",
            "now_url": f"/screen/{request.match_info['token']}/now",
            "token": _issue(request, screen)[0],
            "user": door.NOBODY,
            "room": rooms.questions(screen["channel_id"]),
            "announcements": rooms.announcements(screen["conference_id"]),
            "kind": screen["kind"],
            "language": screen["language"],
            "words": stage_words.words(screen["language"]),
        },
    }
    return await page(request, "conferences/screen.html", context)


async def tell_now(request: web.Request) -> web.StreamResponse:
    """GET /screen/{token}/now: what is on, what comes next, and the poll there is."""
    screen = await opened(request, WALL)
    conference = {"id": screen["conference_id"], "zone": screen["zone"]}
    schedule = await where.schedule(request, conference)
    current = rules.on_air(schedule, screen["channel_id"], by_hand=screen["by_hand"], session=screen["on_air_id"])
    following = next(iter(rules.upcoming(schedule, screen["channel_id"])), None)
    found = await polls.standing(request, screen["conference_id"], "", channel=screen["channel_id"], address="")
    now = {
        "on": _session(current, screen["language"]),
        "next": _session(following, screen["language"]),
        "poll": next((one for one in found if one["status"] == "open"), found[0] if found else None),
    }
    return web.json_response(now)


async def give_pass(request: web.Request) -> web.StreamResponse:
    """GET /screen/{token}/pass: a fresh pass to what everybody in the channel may read."""
    return door.answer(*_issue(request, await opened(request, WALL)))


async def opened(request: web.Request, purpose: str) -> dict[str, Any]:
    """The screen of the address; a wall speaks its own language. Before the conference is public its team tries it.

    Raises Refused screen.unknown, screen.expired, screen.revoked, screen.not_yet.
    """
    secret = request.app[SETTINGS].secret
    number = screen_rules.number(purpose, request.match_info["token"], secret=secret)
    row = None if number is None else await request.app[POOL].fetchrow(STAGE.screen, number)
    if row is None or (purpose == HALL and not screen_rules.KINDS[row["kind"]]):
        raise Refused("screen.unknown", 404, N_("This address is not complete or not ours. Copy or scan it again."))
    await meet(request, default=row["language"])
    may_visit = await where.may_visit(request, row["conference_id"], row["published_at"])
    if purpose == WALL:  # a phone has a reader, and whoever tries a wall out sees what all will see
        request[READER] = Reader(None, row["language"])
    screen = dict(row)
    match screen_rules.state(screen, request.app[CLOCK]()):
        case "revoked":
            raise Refused("screen.revoked", GONE, REVOKED, HOME)
        case "expired":
            raise Refused("screen.expired", GONE, EXPIRED, HOME)
    if not may_visit:
        raise Refused("screen.not_yet", 404, NOT_YET, HOME, headers={"Refresh": AGAIN})
    return screen


AGAIN = "60"  # seconds after which a wall that was hung too early looks again
NOT_YET = N_("The conference is not open yet. This page begins by itself as soon as it is.")
REVOKED = N_("The organisers have closed this address. They can give you a new one.")
EXPIRED = N_("This address worked until the last day its organisers chose. They can give you a new one.")


def hall_address(request: web.Request, screen: where.Row) -> str:
    """Where the phones of the hall come in; "" for a screen without that door."""
    if not screen_rules.KINDS[screen["kind"]]:
        return ""
    settings = request.app[SETTINGS]
    return f"{settings.public_url}/hall/{screen_rules.token(HALL, screen['id'], secret=settings.secret)}"


def _issue(request: web.Request, screen: where.Row) -> tuple[str, int]:
    return door.issue_to_screen(request, screen, SERVICE, name=screen["name"])


def _session(session: rules.Session | None, language: str) -> dict[str, Any] | None:
    if session is None:
        return None
    return {
        "id": session.id,
        "title": languages.pick(session.title, language),
        "speakers": ", ".join(languages.pick(one["name"], language) for one in session.speakers),
        "starts": session.starts,
        "ends": session.ends,
        "starts_at": int(session.starts_at.timestamp() * 1000),
        "ends_at": int(session.ends_at.timestamp() * 1000),
    }
