"""What moderators do, on real nodes and live sockets: everybody sees it at once, newcomers see nothing else."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

import pytest

from realtime.channels import comments, desk
from realtime.errors import Refused
from realtime.history import SHOWN
from tests.realtime.node import PATIENCE, Node
from tests.realtime.person import Person
from tests.realtime.wiretap import Wiretap, newcomer
from tests.store import Store

channels = itertools.count(1)
BOTH = "say moderate"


@pytest.fixture
def room() -> str:
    return f"chat:{next(channels)}"


async def newcomers_frames(node: Node, room: str, at: int) -> str:
    """Everything that is sent to somebody who comes where the event at a place has been heard of."""
    async with newcomer(node, room, at) as late:
        return " ".join(late.frames)


# Deleting


async def test_all_of_a_person_goes_and_nobody_elses(shared_node: Node, room: str) -> None:
    async with (
        Person(shared_node, 1, room) as anna,
        Person(shared_node, 2, room) as boris,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        for n in range(3):
            await anna.says(f"rude {n}")
        await boris.says("kind")
        gone = (await maria.does("chat.purge", user=1))["at"]
        for person in (anna, boris, maria):
            await person.sees("chat.purged")
            assert person.events("chat.purged")[0]["user"] == 1
        frames = await newcomers_frames(shared_node, room, gone)
        assert "rude" not in frames
        assert "kind" in frames
        await anna.says("sorry")
        await boris.until(lambda: "sorry" in boris.texts)


async def test_what_a_moderator_deleted_comes_back_once_under_its_author(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        at = await anna.says("a joke")
        gone = (await maria.does("chat.retract", target=at))["at"]
        assert "joke" not in await newcomers_frames(shared_node, room, gone)
        back = (await maria.does("chat.restore", target=at))["at"]
        await anna.sees("chat.restored")
        [restored] = anna.events("chat.restored")
        assert (restored["target"], restored["said"]["text"], restored["said"]["user"]) == (at, "a joke", 1)
        assert "a joke" in await newcomers_frames(shared_node, room, back)
        with pytest.raises(Refused, match="no_such_message"):
            await maria.does("chat.restore", target=at)
        gone = (await anna.does("chat.retract", target=back))["at"]  # it is the author's again
        assert "joke" not in await newcomers_frames(shared_node, room, gone)


async def test_what_an_author_deleted_stays_deleted(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        at = await anna.says("a slip")
        await anna.does("chat.retract", target=at)
        with pytest.raises(Refused, match="no_such_message"):
            await maria.does("chat.restore", target=at)


async def test_everything_of_a_person_can_be_brought_back_one_by_one(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        places = [await anna.says(f"text {n}") for n in range(3)]
        await maria.does("chat.purge", user=1)
        back = (await maria.does("chat.restore", target=places[1]))["at"]
        frames = await newcomers_frames(shared_node, room, back)
        assert [text in frames for text in ("text 0", "text 1", "text 2")] == [False, True, False]


async def test_whoever_deleted_something_may_look_at_once_and_does_not_find_it(
    stores: Store, room: str, tmp_path: Path
) -> None:
    """On the moderator's own worker; on another one it is a matter of milliseconds."""
    with Node(stores.url, tmp_path, workers=1) as one_worker:
        async with (
            Person(one_worker, 1, room, rights="say swift") as anna,
            Wiretap(one_worker, 3, room, rights=f"{BOTH} swift") as maria,
        ):
            for n in range(50):
                at = await anna.says(f"secret {n}")
                await maria.asks("chat.retract", room=room, key=f"key-{n:05}", target=at)
                await maria.asks("join", room=room)
                assert f"secret {n}" not in str(maria.joined["events"])


# Pinning


async def test_a_pinned_message_is_shown_to_newcomers_however_much_was_said_since(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await maria.does("chat.pin", target=await anna.says("the rules"))
        crowd = [Person(shared_node, user, room) for user in range(10, 26)]
        for person in crowd:
            await person.__aenter__()
        await asyncio.gather(*(person.says("chatter") for person in crowd for _ in range(4)))
        await maria.until(lambda: len(maria.texts) == 1 + 64)
        async with newcomer(shared_node, room, maria.heard[-1]["at"]) as late:
            events = late.joined["events"]
            assert events[0]["is"] == "chat.pinned"
            assert events[0]["said"]["text"] == "the rules"
            assert len(events) == 1 + SHOWN
        unpinned = (await maria.does("chat.unpin"))["at"]
        assert "the rules" not in await newcomers_frames(shared_node, room, unpinned)
        for person in crowd:
            await person.__aexit__()


async def test_a_pinned_message_that_is_deleted_is_gone_from_the_top_and_from_every_answer(
    shared_node: Node, room: str
) -> None:
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        at = await anna.says("a secret")
        await maria.does("chat.pin", target=at)
        await maria.does("chat.pin", target=at)
        gone = (await maria.does("chat.retract", target=at))["at"]
        await anna.sees("chat.retracted")
        async with newcomer(shared_node, room, gone) as late:
            assert "secret" not in " ".join(late.frames)
            await late.asks("join", room=room, after={"epoch": "another life", "offset": 1})
            assert "secret" not in " ".join(late.frames)
        with pytest.raises(Refused, match="no_such_message"):
            await maria.does("chat.pin", target=at)


# The room's rules


async def test_slow_mode_says_how_long_to_wait_and_means_it(shared_node: Node, room: str) -> None:
    async with (
        Person(shared_node, 1, room) as anna,
        Person(shared_node, 2, room) as boris,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        await maria.does("chat.slow", seconds=1)
        await anna.sees("chat.slowed")
        assert anna.events("chat.slowed")[0]["seconds"] == 1
        message = {"do": "chat.say", "room": room, "key": "k" * 8, "text": "first"}
        await anna.client.ask(message)
        with pytest.raises(Refused) as no:
            await anna.client.ask({**message, "key": "l" * 8, "text": "second"})
        assert no.value.code == "chat.slow"
        assert 0 < (no.value.retry_after or 0) <= 1
        assert await anna.client.ask(message)  # a resend is no second message
        await boris.says("another person")
        for _ in range(2):
            await maria.says("a moderator")
        await asyncio.sleep(no.value.retry_after or 1)
        await anna.says("second")
        await maria.does("chat.slow", seconds=0)
        for n in range(2):
            await boris.says(f"as fast as I like {n}")


async def test_a_closed_room_is_read_only_for_all_but_moderators_and_newcomers_know(
    shared_node: Node, room: str
) -> None:
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await maria.does("chat.close", on=True)
        await anna.sees("chat.closed")
        with pytest.raises(Refused, match="read_only"):
            await anna.says("hi")
        await maria.says("Please listen.")
        async with Person(shared_node, 2, room) as late:
            await late.sees("chat.closed")
            assert late.events("chat.closed")[0]["on"] is True
        await maria.does("chat.close", on=False)
        await anna.says("hi")


# Persons


async def test_a_mute_is_told_at_once_to_nobody_else_and_ends_by_itself(shared_node: Node, room: str) -> None:
    async with (
        Wiretap(shared_node, 1, room) as anna,
        Wiretap(shared_node, 2, room) as boris,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        await maria.client.join(desk(room))
        await maria.does("chat.mute", user=1, seconds=2)
        await anna.hears('"muted"')
        [notice] = [one for one in anna.notices if one["is"] == "muted"]
        assert notice["room"] == room
        await maria.sees("chat.muted")
        assert maria.events("chat.muted")[0]["until"] == notice["until"]
        say = {"room": room, "text": "hi"}
        no = (await anna.asks("chat.say", key="k" * 8, **say))["no"]
        assert no["code"] == "chat.muted"
        assert 0 < no["retry_after"] <= 2
        await asyncio.sleep(no["retry_after"])
        assert "ok" in await anna.asks("chat.say", key="l" * 8, **say)
        await boris.hears('"hi"')
        assert "mute" not in " ".join(boris.frames)


async def test_a_mute_is_lifted_and_that_is_told_too(shared_node: Node, room: str) -> None:
    async with Wiretap(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights=BOTH) as maria:
        await maria.does("chat.mute", user=1, seconds=3600)
        await anna.hears('"muted"')
        await maria.does("chat.mute", user=1, seconds=0)
        await anna.hears('"until":0')
        assert "ok" in await anna.asks("chat.say", room=room, key="k" * 8, text="hi")


async def test_a_banned_person_is_out_at_once_in_every_tab_and_does_not_come_back(
    shared_node: Node, stores: Store, room: str, tmp_path: Path
) -> None:
    async with Person(shared_node, 3, room, rights=BOTH) as maria, Person(shared_node, 2, room) as boris:
        tabs = [Wiretap(shared_node, 1, room) for _ in range(8)]  # the kernel deals them out
        for tab in tabs:
            await tab.__aenter__()
        say: dict[str, Any] = {"room": room, "key": "k" * 8, "text": "rude words"}
        await tabs[0].asks("chat.say", **say)
        await maria.does("chat.ban", user=1, on=True)
        for tab in tabs:
            await tab.hears('"room.banned"')
        await maria.does("chat.purge", user=1)
        await maria.says("Peace.")
        await boris.until(lambda: "Peace." in boris.texts)
        for tab in tabs:
            assert (await tab.asks("join", room=room))["no"]["code"] == "room.banned"
            assert (await tab.asks("chat.say", **{**say, "key": "l" * 8}))["no"]["code"] == "room.banned"
            assert "Peace." not in " ".join(tab.frames)
            await tab.__aexit__()
        with Node(stores.url, tmp_path, workers=1) as cold:
            async with Wiretap(cold, 1, room) as again:
                assert '"room.banned"' in again.frames[-1]
                assert "rude" not in " ".join(again.frames)
        await maria.does("chat.ban", user=1, on=False)
        async with asyncio.timeout(PATIENCE), Wiretap(shared_node, 1, room) as anna:
            while "ok" not in await anna.asks("join", room=room):  # noqa: ASYNC110 - a refusal tells nobody its end
                await asyncio.sleep(0.01)  # another worker has yet to hear of it
            assert "Peace." in " ".join(anna.frames)
            assert "ok" in await anna.asks("chat.say", room=room, key="m" * 8, text="Sorry.")


async def test_the_desk_shows_a_later_moderator_who_is_muted_and_banned(shared_node: Node, room: str) -> None:
    async with Person(shared_node, 3, room, rights=BOTH) as maria:
        await maria.does("chat.mute", user=1, seconds=600)
        await maria.does("chat.ban", user=2, on=True)
        await maria.does("chat.mute", user=4, seconds=600)
        await maria.does("chat.mute", user=4, seconds=0)
        await maria.client.join(desk(room))
        await maria.until(lambda: [one["until"] for one in maria.events("chat.muted") if one["user"] == 4][-1:] == [0])
        known = maria.events("chat.muted")[-1]["at"]
    async with Person(shared_node, 5, room, rights=BOTH) as later:
        await later.client.join(desk(room))
        await later.until(lambda: bool(later.heard) and later.heard[-1]["at"] >= known)
        muted = {event["user"]: event["until"] for event in later.events("chat.muted")}
        assert muted[1] > 0
        assert muted.get(4, 0) == 0
        assert [event["user"] for event in later.events("chat.banned")] == [2]


# The word list


async def test_what_a_word_list_holds_is_seen_at_the_desk_alone_until_it_is_released(
    shared_node: Node, room: str
) -> None:
    async with (
        Person(shared_node, 1, room) as anna,
        Wiretap(shared_node, 2, room) as boris,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=["дурак", "idiot"])
        held = await anna.does("chat.say", text="Ты дyрaк!")  # with a Latin y and a
        assert held["held"] is True
        await anna.does("chat.say", text="Such IDIOTS, and 1d1ots")
        await anna.does("chat.say", text="a kind word")
        await maria.says("No idiots here, says a moderator.")
        await maria.sees("chat.held", 2)
        await boris.hears("says a moderator")
        assert not [word for word in ("Ты", "IDIOTS") if word in " ".join(boris.frames)]
        one, other = (event["item"] for event in maria.events("chat.held"))
        await maria.does("chat.settle", item=one, release=True)
        await maria.does("chat.settle", item=other, release=False)
        await boris.hears("Ты")
        [said] = [event for event in boris.notices if "Ты" in event.get("text", "")]
        assert (said["user"], said["name"], said["is"]) == (1, "Person 1", "chat.said")
        await maria.sees("chat.settled", 2)
        assert "IDIOTS" not in " ".join(boris.frames) + await newcomers_frames(shared_node, room, said["at"])
        async with Person(shared_node, 4, room, rights=BOTH) as later:
            await later.client.join(desk(room))
            await later.sees("chat.worded")
            assert later.events("chat.worded")[0]["words"] == ["дурак", "idiot"]
        await maria.does("chat.words", words=[])
        await anna.does("chat.say", text="idiots again")
        await boris.hears("idiots again")


async def test_of_two_moderators_who_settle_at_once_the_first_wins(shared_node: Node, room: str) -> None:
    async with (
        Person(shared_node, 1, room) as anna,
        Person(shared_node, 3, room, rights=BOTH) as maria,
        Person(shared_node, 4, room, rights=BOTH) as boris,
    ):
        for moderator in (maria, boris):
            await moderator.client.join(desk(room))
        await maria.does("chat.words", words=["idiot"])
        await anna.does("chat.say", text="idiot")
        for moderator in (maria, boris):
            await moderator.sees("chat.held")
        item = maria.events("chat.held")[0]["item"]
        results = await asyncio.gather(
            maria.does("chat.settle", item=item, release=True, key="of-maria"),
            boris.does("chat.settle", item=item, release=False, key="of-boris"),
            return_exceptions=True,
        )
        codes = [result.code if isinstance(result, Refused) else "done" for result in results]
        assert sorted(codes) == ["desk.changed", "done"]
        await maria.sees("chat.settled")
        first, key, release = [(maria, "of-maria", True), (boris, "of-boris", False)][codes.index("done")]
        again = await first.does("chat.settle", item=item, release=release, key=key)
        assert again == results[codes.index("done")]
        await maria.says("next")
        await anna.until(lambda: "next" in anna.texts)
        assert len(anna.texts) == 1 + int(release)


# Who may, and where


@pytest.mark.parametrize(
    ("do", "fields"),
    [
        ("chat.purge", {"user": 1}),
        ("chat.restore", {"target": 1}),
        ("chat.pin", {"target": 1}),
        ("chat.unpin", {}),
        ("chat.slow", {"seconds": 5}),
        ("chat.close", {"on": True}),
        ("chat.mute", {"user": 1, "seconds": 5}),
        ("chat.ban", {"user": 1, "on": True}),
        ("chat.words", {"words": ["a"]}),
        ("chat.settle", {"item": "a", "release": True}),
        ("chat.dismiss", {"item": "a"}),
    ],
)
async def test_only_moderators_moderate(shared_node: Node, room: str, do: str, fields: dict[str, Any]) -> None:
    async with Wiretap(shared_node, 1, room) as anna:
        no = (await anna.asks(do, room=room, key="k" * 8, **fields))["no"]
        assert no["code"] == "room.no_right"


@pytest.mark.parametrize(("do", "field"), [("chat.slow", 3601), ("chat.mute", 7 * 86_400 + 1)])
async def test_a_rule_has_its_limits(shared_node: Node, room: str, do: str, field: int) -> None:
    async with Wiretap(shared_node, 3, room, rights=BOTH) as maria:
        no = (await maria.asks(do, room=room, key="k" * 8, user=1, seconds=field))["no"]
        assert (no["code"], no["field"]) == ("message.field", "seconds")


@pytest.mark.parametrize("kind", ["video", "idea"])
async def test_comments_are_written_deleted_and_moderated_as_a_chat_is(shared_node: Node, kind: str) -> None:
    room = comments(kind, next(channels))
    async with (
        Person(shared_node, 1, room) as anna,
        Person(shared_node, 2, room) as boris,
        Person(shared_node, 3, room, rights=BOTH) as maria,
    ):
        own, bad = await anna.says("a slip"), await boris.says("a rude word")
        await anna.does("chat.retract", target=own)
        await maria.does("chat.retract", target=bad)
        await anna.says("a good comment")
        pinned = (await maria.does("chat.pin", target=await boris.says("the best comment")))["at"]
        await maria.does("chat.mute", user=2, seconds=60)
        with pytest.raises(Refused, match=r"chat\.muted"):
            await boris.says("one more")
        async with newcomer(shared_node, room, pinned) as late:
            events = late.joined["events"]
            said = [event["text"] for event in events if event["is"] == "chat.said"]
            assert said == ["a good comment", "the best comment"]
            assert events[-1]["said"]["text"] == "the best comment"
