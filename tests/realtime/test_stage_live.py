"""The stage of a channel over real sockets: what is on, polls, tallies, who looks; told by pages and workers."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from realtime import channels, publish
from realtime.channels import desk
from realtime.engine import Engine, connect
from realtime.hub import TALLIED_EVERY
from tests.realtime.node import Node
from tests.realtime.person import Person
from tests.realtime.wiretap import Wiretap, newcomer
from tests.store import Store

numbers = itertools.count(300)
KEYS = (f"key-{n:08}" for n in itertools.count())
SECRET = "nobody guesses this one"


@pytest.fixture
async def page(stores: Store) -> Any:
    async with connect(stores.url) as redis:
        yield redis


def now() -> dict[str, Any]:
    return {"key": next(KEYS), "when": datetime.now(UTC)}


async def test_what_is_on_is_heard_and_a_question_is_about_it(shared_node: Node, page: Engine) -> None:
    channel = next(numbers)
    room = channels.questions(channel)
    async with (
        Person(shared_node, 1, room) as anna,
        Person(shared_node, 3, room, rights="say moderate") as maria,
    ):
        await maria.client.join(desk(room))
        await publish.on_air(page, channel=channel, session=12, **now())
        await anna.sees("channel.on_air")
        assert anna.events("channel.on_air")[0]["session"] == 12
        await anna.does("question.ask", text="From the page?")
        who: dict[str, Any] = {"channel": channel, "user": 0, "name": "", "badge": "", "anonymous": False}
        item = await publish.ask(page, **who, text="From the hall?", secret=SECRET, **now())
        await maria.sees("question.at_desk", 2)
        assert [one["session"] for one in maria.events("question.at_desk")] == [12, 12]
        assert maria.events("question.at_desk")[1]["user"] == 0
        await maria.does("question.move", item=item, verb="approve")
        await anna.sees("question.shown")
        await maria.does("question.move", item=item, verb="bind", into="13")
        await anna.sees("question.shown", 2)
        assert [one["session"] for one in anna.events("question.shown")] == [12, 13]
        assert anna.events("question.shown")[1]["name"] == ""
        assert await publish.what_is_on(page, [channel, 999_999]) == {channel: (12, 1), 999_999: (0, 0)}


async def test_a_newcomer_knows_what_is_on_and_which_polls_stand(shared_node: Node, page: Engine) -> None:
    channel = next(numbers)
    await publish.on_air(page, channel=channel, session=12, **now())
    await publish.on_air(page, channel=channel, session=13, **now())
    for poll, status in ((1, "open"), (2, "open"), (1, "closed"), (2, "gone")):
        assert await publish.polls(page, [(channel, poll, status)], when=now()["when"]) == [None]
    async with newcomer(shared_node, channels.questions(channel), 6) as late:
        last: dict[str, Any] = {}
        for event in late.joined["events"]:
            last[f"{event['is']} {event.get('poll', '')}"] = event.get("session") or event.get("status")
        assert last == {"channel.on_air ": 13, "poll.stands 1": "closed", "poll.stands 2": "gone"}


async def test_counts_of_votes_are_told_together_and_the_last_one_counts(shared_node: Node, page: Engine) -> None:
    room = channels.questions(next(numbers))
    async with Wiretap(shared_node, 1, room) as anna:
        for count in range(1, 201):
            assert await publish.tallies(page, {room: {"q1": count, f"q{count % 7}": count}}) == {}

        def counts() -> dict[str, int]:
            return {item: n for one in anna.notices if one["is"] == "tally" for item, n in one["counts"].items()}

        await anna.until(lambda: counts().get("q1") == 200)
        assert len([one for one in anna.notices if one["is"] == "tally"]) < 100, f"one in {TALLIED_EVERY} s"
        assert all("at" not in one for one in anna.notices)


async def test_moderators_see_at_what_the_others_look_and_nobody_else_does(shared_node: Node) -> None:
    room = channels.questions(next(numbers))
    async with (
        Wiretap(shared_node, 1, room) as anna,
        Wiretap(shared_node, 3, room, desk(room), rights="say moderate") as maria,
        Wiretap(shared_node, 4, room, desk(room), rights="say moderate") as erlan,
    ):
        look = {"room": desk(room), "item": "q1"}
        assert "ok" in await maria.asks("looking", **look, on=True)
        await erlan.hears('"looking"')
        [hint] = [one for one in erlan.notices if one["is"] == "looking"]
        assert (hint["room"], hint["who"]) == (desk(room), [{"user": 3, "name": "Person 3", "item": "q1"}])
        await maria.asks("looking", **look, on=False)
        await erlan.until(lambda: erlan.notices[-1]["who"][0]["item"] == "")
        assert (await anna.asks("looking", **look, on=True))["no"]["code"] == "room.closed"
        assert (await maria.asks("looking", room=room, item="q1", on=True))["no"]["code"] == "room.wrong_kind"
        assert "looking" not in " ".join(anna.frames)
