"""Thousands of questions through one desk: neither it nor the readers' room ever fills for good, in both logs."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from realtime import channels, history, questions, verbs
from realtime.channels import desk
from realtime.commands import Act, ChatPurge, QuestionAsk, QuestionMove
from realtime.errors import Refused
from realtime.history import Entry, Fit, History, Reading
from realtime.kept import MOST_BYTES, MOST_PARTS, SPARE_BYTES, SPARE_PARTS
from realtime.log import RedisLog
from realtime.memory import MemoryEar, MemoryLog
from realtime.passes import Pass
from realtime.questions import ANSWERED, ANSWERING, APPROVED, ASKED, OPEN, REJECTED, SETTLED
from realtime.speaker import Speaker
from realtime.writes import Placed
from tests.operator import Operator
from tests.realtime.test_questions import ASKER, MODERATOR, ROOM, Hall

KEYS = (f"key-{n:08}" for n in itertools.count())
NOW = 1000.0  # Unix seconds
Events = dict[str, dict[str, Any]]


def fold(page: Events, events: Iterable[bytes]) -> Events:
    """What a page shows, after some events."""
    for event in map(orjson.loads, events):
        if event["is"].startswith("question."):
            page.pop(event.get("item"), None)  # so that what was told last stands last
        if event["is"] in ("question.at_desk", "question.shown"):
            page[event["item"]] = event
    return page


def newcomers(known: History) -> Events:
    """What somebody shows who comes now to a worker that knows this of the room."""
    answer = orjson.loads(known.answer(None) or b"")
    return fold({}, map(orjson.dumps, answer["events"]))


def read(room: str, reading: Reading) -> History:
    """What a worker knows that has just read a log."""
    known = History(room)
    known.start(reading)
    return known


class Halls:
    """One hall in both logs, and what a moderator's page and a reader's show that were there from the beginning."""

    def __init__(self, redis: Operator) -> None:
        self.redis = RedisLog(redis, redis)
        self.memory = MemoryLog(epoch=lambda: "life", clock=lambda: NOW)
        self.pages: dict[str, Events] = {ROOM: {}, desk(ROOM): {}}
        self.known: dict[str, History] = {}  # to a worker that was there from the beginning, too

    async def __aenter__(self) -> "Halls":
        ear = MemoryEar(self.memory, heard=self._heard, restored=lambda _: None)
        for room in self.pages:
            await ear.subscribe(channels.live(room))
            self.known[room] = read(room, await self.memory.read(room))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.are_right()

    def _heard(self, channel: bytes, payload: bytes) -> None:
        room = channels.room_of(channel.decode())
        assert self.known[room].take(*history.heard(payload)) is Fit.NEXT
        fold(self.pages[room], self.known[room].tell())

    async def does(self, who: Pass, act: Act) -> Placed:
        speaker = Speaker(who, NOW, self.look, "secret", lambda room: list(self.memory.kept(room).state))
        [write] = verbs.decide(act, speaker)
        done = self.memory.carry_out(write)
        [same] = await self.redis.write([write])
        if isinstance(done, Refused):
            assert isinstance(same, Refused)
            assert same.wire() == done.wire()
            raise done
        assert isinstance(same, Placed)
        assert same.offset == done.offset
        return done

    def look(self, room: str, part: str) -> bytes | None:
        found = self.memory.kept(room).state.get(part)
        return found[1] if found else None

    async def asks(self, text: str = "Why?", *, who: Pass = ASKER) -> str:
        act = QuestionAsk(1, ROOM, next(KEYS), text)
        await self.does(who, act)
        return Speaker(who, NOW, self.look, "secret").item(act)

    async def moves(self, item: str, verb: str, text: str = "") -> Placed:
        return await self.does(MODERATOR, QuestionMove(1, ROOM, next(KEYS), item, verb, text))

    async def asks_until_refused(self, text: str = "Why?") -> tuple[list[str], str]:
        """All that were taken, and the code of the refusal."""
        items: list[str] = []
        while True:
            try:
                items.append(await self.asks(text))
            except Refused as no:
                return items, no.code

    def at_desk(self, *statuses: str) -> list[str]:
        return [item for item, one in self.pages[desk(ROOM)].items() if not statuses or one["status"] in statuses]

    async def are_right(self) -> None:
        """Who was always there shows what a newcomer shows, of both logs, and readers what the desk says is shown."""
        for room, page in self.pages.items():
            read_now = [read(room, await log.read(room)) for log in (self.memory, self.redis)]
            for known in (self.known[room], *read_now):
                assert newcomers(known) == page
        assert set(self.pages[ROOM]) == set(self.at_desk(*questions.SHOWN))


async def test_thousands_pass_through_one_desk_and_its_state_stays_small(
    redis: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "KEPT", 40)
    steps = (["approve", "answered"], ["reject"], ["approve"], ["approve", "answering"], ["approve", "edit", "reject"])
    async with Halls(redis) as halls:
        for number, verbs_of_one in zip(range(2500), itertools.cycle(steps), strict=False):
            item = await halls.asks(f"Question {number}?")
            for verb in verbs_of_one:
                await halls.moves(item, verb, f"Text {number}")
            if number % 500 == 0:
                await halls.are_right()
        assert (len(halls.at_desk(*SETTLED)), len(halls.at_desk(*OPEN))) == (40, 39)  # the last one was open, too
        assert len(halls.at_desk()) == 79
        last = halls.pages[desk(ROOM)][item]
        assert (last["status"], last["text"]) == (REJECTED, "Text 2499")


async def test_what_waits_may_be_too_much_but_moderators_go_on(
    redis: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "KEPT", 40)
    async with Halls(redis) as halls:
        items, code = await halls.asks_until_refused()
        assert (len(items), code) == (MOST_PARTS - SPARE_PARTS, "desk.full")
        for item, verb in zip(items, itertools.cycle(["approve", "reject"]), strict=False):
            await halls.moves(item, verb)
            if len(halls.at_desk(REJECTED)) == len(halls.at_desk(APPROVED)) == questions.KEPT:
                break
        await halls.moves(items[-1], "approve")
        await halls.asks()
        assert len(halls.at_desk(ASKED)) == len(items) - 2 * questions.KEPT


async def test_a_desk_full_of_long_ones_is_worked_off(redis: Operator) -> None:
    longest = "\x01" * 2000  # six bytes each on the wire
    async with Halls(redis) as halls:
        items, code = await halls.asks_until_refused(longest)
        assert code == "desk.full"
        assert len(items) > (MOST_BYTES - SPARE_BYTES) // 13_000
        for item in items:
            await halls.moves(item, "approve")
            await halls.moves(item, "answered", longest)
        kept = halls.memory.kept(desk(ROOM))
        assert sum(len(event) for _, event in kept.state.values()) <= questions.KEPT_BYTES
        assert halls.at_desk() == items[-len(halls.at_desk()) :]
        await halls.asks(longest)


async def test_all_of_one_who_asked_a_thousand_times_go_in_one_act(redis: Operator) -> None:
    async with Halls(redis) as halls:
        mine = await halls.asks(who=replace(ASKER, user=8))
        theirs = [await halls.asks(f"Spam {number}") for number in range(1000)]
        for item in theirs[:5]:
            await halls.moves(item, "approve")
        wish = ChatPurge(1, ROOM, next(KEYS), ASKER.user)
        done = await halls.does(MODERATOR, wish)
        # What was approved was decided last, so it is rejected last.
        assert halls.at_desk(REJECTED) == [*theirs[-questions.KEPT + 5 :], *theirs[:5]]
        assert halls.at_desk(ASKED) == [mine]
        assert halls.pages[ROOM] == {}
        assert await halls.does(MODERATOR, wish) == done
        events = [orjson.loads(one.event)["is"] for one in halls.memory.kept(desk(ROOM)).stream.values()]
        assert events.count("chat.purged") == 1


# Who leaves, and who stays


@pytest.fixture
def hall(monkeypatch: pytest.MonkeyPatch) -> Hall:
    monkeypatch.setattr(questions, "KEPT", 3)
    return Hall()


def here(hall: Hall, room: str = desk(ROOM)) -> set[str]:
    return {part.removeprefix("q:") for part in hall.parts(room)}


def test_who_was_settled_longest_ago_leaves_first(hall: Hall) -> None:
    items = [hall.asks() for _ in range(5)]
    for item in items[:3]:
        hall.moves(item, "reject")
    hall.moves(items[0], "recall")
    hall.moves(items[0], "reject")
    hall.moves(items[3], "reject")
    assert here(hall) == {items[2], items[0], items[3], items[4]}


def test_the_open_ones_leave_readers_and_desk_alike_and_the_settled_do_not_count(hall: Hall) -> None:
    answered = [hall.asks() for _ in range(3)]
    for item in answered:
        hall.moves(item, "approve")
        hall.moves(item, "answered")
    items = [hall.asks() for _ in range(5)]
    for item in items:
        hall.moves(item, "approve")
    hall.moves(items[-1], "answering")
    assert here(hall) == here(hall, ROOM) == {*answered, *items[2:]}
    assert hall.at_desk(items[-1])["status"] == ANSWERING


def test_what_is_pinned_stays_until_it_is_unpinned(hall: Hall) -> None:
    items = [hall.asks() for _ in range(6)]
    for item in items[:2]:
        hall.moves(item, "approve")
        hall.moves(item, "pin")
    hall.moves(items[1], "answered")
    for item in items[2:]:
        hall.moves(item, "approve")
    assert here(hall) == here(hall, ROOM) == {*items[:2], *items[3:]}
    hall.moves(items[0], "unpin")
    assert here(hall) == {*items[:2], *items[4:]}


def test_who_left_is_hidden_from_nobody_and_stays_in_the_log_for_the_archive(hall: Hall) -> None:
    items = [hall.asks(f"Question {number}") for number in range(4)]
    for item in items:
        hall.moves(item, "approve")
    assert hall.shown(items[0]) is None
    assert "Question 0" in hall.readers_log
    events = [orjson.loads(one.event) for one in hall.log.kept(ROOM).stream.values()]
    assert [event["is"] for event in events] == [*["question.shown"] * 4, "question.left"]
    assert events[-1]["item"] == items[0]
    with pytest.raises(Refused, match="no_such_item"):
        hall.moves(items[0], "answered")


@pytest.mark.parametrize("verb", ["reject", "recall", "edit"])
def test_who_left_and_is_decided_about_once_more_leaves_no_text_behind(hall: Hall, verb: str) -> None:
    items = [hall.asks(f"Question {number}") for number in range(4)]
    for item in items[:3]:
        hall.moves(item, "approve")
    archived = hall.at_desk(items[0])
    hall.moves(items[3], "approve")
    assert "Question 0" in hall.readers_log, "nobody hid it"
    last = {questions.part(items[0]): questions.let_go(archived)}
    known = Speaker(
        MODERATOR,
        NOW,
        lambda room, part: hall.look(room, part) or (last.get(part) if room == desk(ROOM) else None),
        "secret",
        hall.parts,
    )
    write = questions.move(QuestionMove(1, ROOM, next(KEYS), items[0], verb, "In other words"), known)
    assert isinstance(hall.log.carry_out(write), Placed)
    assert "Question 0" not in hall.readers_log
    assert hall.readers_log.count("In other words") == (2 if verb == "edit" else 0)


def test_who_was_recalled_at_the_same_moment_stays(hall: Hall) -> None:
    """One moderator settles a question, and the oldest would leave; another has just called that one back."""
    items = [hall.asks() for _ in range(5)]
    for item in items[:3]:
        hall.moves(item, "approve")
        hall.moves(item, "answered")
    seen = {room: dict(hall.log.kept(room).state) for room in (ROOM, desk(ROOM))}
    look = {room: {part: event for part, (_, event) in state.items()} for room, state in seen.items()}
    late = Speaker(MODERATOR, NOW, lambda room, part: look[room].get(part), "secret", lambda room: list(look[room]))
    write = questions.move(QuestionMove(1, ROOM, next(KEYS), items[3], "reject"), late)
    hall.moves(items[0], "approve")
    assert isinstance(hall.log.carry_out(write), Placed)
    assert here(hall) == set(items)
    assert here(hall, ROOM) == set(items[:3])
    # And two who settle at once are both told so, and what leaves leaves once.
    twice = questions.move(QuestionMove(1, ROOM, next(KEYS), items[4], "reject"), late)
    hall.moves(items[0], "answered")
    assert isinstance(hall.log.carry_out(twice), Placed)
    left = [one for one in hall.log.kept(desk(ROOM)).stream.values() if b"question.left" in one.event]
    assert len(left) == len({one.event.split(b'"item"')[1] for one in left})


def test_a_purge_is_done_whole_or_not_at_all(hall: Hall) -> None:
    items = [hall.asks() for _ in range(2)]
    late = Speaker(MODERATOR, NOW, hall.look, "secret", hall.parts)
    [write] = verbs.decide(ChatPurge(1, ROOM, next(KEYS), ASKER.user), late)
    hall.moves(items[1], "approve")
    refused = hall.log.carry_out(write)
    assert isinstance(refused, Refused)
    assert refused.code == "desk.changed"
    assert [hall.at_desk(item)["status"] for item in items] == [ASKED, APPROVED]


def test_a_purge_takes_what_left_before_along_and_nothing_of_others(hall: Hall) -> None:
    theirs = [hall.asks(f"Spam {number}") for number in range(2)]
    others = replace(ASKER, user=8)
    mine = [QuestionAsk(1, ROOM, next(KEYS), f"Mine {number}") for number in range(5)]
    for ask in mine:
        hall.does(others, ask)
    items = [*theirs, *(Speaker(others, NOW, hall.look, "secret").item(ask) for ask in mine)]
    for item in items:
        hall.moves(item, "approve")
    assert here(hall, ROOM) == {*items[-3:]}
    assert "Spam 0" in hall.readers_log
    wish = ChatPurge(1, ROOM, next(KEYS), ASKER.user)
    done = hall.does(MODERATOR, wish)
    assert "Spam" not in hall.readers_log
    assert all(f"Mine {number}" in hall.readers_log for number in range(5))
    gone = hall.log.kept(ROOM).stream[done.offset]
    assert len(gone.forgets or ()) == 2
    assert hall.does(MODERATOR, wish) == done


@pytest.mark.parametrize("verb", ["answered", "reject"])
def test_long_ones_leave_sooner(hall: Hall, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.setattr(questions, "KEPT_BYTES", 5000)
    items = [hall.asks("x" * 1800) for _ in range(3)]
    for item in items:
        hall.moves(item, "approve")
        hall.moves(item, verb)
    assert here(hall) == {*items[1:]}
    assert {hall.at_desk(item)["status"] for item in items[1:]} == {ANSWERED if verb == "answered" else REJECTED}


def test_a_newcomer_who_is_told_of_one_that_left_shows_it_no_longer(hall: Hall) -> None:
    items = [hall.asks() for _ in range(5)]
    for item in items:
        hall.moves(item, "approve")
    kept = hall.log.kept(ROOM)
    newest = [Entry(at, one.forgets or (), one.event, one.part) for at, one in kept.stream.items()]
    state = [Entry(at, (), event, part) for part, (at, event) in kept.state.items()]
    reading = Reading("life", kept.top, resumed=False, floor=0, entries=newest, state=state)
    assert set(newcomers(read(ROOM, reading))) == set(items[2:])
