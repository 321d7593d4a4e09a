"""Edited, reported and hidden messages over real sockets: who is sent which text, frame by frame."""

import asyncio
import itertools
from typing import Any

import pytest

from realtime.channels import desk
from realtime.errors import Refused
from tests.realtime.node import Node
from tests.realtime.person import Person
from tests.realtime.wiretap import Wiretap, newcomer

numbers = itertools.count(200)
BOTH = "say moderate"


@pytest.fixture
def room() -> str:
    return f"chat:{next(numbers)}"


async def test_everybody_hears_the_new_text_and_nobody_who_comes_later_the_old_one(
    shared_node: Node, room: str
) -> None:
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 2, room) as boris:
        await boris.says("before")
        said = await anna.does("chat.say", text="the old text")
        at = said["at"]
        edited = await anna.does("chat.edit", target=at, text="the new text", epoch=said["epoch"])
        await boris.sees("chat.edited")
        [event] = boris.events("chat.edited")
        assert (event["target"], event["by"], event["said"]["text"]) == (at, 1, "the new text")
        assert (event["said"]["user"], event["said"]["name"], event["said"]["at"]) == (1, "Person 1", at)
        async with newcomer(shared_node, room, edited["at"]) as late:
            resumed = await late.asks("join", room=room, after={"epoch": edited["epoch"], "offset": at - 1})
            assert resumed["ok"]["resumed"]
            everything = " ".join(late.frames)
            assert "the old text" not in everything
            assert everything.count("the new text") == 2
        gone = (await anna.does("chat.retract", target=at))["at"]
        async with newcomer(shared_node, room, gone) as late:
            assert "the new text" not in " ".join(late.frames)


async def test_only_the_author_edits_and_not_when_silenced(shared_node: Node, room: str) -> None:
    async with (
        Person(shared_node, 1, room) as anna,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        at = await anna.says("mine")
        with pytest.raises(Refused, match="not_yours"):
            await maria.does("chat.edit", target=at, text="hers")
        with pytest.raises(Refused, match="empty"):
            await anna.does("chat.edit", target=at, text="  ")
        await maria.does("chat.mute", user=1, seconds=60)
        with pytest.raises(Refused, match="muted") as no:
            await anna.does("chat.edit", target=at, text="while muted")
        assert no.value.retry_after
        await maria.does("chat.mute", user=1, seconds=0)
        await maria.does("chat.close", on=True)
        with pytest.raises(Refused, match="read_only"):
            await anna.does("chat.edit", target=at, text="while closed")
        await maria.does("chat.close", on=False)
        await maria.does("chat.slow", seconds=3600)
        await anna.does("chat.edit", target=at, text="the turn of this hour")
        with pytest.raises(Refused, match="slow"):
            await anna.does("chat.edit", target=at, text="one too many")
        await maria.says("end")
        await anna.until(lambda: "end" in anna.texts)
        assert [event["said"]["text"] for event in anna.events("chat.edited")] == ["the turn of this hour"]


async def test_an_edit_of_what_is_pinned_changes_what_is_on_top(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        at = await anna.says("the old text")
        await maria.does("chat.pin", target=at)
        await anna.sees("chat.pinned")
        await anna.does("chat.edit", target=at, text="the new text")
        await anna.sees("chat.pinned", 2)
        pinned = anna.events("chat.pinned")[-1]
        assert (pinned["target"], pinned["by"], pinned["said"]["text"]) == (at, 3, "the new text")
        async with newcomer(shared_node, room, pinned["at"]) as late:
            assert [event["is"] for event in late.joined["events"]] == ["chat.edited", "chat.pinned"]
            assert "the old text" not in " ".join(late.frames)


async def test_a_held_edit_waits_at_the_desk_while_the_old_text_stays(shared_node: Node, room: str) -> None:
    async with (
        Person(shared_node, 1, room) as anna,
        Wiretap(shared_node, 2, room) as boris,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=["idiot"])
        places = [await anna.says("kind words"), await anna.says("other words")]
        for at, text in zip(places, ("idiots, all of you", "IDIOTS!"), strict=True):
            assert (await anna.does("chat.edit", target=at, text=text))["held"] is True
        await maria.sees("chat.held", 2)
        one, other = maria.events("chat.held")
        assert (one["target"], one["text"], one["user"]) == (places[0], "idiots, all of you", 1)
        await maria.does("chat.settle", item=one["item"], release=False)
        await maria.does("chat.settle", item=other["item"], release=True)
        await anna.sees("chat.edited")
        [edited] = anna.events("chat.edited")
        assert (edited["target"], edited["by"], edited["said"]["text"]) == (places[1], 1, "IDIOTS!")
        await boris.hears("IDIOTS!")
        assert "idiots, all" not in " ".join(boris.frames)


@pytest.mark.parametrize("by", ["its author", "a moderator"])
async def test_a_text_that_waits_goes_with_the_message_it_was_for(shared_node: Node, room: str, by: str) -> None:
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=["idiot"])
        gone, stays = await anna.says("kind words"), await anna.says("other words")
        for at in (gone, stays):
            await anna.does("chat.edit", target=at, text="idiots")
        await maria.sees("chat.held", 2)
        await (anna if by == "its author" else maria).does("chat.retract", target=gone)
        left = "chat.withdrawn" if by == "its author" else "chat.settled"
        await maria.sees(left)
        items = [one["item"] for one in maria.events("chat.held")]
        assert [one["item"] for one in maria.events(left)] == items[:1]
        with pytest.raises(Refused, match=r"desk\.changed"):
            await maria.does("chat.settle", item=items[0], release=True)
        await maria.does("chat.settle", item=items[1], release=True)


async def test_a_later_text_that_is_fine_ends_the_one_that_waits(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=["idiot"])
        at, other = await anna.says("kind words"), await anna.says("other words")
        for one in (at, other):
            assert (await anna.does("chat.edit", target=one, text="idiots"))["held"] is True
        await maria.sees("chat.held", 2)
        held = maria.events("chat.held")[0]
        await anna.does("chat.edit", target=at, text="kinder words")
        await maria.sees("chat.withdrawn")
        assert [one["item"] for one in maria.events("chat.withdrawn")] == [held["item"]]
        with pytest.raises(Refused, match=r"desk\.changed"):
            await maria.does("chat.settle", item=held["item"], release=True)
        await maria.does("chat.settle", item=maria.events("chat.held")[1]["item"], release=True)


async def test_a_hidden_message_is_on_no_wire_but_its_authors_and_the_desks(shared_node: Node, room: str) -> None:
    async with (
        Wiretap(shared_node, 1, room) as anna,
        Wiretap(shared_node, 2, room) as boris,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=["rude"], hidden=["spam"])
        await anna.asks("chat.say", room=room, key="an-honest-key", text="hello")
        wish: dict[str, Any] = {"room": room, "key": "a-hidden-key", "text": "buy my SPAM"}
        answer = (await anna.asks("chat.say", **wish))["ok"]
        assert "held" not in answer
        assert 2 < answer["at"] < 3, "behind what was said last, and in nobody's place"
        again = (await anna.asks("chat.say", **wish))["ok"]
        assert 2 < again["at"] < 3
        await maria.sees("chat.held")
        [held] = maria.events("chat.held")
        assert (held["hidden"], held["text"], held["user"]) == (True, "buy my SPAM", 1)
        await maria.says("end")
        await boris.hears('"end"')
        assert "SPAM" not in " ".join(boris.frames)
        async with newcomer(shared_node, room, 3) as late:
            assert "SPAM" not in " ".join(late.frames)
        await maria.does("chat.settle", item=held["item"], release=True)
        await boris.hears("buy my SPAM")


async def test_reports_come_to_the_desk_alone_and_are_settled_together(shared_node: Node, room: str) -> None:
    async with (
        Wiretap(shared_node, 1, room) as anna,
        Wiretap(shared_node, 2, room) as boris,
        Wiretap(shared_node, 4, room) as dinara,
        Person(shared_node, 3, room, rights=BOTH) as maria,
        Person(shared_node, 5, room, rights=BOTH) as erlan,
    ):
        for moderator in (maria, erlan):
            await moderator.client.join(desk(room))
        at = (await anna.asks("chat.say", room=room, key="the-message", text="rude words"))["ok"]["at"]
        wish = {"room": room, "target": at, "text": "is rude"}
        first = (await boris.asks("chat.report", key="one-report", **wish))["ok"]
        assert (await boris.asks("chat.report", key="the-same-again", **wish))["ok"] == first
        await dinara.asks("chat.report", key="another-one", **wish)
        for moderator in (maria, erlan):
            await moderator.sees("chat.reported", 2)
        reported = maria.events("chat.reported")
        assert [(one["target"], one["user"], one["reason"]) for one in reported] == [
            *((at, 2, "is rude"), (at, 4, "is rude")),
        ]
        assert {one["said"]["text"] for one in reported} == {"rude words"}
        results = await asyncio.gather(
            maria.does("chat.dismiss", item=first["item"]),
            erlan.does("chat.dismiss", item=first["item"]),
            return_exceptions=True,
        )
        assert sorted(getattr(result, "code", "done") for result in results) == ["desk.changed", "done"]
        await maria.sees("chat.dismissed", 2)
        assert {one["item"] for one in maria.events("chat.dismissed")} == {one["item"] for one in reported}
        await maria.says("end")
        for person in (anna, boris, dinara):
            await person.hears('"end"')
            assert not [word for word in ("is rude", "chat.reported", desk(room)) if word in " ".join(person.frames)]


async def test_deleting_a_message_or_all_of_a_person_settles_what_was_reported_of_it(
    shared_node: Node, room: str
) -> None:
    async with (
        Person(shared_node, 1, room) as anna,
        Person(shared_node, 2, room) as boris,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        await maria.client.join(desk(room))
        places = [await anna.says(text) for text in ("rude 1", "rude 2", "rude 3")]
        items = [(await boris.does("chat.report", target=at))["item"] for at in places]
        await maria.sees("chat.reported", 3)
        await maria.does("chat.retract", target=places[0])
        await maria.sees("chat.dismissed")
        assert [one["item"] for one in maria.events("chat.dismissed")] == items[:1]
        await maria.does("chat.purge", user=1)
        await maria.sees("chat.dismissed", 3)
        assert {one["item"] for one in maria.events("chat.dismissed")} == set(items)
        async with Person(shared_node, 5, room, rights=BOTH) as later:
            await later.client.join(desk(room))
            await maria.says("end")
            await later.until(lambda: "end" in later.texts)
            open_ = {one["item"] for one in later.events("chat.reported")}
            assert open_ == {one["item"] for one in later.events("chat.dismissed")}


async def test_who_reports_all_day_long_is_stopped(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 1, room) as anna, Wiretap(shared_node, 2, room) as boris:
        places = [await anna.says(f"text {n}") for n in range(5)]
        answers = [
            await boris.asks("chat.report", room=room, key=f"report-{n}", target=places[n % 5], text="x")
            for n in range(6)
        ]
        assert [next(iter(answer)) for answer in answers] == ["re"] * 6
        assert [answer.get("no", {}).get("code") for answer in answers] == [None] * 5 + ["limit.too_fast"]
        long = await boris.asks("chat.report", room=room, key="report-7", target=places[0], text="x" * 501)
        assert long["no"]["code"] == "chat.too_long"


async def test_what_was_reported_and_purged_stays_with_the_moderators_alone(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await maria.client.join(desk(room))
        at = await anna.says("rude words")
        async with Wiretap(shared_node, 2, room) as boris:
            await boris.asks("chat.report", room=room, key="one-report", target=at, text="is rude")
        await maria.sees("chat.reported")
        gone = (await maria.does("chat.purge", user=1))["at"]
        await maria.sees("chat.dismissed")
        assert maria.events("chat.reported")[0]["said"]["text"] == "rude words"
        for user in (1, 2):  # its author, and who reported it
            async with newcomer(shared_node, room, gone, user=user) as late:
                assert (await late.asks("join", room=desk(room)))["no"]["code"] == "room.closed"
                known = {"epoch": late.joined["epoch"], "offset": 0}
                await late.asks("join", room=room, after=known)
                assert "rude words" not in " ".join(late.frames)
        async with Person(shared_node, 4, room, rights=BOTH) as moderator:
            await moderator.client.join(desk(room))
            assert moderator.events("chat.reported")[0]["said"]["text"] == "rude words"
