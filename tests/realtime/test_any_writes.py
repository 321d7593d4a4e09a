"""Any writes in any order, to the log in Redis and to its twin in memory: whoever reads finds the same in both."""

import asyncio
import itertools
from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from config.cluster import Cluster
from config.services import Service
from realtime.engine import connect
from realtime.errors import Refused
from realtime.log import Log, RedisLog
from realtime.words import beginnings
from realtime.writes import ANY, Begin, Expects, Forget, Placed, Put, Ration, Repeat, Speech, Unread, Write
from tests.realtime.test_both_logs import NOW, in_memory, put

rooms = itertools.count(1_000_000)


class Both(RuleBasedStateMachine):
    """The same wishes to both; whoever reads finds the same in both."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.engine = self.runner.run(self._connect())
        self.room = f"chat:{next(rooms)}"
        self.twins: tuple[Log, Log] = (RedisLog(self.engine, self.engine), in_memory())
        self.keys = 0

    async def _connect(self) -> Any:
        return connect(self.url)

    def teardown(self) -> None:
        self.runner.run(self.engine.aclose())
        self.runner.close()

    def do(self, *puts: Put, user: int = 1, key: str = "", verb: str = "do", **how: Any) -> None:
        self.keys += 1
        write = Write(self.room, verb, user, key or f"key {self.keys}", NOW, puts, **how)
        done = [self.runner.run(log.write([write]))[0] for log in self.twins]
        assert _comparable(done[0]) == _comparable(done[1])
        for room in (self.room, f"{self.room}:desk"):
            self.compare(room, None)

    def compare(self, room: str, after: int | None) -> None:
        found = []
        for log in self.twins:
            reading = self.runner.run(log.read(room))
            if after is not None:
                reading = self.runner.run(log.read(room, epoch=reading.epoch, after=after))
            state = sorted(reading.state, key=lambda one: one.part)
            found.append((reading.top, reading.resumed, reading.floor, list(reading.entries), state))
        assert found[0] == found[1]

    def put(self, *, part: str = "", user: int = 1, rule: tuple[str, str] | None = None, desk: bool = False) -> Put:
        return put({"n": self.keys}, room=f"{self.room}:desk" if desk else self.room, user=user, part=part, rule=rule)

    users = st.integers(1, 3)
    places = st.integers(0, 30)
    names = st.sampled_from(["pin", "q:1", "q:2", ".ban:1"])
    keys_ = st.sampled_from(["", "", "a", "b"])
    some_words = st.sampled_from(["ok", "bad", "bad and ugly", 'a "quoted\\", text', "Сәлем\n"])

    def message(self, user: int, text: str) -> Put:
        return put({"n": self.keys, "text": text, "when": NOW + self.keys % 3}, room=self.room, user=user)

    def speech(self, user: int, word: str, *, free: bool, secretly: bool = False) -> Speech:
        held = self.put(user=user, part=f"held:{self.keys % 3}", desk=True)
        here = replace(held, room=self.room, part=f".held:{user}:{self.keys % 3}", takes=True)
        return Speech(free=free, text=word, held=(held, here) if self.keys % 2 else (held,), secretly=secretly)

    @rule(user=users, key=keys_, free=st.booleans(), word=some_words, secretly=st.booleans())
    def somebody_speaks(self, *, user: int, key: str, free: bool, word: str, secretly: bool) -> None:
        speech = self.speech(user, word, free=free, secretly=secretly)
        self.do(self.message(user, word), user=user, key=key, speech=speech)

    @rule(at=places, user=users, key=keys_, text=some_words, late=st.booleans(), pin=st.none() | places)
    def somebody_edits(self, *, at: int, user: int, key: str, text: str, late: bool, pin: int | None) -> None:
        forget = Forget(at, author=user, instead=text, since=NOW + 1 if late else 0)
        puts = [self.put(user=user)]
        if pin is not None:
            puts.append(replace(self.put(user=3, part="pin"), only=Expects(self.room, "pin", pin)))
        self.do(*puts, user=user, key=key, forget=forget, speech=self.speech(user, text, free=False))

    @rule(item=st.integers(0, 2), user=users, at=places | st.just(ANY))
    def what_waits_is_settled(self, *, item: int, user: int, at: int) -> None:
        at_desk = replace(
            self.put(part=f"!held:{item}", desk=True), only=Expects(f"{self.room}:desk", f"held:{item}", at)
        )
        here = replace(at_desk, room=self.room, part=f"!.held:{user}:{item}", takes=True)
        self.do(self.put(), at_desk, here)

    @rule(at=places, user=users, key=keys_)
    def somebody_reports(self, *, at: int, user: int, key: str) -> None:
        repeat, speech = Repeat(at, restored=False), Speech(free=True, text=None)
        at_desk = self.put(user=user, part=f"report:{at}", desk=True)
        self.do(at_desk, user=user, key=key, repeat=repeat, speech=speech)

    @rule(words=st.sampled_from([(), beginnings(("ba",)), beginnings(("ba",), ("ugl",)), beginnings((), ("ba",))]))
    def the_word_list_changes(self, *, words: tuple[str, ...]) -> None:
        self.do(self.put(desk=True), words=words)

    @rule(rule_=st.sampled_from(["closed", "ban:1", "mute:2", "block:3"]), on=st.booleans())
    def a_rule_changes(self, *, rule_: str, on: bool) -> None:
        self.do(self.put(rule=(rule_, str(NOW + 1) if on else "")), self.put(desk=True))

    @rule(part=names, user=users, ends=st.booleans(), forgets=st.booleans())
    def a_part_changes(self, *, part: str, user: int, ends: bool, forgets: bool) -> None:
        forget = Forget(parts=(part,)) if forgets else None
        self.do(self.put(part=f"!{part}" if ends else part, user=user), forget=forget)

    @rule(at=places, author=st.none() | users, keep=st.booleans())
    def something_is_retracted(self, *, at: int, author: int | None, keep: bool) -> None:
        self.do(self.put(), forget=Forget(target=at, author=author, keep=keep))

    @rule(person=users, keep=st.booleans())
    def a_person_is_purged(self, *, person: int, keep: bool) -> None:
        self.do(self.put(), forget=Forget(person=person, keep=keep))

    @rule(key=st.sampled_from(["a", "b"]), user=users)
    def what_was_written_is_retracted(self, *, key: str, user: int) -> None:
        self.do(self.put(), user=user, forget=Forget(written=("do", key), author=user))

    @rule(at=places, restored=st.booleans())
    def something_is_repeated(self, *, at: int, restored: bool) -> None:
        self.do(self.put(part="" if restored else "pin"), repeat=Repeat(at, restored=restored))

    @rule(part=names, at=places | st.just(ANY))
    def only_if_nothing_changed(self, *, part: str, at: int) -> None:
        self.do(self.put(part=f"!{part}"), expects=(Expects(self.room, part, at),))

    @rule(
        some=st.sets(names),
        parts=st.lists(names, max_size=3),
        desk=st.booleans(),
        leaves=st.booleans(),
        left=st.none() | users,
    )
    def several_parts_end(
        self, *, some: set[str], parts: list[str], desk: bool, leaves: bool, left: int | None
    ) -> None:
        ends = [replace(self.put(part=f"!{part}", desk=desk), leaves=leaves and not desk) for part in parts]
        self.do(self.put(), *ends, forget=Forget(parts=tuple(sorted(some)), left=left))

    @rule(part=names, user=users)
    def a_part_leaves(self, *, part: str, user: int) -> None:
        self.do(self.put(), replace(self.put(part=f"!{part}", user=user), leaves=True))

    @rule(user=users, most=st.integers(1, 3), verb=st.sampled_from(["do", "report"]))
    def somebody_does_what_is_rationed(self, *, user: int, most: int, verb: str) -> None:
        speech, ration = Speech(free=True, text=None), Ration(most, seconds=3600)
        self.do(self.put(user=user, desk=True), user=user, verb=verb, speech=speech, ration=ration)

    @rule(part=names, at=places, others=st.lists(st.tuples(names, places | st.just(ANY)), max_size=2))
    def what_changed_meanwhile_is_left_out(self, *, part: str, at: int, others: list[tuple[str, int]]) -> None:
        only = [Expects(self.room, name, place) for name, place in ((part, at), *others)]
        puts = [replace(self.put(part=f"!{part}", desk=desk), only=one) for one in only for desk in (True, False)]
        self.do(self.put(), *puts)

    @rule(wanted=st.lists(st.tuples(names, places), min_size=2, max_size=3))
    def only_if_none_of_them_changed(self, *, wanted: list[tuple[str, int]]) -> None:
        expects = tuple(Expects(self.room, part, at) for part, at in wanted)
        self.do(self.put(part="pin"), expects=expects)

    @rule(thread=st.sampled_from(["x", "y"]), upto=st.none() | places)
    def unread_are_counted(self, *, thread: str, upto: int | None) -> None:
        self.do(self.put(), unread=Unread(thread, upto))

    @rule(thread=st.sampled_from(["x", "y", "z"]), most=st.integers(0, 2), key=st.sampled_from(["", "a", "b"]))
    def a_conversation_begins(self, *, thread: str, most: int, key: str) -> None:
        self.do(key=key, begin=Begin(thread, most))

    @rule(user=users)
    def a_guest_writes(self, *, user: int) -> None:
        self.do(self.put(user=user), user=user, speech=Speech(free=True, text=None), guest=True)

    @rule(key=st.sampled_from(["a", "b", "never"]), user=users)
    def it_would_be_refused_now(self, *, key: str, user: int) -> None:
        self.do(user=user, key=key, refusal="desk.changed")

    @rule(after=places)
    def somebody_resumes(self, *, after: int) -> None:
        self.compare(self.room, after)


def _comparable(done: Placed | Exception) -> object:
    if isinstance(done, Placed):
        return done.offset, done.held, done.hidden
    assert isinstance(done, Refused)
    if done.code == "chat.reported_much":
        return done.code  # each has its own clock, and says how long it takes by that
    return done.wire()


def test_both_hold_the_same_whatever_is_written(redis_server: Service | Cluster) -> None:
    Both.url = redis_server.url
    run_state_machine_as_test(Both, settings=settings(max_examples=40, stateful_step_count=40, deadline=None))
