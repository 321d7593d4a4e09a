"""Polls over HTTP: who sees what, who votes, who may write and open them."""

import asyncio
from typing import Any

import pytest

from sql.connection import Pool
from tests.conferences.stage import ballots, csrf_of, poll, remembering, sent_out, vote
from tests.web.site import Site, Visitor
from web.conferences import poll_rules, votes

POLLS = "/c/school/main/polls"
DESK = "/desk/school/polls"


async def standing(visitor: Visitor) -> list[dict[str, Any]]:
    answer = await visitor.get(f"{POLLS}.json")
    assert answer.status == 200
    found: list[dict[str, Any]] = (await answer.json())["polls"]
    return found


async def send(visitor: Visitor, path: str, *options: int) -> Any:
    csrf = await csrf_of(visitor)
    return await visitor.ask("POST", path, data=[("csrf", csrf), *(("option", str(one)) for one in options)])


async def test_a_secret_poll_tells_how_many_voted_and_not_for_what(anna: Visitor, database: Pool) -> None:
    number, options = await poll(database)
    await vote(database, number, "person:999", options[0])
    (shown,) = await standing(anna)
    assert (shown["votes"], shown["results"], shown["mine"]) == (1, False, [])
    assert [one["count"] for one in shown["options"]] == [None, None, None]
    page = await anna.read(POLLS)
    assert "100 %" not in page
    assert "Проголосовал 1 человек" in page
    answer = await send(anna, f"{POLLS}/{number}/vote.json", options[1])
    after = (await answer.json())["poll"]
    assert [one["count"] for one in after["options"]] == [1, 1, 0]
    assert after["mine"] == [options[1]]


async def test_an_open_poll_that_hides_nothing_is_seen_before_voting(anna: Visitor, database: Pool) -> None:
    number, options = await poll(database, secret=False)
    await vote(database, number, "person:999", options[0])
    (shown,) = await standing(anna)
    assert [one["share"] for one in shown["options"]] == [100, 0, 0]


async def test_drafts_are_nobodys_business(anna: Visitor, database: Pool) -> None:
    number, options = await poll(database, status="draft")
    assert await standing(anna) == []
    answer = await send(anna, f"{POLLS}/{number}/vote.json", options[0])
    assert (answer.status, (await answer.json())["code"]) == (404, "poll.unknown")


async def test_one_voter_has_one_ballot_and_may_change_their_mind(anna: Visitor, database: Pool) -> None:
    number, options = await poll(database)
    for option in options:
        answer = await send(anna, f"{POLLS}/{number}/vote", option)
        assert (answer.status, answer.headers["Location"]) == (303, f"{POLLS}?voted=1#poll-{number}")
    anna_is = await database.fetchval("select id from person where name = 'Anna'")
    assert await ballots(database, number) == {f"person:{anna_is}": [options[2]]}


async def test_many_votes_of_one_person_at_once_are_one(anna: Visitor, database: Pool) -> None:
    number, options = await poll(database, kind="multiple")
    csrf = await csrf_of(anna)
    fields = [("csrf", csrf), ("option", str(options[0])), ("option", str(options[2]))]
    await asyncio.gather(*(anna.ask("POST", f"{POLLS}/{number}/vote.json", data=fields) for _ in range(12)))
    (found,) = (await ballots(database, number)).values()
    assert found == [options[0], options[2]]
    (shown,) = await standing(anna)
    assert (shown["votes"], [one["count"] for one in shown["options"]]) == (1, [1, 0, 1])


async def test_after_the_end_nobody_votes_and_everybody_sees(anna: Visitor, database: Pool) -> None:
    number, options = await poll(database, status="closed")
    await vote(database, number, "person:999", options[0])
    answer = await send(anna, f"{POLLS}/{number}/vote.json", options[1])
    assert (answer.status, (await answer.json())["code"]) == (409, "poll.closed")
    (shown,) = await standing(anna)
    assert [one["count"] for one in shown["options"]] == [1, 0, 0]


async def test_a_ballot_holds_options_of_its_poll_alone(anna: Visitor, database: Pool) -> None:
    number, options = await poll(database)
    other, foreign = await poll(database, channel="practice")
    for chosen in ((), (foreign[0],), (options[0], foreign[0]), (options[0], options[1]), (10**17,)):
        answer = await send(anna, f"{POLLS}/{number}/vote.json", *chosen)
        assert (answer.status, (await answer.json())["code"]) == (422, "poll.choose")
    answer = await send(anna, f"{POLLS}/{other}/vote.json", foreign[0])
    assert (answer.status, (await answer.json())["code"]) == (404, "poll.unknown"), "it is another channel's"
    assert await ballots(database, number) == {}
    page = await send(anna, f"{POLLS}/{number}/vote")
    assert page.status == 422
    assert f'href="{POLLS}"' in await page.text()


async def test_polls_are_for_participants(site: Site, visitor: Visitor, database: Pool) -> None:
    number, options = await poll(database)
    vadim = await site.visitor(signed_in="vadim@veche.example")
    assert (await vadim.get(f"{POLLS}.json")).status == 403
    assert (await send(vadim, f"{POLLS}/{number}/vote.json", options[0])).status == 403
    assert (await visitor.get(f"{POLLS}.json")).status == 401
    assert (await send(visitor, f"{POLLS}/{number}/vote.json", options[0])).status == 401
    assert await ballots(database, number) == {}


async def test_a_vote_needs_a_form_of_ours(anna: Visitor, database: Pool) -> None:
    number, options = await poll(database)
    answer = await anna.ask("POST", f"{POLLS}/{number}/vote", data={"option": str(options[0])})
    assert answer.headers["X-Refusal"] == "csrf.missing"
    assert await ballots(database, number) == {}


async def test_what_a_poll_says_never_becomes_markup(anna: Visitor, database: Pool) -> None:
    await poll(database)
    answer = await anna.get(POLLS)
    text = await answer.text()
    assert "<b>Домой</b>" not in text
    assert "&lt;b&gt;Домой" in text


async def test_an_open_poll_never_vanishes_behind_newer_ones(anna: Visitor, database: Pool) -> None:
    first, _ = await poll(database, status="closed")
    for _ in range(poll_rules.SHOWN_AT_ONCE + 5):
        await poll(database, status="closed")
    await database.execute("update poll set opened_at = now() - interval '1 day' where id = $1", first)
    assert first not in [one["id"] for one in await standing(anna)]
    await database.execute("update poll set status = 'open', closed_at = null where id = $1", first)
    found = await standing(anna)
    assert (found[0]["id"], len(found)) == (first, poll_rules.SHOWN_AT_ONCE)
    page = await anna.read(POLLS)
    assert f'id="poll-{first}"' in page


async def test_whoever_was_banned_has_no_ballot_and_whoever_is_muted_has(
    site: Site, anna: Visitor, database: Pool
) -> None:
    number, options = await poll(database)
    await sent_out(site, database, muted=True)
    assert (await send(anna, f"{POLLS}/{number}/vote.json", options[0])).status == 200
    await sent_out(site, database)
    for path in (f"{POLLS}/{number}/vote.json", f"{POLLS}/{number}/vote"):
        answer = await send(anna, path, options[1])
        assert (answer.status, answer.headers["X-Refusal"]) == (403, "vote.banned")
    assert list((await ballots(database, number)).values()) == [[options[0]]]


async def test_a_ballot_is_changed_a_few_times_and_another_poll_has_its_own_count(
    anna: Visitor, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(votes.LIMITS, "ballot", (2, 60))
    number, options = await poll(database)
    for option in options[:2]:
        assert (await send(anna, f"{POLLS}/{number}/vote.json", option)).status == 200
    answer = await send(anna, f"{POLLS}/{number}/vote.json", options[2])
    assert (answer.status, (await answer.json())["code"]) == (429, "vote.too_often")
    await database.execute("update poll set status = 'closed', closed_at = now()")
    other, more = await poll(database)
    assert (await send(anna, f"{POLLS}/{other}/vote.json", more[0])).status == 200


async def test_polls_are_counted_once_a_second_for_all_and_at_once_for_voters_and_the_team(
    site: Site, anna: Visitor, database: Pool
) -> None:
    clock, (number, options) = remembering(site), await poll(database, secret=False)
    olga = await site.visitor(signed_in="olga@veche.example")
    assert (await standing(anna))[0]["votes"] == 0
    await vote(database, number, "person:999", options[0])
    assert (await standing(anna))[0]["votes"] == 0
    assert (await standing(olga))[0]["votes"] == 1
    assert (await standing(anna))[0]["votes"] == 1, "what was asked anew is known to all"
    answer = await send(anna, f"{POLLS}/{number}/vote.json", options[1])
    mine = (await answer.json())["poll"]
    assert ([one["count"] for one in mine["options"]], mine["mine"]) == ([1, 1, 0], [options[1]])
    mira = await site.visitor(signed_in="sergey@veche.example")
    assert (await standing(mira))[0]["mine"] == [], "what is shared holds nobody's choice"
    await vote(database, number, "person:998", options[2])
    clock.a_second_passes()
    assert (await standing(anna))[0]["votes"] == 3


# The desk

FIELDS = {
    "question_ru": "Что взять домой?",
    "question_kk": "Үйге не аламыз?",
    "options_ru": "Приём\nИдею",
    "options_kk": "Тәсіл\nОй",
    "kind": "multiple",
    "session": "",
}


async def write(visitor: Visitor, database: Pool, **changed: str) -> Any:
    channel = await database.fetchval("select id from channel where slug = 'main'")
    return await visitor.post(f"{DESK}/new", **{**FIELDS, "channel": str(channel), **changed})


@pytest.mark.parametrize(
    ("email", "status"), [("", 303), ("anna", 403), ("sergey", 403), ("vadim", 403), ("mira", 200), ("olga", 200)]
)
async def test_the_desk_is_for_moderators_and_organisers(site: Site, database: Pool, email: str, status: int) -> None:
    number, _ = await poll(database, status="draft")
    visitor = await site.visitor(signed_in=f"{email}@veche.example" if email else "")
    for path in (DESK, f"{DESK}/new", f"{DESK}/{number}"):
        assert (await visitor.get(path)).status == status, path
    moved = await visitor.post(f"{DESK}/{number}/move", verb="open")
    assert moved.status == (303 if status in (200, 303) else 403)
    now = await database.fetchval("select status from poll")
    assert now == ("open" if status == 200 else "draft")


async def test_a_poll_is_written_changed_opened_closed_and_opened_again(site: Site, database: Pool) -> None:
    mira = await site.visitor(signed_in="mira@veche.example")
    made = await write(mira, database)
    assert made.status == 303
    number = await database.fetchval("select id from poll")
    assert made.headers["Location"].startswith(f"{DESK}/{number}")
    channel = str(await database.fetchval("select id from channel where slug = 'main'"))
    changed = {**FIELDS, "channel": channel, "options_kk": "Тәсіл\nОй\nДос", "options_ru": ""}
    assert (await mira.edit(f"{DESK}/{number}", **changed)).status == 303
    texts = await database.fetch("select text from poll_option order by position")
    assert [row["text"] for row in texts] == [{"kk": "Тәсіл"}, {"kk": "Ой"}, {"kk": "Дос"}]
    for verb, status in (("open", "open"), ("close", "closed"), ("open", "open"), ("close", "closed")):
        assert (await mira.post(f"{DESK}/{number}/move", verb=verb)).status == 303
        assert await database.fetchval("select status from poll") == status
    done = [row["what"] for row in await database.fetch("select what from change where subject = $1", f"poll:{number}")]
    assert sorted(done) == ["poll.add", "poll.change", "poll.close", "poll.close", "poll.open", "poll.open"]


async def test_what_people_see_is_not_reworded_behind_their_back(site: Site, database: Pool) -> None:
    mira = await site.visitor(signed_in="mira@veche.example")
    number, options = await poll(database)
    channel = str(await database.fetchval("select id from channel where slug = 'main'"))
    answer = await mira.post(f"{DESK}/{number}", **{**FIELDS, "channel": channel})
    assert (answer.status, answer.headers["X-Refusal"]) == (409, "poll.moved")
    assert await database.fetchval("select count(*) from poll_option where poll_id = $1", number) == len(options)


async def test_a_mistake_is_mended_by_erasing_the_votes(site: Site, database: Pool) -> None:
    mira = await site.visitor(signed_in="mira@veche.example")
    number, options = await poll(database, status="closed")
    await vote(database, number, "person:999", options[0])
    assert (await mira.post(f"{DESK}/{number}/move", verb="recall")).status == 303
    assert await ballots(database, number) == {}
    assert await database.fetchval("select status from poll") == "draft"
    assert (await mira.post(f"{DESK}/{number}/move", verb="drop")).status == 303
    assert await database.fetchval("select count(*) from poll") == 0


async def test_a_poll_that_was_recalled_leaves_its_channel_when_that_was_told(site: Site, database: Pool) -> None:
    mira = await site.visitor(signed_in="mira@veche.example")
    number, _ = await poll(database, status="closed")
    await database.execute("update poll set told = 'closed'")
    assert (await mira.post(f"{DESK}/{number}/move", verb="recall")).status == 303
    elsewhere = str(await database.fetchval("select id from channel where slug = 'practice'"))
    gone = await mira.post(f"{DESK}/{number}/move", verb="drop")
    assert (gone.status, gone.headers["X-Refusal"]) == (409, "poll.still_shown")
    moved = await mira.edit(f"{DESK}/{number}", **FIELDS, channel=elsewhere)
    assert moved.status == 422
    assert "Экраны ещё показывают этот опрос" in await moved.text()
    assert FIELDS["question_ru"] in await moved.text()
    here = str(await database.fetchval("select channel_id from poll"))
    assert (await mira.edit(f"{DESK}/{number}", **FIELDS, channel=here)).status == 303
    await database.execute("update poll set told = ''")  # workers told the room that it is gone
    assert (await mira.edit(f"{DESK}/{number}", **FIELDS, channel=elsewhere)).status == 303
    assert (await mira.post(f"{DESK}/{number}/move", verb="drop")).status == 303


async def test_a_channel_has_one_open_poll(site: Site, database: Pool) -> None:
    mira = await site.visitor(signed_in="mira@veche.example")
    await poll(database)
    second, _ = await poll(database, status="draft")
    elsewhere, _ = await poll(database, status="draft", channel="practice")
    answer = await mira.post(f"{DESK}/{second}/move", verb="open")
    assert (answer.status, answer.headers["X-Refusal"]) == (409, "poll.another_open")
    assert f'href="{DESK}"' in await answer.text()
    assert (await mira.post(f"{DESK}/{elsewhere}/move", verb="open")).status == 303


@pytest.mark.parametrize("verb", ["close", "recall", "explode", ""])
async def test_a_step_that_is_not_there_is_refused(site: Site, database: Pool, verb: str) -> None:
    mira = await site.visitor(signed_in="mira@veche.example")
    number, _ = await poll(database, status="draft")
    answer = await mira.post(f"{DESK}/{number}/move", verb=verb)
    assert (answer.status, answer.headers["X-Refusal"]) == (409, "poll.moved")


async def test_a_wrong_form_comes_back_with_what_was_typed(site: Site, database: Pool) -> None:
    mira = await site.visitor(signed_in="mira@veche.example")
    answer = await write(mira, database, options_kk="Жалғыз", question_ru="Мой <вопрос>", options_ru="")
    page = await answer.text()
    assert answer.status == 422
    assert "Мой &lt;вопрос&gt;" in page
    assert "Жалғыз" in page
    assert 'id="options_kk-wrong"' in page
    assert await database.fetchval("select count(*) from poll") == 0


async def test_a_form_sent_twice_makes_one_poll(site: Site, database: Pool) -> None:
    mira = await site.visitor(signed_in="mira@veche.example")
    key = "8f5a2c0e-6a7e-4b0c-9a55-0d2f9e5f2b11"
    for _ in range(2):
        assert (await write(mira, database, form_key=key)).status == 303
    assert await database.fetchval("select count(*) from poll") == 1


async def test_polls_of_another_conference_are_not_there(site: Site, database: Pool) -> None:
    number, _ = await poll(database, status="draft")
    await database.execute(
        "insert into conference (slug, name, tagline, about, zone, languages, language, starts_on, ends_on,"
        " published_at) select 'other', name, tagline, about, zone, languages, language, starts_on, ends_on, now()"
        " from conference"
    )
    await database.execute(
        "insert into role select id, (select id from person where name = 'Mira'), 'moderator' from conference"
        " where slug = 'other'"
    )
    mira = await site.visitor(signed_in="mira@veche.example")
    assert (await mira.get(f"/desk/other/polls/{number}")).status == 404
    assert (await mira.post(f"/desk/other/polls/{number}/move", verb="open")).status == 404
