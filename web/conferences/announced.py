"""What stands in the bar over every page of a conference when it comes, and putting it away. It announces nothing."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from redis.exceptions import RedisError

from realtime import publish
from web.accounts.rules import local
from web.conferences import announced_rules, where
from web.conferences.announced_rules import LIFE, PUT_AWAY
from web.forms import read_form
from web.keys import CLOCK, REDIS, SETTINGS
from web.reader import meet

PATIENCE = 0.5  # seconds; a page is worth more than what stands over it

logger = logging.getLogger(__name__)


async def standing(request: web.Request, conference: int) -> list[dict[str, Any]]:
    """What a conference is told, in the reader's language, without what they put away; nothing without Redis.

    It is as it was within a second: what is announced or withdrawn meanwhile a page's script hears.
    """

    async def ask() -> list[Mapping[str, Any]]:
        return await publish.announced(request.app[REDIS], conference=conference, when=request.app[CLOCK]())

    try:
        async with asyncio.timeout(PATIENCE):
            found = await where.lately(request, conference, ("announced", conference), ask)
    except (RedisError, OSError, TimeoutError) as away:
        logger.warning("Announcements could not be read: %r", away)
        return []
    language = (await meet(request)).language
    rows = [announced_rules.shown(one, language, here=request.path) for one in found]
    return announced_rules.still_shown(rows, request.cookies.get(PUT_AWAY, ""))


async def put_away(request: web.Request) -> web.StreamResponse:
    """POST /put-away: this browser does not show an announcement again; back to where one was."""
    form = await read_form(request)
    response = web.HTTPSeeOther(local(form.get("next", "/")))
    kept = announced_rules.with_one_more(request.cookies.get(PUT_AWAY, ""), form.get("item", ""))
    secure = request.app[SETTINGS].production
    response.set_cookie(PUT_AWAY, kept, max_age=LIFE, samesite="Lax", secure=secure)  # scripts write it, too
    raise response
