"""A form of the desk needs one connection to Postgres at a time: those who save at once never wait for each other."""

import asyncio
import re
from contextlib import AsyncExitStack

import pytest

from sql.connection import Pool
from tests.conferences.stage import poll, session
from tests.conferences.test_meanwhile import opened
from tests.web.site import Site, Visitor
from web.keys import POOL

DESK = "/desk/school"
FOREVER = 20  # seconds after which a request that waits for a second connection is known to do so
FORMS = [  # page, where its form is sent to, what is typed into it, what the answer may be
    ("", "", {"name_en": "Great School"}, 303),
    ("", "/frames", {"frame_hosts": "player.example"}, 303),
    ("/channels", "/channels", {"name_ru": "Зал", "name_kk": "Зал"}, 303),
    ("/channels/{channel}", "/channels/{channel}", {"name_kk": "Арна"}, 303),
    ("/channels/{channel}", "/channels/{channel}/delete", {}, 422),
    ("/speakers/{speaker}", "/speakers/{speaker}", {"name_kk": "Сергей"}, 303),
    ("/sessions/new", "/sessions", {"title_ru": "Сабақ", "title_kk": "Сабақ", "language": "kk"}, 303),
    ("/sessions/{session}", "/sessions/{session}", {"title_kk": "Сабақ"}, 303),
    ("/sessions/{session}", "/sessions/{session}/delete", {}, 422),
    ("/recordings", "/recordings", {"recording_{session}": "/a.m3u8"}, 303),
    ("/people", "/people/{person}", {"role_speaker": "on"}, 303),
    ("/polls/new", "/polls/new", {"channel": "{channel}", "question_kk": "Қайда?", "options_kk": "А\nБ"}, 303),
    ("/polls/{poll}", "/polls/{poll}", {"question_kk": "Қайда?", "options_kk": "А\nБ\nВ", "options_ru": ""}, 303),
    ("/polls", "/polls/{poll}/move", {"verb": "open"}, 303),
    ("/words", "/words", {"hold": "казин", "act": "save"}, 303),
    ("/schedule", "/schedule", {"note": "Всё готово"}, 303),
    ("/now", "/now", {"by": "hand", "session": "{session}"}, 303),
    ("/now", "/now/shift", {"minutes": "10"}, 303),
    ("/screens", "/screens", {"name": "Экран", "channel": "{channel}"}, 303),
    ("/landing/new/text", "/landing/new/text", {"title-ru": "Слово", "title-kk": "Сөз"}, 303),
    ("/announcements", "/announcements", {"text_kk": "Бір минуттан кейін"}, 303),
]


@pytest.fixture
async def olga(site: Site) -> Visitor:
    """A browser in which the organiser has signed in."""
    return await site.visitor(signed_in="olga@veche.example")


async def test_the_last_free_connection_is_enough_to_be_told_of_another_order(olga: Visitor, site: Site) -> None:
    pool = site.server.app[POOL]
    async with AsyncExitStack() as others:
        for _ in range(pool.get_max_size() - 1):
            await others.enter_async_context(pool.acquire())
        async with asyncio.timeout(FOREVER):
            answer = await olga.post(f"{DESK}/landing/order", was="1,2", order="2,1")
    assert answer.status == 409


@pytest.mark.parametrize(("page", "action", "typed", "status"), FORMS, ids=[one[1] or "settings" for one in FORMS])
async def test_the_last_free_connection_is_enough_to_save(
    olga: Visitor, site: Site, database: Pool, page: str, action: str, typed: dict[str, str], status: int
) -> None:
    later = "update session set ends_at = ends_at + interval '5 minutes' where title->>'ru' = 'Завтра'"
    await database.execute(later)  # so that there is something to release
    number, _ = await poll(database, status="draft")
    numbers = {
        "channel": await database.fetchval("select id from channel where slug = 'main'"),
        "speaker": await database.fetchval("select id from speaker"),
        "session": await session(database, "Дальше"),
        "person": await database.fetchval("select id from person where name = 'Mira'"),
        "poll": number,
    }
    page, action = (f"{DESK}{one.format(**numbers)}" for one in (page, action))
    fields = {name.format(**numbers): text.format(**numbers) for name, text in typed.items()}
    form = {**await opened(olga, action, page=page), **fields}
    pool = site.server.app[POOL]
    async with AsyncExitStack() as others:
        for _ in range(pool.get_max_size() - 1):
            await others.enter_async_context(pool.acquire())
        async with asyncio.timeout(FOREVER):
            answer = await olga.post(action, **form)
    assert answer.status == status, re.findall(r'class="field-wrong" id="([^"]*)">([^<]*)', await answer.text())
