"""A site with one small conference, visited over real HTTP: what tests of pages begin with."""

import json
import re
import secrets
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web_exceptions import NotAppKeyWarning
from argon2 import PasswordHasher

from config.settings import Settings, read
from sql.connection import Pool
from sql.loader import queries
from tests.web.markup import forgiven
from web.app import application
from web.keys import CLOCK, MOMENTS, POOL, REDIS
from web.moments import Moments
from web.page import TEMPLATES

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)  # 10:30 in Moscow
PASSWORD = "шумный-зал-7"
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>'
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
TOKEN = re.compile(r'name="csrf" value="([^"]*)"')


@dataclass
class Visitor:
    """A browser with its own cookies."""

    http: "TestClient[web.Request, web.Application]"

    async def get(self, path: str, **more: Any) -> ClientResponse:
        """Ask for a page, without following where it leads."""
        return await self.ask("GET", path, **more)

    async def ask(self, method: str, path: str, **more: Any) -> ClientResponse:
        """Whatever a browser may send; the answer is read to its end, and a page must be one without faults."""
        answer = await self.http.request(method, path, allow_redirects=False, **more)
        await answer.read()
        if answer.content_type == "text/html":
            faults = forgiven(await answer.text())
            assert not faults, f"{method} {path}: {faults[:3]}"
        return answer

    async def read(self, path: str, **more: Any) -> str:
        """The text of a page, which must be there."""
        answer = await self.get(path, **more)
        assert answer.status == 200, f"{path}: {answer.status}"
        return unescape(await answer.text())

    async def token(self) -> str:
        """What a form of this browser must carry."""
        found = TOKEN.search(await self.read("/sign-in"))
        assert found
        return found[1]

    async def post(self, path: str, **fields: str) -> ClientResponse:
        """Send a form that comes from a page of ours."""
        if "csrf" not in fields:
            answer = await self.http.get("/")
            found = TOKEN.search(await answer.text())
            fields["csrf"] = found[1] if found else ""
        return await self.ask("POST", path, data=fields)

    async def hidden(self, page: str, action: str = "") -> dict[str, str]:
        """What a form of a page carries besides what people type, by where it is sent to."""
        text = await self.read(page)
        for form in text.split("<form ")[1:]:
            tag, _, inside = form.partition(">")
            if f'action="{action or page}"' in tag or ("action=" not in tag and not action):
                return dict(HIDDEN.findall(inside.partition("</form>")[0]))
        raise AssertionError(f"{page}: no form is sent to {action or page}")

    async def edit(self, path: str, *, page: str = "", **fields: str) -> ClientResponse:
        """Open a form that has been there, fill in these fields, leave the others empty, and send it."""
        return await self.post(path, **{**await self.hidden(page or path, path if page else ""), **fields})

    async def sign_in(self, email: str = "anna@veche.example", password: str = PASSWORD, **more: str) -> ClientResponse:
        """Fill in the form and send it."""
        return await self.post("/sign-in", email=email, password=password, **more)


@dataclass
class Site:
    """The site and its address; `visitor()` opens one more browser."""

    server: TestServer
    settings: Settings
    browsers: list["TestClient[web.Request, web.Application]"]

    async def visitor(self, *, signed_in: str = "", headers: dict[str, str] | None = None) -> Visitor:
        """A browser nobody has used, or one in which somebody signed in before (quicker than with a password)."""
        browser = TestClient(self.server, headers=headers or {})
        self.browsers.append(browser)
        if signed_in:
            name = secrets.token_hex(8)
            app = self.server.app
            person = await app[POOL].fetchval("select id from person where email = $1", signed_in)
            kept = {"created": int(time.time()), "session": {"person": person}}
            await app[REDIS].set(f"veche_{name}", json.dumps(kept))
            browser.session.cookie_jar.update_cookies({"veche": name}, browser.make_url("/"))
        return Visitor(browser)


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """Settings of a laptop, with storage of this test's own."""
    return read(
        {
            "VECHE_SECRET": "a secret of thirty-two characters",
            "VECHE_VAR": str(tmp_path),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
        }
    )


@pytest.fixture
async def site(settings: Settings, world: None, quiet: None) -> AsyncIterator[Site]:
    """The site, served on a port of its own at the moment NOW."""
    async with opened(settings) as site:
        yield site


@pytest.fixture
async def visitor(site: Site) -> Visitor:
    """A browser nobody has used."""
    return await site.visitor()


@pytest.fixture
async def anna(site: Site) -> Visitor:
    """A browser in which a participant has signed in."""
    return await site.visitor(signed_in="anna@veche.example")


class opened:
    """The site with other settings: `async with opened(replace(settings, ...)) as site`."""

    def __init__(self, settings: Settings, *, templates: Path = TEMPLATES) -> None:
        app = application(settings, templates=templates)
        app[CLOCK] = lambda: NOW
        app[MOMENTS] = Moments(
            lambda: NOW, kept_for=timedelta()
        )  # this clock stands still: nothing would be asked again
        self.site = Site(TestServer(app), settings, [])

    async def __aenter__(self) -> Site:
        await self.site.server.start_server()
        return self.site

    async def __aexit__(self, *_: object) -> None:
        for browser in self.site.browsers:
            await browser.session.close()
        await self.site.server.close()


def in_production(settings: Settings) -> Settings:
    """The same site as strangers would meet it."""
    return replace(settings, mode="production")


@pytest.fixture
def quiet() -> Iterator[None]:
    """aiohttp-session keeps its session under a name that is a string, which aiohttp advises against."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=NotAppKeyWarning)
        yield


@pytest.fixture
async def world(database: Pool) -> None:
    """A conference with two channels and three sessions around NOW, and people in each role."""
    conference = await database.fetchval(
        "insert into conference (slug, name, tagline, about, zone, languages, language, starts_on, ends_on,"
        " published_at) values ('school', $1, $1, $1, 'Europe/Moscow', '{ru,en,kk}', 'kk',"
        " '2026-11-23', '2026-11-24', now()) returning id",
        {"ru": "Школа", "en": "School", "kk": "Мектеп"},
    )
    people = {"anna": "attendee", "mira": "moderator", "olga": "organiser", "sergey": "speaker", "vadim": None}
    for name, role in people.items():
        person = await database.fetchval(
            "insert into person (email, name, password_hash, language) values ($1, $2, $3, 'ru') returning id",
            f"{name}@veche.example",
            name.title(),
            hashed(PASSWORD),
        )
        if role:
            await database.execute("insert into role values ($1, $2, $3)", conference, person, role)
    main, practice = [
        await database.fetchval(
            "insert into channel (conference_id, position, slug, name) values ($1, $2, $3, $4) returning id",
            conference,
            position,
            slug,
            {"ru": f"Канал {position}", "en": f"Channel {position}"},
        )
        for position, slug in enumerate(("main", "practice"), 1)
    ]
    speaker = await database.fetchval(
        "insert into speaker (conference_id, name, about, portrait) values ($1, $2, $2, $3) returning id",
        conference,
        {"ru": "Сергей <b>Докладчик</b>", "en": "Sergey <b>Speaker</b>"},
        SVG,
    )
    for channel, begins, title in ((main, -30, "Идёт"), (main, 60, "Дальше"), (practice, 24 * 60, "Завтра")):
        session = await database.fetchval(
            "insert into session (conference_id, channel_id, starts_at, ends_at, title, abstract, language)"
            " values ($1, $2, $3, $4, $5, $5, 'ru') returning id",
            conference,
            channel,
            NOW + timedelta(minutes=begins),
            NOW + timedelta(minutes=begins + 60),
            {"ru": title, "en": f"{title} in English"},
        )
        await database.execute("insert into session_speaker values ($1, $2)", session, speaker)
    await database.execute(queries("demo").plant_release, conference)


@cache
def hashed(password: str) -> str:
    """A hash as the seed makes them, once for all tests: it is slow on purpose."""
    return PasswordHasher().hash(password)
