"""Questions over real sockets: what travels on the readers' wire, and what two moderators hear of each other."""

import itertools
from contextlib import AsyncExitStack

import pytest

from realtime.channels import desk
from realtime.errors import Refused
from tests.realtime.node import Node
from tests.realtime.person import Person
from tests.realtime.wiretap import Wiretap, newcomer

rooms = (f"questions:{number}" for number in itertools.count(100))


async def sees(moderator: Person, count: int) -> None:
    """Until the desk has told a moderator so often how a question is."""
    await moderator.until(lambda: len(moderator.events("question.at_desk")) >= count)


async def stands(moderator: Person, *, text: str) -> None:
    """Until the last that the desk has told a moderator is that a question with this text waits."""

    def last() -> bool:
        told = moderator.events("question.at_desk")[-1]
        return (told["status"], told["text"]) == ("asked", text)

    await moderator.until(last)


async def test_no_reader_is_ever_sent_what_was_not_approved(shared_node: Node) -> None:
    room = next(rooms)
    async with (
        Person(shared_node, 1, room) as anna,
        Person(shared_node, 3, room, rights="say moderate") as maria,
    ):
        await maria.client.join(desk(room))
        readers = [Wiretap(shared_node, user, room) for user in range(10, 16)]
        for reader in readers:
            await reader.__aenter__()

        asked = await anna.does("question.ask", text="draft words", anonymous=True)
        item = asked["item"]
        await sees(maria, 1)
        assert maria.events("question.at_desk")[0]["text"] == "draft words"
        other = (await anna.does("question.ask", text="unwanted words"))["item"]
        await sees(maria, 2)
        for number, (one, verb, text) in enumerate(
            [
                (other, "reject", "the reason"),
                (item, "reject", "the reason"),
                (item, "recall", ""),
                (item, "edit", "first words"),
                (item, "approve", ""),
                (item, "edit", "second words"),
            ]
        ):
            at = (await maria.does("question.move", item=one, verb=verb, text=text))["at"]
            await sees(maria, 3 + number)
        for reader in readers:
            await reader.hears("second words")
        async with newcomer(shared_node, room, at) as late:
            assert "second words" in " ".join(late.frames)
            assert "first words" not in " ".join(late.frames)
        hidden = (await maria.does("question.move", item=item, verb="recall"))["at"]
        for reader in readers:
            await reader.hears("question.hidden")
            everything = " ".join(reader.frames)
            assert not [
                words for words in ("draft", "unwanted", "reason", 'Person 1"', desk(room)) if words in everything
            ]
            await reader.__aexit__()
        async with newcomer(shared_node, room, hidden) as late:
            resumed = await late.asks("join", room=room, after={"epoch": asked["epoch"], "offset": 0})
            assert "words" not in " ".join(late.frames), resumed
        assert not [event for event in anna.heard if "words" in str(event) and event["is"] != "question.shown"]


async def test_no_reader_enters_the_desk(shared_node: Node) -> None:
    room = next(rooms)
    async with Wiretap(shared_node, 1, room) as reader:
        assert (await reader.asks("join", room=desk(room)))["no"]["code"] == "room.closed"
        ask = {"room": desk(room), "key": "k" * 8, "text": "Why?"}
        assert (await reader.asks("question.ask", **ask))["no"]["code"] == "room.closed"


async def test_two_moderators_at_once_are_one_success_on_the_wire(shared_node: Node) -> None:
    room = next(rooms)
    async with (
        Person(shared_node, 1, room) as anna,
        Person(shared_node, 3, room, rights="say moderate") as maria,
        Person(shared_node, 4, room, rights="say moderate") as boris,
    ):
        for moderator in (maria, boris):
            await moderator.client.join(desk(room))
        item = (await anna.does("question.ask", text="Why?"))["item"]
        for moderator in (maria, boris):
            await sees(moderator, 1)
        done = await maria.does("question.move", item=item, verb="approve", key="the-same-key")
        with pytest.raises(Refused, match=r"desk\.changed"):
            await boris.does("question.move", item=item, verb="approve")
        await sees(maria, 2)
        assert await maria.does("question.move", item=item, verb="approve", key="the-same-key") == done
        await anna.until(lambda: len(anna.events("question.shown")) == 1)


async def test_the_next_step_of_a_moderator_who_does_not_wait_is_taken_from_where_the_last_one_led(
    shared_node: Node,
) -> None:
    room = next(rooms)
    async with Person(shared_node, 1, room) as anna, AsyncExitStack() as desks:
        item, text = (await anna.does("question.ask", text="Why?"))["item"], "Why?"
        for user in range(10, 30):  # each for a while: nobody may go on like this
            maria = await desks.enter_async_context(Person(shared_node, user, room, rights="say moderate"))
            await maria.client.join(desk(room))
            await stands(maria, text=text)
            text = f"Why {user}?"
            for verb in ("edit", "approve", "pin", "edit", "answering", "recall"):
                await maria.does("question.move", item=item, verb=verb, text=text if verb == "edit" else "")


async def test_rules_and_word_lists_hold_for_questions(shared_node: Node) -> None:
    room = next(rooms)
    async with (
        Person(shared_node, 1, room) as anna,
        Person(shared_node, 3, room, rights="say moderate") as maria,
    ):
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=["durak"])
        asked = await anna.does("question.ask", text="Is he a dur\u0430k?", key="the-same-key")
        item = asked["item"]
        # Who asks is not told that a word was found: all questions wait.
        assert asked.keys() == (await anna.does("question.ask", text="Why?")).keys() == {"epoch", "at", "item"}
        assert await anna.does("question.ask", text="Is he a dur\u0430k?", key="the-same-key") == asked
        await sees(maria, 2)
        one, other = maria.events("question.at_desk")
        assert (one["item"], one["suspicious"], other["suspicious"]) == (item, True, False)
        await maria.does("chat.mute", user=1, seconds=60)
        with pytest.raises(Refused, match=r"chat\.muted") as no:
            await anna.does("question.ask", text="Why?")
        assert 0 < (no.value.retry_after or 0) <= 60
        await maria.does("chat.mute", user=1, seconds=0)
        await maria.does("chat.close", on=True)
        with pytest.raises(Refused, match="read_only"):
            await anna.does("question.ask", text="Why?")


async def test_all_questions_of_a_person_vanish_from_the_readers_at_once(shared_node: Node) -> None:
    room = next(rooms)
    async with (
        Person(shared_node, 1, room) as anna,
        Person(shared_node, 2, room) as boris,
        Person(shared_node, 3, room, rights="say moderate") as maria,
        Person(shared_node, 4, room) as reader,
    ):
        await maria.client.join(desk(room))
        for number in range(3):
            item = (await anna.does("question.ask", text=f"spam {number}", anonymous=False))["item"]
            await sees(maria, 1 + 2 * number)
            await maria.does("question.move", item=item, verb="approve")
            await sees(maria, 2 + 2 * number)
        await boris.does("question.ask", text="mine", anonymous=False)
        await sees(maria, 7)
        await reader.until(lambda: len(reader.events("question.shown")) == 3)
        purged = await maria.does("chat.purge", user=1, key="the-same-key")
        await reader.until(lambda: len(reader.events("question.hidden")) == 3)
        await sees(maria, 10)
        await maria.sees("chat.purged")
        assert await maria.does("chat.purge", user=1, key="the-same-key") == purged
        place = reader.heard[-1]["at"]
        async with newcomer(shared_node, room, place) as late:
            assert "spam" not in " ".join(late.frames)
        assert len(maria.events("chat.purged")) == 1
