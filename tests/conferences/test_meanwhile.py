"""Two organisers at one desk: a form that was open while the other saved undoes nothing and loses nothing."""

import asyncio
import re
from html import unescape
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from sql.connection import Pool
from tests.conferences.stage import poll
from tests.conferences.test_desk_programme import drawn
from tests.web.site import NOW, Site, Visitor

DESK = "/desk/school"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


@pytest.fixture
async def olga(site: Site, database: Pool) -> Visitor:
    """A browser in which the organiser has signed in, who reads English."""
    await database.execute("update person set language = 'en' where name in ('Olga', 'Vadim')")
    for table, text in (("session", "title"), ("channel", "name"), ("speaker", "name")):  # in the main language, too
        await database.execute(f"update {table} set {text} = {text} || jsonb_build_object('kk', {text} ->> 'ru')")
    return await site.visitor(signed_in="olga@veche.example")


@pytest.fixture
async def vadim(site: Site, database: Pool) -> Visitor:
    """A browser of another organiser."""
    await database.execute(
        "insert into role select id, (select id from person where name = 'Vadim'), 'organiser' from conference"
    )
    return await site.visitor(signed_in="vadim@veche.example")


async def number_of(database: Pool, title: str = "Дальше") -> int:
    number: int = await database.fetchval("select id from session where title->>'ru' = $1", title)
    return number


def hidden(page: str) -> dict[str, str]:
    """What forms carry besides what people type, but for what belongs to one browser."""
    return {name: value for name, value in HIDDEN.findall(page) if name != "csrf"}


async def opened(visitor: Visitor, path: str, *, page: str = "") -> dict[str, str]:
    """A form as it stands in a browser that has just loaded its page: everything it would send."""
    text = await visitor.read(page or path)
    form = next(
        one
        for one in text.split("<form ")[1:]
        if f'action="{path}"' in one.partition(">")[0] or "action=" not in one.partition(">")[0]
    ).partition("</form>")[0]
    fields = hidden(form)
    for tag in re.findall(r"<input [^>]*>", form):
        kind, name = (re.search(rf'{one}="([^"]*)"', tag) for one in ("type", " name"))
        value = re.search(r'value="([^"]*)"', tag)
        if name and kind and kind[1] in ("text", "date", "time", "email"):
            fields[name[1]] = value[1] if value else ""
        elif name and kind and kind[1] in ("checkbox", "radio") and " checked" in tag:
            fields[name[1]] = value[1] if value else "on"
    fields |= dict(re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL))
    for name, inside in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        fields[name] = chosen[1] if chosen else ""
    return fields


async def crossed(answer: aiohttp.ClientResponse) -> str:
    """The page that asks which of both is meant."""
    assert (answer.status, answer.headers["X-Refusal"]) == (409, "form.crossed")
    return unescape(await answer.text())


async def shift(visitor: Visitor, database: Pool, minutes: int) -> None:
    """Shift the main channel live."""
    main = await database.fetchval("select id from channel where slug = 'main'")
    page = await visitor.read(f"{DESK}/now")
    seen = re.search(rf'name="channel" value="{main}">\s*<input type="hidden" name="seen" value="(\d+)"', page)
    assert seen
    answer = await visitor.post(f"{DESK}/now/shift", channel=str(main), minutes=str(minutes), seen=seen[1])
    assert answer.status == 303


async def session(database: Pool, number: int) -> Any:
    return await database.fetchrow("select * from session where id = $1", number)


async def test_a_title_mended_here_and_a_time_shifted_there_are_both_kept(
    olga: Visitor, vadim: Visitor, database: Pool
) -> None:
    number = await number_of(database)
    address = f"{DESK}/sessions/{number}"
    form = await opened(olga, address)
    before = await session(database, number)
    await shift(vadim, database, 10)
    answer = await olga.post(address, **{**form, "title_ru": "Дальше, но лучше"})
    assert answer.status == 303
    after = await session(database, number)
    assert after["title"]["ru"] == "Дальше, но лучше"
    assert (after["starts_at"] - before["starts_at"]).total_seconds() == 600, "the shift stands"


async def test_a_time_changed_here_and_shifted_there_is_asked_about(
    olga: Visitor, vadim: Visitor, database: Pool
) -> None:
    number = await number_of(database)
    address = f"{DESK}/sessions/{number}"
    form = await opened(olga, address)
    assert (form["starts"], form["ends"]) == ("11:30", "12:30"), "as clocks have it in Moscow"
    await shift(vadim, database, 10)
    shifted = await session(database, number)
    mine = {**form, "title_ru": "Моё", "ends": "13:00"}
    page = await crossed(await olga.post(address, **mine))
    assert "Vadim saved changes here while this form was open, at 10:30" not in page, "the log has the real moment"
    assert re.search(r"Vadim saved changes here while this form was open, at \d\d:\d\d", page)
    assert 'value="13:00"' in page, "what was typed is kept"
    assert 'value="Моё"' in page
    assert "<q>11:40</q>" in page, "and what is there now stands beside it"
    assert "<q>12:40</q>" in page
    assert page.count('name="take_starts"') == 1, "one box for the whole place"
    assert 'name="take_ends"' not in page
    assert dict(await session(database, number)) == dict(shifted), "nothing was saved, the title neither"


@pytest.mark.parametrize(("take", "ends"), [({}, "13:00"), ({"take_starts": "on"}, "12:40")])
async def test_one_saves_over_it_knowingly_or_takes_theirs(
    olga: Visitor, vadim: Visitor, database: Pool, take: dict[str, str], ends: str
) -> None:
    number = await number_of(database)
    address = f"{DESK}/sessions/{number}"
    form = {**await opened(olga, address), "ends": "13:00"}
    await shift(vadim, database, 10)
    page = await crossed(await olga.post(address, **form))
    assert (await olga.post(address, **{**form, **hidden(page), **take})).status == 303
    kept = "select to_char(ends_at at time zone 'Europe/Moscow', 'HH24:MI') from session where id = $1"
    assert await database.fetchval(kept, number) == ends


async def test_ones_own_change_in_another_window_is_said_to_be_it(olga: Visitor, database: Pool) -> None:
    address = f"{DESK}/sessions/{await number_of(database)}"
    form = await opened(olga, address)
    assert (await olga.post(address, **{**form, "title_ru": "Раз"})).status == 303
    page = await crossed(await olga.post(address, **{**form, "title_ru": "Два"}))
    assert "You saved changes here yourself while this form was open" in page


async def test_speakers_added_by_both_are_asked_about_and_shown(olga: Visitor, vadim: Visitor, database: Pool) -> None:
    for name in ("Айгүл", "Марат"):
        await olga.post(f"{DESK}/speakers", name_kk=name)
    _, one, other = [str(row["id"]) for row in await database.fetch("select id from speaker order by id")]
    number = await number_of(database)
    address = f"{DESK}/sessions/{number}"
    form = await opened(olga, address)
    assert (await vadim.post(address, **{**form, "speaker_2": one, "speaker_3": other})).status == 303
    page = await crossed(await olga.post(address, **{**form, "speaker_2": other}))
    assert "<q>Айгүл</q>" in page, "by name, not by number"
    assert 'id="speaker_3-theirs"' in page
    seats = "select array_agg(speaker_id::text order by position) from session_speaker where session_id = $1"
    assert (await database.fetchval(seats, number))[1:] == [one, other]


async def test_many_who_save_at_once_lose_nothing(olga: Visitor, vadim: Visitor, database: Pool) -> None:
    number = await number_of(database)
    address = f"{DESK}/sessions/{number}"
    form = await opened(olga, address)
    changes = [{"title_ru": "Р"}, {"title_en": "E"}, {"title_kk": "Қ"}, {"abstract_ru": "р"}, {"abstract_en": "e"}] * 4
    answers = await asyncio.gather(*(olga.post(address, **{**form, **one}) for one in changes))
    assert {one.status for one in answers} == {303}
    after = await session(database, number)
    assert after["title"] == {"ru": "Р", "en": "E", "kk": "Қ"}
    assert after["abstract"] == {**after["abstract"], "ru": "р", "en": "e"}


async def test_a_stream_pasted_here_and_a_name_mended_there_are_both_kept(
    olga: Visitor, vadim: Visitor, database: Pool
) -> None:
    main = await database.fetchval("select id from channel where slug = 'main'")
    address = f"{DESK}/channels/{main}"
    form = {**await opened(olga, address), "name_kk": "Арна"}
    assert (await vadim.post(address, **{**form, "name_ru": "Большой зал"})).status == 303
    assert (await olga.post(address, **{**form, "stream_ru": "/media/hall.m3u8"})).status == 303
    assert await database.fetchval("select name from channel where id = $1", main) == {
        "ru": "Большой зал",
        "en": "Channel 1",
        "kk": "Арна",
    }
    page = await crossed(await vadim.post(address, **{**form, "stream_ru": "/media/other.m3u8"}))
    assert "<q>/media/hall.m3u8</q>" in page
    assert "/media/other.m3u8" in page


async def test_a_picture_chosen_by_both_is_asked_about_and_not_chosen_twice(
    olga: Visitor, vadim: Visitor, database: Pool
) -> None:
    speaker = await database.fetchval("select id from speaker")
    address = f"{DESK}/speakers/{speaker}"
    form = {**await opened(olga, address), "name_kk": "Сергей"}

    async def send(visitor: Visitor, size: int) -> aiohttp.ClientResponse:
        filled = aiohttp.FormData({**form, "csrf": (await visitor.hidden(address))["csrf"]})
        filled.add_field("picture", BytesIO(drawn(size, size)), filename="a.png", content_type="image/png")
        return await visitor.ask("POST", address, data=filled)

    assert (await send(vadim, 300)).status == 303
    theirs = await database.fetchval("select digest from picture where width = 300")
    page = await crossed(await send(olga, 400))
    mine = await database.fetchval("select digest from picture where width = 400")
    assert f'name="picture" value="{mine}"' in page
    assert f'src="/pictures/{theirs}"' in page
    again = {**form, **hidden(page)}
    assert (await olga.post(address, **again)).status == 303
    kept = "select digest from speaker join picture on picture.id = picture_id"
    assert await database.fetchval(kept) == mine


async def test_settings_saved_by_two_keep_what_each_changed(olga: Visitor, vadim: Visitor, database: Pool) -> None:
    form = await opened(olga, DESK)
    assert (await vadim.post(DESK, **{**form, "tagline_ru": "Два дня", "theme": "birch"})).status == 303
    assert (await olga.post(DESK, **{**form, "name_en": "Great School"})).status == 303
    row = await database.fetchrow("select name, tagline, theme from conference")
    assert row
    assert (row["name"]["en"], row["tagline"]["ru"], row["theme"]) == ("Great School", "Два дня", "birch")
    page = await crossed(await olga.post(DESK, **{**form, "name_en": "Small School", "ends_on": "2026-11-25"}))
    assert "<q>Great School</q>" in page
    assert str(await database.fetchval("select ends_on from conference")) == "2026-11-24"


async def test_a_form_whose_conference_moved_to_another_address_meanwhile_arrives(
    olga: Visitor, vadim: Visitor, database: Pool
) -> None:
    form = await opened(olga, DESK)
    assert (await vadim.post(DESK, **{**form, "slug": "academy"})).status == 303
    answer = await olga.post(DESK, **{**form, "name_en": "Academy"})
    assert (answer.status, answer.headers["Location"]) == (303, "/desk/academy?said=saved")
    assert await database.fetchval("select name->>'en' from conference") == "Academy"
    assert (await olga.get("/c/school")).status == 404, "visitors are told the truth"


async def test_sites_listed_by_both_are_asked_about(olga: Visitor, vadim: Visitor, database: Pool) -> None:
    form = await opened(olga, f"{DESK}/frames", page=DESK)
    assert (await vadim.post(f"{DESK}/frames", **{**form, "frame_hosts": "a.example"})).status == 303
    page = await crossed(await olga.post(f"{DESK}/frames", **{**form, "frame_hosts": "b.example"}))
    assert "<q>a.example</q>" in page
    assert f'<a href="{DESK}">Take theirs instead</a>' in page
    assert await database.fetchval("select frame_hosts from conference") == ["a.example"]


async def test_roles_given_by_one_and_taken_by_another_are_both_done(
    olga: Visitor, vadim: Visitor, database: Pool
) -> None:
    mira = await database.fetchval("select id from person where name = 'Mira'")
    address, page = f"{DESK}/people/{mira}", f"{DESK}/people"
    form = await opened(olga, address, page=page)
    assert (await vadim.post(address, **{**form, "role_speaker": "on"})).status == 303
    assert (await olga.post(address, **{**form, "role_attendee": "on"})).status == 303
    assert (
        await olga.post(address, **{name: one for name, one in form.items() if name != "role_moderator"})
    ).status == 303
    roles = "select array_agg(role order by role) from role where person_id = $1"
    assert await database.fetchval(roles, mira) == ["attendee", "speaker"]


async def test_a_poll_reworded_by_both_is_asked_about(olga: Visitor, vadim: Visitor, database: Pool) -> None:
    number, _ = await poll(database, status="draft")
    address = f"{DESK}/polls/{number}"
    form = {**await opened(olga, address), "question_kk": "Не?", "options_kk": "Иә\nЖоқ", "options_ru": ""}
    assert (await vadim.post(address, **{**form, "secret": ""})).status == 303
    assert (await olga.post(address, **{**form, "kind": "multiple"})).status == 303
    row = await database.fetchrow("select kind, secret from poll")
    assert row
    assert (row["kind"], row["secret"]) == ("multiple", False)
    page = await crossed(await vadim.post(address, **{**form, "question_kk": "Қайсысы?", "options_kk": "Иә\nМүмкін"}))
    assert "<q>Не?</q>" in page
    assert "<q>Иә\nЖоқ</q>" in page


async def test_words_listed_by_both_are_asked_about(olga: Visitor, vadim: Visitor, database: Pool) -> None:
    form = await opened(olga, f"{DESK}/words")
    save = {**form, "act": "save"}
    assert (await vadim.post(f"{DESK}/words", **{**save, "hold": "казин"})).status == 303
    assert (await olga.post(f"{DESK}/words", **{**save, "hide": "дурак"})).status == 303
    words = "select string_agg(stem, ',' order by stem) from word"
    assert await database.fetchval(words) == "дурак,казин"
    page = await crossed(await olga.post(f"{DESK}/words", **{**save, "hold": "спам"}))
    assert "<q>казин</q>" in page
    tried = {**save, "hold": "спам", "act": "try", "tried": "спамер"}
    page = unescape(await (await olga.post(f"{DESK}/words", **tried)).text())
    again = {**save, "hold": "спам", **hidden(page)}
    assert (await olga.post(f"{DESK}/words", **again)).status == 409, "trying a sentence forgets nothing"
    assert await database.fetchval(words) == "дурак,казин"


async def test_rows_of_a_block_changed_by_both_are_asked_about_as_one(
    olga: Visitor, vadim: Visitor, database: Pool
) -> None:
    answer = await olga.post(f"{DESK}/landing/new/faq", **{"title-ru": "Вопросы", "rows-0-question-en": "One?"})
    assert answer.status == 303
    number = await database.fetchval("select id from landing_block")
    address = f"{DESK}/landing/{number}"
    form = await opened(olga, address)
    theirs = {**form, "title-en": "Questions", "rows-1-question-en": "Two?", "rows-2-question-en": "Three?"}
    assert (await vadim.post(address, **theirs)).status == 303
    page = await crossed(await olga.post(address, **{**form, "rows-0-question-en": "One!", "title-ru": "Ответы"}))
    assert "<q>One?</q>" in page
    assert "<q>Three?</q>" in page, "a row that only they have stands there to be compared, too"
    assert 'value="Questions"' in page
    mine = {**form, "rows-0-question-en": "One!", **hidden(page), "title-en": "Questions"}
    assert (await olga.post(address, **mine)).status == 303
    content = await database.fetchval("select content from landing_block")
    assert content["rows"] == [{"question": {"en": "One!"}}]
    assert content["title"]["en"] == "Questions"


async def test_long_texts_in_three_languages_fit_a_form(olga: Visitor, database: Pool) -> None:
    address = f"{DESK}/sessions/{await number_of(database)}"
    form = await opened(olga, address)
    long = {f"abstract_{one}": "ж" * 10_000 for one in ("ru", "kk", "en")}
    assert (await olga.post(address, **{**form, "title_kk": "Сабақ", **long})).status == 303


def test_the_site_stands_at_its_moment() -> None:
    assert f"{NOW:%H:%M}" == "07:30", "the times above are read in Moscow, three hours later"
