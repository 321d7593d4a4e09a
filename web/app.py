"""The application put together: settings, storage, templates, what stands around every page. It answers no address."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from aiohttp.log import server_logger
from aiohttp_session import session_middleware

import sql
from config.settings import Settings
from realtime.engine import Engine
from web import assets, csrf, headers, page, sessions
from web.accounts.passwords import Passwords
from web.explain import explain, spare_the_log
from web.keys import CLOCK, MOMENTS, PASSWORDS, POOL, REDIS, SETTINGS
from web.moments import Moments
from web.routes import ROUTES

FORM_AT_MOST = 64 * 1024  # bytes; forms with long texts or files say so themselves: forms.takes


def application(settings: Settings, *, templates: Path = page.TEMPLATES) -> web.Application:
    """The site, ready to be run; it connects when it starts and lets go when it is cleaned up."""
    redis = Engine(settings.redis_url, replicas=settings.redis_replicas)
    remember = session_middleware(sessions.storage(redis, secure=settings.production))
    # Outermost first. `explain` stands twice: inside, its pages still know the session; outside, it also explains
    # a session that could not be kept.
    around = [headers.compress, explain, remember, explain, csrf.check]
    app = web.Application(middlewares=around, client_max_size=FORM_AT_MOST)
    app[SETTINGS] = settings
    app[REDIS] = redis
    app[CLOCK] = lambda: datetime.now(UTC)
    app[MOMENTS] = Moments(lambda: app[CLOCK]())
    page.prepare(app, templates=templates)
    server_logger.addFilter(spare_the_log)
    app.on_response_prepare.append(headers.protect(settings))
    app.cleanup_ctx.extend((_storage, _passwords))
    app.add_routes([*ROUTES, *assets.routes()])
    return app


async def _storage(app: web.Application) -> AsyncIterator[None]:
    async with app[REDIS], sql.connect(app[SETTINGS].database_url) as pool:
        app[POOL] = pool
        yield


async def _passwords(app: web.Application) -> AsyncIterator[None]:
    app[PASSWORDS] = Passwords()
    yield
    app[PASSWORDS].close()
