"""Every address of the site is knocked at by everybody, and answers as its row says. One without a row fails."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientResponse, web

from sql.connection import Pool
from tests.conferences.stage import asked, poll, screen, session, speaks
from tests.web.doors import PEOPLE, ROWS, SIGN_IN, organisers
from tests.web.site import Site, Visitor
from web.conferences import screen_rules
from web.routes import ROUTES

DRAFT, HIDDEN_SPEAKER = "Черновик доклада", "Тайный Гость"  # in no release


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
