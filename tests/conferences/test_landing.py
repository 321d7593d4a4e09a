"""The landing page over HTTP: what blocks become, in whose language, and what they can never become."""

import re
from html import unescape
from typing import Any

import pytest

from sql.connection import Pool
from tests.web.site import Visitor

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><b>"
DIGEST = "0123456789abcdef0123456789abcdef"
ENGLISH = {"Accept-Language": "en"}


async def lay(database: Pool, *blocks: tuple[str, dict[str, Any]], hidden: tuple[int, ...] = ()) -> list[int]:
    """Put these blocks on the page of the school; their numbers."""
    return [
        await database.fetchval(
            "insert into landing_block (conference_id, position, kind, content, hidden)"
            " select id, $1, $2, $3, $4 from conference returning id",
            place,
            kind,
            content,
            place in hidden,
        )
        for place, (kind, content) in enumerate(blocks, start=1)
    ]


async def picture(database: Pool) -> None:
    await database.execute(
        "insert into picture (conference_id, digest, type, width, height, bytes)"
        " select id, $1, 'image/png', 640, 360, 'x' from conference",
        DIGEST,
    )


def places(page: str) -> list[str]:
    """The sections of the page that have a name, from top to bottom."""
    return re.findall(r'<section class="(?:block|opening)[^"]*" id="([a-z]+)', page)


async def test_a_conference_that_nobody_laid_out_has_a_page_all_the_same(visitor: Visitor) -> None:
    page = await visitor.read("/c/school", headers=ENGLISH)
    assert places(page) == ["hero", "text", "speakers", "programme"]
    assert "<h1>School</h1>" in page
    assert "About the conference" in page


async def test_blocks_stand_in_their_order_and_hidden_ones_are_not_there(visitor: Visitor, database: Pool) -> None:
    words = {"body": {"en": "Words"}, "title": {"en": "Heading"}}
    await lay(database, ("faq", ROWS), ("hero", {}), ("text", {"body": {"en": "Secret"}}), ("text", words), hidden=(3,))
    page = await visitor.read("/c/school", headers=ENGLISH)
    assert places(page) == ["faq", "hero", "text"]
    assert "Secret" not in page


async def test_a_block_with_nothing_to_say_is_left_out(visitor: Visitor, database: Pool) -> None:
    await lay(
        database, ("hero", {}), ("text", {}), ("prices", {"title": {"en": "Prices"}}), ("partners", {}), ("faq", {})
    )
    assert places(await visitor.read("/c/school")) == ["hero"]
    await database.execute("delete from speaker")
    await lay_more(database, 9, "speakers")
    assert places(await visitor.read("/c/school")) == ["hero"]


async def lay_more(database: Pool, place: int, kind: str) -> None:
    await database.execute(
        "insert into landing_block (conference_id, position, kind) select id, $1, $2 from conference", place, kind
    )


async def test_a_page_without_an_opening_still_has_its_heading(visitor: Visitor, database: Pool) -> None:
    await lay(database, ("text", {"body": {"en": "Words"}}))
    page = await visitor.read("/c/school", headers=ENGLISH)
    assert page.count("<h1") == 1
    assert '<h1 class="unseen">School</h1>' in page


async def test_words_come_in_the_readers_language_and_else_in_the_conferences(visitor: Visitor, database: Pool) -> None:
    await lay(database, ("hero", {"title": {"kk": "Атауы", "ru": "Название"}, "lead": {"ru": "Только по-русски"}}))
    assert "<h1>Название</h1>" in await visitor.read("/c/school", headers={"Accept-Language": "ru"})
    english = await visitor.read("/c/school", headers=ENGLISH)
    assert "<h1>Атауы</h1>" in english, "the conference's own language is Kazakh"
    assert "Только по-русски" in english


ROWS: dict[str, Any] = {"rows": [{"question": {"en": "Why?"}, "answer": {"en": "Because.\n\n- one\n- two"}}]}


async def test_answers_unfold_and_their_markdown_is_drawn(visitor: Visitor, database: Pool) -> None:
    await lay(database, ("faq", ROWS))
    page = await visitor.read("/c/school", headers=ENGLISH)
    assert re.search(r"<details[^>]*>\s*<summary><h3>Why\?</h3></summary>\s*<div[^>]*><p>Because\.</p>\n<ul>", page)


async def test_nothing_that_organisers_write_becomes_markup(visitor: Visitor, database: Pool) -> None:
    evil = {"en": EVIL}
    link = "javascript:alert(1)"
    await lay(
        database,
        ("hero", {"title": evil, "lead": evil, "button": evil, "address": link, "picture": EVIL}),
        ("text", {"title": evil, "body": {"en": f"{EVIL}\n\n[press]({link}) ![x]({link})"}}),
        ("speakers", {"title": evil, "lead": evil}),
        ("programme", {"title": evil, "lead": evil}),
        ("prices", {"title": evil, "rows": [{"name": evil, "price": evil, "about": evil, "address": link}]}),
        ("partners", {"rows": [{"name": evil, "address": link, "picture": "../../evil"}]}),
        ("faq", {"rows": [{"question": evil, "answer": {"en": f"<{link}> {EVIL}"}}]}),
    )
    answer = await visitor.get("/c/school", headers=ENGLISH)
    page = await answer.text()
    assert len(places(page)) == 7
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert not re.search(r'(?:href|src)="\s*(?:javascript|\.\.)', unescape(page))
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


async def test_links_of_organisers_lead_where_they_say(visitor: Visitor, database: Pool) -> None:
    await lay(
        database,
        ("hero", {"button": {"en": "Buy"}, "address": "https://tickets.example/a?b=1&c=2"}),
        ("prices", {"rows": [{"name": {"en": "One day"}, "price": {"en": "10 ₸"}, "address": "/buy"}]}),
        ("partners", {"rows": [{"name": {"en": "Friend"}, "address": "https://friend.example"}]}),
    )
    page = await visitor.read("/c/school", headers=ENGLISH)
    for address in ("https://tickets.example/a?b=1&c=2", "/buy", "https://friend.example"):
        assert f'href="{address}"' in page


async def test_pictures_have_a_size_before_they_come(visitor: Visitor, database: Pool) -> None:
    await picture(database)
    await lay(
        database,
        ("hero", {"picture": DIGEST}),
        ("text", {"picture": DIGEST}),
        ("partners", {"rows": [{"name": {"en": "Friend"}, "picture": DIGEST}]}),
    )
    page = await visitor.read("/c/school", headers=ENGLISH)
    drawn = re.findall(rf'<img[^>]*src="/pictures/{DIGEST}"[^>]*>', page)
    assert len(drawn) == 3
    assert all('width="640" height="360"' in one for one in drawn)
    assert 'alt="Friend"' in drawn[2]


async def test_the_programme_is_the_released_one_and_leads_to_the_rest(visitor: Visitor) -> None:
    page = await visitor.read("/c/school", headers={"Accept-Language": "ru"})
    assert "10:00–11:00" in page
    assert "понедельник, 23 ноября" in page
    assert 'href="/c/school/schedule"' in page
    assert (await visitor.get("/c/school/schedule")).status == 200


async def test_without_a_schedule_the_programme_says_that_it_is_being_made(visitor: Visitor, database: Pool) -> None:
    await database.execute("delete from release")
    page = await visitor.read("/c/school", headers=ENGLISH)
    assert "The schedule is being made" in page
    assert 'href="/c/school/schedule"' not in page


async def test_what_is_on_is_the_first_door(visitor: Visitor, database: Pool) -> None:
    page = await visitor.read("/c/school", headers=ENGLISH)
    assert re.search(r'<p class="opening-doors">\s*<a class="button" href="/c/school/main">', page)
    await database.execute("delete from release")
    assert "opening-doors" not in await visitor.read("/c/school", headers=ENGLISH)


async def test_a_page_tells_other_sites_what_it_is(visitor: Visitor, database: Pool) -> None:
    await picture(database)
    await lay(database, ("hero", {"lead": {"en": 'Two "days" & more'}, "picture": DIGEST}))
    raw = await (await visitor.get("/c/school", headers=ENGLISH)).text()
    assert '<meta name="description" content="Two &#34;days&#34; &amp; more">' in raw
    found = dict(re.findall(r'<meta property="og:([a-z:_]+)" content="([^"]*)">', raw))
    assert found["title"] == "School"
    assert found["url"].endswith("/c/school")
    assert found["image"].endswith(f"/pictures/{DIGEST}")
    assert found["url"].startswith("http")


@pytest.mark.parametrize("theme", ["paper", "steppe", "birch", "river"])
async def test_a_conference_looks_as_it_was_told(visitor: Visitor, database: Pool, theme: str) -> None:
    await database.execute("update conference set theme = $1", theme)
    for path in ("/c/school", "/c/school/schedule"):
        assert f'data-look="{theme}"' in await visitor.read(path)
    assert "data-look" not in await visitor.read("/sign-in")
