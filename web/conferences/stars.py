"""What somebody wants to see: kept in Postgres, and before they sign in in a cookie of their browser. It shows nothing.

The cookie holds nothing but the sessions' numbers. Whoever changes it has starred something else.
"""

import re
from collections.abc import Iterable

from aiohttp import web

from sql import queries
from web.keys import POOL, SETTINGS
from web.reader import meet

SCHEDULE = queries("schedule")
COOKIE = "stars"
LIFE = 180 * 24 * 3600  # seconds; from the announcement of a schedule to the last day
AT_MOST = 200  # sessions in a cookie, which may have 4,096 bytes
NUMBERS = re.compile(r"[1-9][0-9]{0,17}(?:\.[1-9][0-9]{0,17})*")


async def of_reader(request: web.Request, sessions: Iterable[int]) -> frozenset[int]:
    """Which of these sessions whoever asks has starred."""
    person = (await meet(request)).person
    if person is None:
        return frozenset(kept(request)).intersection(sessions)
    rows = await request.app[POOL].fetch(SCHEDULE.stars, person.id, list(sessions))
    return frozenset(row["session_id"] for row in rows)


async def change(request: web.Request, response: web.StreamResponse, session: int, *, on: bool) -> bool:
    """Star a session, or not any more; False when a browser's cookie is full."""
    person = (await meet(request)).person
    if person is None:
        others = [one for one in kept(request) if one != session]
        if on and len(others) >= AT_MOST:
            return False
        _keep(request, response, [*others, session] if on else others)
    elif on:
        await request.app[POOL].execute(SCHEDULE.add_stars, person.id, [session])
    else:
        await request.app[POOL].execute(SCHEDULE.take_star, person.id, session)
    return True


async def take_along(request: web.Request, response: web.StreamResponse, person: int) -> None:
    """Somebody has signed in: what this browser kept is theirs now, once, and the browser keeps nothing any more."""
    if COOKIE in request.cookies:
        await request.app[POOL].execute(SCHEDULE.add_stars, person, kept(request))
        _keep(request, response, [])


def kept(request: web.Request) -> list[int]:
    """What this browser has starred without signing in, the oldest star first."""
    brought = request.cookies.get(COOKIE, "")
    if not NUMBERS.fullmatch(brought):
        return []
    return list(dict.fromkeys(int(one) for one in brought.split(".")))[:AT_MOST]


def _keep(request: web.Request, response: web.StreamResponse, sessions: list[int]) -> None:
    if not sessions:
        response.del_cookie(COOKIE, httponly=True, samesite="Lax")
        return
    response.set_cookie(
        COOKIE,
        ".".join(map(str, sessions)),
        max_age=LIFE,
        httponly=True,
        samesite="Lax",
        secure=request.app[SETTINGS].production,
    )
