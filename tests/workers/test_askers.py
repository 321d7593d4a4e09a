"""Whoever asked hears of each step once, in their language, with a link to where it is to be seen."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from config.languages import LANGUAGES
from realtime import channels, publish
from sql.connection import Pool
from tests.operator import Operator
from tests.workers.test_stage import Programme
from tests.workers.test_stage import programme as programme
from tests.workers.worker import Worker
from workers.askers import STEPS, Askers, sentence

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
async def asker(database: Pool) -> int:
    return int(
        await database.fetchval(
            """insert into person (email, name, password_hash, language)
            values ('anna@example.org', 'Anna', '-', 'kk') returning id"""
        )
    )


async def question(database: Pool, channel: int, item: str, person: int | None, **known: Any) -> None:
    """A question as the archive has it, and as it is from now on."""
    row = {
        "room": channels.questions(channel),
        "item": item,
        "epoch": "life",
        "offset": 1,
        "person_id": person,
        "name": "",
        "badge": "",
        "anonymous": False,
        "status": "asked",
        "text": "Неге?",
        "asked_at": NOON,
        "changed_at": NOON,
        **known,
    }
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in row)
    await database.execute(
        f"insert into question ({names}) values ({places}) on conflict (room, item) do update set {changes}",
        *row.values(),
    )


async def notices(redis: Operator, person: int) -> list[Any]:
    found: Any = await redis.xrange(channels.log(channels.inbox(person)))
    return [orjson.loads(fields[b"e"]) for _, fields in found]


async def test_each_step_is_told_once_and_in_the_askers_language(
    database: Pool, redis: Operator, programme: Programme, asker: int
) -> None:
    askers = Askers(database, redis)
    session = await programme.session()
    await programme.release({session: (-5, 5)})
    steps: list[dict[str, Any]] = [
        {"status": "asked"},
        {"status": "approved"},
        {"status": "approved", "pinned": True, "text": "Неге екен?"},
        {"status": "answering"},
        {"status": "answered"},
        {"status": "answered", "answer": "Сондықтан."},
        {"status": "answered", "answer": "Себебі сондай."},
    ]
    for number, step in enumerate(steps):
        await question(database, programme.channel, "q1", asker, session_id=session, offset=number, **step)
        for _ in range(2):
            await askers.round()
    told = await notices(redis, asker)
    kinds = ["question.approved", "question.answering", "question.answered", "question.answered"]
    assert [one["kind"] for one in told] == kinds
    assert told[0]["text"] == "Сұрағыңыз жарияланды: «Неге?»"
    there = f"/c/uchitel/s/{session}#q-q1"
    assert [one["link"] for one in told] == [
        *(there, "/c/uchitel/main#questions", there, there),
    ]
    assert {one["thread"] for one in told} == {"notices"}


async def test_a_step_that_is_taken_again_is_told_again(
    database: Pool, redis: Operator, programme: Programme, asker: int
) -> None:
    askers = Askers(database, redis)
    for status in ("approved", "asked", "approved", "rejected", "asked"):
        await question(database, programme.channel, "q1", asker, status=status, reason="")
        await askers.round()
    kinds = [one["kind"] for one in await notices(redis, asker)]
    assert kinds == ["question.approved", "question.approved", "question.rejected"]


async def test_an_edited_question_is_told_in_its_new_words_once_also_when_it_was_shown_before(
    database: Pool, redis: Operator, programme: Programme, asker: int
) -> None:
    askers = Askers(database, redis)
    anew = {"text": "Неге екен?", "original": "Неге?"}
    steps: list[dict[str, Any]] = [
        {"status": "asked", **anew},  # worded anew before anybody sees it
        {"status": "approved", **anew},
        {"status": "approved", **anew, "pinned": True},
    ]
    for number, step in enumerate(steps):
        await question(database, programme.channel, "before", asker, offset=number, **step)
        await askers.round()
    for number, step in enumerate(({}, anew)):
        await question(database, programme.channel, "after", asker, offset=number, status="approved", **step)
        await askers.round()
    told = await notices(redis, asker)
    assert [one["kind"] for one in told] == ["question.edited", "question.approved", "question.edited"]
    assert "Неге екен?" in told[0]["text"]
    assert "модератор" in told[0]["text"].lower()


async def test_a_merged_question_leads_to_the_one_it_became_a_part_of(
    database: Pool, redis: Operator, programme: Programme, asker: int
) -> None:
    session = await programme.session()
    await programme.release({session: (-5, 5)})
    more = {"session_id": session, "status": "merged", "merged": "theirs"}
    await question(database, programme.channel, "mine", asker, **more)
    await Askers(database, redis).round()
    [told] = await notices(redis, asker)
    assert (told["kind"], told["link"]) == ("question.merged", f"/c/uchitel/s/{session}#q-theirs")


async def test_a_rejection_has_its_reason_and_leads_to_the_channel(
    database: Pool, redis: Operator, programme: Programme, asker: int
) -> None:
    await question(database, programme.channel, "q1", asker, status="rejected", reason="тақырыптан тыс")
    await Askers(database, redis).round()
    [told] = await notices(redis, asker)
    assert told["text"].endswith("тақырыптан тыс")
    assert told["link"] == "/c/uchitel/main#questions"


async def test_who_asked_in_the_hall_or_is_gone_is_told_nothing_and_holds_up_nobody(
    database: Pool, redis: Operator, programme: Programme, asker: int
) -> None:
    await question(database, programme.channel, "hall", None, status="approved")
    await question(database, programme.channel, "gone", 9999, status="approved")
    await question(database, 9999, "of a channel that is no more", asker, status="approved")
    await question(database, programme.channel, "q1", asker, status="approved")
    askers = Askers(database, redis)
    await askers.round()
    assert len(await notices(redis, asker)) == 1
    assert await database.fetchval("select count(*) from question where told <> step") == 0


async def test_a_worker_that_died_before_it_was_noted_tells_nobody_twice(
    database: Pool, redis: Operator, programme: Programme, asker: int
) -> None:
    await question(database, programme.channel, "q1", asker, status="approved")
    askers = Askers(database, redis)
    await askers.round()
    await database.execute("update question set told = '', tellings = 0")
    await askers.round()
    assert len(await notices(redis, asker)) == 1


async def test_several_workers_tell_each_asker_once(
    database: Pool, redis: Operator, programme: Programme, asker: int
) -> None:
    for number in range(120):
        await question(database, programme.channel, f"q{number}", asker, status="approved")
    workers = [Askers(database, redis) for _ in range(3)]
    while await database.fetchval("select count(*) from question where told <> step"):
        await asyncio.gather(*(worker.round() for worker in workers))
    assert len(await notices(redis, asker)) == 120


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_has_its_sentence_and_a_long_question_is_cut(language: str) -> None:
    row = {"language": language, "text": "слово " * 50, "reason": "100 % off-topic"}
    said = {sentence({**row, "step": step}) for step in STEPS}
    assert len(said) == len(STEPS)
    assert all("слово" in one and "…" in one and len(one) < 250 for one in said)
    assert sum("100 % off-topic" in one for one in said) == 1


async def test_a_process_of_workers_sees_a_question_from_the_clock_to_the_askers_inbox(
    told: dict[str, str], database: Pool, redis: Operator, programme: Programme, asker: int
) -> None:
    session = await programme.session()
    await programme.release({session: (-5, 60)})
    channel = programme.channel
    with Worker(told) as worker:
        await worker.until(database, "select exists (select from live_event where event ->> 'is' = 'channel.on_air')")
        who: dict[str, Any] = {"channel": channel, "user": asker, "name": "Anna", "badge": "", "anonymous": False}
        item = await publish.ask(redis, **who, text="Неге?", key="the-question", when=NOON, secret="only a test's")
        wish: dict[str, Any] = {"channel": channel, "item": item, "verb": "approve", "by": 3, "key": "the-approval"}
        await publish.move_question(redis, **wish, when=NOON)
        await worker.until(database, "select coalesce(bool_or(told = 'approved'), false) from question")
    assert await database.fetchval("select session_id from question") == session
    [notice] = await notices(redis, asker)
    assert (notice["kind"], notice["link"]) == ("question.approved", f"/c/uchitel/s/{session}#q-{item}")
