"""What moderators did not publish: its author is told in every tab, and nobody else hears anything."""

import itertools
from typing import Any

import orjson
import pytest

from realtime import verbs
from realtime.channels import desk
from realtime.commands import ChatSettle
from realtime.dropped import KEPT, LASTS, part
from realtime.errors import Refused
from realtime.passes import Pass
from realtime.speaker import Speaker
from realtime.writes import Forget
from tests.realtime.node import Node
from tests.realtime.person import Person
from tests.realtime.wiretap import Wiretap

numbers = itertools.count(7000)
BOTH = "say moderate"


@pytest.fixture
def room() -> str:
    return f"chat:{next(numbers)}"


def dropped(tap: Wiretap) -> list[list[str]]:
    """The texts of each notice that was heard."""
    return [[one["text"] for one in told["texts"]] for told in tap.notices if told["is"] == "dropped"]


async def says(tap: Wiretap, room: str, text: str, key: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await tap.asks("chat.say", room=room, key=key, text=text))["ok"]
    return answer


def test_who_did_not_come_for_a_month_makes_room() -> None:
    now, wish = 1_790_000_000, ChatSettle(1, "chat:1", "a-key", "h1", release=False)
    held = {"item": "h1", "user": 7, "name": "", "badge": "", "key": "k", "text": "idiots", "when": 1, "at": 4}
    state = {("chat:1:desk", "held:h1"): held}
    for user, age in ((7, LASTS + 1), (8, LASTS + 1), (9, LASTS - 1)):
        state["chat:1", part(user)] = {"user": user, "texts": [], "when": now * 1000 - age, "at": user}
    speaker = Speaker(
        Pass(3, "Maria", {"chat:1": frozenset(BOTH.split())}, 0),
        now,
        lambda room, name: orjson.dumps(state[room, name]) if (room, name) in state else None,
        "secret",
        lambda room: [name for one, name in state if one == room],
    )
    [write] = verbs.decide(wish, speaker)
    assert write.forget == Forget(parts=(part(7), part(8)))


async def test_the_author_alone_is_told_in_every_tab_and_whenever_they_come(shared_node: Node, room: str) -> None:
    async with (
        Wiretap(shared_node, 1, room) as anna,
        Wiretap(shared_node, 1, room) as her_other_tab,
        Wiretap(shared_node, 2, room) as boris,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=["idiot"])
        assert (await says(anna, room, "idiots, all of you", "a-key-of-hers"))["held"] is True
        await maria.sees("chat.held")
        [held] = maria.events("chat.held")
        done = await maria.does("chat.settle", item=held["item"], release=False, seen=held["at"])
        for tab in (anna, her_other_tab):
            await tab.until(lambda tab=tab: dropped(tab))
            [told] = [one for one in tab.notices if one["is"] == "dropped"]
            assert told["room"] == room
            [one] = told["texts"]
            assert (one["key"], one["text"], one["target"]) == ("a-key-of-hers", "idiots, all of you", 0)
        async with Wiretap(shared_node, 1, room) as reloaded:
            assert [one["text"] for one in reloaded.joined["dropped"]] == ["idiots, all of you"]
            known = {"epoch": reloaded.joined["epoch"], "offset": done["at"] - 1}
            resumed = await reloaded.asks("join", room=room, after=known)
            assert resumed["ok"]["resumed"]
            assert [one["item"] for one in resumed["ok"]["dropped"]] == [held["item"]]
        async with Wiretap(shared_node, 2, room) as newcomer:
            assert "dropped" not in newcomer.joined
            await maria.says("the end")
            await boris.hears("the end")
            await newcomer.hears("the end")
            for tap in (boris, newcomer):
                assert not [frame for frame in tap.frames if "idiots" in frame or "dropped" in frame]


async def test_what_its_author_let_go_is_gone_from_every_tab(shared_node: Node, room: str) -> None:
    async with (
        Wiretap(shared_node, 1, room) as anna,
        Wiretap(shared_node, 1, room) as her_other_tab,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=["idiot"])
        for number in (1, 2):
            await says(anna, room, f"idiot {number}", f"key-of-hers-{number}")
        await maria.sees("chat.held", 2)
        items = [one["item"] for one in maria.events("chat.held")]
        for item in items:
            await maria.does("chat.settle", item=item, release=False)
        await anna.until(lambda: dropped(anna)[-1:] == [["idiot 1", "idiot 2"]])
        wish = {"room": room, "key": "a-discarding-key", "item": items[0]}
        first = await anna.asks("chat.discard", **wish)
        assert first["ok"]["at"]
        await her_other_tab.until(lambda: dropped(her_other_tab)[-1:] == [["idiot 2"]])
        assert (await anna.asks("chat.discard", **wish))["ok"] == first["ok"]
        again = await her_other_tab.asks("chat.discard", **{**wish, "key": "another-key-of-hers"})
        assert again["no"]["code"] == "desk.no_such_item"
        with pytest.raises(Refused, match="no_such_item"):
            await maria.does("chat.discard", item=items[1])
        await anna.asks("chat.discard", **{**wish, "key": "the-last-discard", "item": items[1]})
        await her_other_tab.until(lambda: dropped(her_other_tab)[-1:] == [[]])
        async with Wiretap(shared_node, 1, room) as reloaded:
            assert "dropped" not in reloaded.joined


async def test_so_many_are_kept_and_an_older_one_makes_room(shared_node: Node, room: str) -> None:
    async with Wiretap(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=["idiot"])
        for number in range(KEPT + 2):
            async with Wiretap(shared_node, 1, room) as tab:  # with credits of its own
                await says(tab, room, f"idiot {number}", f"key-of-hers-{number}")
        await maria.sees("chat.held", KEPT + 2)
        for one in maria.events("chat.held"):
            await maria.does("chat.settle", item=one["item"], release=False)
        await anna.until(lambda: len(dropped(anna)) == KEPT + 2)
        assert dropped(anna)[-1] == [f"idiot {number}" for number in range(2, KEPT + 2)]


async def test_who_is_not_to_notice_is_told_nothing(shared_node: Node, room: str) -> None:
    async with Wiretap(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=[], hidden=["idiot"])
        assert "held" not in await says(anna, room, "idiot", "a-key-of-hers")
        await maria.sees("chat.held")
        await maria.does("chat.settle", item=maria.events("chat.held")[0]["item"], release=False)
        await maria.says("the end")
        await anna.hears("the end")
        assert not dropped(anna)


async def test_the_author_is_told_of_a_dropped_edit_and_of_which_message(shared_node: Node, room: str) -> None:
    async with Wiretap(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=["idiot"])
        at = (await says(anna, room, "kind", "a-key-of-hers"))["at"]
        await anna.asks("chat.edit", room=room, key="an-editing-key", target=at, text="idiot")
        await maria.sees("chat.held")
        await maria.does("chat.settle", item=maria.events("chat.held")[0]["item"], release=False)
        await anna.until(lambda: dropped(anna))
        assert [one["texts"][0]["target"] for one in anna.notices if one["is"] == "dropped"] == [at]


@pytest.mark.parametrize("hidden", [False, True], ids=["held", "hidden"])
async def test_what_waits_is_taken_back_by_its_author_and_then_nobody_publishes_it(
    shared_node: Node, room: str, *, hidden: bool
) -> None:
    async with Wiretap(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=[] if hidden else ["idiot"], hidden=["idiot"] if hidden else [])
        await says(anna, room, "idiot", "a-key-of-hers")
        await maria.sees("chat.held")
        item = maria.events("chat.held")[0]["item"]
        other = await anna.asks("chat.withdraw", room=room, key="withdrawing-1", said="no-key-of-hers")
        assert other["no"]["code"] == "desk.changed"
        with pytest.raises(Refused, match=r"desk\.changed"):
            await maria.does("chat.withdraw", said="a-key-of-hers")
        assert (await anna.asks("chat.withdraw", room=room, key="withdrawing-2", said="a-key-of-hers"))["ok"]
        await maria.sees("chat.withdrawn")
        [gone] = maria.events("chat.withdrawn")
        assert (gone["item"], gone["user"]) == (item, 1)
        with pytest.raises(Refused, match=r"desk\.changed"):
            await maria.does("chat.settle", item=item, release=True)
        assert not dropped(anna)


async def test_a_newer_text_of_a_message_takes_the_place_of_the_one_that_waits(shared_node: Node, room: str) -> None:
    async with (
        Person(shared_node, 1, room) as anna,
        Wiretap(shared_node, 2, room) as boris,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=["idiot"])
        at = await anna.says("kind words")
        for text in ("idiots, all of you", "IDIOTS!"):
            assert (await anna.does("chat.edit", target=at, text=text))["held"] is True
        await maria.sees("chat.held", 2)
        one, other = maria.events("chat.held")
        assert one["item"] == other["item"]
        with pytest.raises(Refused, match=r"desk\.changed"):
            await maria.does("chat.settle", item=one["item"], release=True, seen=one["at"])
        await maria.does("chat.settle", item=one["item"], release=True, seen=other["at"])
        await boris.hears("IDIOTS!")
        assert "idiots, all" not in " ".join(boris.frames)


async def test_a_text_that_waits_is_outdated_once_its_author_wrote_another(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=["idiot"])
        at = await anna.says("kind words")
        await anna.does("chat.edit", target=at, text="idiots")
        # Of which life the message is they say this time: under another name a text may wait, too.
        life = (await anna.does("chat.say", text="more"))["epoch"]
        await anna.does("chat.edit", target=at, text="kinder words", epoch=life)
        await maria.sees("chat.held")
        item = maria.events("chat.held")[0]["item"]
        with pytest.raises(Refused, match=r"chat\.outdated"):
            await maria.does("chat.settle", item=item, release=True)
        await maria.does("chat.settle", item=item, release=False)
        await maria.sees("chat.settled")
        assert [event["said"]["text"] for event in maria.events("chat.edited")] == ["kinder words"]
