"""Pages of the mailbox: what the workers would have sent. In production there is no such place."""

import asyncio

from aiohttp import web

from config.languages import N_, moment
from web import permissions
from web.keys import SETTINGS
from web.mailbox import letters
from web.page import page
from web.reader import meet
from web.refusals import Refused


async def index(request: web.Request) -> web.StreamResponse:
    """GET /mailbox: all letters."""
    _admit(request)
    found = await asyncio.to_thread(letters.inbox, request.app[SETTINGS].var / "mailbox")
    return await page(request, "mailbox/index.html", {"letters": [await _shown(request, one) for one in found]})


async def show_letter(request: web.Request) -> web.StreamResponse:
    """GET /mailbox/{name}: one letter."""
    _admit(request)
    folder = request.app[SETTINGS].var / "mailbox"
    letter = await asyncio.to_thread(letters.find, folder, request.match_info["name"])
    if letter is None:
        raise Refused("letter.unknown", 404, N_("There is no such letter."), ("/mailbox", N_("All letters")))
    return await page(request, "mailbox/letter.html", {"letter": await _shown(request, letter)})


def _admit(request: web.Request) -> None:
    if not permissions.read_mailbox(production=request.app[SETTINGS].production):
        raise web.HTTPNotFound


async def _shown(request: web.Request, letter: letters.Letter) -> dict[str, str]:
    """The letter as a page shows it, with its time as the reader's language writes it."""
    language = (await meet(request)).language
    return {
        "name": letter.name,
        "subject": letter.subject,
        "to": letter.to,
        "sender": letter.sender,
        "sent_at": f"{moment(letter.sent_at, 'UTC', language)} UTC",
        "text": letter.text,
        "html": letter.html,
    }
