"""What a handler finds in the application, by typed keys. It makes none of it; app.py does."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from config.settings import Settings
from realtime.engine import Engine
from sql.connection import Pool
from web.accounts.passwords import Passwords
from web.moments import Moments

SETTINGS = web.AppKey("SETTINGS", Settings)
POOL: web.AppKey[Pool] = web.AppKey("POOL")
REDIS = web.AppKey("REDIS", Engine)
PASSWORDS = web.AppKey("PASSWORDS", Passwords)
CLOCK: web.AppKey[Callable[[], datetime]] = web.AppKey("CLOCK")  # aware, UTC
MOMENTS = web.AppKey("MOMENTS", Moments)
