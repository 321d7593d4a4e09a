"""Votes over HTTP: one of each person, only for what is shown, counted for everybody."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from realtime import channels, publish
from realtime.engine import Engine
from sql.connection import Pool
from tests.conferences.stage import remembering, sent_out
from tests.web.site import NOW, Site, Visitor
from web.conferences import votes
from web.keys import REDIS

HERE = "/c/school/main"


async def asked(site: Site, database: Pool, *, approved: bool = True) -> str:
    """A question in the first channel, before everybody or still at the desk; its name."""
    redis = site.server.app[REDIS]
    assert isinstance(redis, Engine)
    channel = await database.fetchval("select id from channel where slug = 'main'")
    item = await publish.ask(
        redis,
        channel=channel,
        user=1,
        name="Anna",
        badge="",
        text="Why?",
        anonymous=False,
        key=str(uuid4()),
        when=NOW,
        secret=site.settings.secret,
    )
    if approved:
        await publish.move_question(
            redis, channel=channel, item=item, verb="approve", by=2, key=str(uuid4()), when=NOW + timedelta(seconds=1)
        )
    return item


async def test_one_person_has_one_vote_however_often_they_press(site: Site, anna: Visitor, database: Pool) -> None:
    item = await asked(site, database)
    mira = await site.visitor(signed_in="mira@veche.example")
    for voter, count in ((anna, 1), (anna, 1), (mira, 2)):
        answer = await voter.post(f"{HERE}/vote", of="questions", item=item, on="1")
        assert answer.status == 200, await answer.text()
        assert await answer.json() == {"item": item, "count": count, "on": True}
    back = await anna.post(f"{HERE}/vote", of="questions", item=item)
    assert await back.json() == {"item": item, "count": 1, "on": False}
    person = await database.fetchval("select id from person where email = 'mira@veche.example'")
    assert await database.fetchval("select voter from vote") == f"person:{person}"


async def test_only_what_is_shown_may_be_voted_for(site: Site, anna: Visitor, database: Pool) -> None:
    waiting = await asked(site, database, approved=False)
    for of, item in (
        ("questions", waiting),
        ("questions", "nothing"),
        ("questions", ""),
        ("chat", "e:1:👍"),
        ("chat", waiting),
        ("polls", waiting),
        ("", ""),
    ):
        answer = await anna.post(f"{HERE}/vote", of=of, item=item, on="1")
        assert (answer.status, (await answer.json())["code"]) == (404, "vote.unknown"), (of, item)
    assert await database.fetchval("select count(*) from vote") == 0


async def test_a_question_that_the_live_room_let_go_may_still_be_voted_for(
    site: Site, anna: Visitor, database: Pool
) -> None:
    channel = await database.fetchval("select id from channel where slug = 'main'")
    for item, status in (("old", "answered"), ("bad", "rejected")):
        await database.execute(
            'insert into question (room, item, epoch, "offset", name, badge, anonymous, status, text, asked_at,'
            " changed_at) values ($1, $2, 'e', 1, '', '', false, $3, 'Why?', now(), now())",
            f"questions:{channel}",
            item,
            status,
        )
    assert (await anna.post(f"{HERE}/vote", of="questions", item="old", on="1")).status == 200
    assert (await anna.post(f"{HERE}/vote", of="questions", item="bad", on="1")).status == 404


async def test_a_message_takes_the_emoji_we_know_and_no_other(site: Site, anna: Visitor, database: Pool) -> None:
    redis = site.server.app[REDIS]
    assert isinstance(redis, Engine)
    channel = await database.fetchval("select id from channel where slug = 'main'")
    at = await publish.say_in_chat(
        redis, channel=channel, user=1, name="Anna", badge="", key=str(uuid4()), text="Hello", when=NOW
    )
    life: Any = await redis.hget(channels.meta(channels.chat(channel)), "epoch")
    epoch = life.decode()
    answer = await anna.post(f"{HERE}/vote", of="chat", item=f"{epoch}:{at}:🔥", on="1")
    assert (await answer.json())["count"] == 1
    for item in (f"{epoch}:{at}:💩", f"{epoch}:{at}", f"other:{at}:🔥", f"{epoch}:{at + 1}:🔥"):
        assert (await anna.post(f"{HERE}/vote", of="chat", item=item, on="1")).status == 404, item


async def test_the_tally_has_the_counts_of_all_and_the_votes_of_oneself(
    site: Site, anna: Visitor, database: Pool
) -> None:
    item = await asked(site, database)
    await anna.post(f"{HERE}/vote", of="questions", item=item, on="1")
    channel = await database.fetchval("select id from channel where slug = 'main'")
    person = await database.fetchval("select id from person where email = 'anna@veche.example'")
    await database.execute(
        'insert into question (room, item, epoch, "offset", person_id, name, badge, anonymous, status, text, reason,'
        " asked_at, changed_at) values ($1, 'mine', 'e', 1, $2, '', '', false, 'rejected', 'Why?', 'Off topic',"
        " now(), now())",
        f"questions:{channel}",
        person,
    )
    room = f"questions:{channel}"
    told = await (await anna.get(f"{HERE}/tally")).json()
    assert told["counts"][room] == {item: 1}
    assert told["mine"][room] == [item]
    assert [(one["item"], one["status"], one["reason"]) for one in told["asked"]] == [("mine", "rejected", "Off topic")]
    mira = await site.visitor(signed_in="mira@veche.example")
    told = await (await mira.get(f"{HERE}/tally")).json()
    assert (told["counts"][room], told["mine"][room], told["asked"]) == ({item: 1}, [], [])


@pytest.mark.parametrize(("path", "status"), [("tally", 401), ("chat", 303)])
async def test_strangers_and_people_without_a_role_stay_outside(
    site: Site, visitor: Visitor, path: str, status: int
) -> None:
    assert (await visitor.get(f"{HERE}/{path}")).status == status
    vadim = await site.visitor(signed_in="vadim@veche.example")
    assert (await vadim.get(f"{HERE}/{path}")).status == 403
    assert (await vadim.post(f"{HERE}/vote", of="questions", item="x", on="1")).status == 403


async def test_a_vote_that_comes_from_another_site_is_refused(anna: Visitor) -> None:
    answer = await anna.ask("POST", f"{HERE}/vote", data={"of": "questions", "item": "x", "on": "1"})
    assert (answer.status, (await answer.json())["code"]) == (403, "csrf.missing")


async def test_a_page_may_load_what_its_streams_need_and_nothing_more(anna: Visitor, database: Pool) -> None:
    async def policy() -> str:
        return (await anna.get(HERE)).headers["Content-Security-Policy"]

    assert "frame-src" not in await policy()
    assert "https:" not in await policy()
    channel = await database.fetchval("select id from channel where slug = 'main'")
    await database.execute(
        "insert into stream values ($1, 'ru', 'youtube', 'https://www.youtube-nocookie.com/embed/abcdefghijk'),"
        " ($1, 'en', 'hls', 'https://cdn.example/live.m3u8')",
        channel,
    )
    found = await policy()
    assert "frame-src https://www.youtube-nocookie.com;" in found
    assert "https://cdn.example" in found
    page = await anna.read(HERE)
    live = json.loads(page.partition('id="live">')[2].partition("</script>")[0])
    assert [one["kind"] for one in live["streams"]] == ["hls", "youtube"]
    assert live["stream"] == 1, "what is on is shown in the reader's language"


async def test_the_chats_own_window_opens_the_same_rooms(anna: Visitor) -> None:
    page = await anna.read(f"{HERE}/chat")
    assert "<live-chat" in page
    assert "chat-window.js" in page


# Who may vote, and how often


async def test_whoever_was_banned_votes_for_nothing_and_takes_nothing_back(
    site: Site, anna: Visitor, database: Pool
) -> None:
    item = await asked(site, database)
    await anna.post(f"{HERE}/vote", of="questions", item=item, on="1")
    await sent_out(site, database)
    for fields in ({"on": "1"}, {}):
        answer = await anna.post(f"{HERE}/vote", of="questions", item=item, **fields)
        assert (answer.status, (await answer.json())["code"]) == (403, "vote.banned")
    assert await database.fetchval("select count(*) from vote") == 1


async def test_whoever_is_muted_may_vote(site: Site, anna: Visitor, database: Pool) -> None:
    item = await asked(site, database)
    await sent_out(site, database, muted=True)
    assert (await anna.post(f"{HERE}/vote", of="questions", item=item, on="1")).status == 200


async def test_whoever_lost_their_role_votes_no_more(site: Site, anna: Visitor, database: Pool) -> None:
    item = await asked(site, database)
    await anna.post(f"{HERE}/vote", of="questions", item=item, on="1")
    await database.execute("delete from role where person_id = (select id from person where name = 'Anna')")
    answer = await anna.post(f"{HERE}/vote", of="questions", item=item)
    assert (answer.status, (await answer.json())["code"]) == (403, "conference.closed")


async def test_one_person_votes_so_often_and_others_are_not_held_up(
    site: Site, anna: Visitor, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(votes.LIMITS, "vote", (2, 60))
    item = await asked(site, database)
    for on in ("1", ""):
        assert (await anna.post(f"{HERE}/vote", of="questions", item=item, on=on)).status == 200
    answer = await anna.post(f"{HERE}/vote", of="questions", item=item, on="1")
    assert (answer.status, (await answer.json())["code"]) == (429, "vote.too_often")
    assert int(answer.headers["Retry-After"]) > 0
    mira = await site.visitor(signed_in="mira@veche.example")
    assert (await mira.post(f"{HERE}/vote", of="questions", item=item, on="1")).status == 200


async def test_a_vote_is_left_for_the_workers_to_tell(site: Site, anna: Visitor, database: Pool) -> None:
    item = await asked(site, database)
    await anna.post(f"{HERE}/vote", of="questions", item=item, on="1")
    await anna.post(f"{HERE}/vote", of="questions", item=item, on="1")
    assert [row["item"] for row in await database.fetch("select item from untold_vote")] == [item], "once"


# What is remembered for a second


async def test_ones_own_vote_is_counted_at_once_and_the_tally_a_second_later_at_most(
    site: Site, anna: Visitor, database: Pool
) -> None:
    clock, item = remembering(site), await asked(site, database)
    channel = await database.fetchval("select id from channel where slug = 'main'")

    async def tally() -> Any:
        return (await (await anna.get(f"{HERE}/tally")).json())["counts"][f"questions:{channel}"]

    assert await tally() == {}
    await database.execute(
        "insert into vote (room, item, voter) values ($1, $2, 'device:1')", f"questions:{channel}", item
    )
    answer = await anna.post(f"{HERE}/vote", of="questions", item=item, on="1")
    assert (await answer.json())["count"] == 2
    assert await tally() == {}
    clock.a_second_passes()
    assert await tally() == {item: 2}
