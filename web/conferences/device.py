"""A phone in the hall, known by a signed cookie and by nothing else. It never knows whose phone it is."""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from hashlib import blake2b

from aiohttp import web

from web.keys import SETTINGS

LIFE = 400 * 24 * 3600  # seconds; browsers keep none longer (RFC 6265bis, 5.6.1)
PURPOSE = "device"
COOKIE = re.compile(r"([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})")  # 128 random bits, and a signature over them

NEW: web.RequestKey[str] = web.RequestKey("NEW_DEVICE")


def is_known(request: web.Request) -> bool:
    """Whether the browser brought the cookie back: whoever keeps none cannot be counted."""
    return _brought(request) is not None


def name(request: web.Request) -> str:
    """Under which name this device votes; it does not tell the cookie."""
    device = _brought(request) or _new(request)
    return blake2b(device.encode(), digest_size=16).hexdigest()


def plant(request: web.Request, response: web.StreamResponse) -> None:
    """Give a device met for the first time its cookie."""
    if NEW in request:
        production = request.app[SETTINGS].production
        signed = f"{request[NEW]}.{_sign(request, request[NEW])}"
        response.set_cookie(_cookie(request), signed, max_age=LIFE, httponly=True, samesite="Lax", secure=production)


def _brought(request: web.Request) -> str | None:
    found = COOKIE.fullmatch(request.cookies.get(_cookie(request), ""))
    if found is None or not hmac.compare_digest(_sign(request, found[1]), found[2]):
        return None
    return found[1]


def _new(request: web.Request) -> str:
    if NEW not in request:
        request[NEW] = secrets.token_urlsafe(16)
    return request[NEW]


def _sign(request: web.Request, device: str) -> str:
    secret = request.app[SETTINGS].secret
    signature = hmac.digest(secret.encode(), f"{PURPOSE}:{device}".encode(), "sha256")[:16]
    return urlsafe_b64encode(signature).decode().rstrip("=")


def _cookie(request: web.Request) -> str:
    # Browsers take a __Host- cookie only from this very host, over https (RFC 6265bis, 4.1.3.2).
    return "__Host-veche-device" if request.app[SETTINGS].production else "veche-device"
