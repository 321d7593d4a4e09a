"""A person's own room: direct messages in two inboxes, notices, unread numbers that every tab agrees about."""

import itertools
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from realtime import channels, publish, verbs
from realtime.commands import Act, DirectRetract, DirectSay, InboxBlock, InboxRead
from realtime.engine import connect
from realtime.errors import Refused
from realtime.memory import MemoryLog
from realtime.passes import Pass
from realtime.publish import Notice
from realtime.speaker import Speaker
from realtime.writes import Placed
from tests.realtime.node import Node, token
from tests.realtime.person import Person
from tests.realtime.wiretap import Wiretap, newcomer
from tests.store import Store

KEYS = (f"key-{n:08}" for n in itertools.count())
ANNA, BORIS = 1, 2
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def inbox(user: int) -> str:
    return channels.inbox(user)


class House:
    """Every inbox, in memory."""

    def __init__(self) -> None:
        self.log = MemoryLog(epoch=lambda: "life", clock=lambda: 0.0)
        for user in (ANNA, BORIS):
            self.log.look_up(inbox(user), "", 0, None)  # they were here before

    def does(self, user: int, act: Act) -> Placed:
        who = Pass(user, f"Person {user}", {act.room: frozenset({"say"})}, 0)
        placed: Placed | Refused = Refused("message.unknown")
        for write in verbs.decide(act, Speaker(who, 1000.0, lambda room, part: None, "secret")):
            placed = self.log.carry_out(write)
            if isinstance(placed, Refused):
                raise placed
        assert isinstance(placed, Placed)
        return placed

    def writes(self, user: int, to: int, text: str = "hi", *, key: str = "") -> str:
        key = key or next(KEYS)
        self.does(user, DirectSay(1, inbox(user), key, to, text))
        return key

    def reads(self, user: int, thread: str, upto: int) -> None:
        self.does(user, InboxRead(1, inbox(user), next(KEYS), thread, upto))

    def takes_back(self, user: int, to: int, said: str) -> Placed:
        return self.does(user, DirectRetract(1, inbox(user), next(KEYS), to, said))

    def events(self, user: int) -> list[dict[str, Any]]:
        return [orjson.loads(one.event) for one in self.log.kept(inbox(user)).stream.values()]

    def texts(self, user: int) -> list[str]:
        return [event["text"] for event in self.events(user) if "text" in event]

    def newcomer_sees(self, user: int) -> dict[str, int]:
        """Unread numbers by thread, as a tab shows them that folds the state in order and knows nothing else."""
        kept = self.log.kept(inbox(user))
        state = sorted(kept.state.values())
        return {event["thread"]: event["unread"] for event in (orjson.loads(one) for _, one in state)}

    def everybody_saw(self, user: int) -> dict[str, int]:
        """The same as a tab shows it that was there all the time."""
        return {event["thread"]: event["unread"] for event in self.events(user) if "unread" in event}


@pytest.fixture
def house() -> House:
    return House()


def test_a_message_stands_in_two_inboxes_and_is_unread_in_one(house: House) -> None:
    house.writes(ANNA, BORIS, "hi")
    [theirs], [own] = house.events(BORIS), house.events(ANNA)
    assert (theirs["thread"], theirs["text"], theirs["unread"], theirs["user"]) == ("user:1", "hi", 1, ANNA)
    assert (own["thread"], own["text"], own["unread"], own["to"]) == ("user:2", "hi", 0, BORIS)
    assert theirs["item"] == own["item"]


def test_a_resend_is_in_each_inbox_once_also_when_only_one_was_reached(house: House) -> None:
    key = house.writes(ANNA, BORIS)
    house.log.kept(inbox(ANNA)).once.clear()
    house.log.kept(inbox(ANNA)).stream.clear()
    house.writes(ANNA, BORIS, key=key)
    assert (len(house.events(BORIS)), len(house.events(ANNA))) == (1, 1)


def test_unread_numbers_grow_by_thread_and_fall_when_it_is_read(house: House) -> None:
    for _ in range(3):
        house.writes(ANNA, BORIS)
    house.writes(3, BORIS)
    assert house.newcomer_sees(BORIS) == {"user:1": 3, "user:3": 1}
    house.reads(BORIS, "user:1", upto=2)
    assert house.newcomer_sees(BORIS) == {"user:1": 1, "user:3": 1}
    house.reads(BORIS, "user:1", upto=4)
    assert house.newcomer_sees(BORIS) == {"user:1": 0, "user:3": 1}
    house.writes(ANNA, BORIS)
    assert house.newcomer_sees(BORIS) == {"user:1": 1, "user:3": 1}
    assert house.everybody_saw(BORIS) == house.newcomer_sees(BORIS)


def test_what_was_read_stays_read_when_a_late_tab_reports_less(house: House) -> None:
    for _ in range(3):
        house.writes(ANNA, BORIS)
    house.reads(BORIS, "user:1", upto=3)
    house.reads(BORIS, "user:1", upto=1)
    assert house.newcomer_sees(BORIS) == {"user:1": 0}


def test_nobody_reads_the_future(house: House) -> None:
    house.writes(ANNA, BORIS)
    house.reads(BORIS, "user:1", upto=2**53)
    house.writes(ANNA, BORIS)
    house.reads(BORIS, "user:1", upto=1)
    assert house.newcomer_sees(BORIS) == {"user:1": 1}


def test_an_answer_does_not_change_what_is_unread(house: House) -> None:
    house.writes(ANNA, BORIS)
    house.writes(ANNA, BORIS)
    house.writes(BORIS, ANNA)
    assert house.newcomer_sees(BORIS) == {"user:1": 2}


def test_a_message_taken_back_is_gone_from_both_inboxes_and_from_the_number(house: House) -> None:
    house.writes(ANNA, BORIS, "first")
    secret = house.writes(ANNA, BORIS, "secret")
    house.takes_back(ANNA, BORIS, secret)
    for user in (ANNA, BORIS):
        assert house.texts(user) == ["first"]
        assert "secret" not in str(house.log.kept(inbox(user)).state)
    assert house.newcomer_sees(BORIS) == {"user:1": 1}


def test_a_message_that_was_read_is_taken_back_without_harm_to_the_number(house: House) -> None:
    read = house.writes(ANNA, BORIS)
    house.reads(BORIS, "user:1", upto=1)
    house.writes(ANNA, BORIS)
    house.takes_back(ANNA, BORIS, read)
    assert house.newcomer_sees(BORIS) == {"user:1": 1}


def test_taking_back_twice_is_once(house: House) -> None:
    said = house.writes(ANNA, BORIS)
    house.takes_back(ANNA, BORIS, said)
    assert house.takes_back(ANNA, BORIS, said).offset == 0
    assert len(house.events(BORIS)) == 1


def test_nobody_takes_back_what_another_wrote(house: House) -> None:
    said = house.writes(ANNA, BORIS)
    with pytest.raises(Refused, match="no_such_message"):
        house.takes_back(BORIS, ANNA, said)
    assert house.texts(BORIS) == ["hi"]


def test_a_blocked_person_is_told_and_nothing_is_stored_anywhere(house: House) -> None:
    house.does(BORIS, InboxBlock(1, inbox(BORIS), next(KEYS), ANNA, on=True))
    with pytest.raises(Refused, match="blocked"):
        house.writes(ANNA, BORIS)
    assert (house.texts(ANNA), house.texts(BORIS)) == ([], [])
    house.does(BORIS, InboxBlock(1, inbox(BORIS), next(KEYS), ANNA, on=False))
    house.writes(ANNA, BORIS)
    assert house.texts(BORIS) == ["hi"]


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (DirectSay(1, "inbox:1", "k" * 8, 1, "to myself"), "message.field"),
        (DirectSay(1, "inbox:1", "k" * 8, 0, "to nobody"), "message.field"),
        (DirectSay(1, "inbox:1", "k" * 8, 2, " "), "chat.empty"),
        (DirectSay(1, "inbox:1", "k" * 8, 2, "a" * 2001), "chat.too_long"),
        (DirectSay(1, "chat:1", "k" * 8, 2, "hi"), "room.wrong_kind"),
        (DirectRetract(1, "inbox:1", "k" * 8, 1, "k" * 8), "message.field"),
        (DirectRetract(1, "inbox:1", "k" * 8, 2, "k" * 8), "chat.no_such_message"),
        (InboxRead(1, "inbox:1", "k" * 8, "kitchen", 1), "message.field"),
        (InboxRead(1, "inbox:1", "k" * 8, "user:0", 1), "message.field"),
        (InboxBlock(1, "inbox:1", "k" * 8, 1, on=True), "message.field"),
    ],
)
def test_a_wrong_wish_is_refused_by_its_code(house: House, act: Act, code: str) -> None:
    with pytest.raises(Refused) as no:
        house.does(ANNA, act)
    assert no.value.code == code


# On the wire


async def test_every_tab_of_both_persons_shows_the_same(shared_node: Node) -> None:
    anna, boris = 11, 12
    async with (
        Person(shared_node, anna, inbox(anna)) as tab,
        Person(shared_node, anna, inbox(anna)) as phone,
        Person(shared_node, boris, inbox(boris)) as other,
        Person(shared_node, boris, inbox(boris)) as others_phone,
    ):
        answer = await tab.does("direct.say", to=boris, text="hi", key="my-own-key")
        for person in (tab, phone, other, others_phone):
            await person.hears(1)
        assert tab.heard == phone.heard
        assert other.heard == others_phone.heard
        assert (answer["at"], answer["item"]) == (tab.heard[0]["at"], tab.heard[0]["item"])
        assert (other.heard[0]["text"], other.heard[0]["unread"]) == ("hi", 1)
        await others_phone.does("inbox.read", thread=f"user:{anna}", upto=other.heard[0]["at"])
        await other.hears(2)
        assert (other.heard[1]["is"], other.heard[1]["unread"]) == ("inbox.was_read", 0)
        await tab.does("direct.retract", to=boris, said="my-own-key")
        for person in (tab, phone):
            await person.hears(2)
        await others_phone.hears(3)
        assert others_phone.heard[-1]["is"] == "direct.retracted"
        async with newcomer(shared_node, inbox(boris), others_phone.heard[-1]["at"], user=boris) as late:
            shown = late.joined["events"]
            assert "hi" not in [event.get("text") for event in shown]
            assert {event["thread"]: event["unread"] for event in shown} == {f"user:{anna}": 0}


async def test_an_inbox_is_open_to_nobody_else_whatever_their_pass_says(shared_node: Node) -> None:
    async with Wiretap(shared_node, 13, pass_=token(13, rooms=(inbox(13), inbox(14)))) as curious:
        assert "ok" in await curious.asks("join", room=inbox(13))
        assert (await curious.asks("join", room=inbox(14)))["no"]["code"] == "room.closed"
        say = {"room": inbox(14), "key": "k" * 8, "to": 15, "text": "in another's name"}
        assert (await curious.asks("direct.say", **say))["no"]["code"] == "room.closed"


async def test_a_block_holds_on_the_wire(shared_node: Node) -> None:
    async with Person(shared_node, 21, inbox(21)) as anna, Person(shared_node, 22, inbox(22)) as boris:
        await boris.does("inbox.block", user=21, on=True)
        await boris.hears(1)
        for unwilling in (22, 777_777):
            with pytest.raises(Refused, match="blocked"):
                await anna.does("direct.say", to=unwilling, text="hi")
        await anna.client.ask({"do": "ping"})
        assert anna.heard == []
        async with Person(shared_node, 22, inbox(22)) as late:
            await late.hears(1)
            assert [event["is"] for event in late.heard] == ["inbox.blocked"]


async def test_a_notice_comes_at_once_to_every_tab_and_counts_as_unread(shared_node: Node, stores: Store) -> None:
    async with (
        Person(shared_node, 31, inbox(31)) as tab,
        Person(shared_node, 31, inbox(31)) as phone,
        connect(stores.url) as redis,
    ):
        wish: dict[str, Any] = {
            "user": 31,
            "kind": "question.approved",
            "text": "Your question is on air.",
            "link": "/en/q/1",
        }
        for _ in range(2):
            assert await publish.notify(redis, [Notice(key="once-only", **wish)], when=NOON) == [None]
        for person in (tab, phone):
            await person.hears(1)
        [event] = tab.heard
        assert (event["thread"], event["kind"], event["link"], event["unread"]) == (
            *("notices", "question.approved", "/en/q/1", 1),
        )
        await publish.read(redis, user=31, thread="notices", upto=event["at"], key=next(KEYS), when=NOON)
        await phone.hears(2)
        assert phone.heard[1]["unread"] == 0


async def test_a_page_without_a_socket_writes_and_blocks(shared_node: Node, stores: Store) -> None:
    async with Person(shared_node, 42, inbox(42)) as boris, connect(stores.url) as redis:
        wish: dict[str, Any] = {"user": 41, "name": "Anna", "to": 42, "text": "hi", "when": NOON}
        await publish.direct(redis, key="once-only", **wish)
        await publish.direct(redis, key="once-only", **wish)
        await publish.block(redis, user=42, other=41, on=True, key=next(KEYS), when=NOON)
        await boris.hears(2)
        assert [event["is"] for event in boris.heard] == ["direct.said", "inbox.blocked"]
        with pytest.raises(Refused, match="blocked"):
            await publish.direct(redis, key=next(KEYS), **wish)
