"""What waits for a moderator: its author has it in every tab and after a reload, and nobody else's wire carries it."""

import itertools
from typing import Any

import orjson
import pytest

from realtime.channels import desk
from realtime.errors import Refused
from realtime.waiting import KEPT, texts
from tests.realtime.node import Node
from tests.realtime.person import Person
from tests.realtime.wiretap import Wiretap, newcomer

numbers = itertools.count(9000)
BOTH = "say moderate"


@pytest.fixture
def room() -> str:
    return f"chat:{next(numbers)}"


async def says(tap: Wiretap, room: str, text: str, key: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await tap.asks("chat.say", room=room, key=key, text=text))["ok"]
    return answer


async def edits(tap: Wiretap, room: str, at: int, text: str, key: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await tap.asks("chat.edit", room=room, key=key, target=at, text=text))["ok"]
    return answer


def waiting(tap: Wiretap) -> dict[str, str]:
    """What this page was told to wait, by name, after everything it heard: what the manual says of `waits`."""
    found = {one["item"]: one for one in tap.joined.get("waits", ())}
    for told in tap.notices:
        if told["is"] == "waits":
            found |= {one["item"]: one for one in told["texts"]}
            for item in told["over"]:
                found.pop(item, None)
        elif told["is"] == "chat.said":
            found = {item: one for item, one in found.items() if one["key"] != told["key"]}
        elif told["is"] == "chat.edited":
            found = {item: one for item, one in found.items() if one["text"] != told["said"]["text"]}
    return {item: one["text"] for item, one in found.items()}


def over(tap: Wiretap) -> list[str]:
    """Names of what this page was told not to wait any more."""
    return [item for told in tap.notices if told["is"] == "waits" for item in told["over"]]


async def held(maria: Person, count: int = 1) -> list[dict[str, Any]]:
    """What came to the desk, once it is so many."""
    await maria.sees("chat.held", count)
    return maria.events("chat.held")


async def listens(maria: Person, *words: str, hidden: tuple[str, ...] = ()) -> None:
    """A moderator at the desk of the room, which has a list now."""
    await maria.client.join(desk(maria.room))
    await maria.does("chat.words", words=list(words), hidden=list(hidden))


@pytest.mark.parametrize("hidden", [False, True], ids=["held", "hidden"])
async def test_what_waits_is_its_authors_in_every_tab_and_whenever_they_come_and_nobody_elses(
    shared_node: Node, room: str, *, hidden: bool
) -> None:
    async with (
        Wiretap(shared_node, 1, room) as anna,
        Wiretap(shared_node, 1, room) as her_other_tab,
        Wiretap(shared_node, 2, room) as boris,
        Wiretap(shared_node, 4, room, rights=BOTH) as moderator_away_from_the_desk,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        await listens(maria, *([] if hidden else ["idiot"]), hidden=("idiot",) if hidden else ())
        await says(anna, room, "before", "an-honest-key")
        answer = await says(anna, room, "idiots, all of you", "a-key-of-hers")
        assert answer.get("held", False) is not hidden
        last = (await says(anna, room, "behind", "another-honest-key"))["at"]
        [at_desk] = await held(maria)
        for tab in (anna, her_other_tab):
            await tab.until(lambda tab=tab: waiting(tab))
            [told] = [one for one in tab.notices if one["is"] == "waits"]
            assert (told["room"], told["over"]) == (room, [])
        async with newcomer(shared_node, room, last, user=1) as reloaded:
            [one] = reloaded.joined["waits"]
            assert one == {
                "item": at_desk["item"],
                "key": "a-key-of-hers",
                "text": "idiots, all of you",
                "when": at_desk["when"],
                "at": answer["at"],
                "held": not hidden,
                "target": 0,
            }
            places = {event["text"]: event["at"] for event in reloaded.joined["events"] if event["is"] == "chat.said"}
            assert places["before"] < one["at"] < places["behind"], "where it was written"
            known = {"epoch": reloaded.joined["epoch"], "offset": reloaded.joined["offset"]}
            resumed = (await reloaded.asks("join", room=room, after=known))["ok"]
            assert (resumed["resumed"], resumed["waits"]) == (True, [one])
        async with newcomer(shared_node, room, last, user=2) as late:
            await late.asks("join", room=room, after={"epoch": late.joined["epoch"], "offset": 0})
            await maria.says("the end")
            for tap in (boris, late, moderator_away_from_the_desk):
                await tap.hears("the end")
                assert not [frame for frame in tap.frames if "idiots" in frame or '"waits"' in frame]


@pytest.mark.parametrize("hidden", [False, True], ids=["held", "hidden"])
async def test_what_is_released_is_said_once_and_waits_no_more(shared_node: Node, room: str, *, hidden: bool) -> None:
    async with Wiretap(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await listens(maria, *([] if hidden else ["idiot"]), hidden=("idiot",) if hidden else ())
        await says(anna, room, "idiots", "a-key-of-hers")
        [one] = await held(maria)
        async with Wiretap(shared_node, 1, room) as reloaded:
            await reloaded.until(lambda: list(waiting(reloaded)) == [one["item"]])
            done = await maria.does("chat.settle", item=one["item"], release=True)
            for tab in (anna, reloaded):
                await tab.until(lambda tab=tab: not waiting(tab))
                assert not over(tab), "it did not go away to come back: it was said"
                said = [told for told in tab.notices if told["is"] == "chat.said"]
                assert [(told["key"], told["at"]) for told in said] == [("a-key-of-hers", done["at"])]
        async with newcomer(shared_node, room, done["at"] + 1, user=1) as later:  # behind it, it waits no more
            assert "waits" not in later.joined
            assert [event["key"] for event in later.joined["events"]] == ["a-key-of-hers"]
            resent = await says(later, room, "idiots", "a-key-of-hers")
            assert resent.get("held", False) is not hidden, "a resend is answered as before, and changes nothing"
            await maria.says("the end")
            await later.hears("the end")
            assert not waiting(later)


async def test_what_is_dropped_waits_no_more_and_what_was_hidden_is_dropped_without_a_word(
    shared_node: Node, room: str
) -> None:
    async with Wiretap(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await listens(maria, "idiot", hidden=("spam",))
        await says(anna, room, "idiots", "a-key-of-hers")
        await says(anna, room, "spam", "a-hidden-key")
        items = [one["item"] for one in await held(maria, 2)]
        async with Wiretap(shared_node, 1, room) as reloaded:
            await reloaded.until(lambda: list(waiting(reloaded)) == items)
            for item in reversed(items):
                await maria.does("chat.settle", item=item, release=False)
            await reloaded.until(lambda: over(reloaded) == items[:1])
            await reloaded.hears('"dropped"')
            assert list(waiting(reloaded)) == items[1:], "they are not to notice while they look at it"
            await reloaded.asks("join", room=room)
            assert "waits" not in reloaded.joined
            assert [one["item"] for one in reloaded.joined["dropped"]] == items[:1]


async def test_what_was_written_before_a_reload_is_taken_back_after_it_in_every_tab(
    shared_node: Node, room: str
) -> None:
    async with (
        Wiretap(shared_node, 1, room) as anna,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        await listens(maria, "idiot")
        await says(anna, room, "idiots", "a-key-of-hers")
        [one] = await held(maria)
        async with Wiretap(shared_node, 1, room) as reloaded:
            await reloaded.until(lambda: list(waiting(reloaded)) == [one["item"]])
            [told] = (await reloaded.asks("join", room=room))["ok"]["waits"]
            await reloaded.asks("chat.withdraw", room=room, key="a-withdrawing", said=told["key"])
            assert "waits" not in (await reloaded.asks("join", room=room))["ok"], "they may look at once"
            await anna.until(lambda: over(anna) == [one["item"]])
        with pytest.raises(Refused, match=r"desk\.changed"):
            await maria.does("chat.settle", item=one["item"], release=True)


@pytest.mark.parametrize("hidden", [False, True], ids=["held", "hidden"])
async def test_a_new_text_that_waits_comes_back_with_the_message_it_is_for(
    shared_node: Node, room: str, *, hidden: bool
) -> None:
    async with Wiretap(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await listens(maria, *([] if hidden else ["idiot"]), hidden=("idiot",) if hidden else ())
        async with Wiretap(shared_node, 1, room) as tab:  # with credits of its own
            places = [(await says(tab, room, f"kind words {n}", f"key-of-hers-{n}"))["at"] for n in range(3)]
        for n, at in enumerate(places):
            await edits(anna, room, at, f"idiots {n}", f"an-edit-of-hers-{n}")
        items = [one["item"] for one in await held(maria, 3)]
        async with Wiretap(shared_node, 1, room) as reloaded:
            await reloaded.until(lambda: list(waiting(reloaded)) == items)
            waits = (await reloaded.asks("join", room=room))["ok"]["waits"]
            found = {one["item"]: (one["target"], one["text"], one["held"]) for one in waits}
            assert found == {items[n]: (places[n], f"idiots {n}", not hidden) for n in range(3)}
            # A newer one takes its place, one that is fine ends it, and one that is released comes as an edit.
            await edits(reloaded, room, places[0], "idiots, again", "a-newer-edit")
            await anna.until(lambda: waiting(anna).get(items[0]) == "idiots, again")
            await edits(reloaded, room, places[1], "kinder words", "a-kinder-edit")
            await maria.does("chat.settle", item=items[2], release=True)
            for tab in (anna, reloaded):
                await tab.until(lambda tab=tab: waiting(tab) == {items[0]: "idiots, again"})
                assert over(tab) == items[1:2]
            await maria.says("the end")
            await reloaded.hears("the end")
            await reloaded.asks("join", room=room)
            assert [one["text"] for one in reloaded.joined["waits"]] == ["idiots, again"]


@pytest.mark.parametrize("by", ["its author", "a moderator"])
async def test_a_new_text_waits_no_more_when_its_message_is_deleted(shared_node: Node, room: str, by: str) -> None:
    async with Wiretap(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await listens(maria, "idiot")
        at = (await says(anna, room, "kind words", "a-key-of-hers"))["at"]
        await edits(anna, room, at, "idiots", "an-edit-of-hers")
        [one] = await held(maria)
        await anna.until(lambda: waiting(anna))
        if by == "its author":
            await anna.asks("chat.retract", room=room, key="a-retracting-key", target=at)
        else:
            await maria.does("chat.retract", target=at)
        await anna.until(lambda: over(anna) == [one["item"]])
        assert "waits" not in (await anna.asks("join", room=room))["ok"]


async def test_what_waits_goes_with_everything_else_of_a_person(shared_node: Node, room: str) -> None:
    async with (
        Wiretap(shared_node, 1, room) as anna,
        Wiretap(shared_node, 2, room) as boris,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        await listens(maria, "idiot", hidden=("spam",))
        for who, tap in (("hers", anna), ("his", boris)):
            for word in ("idiots", "spam"):
                await says(tap, room, word, f"a-key-of-{who}-{word}")
        found = await held(maria, 4)
        await maria.does("chat.purge", user=1)
        [idiots] = [one["item"] for one in found if (one["user"], one["text"]) == (1, "idiots")]
        await anna.until(lambda: over(anna) == [idiots])
        last = await maria.says("the end")
        async with newcomer(shared_node, room, last, user=1) as reloaded:
            assert "waits" not in reloaded.joined
        async with newcomer(shared_node, room, last, user=2) as his_reloaded:
            assert [one["text"] for one in his_reloaded.joined["waits"]] == ["idiots", "spam"]
        for one in found:
            if one["user"] == 1:
                with pytest.raises(Refused, match=r"desk\.changed"):
                    await maria.does("chat.settle", item=one["item"], release=True)


async def test_who_is_put_out_or_may_not_come_is_handed_nothing(shared_node: Node, room: str) -> None:
    async with Wiretap(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await listens(maria, "idiot")
        await says(anna, room, "idiots", "a-key-of-hers")
        await held(maria)
        await maria.does("chat.ban", user=1, on=True)
        await anna.hears('"closed"')
        async with Wiretap(shared_node, 1, room) as again:
            await again.hears("room.banned")  # refused, or put out by a worker that heard of the ban later
            again.frames.clear()
            assert (await again.asks("join", room=room))["no"]["code"] == "room.banned"
            assert "idiots" not in " ".join(again.frames)


async def test_so_much_of_a_person_is_told_and_moderators_see_it_all(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 3, room, rights=BOTH) as maria:
        await listens(maria, "idiot")
        for number in range(KEPT + 2):
            async with Wiretap(shared_node, 1, room) as tab:  # with credits of its own
                await tab.until(lambda tab=tab, n=number: len(waiting(tab)) == min(n, KEPT))
                answer = await says(tab, room, f"idiot {number}", f"key-of-hers-{number}")
                assert answer["held"]
        found = await held(maria, KEPT + 2)
        async with Wiretap(shared_node, 1, room) as reloaded:
            told = [one["item"] for one in found[:KEPT]]
            await reloaded.until(lambda: list(waiting(reloaded)) == told)
            for one in (found[0], found[-1]):
                await maria.does("chat.settle", item=one["item"], release=True)
            await reloaded.until(lambda: len([one for one in reloaded.notices if one["is"] == "chat.said"]) == 2)
            assert list(waiting(reloaded)) == told[1:]


def test_however_much_waits_of_a_person_a_join_carries_so_many_texts() -> None:
    """Who writes in a room that their worker does not know, without coming in, is not counted there."""
    events = [
        orjson.dumps({"item": f"i{n}", "key": f"k{n}", "text": "idiots", "when": n, "at": n}) for n in range(2000)
    ]
    assert [one.item for one in texts(events)] == [f"i{n}" for n in range(KEPT)]
