"""The passes that open live rooms to whoever a page was shown to. It asks no database: where.py did."""

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from realtime import channels as rooms
from realtime import passes
from realtime.passes import Pass
from web import permissions
from web.conferences import sentences
from web.keys import CLOCK, SETTINGS
from web.reader import Person, meet

PERSONAL = frozenset({passes.SAY})


def opened(
    conference: int, channels: Iterable[Mapping[str, Any]], person: Person, roles: Iterable[str]
) -> dict[str, frozenset[str]]:
    """The rooms of these channels, the conference's announcements, and one's own inbox, each with the rights in it."""
    rights = permissions.rights(roles)
    found = {room: rights for one in channels for room in (rooms.chat(one["id"]), rooms.questions(one["id"]))}
    listening = rights if passes.MODERATE in rights else frozenset[str]()
    return found | {rooms.announcements(conference): listening, rooms.inbox(person.id): PERSONAL}


def issue(
    request: web.Request, person: Person, roles: Iterable[str], opened: Mapping[str, frozenset[str]]
) -> tuple[str, int]:
    """A signed pass to these rooms, and when it ends (Unix seconds)."""
    expires = int(request.app[CLOCK]().timestamp()) + passes.LIFE
    badge = permissions.badge(roles)
    visitor = Pass(person.id, person.name, opened, expires, badge, issued=expires - passes.LIFE)
    return passes.issue(visitor, secret=request.app[SETTINGS].secret), expires


def answer(token: str, expires: int) -> web.Response:
    """A fresh pass for a script."""
    response = web.json_response({"token": token, "expires": expires})
    response.headers["Cache-Control"] = "no-store"
    return response


async def live(
    request: web.Request,
    person: Person,
    roles: Iterable[str],
    opened: Mapping[str, frozenset[str]],
    *,
    pass_url: str,
) -> dict[str, Any]:
    """What live.js needs on every page that opens rooms; a page adds what only it needs."""
    language = (await meet(request)).language
    token, _ = issue(request, person, roles, opened)
    return {
        "url": request.app[SETTINGS].realtime_url,
        "pass_url": pass_url,
        "token": token,
        "user": person.id,
        "name": person.name,
        "badge": permissions.badge(roles),
        "may": sorted(permissions.rights(roles)),
        "inbox": rooms.inbox(person.id),
        "announcements": next((room for room in opened if rooms.kind(room) == "announcements"), ""),
        "language": language,
        "sentences": sentences.refusals(language),
        "words": sentences.words(language),
    }
