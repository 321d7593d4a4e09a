"""Whether this process can serve: Postgres and Redis are really asked. For load balancers; it tells no secrets."""

import asyncio

from aiohttp import web

from web.explain import UNREACHABLE
from web.keys import POOL, REDIS

PATIENCE = 2.0  # seconds; a storage slower than that serves nobody


async def healthz(request: web.Request) -> web.Response:
    """200 when both answer, else 503 and which one does not."""
    postgres, redis = await asyncio.gather(_postgres(request), _redis(request))
    whole = postgres and redis
    return web.json_response({"ok": whole, "postgres": postgres, "redis": redis}, status=200 if whole else 503)


async def _postgres(request: web.Request) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return bool(await request.app[POOL].fetchval("select true"))
    except UNREACHABLE:
        return False


async def _redis(request: web.Request) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return bool(await request.app[REDIS].ping())
    except UNREACHABLE:
        return False
