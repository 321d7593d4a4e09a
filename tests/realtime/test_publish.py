"""What a page without JavaScript does by publish is what the wire does: the same rules, at once on live sockets."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from realtime import channels, publish, questions
from realtime.channels import desk
from realtime.chat_reports import REPORTED
from realtime.engine import Engine, connect
from realtime.errors import Refused
from tests.operator import Operator
from tests.realtime.node import Node
from tests.realtime.person import Person
from tests.realtime.wiretap import Wiretap, newcomer
from tests.store import Store

numbers = itertools.count(1)
KEYS = (f"key-{n:08}" for n in itertools.count())
SECRET = "nobody guesses this one"


@pytest.fixture
async def page(stores: Store) -> Any:
    """What a page has instead of a socket."""
    async with connect(stores.url) as redis:
        yield redis


def by_moderator() -> dict[str, Any]:
    return {"by": 3, "key": next(KEYS), "when": datetime.now(UTC)}


async def test_a_page_deletes_restores_and_pins(shared_node: Node, page: Engine) -> None:
    number = next(numbers)
    room = channels.chat(number)
    async with Person(shared_node, 1, room) as anna:
        at = await anna.says("a joke")
        await anna.says("another joke")
        await publish.retract_from_chat(page, channel=number, target=at, **by_moderator())
        back = await publish.restore(page, room=room, target=at, **by_moderator())
        await publish.pin(page, room=room, target=back, **by_moderator())
        await anna.sees("chat.pinned")
        assert anna.events("chat.pinned")[0]["said"]["text"] == "a joke"
        await publish.unpin(page, room=room, **by_moderator())
        await publish.purge(page, room=room, user=1, **by_moderator())
        await anna.sees("chat.purged")
        assert anna.events("chat.purged")[0]["by"] == 3
        async with newcomer(shared_node, room, anna.heard[-1]["at"]) as late:
            assert "joke" not in " ".join(late.frames)
        with pytest.raises(Refused, match="no_such_message"):
            await publish.pin(page, room=room, target=back, **by_moderator())


async def test_a_page_mutes_and_bans_and_live_sockets_hear_it_at_once(shared_node: Node, page: Engine) -> None:
    room = channels.chat(next(numbers))
    async with Wiretap(shared_node, 1, room) as anna:
        await publish.mute(page, room=room, user=1, seconds=60, **by_moderator())
        await anna.hears('"muted"')
        say: dict[str, Any] = {"room": room, "key": "k" * 8, "text": "hi"}
        assert (await anna.asks("chat.say", **say))["no"]["code"] == "chat.muted"
        await publish.ban(page, room=room, user=1, on=True, **by_moderator())
        await anna.hears('"room.banned"')
        await publish.ban(page, room=room, user=1, on=False, **by_moderator())
        await publish.mute(page, room=room, user=1, seconds=0, **by_moderator())
        await publish.slow(page, room=room, seconds=60, **by_moderator())
        assert "ok" in await anna.asks("chat.say", **say)
        assert (await anna.asks("chat.say", **{**say, "key": "l" * 8}))["no"]["code"] == "chat.slow"
        await publish.close(page, room=room, on=True, **by_moderator())
        assert (await anna.asks("chat.say", **{**say, "key": "m" * 8}))["no"]["code"] == "chat.read_only"


async def test_mutes_that_ended_by_themselves_make_room_for_the_next(redis: Operator) -> None:
    room = channels.chat(next(numbers))
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    for user in range(1, 6):
        await publish.mute(redis, room=room, user=user, seconds=60, by=3, key=next(KEYS), when=long_ago)
    await publish.mute(redis, room=room, user=6, seconds=7200, by=3, key=next(KEYS), when=long_ago)
    await publish.mute(redis, room=room, user=7, seconds=60, **by_moderator())
    assert sorted(await redis.hkeys(channels.state(room))) == [b".mute:6", b".mute:7"]
    assert sorted(await redis.hkeys(channels.state(desk(room)))) == [b"mute:6", b"mute:7"]
    assert sorted(await redis.hkeys(channels.rules(room))) == [b"mute:6", b"mute:7"]


async def test_a_page_settles_what_was_held_and_the_second_one_is_too_late(shared_node: Node, page: Engine) -> None:
    room = channels.chat(next(numbers))
    async with Person(shared_node, 1, room) as anna, Person(shared_node, 3, room, rights="say moderate") as maria:
        await maria.client.join(desk(room))
        await maria.does("chat.words", words=["idiot"])
        await anna.does("chat.say", text="idiot")
        await maria.sees("chat.held")
        item, first = maria.events("chat.held")[0]["item"], by_moderator()
        for _ in range(2):
            await publish.settle(page, room=room, item=item, release=True, **first)
        await anna.sees("chat.said")
        assert anna.texts == ["idiot"]
        with pytest.raises(Refused, match=r"desk\.changed"):
            await publish.settle(page, room=room, item=item, release=False, **by_moderator())


async def test_a_page_asks_and_moderates_questions(shared_node: Node, page: Engine) -> None:
    number = next(numbers)
    room = channels.questions(number)
    who: dict[str, Any] = {"user": 1, "name": "Anna", "badge": "", "anonymous": True, "secret": SECRET}
    async with Person(shared_node, 2, room) as boris:
        wish: dict[str, Any] = {"channel": number, "text": "Why?", "key": next(KEYS), "when": datetime.now(UTC)}
        item = await publish.ask(page, **who, **wish)
        assert await publish.ask(page, **who, **wish) == item
        for verb, text in (("edit", "Why so?"), ("approve", ""), ("answered", "Because.")):
            await publish.move_question(page, channel=number, item=item, verb=verb, text=text, **by_moderator())
        await boris.sees("question.shown", 2)
        last = boris.events("question.shown")[-1]
        assert (last["text"], last["answer"], last["user"], last["name"]) == ("Why so?", "Because.", 0, "")
        same = await publish.ask(page, **who, **{**wish, "key": next(KEYS)})
        await publish.move_question(page, channel=number, item=same, verb="merge", into=item, **by_moderator())
        with pytest.raises(Refused, match=r"desk\.changed"):
            await publish.move_question(page, channel=number, item=same, verb="pin", **by_moderator())
        with pytest.raises(Refused, match="no_such_item"):
            await publish.move_question(page, channel=number, item="nothing", verb="pin", **by_moderator())
        await publish.mute(page, room=room, user=1, seconds=60, **by_moderator())
        with pytest.raises(Refused, match=r"chat\.muted"):
            await publish.ask(page, **who, **{**wish, "key": next(KEYS)})


async def test_a_page_is_refused_what_makes_no_sense(page: Engine) -> None:
    with pytest.raises(Refused, match="wrong_kind"):
        await publish.pin(page, room=channels.inbox(1), target=1, **by_moderator())
    with pytest.raises(Refused, match=r"message\.field"):
        await publish.mute(page, room=channels.chat(1), user=1, seconds=10**9, **by_moderator())


async def test_a_page_knows_what_readers_have_before_them(shared_node: Node, page: Engine) -> None:
    number = next(numbers)
    chat, questions = channels.chat(number), channels.questions(number)
    async with Person(shared_node, 1, chat) as anna:
        said = await anna.does("chat.say", text="hello")
        name = f"{said['epoch']}:{said['at']}"
        assert await publish.is_shown(page, room=chat, item=name)
        edited = await anna.does("chat.edit", target=said["at"], text="hello, everybody")
        assert await publish.is_shown(page, room=chat, item=name), "it keeps its name"
        others = [f"{said['epoch']}:{edited['at']}", f"another:{said['at']}", "x", f"{said['epoch']}:99"]
        assert [await publish.is_shown(page, room=chat, item=one) for one in others] == [False] * 4
        await anna.does("chat.retract", target=said["at"])
        assert not await publish.is_shown(page, room=chat, item=name)
    who: dict[str, Any] = {"channel": number, "user": 7, "name": "Anna", "badge": "", "anonymous": False}
    item = await publish.ask(page, **who, text="Why?", key=next(KEYS), when=datetime.now(UTC), secret=SECRET)
    assert not await publish.is_shown(page, room=questions, item=item)
    await publish.move_question(page, channel=number, item=item, verb="approve", **by_moderator())
    assert await publish.is_shown(page, room=questions, item=item)


async def test_a_page_sets_the_word_list_and_settles_reports(shared_node: Node, page: Engine) -> None:
    room = channels.chat(next(numbers))
    async with (
        Person(shared_node, 1, room) as anna,
        Person(shared_node, 3, room, rights="say moderate") as maria,
    ):
        await maria.client.join(desk(room))
        await publish.words(page, room=room, hold=["rude"], hide=["spam"], **by_moderator())
        await maria.sees("chat.worded")
        assert (maria.events("chat.worded")[0]["words"], maria.events("chat.worded")[0]["hidden"]) == (
            ["rude"],
            ["spam"],
        )
        assert "held" in await anna.does("chat.say", text="rude words")
        assert "held" not in await anna.does("chat.say", text="spam words")
        await maria.sees("chat.held", 2)
        at = await anna.says("kind words")
        items = [
            (await maria.does("chat.report", target=at))["item"],
            (await anna.does("chat.report", target=at))["item"],
        ]
        await publish.dismiss(page, room=room, item=items[0], **by_moderator())
        await maria.sees("chat.dismissed", 2)
        assert {one["item"] for one in maria.events("chat.dismissed")} == set(items)
        with pytest.raises(Refused, match="quicker"):
            await publish.dismiss(page, room=room, item=items[0], **by_moderator())
        target = await anna.says("more")
        item = (await maria.does("chat.report", target=target))["item"]
        await publish.retract_from_chat(page, channel=channels.number(room), target=target, **by_moderator())
        await maria.sees("chat.dismissed", 3)
        assert maria.events("chat.dismissed")[-1]["item"] == item


async def ask(page: Engine, channel: int, text: str) -> str:
    """Put a question, and let everybody see it; its name."""
    about: dict[str, Any] = {"channel": channel, "user": 5, "name": "Vera", "badge": "", "anonymous": False}
    item = await publish.ask(page, text=text, key=next(KEYS), when=datetime.now(UTC), secret=SECRET, **about)
    await publish.move_question(page, channel=channel, item=item, verb="approve", **by_moderator())
    return item


async def test_a_question_that_left_the_desk_and_is_rejected_later_is_sent_to_nobody_any_more(
    shared_node: Node, page: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = next(numbers)
    room = channels.questions(number)
    monkeypatch.setattr(questions, "KEPT", 1)
    async with Wiretap(shared_node, 1, room) as reader:
        item = await ask(page, number, "The first question?")
        last = await publish.question(page, channel=number, item=item)
        await ask(page, number, "The second question?")
        assert await publish.question(page, channel=number, item=item) is None, "it left"
        await reader.hears('"question.left"')
        wish: dict[str, Any] = {"channel": number, "item": item, "verb": "reject", "last": last}
        await publish.move_question(page, **wish, **by_moderator())
        await reader.hears('"question.hidden"')
        [hidden] = [one for one in reader.notices if one["is"] == "question.hidden"]
        async with newcomer(shared_node, room, hidden["at"]) as late:
            known = {"epoch": late.joined["epoch"], "offset": 0}
            resumed = await late.asks("join", room=room, after=known)  # who was away all the time
            assert resumed["ok"]["resumed"]
            assert "The first question?" not in " ".join(late.frames)
            assert "The second question?" in " ".join(late.frames)


async def test_reports_are_counted_by_person_whatever_sockets_they_have(shared_node: Node, page: Engine) -> None:
    number = next(numbers)
    room = channels.chat(number)
    said: dict[str, Any] = {"channel": number, "user": 1, "name": "Anna", "badge": "", "text": "a message"}
    places = [
        await publish.say_in_chat(page, **said, key=next(KEYS), when=datetime.now(UTC))
        for _ in range(REPORTED.most + 1)
    ]

    async def report(user: int, at: int) -> dict[str, Any]:
        async with Wiretap(shared_node, user, room) as somebody:  # a socket has credits of its own
            return await somebody.asks("chat.report", room=room, key=next(KEYS), target=at)

    for at in places[:-1]:
        assert "ok" in await report(2, at)
    no = (await report(2, places[-1]))["no"]
    assert no["code"] == "chat.reported_much"
    assert 0 < no["retry_after"] <= REPORTED.seconds
    assert "ok" in await report(2, places[0]), "this was reported before, and is answered as before"
    assert "ok" in await report(3, places[-1])
