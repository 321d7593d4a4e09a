"""Who is signed in: a cookie that names a record in Redis. It keeps a person's number, and nothing about strangers.

Signing in always begins a new session, so a cookie planted before is worth nothing afterwards.
"""

import json
import secrets
import time
from typing import Any

from aiohttp import web
from aiohttp_session import get_session, new_session
from aiohttp_session.redis_storage import RedisStorage
from redis.asyncio import Redis

from web.keys import REDIS, SETTINGS

LIFE = 30 * 24 * 3600  # seconds after the last day somebody came
DAY = 24 * 3600
PERSON = "person"


def storage(redis: Redis, *, secure: bool) -> RedisStorage:
    """Where sessions are kept."""
    return RedisStorage(
        redis,
        cookie_name=cookie(secure=secure),
        max_age=LIFE,
        secure=secure,
        httponly=True,
        samesite="Lax",
        key_factory=lambda: secrets.token_urlsafe(32),
        decoder=_decode,
    )


def cookie(*, secure: bool) -> str:
    """The cookie's name. Browsers take a __Host- cookie only from this very host, over https (RFC 6265bis, 4.1.3.2)."""
    return "__Host-veche" if secure else "veche"


async def signed_in(request: web.Request) -> int | None:
    """The number of the person signed in here."""
    session = await get_session(request)
    person = session.get(PERSON)
    if not isinstance(person, int):
        return None
    if time.time() - session.created > DAY:
        session[PERSON] = person  # stored anew, so that it lives on from today
    return person


async def name(request: web.Request) -> str:
    """What the session of the person signed in here is called, a secret of theirs; "" for a stranger."""
    session = await get_session(request)
    return str(session.identity) if session.identity and PERSON in session else ""


async def begin(request: web.Request, person: int) -> None:
    """Sign somebody in, in a session nobody has seen yet."""
    await _forget(request)
    session = await new_session(request)
    session[PERSON] = person


async def end(request: web.Request) -> None:
    """Sign out: this browser's session is gone, here and in Redis."""
    session = await get_session(request)
    session.invalidate()


def _decode(kept: str) -> Any:
    """What RedisStorage wrote; anything else is no session (the ValueError makes it a new one)."""
    found = json.loads(kept)
    if not isinstance(found, dict) or not isinstance(found.get("session", {}), dict):
        raise ValueError("This record is not a session.")
    return found


async def _forget(request: web.Request) -> None:
    before = await get_session(request)
    if before.identity is not None:
        kind = cookie(secure=request.app[SETTINGS].production)
        await request.app[REDIS].delete(f"{kind}_{before.identity}")  # the key RedisStorage uses
