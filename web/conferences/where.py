"""Which conference and channel an address means, who asks, and what they are there. It shows nothing.

What everybody reads alike, such as the schedule, is as it was within a second; for whoever moderates or organises the
conference it is as it is.
"""

from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from aiohttp import web

from config.languages import N_, zone_name
from sql import queries
from web import permissions
from web.conferences import rules
from web.keys import CLOCK, MOMENTS, POOL
from web.reader import Person, meet
from web.refusals import Refused

CONFERENCES = queries("conferences")

Row = dict[str, Any]
T = TypeVar("T")

VOTED = "voted"  # in the address to which the form of a vote leads
LOOKED_AT: web.RequestKey[datetime] = web.RequestKey("LOOKED_AT")  # by the clock of Postgres, before any role was
ROLES: web.RequestKey[dict[int, frozenset[str]]] = web.RequestKey("ROLES")  # by conference


async def conference(request: web.Request, slug: str = "") -> Row:
    """The conference of the address, or of `slug`. One that is not public is there for its team alone."""
    row = await request.app[POOL].fetchrow(CONFERENCES.conference_by_slug, slug or request.match_info["slug"])
    reader = await meet(request, default=row["language"]) if row is not None else None
    if row is None or reader is None or not await may_visit(request, row["id"], row["published_at"]):
        raise Refused("conference.unknown", 404, N_("There is no conference at this address."))
    request.setdefault(LOOKED_AT, row["looked_at"])
    when = rules.nearest(row["starts_on"], row["ends_on"], zone=row["zone"], now=request.app[CLOCK]())
    return {**row, "zone_name": zone_name(row["zone"], when, reader.language)}


async def may_visit(request: web.Request, conference: int, published_at: datetime | None) -> bool:
    """Whether a conference is there for whoever asks."""
    public = published_at is not None
    return permissions.visit(frozenset() if public else await roles(request, conference), public=public)


async def lately(
    request: web.Request, conference: int, what: Hashable, ask: Callable[[], Awaitable[T]], *, anew: bool = False
) -> T:
    """What all readers share, as it was within a second. Nobody may change it.

    It is as it is now for whoever runs the conference, and `anew` for whoever has just changed it, or comes to see what
    a form of theirs changed (?voted=1).
    """
    anew = anew or VOTED in request.query or permissions.moderate(await roles(request, conference))
    return await request.app[MOMENTS].of(what, ask, anew=anew)


async def schedule(request: web.Request, conference: Row) -> list[rules.Session]:
    """The schedule that everybody sees."""

    async def ask() -> list[rules.Session]:
        rows = await request.app[POOL].fetch(CONFERENCES.sessions, conference["id"])
        return rules.sessions([dict(row) for row in rows], zone=conference["zone"], now=request.app[CLOCK]())

    return list(await lately(request, conference["id"], ("schedule", conference["id"], conference["zone"]), ask))


async def channels(request: web.Request, conference: Row, schedule: list[rules.Session]) -> list[Row]:
    """The channels, each with what is on and what comes next."""
    found = []
    for row in await _channels(request, conference):
        current = rules.on_air(schedule, row["id"], by_hand=row["by_hand"], session=row["on_air_id"])
        coming = rules.upcoming(schedule, row["id"])
        found.append({**row, "current": current, "next": next(iter(coming), None), "live": current is not None})
    return found


async def channel(request: web.Request, conference: Row) -> Row:
    """The channel of the address alone. Raises Refused channel.unknown."""
    return pick(request, [dict(one) for one in await _channels(request, conference)])


def pick(request: web.Request, channels: list[Row]) -> Row:
    """The channel of the address among these. Raises Refused channel.unknown."""
    for one in channels:
        if one["slug"] == request.match_info["channel"]:
            return one
    way_out = (f"/c/{request.match_info['slug']}", N_("To the schedule"))
    raise Refused("channel.unknown", 404, N_("There is no such channel in this conference."), way_out)


async def roles(request: web.Request, conference: int) -> frozenset[str]:
    """What whoever asks is in a conference, looked up once per request."""
    known: dict[int, frozenset[str]] = request.setdefault(ROLES, {})
    if conference not in known:
        person = (await meet(request)).person
        rows = [] if person is None else await request.app[POOL].fetch(CONFERENCES.roles, conference, person.id)
        admin = {permissions.ADMIN} if person is not None and person.is_admin else set()
        known[conference] = frozenset(admin.union(row["role"] for row in rows))
    return known[conference]


async def participant(request: web.Request, conference: Row) -> tuple[Person, frozenset[str]]:
    """Whoever may enter its channels, with their roles. Raises Refused person.unknown, conference.closed."""
    person = await somebody(request)
    held = await roles(request, conference["id"])
    if not permissions.enter_channel(held):
        way_out = (f"/c/{conference['slug']}", N_("To the schedule"))
        raise Refused("conference.closed", 403, N_("The channels are for participants of this conference."), way_out)
    return person, held


async def moderator(request: web.Request, conference: Row) -> tuple[Person, frozenset[str]]:
    """Whoever may moderate its rooms, with their roles. Raises Refused person.unknown, moderation.closed."""
    person = await somebody(request)
    held = await roles(request, conference["id"])
    if not permissions.moderate(held):
        way_out = (f"/c/{conference['slug']}", N_("To the schedule"))
        raise Refused("moderation.closed", 403, N_("The desk is for moderators of this conference."), way_out)
    return person, held


async def organiser(request: web.Request, conference: Row) -> Person:
    """Whoever may set it up. Raises Refused person.unknown, desk.closed."""
    person = await somebody(request)
    if not permissions.organise(await roles(request, conference["id"])):
        raise Refused("desk.closed", 403, N_("Only organisers of this conference may change it."))
    return person


async def somebody(request: web.Request) -> Person:
    """Whoever is signed in. Raises Refused person.unknown, which leads to signing in."""
    person = (await meet(request)).person
    if person is None:
        way_out = (f"/sign-in?next={quote(request.path_qs, safe='/')}", N_("Sign in"))
        raise Refused("person.unknown", 401, N_("Sign in to continue."), way_out)
    return person


async def _channels(request: web.Request, conference: Row) -> list[Row]:
    async def ask() -> list[Row]:
        return [dict(row) for row in await request.app[POOL].fetch(CONFERENCES.channels, conference["id"])]

    return await lately(request, conference["id"], ("channels", conference["id"]), ask)
