"""The conference, its channels and the pass, over HTTP."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from realtime import passes
from sql.connection import Pool
from tests.conferences.stage import remembering
from tests.web.site import NOW, Site, Visitor

LIVE = re.compile(r'<script type="application/json" id="live">(.*?)</script>', re.DOTALL)

REHEARSAL = 'class="rehearsal"'  # the sentence above each page


async def test_the_only_conference_is_the_front_page(visitor: Visitor) -> None:
    answer = await visitor.get("/")
    assert (answer.status, answer.headers["Location"]) == (302, "/c/school")


async def test_several_conferences_are_a_list(visitor: Visitor, database: Pool) -> None:
    await database.execute(
        "insert into conference (slug, name, tagline, about, zone, languages, language, starts_on, ends_on,"
        " published_at) select 'other', name, tagline, about, zone, languages, language, starts_on, ends_on, now()"
        " from conference"
    )
    page = await visitor.read("/")
    assert 'href="/c/school"' in page
    assert 'href="/c/other"' in page


async def test_an_empty_house_says_so(visitor: Visitor, database: Pool) -> None:
    await database.execute("delete from conference")
    assert "/c/" not in await visitor.read("/")


async def test_the_schedule_is_open_to_everybody_in_the_zone_of_the_conference(visitor: Visitor) -> None:
    page = await visitor.read("/c/school", headers={"Accept-Language": "ru"})
    assert "10:00–11:00" in page
    assert "Москва, UTC+3" in page
    assert "Идёт" in page
    assert "понедельник, 23 ноября" in page
    assert "вторник, 24 ноября" in page


async def test_a_text_without_ones_language_comes_in_another(visitor: Visitor) -> None:
    page = await visitor.read("/c/school", headers={"Accept-Language": "kk"})
    assert "Мектеп" in page
    assert "Идёт" in page
    assert "{'ru'" not in page


async def test_who_asks_for_no_language_gets_the_conferences(visitor: Visitor) -> None:
    assert '<html lang="kk"' in await visitor.read("/c/school", headers={"Accept-Language": "de"})
    assert '<html lang="en"' in await visitor.read("/c/school", headers={"Accept-Language": "de,en;q=0.1"})


async def test_what_organisers_write_never_becomes_markup(visitor: Visitor) -> None:
    answer = await visitor.get("/c/school", headers={"Accept-Language": "en"})
    page = await answer.text()
    assert "<b>Speaker</b>" not in page
    assert "&lt;b&gt;Speaker" in page


@pytest.mark.parametrize("path", ["/c/nowhere", "/c/nowhere/main", "/c/school/nowhere", "/c/SCHOOL", "/c/a%00b", "/c/"])
async def test_an_unknown_address_is_a_page_that_leads_on(anna: Visitor, path: str) -> None:
    answer = await anna.get(path)
    page = await answer.text()
    assert answer.status == 404
    assert answer.headers["X-Refusal"].endswith(".unknown")
    assert "Anna" in page, "an error page still knows its reader"
    assert 'class="button"' in page


async def test_without_a_role_the_channels_stay_closed(site: Site) -> None:
    vadim = await site.visitor(signed_in="vadim@veche.example")
    page = await vadim.get("/c/school/main")
    assert (page.status, page.headers["X-Refusal"]) == (403, "conference.closed")
    assert 'href="/c/school"' in await page.text()
    given = await vadim.get("/c/school/main/pass")
    assert given.status == 403
    assert (await given.json())["code"] == "conference.closed"


async def test_signed_out_a_script_is_told_in_its_own_language(visitor: Visitor) -> None:
    answer = await visitor.get("/c/school/main/pass", headers={"Accept-Language": "en"})
    assert answer.status == 401
    assert answer.content_type == "application/json"
    assert await answer.json() == {"code": "person.unknown", "text": "Sign in to continue."}
    unknown = await visitor.get("/c/nowhere/main/pass")
    assert (unknown.status, (await unknown.json())["code"]) == (404, "conference.unknown")


@pytest.mark.parametrize(
    ("email", "may", "badge"),
    [
        ("anna", ["say"], ""),
        ("sergey", ["say"], "speaker"),
        ("mira", ["moderate", "say"], "moderator"),
        ("olga", ["moderate", "say"], "organiser"),
    ],
)
async def test_the_channel_page_hands_over_the_door_to_its_chat(
    site: Site, database: Pool, email: str, may: list[str], badge: str
) -> None:
    visitor = await site.visitor(signed_in=f"{email}@veche.example")
    found = LIVE.search(await visitor.read("/c/school/main"))
    assert found
    live = json.loads(found[1])
    channel = await database.fetchval("select id from channel where slug = 'main'")
    conference = await database.fetchval("select id from conference")
    assert live["url"] == site.settings.realtime_url
    assert live["room"] == f"chat:{channel}"
    assert (live["name"], live["badge"], live["may"]) == (email.title(), badge, may)
    shown = passes.verify(live["token"], secret=site.settings.secret, now=NOW.timestamp())
    assert shown.user == live["user"]
    assert shown.rooms == {
        f"chat:{channel}": frozenset(may),
        f"questions:{channel}": frozenset(may),
        f"announcements:{conference}": frozenset(may) if "moderate" in may else frozenset(),
        f"inbox:{live['user']}": frozenset({"say"}),
    }
    assert shown.badge == badge
    fresh = await (await visitor.get(live["pass_url"])).json()
    assert fresh["expires"] == (NOW + timedelta(seconds=passes.LIFE)).timestamp()
    another = passes.verify(fresh["token"], secret=site.settings.secret, now=NOW.timestamp())
    assert replace(another, issued=shown.issued) == shown


async def test_what_is_not_public_is_there_for_its_team_which_is_told_so(site: Site, database: Pool) -> None:
    olga = await site.visitor(signed_in="olga@veche.example")
    team = ("mira@veche.example", "sergey@veche.example", "olga@veche.example")
    paths = ("/c/school", "/c/school/main", "/c/school/main/chat", "/c/school/schedule", "/c/school/my")
    for path in paths:
        assert REHEARSAL not in await olga.read(path)
    await database.execute("update conference set published_at = null")
    for email in ("", "anna@veche.example", "vadim@veche.example", *team):
        visitor = await site.visitor(signed_in=email)
        for path in paths:
            assert (await visitor.get(path)).status == (200 if email in team else 404), (email, path)
            assert (REHEARSAL in await (await visitor.get(path)).text()) is (email in team), (email, path)
        assert "/c/school" not in await visitor.read("/")
    moderator, speaker = [await site.visitor(signed_in=email) for email in team[:2]]
    assert REHEARSAL in await moderator.read("/c/school/moderate")
    assert REHEARSAL in await speaker.read("/c/school/speak")


async def test_what_is_on_may_be_said_by_hand(anna: Visitor, database: Pool) -> None:
    await database.execute("update channel set by_hand = true where slug = 'main'")
    assert "Сейчас никто не выступает" in await anna.read("/c/school/main")
    await database.execute(
        "update channel set on_air_id = (select id from session where title->>'ru' = 'Дальше') where slug = 'main'"
    )
    page = await anna.read("/c/school/main")
    assert "<h2>Дальше</h2>" in page
    assert "<h2>Идёт</h2>" not in page


async def test_a_name_cannot_break_out_of_the_page(site: Site, database: Pool) -> None:
    name = "</script><script>alert(1)</script>"
    await database.execute("update person set name = $1 where email = 'anna@veche.example'", name)
    anna = await site.visitor(signed_in="anna@veche.example")
    raw = await (await anna.get("/c/school/main")).text()
    assert "<script>alert" not in raw
    found = LIVE.search(raw)
    assert found
    assert json.loads(unescape(found[1]))["name"] == name


async def test_the_channel_page_shows_what_is_on_and_what_comes_next(anna: Visitor) -> None:
    page = await anna.read("/c/school/main")
    assert "Идёт" in page
    assert "Дальше" in page
    assert "Завтра" not in page


async def test_a_portrait_is_a_picture_that_can_do_nothing(visitor: Visitor, database: Pool) -> None:
    speaker = await database.fetchval("select id from speaker")
    answer = await visitor.get(f"/portraits/{speaker}.svg")
    assert answer.content_type == "image/svg+xml"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "max-age" in answer.headers["Cache-Control"]
    again = await visitor.get(f"/portraits/{speaker}.svg", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304
    for unknown in ("0", "999999", "-1", "99999999999999999999", "x"):
        assert (await visitor.get(f"/portraits/{unknown}.svg")).status == 404


async def test_the_card_has_what_grows_old_of_a_channels_page_and_nothing_else(
    site: Site, anna: Visitor, visitor: Visitor
) -> None:
    page, card = await anna.read("/c/school/main"), await anna.read("/c/school/main/card")
    for part in ('id="now"', 'id="stage-words"', 'id="channels"', "Идёт"):
        assert part in page
        assert part in card
    assert 'id="card-' in card, "and the session that comes next"
    assert "<live-chat" not in card
    assert len(card) < 5_000
    assert json.loads(LIVE.findall(page)[0])["card_url"] == "/c/school/main/card"
    assert (await visitor.get("/c/school/main/card")).status in (303, 401)
    vadim = await site.visitor(signed_in="vadim@veche.example")
    assert (await vadim.get("/c/school/main/card")).status == 403


async def test_the_schedule_is_read_once_a_second_and_whoever_runs_it_sees_it_at_once(
    site: Site, anna: Visitor, database: Pool
) -> None:
    clock, olga = remembering(site), await site.visitor(signed_in="olga@veche.example")
    assert "Идёт" in await anna.read("/c/school/main/card")
    await database.execute("update channel set by_hand = true, on_air_id = null")
    assert "Идёт" in await anna.read("/c/school/main/card")
    await database.execute("update session set title = jsonb_build_object('ru', 'Новое имя')")
    assert "Идёт" not in await olga.read("/c/school/main/card")
    assert "Новое имя" in await olga.read("/c/school/main/card")
    clock.a_second_passes()
    later = await anna.read("/c/school/main/card")
    assert "Новое имя" in later
    assert 'data-session="0"' in later
