"""Who reads a page and in which language. It decides nothing about what they may see; permissions.py does."""

from dataclasses import dataclass

from aiohttp import web

from config.languages import LANGUAGES, choose
from sql import queries
from web.keys import POOL, SETTINGS
from web.sessions import signed_in

ACCOUNTS = queries("accounts")
COOKIE = "language"  # a choice of this browser; it outlives signing out
COOKIE_LIFE = 365 * 24 * 3600  # seconds


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in."""

    id: int
    name: str
    email: str
    language: str
    is_admin: bool = False  # of the whole platform
    organises: bool = False  # a conference, whichever


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever asked for the page; `person` is None for somebody not signed in."""

    person: Person | None
    language: str


READER: web.RequestKey[Reader] = web.RequestKey("READER")


async def meet(request: web.Request, *, default: str = LANGUAGES[0], stranger: bool = False) -> Reader:
    """Whoever asks, found once per request. `default`: the language for those who ask for none of ours.

    As a `stranger` the reader is not looked up, for pages that tell that nothing can be looked up.
    """
    if stranger:
        return Reader(None, _language(request, None, default))
    if READER not in request:
        person = await _person(request)
        request[READER] = Reader(person, _language(request, person, default))
    return request[READER]


def remember_language(request: web.Request, response: web.StreamResponse, language: str) -> None:
    """Keep a language chosen by hand in this browser."""
    production = request.app[SETTINGS].production
    response.set_cookie(COOKIE, language, max_age=COOKIE_LIFE, httponly=True, samesite="Lax", secure=production)


async def _person(request: web.Request) -> Person | None:
    number = await signed_in(request)
    row = number and await request.app[POOL].fetchrow(ACCOUNTS.person_by_id, number)
    if not row:
        return None
    return Person(row["id"], row["name"], row["email"], row["language"], row["is_admin"], row["organises"])


def _language(request: web.Request, person: Person | None, default: str) -> str:
    chosen = request.cookies.get(COOKIE) or (person.language if person else "")
    return chosen if chosen in LANGUAGES else choose(request.headers.get("Accept-Language"), default)
