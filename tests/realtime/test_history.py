"""The recent past of a room: whoever comes, at whatever moment, ends up seeing the same."""

from collections.abc import Iterable

import orjson
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from realtime import messages
from realtime.commands import After
from realtime.events import ChatSaid
from realtime.history import ANSWER, HOT, SHOWN, Entry, Fit, History, Reading

ROOM = "chat:1"


class Log:
    """What Redis would hold: the truth to compare with."""

    def __init__(self) -> None:
        self.top = 0
        self.entries: dict[int, Entry] = {}

    def say(self, text: str = "hi") -> Entry:
        return self._add(messages.event(said(text)))

    def retract(self, target: int) -> Entry:
        self.entries.pop(target, None)
        return self._add(b'{"is":"chat.retracted","target":%d}' % target, (target,))

    def read(self, after: int | None = None) -> Reading:
        newest = [entry for entry in self.entries.values() if after is None or entry.offset > after]
        return Reading("e", self.top, resumed=after is not None, floor=after or 0, entries=newest)

    def _add(self, body: bytes, forgets: tuple[int, ...] = ()) -> Entry:
        self.top += 1
        entry = Entry(self.top, forgets, messages.placed(ROOM, self.top, body))
        self.entries[self.top] = entry
        return entry


def said(text: str) -> ChatSaid:
    return ChatSaid(user=1, name="A", badge="", key="k", text=text, when=0)


class Screen:
    """What a page shows: it obeys the rules of the manual and nothing else."""

    def __init__(self) -> None:
        self.shown: dict[int, str] = {}
        self.offset = 0
        self.joining = False
        self.ever: list[str] = []

    def join(self, answer: bytes | None) -> None:
        assert answer is not None
        state = orjson.loads(answer)
        if not state["resumed"]:
            self.shown.clear()
            self.offset = 0
        self.joining = True
        self._see(state["events"])
        self.joining = False
        self.offset = max(self.offset, state["offset"])

    def hear(self, events: Iterable[bytes]) -> None:
        self._see([orjson.loads(event) for event in events])

    def _see(self, events: Iterable[dict[str, object]]) -> None:
        for event in events:
            at = event["at"]
            assert isinstance(at, int)
            if at <= self.offset:
                continue
            assert at == self.offset + 1 or self.joining, "a gap on the wire"
            self.offset = at
            if event["is"] == "chat.retracted":
                self.shown.pop(int(str(event["target"])), None)
            elif event["is"] == "chat.said":
                self.shown[at] = str(event["text"])
                self.ever.append(str(event["text"]))


def warm(log: Log) -> History:
    history = History(ROOM)
    history.start(log.read())
    return history


def test_an_event_is_taken_once_and_in_order() -> None:
    log = Log()
    history = warm(log)
    first, second, third = log.say(), log.say(), log.say()
    assert history.take("e", first) is Fit.NEXT
    assert history.take("e", first) is Fit.KNOWN
    assert history.take("e", third) is Fit.GAP
    assert history.take("other", second) is Fit.REBORN
    assert history.take("e", second) is Fit.NEXT
    assert history.tell() == [first.event, second.event]
    assert history.tell() == []


def test_newcomers_share_one_answer_until_something_is_told() -> None:
    log = Log()
    log.say()
    history = warm(log)
    assert history.answer(None) is history.answer(None)
    before = history.answer(None)
    history.take("e", log.say())
    assert history.answer(None) is before  # not told yet: it comes with the next flush
    history.tell()
    assert history.answer(None) is not before


def test_a_newcomer_sees_the_last_events_only() -> None:
    log = Log()
    for _ in range(200):
        log.say()
    answer = orjson.loads(warm(log).answer(None) or b"")
    assert [event["at"] for event in answer["events"]] == list(range(200 - SHOWN + 1, 201))
    assert answer["resumed"] is False


def test_what_is_older_than_hot_is_the_logs_to_answer() -> None:
    log = Log()
    history = warm(log)
    for _ in range(HOT + 50):
        history.take("e", log.say())
        history.tell()
    assert len(history.hot) == HOT
    assert history.answer(After("e", 49)) is None
    assert history.answer(After("e", 50)) is not None


def test_a_reader_who_knows_more_than_this_process_is_sent_to_the_log() -> None:
    log = Log()
    log.say()
    assert warm(log).answer(After("e", 2)) is None


def test_another_epoch_begins_anew() -> None:
    log = Log()
    log.say()
    assert orjson.loads(warm(log).answer(After("old", 1)) or b"")["resumed"] is False


def test_a_text_retracted_while_the_log_was_read_is_not_in_the_answer() -> None:
    log = Log()
    history = warm(log)
    secret = log.say("secret")
    history.take("e", secret)
    history.tell()
    reading = log.read(after=0)
    history.take("e", log.retract(secret.offset))
    history.tell()
    assert b"secret" in reading.entries[0].event
    assert b"secret" not in (history.answer_from(reading) or b"secret")


def test_not_even_when_nobody_was_told_of_the_retraction_yet() -> None:
    log = Log()
    history = warm(log)
    secret = log.say("secret")
    history.take("e", secret)
    history.tell()
    reading = log.read(after=0)
    history.take("e", log.retract(secret.offset))
    assert b"secret" not in (history.answer_from(reading) or b"secret")


def test_what_was_said_and_deleted_in_one_tick_leaves_no_gap() -> None:
    log = Log()
    history = warm(log)
    history.take("e", log.say("secret"))
    history.take("e", log.retract(1))
    first, second = map(orjson.loads, history.tell())
    assert (first["at"], first["is"]) == (1, "gone")
    assert (second["at"], second["is"]) == (2, "chat.retracted")


def test_who_was_not_told_of_it_in_time_gets_its_number_though_its_retraction_is_not_told_yet() -> None:
    log = Log()
    history = warm(log)
    history.take("e", log.say("secret"))
    history.tell()
    history.take("e", log.retract(1))
    assert [orjson.loads(event)["is"] for event in history.told_since(0) or []] == ["gone"]


def test_an_answer_from_a_log_that_is_ahead_waits_until_the_state_is_known_as_far() -> None:
    log = Log()
    history = warm(log)
    log.say()
    assert history.answer_from(Reading("e", log.top, resumed=False, floor=0, entries=log.read().entries)) is None
    assert history.catch_up(log.read(after=0))
    assert history.answer_from(log.read()) is not None


def test_an_answer_is_bounded_in_bytes() -> None:
    """A resume of hundreds of long messages shows the room anew, with as many as fit."""
    log = Log()
    history = warm(log)
    for _ in range(HOT):
        history.take("e", log.say("ы" * 4000))
        history.tell()
    for answer in (history.answer(After("e", 1)), history.answer(None), history.answer_from(log.read(after=0))):
        assert answer is not None
        assert len(answer) < ANSWER + 1000
        state = orjson.loads(answer)
        assert state["resumed"] is False
        assert state["events"][-1]["at"] == HOT


def test_a_reading_of_another_life_or_too_far_back_does_not_meet() -> None:
    log = Log()
    history = warm(log)
    assert history.answer_from(Reading("other", 0, resumed=True, floor=0, entries=[])) is None
    early = log.read(after=0)
    for _ in range(HOT + 10):
        history.take("e", log.say())
        history.tell()
    assert history.answer_from(early) is None


class Hall(RuleBasedStateMachine):
    """Screens that join, miss, resume and heal at any moment show what the log holds, in order, with nothing twice."""

    def __init__(self) -> None:
        super().__init__()
        self.log = Log()
        self.history = warm(self.log)
        self.screens: list[Screen] = []
        self.lost = False
        self.somebody_joins()

    def hear(self, entry: Entry) -> None:
        if self.lost:
            self.lost = False  # this one got lost on the way; the next one shows the gap
        elif self.history.take("e", entry) is Fit.GAP:
            assert self.history.catch_up(self.log.read(after=self.history.offset))

    @rule()
    def somebody_speaks(self) -> None:
        self.hear(self.log.say(f"text {self.log.top + 1}"))

    @rule(offset=st.integers(1, 30))
    def somebody_deletes(self, offset: int) -> None:
        if offset in self.log.entries and not self.log.entries[offset].forgets:
            self.hear(self.log.retract(offset))

    @rule()
    def an_event_will_be_lost(self) -> None:
        self.lost = True

    @rule()
    def the_hub_flushes(self) -> None:
        events = self.history.tell()
        for screen in self.screens:
            screen.hear(events)

    @rule()
    def somebody_joins(self) -> None:
        self.screens.append(Screen())
        self.screens[-1].join(self.history.answer(None))

    @rule()
    def somebody_resumes(self) -> None:
        screen = self.screens[0]
        answer = self.history.answer(After("e", screen.offset))
        screen.join(answer or self.history.answer_from(self.log.read(after=screen.offset)))

    @rule()
    def somebody_resumes_from_the_log(self) -> None:
        screen = self.screens[0]
        screen.join(self.history.answer_from(self.log.read(after=screen.offset)))

    def teardown(self) -> None:
        assert self.history.catch_up(self.log.read(after=self.history.offset))
        self.the_hub_flushes()
        self.somebody_joins()
        truth = {at: orjson.loads(e.event)["text"] for at, e in self.log.entries.items() if not e.forgets}
        for screen in self.screens:
            assert screen.shown == truth
            assert list(screen.shown) == sorted(screen.shown)
            assert len(screen.ever) == len(set(screen.ever))


test_old_snapshot_and_events_since_are_a_fresh_snapshot = Hall.TestCase


def test_what_waits_of_a_person_is_found_by_their_number_and_shown_to_nobody() -> None:
    log = Log()
    history = warm(log)

    def waits(part: str, event: bytes = b'{"is":"chat.held","text":"rude"}') -> None:
        entry = log._add(event)
        history.take("e", Entry(entry.offset, (), entry.event, part))

    for part in (".held:7:a", ".held:8:c", ".held:77:d", ".held:7:b", ".ban:7", "q:7"):
        waits(part)
    assert [orjson.loads(one)["at"] for one in history.group(".held:7")] == [1, 4]
    waits("!.held:7:a")
    waits(".held:7:b")
    assert [orjson.loads(one)["at"] for one in history.group(".held:7")] == [8]
    waits("!.held:7:b")
    assert history.group(".held:7") == []
    assert list(history._groups) == [".held:8", ".held:77"], "whom nothing waits of is not remembered"
    assert {orjson.loads(one)["is"] for one in history.tell()} == {"gone", "chat.held"}


def test_what_is_for_the_workers_takes_no_place_among_the_newest() -> None:
    log = Log()
    for _ in range(SHOWN):
        log.say()
    history = warm(log)
    for number in range(SHOWN):
        entry = log._add(b'{"is":"chat.held","text":"rude"}')
        history.take("e", Entry(entry.offset, (), entry.event, f".held:7:{number}"))
    history.tell()
    answer = orjson.loads(history.answer(None) or b"")
    assert [event["at"] for event in answer["events"]] == list(range(1, SHOWN + 1))
    assert answer["offset"] == 2 * SHOWN


def test_however_much_is_for_the_workers_newcomers_see_what_was_said_before() -> None:
    log = Log()
    log.say("before all of it")
    history = warm(log)
    for number in range(HOT + SHOWN):
        entry = log._add(b'{"is":"chat.waited"}')
        history.take("e", Entry(entry.offset, (), entry.event, f"!.held:7:{number}"))
    told = [orjson.loads(one)["at"] for one in history.tell()]
    assert told == list(range(2, log.top + 1)), "whoever listens counts"
    [event] = orjson.loads(history.answer(None) or b"")["events"]
    assert event["text"] == "before all of it"
    missed = orjson.loads(history.answer(After("e", 1)) or b"")
    assert (missed["resumed"], missed["events"], missed["offset"]) == (True, [], log.top)
