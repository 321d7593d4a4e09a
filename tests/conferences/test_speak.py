"""The speaker's view over HTTP: whose questions are there, and who moves them."""

import json
import re
from typing import Any

import orjson
import pytest

from realtime import channels
from sql.connection import Pool
from tests.conferences.stage import asked, csrf_of, session, speaks
from tests.operator import Operator
from tests.web.site import Site, Visitor

SPEAK = "/c/school/speak"
LIVE = re.compile(r'<script type="application/json" id="live">(.*?)</script>', re.DOTALL)


async def move(visitor: Visitor, number: int, item: str, verb: str, *, script: bool = True) -> Any:
    fields = {"csrf": await csrf_of(visitor), "session": str(number), "item": item, "verb": verb}
    return await visitor.ask("POST", f"{SPEAK}.json" if script else SPEAK, data=fields)


@pytest.mark.parametrize(
    ("name", "status"), [("", 303), ("anna", 403), ("mira", 403), ("vadim", 403), ("sergey", 200), ("olga", 200)]
)
async def test_the_view_is_for_speakers_and_their_helpers(site: Site, database: Pool, name: str, status: int) -> None:
    await speaks(database)
    number, item = await session(database), await asked(database, "a")
    visitor = await site.visitor(signed_in=f"{name}@veche.example" if name else "")
    assert (await visitor.get(SPEAK)).status == status
    moved = await move(visitor, number, item, "answering")
    assert moved.status == (status if status != 303 else 401)


async def test_a_speaker_sees_the_questions_of_what_is_on(site: Site, database: Pool) -> None:
    await speaks(database)
    await asked(database, "a", text="К этой сессии?")
    await asked(database, "b", text="Ещё не одобрен?", status="asked")
    await asked(database, "c", text="К следующей?", session_id=await session(database, "Дальше"))
    sergey = await site.visitor(signed_in="sergey@veche.example")
    page = await sergey.read(SPEAK)
    assert "К этой сессии?" in page
    assert "Ещё не одобрен?" not in page
    assert "К следующей?" not in page
    other = await sergey.read(f"{SPEAK}?session={await session(database, 'Дальше')}")
    assert "К следующей?" in other
    found = LIVE.search(page)
    assert found
    live = json.loads(found[1])
    assert live["session"] == await session(database)
    assert "moderate" not in live["may"], "a speaker's socket moves nothing; the site does, for their session alone"


async def test_a_speaker_without_a_session_is_told_so(site: Site, database: Pool) -> None:
    sergey = await site.visitor(signed_in="sergey@veche.example")
    page = await sergey.read(SPEAK)
    assert 'class="empty"' in page
    assert 'id="live"' not in page


async def test_a_question_is_taken_up_answered_and_put_back(site: Site, database: Pool, redis: Operator) -> None:
    await speaks(database)
    number, item = await session(database), await asked(database, "a")
    room = await database.fetchval("select room from question")
    sergey = await site.visitor(signed_in="sergey@veche.example")
    for verb, status in (("answering", "answering"), ("approve", "approved"), ("answering", "answering")):
        assert (await move(sergey, number, item, verb)).status == 200
        found: Any = await redis.hgetall(channels.state(room))
        (shown,) = found.values()
        assert orjson.loads(bytes(shown).partition(b" ")[2])["status"] == status
    form = await move(sergey, number, item, "answered", script=False)
    assert (form.status, form.headers["Location"]) == (303, f"{SPEAK}?session={number}")


async def test_a_speaker_moves_questions_of_their_own_session_alone(site: Site, database: Pool) -> None:
    await speaks(database)
    number = await session(database)
    foreign = await session(database, "Дальше")
    await database.execute("delete from session_speaker where session_id = $1", foreign)
    item = await asked(database, "a", session_id=foreign)
    sergey = await site.visitor(signed_in="sergey@veche.example")
    assert (await move(sergey, foreign, item, "answering")).status == 403
    answer = await move(sergey, number, item, "answering")
    assert (answer.status, (await answer.json())["code"]) == (404, "question.unknown")


@pytest.mark.parametrize("verb", ["reject", "edit", "pin", "merge", "", "purge"])
async def test_what_moderators_do_is_not_a_speakers(site: Site, database: Pool, verb: str) -> None:
    await speaks(database)
    number, item = await session(database), await asked(database, "a")
    sergey = await site.visitor(signed_in="sergey@veche.example")
    answer = await move(sergey, number, item, verb)
    assert (answer.status, (await answer.json())["code"]) == (422, "speak.unknown")
