"""The passes that open live rooms to whoever a page was shown to, and their end. Who may come in, where.py knows.

A pass is as old as what it was given for: it counts as issued when that was looked up, by the clock of Postgres, which
also says when passes end (workers/passes.py). So for that no clock of a host matters, nor how long a page takes. When a
pass is over by itself goes by the clock of the site's host: hosts may be a few minutes apart, and not passes.LIFE.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from realtime import channels as rooms
from realtime import passes
from realtime.passes import Pass
from sql import queries
from sql.connection import Connection
from web import permissions
from web.conferences import sentences, where
from web.keys import CLOCK, SETTINGS
from web.reader import Person, meet

OUTBOX = queries("outbox")
PERSONAL = frozenset({passes.SAY})
NOBODY = 0  # whoever looks at a wall, or at a phone in the hall, has no account here


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
    now = request.app[CLOCK]().timestamp()
    here = [rooms.number(room) for room in opened if rooms.kind(room) == "announcements"]
    visitor = Pass(
        person.id,
        person.name,
        opened,
        now + passes.LIFE,
        permissions.badge(roles),
        issued=request[where.LOOKED_AT].timestamp(),
        grounds=tuple(map(passes.of_conference, here)),
    )
    return _signed(request, visitor)


def issue_to_screen(
    request: web.Request, screen: Mapping[str, Any], rights: frozenset[str], *, name: str = ""
) -> tuple[str, int]:
    """A signed pass of nobody to what is asked in a screen's channel and what everybody is told, and when it ends.

    That is when the screen does, or before.
    """
    now, last = request.app[CLOCK]().timestamp(), screen["expires_at"]
    visitor = Pass(
        NOBODY,
        name,
        {rooms.questions(screen["channel_id"]): rights, rooms.announcements(screen["conference_id"]): rights},
        min(now + passes.LIFE, last.timestamp()),
        issued=screen["looked_at"].timestamp(),
        grounds=(passes.of_conference(screen["conference_id"]), passes.of_screen(screen["id"])),
    )
    return _signed(request, visitor)


async def end(connection: Connection, *, users: Iterable[int] = (), grounds: Iterable[str] = ()) -> None:
    """Promise, in a transaction, that the passes of these persons and on these grounds end after it.

    Their sockets close; whoever may still come in fetches the next pass from the page that gave the last one.
    """
    wish = {"users": list(users), "grounds": list(grounds)}
    await connection.execute(OUTBOX.promise, "passes.revoke", wish)


def answer(token: str, expires: int) -> web.Response:
    """A fresh pass for a script."""
    return web.json_response({"token": token, "expires": expires})


async def line(
    request: web.Request,
    person: Person,
    roles: Iterable[str],
    opened: Mapping[str, frozenset[str]],
    *,
    pass_url: str,
) -> dict[str, Any]:
    """What live.js, the bar of announcements and the bell need on every page."""
    token, _ = issue(request, person, roles, opened)
    return {
        "url": request.app[SETTINGS].realtime_url,
        "pass_url": pass_url,
        "token": token,
        "user": person.id,
        "inbox": rooms.inbox(person.id),
        "announcements": next((room for room in opened if rooms.kind(room) == "announcements"), ""),
        "language": (await meet(request)).language,
    }


async def live(
    request: web.Request,
    person: Person,
    roles: Iterable[str],
    opened: Mapping[str, frozenset[str]],
    *,
    pass_url: str,
) -> dict[str, Any]:
    """The same for pages that open rooms where people speak; a page adds what only it needs."""
    common = await line(request, person, roles, opened, pass_url=pass_url)
    language = common["language"]
    return common | {
        "name": person.name,
        "badge": permissions.badge(roles),
        "may": sorted(permissions.rights(roles)),
        "sentences": sentences.refusals(language),
        "words": sentences.words(language),
    }


def _signed(request: web.Request, visitor: Pass) -> tuple[str, int]:
    return passes.issue(visitor, secret=request.app[SETTINGS].secret), int(visitor.expires)
