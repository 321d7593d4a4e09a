"""A form must come from a page of ours: each carries a token made for its browser. It reads no other field.

The token is a signature over something another site can neither read nor set: the name of the session for somebody
signed in, a random cookie for a stranger. So a stranger's visit costs no storage, and a token from before signing in
is worth nothing afterwards. It is written differently each time, so that a compressed page does not give it away
(the BREACH attack).
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error

from aiohttp import web
from aiohttp.typedefs import Handler

from config.languages import N_
from web import sessions
from web.forms import read_form
from web.keys import SETTINGS
from web.refusals import HOME, Refused

FIELD = "csrf"
PURPOSE = "csrf"  # nothing else the secret signs begins so
SIZE = 32  # bytes of a signature
STRANGER = re.compile(r"[A-Za-z0-9_-]{22}")  # 128 random bits
STRANGER_LIFE = 30 * 24 * 3600  # seconds; a form left open longer is loaded again
SAFE = ("GET", "HEAD", "OPTIONS")

NEW_STRANGER: web.RequestKey[str] = web.RequestKey("NEW_STRANGER")


async def token(request: web.Request) -> str:
    """What a form must send back. The page that carries it goes through `plant`."""
    expected = _sign(request, await _whose(request) or _new_stranger(request))
    mask = secrets.token_bytes(SIZE)
    return urlsafe_b64encode(mask + _xor(mask, expected)).decode()


def plant(request: web.Request, response: web.StreamResponse) -> None:
    """Give a browser met for the first time the cookie its tokens were made for."""
    if NEW_STRANGER in request:
        response.set_cookie(
            _cookie(request),
            request[NEW_STRANGER],
            max_age=STRANGER_LIFE,
            httponly=True,
            samesite="Lax",
            secure=request.app[SETTINGS].production,
        )


@web.middleware
async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse every form without the token of its browser."""
    if request.method not in SAFE and request.match_info.http_exception is None:
        sent = _unmask((await read_form(request)).get(FIELD, ""))
        whose = await _whose(request)
        if not whose or not hmac.compare_digest(sent, _sign(request, whose)):
            raise Refused(
                "csrf.missing",
                403,
                N_("This form was open for too long or did not come from our page. Open the page again and resend it."),
                way_out=(request.path, N_("Open the page again")) if request.path == "/sign-in" else HOME,
            )
    return await handler(request)


async def _whose(request: web.Request) -> str:
    """Who a form of this browser belongs to: a session, a stranger, or "" for nobody we have met."""
    session = await sessions.name(request)
    if session:
        return f"session:{session}"
    brought = request.cookies.get(_cookie(request), "")
    return f"stranger:{brought}" if STRANGER.fullmatch(brought) else ""


def _new_stranger(request: web.Request) -> str:
    if NEW_STRANGER not in request:
        request[NEW_STRANGER] = secrets.token_urlsafe(16)
    return f"stranger:{request[NEW_STRANGER]}"


def _sign(request: web.Request, whose: str) -> bytes:
    secret = request.app[SETTINGS].secret
    return hmac.digest(secret.encode(), f"{PURPOSE}:{whose}".encode(), "sha256")


def _cookie(request: web.Request) -> str:
    return f"{sessions.cookie(secure=request.app[SETTINGS].production)}-form"


def _unmask(sent: str) -> bytes:
    try:
        both = urlsafe_b64decode(sent)
    except (Error, ValueError):  # not base64, not ASCII
        return b""
    return _xor(both[:SIZE], both[SIZE:]) if len(both) == 2 * SIZE else b""


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
