"""The schedule for visitors: everybody's, one's own, and the stars between them. It holds no rule and no SQL."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from config import languages
from config.languages import N_
from sql import queries
from web.accounts.rules import local
from web.conferences import grid_rules, head, programme_rules, rules, stars, where
from web.conferences.form_rules import number
from web.conferences.programme_rules import Filters
from web.conferences.rules import Session
from web.forms import read_form
from web.keys import CLOCK, POOL, SETTINGS
from web.page import page
from web.reader import meet
from web.refusals import Refused

SCHEDULE = queries("schedule")
ZONE_COOKIE = "zone"  # the one a reader wants beside the conference's
EVENT = "event"  # chosen instead of a zone: the conference's alone
ZONE_LIFE = 180 * 24 * 3600  # seconds


async def show(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/schedule: everybody's schedule, or the part of it the address asks for."""
    conference = await where.conference(request)
    if "zone" in request.query:
        raise _choose_zone(request)
    schedule = await where.schedule(request, conference)
    channels = await where.channels(request, conference, schedule)
    language = (await meet(request)).language
    chosen = programme_rules.filters(request.query, schedule)
    shown = [one for one in schedule if chosen.keeps(one)]
    columns = [one["id"] for one in channels if not chosen.channel or one["slug"] == chosen.channel]
    now = request.app[CLOCK]().astimezone(ZoneInfo(conference["zone"]))
    nearest = programme_rules.nearest(schedule, now=now)
    context = {
        **await _common(request, conference, schedule, language),
        "channels": channels,
        "by_channel": {one["id"]: one for one in channels},
        "days": grid_rules.grids(shown, columns, zone=conference["zone"]),
        "all_days": list(dict.fromkeys(one.on for one in schedule)),
        "spoken": sorted({one.language for one in schedule}),
        "speakers": programme_rules.speakers(schedule, lambda name: languages.pick(name, language)),
        "filters": chosen,
        "is_filtered": chosen != Filters(),
        "now_at": _now_at(nearest, chosen),
        "nearest": nearest.id if nearest else 0,
    }
    return await page(request, "conferences/schedule.html", context)


async def show_mine(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/my: what the reader has starred, signed in or not."""
    conference = await where.conference(request)
    if "zone" in request.query:
        raise _choose_zone(request)
    schedule = await where.schedule(request, conference)
    reader = await meet(request)
    common = await _common(request, conference, schedule, reader.language)
    mine = [one for one in schedule if one.id in common["starred"]]
    key = await request.app[POOL].fetchval(SCHEDULE.calendar_key, reader.person.id) if reader.person else None
    context = {
        **common,
        "days": rules.days(mine),
        "clashes": programme_rules.clashes(mine),
        "gone": await _gone(request, conference, schedule),
        "feed": f"{request.app[SETTINGS].public_url.rstrip('/')}/calendar/{key}.ics" if key else "",
        "file": f"/c/{conference['slug']}/schedule.ics?" + "&".join(f"session={one.id}" for one in mine),
    }
    return await page(request, "conferences/my.html", context)


async def star(request: web.Request) -> web.StreamResponse:
    """POST /c/{slug}/star: `star` or `unstar` a session, and back to where one was."""
    conference = await where.conference(request)
    form = await read_form(request)
    back = local(form.get("next", "") or f"/c/{conference['slug']}/schedule")
    on = "star" in form
    session = number(form.get("star", "") or form.get("unstar", "")) or 0
    schedule = await where.schedule(request, conference)
    if on and all(one.id != session for one in schedule):
        raise Refused("session.unknown", 404, N_("This session is not in the schedule any more."), (back, BACK))
    response = web.HTTPSeeOther(f"{back.partition('#')[0]}#session-{session}")
    if not await stars.change(request, response, session, on=on):
        raise Refused(
            "star.too_many", 403, N_("This browser remembers no more stars. Sign in to keep more."), (back, BACK)
        )
    raise response


BACK = N_("Back to the schedule")


async def _common(
    request: web.Request, conference: where.Row, schedule: Sequence[Session], language: str
) -> dict[str, Any]:
    when = rules.nearest(
        conference["starts_on"], conference["ends_on"], zone=conference["zone"], now=request.app[CLOCK]()
    )
    beside = programme_rules.other_zone(request.cookies.get(ZONE_COOKIE, ""), conference["zone"], when=when)
    return {
        "conference": conference,
        "head": await head.given(request, conference),
        "starred": await stars.of_reader(request, [one.id for one in schedule]),
        "recorded": await _recorded(request, conference),
        "beside": languages.zone_name(beside, when, language) if beside else "",
        "elsewhere": _elsewhere(beside, language),
        "query": list(request.query.items()),
        "without_zone": f"?{urlencode([*request.query.items(), ('zone', EVENT)])}",
        "zone_choices": _zone_choices(conference["zone"], when.date(), language),
        "offset": int(programme_rules.offset(conference["zone"], when).total_seconds() // 60),
    }


async def _recorded(request: web.Request, conference: where.Row) -> frozenset[int]:
    """Which sessions can be seen afterwards."""
    rows = await request.app[POOL].fetch(SCHEDULE.recorded, conference["id"])
    return frozenset(row["session_id"] for row in rows)


def _elsewhere(zone: str, language: str) -> Callable[[Session], str]:
    """A session's times in the reader's zone: "10:00–11:00", with the day where it is another one."""

    def times(one: Session) -> str:
        if not zone:
            return ""
        said = f"{languages.clock(one.starts_at, zone, language)}–{languages.clock(one.ends_at, zone, language)}"
        other = programme_rules.day_elsewhere(one.starts_at, one.on, zone)
        return f"{languages.weekday(other, language)} {said}" if other else said

    return times


@lru_cache(maxsize=64)  # the same for everybody on one day; naming zones is slow
def _zone_choices(own: str, on: date, language: str) -> list[tuple[str, str]]:
    noon = datetime.combine(on, time(12), tzinfo=UTC)
    offered = sorted(
        (one for one in programme_rules.ZONES if one != own), key=lambda one: programme_rules.offset(one, noon)
    )
    return [(one, languages.zone_name(one, noon, language)) for one in offered]


def _choose_zone(request: web.Request) -> web.HTTPSeeOther:
    """Keep the chosen zone in this browser; the address goes on without it."""
    others = [(name, value) for name, value in request.query.items() if name != "zone"]
    response = web.HTTPSeeOther(request.rel_url.with_query(others))
    zone = request.query["zone"]
    if zone in programme_rules.zones():
        secure = request.app[SETTINGS].production
        response.set_cookie(ZONE_COOKIE, zone, max_age=ZONE_LIFE, httponly=True, samesite="Lax", secure=secure)
    else:
        response.del_cookie(ZONE_COOKIE, httponly=True, samesite="Lax")
    return response


def _now_at(nearest: Session | None, chosen: Filters) -> str:
    """Where "jump to now" leads: on this page when it is shown, else to its day; "" when now is not in the schedule."""
    if nearest is None:
        return ""
    anchor = f"#session-{nearest.id}"
    return anchor if chosen.keeps(nearest) else Filters(day=nearest.on.isoformat()).query() + anchor


async def _gone(request: web.Request, conference: where.Row, schedule: Iterable[Session]) -> list[Mapping[str, Any]]:
    """What the reader starred and what was cancelled since."""
    person = (await meet(request)).person
    if person is None:
        return []
    rows = await request.app[POOL].fetch(SCHEDULE.calendar_of_person, person.id)
    there = {one.id for one in schedule}
    return [dict(row) for row in rows if row["slug"] == conference["slug"] and row["id"] not in there]
