"""The page of a session over HTTP: what everybody sees, what participants see, and who answers in writing."""

import re
from datetime import timedelta
from typing import Any

import orjson
import pytest

from realtime import channels, publish
from realtime.engine import Engine
from sql.connection import Pool
from tests.conferences.stage import asked, csrf_of, poll, session, speaks
from tests.operator import Operator
from tests.web.site import NOW, Site, Visitor
from web.conferences import poll_rules
from web.conferences import session as pages


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker archives anything here, so nobody waits for one."""
    monkeypatch.setattr(pages, "ARCHIVED_WITHIN", 0.1)


async def say(database: Pool, text: str | None, minutes: int, **changed: Any) -> None:
    channel = await database.fetchval("select id from channel where slug = 'main'")
    row = {"text": text, "said_at": NOW + timedelta(minutes=minutes), "retracted_at": None, **changed}
    number = await database.fetchval("select count(*) from chat_message")
    await database.execute(
        'insert into chat_message (room, epoch, "offset", person_id, name, text, said_at, retracted_at)'
        " values ($1, 'e', $2, 1, 'Anna', $3, $4, $5)",
        f"chat:{channel}",
        number + 1,
        row["text"],
        row["said_at"],
        row["retracted_at"],
    )


async def answer(visitor: Visitor, number: int, item: str, text: str) -> Any:
    fields = {"csrf": await csrf_of(visitor), "item": item, "text": text}
    return await visitor.ask("POST", f"/c/school/s/{number}/answer", data=fields)


async def state(redis: Operator, room: str) -> dict[str, Any]:
    found: Any = await redis.hgetall(channels.state(room))
    return {key.decode(): orjson.loads(bytes(value).partition(b" ")[2]) for key, value in found.items()}


async def test_everybody_sees_what_a_session_is_and_participants_what_was_said(
    site: Site, visitor: Visitor, anna: Visitor, database: Pool
) -> None:
    number = await session(database)
    await asked(database, "a", text="Слышно ли нас?")
    await say(database, "Слышно отлично", -10)
    for one, inside in ((visitor, False), (anna, True), (await site.visitor(signed_in="vadim@veche.example"), False)):
        page = await one.read(f"/c/school/s/{number}", headers={"Accept-Language": "ru"})
        assert "10:00–11:00" in page
        assert "Сергей <b>Докладчик</b>" in page
        assert 'href="/c/school/main"' in page
        assert ("Слышно ли нас?" in page) is inside
        assert ("Слышно отлично" in page) is inside


async def test_only_what_was_let_through_is_there_with_its_votes(anna: Visitor, database: Pool) -> None:
    number = await session(database)
    await asked(database, "a", text="Тихий вопрос")
    await asked(database, "b", text="Громкий вопрос", anonymous=True, answer="Вот ответ", status="answered")
    for status in ("asked", "rejected", "merged"):
        await asked(database, status, status=status, text=f"Скрытый {status}")
    await asked(database, "other", session_id=await session(database, "Дальше"), text="Чужой вопрос")
    room = await database.fetchval("select room from question limit 1")
    for voter in range(3):
        await database.execute("insert into vote (room, item, voter) values ($1, 'b', $2)", room, f"person:{voter}")
    page = await anna.read(f"/c/school/s/{number}", headers={"Accept-Language": "ru"})
    assert page.index("Громкий вопрос") < page.index("Тихий вопрос")
    assert "3 голоса" in page
    assert "Вот ответ" in page
    assert "Анонимно" in page
    assert "Скрытый" not in page
    assert "Чужой" not in page


async def test_the_chat_of_its_time_is_there_without_what_was_taken_back(anna: Visitor, database: Pool) -> None:
    number = await session(database)
    await say(database, "Раньше времени", -31)
    await say(database, "В самом начале", -30)
    await say(database, "Удалённое", -20, retracted_at=NOW)
    await say(database, None, -15, retracted_at=NOW)
    await say(database, "После конца", 30)
    page = await anna.read(f"/c/school/s/{number}")
    assert "В самом начале" in page
    for absent in ("Раньше времени", "Удалённое", "После конца"):
        assert absent not in page


async def test_a_long_chat_comes_in_pages(anna: Visitor, database: Pool) -> None:
    number = await session(database)
    for place in range(pages.SAID_AT_ONCE + 1):
        await say(database, f"Реплика номер {place}.", -10)
    first = await anna.read(f"/c/school/s/{number}")
    assert f"?said={pages.SAID_AT_ONCE}#said" in first
    second = await anna.read(f"/c/school/s/{number}?said={pages.SAID_AT_ONCE}")
    assert f"Реплика номер {pages.SAID_AT_ONCE}." in second
    assert "Реплика номер 3." not in second
    assert (await anna.get(f"/c/school/s/{number}?said=-5")).status == 200


@pytest.mark.parametrize("number", ["0", "999999", "x", "99999999999999999999"])
async def test_a_session_that_is_not_there_is_a_page_that_leads_on(visitor: Visitor, number: str) -> None:
    page = await visitor.get(f"/c/school/s/{number}")
    assert page.status == 404
    assert page.headers["X-Refusal"].endswith(".unknown")


async def test_a_session_that_was_never_released_is_not_there(visitor: Visitor, database: Pool) -> None:
    number = await database.fetchval(
        "insert into session (conference_id, title, abstract, language)"
        " select id, $1, $1, 'ru' from conference returning id",
        {"ru": "Тайная"},
    )
    assert (await visitor.get(f"/c/school/s/{number}")).status == 404


@pytest.mark.parametrize(
    ("name", "status"),
    [("anna", 403), ("mira", 403), ("vadim", 403), ("sergey", 303), ("olga", 303)],
)
async def test_speakers_of_the_session_answer_and_organisers(
    site: Site, database: Pool, redis: Operator, name: str, status: int
) -> None:
    await speaks(database)
    number, item = await session(database), await asked(database, "a")
    visitor = await site.visitor(signed_in=f"{name}@veche.example")
    page = await visitor.read(f"/c/school/s/{number}")
    assert (f"/c/school/s/{number}/answer" in page) is (status == 303)
    assert (await answer(visitor, number, item, "Да, слышно.")).status == status
    room = await database.fetchval("select room from question")
    shown = await state(redis, room)
    assert [one["answer"] for one in shown.values()] == (["Да, слышно."] if status == 303 else [])


async def test_a_speaker_of_another_session_does_not_answer_here(site: Site, database: Pool) -> None:
    await speaks(database)
    number, item = await session(database), await asked(database, "a")
    await database.execute("delete from session_speaker where session_id = $1", number)
    sergey = await site.visitor(signed_in="sergey@veche.example")
    assert (await answer(sergey, number, item, "Да.")).status == 403


async def test_a_question_the_room_has_let_go_is_answered_and_kept(site: Site, database: Pool, redis: Operator) -> None:
    await speaks(database)
    number = await session(database)
    item = await asked(database, "a", original="Первая редакция", pinned=True, anonymous=True)
    room = await database.fetchval("select room from question")
    assert await state(redis, channels.desk(room)) == {}
    sergey = await site.visitor(signed_in="sergey@veche.example")
    sent = await answer(sergey, number, item, "Отвечу сейчас.")
    at = int(NOW.timestamp() * 1000)
    assert (sent.status, sent.headers["Location"]) == (303, f"/c/school/s/{number}?voted=1&stored=a&at={at}#questions")
    waiting = f"/c/school/s/{number}?voted=1&stored=a&at={at}"
    assert 'http-equiv="refresh"' in await sergey.read(waiting), "the archive is late: the page looks again by itself"
    (kept,) = (await state(redis, channels.desk(room))).values()
    await database.execute("update question set answer = 'Отвечу сейчас.', changed_at = $1", NOW)
    assert 'http-equiv="refresh"' not in await sergey.read(waiting)
    row = await database.fetchrow("select person_id from question")
    assert row is not None
    assert (kept["status"], kept["answer"], kept["original"]) == ("answered", "Отвечу сейчас.", "Первая редакция")
    assert (kept["user"], kept["session"], kept["anonymous"]) == (row["person_id"], number, True)
    (shown,) = (await state(redis, room)).values()
    assert (shown["name"], shown["user"], shown["answer"]) == ("", 0, "Отвечу сейчас.")
    assert (await answer(sergey, number, item, "Иначе.")).status == 303, "and in other words"
    assert [one["answer"] for one in (await state(redis, channels.desk(room))).values()] == ["Иначе."]


async def test_what_the_room_still_has_wins_over_what_the_archive_has(
    site: Site, database: Pool, redis: Operator, redis_url: str
) -> None:
    await speaks(database)
    number = await session(database)
    channel = await database.fetchval("select id from channel where slug = 'main'")
    async with Engine(redis_url) as engine:
        item = await publish.ask(
            engine, channel=channel, user=1, name="Anna", badge="", text="Живой вопрос", anonymous=False,
            key="8f5a2c0e-6a7e-4b0c-9a55-0d2f9e5f2b11", when=NOW, secret=site.settings.secret,
        )  # fmt: skip
        await publish.move_question(
            engine, channel=channel, item=item, verb="approve", by=2, key="8f5a2c0e-6a7e-4b0c-9a55-0d2f9e5f2b12",
            when=NOW,
        )  # fmt: skip
        await publish.move_question(
            engine, channel=channel, item=item, verb="bind", by=2, key="8f5a2c0e-6a7e-4b0c-9a55-0d2f9e5f2b13",
            when=NOW, into=str(number),
        )  # fmt: skip
    await asked(database, item, text="Что помнит архив")
    sergey = await site.visitor(signed_in="sergey@veche.example")
    assert (await answer(sergey, number, item, "Ответ.")).status == 303
    (kept,) = (await state(redis, f"questions:{channel}:desk")).values()
    assert (kept["text"], kept["answer"]) == ("Живой вопрос", "Ответ.")


async def test_a_form_pressed_twice_answers_once(site: Site, database: Pool, redis: Operator) -> None:
    number, item = await session(database), await asked(database, "a")
    await asked(database, "b")
    olga = await site.visitor(signed_in="olga@veche.example")
    page = await olga.read(f"/c/school/s/{number}")
    keys = re.findall(r'name="key" value="([^"]+)"', page)
    assert len(set(keys)) == 2, "each form has its own"
    fields = {"csrf": await csrf_of(olga), "item": item, "text": "Да.", "key": keys[0]}
    for _ in range(2):
        assert (await olga.ask("POST", f"/c/school/s/{number}/answer", data=fields)).status == 303
    room = await database.fetchval("select room from question limit 1")
    assert await redis.xlen(channels.log(channels.desk(room))) == 1


async def test_its_polls_stay_however_many_the_channel_had_since(anna: Visitor, database: Pool) -> None:
    number = await session(database)
    first, _ = await poll(database, status="closed")
    await database.execute("update poll set session_id = $1, question = $2", number, {"ru": "Самый первый опрос"})
    for _ in range(poll_rules.SHOWN_AT_ONCE + 1):
        await poll(database, status="closed")
    assert first
    page = await anna.read(f"/c/school/s/{number}")
    assert "Самый первый опрос" in page
    assert "Куда поедем?" not in page


@pytest.mark.parametrize(("text", "code"), [("  ", "answer.empty"), ("я" * 2001, "chat.too_long")])
async def test_an_answer_without_words_or_end_is_refused(site: Site, database: Pool, text: str, code: str) -> None:
    number, item = await session(database), await asked(database, "a")
    olga = await site.visitor(signed_in="olga@veche.example")
    refused = await answer(olga, number, item, text)
    assert refused.status in (409, 422)
    assert refused.headers["X-Refusal"] == code


@pytest.mark.parametrize("status", ["asked", "rejected", "merged"])
async def test_what_readers_do_not_see_is_not_answered_here(site: Site, database: Pool, status: str) -> None:
    number, item = await session(database), await asked(database, "a", status=status)
    olga = await site.visitor(signed_in="olga@veche.example")
    refused = await answer(olga, number, item, "Ответ")
    assert (refused.status, refused.headers["X-Refusal"]) == (404, "question.unknown")


# A session that was moved to another channel


async def moved(database: Pool, number: int, *, at: timedelta) -> None:
    """From that moment on the session is in the other channel, by a new release."""
    await database.execute("update release set released_at = $1", NOW - timedelta(days=1))
    await database.execute(
        "with made as (insert into release (conference_id, number, released_at)"
        " select conference_id, number + 1, $1 from release returning id) insert into slot select made.id, session_id,"
        " case session_id when $2 then (select id from channel where slug = 'practice') else channel_id end,"
        " starts_at, ends_at from slot, made",
        *(NOW + at, number),
    )


async def test_a_moved_session_keeps_its_questions_with_their_votes(anna: Visitor, database: Pool) -> None:
    number = await session(database)
    await asked(database, "a", text="Спросили в главном зале")
    room = await database.fetchval("select room from question")
    await database.execute("insert into vote (room, item, voter) values ($1, 'a', 'person:7')", room)
    await moved(database, number, at=timedelta(minutes=-10))
    other = await database.fetchval("select id from channel where slug = 'practice'")
    await asked(database, "b", room=f"questions:{other}", text="А тут спросили потом")
    page = await anna.read(f"/c/school/s/{number}", headers={"Accept-Language": "ru"})
    assert page.index("Спросили в главном зале") < page.index("А тут спросили потом")
    assert "1 голос" in page


async def test_a_question_of_a_moved_session_is_answered_in_the_room_it_was_asked_in(
    site: Site, database: Pool, redis: Operator
) -> None:
    await speaks(database)
    number, item = await session(database), await asked(database, "a")
    room = await database.fetchval("select room from question")
    await moved(database, number, at=timedelta(minutes=-10))
    sergey = await site.visitor(signed_in="sergey@veche.example")
    for text in ("Да, слышно.", "Да, теперь слышно."):
        assert (await answer(sergey, number, item, text)).status == 303
    assert [one["answer"] for one in (await state(redis, room)).values()] == ["Да, теперь слышно."]
    other = await database.fetchval("select id from channel where slug = 'practice'")
    assert await state(redis, f"questions:{other}") == {}


async def test_the_chat_of_a_moved_session_is_what_was_said_where_it_was(anna: Visitor, database: Pool) -> None:
    number = await session(database)
    await moved(database, number, at=timedelta(minutes=-10))
    other = await database.fetchval("select id from channel where slug = 'practice'")
    await say(database, "Ещё в главном зале", -20)
    await say(database, "В главном зале уже другое", -5)
    for text, minutes in (("В практикуме ещё другое", -20), ("Уже в практикуме", -5)):
        await say(database, text, minutes)
        await database.execute("update chat_message set room = $1 where text = $2", f"chat:{other}", text)
    page = await anna.read(f"/c/school/s/{number}")
    assert page.index("Ещё в главном зале") < page.index("Уже в практикуме")
    for absent in ("уже другое", "ещё другое"):
        assert absent not in page


async def test_polls_of_a_session_stay_on_its_page_for_good_wherever_it_goes(anna: Visitor, database: Pool) -> None:
    number = await session(database)
    own, options = await poll(database)
    await database.execute("update poll set session_id = $1", number)
    await database.execute("update poll set status = 'closed', closed_at = now()")
    for _ in range(poll_rules.SHOWN_AT_ONCE + 1):
        await poll(database, status="closed")
    await database.execute("update poll set opened_at = now() - interval '1 day' where id = $1", own)
    await moved(database, number, at=timedelta(minutes=-10))
    page = await anna.read(f"/c/school/s/{number}")
    assert page.count('class="ballot"') == 1
    assert f'id="poll-{own}"' in page
    await database.execute("update poll set status = 'open', closed_at = null where id = $1", own)
    page = await anna.read(f"/c/school/s/{number}")
    assert f'action="/c/school/main/polls/{own}/vote"' in page, "people vote in the channel that the poll is in"
    assert f'value="{options[0]}"' in page
