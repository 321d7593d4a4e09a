"""A form sent twice, by a double click, going back, an answer that was lost: done once, and said to be done twice."""

import asyncio
import re
from io import BytesIO

import aiohttp
import pytest

from sql.connection import Pool
from tests.conferences.stage import ballots, poll, vote
from tests.web.site import NOW, Site, Visitor

DESK = "/desk/school"
CSV = "title;channel;date;start;end\nНовое;main;24.11.2026;12:00;12:30\nДальше;main;23.11.2026;14:00;15:00\n"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


@pytest.fixture
async def olga(site: Site) -> Visitor:
    """A browser in which the organiser has signed in."""
    return await site.visitor(signed_in="olga@veche.example", headers={"Accept-Language": "ru"})


async def twice(visitor: Visitor, path: str, fields: dict[str, str], *, at_once: bool = False) -> str:
    """Send a form twice; where both lead, which is the same."""
    if at_once:
        answers = await asyncio.gather(*(visitor.post(path, **fields) for _ in range(2)))
    else:
        answers = [await visitor.post(path, **fields) for _ in range(2)]
    assert [one.status for one in answers] == [303, 303]
    first, second = (one.headers["Location"] for one in answers)
    assert first == second
    return first


async def changes(database: Pool) -> list[str]:
    return [row["what"] for row in await database.fetch("select what from change order by id")]


async def shifting(visitor: Visitor, minutes: int) -> dict[str, str]:
    """The form that shifts the main channel, as its page has it."""
    page = await visitor.read(f"{DESK}/now")
    form = page.split(f'action="{DESK}/now/shift"')[1].partition("</form>")[0]
    return {**dict(HIDDEN.findall(form)), "minutes": str(minutes)}


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(
    ("path", "page", "fields", "table"),
    [
        ("channels", "channels", {"name_kk": "Зал"}, "channel"),
        ("speakers", "speakers/new", {"name_kk": "Айгүл"}, "speaker"),
        ("sessions", "sessions/new", {"title_kk": "Сабақ", "language": "kk"}, "session"),
        ("landing/new/hero", "landing/new/hero", {"title-kk": "Қош келдіңіз"}, "landing_block"),
        ("landing/new/text", "landing/new/text", {"title-kk": "Сөз"}, "landing_block"),
        ("people", "people", {"email": "vadim@veche.example", "role_speaker": "on"}, "role"),
    ],
)
async def test_what_is_new_is_made_once(
    olga: Visitor, database: Pool, path: str, page: str, fields: dict[str, str], table: str, at_once: bool
) -> None:
    count = f"select count(*) from {table}"
    before = await database.fetchval(count)
    form = {**await olga.hidden(f"{DESK}/{page}", f"{DESK}/{path}"), **fields}
    assert (await twice(olga, f"{DESK}/{path}", form, at_once=at_once)).endswith("?said=added")
    assert await database.fetchval(count) == before + 1


async def test_gone_back_and_filled_in_otherwise_it_is_another_one(olga: Visitor, database: Pool) -> None:
    form = {**await olga.hidden(f"{DESK}/sessions/new", f"{DESK}/sessions"), "language": "kk"}
    for title in ("Бірінші", "Екінші"):
        assert (await olga.post(f"{DESK}/sessions", **form, title_kk=title)).status == 303
    titles = await database.fetch("select title->>'kk' as title from session order by id desc limit 2")
    assert [row["title"] for row in titles] == ["Екінші", "Бірінші"]


async def test_what_is_deleted_is_deleted(olga: Visitor, database: Pool) -> None:
    await olga.post(f"{DESK}/channels", name_kk="Артық")
    await olga.post(f"{DESK}/speakers", name_kk="Артық")
    await olga.post(f"{DESK}/sessions", title_kk="Артық", language="kk")
    for table in ("channel", "speaker", "session"):
        number = await database.fetchval(f"select max(id) from {table}")
        path = f"{DESK}/{table}s/{number}"
        form = await olga.hidden(path, f"{path}/delete")
        for at_once in (True, False):
            assert (await twice(olga, f"{path}/delete", form, at_once=at_once)).endswith("?said=deleted")
        assert (await olga.get(path)).status == 404
        never = await olga.post(f"{DESK}/{table}s/999999/delete")
        assert never.status == 404, "what never was is not said to be deleted"
    assert [one for one in await changes(database) if one.endswith(".delete")] == [
        *("channel.delete", "speaker.delete", "session.delete")
    ]


async def test_somebody_without_roles_is_gone_and_may_be_sent_away_again(olga: Visitor, database: Pool) -> None:
    anna = await database.fetchval("select id from person where name = 'Anna'")
    path = f"{DESK}/people/{anna}"
    assert (await twice(olga, path, await olga.hidden(f"{DESK}/people", path))).endswith("?said=saved")
    assert await changes(database) == ["person.roles"]


async def test_a_channel_moved_twice_by_one_press_moves_one_place(olga: Visitor, database: Pool) -> None:
    await olga.post(f"{DESK}/channels", name_kk="Үшінші")
    third = await database.fetchval("select max(id) from channel")
    path = f"{DESK}/channels/order"
    form = {**await olga.hidden(f"{DESK}/channels", path), "up": str(third)}
    assert (await twice(olga, path, form)).endswith("?said=ordered")
    order = "select array_agg(slug order by position) from channel"
    assert await database.fetchval(order) == ["main", "ushinshi", "practice"]
    late = await olga.post(path, **{**form, "up": "", "down": str(third)})
    assert late.status == 422
    assert "Порядок тем временем кто-то изменил" in await late.text()
    assert await database.fetchval(order) == ["main", "ushinshi", "practice"]


async def test_a_new_address_saved_twice_leads_to_it_twice(olga: Visitor) -> None:
    fields = {"name_kk": "Мектеп", "slug": "academy", "zone": "Europe/Moscow", "language": "kk", "language_kk": "on"}
    days = {"starts_on": "2026-11-23", "ends_on": "2026-11-24", "theme": "paper"}
    form = {**await olga.hidden(DESK), **fields, **days}
    assert await twice(olga, DESK, form) == "/desk/academy?said=saved"


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_shift_is_made_once_and_taken_back_once(olga: Visitor, database: Pool, at_once: bool) -> None:
    number = "select max(number) from release"
    before = await database.fetchval(number)
    form = await shifting(olga, 10)
    assert await twice(olga, f"{DESK}/now/shift", form, at_once=at_once) == f"{DESK}/now?said=shifted"
    assert await database.fetchval(number) == before + 1
    undo = await olga.hidden(f"{DESK}/now", f"{DESK}/now/undo")
    assert await twice(olga, f"{DESK}/now/undo", undo, at_once=at_once) == f"{DESK}/now?said=unshifted"
    assert await database.fetchval(number) == before + 2
    assert await database.fetchval("select count(*) from outbox where kind = 'schedule.tell'") == 2
    stale = await olga.post(f"{DESK}/now/shift", **form)
    assert stale.status == 422, "it was taken back since: nobody is told that it is shifted"


async def test_a_shift_that_would_not_be_possible_twice_is_no_error_the_second_time(
    olga: Visitor, database: Pool
) -> None:
    form = {**await shifting(olga, -40), "sure": "on"}  # the next one begins in an hour
    assert await twice(olga, f"{DESK}/now/shift", form) == f"{DESK}/now?said=shifted"


async def test_two_organisers_with_the_same_wish_shift_once(site: Site, olga: Visitor, database: Pool) -> None:
    await database.execute(
        "insert into role select id, (select id from person where name = 'Vadim'), 'organiser' from conference"
    )
    vadim = await site.visitor(signed_in="vadim@veche.example")
    mine, theirs = await shifting(olga, 10), await shifting(vadim, 10)
    assert (await olga.post(f"{DESK}/now/shift", **{**mine, "csrf": (await olga.hidden(DESK))["csrf"]})).status == 303
    assert (await vadim.post(f"{DESK}/now/shift", **theirs)).status == 422, "that was not his press: he looks again"


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_release_is_made_once(olga: Visitor, database: Pool, at_once: bool) -> None:
    await database.execute("update session set ends_at = ends_at + interval '5 minutes' where title->>'ru' = 'Завтра'")
    form = await olga.hidden(f"{DESK}/schedule")
    assert await twice(olga, f"{DESK}/schedule", form, at_once=at_once) == f"{DESK}/schedule?said=released"
    assert await database.fetchval("select max(number) from release") == 2


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_file_is_taken_once(olga: Visitor, database: Pool, at_once: bool) -> None:
    upload = aiohttp.FormData(await olga.hidden(f"{DESK}/import"))
    upload.add_field("file", BytesIO(CSV.encode()), filename="a.csv", content_type="text/csv")
    page = await (await olga.ask("POST", f"{DESK}/import", data=upload)).text()
    taking = page.split(f'action="{DESK}/import/take"')[1].partition("</form>")[0]
    form = dict(HIDDEN.findall(taking))
    assert await twice(olga, f"{DESK}/import/take", form, at_once=at_once) == f"{DESK}/schedule?said=imported"
    assert await database.fetchval("select count(*) from session") == 4
    assert await changes(database) == ["session.set", "schedule.import"]


async def test_what_is_on_is_said_once(olga: Visitor, database: Pool) -> None:
    session = await database.fetchval("select id from session where title->>'ru' = 'Дальше'")
    form = {**await olga.hidden(f"{DESK}/now"), "session": str(session), "by": "hand"}
    for at_once in (True, False):
        assert await twice(olga, f"{DESK}/now", form, at_once=at_once) == f"{DESK}/now?said=on_air"
    assert await changes(database) == ["channel.on_air"]


@pytest.mark.parametrize("at_once", [False, True])
async def test_each_step_of_a_poll_is_done_once(olga: Visitor, database: Pool, at_once: bool) -> None:
    number, options = await poll(database, status="draft")
    path, page = f"{DESK}/polls/{number}/move", f"{DESK}/polls/{number}"
    stale = {**await olga.hidden(page, path), "verb": "open"}
    for verb in ("open", "close"):
        form = {**await olga.hidden(page, path), "verb": verb}
        await twice(olga, path, form, at_once=at_once)
    await vote(database, number, "person:999", options[0])
    assert (await olga.post(path, **stale)).status == 303, "a page from before it was opened is another press"
    assert (await olga.post(path, **{**form, "verb": "close"})).status == 409, "the old press is no new one"
    await olga.post(path, verb="close")
    for verb in ("recall", "drop"):
        form = {**await olga.hidden(page, path), "verb": verb}
        await twice(olga, path, form, at_once=at_once)
    assert await ballots(database, number) == {}
    assert await database.fetchval("select count(*) from poll") == 0


async def test_a_poll_written_twice_leads_to_the_same_page(olga: Visitor, database: Pool) -> None:
    main = await database.fetchval("select id from channel where slug = 'main'")
    fields = {"question_kk": "Не?", "options_kk": "Иә\nЖоқ", "channel": str(main), "kind": "single"}
    form = {**await olga.hidden(f"{DESK}/polls/new"), **fields}
    where = await twice(olga, f"{DESK}/polls/new", form)
    assert where == f"{DESK}/polls/{await database.fetchval('select id from poll')}?said=added"


async def test_screens_are_added_and_closed_once(olga: Visitor, database: Pool) -> None:
    main = await database.fetchval("select id from channel where slug = 'main'")
    fields = {"kind": "qr", "name": "Фойе", "channel": str(main), "language": "ru", "until": f"{NOW:%Y-%m-%d}"}
    form = {**await olga.hidden(f"{DESK}/screens"), **fields}
    await twice(olga, f"{DESK}/screens", form, at_once=True)
    number = await database.fetchval("select id from screen")
    path = f"{DESK}/screens/{number}/revoke"
    await twice(olga, path, await olga.hidden(f"{DESK}/screens", path))
    assert await changes(database) == ["screen.add", "screen.revoke"]
