"""Who listens to what in one process, against a real Redis: races that a whole node shows too rarely."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from functools import partial

import orjson
import pytest

from realtime import channels, fanout, log, messages
from realtime.broadcast import in_python
from realtime.commands import After
from realtime.engine import connect
from realtime.errors import Refused
from realtime.events import ChatSaid, Hint, Reacted, Viewers
from realtime.fanout import Fanout
from realtime.history import Entry, Reading
from realtime.hub import LINGER, Hub
from realtime.log import RedisLog
from realtime.room import Listener, Room
from realtime.stats import Stats
from realtime.tail import Tail
from realtime.whisper import Whisper
from realtime.writes import Expects, Placed, Put, Write
from tests.operator import Operator

ROOM = "chat:1"


class Ear(Listener):
    """A socket that remembers; `slow` ones take nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[dict[str, object]] = []
        self.frames: list[list[object]] = []  # of each, what it holds
        self.slow = False
        self.news = asyncio.Event()

    def deliver(self, frame: bytes) -> bool:
        if self.slow:
            return False
        heard = orjson.loads(frame[frame.index(b"[") :])
        self.heard += heard
        self.frames.append([one["is"] for one in heard])
        self.news.set()
        return True

    async def hears(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.heard) < count:
                self.news.clear()
                await self.news.wait()


@pytest.fixture
async def hub(redis: Operator, redis_url: str) -> AsyncIterator[Hub]:
    async with asyncio.TaskGroup() as tasks:
        hub = Hub(
            RedisLog(redis, redis),
            lambda heard, restored: Tail(redis, partial(channels.probe, "probe"), heard=heard, restored=restored),
            Stats(),
            tasks.create_task,
        )
        listening = tasks.create_task(hub.ear.run())
        yield hub
        hub.close()
        listening.cancel()


async def say(redis: Operator, text: str = "hi", *, part: str = "") -> Placed:
    body = messages.event(ChatSaid(user=1, name="A", badge="", key="k", text=text, when=0))
    return await log.append(redis, Write(ROOM, "chat.say", 1, str(uuid.uuid4()), 0, (Put(ROOM, 1, body, part),)))


def messages_of(hint: Hint) -> dict[str, object]:
    found: dict[str, object] = orjson.loads(messages.hint(hint))
    return found


async def test_many_who_come_at_once_ask_redis_once(redis: Operator, hub: Hub) -> None:
    await say(redis)
    before = (await redis.info("commandstats")).get("cmdstat_evalsha", {"calls": 0})["calls"]
    ears = [Ear() for _ in range(200)]
    states = await asyncio.gather(*(hub.join(ear, ROOM, None) for ear in ears))
    after = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
    assert after - before <= 1
    assert all(state is states[0] for state in states)
    await say(redis)
    for ear in ears:
        await ear.hears(1)


async def test_a_room_that_is_let_go_during_a_join_is_not_joined(redis: Operator, hub: Hub) -> None:
    placed = await say(redis)
    for _ in range(3):
        await say(redis)
    first = Ear()
    await hub.join(first, ROOM, None)
    hub.leave(first, ROOM)
    late = Ear()
    # It claims to know more than this process, so that the log is asked; meanwhile the empty room is swept away.
    joining = asyncio.create_task(hub.join(late, ROOM, After(placed.epoch, 99)))
    await asyncio.sleep(0)
    hub.sweep(asyncio.get_running_loop().time() + 2 * LINGER)
    await joining
    await say(redis, "heard?")
    await late.hears(1)


async def test_hints_travel_in_the_frame_of_the_events_of_their_tick(redis: Operator, hub: Hub) -> None:
    ear = Ear()
    await hub.join(ear, ROOM, None)
    room, entry = f"{{{ROOM}}}:live".encode(), (await say(redis)).epoch
    await ear.hears(1)
    ear.frames.clear()
    thumb = messages.whispered(Reacted(ROOM, {"x": 1}))
    event = b'%s 2 - - {"room":"chat:1","at":2,"is":"chat.said"}' % entry.encode()
    for payload in (thumb, event, thumb, messages.whispered(Viewers(ROOM, 5)), messages.whispered(Viewers(ROOM, 6))):
        hub._hear(room, payload)
    await ear.hears(4)
    assert ear.frames == [["chat.said", "viewers", "reacted"]]
    assert ear.heard[-2:] == [messages_of(Viewers(ROOM, 6)), messages_of(Reacted(ROOM, {"x": 2}))]


async def test_a_slow_socket_misses_hints_and_no_event(redis: Operator, hub: Hub) -> None:
    slow, quick = Ear(), Ear()
    await hub.join(slow, ROOM, None)
    await hub.join(quick, ROOM, None)
    slow.slow = True
    hub.tell(Reacted(ROOM, {"x": 1}))
    await quick.hears(1)
    await say(redis)
    await quick.hears(2)
    slow.slow = False
    hub.drained(slow, {ROOM})
    await slow.hears(1)
    assert [event["is"] for event in slow.heard] == ["chat.said"]


async def test_a_slow_socket_catches_up_without_a_gap(redis: Operator, hub: Hub) -> None:
    slow, quick = Ear(), Ear()
    await hub.join(slow, ROOM, None)
    await hub.join(quick, ROOM, None)
    await say(redis, "one")
    await slow.hears(1)
    slow.slow = True
    for _ in range(5):
        await say(redis)
    await quick.hears(6)
    slow.slow = False
    hub.drained(slow, {ROOM})
    assert slow.heard == quick.heard
    await say(redis)
    await slow.hears(7)


async def test_a_socket_that_slept_too_long_is_told_to_join_again(
    redis: Operator, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.history.HOT", 3)
    slow, quick = Ear(), Ear()
    await hub.join(slow, ROOM, None)
    await hub.join(quick, ROOM, None)
    slow.slow = True
    for n in range(10):
        await say(redis)
        await quick.hears(n + 1)
    slow.slow = False
    hub.drained(slow, {ROOM})
    assert slow.heard == [{"is": "rejoin", "room": ROOM}]
    state = orjson.loads(await hub.join(slow, ROOM, After(str(quick.heard[0].get("epoch", "")), 0)))
    assert state["offset"] == 10


async def test_a_room_whose_log_cannot_be_read_is_refused_in_time(
    redis: Operator, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.hub.PATIENCE", 0.3)
    await redis.set(f"{{{ROOM}}}:log", "not a stream")
    await redis.hset(f"{{{ROOM}}}:meta", mapping={"epoch": "e", "top": "1"})
    with pytest.raises(Refused, match="busy"):
        await hub.join(Ear(), ROOM, None)


async def test_an_older_life_that_was_held_does_not_keep_the_room_busy(redis: Operator, hub: Hub) -> None:
    """What is heard of an older life while the log is read must not send the room back to the log for ever."""
    ear = Ear()
    await say(redis)
    await hub.join(ear, ROOM, None)
    await redis.spublish(f"{{{ROOM}}}:live", b"older 7 0 {}")
    await redis.spublish(f"{{{ROOM}}}:live", b"oldest 9 0 {}")
    await asyncio.sleep(0.2)
    before = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
    await say(redis, "still here")
    await asyncio.sleep(0.5)
    assert (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"] - before < 5
    assert any(event.get("text") == "still here" for event in ear.heard)


async def test_what_is_known_up_to_a_place_is_waited_for_until_it_is_heard(
    redis: Operator, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.hub.ECHO", 60.0)
    first = await say(redis)
    await hub.reach(ROOM, first.epoch, 7)  # nobody comes to this room here but from Redis
    await hub.join(Ear(), ROOM, None)
    await hub.reach(ROOM, first.epoch, first.offset)
    waiting = [asyncio.create_task(hub.reach(ROOM, first.epoch, first.offset + 2)) for _ in range(2)]
    await say(redis)
    for _ in range(100):
        await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    await say(redis)
    await asyncio.gather(*waiting)
    assert hub.known(ROOM) >= first.offset + 2


async def test_a_part_of_a_state_is_waited_for_until_it_is_another_event(
    redis: Operator, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.hub.ECHO", 60.0)
    await hub.outgrow([Expects(ROOM, "pin", 0)])  # nobody comes to this room
    await hub.join(Ear(), ROOM, None)
    before = 0  # it is not there
    for _ in range(2):
        waiting = asyncio.create_task(hub.outgrow([Expects(ROOM, "pin", before)]))
        await say(redis)
        await asyncio.sleep(0.1)
        assert not waiting.done()
        before = (await say(redis, part="pin")).offset
        await waiting


async def test_what_is_never_heard_is_not_waited_for_long(
    redis: Operator, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.hub.ECHO", 0.05)
    stored = await say(redis)
    await hub.join(Ear(), ROOM, None)
    await hub.reach(ROOM, stored.epoch, stored.offset + 1)
    await hub.reach(ROOM, "another life", stored.offset)
    async with asyncio.timeout(10):  # not so long for each of those that a purge decided about
        await hub.outgrow([Expects(ROOM, f"q:{number}", 0) for number in range(1000)])
    assert hub.known(ROOM) == stored.offset


async def test_what_is_on_its_way_when_a_history_breaks_off_is_told_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "SLICE", 1)
    room, ears, told = Room(ROOM), [Ear() for _ in range(50)], Fanout(Stats(), in_python)
    for ear in ears:
        room.admit(ear)
    room.history.start(Reading("one life", 0, resumed=False, floor=0, entries=()))
    room.history.take("one life", Entry(1, (), b'{"room":"chat:1","at":1,"is":"x"}'))
    told.plan(room)
    await asyncio.wait([asyncio.create_task(ear.hears(1)) for ear in ears], return_when=asyncio.FIRST_COMPLETED)
    room.history.start(Reading("another life", 0, resumed=False, floor=0, entries=()))
    told.send_back(room)
    for _ in range(100):
        await asyncio.sleep(0)
    assert all(ear.frames in ([["rejoin"]], [["x"], ["rejoin"]]) for ear in ears)
    assert any(ear.frames == [["rejoin"]] for ear in ears), "the flush was over before the history broke off"


async def test_many_rooms_that_are_waved_in_at_once_take_few_connections(redis: Operator, redis_url: str) -> None:
    async def told() -> int:
        found = await redis.info("commandstats")
        return int(found["cmdstat_spublish"]["calls"]) if "cmdstat_spublish" in found else 0

    before = await told()
    async with connect(redis_url) as own:
        async with asyncio.TaskGroup() as tasks:
            waving = Whisper(RedisLog(own, own), tasks.create_task)
            for number in range(200):
                waving.tell(Reacted(channels.chat(number + 1), {"x": 1}))
        assert await told() == before + 200
        assert len(await redis.client_list()) < 100
