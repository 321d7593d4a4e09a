"""The desk of the landing page over HTTP: blocks are written, ordered and deleted, and nobody overwrites anybody."""

import re
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientResponse
from PIL import Image

from sql.connection import Pool
from tests.conferences.test_landing import lay
from tests.web.site import TOKEN, Site, Visitor
from web.conferences.landing_rules import KINDS

DESK = "/desk/school/landing"
TEXT = {"body": {"en": "Words"}, "title": {"en": "Heading"}}


@pytest.fixture
async def olga(site: Site, database: Pool) -> Visitor:
    """A browser in which the organiser has signed in, who reads English."""
    await database.execute("update person set language = 'en' where name = 'Olga'")
    return await site.visitor(signed_in="olga@veche.example")


async def blocks(database: Pool) -> list[tuple[str, dict[str, Any]]]:
    rows = await database.fetch("select kind, content from landing_block order by position")
    return [(row["kind"], row["content"]) for row in rows]


async def order(database: Pool) -> list[int]:
    return [row["id"] for row in await database.fetch("select id from landing_block order by position")]


async def changes(database: Pool) -> list[str]:
    return [row["what"] for row in await database.fetch("select what from change order by id")]


async def test_the_desk_is_for_organisers_alone(site: Site, database: Pool) -> None:
    (number,) = await lay(database, ("text", TEXT))
    for email, status in (("", 303), ("anna@veche.example", 403), ("mira@veche.example", 403)):
        visitor = await site.visitor(signed_in=email)
        for path in (DESK, f"{DESK}/{number}", f"{DESK}/new/text", f"{DESK}/preview"):
            assert (await visitor.get(path)).status == status, (email, path)
        for path in (f"{DESK}/begin", f"{DESK}/{number}/delete", f"{DESK}/theme", f"{DESK}/order", f"{DESK}/preview"):
            assert (await visitor.post(path, theme="river", order="", was="")).status == status, (email, path)
    assert await blocks(database) == [("text", TEXT)]


async def test_a_form_from_elsewhere_changes_nothing(olga: Visitor, database: Pool) -> None:
    (number,) = await lay(database, ("text", TEXT))
    for path in (f"{DESK}/{number}", f"{DESK}/{number}/delete", f"{DESK}/{number}/hide", f"{DESK}/new/faq"):
        assert (await olga.post(path, csrf="", hidden="yes")).status == 403
    assert await blocks(database) == [("text", TEXT)]


async def test_the_page_that_is_there_by_itself_is_taken_as_a_start_once(olga: Visitor, database: Pool) -> None:
    assert "The page is made by itself so far" in await olga.read(DESK)
    for _ in range(2):
        assert (await olga.post(f"{DESK}/begin")).status == 303
    assert [kind for kind, _ in await blocks(database)] == ["hero", "text", "speakers", "programme"]


async def test_a_block_is_added_by_a_form_and_once_though_it_is_sent_twice(olga: Visitor, database: Pool) -> None:
    assert "What taking part costs" in await olga.read(DESK)
    form = {
        **await olga.hidden(f"{DESK}/new/prices"),
        "rows-0-name-en": "Two days",
        "rows-0-price-en": "10 ₸",
        "rows-0-address": "tickets.example/buy",
    }
    for _ in range(2):
        answer = await olga.post(f"{DESK}/new/prices", **form)
        assert (answer.status, answer.headers["Location"]) == (303, f"{DESK}?said=added")
    row = {"name": {"en": "Two days"}, "price": {"en": "10 ₸"}, "address": "https://tickets.example/buy"}
    assert await blocks(database) == [("prices", {"rows": [row]})]
    assert await changes(database) == ["landing.add"]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_block_has_its_form_empty_and_full(olga: Visitor, database: Pool, kind: str) -> None:
    assert 'id="save"' in await olga.read(f"{DESK}/new/{kind}")
    (number,) = await lay(database, (kind, {"rows": [{}]} if KINDS[kind].rows else {}))
    page = await olga.read(f"{DESK}/{number}")
    names = [one.name for one in KINDS[kind].fields] + [f"rows-0-{one.name}" for one in KINDS[kind].rows]
    assert all(f'id="{name}' in page for name in names)


async def test_what_is_on_a_page_once_is_not_added_again(olga: Visitor, database: Pool) -> None:
    await lay(database, ("hero", {}))
    assert f'href="{DESK}/new/hero"' not in await olga.read(DESK)
    assert (await olga.get(f"{DESK}/new/hero")).status == 409
    answer = await olga.post(f"{DESK}/new/hero", **{"title-en": "Second"})
    page = await answer.text()
    assert (answer.status, answer.headers["X-Refusal"]) == (409, "landing.twin")
    assert 'value="Second"' in page, "what was typed is offered as a change of the one that is there"
    (number,) = await order(database)
    assert f'action="{DESK}/{number}"' in page
    assert await blocks(database) == [("hero", {})]
    assert (await olga.get(f"{DESK}/new/slideshow")).status == 404


async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(olga: Visitor, database: Pool) -> None:
    form = {"title-ru": "Партнёры", "rows-0-name-en": "Friend", "rows-0-address": "javascript:alert(1)"}
    answer = await olga.post(f"{DESK}/new/partners", **form)
    page = await answer.text()
    assert (answer.status, answer.headers["X-Refusal"]) == (422, "form.wrong")
    assert 'href="#rows-0-address"' in page
    assert re.search(r'id="rows-0-address"[^>]*value="javascript:alert\(1\)"[^>]*aria-invalid="true"', page)
    assert 'id="rows-0-address-wrong"' in page
    assert 'value="Партнёры"' in page
    assert await blocks(database) == []


async def test_a_block_is_changed_and_the_change_is_written_down(olga: Visitor, database: Pool) -> None:
    (number,) = await lay(database, ("text", TEXT))
    assert 'value="Heading"' in await olga.read(f"{DESK}/{number}")
    await olga.edit(f"{DESK}/{number}", **{"title-en": "New", "body-en": "Words", "title-kk": "Жаңа"})
    assert await blocks(database) == [("text", {"title": {"en": "New", "kk": "Жаңа"}, "body": {"en": "Words"}})]
    row = await database.fetchrow("select what, subject, before, after from change")
    assert row
    assert (row["what"], row["subject"]) == ("landing.change", f"block:{number}")
    assert row["before"] == {"content": TEXT}
    assert row["after"]["content"]["title"]["en"] == "New"


async def test_two_organisers_do_not_write_over_each_other(site: Site, olga: Visitor, database: Pool) -> None:
    await database.execute(
        "insert into role select id, (select id from person where name = 'Anna'), 'organiser' from conference"
    )
    anna = await site.visitor(signed_in="anna@veche.example", headers={"Accept-Language": "en"})
    (number,) = await lay(database, ("text", TEXT))
    opened = await olga.hidden(f"{DESK}/{number}")
    first = await anna.edit(f"{DESK}/{number}", **{"title-en": "Anna's", "title-ru": "Анна", "body-en": "Words"})
    assert first.status == 303
    mine = {"title-en": "Olga's", "body-en": "Olga's words"}
    answer = await olga.post(f"{DESK}/{number}", **opened, **mine)
    page = await answer.text()
    assert (answer.status, answer.headers["X-Refusal"]) == (409, "form.crossed")
    assert "Anna saved changes here while this form was open" in page
    assert 'value="Olga&#39;s"' in page, "what was typed is kept"
    assert "<q>Anna&#39;s</q>" in page, "and compared with what is saved"
    assert 'id="body-en-theirs"' not in page, "what she alone changed is nothing to be asked about"
    assert 'value="Анна"' in page, "nor is what only Anna changed"
    assert (await blocks(database))[0][1]["title"] == {"en": "Anna's", "ru": "Анна"}
    shown = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page))
    again = await olga.post(f"{DESK}/{number}", **shown, **mine, **{"title-ru": "Анна"})
    assert again.status == 303
    assert (await blocks(database))[0][1]["title"] == {"en": "Olga's", "ru": "Анна"}


async def test_the_same_form_sent_twice_is_no_quarrel(olga: Visitor, database: Pool) -> None:
    (number,) = await lay(database, ("text", TEXT))
    form = {**await olga.hidden(f"{DESK}/{number}"), "title-en": "New"}
    for _ in range(2):
        assert (await olga.post(f"{DESK}/{number}", **form)).status == 303
    assert await changes(database) == ["landing.change"]


async def test_words_for_a_block_that_somebody_deleted_become_a_new_one(olga: Visitor, database: Pool) -> None:
    (number,) = await lay(database, ("text", TEXT))
    await database.execute("delete from landing_block")
    answer = await olga.post(f"{DESK}/{number}", **{"kind": "text", "title-en": "Mine"})
    page = await answer.text()
    assert answer.status == 409
    assert "Somebody deleted this block meanwhile" in page
    assert 'value="Mine"' in page
    assert f'action="{DESK}/new/text"' in page
    assert (await olga.post(f"{DESK}/{number}")).status == 404


async def test_rows_are_moved_by_buttons_without_saving(olga: Visitor, database: Pool) -> None:
    rows = [{"question": {"en": "One?"}}, {"question": {"en": "Two?"}}]
    (number,) = await lay(database, ("faq", {"rows": rows}))
    form = {"rows-0-question-en": "One?", "rows-1-question-en": "Two?"}

    async def typed(act: str) -> list[str]:
        page = await (await olga.post(f"{DESK}/{number}", **form, act=act)).text()
        return re.findall(r'id="rows-\d-question-en"[^>]*value="([^"]*)"', page)

    assert await typed("down:0") == ["Two?", "One?"]
    assert await typed("more") == ["One?", "Two?", ""]
    assert await typed("drop:0") == ["Two?"]
    assert await blocks(database) == [("faq", {"rows": rows})]


async def test_blocks_are_ordered_by_a_button_and_by_a_whole_order(olga: Visitor, database: Pool) -> None:
    one, two, three = await lay(database, ("hero", {}), ("speakers", {}), ("programme", {}))
    was = f"{one},{two},{three}"
    await olga.post(f"{DESK}/order", was=was, move=f"{three}:up")
    assert await order(database) == [one, three, two]
    await olga.post(f"{DESK}/order", was=f"{one},{three},{two}", order=f"{two},{one},{three}")
    assert await order(database) == [two, one, three]
    assert await changes(database) == ["landing.order", "landing.order"]


async def test_a_number_that_is_none_orders_nothing(olga: Visitor, database: Pool) -> None:
    (number,) = await lay(database, ("faq", {"rows": [{"question": {"en": "Why?"}, "answer": {"en": "So."}}]}))
    endless = "9" * 5000
    answer = await olga.post(f"{DESK}/order", was=str(number), move=f"{endless}:up")
    assert answer.status == 409
    answer = await olga.post(f"{DESK}/{number}", act=f"up:{endless}")
    assert answer.status == 200
    assert await order(database) == [number]


async def test_an_order_of_blocks_as_they_were_is_refused_and_shown_anew(olga: Visitor, database: Pool) -> None:
    one, two, three = await lay(database, ("hero", {}), ("speakers", {}), ("programme", {}))
    was = f"{one},{two},{three}"
    await olga.post(f"{DESK}/order", was=was, order=f"{three},{two},{one}")
    late = await olga.post(f"{DESK}/order", was=was, order=f"{two},{one},{three}")
    assert (late.status, late.headers["X-Refusal"]) == (409, "landing.changed")
    assert f'name="was" value="{three},{two},{one}"' in await late.text()
    for nonsense in (f"{one},{two}", f"{one},{one},{two}", "", "x", f"{one},{two},{three},999999"):
        await olga.post(f"{DESK}/order", was=f"{three},{two},{one}", order=nonsense)
    assert await order(database) == [three, two, one]


async def test_a_block_is_hidden_and_shown(olga: Visitor, visitor: Visitor, database: Pool) -> None:
    (_, number) = await lay(database, ("hero", {}), ("text", {"body": {"en": "Secret words"}}))
    await olga.post(f"{DESK}/{number}/hide", hidden="yes")
    assert "Secret words" not in await visitor.read("/c/school")
    assert "Hidden" in await olga.read(DESK)
    await olga.post(f"{DESK}/{number}/hide", hidden="no")
    assert "Secret words" in await visitor.read("/c/school")
    assert await changes(database) == ["landing.hide", "landing.hide"]


async def test_a_deleted_block_is_put_back_where_it_was_and_once(olga: Visitor, database: Pool) -> None:
    numbers = await lay(database, ("hero", {}), ("text", TEXT), ("programme", {}))
    gone = await olga.post(f"{DESK}/{numbers[1]}/delete")
    assert gone.headers["Location"] == f"{DESK}?gone={numbers[1]}"
    assert await order(database) == [numbers[0], numbers[2]]
    assert f'action="{DESK}/{numbers[1]}/restore"' in await olga.read(gone.headers["Location"])
    for _ in range(2):
        assert (await olga.post(f"{DESK}/{numbers[1]}/restore")).status == 303
    assert await order(database) == numbers
    assert (await blocks(database))[1] == ("text", TEXT)
    assert await changes(database) == ["landing.delete", "landing.restore"]
    assert (await olga.post(f"{DESK}/{numbers[1]}/delete")).status == 303
    assert (await olga.post(f"{DESK}/999999/restore")).status == 404


async def test_another_conferences_blocks_are_out_of_reach(olga: Visitor, database: Pool) -> None:
    other = await database.fetchval(
        "insert into conference (slug, name, tagline, about, zone, languages, language, starts_on, ends_on)"
        " select 'other', name, tagline, about, zone, languages, language, starts_on, ends_on"
        " from conference returning id"
    )
    theirs = await database.fetchval(
        "insert into landing_block (conference_id, position, kind, content) values ($1, 1, 'text', $2) returning id",
        other,
        TEXT,
    )
    assert (await olga.get(f"{DESK}/{theirs}")).status == 404
    await olga.post(f"{DESK}/{theirs}", **{"title-en": "Mine"})
    await olga.post(f"{DESK}/{theirs}/delete")
    await olga.post(f"{DESK}/{theirs}/hide", hidden="yes")
    row = await database.fetchrow("select content, hidden from landing_block where id = $1", theirs)
    assert row
    assert (row["content"], row["hidden"]) == (TEXT, False)


async def test_a_theme_is_chosen_and_no_other_than_those_offered(olga: Visitor, database: Pool) -> None:
    assert (await olga.post(f"{DESK}/theme", theme="river")).status == 303
    assert await database.fetchval("select theme from conference") == "river"
    assert (await olga.post(f"{DESK}/theme", theme="neon")).status == 422
    assert await changes(database) == ["conference.theme"]


async def test_the_preview_is_the_real_page_with_what_is_not_saved(olga: Visitor, database: Pool) -> None:
    first, _ = await lay(database, ("text", TEXT), ("programme", {}))
    typed = {"kind": "text", "block": str(first), "title-en": "Not saved", "body-en": "yet", "shown": "en"}
    answer = await olga.post(f"{DESK}/preview", **typed, theme="steppe")
    page = await answer.text()
    assert page.index("Not saved") < page.index('id="programme"'), "it stands where the block stands"
    assert 'data-look="steppe"' in page
    assert f'id="text-{first}"' in page
    new = await (await olga.post(f"{DESK}/preview", **{**typed, "block": ""})).text()
    assert new.index("Not saved") > new.index('id="programme"')
    assert "Heading" in new
    assert await blocks(database) == [("text", TEXT), ("programme", {})]


async def test_the_preview_stands_in_our_pages_alone_and_runs_nothing(olga: Visitor, visitor: Visitor) -> None:
    answer = await olga.get(f"{DESK}/preview?shown=kk")
    page = await answer.text()
    assert '<html lang="kk"' in page
    assert "<script" not in page
    assert '<base target="_blank">' in page
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    desk = await olga.get(DESK)
    assert "frame-src 'self'" in desk.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in desk.headers["Content-Security-Policy"]
    assert desk.headers["X-Frame-Options"] == "DENY"
    public = await visitor.get("/c/school")
    assert "frame-ancestors 'none'" in public.headers["Content-Security-Policy"]


async def test_a_picture_is_sent_with_the_form_and_one_that_is_none_is_refused(olga: Visitor, database: Pool) -> None:
    good = await upload(olga, drawing())
    assert good.status == 303
    ((_, content),) = await blocks(database)
    assert await database.fetchval("select count(*) from picture where digest = $1", content["picture"]) == 1
    bad = await upload(olga, b"<svg onload='alert(1)'/>")
    assert bad.status == 422
    assert 'id="picture-wrong"' in await bad.text()


def drawing() -> bytes:
    """A small picture, as a camera's file."""
    file = BytesIO()
    Image.new("RGB", (64, 40), "#bf2f17").save(file, "PNG")
    return file.getvalue()


async def upload(visitor: Visitor, file: bytes) -> ClientResponse:
    token = TOKEN.search(await visitor.read(DESK))
    assert token
    form = aiohttp.FormData({"csrf": token[1], "picture": "", "title-en": "With a picture"})
    form.add_field("picture-file", file, filename="one.png", content_type="image/png")
    return await visitor.ask("POST", f"{DESK}/new/text", data=form)
