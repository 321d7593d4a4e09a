"""What stands over every page of a conference that has no live room of its own: announcements, and the inbox' bell."""

from typing import Any

from aiohttp import web

from web.conferences import announced, channel_words, door, where
from web.reader import meet


async def given(request: web.Request, conference: where.Row) -> dict[str, Any]:
    """{"announced": what stands now, "live": what scripts need to hear more; None for somebody not signed in}."""
    reader = await meet(request)
    stands = await announced.standing(request, conference["id"])
    if reader.person is None:
        return {"announced": stands, "live": None}
    roles = await where.roles(request, conference["id"])
    opened = door.opened(conference["id"], [], reader.person, roles)
    live = await door.line(request, reader.person, roles, opened, pass_url=f"/c/{conference['slug']}/pass")
    return {"announced": stands, "live": live | {"words": channel_words.of_the_bell(reader.language)}}


async def give_pass(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/pass: a fresh pass to what everybody of a conference hears, and to one's inbox."""
    conference = await where.conference(request)
    person = await where.somebody(request)
    roles = await where.roles(request, conference["id"])
    return door.answer(*door.issue(request, person, roles, door.opened(conference["id"], [], person, roles)))
