"""Who is signed in: a cookie that names a record in Redis. It keeps a person's number, and nothing about strangers.

Signing in always begins a new session, so a cookie planted before is worth nothing afterwards.
"""

import json
import secrets
import time
from typing import Any

from aiohttp import web
from aiohttp_session import Session, get_session, new_session
from aiohttp_session.redis_storage import RedisStorage
from redis.asyncio import Redis

from web.keys import REDIS, SETTINGS

LIFE = 30 * 24 * 3600  # seconds after the last day somebody came
DAY = 24 * 3600
PERSON = "person"


class Storage(RedisStorage):
    """Sessions in Redis; one that ended is gone for good, whatever is still under way."""

    def load_cookie(self, request: web.Request) -> str | None:
        """The name a browser brought; letters we never give are no name, and Redis would not take them."""
        brought = super().load_cookie(request)
        return brought if brought and brought.isascii() else None

    async def save_session(self, request: web.Request, response: web.StreamResponse, session: Session) -> None:
        """Keep a session that is new, or that still is; let go of one that ended."""
        if session.empty:
            if session.identity is not None:
                await self._redis.delete(self._key(session))
            secure = self.cookie_params["secure"]  # without it browsers do not listen to a __Host- cookie
            response.del_cookie(self.cookie_name, secure=secure, httponly=True, samesite="Lax")
        elif session.identity is None:
            await super().save_session(request, response, session)
        else:
            kept = self._encoder(self._get_session_data(session))
            # Only over itself (XX): a page under way does not bring back who signed out meanwhile.
            if await self._redis.set(self._key(session), kept, ex=session.max_age, xx=True):
                self.save_cookie(response, str(session.identity), max_age=session.max_age)

    def _key(self, session: Session) -> str:
        return f"{self.cookie_name}_{session.identity}"  # as RedisStorage spells it


def storage(redis: Redis, *, secure: bool) -> Storage:
    """Where sessions are kept."""
    return Storage(
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


async def end(request: web.Request) -> int | None:
    """Sign out: this browser's session is gone, here and at once in Redis. Answers whose it was."""
    person = await signed_in(request)
    await _forget(request)
    (await get_session(request)).invalidate()
    return person


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
