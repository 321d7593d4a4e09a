"""The page of the hall over HTTP: a question and a vote without an account, counted by device."""

import json
import re
from datetime import timedelta
from typing import Any

import orjson
import pytest

from realtime import channels, passes
from sql.connection import Pool
from tests.conferences.stage import asked, ballots, poll, remembering, screen, sent_out, session, speaks
from tests.operator import Operator
from tests.web.site import NOW, TOKEN, Site, Visitor
from web.conferences import hall, screen_rules
from web.conferences.screen_rules import HALL

LIVE = re.compile(r'<script type="application/json" id="live">(.*?)</script>', re.DOTALL)
MARKED = re.compile(r'<span class="asked-name">Sergey</span>\s*<span class="badge">Гость</span>')


async def opened(site: Site, database: Pool, **more: Any) -> str:
    number = await screen(database, **more)
    return f"/hall/{screen_rules.token(HALL, number, secret=site.settings.secret)}"


async def send(visitor: Visitor, here: str, what: str, **fields: str) -> Any:
    found = TOKEN.search(await visitor.read(here))
    assert found
    return await visitor.ask("POST", f"{here}/{what}", data={"csrf": found[1], **fields})


async def at_desk(redis: Operator, database: Pool) -> list[dict[str, Any]]:
    channel = await database.fetchval("select id from channel where slug = 'main'")
    found: Any = await redis.hgetall(channels.state(channels.desk(channels.questions(channel))))
    return [orjson.loads(bytes(value).partition(b" ")[2]) for value in found.values()]


async def test_a_stranger_asks_and_only_the_desk_has_it(
    site: Site, visitor: Visitor, database: Pool, redis: Operator
) -> None:
    here = await opened(site, database)
    answer = await send(visitor, here, "ask", text="  А если интернет пропадёт?  ")
    assert (answer.status, answer.headers["Location"]) == (303, f"{here}?asked=1#asked")
    (question,) = await at_desk(redis, database)
    assert (question["text"], question["status"], question["user"]) == ("А если интернет пропадёт?", "asked", 0)
    assert question["anonymous"] is True
    assert question["name"] == "Гость в зале (Фойе)"
    assert "А если интернет пропадёт?" not in await (await site.visitor()).read(here)


async def test_a_script_is_answered_what_changes_alone(site: Site, visitor: Visitor, database: Pool) -> None:
    here = await opened(site, database)
    number, options = await poll(database)
    await asked(database, "item", text="Долгий вопрос")
    voted = await send(visitor, here, f"polls/{number}/vote", option=str(options[1]), now="1")
    assert (voted.status, voted.headers["Location"]) == (303, f"{here}?voted=1&now=1#poll")
    await send(visitor, here, "up", item="item", on="1")
    again = await visitor.read(voted.headers["Location"])
    assert re.search(rf'value="{options[1]}" aria-pressed="true"', again)
    assert TOKEN.search(again), "one may vote otherwise"
    assert 'id="session"' in again
    live = json.loads(LIVE.findall(again)[0])
    assert live == {"session": await session(database), "votes": {"item": 1}, "mine": ["item"]}
    assert "Долгий вопрос" not in again
    sent = await send(visitor, here, "ask", text="Ещё один?", now="1")
    assert 'class="hall-thanks"' in await visitor.read(sent.headers["Location"])


async def test_a_question_may_be_signed(site: Site, visitor: Visitor, database: Pool, redis: Operator) -> None:
    here = await opened(site, database)
    await send(visitor, here, "ask", text="Кто это придумал?", name="Вера  из Перми")
    (question,) = await at_desk(redis, database)
    assert (question["name"], question["anonymous"]) == ("Вера из Перми", False)


async def test_a_guest_who_signs_as_a_speaker_is_marked_a_guest_wherever_the_name_stands(
    site: Site, visitor: Visitor, database: Pool, redis: Operator
) -> None:
    here = await opened(site, database)
    await send(visitor, here, "ask", text="Кто это придумал?", name="Sergey")
    sergey = await site.visitor(signed_in="sergey@veche.example")
    await send(sergey, here, "ask", text="А это?")
    badges = {one["text"]: (one["name"], one["badge"]) for one in await at_desk(redis, database)}
    assert badges == {"Кто это придумал?": ("Sergey", "guest"), "А это?": ("Sergey", "")}
    await speaks(database)
    await asked(database, "item", person_id=None, name="Sergey", badge="guest")
    number = await session(database)
    for address in (here, f"/c/school/s/{number}", f"/c/school/speak?session={number}"):
        assert MARKED.search(await sergey.read(address)), address
    await database.execute("update question set status = 'asked'")
    mira = await site.visitor(signed_in="mira@veche.example")
    assert re.search(r'Sergey <span class="badge">Гость<', await mira.read("/c/school/moderate/plain"))


async def test_a_form_sent_twice_asks_once(site: Site, visitor: Visitor, database: Pool, redis: Operator) -> None:
    here = await opened(site, database)
    for _ in range(2):
        await send(visitor, here, "ask", text="Дважды?", key="8f5a2c0e-6a7e-4b0c-9a55-0d2f9e5f2b11")
    assert len(await at_desk(redis, database)) == 1


@pytest.mark.parametrize(("text", "code"), [("   ", "question.empty"), ("я" * 1001, "question.too_long")])
async def test_a_question_without_words_or_end_is_refused(
    site: Site, visitor: Visitor, database: Pool, redis: Operator, text: str, code: str
) -> None:
    here = await opened(site, database)
    answer = await send(visitor, here, "ask", text=text)
    assert (answer.status, answer.headers["X-Refusal"]) == (422, code)
    assert f'href="{here}"' in await answer.text()
    assert await at_desk(redis, database) == []


async def test_one_device_votes_once_and_another_for_itself(site: Site, database: Pool) -> None:
    here = await opened(site, database)
    number, options = await poll(database)
    one, other = await site.visitor(), await site.visitor()
    for visitor, option in ((one, options[0]), (one, options[1]), (other, options[1])):
        answer = await send(visitor, here, f"polls/{number}/vote", option=str(option))
        assert answer.status == 303
    found = await ballots(database, number)
    assert sorted(found.values()) == [[options[1]], [options[1]]]
    assert all(voter.startswith("device:") for voter in found)
    assert "100 %" in await one.read(here)
    assert "100 %" not in await (await site.visitor()).read(here), "who has not voted sees no results"


async def test_whoever_is_signed_in_is_one_person_in_the_hall_and_at_home(
    site: Site, anna: Visitor, database: Pool, redis: Operator
) -> None:
    here = await opened(site, database)
    number, options = await poll(database)
    person = await database.fetchval("select id from person where name = 'Anna'")
    await send(anna, here, f"polls/{number}/vote", option=str(options[0]))
    assert list(await ballots(database, number)) == [f"person:{person}"]
    await send(anna, here, "ask", text="Из зала, но под именем")
    (question,) = await at_desk(redis, database)
    assert (question["user"], question["name"], question["anonymous"]) == (person, "Anna", False)


async def test_a_device_without_its_cookie_cannot_be_counted(site: Site, visitor: Visitor, database: Pool) -> None:
    here = await opened(site, database)
    number, options = await poll(database)
    found = TOKEN.search(await visitor.read(here))
    assert found
    jar = visitor.http.session.cookie_jar
    jar.clear(lambda one: one.key == "veche-device")
    fields = {"csrf": found[1], "option": str(options[0])}
    answer = await visitor.ask("POST", f"{here}/polls/{number}/vote", data=fields)
    assert (answer.status, answer.headers["X-Refusal"]) == (403, "hall.no_cookie")
    jar.update_cookies({"veche-device": f"{'a' * 22}.{'b' * 22}"}, visitor.http.make_url("/"))
    answer = await visitor.ask("POST", f"{here}/polls/{number}/vote", data=fields)
    assert answer.headers["X-Refusal"] == "hall.no_cookie", "a cookie of somebody else's making"
    assert await ballots(database, number) == {}


async def test_a_device_that_asks_too_often_waits(site: Site, visitor: Visitor, database: Pool) -> None:
    here = await opened(site, database)
    (most, _), _, _ = hall.LIMITS["ask"]
    for number in range(most):
        assert (await send(visitor, here, "ask", text=f"Вопрос {number}?")).status == 303
    answer = await send(visitor, here, "ask", text="Ещё один?")
    assert (answer.status, answer.headers["X-Refusal"]) == (429, "hall.too_often")
    assert int(answer.headers["Retry-After"]) > 0
    assert (await send(await site.visitor(), here, "ask", text="А я первый раз")).status == 303


async def test_one_code_takes_so_many_questions_and_no_more(
    site: Site, visitor: Visitor, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await opened(site, database)
    monkeypatch.setitem(hall.LIMITS, "ask", ((9, 60), (9, 60), (1, 60)))
    assert (await send(visitor, here, "ask", text="Первый?")).status == 303
    answer = await send(await site.visitor(), here, "ask", text="Второй?")
    assert answer.headers["X-Refusal"] == "hall.too_often"


async def test_what_was_let_through_is_shown_and_wanted(
    site: Site, visitor: Visitor, database: Pool, redis: Operator
) -> None:
    here = await opened(site, database)
    await asked(database, "shown", text="Одобренный вопрос?")
    await asked(database, "waits", status="asked", text="Ждущий вопрос?")
    await asked(database, "gone", status="rejected", text="Отклонённый вопрос?")
    page = await visitor.read(here)
    assert "Одобренный вопрос?" in page
    assert "Ждущий" not in page
    assert "Отклонённый" not in page
    channel = await database.fetchval("select id from channel where slug = 'main'")
    room = channels.questions(channel)
    for item, status in (("shown", 303), ("waits", 404), ("nothing", 404)):
        assert (await send(visitor, here, "up", item=item, on="1")).status == status
    await send(visitor, here, "up", item="shown", on="1")
    votes = await database.fetch("select item, voter from vote where room = $1", room)
    assert [row["item"] for row in votes] == ["shown"]
    await send(visitor, here, "up", item="shown")
    assert await database.fetchval("select count(*) from vote") == 0


async def test_the_phone_may_listen_to_one_room_and_announcements_and_say_nothing(
    site: Site, visitor: Visitor, database: Pool
) -> None:
    here = await opened(site, database)
    found = LIVE.search(await visitor.read(here))
    assert found
    given = json.loads(found[1])
    row = await database.fetchrow("select id, conference_id from channel where slug = 'main'")
    assert row
    shown = passes.verify(given["token"], secret=site.settings.secret, now=NOW.timestamp())
    nothing = frozenset[str]()
    assert shown.rooms == {f"questions:{row['id']}": nothing, f"announcements:{row['conference_id']}": nothing}
    assert (await visitor.get(f"{here}/pass")).status == 200


async def test_a_closed_address_takes_nothing(site: Site, visitor: Visitor, database: Pool, redis: Operator) -> None:
    here = await opened(site, database)
    found = TOKEN.search(await visitor.read(here))
    assert found
    await database.execute("update screen set revoked_at = $1", NOW - timedelta(minutes=1))
    for what in ("ask", "up"):
        answer = await visitor.ask("POST", f"{here}/{what}", data={"csrf": found[1], "text": "?", "item": "x"})
        assert (answer.status, answer.headers["X-Refusal"]) == (410, "screen.revoked")
    assert await at_desk(redis, database) == []


async def test_new_phones_of_one_address_are_bounded_and_those_that_voted_go_on(
    site: Site, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await opened(site, database)
    monkeypatch.setattr(hall, "NEWCOMERS", ((2, 60), (3, 3600)))
    number, options = await poll(database)
    await asked(database, "shown")
    first, second, third = [await site.visitor() for _ in range(3)]
    for visitor in (first, second):
        assert (await send(visitor, here, f"polls/{number}/vote", option=str(options[0]))).status == 303
    for what, fields in ((f"polls/{number}/vote", {"option": str(options[0])}), ("up", {"item": "shown", "on": "1"})):
        answer = await send(third, here, what, **fields)
        assert (answer.status, answer.headers["X-Refusal"]) == (429, "hall.too_often")
        assert int(answer.headers["Retry-After"]) > 0
    assert (await send(first, here, f"polls/{number}/vote", option=str(options[1]))).status == 303, (
        "who was let in stays"
    )
    assert (await send(second, here, "up", item="shown", on="1")).status == 303
    assert len(await ballots(database, number)) == 2
    assert (await third.get(here)).status == 200, "it may read, and ask"
    assert (await send(third, here, "ask", text="А почему?")).status == 303


async def test_a_hall_of_two_thousand_behind_one_address_has_room(redis: Operator) -> None:
    (at_once, minute), (in_all, half_a_day) = hall.NEWCOMERS
    assert (minute, half_a_day) == (60, 12 * 3600)
    assert at_once * 2 >= 2_000
    assert in_all >= 2_000
    for what in ("vote", "up"):
        _, (of_address, _), (of_screen, _) = hall.LIMITS[what]
        assert of_screen >= of_address >= 2_000


async def test_whoever_was_banned_does_not_vote_in_the_hall_either(site: Site, anna: Visitor, database: Pool) -> None:
    here = await opened(site, database)
    number, options = await poll(database)
    await asked(database, "shown")
    await sent_out(site, database)
    for what, fields in ((f"polls/{number}/vote", {"option": str(options[0])}), ("up", {"item": "shown", "on": "1"})):
        answer = await send(anna, here, what, **fields)
        assert (answer.status, answer.headers["X-Refusal"]) == (403, "vote.banned")
    assert await ballots(database, number) == {}
    assert await database.fetchval("select count(*) from vote") == 0


async def test_the_page_of_the_hall_is_counted_once_a_second_and_knows_who_looks(
    site: Site, visitor: Visitor, database: Pool
) -> None:
    here = await opened(site, database)
    clock, _ = remembering(site), await asked(database, "shown", text="Слышно?")
    other = await site.visitor()
    await other.read(here)
    sent = await send(visitor, here, "up", item="shown", on="1")
    pressed, one = 'aria-pressed="true"', '<span class="up-count">1</span>'
    assert one not in await other.read(here)
    assert one in await visitor.read(sent.headers["Location"].partition("#")[0]), "whoever voted sees it counted"
    clock.a_second_passes()
    mine, theirs = await visitor.read(here), await other.read(here)
    assert pressed in mine
    assert pressed not in theirs
    assert one in theirs
