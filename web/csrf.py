"""A form must come from a page of ours: each carries a token of its session. It never reads anything else of a form.

The token is written differently each time, so that a compressed page does not give it away (the BREACH attack).
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error

from aiohttp import web
from aiohttp.typedefs import Handler

from config.languages import N_
from web.forms import read_form
from web.refusals import HOME, Refused
from web.sessions import recall

FIELD = "csrf"
SIZE = 16  # bytes
SAFE = ("GET", "HEAD", "OPTIONS")


async def token(request: web.Request) -> str:
    """What a form must send back."""
    session = await recall(request)
    if FIELD not in session:
        session[FIELD] = secrets.token_hex(SIZE)
    mask = secrets.token_bytes(SIZE)
    return urlsafe_b64encode(mask + _xor(mask, bytes.fromhex(session[FIELD]))).decode()


@web.middleware
async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse every form without the token of its session."""
    if request.method not in SAFE and request.match_info.http_exception is None:
        sent = (await read_form(request)).get(FIELD, "")
        kept = (await recall(request)).get(FIELD, "")
        if not kept or not secrets.compare_digest(_unmask(sent), bytes.fromhex(kept)):
            raise Refused(
                "csrf.missing",
                403,
                N_("This form was open for too long or did not come from our page. Open the page again and resend it."),
                way_out=(request.path, N_("Open the page again")) if request.path == "/sign-in" else HOME,
            )
    return await handler(request)


def _unmask(sent: str) -> bytes:
    try:
        both = urlsafe_b64decode(sent)
    except (Error, ValueError):  # not base64, not ASCII
        return b""
    return _xor(both[:SIZE], both[SIZE:]) if len(both) == 2 * SIZE else b""


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
