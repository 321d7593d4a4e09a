"""Screens over HTTP: who makes them, what they show, and what an address says when it opens nothing."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from realtime import passes
from realtime.passes import SWIFT
from sql.connection import Pool
from tests.conferences.stage import asked, poll, screen, vote
from tests.web.site import NOW, Site, Visitor
from web.conferences import screen_rules
from web.conferences.screen_rules import HALL, WALL

DESK = "/desk/school/screens"
LIVE = re.compile(r'<script type="application/json" id="live">(.*?)</script>', re.DOTALL)


def address(site: Site, number: int, purpose: str = WALL) -> str:
    return f"/{purpose}/{screen_rules.token(purpose, number, secret=site.settings.secret)}"


def live(page: str) -> dict[str, Any]:
    found = LIVE.search(page)
    assert found
    given: dict[str, Any] = json.loads(found[1])
    return given


@pytest.mark.parametrize("kind", ["next", "answering", "poll", "qr", "hall"])
async def test_a_screen_opens_by_its_address_alone_and_may_only_read(
    site: Site, visitor: Visitor, database: Pool, kind: str
) -> None:
    here = address(site, await screen(database, kind))
    given = live(await visitor.read(here))
    shown = passes.verify(given["token"], secret=site.settings.secret, now=NOW.timestamp())
    row = await database.fetchrow("select id, conference_id from channel where slug = 'main'")
    assert row
    may = frozenset({SWIFT})
    assert shown.rooms == {f"questions:{row['id']}": may, f"announcements:{row['conference_id']}": may}
    assert shown.rights(f"questions:{row['id']}:desk") is None, "what waits for a moderator is behind another door"
    fresh = await visitor.get(given["pass_url"])
    another = passes.verify((await fresh.json())["token"], secret=site.settings.secret, now=NOW.timestamp())
    assert replace(another, issued=shown.issued) == shown


async def test_a_screen_says_what_is_on_and_what_comes_next_in_its_own_language(site: Site, database: Pool) -> None:
    here = address(site, await screen(database, "next"))
    visitor = await site.visitor(headers={"Accept-Language": "en"})
    now = await (await visitor.get(f"{here}/now")).json()
    assert (now["on"]["title"], now["on"]["starts"]) == ("Идёт", "10:00")
    assert (now["next"]["title"], now["next"]["speakers"]) == ("Дальше", "Сергей <b>Докладчик</b>")
    assert '<html lang="ru"' in await visitor.read(here)


async def test_a_screen_shows_a_secret_poll_without_its_counts_until_it_is_over(
    site: Site, visitor: Visitor, database: Pool
) -> None:
    here = address(site, await screen(database, "poll"))
    number, options = await poll(database)
    await vote(database, number, "person:999", options[0])
    shown = (await (await visitor.get(f"{here}/now")).json())["poll"]
    assert (shown["id"], shown["votes"], [one["count"] for one in shown["options"]]) == (number, 1, [None] * 3)
    await database.execute("update poll set status = 'closed', closed_at = now()")
    shown = (await (await visitor.get(f"{here}/now")).json())["poll"]
    assert [one["count"] for one in shown["options"]] == [1, 0, 0]


async def test_nothing_that_waits_is_on_a_screen(site: Site, visitor: Visitor, database: Pool) -> None:
    await asked(database, "a", status="asked", text="Ждёт модератора")
    await poll(database, status="draft")
    here = address(site, await screen(database, "hall"))
    assert "Ждёт модератора" not in await visitor.read(here)
    assert (await (await visitor.get(f"{here}/now")).json())["poll"] is None


@pytest.mark.parametrize("more", ["", "/now", "/pass"])
async def test_an_address_that_opens_nothing_says_why(site: Site, visitor: Visitor, database: Pool, more: str) -> None:
    expired = await screen(database, expires=NOW)
    revoked = await screen(database, revoked=NOW - timedelta(hours=1))
    forged = address(site, expired)[:-3] + "abc"
    for path, status, code in (
        (address(site, expired), 410, "screen.expired"),
        (address(site, revoked), 410, "screen.revoked"),
        (address(site, 999_999), 404, "screen.unknown"),
        (forged, 404, "screen.unknown"),
        ("/screen/x", 404, "screen.unknown"),
        (address(site, await screen(database), HALL).replace("/hall/", "/screen/"), 404, "screen.unknown"),
    ):
        answer = await visitor.get(f"{path}{more}")
        assert (answer.status, answer.headers["X-Refusal"]) == (status, code)
        if not more:
            page = unescape(await answer.text())
            assert 'class="lead"' in page
            assert 'id="live"' not in page


async def test_a_screen_for_the_hall_shows_a_code_that_others_do_not_have(
    site: Site, visitor: Visitor, database: Pool
) -> None:
    for kind, door in (("hall", True), ("qr", True), ("next", False), ("poll", False), ("answering", False)):
        number = await screen(database, kind)
        assert ('class="qr"' in await visitor.read(address(site, number))) is door
        assert (await visitor.get(address(site, number, HALL))).status == (200 if door else 404)


async def test_for_obs_the_page_is_marked(site: Site, visitor: Visitor, database: Pool) -> None:
    here = address(site, await screen(database))
    assert 'class="wall"' in await visitor.read(here)
    assert 'class="obs"' in await visitor.read(f"{here}?obs=1")


# The desk


async def made(visitor: Visitor, database: Pool, **changed: str) -> Any:
    channel = await database.fetchval("select id from channel where slug = 'main'")
    fields = {"channel": str(channel), "kind": "hall", "name": "Фойе", "language": "kk", "until": "2026-11-24"}
    return await visitor.post(DESK, **{**fields, **changed})


@pytest.mark.parametrize(
    ("email", "status"), [("", 303), ("anna", 403), ("sergey", 403), ("mira", 403), ("vadim", 403), ("olga", 200)]
)
async def test_screens_are_made_by_organisers(site: Site, database: Pool, email: str, status: int) -> None:
    visitor = await site.visitor(signed_in=f"{email}@veche.example" if email else "")
    number = await screen(database)
    assert (await visitor.get(DESK)).status == status
    assert (await visitor.get(f"{DESK}/{number}/sheet")).status == status
    await made(visitor, database)
    await visitor.post(f"{DESK}/{number}/revoke")
    assert await database.fetchval("select count(*) from screen") == (2 if status == 200 else 1)
    revoked = await database.fetchval("select revoked_at from screen where id = $1", number)
    assert (revoked is not None) is (status == 200)


async def test_an_address_is_shown_again_and_again_until_it_is_closed(
    site: Site, visitor: Visitor, database: Pool
) -> None:
    olga = await site.visitor(signed_in="olga@veche.example")
    assert (await made(olga, database)).status == 303
    number = await database.fetchval("select id from screen")
    here = address(site, number)
    for _ in range(2):
        page = await olga.read(DESK)
        assert here in page
        assert address(site, number, HALL) in page
    assert (await visitor.get(here)).status == 200
    assert (await olga.post(f"{DESK}/{number}/revoke")).status == 303
    assert here not in await olga.read(DESK)
    assert (await visitor.get(here)).status == 410
    done = await database.fetch("select what from change where subject = $1 order by id", f"screen:{number}")
    assert [row["what"] for row in done] == ["screen.add", "screen.revoke"]


async def test_a_wrong_form_comes_back_with_what_was_typed(site: Site, database: Pool) -> None:
    olga = await site.visitor(signed_in="olga@veche.example")
    answer = await made(olga, database, until="2020-01-01", name="Левое <фойе>")
    page = await answer.text()
    assert answer.status == 422
    assert "Левое &lt;фойе&gt;" in page
    assert 'id="until-wrong"' in page
    assert await database.fetchval("select count(*) from screen") == 0


async def test_a_form_sent_twice_makes_one_screen(site: Site, database: Pool) -> None:
    olga = await site.visitor(signed_in="olga@veche.example")
    for _ in range(2):
        answer = await made(olga, database, form_key="8f5a2c0e-6a7e-4b0c-9a55-0d2f9e5f2b11")
        assert answer.status == 303
    assert await database.fetchval("select count(*) from screen") == 1


async def test_the_sheet_has_the_code_and_the_address_in_letters(site: Site, database: Pool) -> None:
    olga = await site.visitor(signed_in="olga@veche.example")
    number = await screen(database, "qr")
    page = await olga.read(f"{DESK}/{number}/sheet")
    assert 'class="qr"' in page
    assert address(site, number, HALL) in page
    assert (await olga.get(f"{DESK}/{await screen(database, 'next')}/sheet")).status == 404
