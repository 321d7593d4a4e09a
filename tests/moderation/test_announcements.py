"""Announcements by a form: who may, what comes back, what every page shows, and what the log says."""

import asyncio
import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from realtime import channels as rooms
from realtime import passes, publish
from sql.connection import Pool
from tests.conferences.stage import remembering
from tests.moderation.test_pages import happened, person, the_engine
from tests.web.site import NOW, Site, Visitor

DESK = "/desk/school/announcements"
MOVED = {"text_kk": "Дәріс Б залында", "text_ru": "Лекция в зале Б"}  # Kazakh is the main language here
LIVE = re.compile(r'<script type="application/json" id="live">(.*?)</script>', re.DOTALL)


@pytest.fixture
async def mira(site: Site) -> Visitor:
    """A browser in which a moderator has signed in."""
    return await site.visitor(signed_in="mira@veche.example")


def form(**fields: str) -> dict[str, str]:
    return {"form_key": str(uuid4()), "minutes": "0", "link": "", **MOVED} | fields


async def conference(database: Pool) -> int:
    found: int = await database.fetchval("select id from conference where slug = 'school'")
    return found


async def standing(site: Site, database: Pool) -> list[Any]:
    redis = the_engine(site)
    return list(await publish.announced(redis, conference=await conference(database), when=NOW))


async def test_announcing_is_for_moderators_alone(site: Site, visitor: Visitor, database: Pool) -> None:
    stranger = await visitor.get(DESK)
    assert (stranger.status, stranger.headers["Location"].partition("?")[0]) == (303, "/sign-in")
    for name in ("anna", "sergey", "vadim"):
        one = await site.visitor(signed_in=f"{name}@veche.example")
        assert (await one.get(DESK)).status == 403, name
        for path in (DESK, f"{DESK}.json", f"{DESK}/withdraw", f"{DESK}/withdraw.json"):
            assert (await one.post(path, **form())).status == 403, (name, path)
    assert await standing(site, database) == []


async def test_a_form_without_scripts_announces_once_in_every_language(
    site: Site, mira: Visitor, database: Pool
) -> None:
    place = await database.fetchrow("select id, name from channel where slug = 'main'")
    assert place
    sent = form(link=f"channel:{place['id']}", urgent="on", minutes="15")
    for _ in range(2):
        answer = await mira.post(DESK, **sent)
        assert (answer.status, answer.headers["Location"]) == (303, f"{DESK}?said=announced")
    (one,) = await standing(site, database)
    assert (one["text"], one["language"], one["others"]) == (MOVED["text_kk"], "kk", {"ru": MOVED["text_ru"]})
    assert (one["urgent"], one["link"], one["place"]) == (True, "/c/school/main", place["name"])
    assert one["until"] == (NOW + timedelta(minutes=15)).timestamp() * 1000
    assert one["by"] == await person(database, "mira")
    page = await mira.read(DESK)
    assert "Mira" in page
    assert MOVED["text_ru"] in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text_kk": ""}, "Заполните"),
        ({"text_ru": "x" * 401}, "Слишком длинн"),
        ({"minutes": "7"}, "Выберите"),
        ({"minutes": "same"}, "Выберите"),
        ({"link": "channel:999"}, "Выберите"),
        ({"link": "https://elsewhere.example"}, "Выберите"),
    ],
)
async def test_a_wrong_form_comes_back_with_what_was_typed_and_announces_nothing(
    site: Site, mira: Visitor, database: Pool, fields: dict[str, str], sentence: str
) -> None:
    answer = await mira.post(DESK, **form(**fields))
    assert answer.status == 422
    page = await answer.text()
    assert sentence in page
    assert MOVED["text_kk" if "text_ru" in fields else "text_ru"] in page
    script = await mira.post(f"{DESK}.json", **form(**fields))
    assert (script.status, (await script.json())["code"]) == (422, "form.wrong")
    assert await standing(site, database) == []


async def test_another_wording_takes_the_place_of_the_first_until_the_same_moment(
    site: Site, mira: Visitor, database: Pool
) -> None:
    await mira.post(DESK, **form(minutes="60"))
    (first,) = await standing(site, database)
    page = await mira.read(f"{DESK}?edit={first['item']}")
    assert f'name="instead" value="{first["item"]}"' in page
    again = form(text_kk="Дәріс В залында", minutes="same", instead=first["item"])
    assert (await mira.post(DESK, **again)).status == 303
    (second,) = await standing(site, database)
    assert (second["text"], second["until"]) == ("Дәріс В залында", first["until"])
    late = await mira.post(DESK, **form(text_kk="Дәріс Г залында", instead=first["item"]))
    assert late.status == 422
    page = await late.text()
    assert "сняли или изменили" in page
    assert "Дәріс Г залында" in page
    assert 'name="instead" value=""' in page, "sent again, it is a new one"
    assert len(await standing(site, database)) == 1


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("minutes", ["15", "60", "same"])
async def test_another_wording_sent_twice_is_announced_once_and_said_to_be_both_times(
    site: Site, mira: Visitor, database: Pool, minutes: str, at_once: bool
) -> None:
    await mira.post(DESK, **form(minutes="60"))
    (first,) = await standing(site, database)
    key = (await mira.hidden(f"{DESK}?edit={first['item']}", DESK))["form_key"]
    again = form(text_kk="Дәріс В залында", minutes=minutes, instead=first["item"], form_key=key)
    if at_once:
        answers = await asyncio.gather(*(mira.post(DESK, **again) for _ in range(2)))
    else:
        answers = [await mira.post(DESK, **again) for _ in range(2)]
    assert [(one.status, one.headers.get("Location")) for one in answers] == [(303, f"{DESK}?said=announced")] * 2
    assert [one["text"] for one in await standing(site, database)] == ["Дәріс В залында"]


async def test_announced_withdrawn_and_sent_again_by_going_back_it_stays_withdrawn(
    site: Site, mira: Visitor, database: Pool
) -> None:
    sent = form(form_key=(await mira.hidden(DESK))["form_key"])
    await mira.post(DESK, **sent)
    (one,) = await standing(site, database)
    await mira.post(f"{DESK}/withdraw", item=one["item"])
    await mira.post(DESK, **sent)
    assert await standing(site, database) == []


async def test_withdrawn_it_is_nowhere_and_withdrawing_twice_is_no_fault(
    site: Site, mira: Visitor, database: Pool
) -> None:
    script = await mira.post(f"{DESK}.json", **form())
    item = (await script.json())["item"]
    for path, status in ((f"{DESK}/withdraw", 303), (f"{DESK}/withdraw", 303), (f"{DESK}/withdraw.json", 200)):
        assert (await mira.post(path, item=item)).status == status
    assert await standing(site, database) == []


PAGES = ["/c/school", "/c/school/schedule", "/c/school/my"]


@pytest.mark.parametrize("path", PAGES)
async def test_pages_for_everybody_show_it_when_they_come_in_the_readers_language(
    site: Site, mira: Visitor, visitor: Visitor, path: str
) -> None:
    await mira.post(DESK, **form(link="", urgent="on"))
    russian = await visitor.read(path, headers={"Accept-Language": "ru"})
    assert f'lang="ru">{MOVED["text_ru"]}' in russian
    assert MOVED["text_kk"] not in russian
    english = await visitor.read(path, headers={"Accept-Language": "en"})
    assert f'lang="kk">{MOVED["text_kk"]}' in english, "what is not translated is there in the main language"


async def test_pages_of_participants_show_it_when_they_come(site: Site, mira: Visitor, anna: Visitor) -> None:
    await mira.post(DESK, **form())
    for path in ("/c/school/main", "/c/school/main/chat"):
        assert MOVED["text_ru"] in await anna.read(path), path
    assert MOVED["text_ru"] in await mira.read("/c/school/moderate")


async def test_whoever_is_signed_in_hears_announcements_and_their_inbox_on_pages_without_a_room(
    site: Site, anna: Visitor, visitor: Visitor, database: Pool
) -> None:
    number, own = await conference(database), await person(database, "anna")
    for path in PAGES:
        assert not LIVE.search(await visitor.read(path))
        given = json.loads(LIVE.findall(await anna.read(path))[0])
        shown = passes.verify(given["token"], secret=site.settings.secret, now=NOW.timestamp())
        assert shown.rooms == {rooms.announcements(number): frozenset(), rooms.inbox(own): frozenset({"say"})}
        assert set(await (await anna.get(given["pass_url"])).json()) == {"token", "expires"}


async def test_put_away_without_scripts_it_stays_away_in_this_browser_alone(
    site: Site, mira: Visitor, visitor: Visitor, database: Pool
) -> None:
    await mira.post(DESK, **form())
    (one,) = await standing(site, database)
    answer = await visitor.post("/put-away", item=one["item"], next="/c/school/schedule")
    assert (answer.status, answer.headers["Location"]) == (303, "/c/school/schedule")
    assert MOVED["text_kk"] not in await visitor.read("/c/school/schedule")
    other = await site.visitor()
    assert MOVED["text_kk"] in await other.read("/c/school/schedule")
    assert (await visitor.post("/put-away", item=one["item"], next="//elsewhere.example")).headers["Location"] == "/"


async def test_what_was_announced_before_is_listed_and_in_the_log_with_who_and_when(
    mira: Visitor, database: Pool
) -> None:
    number, who = await conference(database), await person(database, "mira")
    room, when = rooms.announcements(number), int(NOW.timestamp() * 1000)
    # As it was told before there were languages.
    told = {"is": "announced", "item": "a" * 16, "text": "Обед накрыт", "until": 0, "by": who, "when": when}
    taken = {"is": "withdrawn", "item": "a" * 16, "by": who, "when": when + 60_000}
    await happened(database, room, 1, told)
    await happened(database, room, 2, taken)
    page = " ".join((await mira.read(DESK)).split())
    assert "Обед накрыт" in page
    assert "снято: Mira, 10:31" in page
    log = " ".join((await mira.read("/c/school/moderate/log?kind=announcements")).split())
    assert log.count("Обед накрыт") == 2, "once as what came, once as what went"
    assert "Обед накрыт" not in await mira.read("/c/school/moderate/log?kind=chat")


async def test_everybody_shares_one_reading_of_a_second_and_the_team_reads_what_is_now(
    site: Site, mira: Visitor, database: Pool
) -> None:
    clock, anna = remembering(site), await site.visitor(signed_in="anna@veche.example")
    guest = await site.visitor()

    async def read(by: Visitor) -> bool:
        page = await by.read("/c/school/schedule")
        return MOVED["text_kk"] in page or MOVED["text_ru"] in page

    assert not await read(anna)
    await mira.post(DESK, **form())
    assert [await read(one) for one in (anna, guest, mira)] == [False, False, True]
    clock.a_second_passes()
    assert [await read(one) for one in (guest, anna)] == [True, True]
    (one,) = await standing(site, database)
    await mira.post(f"{DESK}/withdraw", item=one["item"])
    assert not await read(mira)
    clock.a_second_passes()
    assert [await read(one) for one in (anna, guest)] == [False, False]
