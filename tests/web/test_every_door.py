"""Every address of the site and who may come in by it: one row each. A new address without a row fails."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientResponse, web

from sql.connection import Pool
from tests.conferences.stage import asked, poll, screen, session, speaks
from tests.web.site import Site, Visitor
from web.conferences import screen_rules
from web.routes import ROUTES

PEOPLE = {
    "stranger": "",
    "participant of another conference": "timur@veche.example",
    "organiser of another conference": "other@veche.example",
    "attendee": "anna@veche.example",
    "speaker": "sergey@veche.example",
    "moderator": "mira@veche.example",
    "organiser": "olga@veche.example",
}
TEAM = ("speaker", "moderator", "organiser")
SIGN_IN = "sign in"
DRAFT, HIDDEN_SPEAKER = "Черновик доклада", "Тайный Гость"  # in no release

Outcome = int | str | None  # a status, SIGN_IN, or None: they come in


# Doors: what becomes of somebody before the page itself is asked; None: nothing, they are in.


def everybody(who: str, *, public: bool) -> Outcome:
    """The conference, if there is one, does not matter."""
    return None


def page(who: str, *, public: bool) -> Outcome:
    """What visitors see; before the conference is public, its team."""
    return None if public or who in TEAM else 404


def signed_in(who: str, *, public: bool) -> Outcome:
    """Whoever sees the page and has an account."""
    return page(who, public=public) or (SIGN_IN if who == "stranger" else None)


def participants(who: str, *, public: bool) -> Outcome:
    """Whoever has a role in the conference."""
    if (shut := page(who, public=public)) is not None:
        return shut
    return SIGN_IN if who == "stranger" else 403 if "another" in who else None


def speakers(who: str, *, public: bool) -> Outcome:
    """Participants who speak, and organisers, who help them."""
    shut = participants(who, public=public)
    return shut if shut is not None or who in ("speaker", "organiser") else 403


def moderators(who: str, *, public: bool) -> Outcome:
    """Whoever moderates; others are led to signing in before they are told anything."""
    if who == "stranger":
        return SIGN_IN
    return page(who, public=public) or (None if who in ("moderator", "organiser") else 403)


def organisers(who: str, *, public: bool) -> Outcome:
    """Whoever sets the conference up."""
    if who == "stranger":
        return SIGN_IN
    return page(who, public=public) or (None if who == "organiser" else 403)


def before_the_public(who: str, *, public: bool) -> Outcome:
    """Organisers, as long as nobody else is there."""
    return organisers(who, public=public) or (409 if public else None)


def somebody(who: str, *, public: bool) -> Outcome:
    """Whoever is signed in."""
    return SIGN_IN if who == "stranger" else None


def not_signed_in(who: str, *, public: bool) -> Outcome:
    """Strangers; others are taken where they were going."""
    return None if who == "stranger" else 303


def founders(who: str, *, public: bool) -> Outcome:
    """Whoever organises a conference, whichever."""
    return somebody(who, public=public) or (None if "organiser" in who else 403)


Door = Callable[..., Outcome]

# address -> the door, and what whoever came in by it is answered to an empty form, or the page
ROWS: dict[str, tuple[Door, int]] = {
    "GET /": (everybody, 200),
    "GET /sign-in": (not_signed_in, 200),
    "POST /sign-in": (everybody, 400),
    "POST /sign-out": (everybody, 303),
    "POST /language": (everybody, 400),
    "GET /c/{slug}": (page, 200),
    "GET /c/{slug}/schedule": (page, 200),
    "GET /c/{slug}/schedule.ics": (page, 200),
    "GET /c/{slug}/my": (page, 200),
    "POST /c/{slug}/star": (page, 303),
    "GET /calendar/{key}.ics": (everybody, 200),
    "POST /calendar/renew": (somebody, 303),
    "GET /c/{slug}/speak": (speakers, 200),
    "POST /c/{slug}/speak": (speakers, 403),
    "POST /c/{slug}/speak.json": (speakers, 403),
    "GET /c/{slug}/s/{session}": (page, 200),
    "POST /c/{slug}/s/{session}/answer": (speakers, 404),
    "GET /c/{slug}/moderate": (moderators, 200),
    "GET /c/{slug}/moderate/pass": (moderators, 200),
    "GET /c/{slug}/moderate/plain": (moderators, 200),
    "POST /c/{slug}/moderate/act": (moderators, 400),
    "GET /c/{slug}/moderate/people/{person}": (moderators, 200),
    "POST /c/{slug}/moderate/people/{person}": (moderators, 422),
    "GET /c/{slug}/moderate/log": (moderators, 200),
    "GET /c/{slug}/moderate/log.csv": (moderators, 200),
    "GET /desk/{slug}/words": (moderators, 200),
    "POST /desk/{slug}/words": (moderators, 303),
    "GET /c/{slug}/{channel}": (participants, 200),
    "GET /c/{slug}/{channel}/chat": (participants, 200),
    "GET /c/{slug}/{channel}/pass": (participants, 200),
    "GET /c/{slug}/{channel}/card": (participants, 200),
    "GET /c/{slug}/{channel}/tally": (participants, 200),
    "POST /c/{slug}/{channel}/vote": (participants, 404),
    "GET /c/{slug}/{channel}/polls": (participants, 200),
    "GET /c/{slug}/{channel}/polls.json": (participants, 200),
    "POST /c/{slug}/{channel}/polls/{poll}/vote": (participants, 422),
    "POST /c/{slug}/{channel}/polls/{poll}/vote.json": (participants, 422),
    "GET /screen/{token}": (page, 200),
    "GET /screen/{token}/now": (page, 200),
    "GET /screen/{token}/pass": (page, 200),
    "GET /hall/{token}": (page, 200),
    "GET /hall/{token}/pass": (page, 200),
    "POST /hall/{token}/ask": (page, 422),
    "POST /hall/{token}/up": (page, 303),
    "POST /hall/{token}/polls/{poll}/vote": (page, 422),
    "GET /portraits/{speaker}.svg": (page, 200),
    "GET /pictures/{digest}": (page, 200),
    "GET /desk": (somebody, 200),
    "GET /desk/new": (founders, 200),
    "POST /desk/new": (founders, 422),
    "GET /desk/{slug}": (organisers, 200),
    "POST /desk/{slug}": (organisers, 303),
    "POST /desk/{slug}/publish": (organisers, 303),
    "POST /desk/{slug}/unpublish": (organisers, 303),
    "POST /desk/{slug}/rehearsal/clear": (before_the_public, 303),
    "POST /desk/{slug}/frames": (organisers, 303),
    "GET /desk/{slug}/recordings": (organisers, 200),
    "POST /desk/{slug}/recordings": (organisers, 303),
    "POST /put-away": (everybody, 303),
    "GET /c/{slug}/pass": (signed_in, 200),
    "GET /desk/{slug}/announcements": (moderators, 200),
    "POST /desk/{slug}/announcements": (moderators, 422),
    "POST /desk/{slug}/announcements.json": (moderators, 422),
    "POST /desk/{slug}/announcements/withdraw": (moderators, 303),
    "POST /desk/{slug}/announcements/withdraw.json": (moderators, 200),
    "GET /desk/{slug}/lists": (organisers, 200),
    "GET /desk/{slug}/lists/{name}.{kind}": (organisers, 200),
    "GET /desk/{slug}/people": (organisers, 200),
    "POST /desk/{slug}/people": (organisers, 422),
    "POST /desk/{slug}/people/{person}": (organisers, 303),
    "GET /desk/{slug}/channels": (organisers, 200),
    "POST /desk/{slug}/channels": (organisers, 422),
    "POST /desk/{slug}/channels/order": (organisers, 422),
    "GET /desk/{slug}/channels/{id}": (organisers, 200),
    "POST /desk/{slug}/channels/{id}": (organisers, 422),
    "POST /desk/{slug}/channels/{id}/delete": (organisers, 422),
    "GET /desk/{slug}/speakers": (organisers, 200),
    "POST /desk/{slug}/speakers": (organisers, 422),
    "GET /desk/{slug}/speakers/new": (organisers, 200),
    "GET /desk/{slug}/speakers/{id}": (organisers, 200),
    "POST /desk/{slug}/speakers/{id}": (organisers, 422),
    "POST /desk/{slug}/speakers/{id}/delete": (organisers, 422),
    "GET /desk/{slug}/sessions": (organisers, 200),
    "POST /desk/{slug}/sessions": (organisers, 422),
    "GET /desk/{slug}/sessions/new": (organisers, 200),
    "GET /desk/{slug}/sessions/{id}": (organisers, 200),
    "POST /desk/{slug}/sessions/{id}": (organisers, 422),
    "POST /desk/{slug}/sessions/{id}/delete": (organisers, 422),
    "POST /desk/{slug}/pictures": (organisers, 422),
    "GET /desk/{slug}/landing": (organisers, 200),
    "POST /desk/{slug}/landing/begin": (organisers, 303),
    "POST /desk/{slug}/landing/order": (organisers, 409),
    "POST /desk/{slug}/landing/theme": (organisers, 422),
    "GET /desk/{slug}/landing/preview": (organisers, 200),
    "POST /desk/{slug}/landing/preview": (organisers, 200),
    "GET /desk/{slug}/landing/new/{kind}": (organisers, 200),
    "POST /desk/{slug}/landing/new/{kind}": (organisers, 303),
    "GET /desk/{slug}/landing/{block}": (organisers, 200),
    "POST /desk/{slug}/landing/{block}": (organisers, 303),
    "POST /desk/{slug}/landing/{block}/hide": (organisers, 303),
    "POST /desk/{slug}/landing/{block}/delete": (organisers, 303),
    "POST /desk/{slug}/landing/{block}/restore": (organisers, 303),
    "GET /desk/{slug}/polls": (moderators, 200),
    "GET /desk/{slug}/polls/new": (moderators, 200),
    "POST /desk/{slug}/polls/new": (moderators, 422),
    "GET /desk/{slug}/polls/{poll}": (moderators, 200),
    "POST /desk/{slug}/polls/{poll}": (moderators, 409),
    "POST /desk/{slug}/polls/{poll}/move": (moderators, 409),
    "GET /desk/{slug}/screens": (organisers, 200),
    "POST /desk/{slug}/screens": (organisers, 422),
    "POST /desk/{slug}/screens/{screen}/revoke": (organisers, 303),
    "GET /desk/{slug}/screens/{screen}/sheet": (organisers, 200),
    "GET /desk/{slug}/schedule": (organisers, 200),
    "POST /desk/{slug}/schedule": (organisers, 422),
    "GET /desk/{slug}/import": (organisers, 200),
    "POST /desk/{slug}/import": (organisers, 422),
    "POST /desk/{slug}/import/take": (organisers, 422),
    "GET /desk/{slug}/import/sample.csv": (organisers, 200),
    "GET /desk/{slug}/figures": (organisers, 200),
    "GET /desk/{slug}/now": (organisers, 200),
    "POST /desk/{slug}/now": (organisers, 422),
    "POST /desk/{slug}/now/shift": (organisers, 422),
    "POST /desk/{slug}/now/undo": (organisers, 422),
    "GET /mailbox": (everybody, 200),
    "GET /mailbox/{name}": (everybody, 404),
    "GET /healthz": (everybody, 200),
}


@dataclass
class Street:
    """The conference with one of everything, so that each address leads somewhere."""

    site: Site
    database: Pool
    numbers: dict[str, Any]

    def address(self, route: web.RouteDef) -> str:
        """An address of a route; what it names is there."""
        found = re.sub(r"\{(\w+)[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", r"{\1}", route.path)
        found = found.replace("/lists/{name}.{kind}", "/lists/schedule.csv")
        found = found.replace("/{token}", "/{hall}" if "/hall/" in found else "/{wall}")
        for place, name in (
            ("/channels/", "main_number"),
            ("/speakers/", "speaker"),
            ("/sessions/", "session"),
            ("/screens/", "screen"),
        ):
            found = found.replace(place + "{id}", place + "{" + name + "}")
        return found.format(**self.numbers)

    async def stand(self, *, public: bool) -> None:
        """The conference is public, or it is not, whatever somebody did before."""
        when = "now()" if public else "null"
        await self.database.execute(f"update conference set published_at = {when} where slug = 'school'")


@pytest.fixture
async def street(site: Site, database: Pool) -> Street:
    """All of it."""
    for slug, email, role in (("other", "timur", "attendee"), ("third", "other", "organiser")):
        number = await database.fetchval(
            "insert into conference (slug, name, tagline, about, zone, languages, language, starts_on, ends_on,"
            " published_at) select $1, '{\"ru\": \"Другая\"}', '{}', '{}', zone, languages, language, starts_on,"
            " ends_on, now() from conference where slug = 'school' returning id",
            slug,
        )
        await database.execute(
            "with one as (insert into person (email, name, password_hash) values ($1, $1, '') returning id)"
            " insert into role select $2, id, $3 from one",
            f"{email}@veche.example",
            number,
            role,
        )
    conference = await database.fetchval("select id from conference where slug = 'school'")
    secret = await database.fetchval(
        "insert into speaker (conference_id, name, about, portrait) values ($1, $2, '{}', '') returning id",
        conference,
        {"ru": HIDDEN_SPEAKER},
    )
    draft = await database.fetchval(
        "insert into session (conference_id, channel_id, starts_at, ends_at, title, abstract, language)"
        " select $1, id, '2026-11-23T12:34Z', '2026-11-23T13:34Z', $2, '{}', 'ru' from channel where slug = 'main'"
        " returning id",
        conference,
        {"ru": DRAFT},
    )
    await database.execute("insert into session_speaker values ($1, $2)", draft, secret)
    await speaks(database)
    await database.execute("update speaker set person_id = null where id = $1", secret)
    number, _ = await poll(database)
    wall = await screen(database)
    numbers = {
        "slug": "school",
        "channel": "main",
        "kind": "text",
        "key": await database.fetchval("select calendar_key from person where name = 'Anna'"),
        "session": await session(database),
        "person": await database.fetchval("select id from person where name = 'Anna'"),
        "poll": number,
        "screen": wall,
        "wall": screen_rules.token(screen_rules.WALL, wall, secret=site.settings.secret),
        "hall": screen_rules.token(screen_rules.HALL, wall, secret=site.settings.secret),
        "speaker": await database.fetchval("select min(id) from speaker"),
        "digest": uuid4().hex,
        "main_number": await database.fetchval("select id from channel where slug = 'main'"),
        "block": await database.fetchval(
            "insert into landing_block (conference_id, position, kind) values ($1, 1, 'text') returning id", conference
        ),
        "name": "nothing",
    }
    await database.execute(
        "insert into picture (conference_id, digest, type, width, height, bytes)"
        " values ($1, $2, 'image/png', 1, 1, 'x')",
        conference,
        numbers["digest"],
    )
    await asked(database, "0123456789abcdef")
    return Street(site, database, numbers)


def routes() -> list[web.RouteDef]:
    """All that people and scripts may ask for; what lies in folders is everybody's."""
    return [route for route in ROUTES if isinstance(route, web.RouteDef)]


def name(route: web.RouteDef) -> str:
    """The route as a row names it: without what its numbers look like."""
    return f"{route.method} " + re.sub(r"\{(\w+)[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", r"{\1}", route.path)


async def outcome(answer: ClientResponse) -> int | str:
    """A status; being led to sign in is an outcome of its own, also as a script is told it."""
    if answer.status == 401 or answer.headers.get("Location", "").startswith("/sign-in?"):
        return SIGN_IN
    return answer.status


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert {name(one) for one in routes()} == set(ROWS)


@pytest.mark.parametrize("public", [True, False], ids=["public", "not public"])
@pytest.mark.parametrize("who", PEOPLE)
async def test_whoever_knocks_is_answered_as_their_row_says_and_hears_nothing_of_a_draft(
    street: Street, who: str, *, public: bool
) -> None:
    visitor = await street.site.visitor(signed_in=PEOPLE[who])
    csrf = await token_of(visitor)
    wrong, told = [], []
    for route in [one for one in routes() if name(one) in ROWS]:
        door, inside = ROWS[name(route)]
        await street.stand(public=public)
        fields = {"data": {"csrf": csrf}} if route.method == "POST" else {}
        answer = await visitor.ask(route.method, street.address(route), **fields)
        expected = door(who, public=public)
        found = await outcome(answer)
        if found != (inside if expected is None else expected):
            wrong.append(f"{name(route)}: {found}, not {inside if expected is None else expected}")
        if name(route) == "POST /sign-out":
            visitor = await street.site.visitor(signed_in=PEOPLE[who])
            csrf = await token_of(visitor)
        text = await text_of(answer)
        if any(one in text for one in (DRAFT, HIDDEN_SPEAKER, "12:34", "15:34")) and not is_desk(route):
            told.append(name(route))
        if expected is not None and any(one in text for one in ("Школа", "Мектеп", "School", "Идёт", "Докладчик")):
            told.append(name(route))
    assert (wrong, told) == ([], [])


@pytest.mark.parametrize("public", [True, False], ids=["public", "not public"])
async def test_what_was_told_to_one_person_is_kept_for_nobody_else(street: Street, *, public: bool) -> None:
    olga = await street.site.visitor(signed_in=PEOPLE["organiser"])
    everybodys = {"GET /pictures/{digest}", "GET /portraits/{speaker}.svg"} if public else set()
    await street.stand(public=public)
    for route in [one for one in routes() if one.method == "GET"]:
        answer = await olga.get(street.address(route))
        kept = answer.headers.get("Cache-Control", "")
        assert ("public" in kept) == (name(route) in everybodys), f"{name(route)}: {kept}"
        assert kept or answer.status == 303, name(route)


async def token_of(visitor: Visitor) -> str:
    """What forms of this browser carry."""
    found = re.search(r'name="csrf" value="([^"]*)"', await visitor.read("/c/other"))
    assert found
    return found[1]


async def text_of(answer: ClientResponse) -> str:
    """What is said, as far as it is text."""
    return (await answer.read()).decode(errors="replace")


def is_desk(route: web.RouteDef) -> bool:
    """Whether this is the desk, which has its one door and shows drafts."""
    return route.path.startswith("/desk") and ROWS[name(route)][0] is organisers
