"""Channels, pictures, speakers and sessions at the organiser's desk, over HTTP."""

from io import BytesIO
from uuid import uuid4

import aiohttp
import pytest
from PIL import Image

from sql.connection import Pool
from tests.web.site import Site, Visitor

DESK = "/desk/school"
VIDEO = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
PLAYER = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"


@pytest.fixture
async def olga(site: Site, database: Pool) -> Visitor:
    """A browser in which the organiser has signed in, who reads English."""
    await database.execute("update person set language = 'en' where name = 'Olga'")
    return await site.visitor(signed_in="olga@veche.example")


async def refusal(visitor: Visitor, path: str, *, page: str = "", **fields: str) -> str:
    """The page that says what is wrong with a form; `page` is where it stands if it is of something that is there."""
    answer = await (visitor.edit(path, page=page, **fields) if page else visitor.post(path, **fields))
    assert (answer.status, answer.headers["X-Refusal"]) == (422, "form.wrong")
    return await answer.text()


async def send(visitor: Visitor, path: str, picture: bytes, **fields: str) -> aiohttp.ClientResponse:
    """A form with a picture."""
    there = await visitor.hidden(path) if path[-1].isdigit() else {"csrf": await _token(visitor)}
    form = aiohttp.FormData({**there, **fields})
    form.add_field("picture", BytesIO(picture), filename="Фото.png", content_type="image/png")
    return await visitor.ask("POST", path, data=form)


async def _token(visitor: Visitor) -> str:
    page = await visitor.read(f"{DESK}/people")
    return page.split('name="csrf" value="')[1].split('"')[0]


def drawn(width: int = 640, height: int = 480, kind: str = "PNG") -> bytes:
    """A picture of some green."""
    printed = BytesIO()
    Image.new("RGB", (width, height), (20, 120, 60)).save(printed, kind)
    return printed.getvalue()


async def test_a_channel_is_added_last_with_an_address_made_of_its_name(olga: Visitor, database: Pool) -> None:
    fields = {"name_kk": "Үлкен зал", "name_ru": "Большой зал", "form_key": str(uuid4())}
    assert (await olga.post(f"{DESK}/channels", **fields)).status == 303
    assert (await olga.post(f"{DESK}/channels", **fields)).status == 303
    rows = await database.fetch("select slug, position, name from channel order by position")
    assert [tuple(one)[:2] for one in rows] == [("main", 1), ("practice", 2), ("ulken-zal", 3)]
    assert rows[2]["name"] == {"kk": "Үлкен зал", "ru": "Большой зал"}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name_ru": "Без казахского"}, "Fill this in."),
        ({"name_kk": "Зал", "slug": "main"}, "Another channel has this address"),
        ({"name_kk": "Зал", "slug": "schedule"}, "a meaning of its own"),
        ({"name_kk": "Зал", "slug": "Зал 1"}, "Latin letters"),
        ({"name_kk": "你好"}, "Latin letters"),
    ],
)
async def test_a_wrong_channel_is_not_added(
    olga: Visitor, database: Pool, fields: dict[str, str], sentence: str
) -> None:
    assert sentence in await refusal(olga, f"{DESK}/channels", **fields)
    assert await database.fetchval("select count(*) from channel") == 2


async def test_channels_change_places(olga: Visitor, database: Pool) -> None:
    main, practice = [row["id"] for row in await database.fetch("select id from channel order by position")]
    order = "select array_agg(slug order by position) from channel"
    await olga.edit(f"{DESK}/channels/order", page=f"{DESK}/channels", up=str(practice))
    assert await database.fetchval(order) == ["practice", "main"]
    await olga.edit(f"{DESK}/channels/order", page=f"{DESK}/channels", up=str(practice))
    assert await database.fetchval(order) == ["practice", "main"], "the first goes no higher"
    await olga.edit(f"{DESK}/channels/order", page=f"{DESK}/channels", order=f"{main},{practice}")
    assert await database.fetchval(order) == ["main", "practice"]
    for strange in (f"{main}", f"{main},{main}", f"{main},{practice},999", "x"):
        await olga.edit(f"{DESK}/channels/order", page=f"{DESK}/channels", order=strange)
    assert await database.fetchval(order) == ["main", "practice"]
    assert await database.fetchval("select count(*) from change") == 2


async def test_streams_are_kept_as_their_players(olga: Visitor, database: Pool) -> None:
    main = await database.fetchval("select id from channel where slug = 'main'")
    fields = {"name_kk": "Зал", "slug": "main", "stream_ru": VIDEO, "stream_en": "/media/hall.m3u8"}
    assert (await olga.edit(f"{DESK}/channels/{main}", **fields)).status == 303
    rows = await database.fetch("select language, kind, address from stream order by language")
    assert [tuple(row) for row in rows] == [("en", "hls", "/media/hall.m3u8"), ("ru", "youtube", PLAYER)]
    assert PLAYER in await olga.read(f"{DESK}/channels/{main}")
    assert (
        await olga.edit(f"{DESK}/channels/{main}", **{**fields, "stream_en": "", "stream_ru": PLAYER})
    ).status == 303
    rows = await database.fetch("select language, kind, address from stream")
    assert [tuple(row) for row in rows] == [("ru", "youtube", PLAYER)]


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("javascript:alert(1)", "Addresses that begin with “javascript:” are not allowed."),
        ("data:text/html,<b>", "There is no address in this code."),
        ("data:text/html,b", "Addresses that begin with “data:” are not allowed."),
        ("http://elsewhere.example/x.m3u8", "elsewhere.example is asked without encryption"),
        ("https://elsewhere.example/player", "Players of elsewhere.example are not on the list"),
        ("<iframe src='https://elsewhere.example/e'></iframe>", "Players of elsewhere.example are not on the list"),
        ("как-нибудь так", "This is not an address."),
    ],
)
async def test_a_strange_address_is_refused_and_nothing_of_the_form_is_kept(
    olga: Visitor, database: Pool, pasted: str, sentence: str
) -> None:
    main = await database.fetchval("select id from channel where slug = 'main'")
    fields = {"name_kk": "Жаңа ат", "slug": "main", "stream_ru": VIDEO, "stream_kk": pasted}
    page = await refusal(olga, f"{DESK}/channels/{main}", page=f"{DESK}/channels/{main}", **fields)
    assert sentence in page
    assert "Жаңа ат" in page
    assert VIDEO in page.replace("&amp;", "&"), "the good address is still typed"
    assert await database.fetchval("select count(*) from stream") == 0
    assert await database.fetchval("select name ->> 'ru' from channel where id = $1", main) == "Канал 1"


async def test_a_channel_is_deleted_only_while_nothing_hangs_on_it(olga: Visitor, database: Pool) -> None:
    main = await database.fetchval("select id from channel where slug = 'main'")
    assert "It cannot be deleted" in await refusal(olga, f"{DESK}/channels/{main}/delete")
    await olga.post(f"{DESK}/channels", name_kk="Артық")
    spare = await database.fetchval("select max(id) from channel")
    assert (await olga.post(f"{DESK}/channels/{spare}/delete")).status == 303
    assert await database.fetchval("select count(*) from channel") == 2
    assert (await olga.get(f"{DESK}/channels/{spare}")).status == 404


async def test_a_picture_is_made_anew_and_served_for_ever(olga: Visitor, visitor: Visitor, database: Pool) -> None:
    main = await database.fetchval("select id from channel where slug = 'main'")
    hidden = drawn(3000, 2000) + b"<script>alert(1)</script>"
    answer = await send(olga, f"{DESK}/channels/{main}", hidden, name_kk="Зал", slug="main")
    assert answer.status == 303
    row = await database.fetchrow("select * from picture")
    assert row
    assert (row["width"], row["height"], row["type"]) == (1920, 1280, "image/png")
    assert b"script" not in row["bytes"]
    served = await visitor.get(f"/pictures/{row['digest']}")
    assert (served.status, served.content_type) == (200, "image/png")
    assert served.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in served.headers["Cache-Control"]
    again = await visitor.get(f"/pictures/{row['digest']}", headers={"If-None-Match": served.headers["ETag"]})
    assert again.status == 304
    assert (await visitor.get(f"/pictures/{'0' * 32}")).status == 404
    page = await olga.read(f"{DESK}/channels/{main}")
    assert f"/pictures/{row['digest']}" in page
    await olga.edit(f"{DESK}/channels/{main}", name_kk="Зал", slug="main", no_picture="on")
    assert await database.fetchval("select offline_picture_id from channel where id = $1", main) is None


async def test_what_is_no_picture_is_refused_with_the_whole_form(olga: Visitor, database: Pool) -> None:
    main = await database.fetchval("select id from channel where slug = 'main'")
    gif, bomb, broken = drawn(kind="GIF"), drawn(20_000, 20_000), drawn(2000, 2000)[:500]
    sentences = {
        b"<svg onload='x'/>": "no PNG, JPEG or WebP",
        gif: "no PNG, JPEG or WebP",
        bomb: "more than 50 million pixels",
        broken: "damaged",
    }
    for content, sentence in sentences.items():
        answer = await send(olga, f"{DESK}/channels/{main}", content, name_kk="Зал", slug="other")
        assert answer.status == 422
        assert sentence in await answer.text()
    assert await database.fetchval("select slug from channel where id = $1", main) == "main"
    assert await database.fetchval("select count(*) from picture") == 0
    huge = await send(olga, f"{DESK}/channels/{main}", b"\0" * 11_000_000, name_kk="Зал", slug="main")
    assert (huge.status, huge.headers["X-Refusal"]) == (413, "form.too_large")


async def test_a_stranger_is_not_listened_to_for_a_whole_file(visitor: Visitor, database: Pool) -> None:
    form = aiohttp.FormData({"csrf": await visitor.token()})
    form.add_field("picture", BytesIO(b"\0" * 500_000), filename="a.png")
    answer = await visitor.ask("POST", f"{DESK}/speakers", data=form)
    assert (answer.status, answer.headers["X-Refusal"]) == (413, "form.too_large")


async def test_a_script_may_send_a_picture_too(olga: Visitor, anna: Visitor, database: Pool) -> None:
    answer = await send(olga, f"{DESK}/pictures", drawn())
    assert answer.status == 200
    told = await answer.json()
    assert (told["width"], told["height"]) == (640, 480)
    assert told["digest"] == await database.fetchval("select digest from picture")
    unfit = await send(olga, f"{DESK}/pictures", b"text")
    assert (unfit.status, (await unfit.json())["code"]) == (422, "picture.unfit")
    assert (await anna.post(f"{DESK}/pictures")).status == 403


async def test_a_speaker_has_names_a_portrait_and_an_account(olga: Visitor, visitor: Visitor, database: Pool) -> None:
    fields = {
        "name_kk": "Айгүл Сапарова",
        "name_ru": "Айгуль Сапарова",
        "about_ru": "Учит.",
        "announced": "on",
        "form_key": str(uuid4()),
    }
    email = "vadim@veche.example"
    assert (await send(olga, f"{DESK}/speakers", drawn(), **fields, email=email)).status == 303
    assert (await send(olga, f"{DESK}/speakers", drawn(), **fields, email=email)).status == 303
    rows = await database.fetch("select * from speaker order by id")
    assert len(rows) == 2, "a form sent twice makes one speaker"
    new = rows[1]
    assert new["name"] == {"kk": "Айгүл Сапарова", "ru": "Айгуль Сапарова"}
    assert ">АС</text>" in new["portrait"]
    assert new["person_id"] == await database.fetchval("select id from person where name = 'Vadim'")
    roles = "select role from role where person_id = $1"
    assert await database.fetchval(roles, new["person_id"]) == "speaker"
    face = await visitor.get(f"/portraits/{new['id']}.svg")
    assert face.content_type == "image/png"
    assert (await database.fetchval("select width from picture")) == 480, "a square of the middle"
    await olga.edit(f"{DESK}/speakers/{new['id']}", name_kk="Марат Ли", no_picture="on", announced="on")
    face = await visitor.get(f"/portraits/{new['id']}.svg")
    assert face.content_type == "image/svg+xml"
    assert ">МЛ</text>" in await face.text()
    assert await database.fetchval("select person_id from speaker where id = $1", new["id"]) is None


async def test_a_wrong_speaker_is_not_kept(olga: Visitor, database: Pool) -> None:
    assert "Name and surname (Қазақша): Fill this in." in await refusal(olga, f"{DESK}/speakers", name_ru="Кто-то")
    page = await refusal(olga, f"{DESK}/speakers", name_kk="Біреу", email="nobody@veche.example")
    assert "There is no account with this e-mail." in page
    assert "looks like name@example.com" in await refusal(olga, f"{DESK}/speakers", name_kk="Біреу", email="@")
    assert await database.fetchval("select count(*) from speaker") == 1


async def test_speakers_are_found_and_deleted_while_they_speak_nowhere(olga: Visitor, database: Pool) -> None:
    await olga.post(f"{DESK}/speakers", name_kk="Айгүл", name_ru="Айгуль_100%")
    assert "Айгуль_100%" in await olga.read(f"{DESK}/speakers?q=ГУЛЬ_1")
    assert "Nobody is called" in await olga.read(f"{DESK}/speakers?q=гульX1")
    busy, spare = [row["id"] for row in await database.fetch("select id from speaker order by id")]
    assert "They speak in a session." in await refusal(olga, f"{DESK}/speakers/{busy}/delete")
    assert (await olga.post(f"{DESK}/speakers/{spare}/delete")).status == 303
    assert await database.fetchval("select count(*) from speaker") == 1


async def slot(database: Pool, **other: str) -> dict[str, str]:
    """A session's form with a place in the first channel."""
    main = await database.fetchval("select id from channel where slug = 'main'")
    speaker = await database.fetchval("select id from speaker")
    form = {"title_kk": "Сабақ", "title_ru": "Урок", "language": "kk", "speaker_1": str(speaker)}
    return {**form, "channel": str(main), "day": "2026-11-24", "starts": "12:00", "ends": "12:45", **other}


async def test_a_session_gets_texts_speakers_and_a_draft_of_its_place(olga: Visitor, database: Pool) -> None:
    fields = await slot(database, form_key=str(uuid4()))
    assert (await olga.post(f"{DESK}/sessions", **fields)).status == 303
    assert (await olga.post(f"{DESK}/sessions", **fields)).status == 303
    row = await database.fetchrow(
        "select *, starts_at at time zone 'UTC' as utc, (select count(*) from session) as many"
        " from session order by id desc limit 1"
    )
    assert row
    assert row["many"] == 4
    assert row["title"] == {"kk": "Сабақ", "ru": "Урок"}
    assert f"{row['utc']:%d %H:%M}" == "24 09:00", "12:00 in Moscow"
    seats = await database.fetch("select speaker_id from session_speaker where session_id = $1", row["id"])
    assert len(seats) == 1
    assert await database.fetchval("select count(*) from slot where session_id = $1", row["id"]) == 0, "only a draft"
    page = await olga.read(f"{DESK}/sessions/{row['id']}")
    assert 'value="12:45"' in page
    none = {"title_kk": "Сабақ", "language": "ru"}
    assert (await olga.edit(f"{DESK}/sessions/{row['id']}", **none)).status == 303
    assert await database.fetchval("select starts_at from session where id = $1", row["id"]) is None
    assert "Without a place yet" in await olga.read(f"{DESK}/sessions")


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("ends", "11:00", "The end is before the start."),
        ("ends", "12:00", "The session ends when it starts."),
        ("starts", "25:00", "Type a time of day"),
        ("day", "2026-12-31", "This day is outside the conference, which lasts from 23.11.2026 to 24.11.2026."),
        ("day", "", "Fill in all four, or none."),
        ("channel", "999", "There is no such channel"),
        ("title_kk", "", "Fill this in."),
        ("language", "de", "Choose one of those offered."),
        ("speaker_2", "999", "There is no such speaker"),
    ],
)
async def test_a_wrong_session_is_not_kept(
    olga: Visitor, database: Pool, field: str, typed: str, sentence: str
) -> None:
    page = await refusal(olga, f"{DESK}/sessions", **await slot(database, **{field: typed}))
    assert sentence in page
    assert f'href="#{field}"' in page
    assert 'value="Урок"' in page
    assert await database.fetchval("select count(*) from session") == 3


async def test_an_hour_that_clocks_leave_out_or_show_twice_is_named(olga: Visitor, database: Pool) -> None:
    await database.execute(
        "update conference set zone = 'Europe/Berlin', starts_on = '2026-03-01', ends_on = '2026-11-30'"
    )
    spring = await slot(database, day="2026-03-29", starts="02:30", ends="03:30")
    assert "There is no 02:30 on this day: at 02:00 clocks are put forward to 03:00." in await refusal(
        olga, f"{DESK}/sessions", **spring
    )
    autumn = await slot(database, day="2026-10-25", starts="02:30", ends="03:30")
    page = await refusal(olga, f"{DESK}/sessions", **autumn)
    assert "02:30 comes twice on this day" in page
    assert 'name="starts_fold"' in page
    for fold, hour in (("0", "00:30"), ("1", "01:30")):
        assert (await olga.post(f"{DESK}/sessions", **autumn, starts_fold=fold)).status == 303
        made = "select to_char(starts_at at time zone 'UTC', 'HH24:MI') from session order by id desc limit 1"
        assert await database.fetchval(made) == hour
    number = await database.fetchval("select max(id) from session")
    assert '<option value="1" selected>' in await olga.read(f"{DESK}/sessions/{number}"), "the choice is shown again"


async def test_a_session_may_end_after_midnight(olga: Visitor, database: Pool) -> None:
    fields = await slot(database, starts="23:00", ends="00:30", next_day="on")
    assert (await olga.post(f"{DESK}/sessions", **fields)).status == 303
    lasts = await database.fetchval("select ends_at - starts_at from session order by id desc limit 1")
    assert lasts.total_seconds() == 90 * 60


async def test_one_more_speaker_is_a_place_and_saves_nothing(olga: Visitor, database: Pool) -> None:
    answer = await olga.post(f"{DESK}/sessions", **await slot(database, title_kk=""), more="on")
    page = await answer.text()
    assert answer.status == 200
    assert 'name="speaker_3"' in page
    assert "Урок" in page
    assert 'role="alert"' not in page
    assert await database.fetchval("select count(*) from session") == 3


async def test_a_session_is_deleted_only_while_nothing_hangs_on_it(olga: Visitor, database: Pool) -> None:
    released = await database.fetchval("select min(id) from session")
    assert "It cannot be deleted" in await refusal(olga, f"{DESK}/sessions/{released}/delete")
    await olga.post(f"{DESK}/sessions", **await slot(database))
    draft = await database.fetchval("select max(id) from session")
    assert (await olga.post(f"{DESK}/sessions/{draft}/delete")).status == 303
    assert await database.fetchval("select count(*) from session") == 3


async def test_sessions_are_found_by_title_and_by_speaker(olga: Visitor) -> None:
    assert "Завтра in English" in await olga.read(f"{DESK}/sessions?q=завтра")
    assert "Завтра in English" not in await olga.read(f"{DESK}/sessions?q=дальше")
    assert "Дальше in English" in await olga.read(f"{DESK}/sessions?q=докладчик")
    assert "No session is like" in await olga.read(f"{DESK}/sessions?q=%25")
