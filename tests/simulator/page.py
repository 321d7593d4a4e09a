"""A visitor's page: it obeys the manual of the wire and nothing else, and remembers what it was ever told."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import orjson

from tests.simulator.events import Json, forgets_of, is_published, part_of
from tests.simulator.loop import Loop
from tests.simulator.network import Wire

HEARTBEAT = 10.0  # seconds of silence before a ping
PATIENCE = 10.0  # seconds for any answer
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 4.0  # seconds between attempts to connect
PASSING = ("server.busy", "limit.too_fast", "server.full")
GREETING = (
    b"GET /ws HTTP/1.1\r\nHost: veche\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Sec-WebSocket-Protocol: veche.1\r\n\r\n"
)


@dataclass(slots=True)
class Screen:
    """One room as this page shows it."""

    room: str
    epoch: str = ""
    offset: int = -1  # before the first answer
    base: int = 0  # where the room stood when it was last shown anew
    asked: bool = False  # an answer to a join is awaited
    shown: dict[int, Json] = field(default_factory=dict)
    state: dict[str, int] = field(default_factory=dict)  # part -> offset of the event that is this part
    forgotten: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Act:
    """Something that this page wants to be done."""

    message: Json
    sent: int = 0  # how often
    on: int = 0  # the last socket it was sent on


class Page:
    """One tab. `wrong` is called with a sentence when the server breaks a promise."""

    def __init__(
        self,
        loop: Loop,
        chance: random.Random,
        name: str,
        token: str,
        wrong: Callable[[str], None],
        note: Callable[[str], None],
    ) -> None:
        self.name = name
        self.token = token
        self.reading = True
        self.screens: dict[str, Screen] = {}
        self.acts: dict[str, Act] = {}
        self.done: dict[str, Json] = {}  # key -> the acknowledgement
        self.refused: dict[str, str] = {}
        self.dropped: dict[str, list[str]] = {}  # room -> names of what moderators did not publish of one's own
        self.waits: dict[str, dict[str, Json]] = {}  # room -> what of one's own waits there, by its name
        self.first_try: list[tuple[int, str]] = []  # socket and key of what was sent only once, in the order of answers
        self.connects = 0
        self.connect: Callable[[Page], Wire | None] = lambda page: None
        self.saw_state: Callable[[Page, Json], None] = lambda page, state: None
        self.saw_bytes: Callable[[Page, bytes], None] = lambda page, data: None
        self.up = False
        self.gone = False
        self._loop = loop
        self._chance = chance
        self._wrong = wrong
        self._note = note
        self._wire: Wire | None = None
        self._rest = b""
        self._upgraded = False
        self._number = 0
        self._asked: dict[int, tuple[str, str, float]] = {}  # number -> what, about what, since when
        self._heard_at = 0.0
        self._pause = FIRST_PAUSE

    @property
    def wire(self) -> Wire | None:
        """The present socket."""
        return self._wire

    @property
    def user(self) -> int:
        """Whose it is."""
        return int(self.name.split(".")[0].removeprefix("user "))

    # What the visitor does

    def come(self) -> None:
        """Connect, now."""
        if self._wire is not None or self.gone:
            return
        self._rest, self._upgraded, self._asked = b"", False, {}
        self.connects += 1
        self._wire = self.connect(self)
        if self._wire is None:
            self._come_later()
            return
        self._heard_at = self._loop.now
        self._wire.wish(GREETING)
        self._ask("hello", "", {"do": "hello", "token": self.token})
        self._loop.soon(1.0, self._look_at_the_clock, self.connects)

    def drop(self) -> None:
        """The page notices that its socket is gone, or leaves it."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.wish(b"")
            self._lose()

    def join(self, room: str) -> None:
        """Show a room from now on."""
        if room not in self.screens:
            self.screens[room] = Screen(room)
            self._join(self.screens[room])

    def leave(self, room: str) -> None:
        """Show a room no longer."""
        if self.screens.pop(room, None) is not None:
            self._ask("leave", room, {"do": "leave", "room": room})

    def act(self, message: Json) -> None:
        """Wish something, until it is answered."""
        self.acts[message["key"]] = Act(message)
        self._send(message["key"])

    def read_on(self) -> None:
        """Take what comes again."""
        self.reading = True
        if self._wire is not None:
            self._wire.read_on()

    # What the wire does

    def received(self, wire: Wire, data: bytes) -> None:
        """As network.End says."""
        if wire is not self._wire:
            return  # it was left before this came
        self._heard_at = self._loop.now
        self.saw_bytes(self, data)
        self._rest += data
        if not self._upgraded:
            head, end, rest = self._rest.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101 "):
                self._note(f"{self.name} is turned away: {head[:20]!r}")
                self.drop()
                return
            self._upgraded, self._rest = True, rest
        while self._wire is not None and (frame := self._frame()) is not None:
            self._read(*frame)

    def lost(self, wire: Wire) -> None:
        """As network.End says."""
        if wire is self._wire:
            self.drop()

    def _lose(self) -> None:
        self.up = False
        for screen in self.screens.values():
            screen.asked = False
        self._come_later()

    def _come_later(self) -> None:
        self._loop.soon(self._pause * self._chance.uniform(0.5, 1.0), self.come)
        self._pause = min(LONGEST_PAUSE, self._pause * 2)

    def _frame(self) -> tuple[int, bytes] | None:
        rest = self._rest
        if len(rest) < 2:
            return None
        size, start = rest[1] & 0x7F, 2
        if size > 125:
            start += 2 if size == 126 else 8
            size = int.from_bytes(rest[2:start])
        if len(rest) < start + size:
            return None
        self._rest = rest[start + size :]
        return rest[0] & 0x0F, rest[start : start + size]

    def _read(self, opcode: int, payload: bytes) -> None:
        if opcode == 8:
            self._note(f"{self.name} hears good-bye {int.from_bytes(payload[:2])}")
            self._write(8, payload)
            self.drop()
        elif opcode == 9:
            self._write(10, payload)
        elif opcode == 1:
            said = orjson.loads(payload)
            if isinstance(said, list):
                for event in said:
                    self._hear(event)
            else:
                self._answered(said)

    # What the page says

    def _write(self, opcode: int, payload: bytes) -> None:
        if self._wire is not None:
            size = len(payload)
            length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2)
            self._wire.wish(bytes([0x80 | opcode]) + length + b"\0\0\0\0" + payload)

    def _ask(self, what: str, about: str, message: Json) -> None:
        if self._wire is not None:
            self._number += 1
            self._asked[self._number] = what, about, self._loop.now
            self._write(1, orjson.dumps({"id": self._number, **message}))

    def _join(self, screen: Screen) -> None:
        if self.up and not screen.asked:
            screen.asked = True
            message: Json = {"do": "join", "room": screen.room}
            if screen.offset >= 0:
                message["after"] = {"epoch": screen.epoch, "offset": screen.offset}
            self._ask("join", screen.room, message)

    def _send(self, key: str) -> None:
        act = self.acts.get(key)
        if act is not None and self.up and act.on != self.connects:
            act.sent, act.on = act.sent + 1, self.connects
            self._ask("act", key, act.message)

    def _look_at_the_clock(self, connect: int) -> None:
        if connect != self.connects or self._wire is None:
            return
        now = self._loop.now
        oldest = min((since for _, _, since in self._asked.values()), default=now)
        if now - oldest > PATIENCE and self.reading:
            self._note(f"{self.name} finds its wire dead")
            self.drop()
            return
        if now - self._heard_at >= HEARTBEAT and not self._asked:
            self._ask("ping", "", {"do": "ping"})
        self._loop.soon(1.0, self._look_at_the_clock, connect)

    # What the page hears

    def _answered(self, said: Json) -> None:
        if said["re"] is None or said["re"] not in self._asked:
            self._wrong(f"{self.name} is answered what it did not ask: {said}")
            return
        what, about, _ = self._asked.pop(said["re"])
        no = said.get("no")
        match what:
            case "hello" if no is None:
                self.up = True
                self._pause = FIRST_PAUSE
                for screen in self.screens.values():
                    self._join(screen)
                for key in tuple(self.acts):
                    self._send(key)
            case "hello":
                self._wrong(f"{self.name} is refused at the door: {no}")
            case "join":
                self._joined(about, said.get("ok"), no)
            case "act":
                self._acted(about, said.get("ok"), no)

    def _joined(self, room: str, state: Json | None, no: Json | None) -> None:
        screen = self.screens.get(room)
        if screen is None or not screen.asked:
            return  # it was left meanwhile
        screen.asked = False
        if state is not None:
            self._take(screen, state)
            self.dropped[room] = [one["item"] for one in state.get("dropped", ())]
            self.waits[room] = {one["item"]: one for one in state.get("waits", ())}
        elif no is not None and no["code"] in PASSING:
            self._loop.soon(no.get("retry_after", 1.0), self._join, screen)
        elif no is not None:
            self._note(f"{self.name} may not enter {room}: {no['code']}")
            del self.screens[room]

    def _acted(self, key: str, ok: Json | None, no: Json | None) -> None:
        act = self.acts.get(key)
        if act is None:
            return
        if no is not None and no["code"] in PASSING:
            act.on = 0
            self._loop.soon(no.get("retry_after", 1.0) + 0.01, self._send, key)
            return
        del self.acts[key]
        if ok is not None:
            self.done[key] = ok
            if act.sent == 1:
                self.first_try.append((self.connects, key))
        elif no is not None:
            self.refused[key] = no["code"]

    def _take(self, screen: Screen, state: Json) -> None:
        self.saw_state(self, state)
        if not state["resumed"]:
            screen.shown.clear()
            screen.state.clear()
            screen.forgotten.clear()
            screen.offset, screen.base = -1, state["offset"]
        elif state["epoch"] != screen.epoch:
            self._wrong(f"{self.name} resumes {screen.room} in another life")
        last = screen.offset
        for event in state["events"]:
            if event["at"] > screen.offset:
                if event["at"] <= last:
                    self._wrong(f"{self.name} gets {screen.room} in the wrong order: {event['at']} after {last}")
                last = event["at"]
                self._show(screen, event)
        screen.epoch, screen.offset = state["epoch"], max(screen.offset, state["offset"])

    def _hear(self, event: Json) -> None:
        if event["is"] != "rejoin" and "at" not in event:
            self._notice(event)
            return
        screen = self.screens.get(event["room"])
        if screen is None or screen.offset < 0:
            return
        if event["is"] == "rejoin":
            self._join(screen)
        elif screen.asked or event["at"] <= screen.offset:
            pass  # the answer to the join tells it, or told it
        elif event["at"] > screen.offset + 1:
            self._wrong(f"{self.name} hears a gap in {screen.room}: {event['at']} after {screen.offset}")
            self._join(screen)
        else:
            screen.offset = event["at"]
            self._show(screen, event)

    def _notice(self, event: Json) -> None:
        """What is for this page alone; else it has no place in a room, and nobody has to hear it."""
        if event["is"] == "dropped" and event["room"] in self.screens:
            self.dropped[event["room"]] = [one["item"] for one in event["texts"]]
            self._wait_no_more(event["room"], self.dropped[event["room"]])
        elif event["is"] == "waits" and event["room"] in self.screens:
            self.waits.setdefault(event["room"], {}).update({one["item"]: one for one in event["texts"]})
            self._wait_no_more(event["room"], event["over"])
        elif event["is"] == "closed":
            self._note(f"{self.name} is put out of {event['room']}")
            for room in (event["room"], event["room"] + ":desk"):
                self.screens.pop(room, None)

    def _wait_no_more(self, room: str, items: Iterable[str]) -> None:
        waits = self.waits.get(room, {})
        for item in items:
            waits.pop(item, None)

    def _show(self, screen: Screen, event: Json) -> None:
        at, what = event["at"], event["is"]
        if at in screen.forgotten:
            self._wrong(f"{self.name} is shown {screen.room} {at} again, which was retracted: {event}")
        if what != "gone":
            screen.shown[at] = event
        self._forget_what_it_takes(screen, event)
        waits = self.waits.get(screen.room, {})
        self._wait_no_more(screen.room, [item for item, one in waits.items() if is_published(one, event, self.user)])
        for ended in event.get("ends", ()):
            screen.state.pop(ended, None)
        part = part_of(event)
        if part is not None:
            name, begins = part
            screen.state.pop(name, None)
            if begins:
                screen.state[name] = at

    def _forget_what_it_takes(self, screen: Screen, event: Json) -> None:
        if event["is"] in ("chat.retracted", "chat.edited"):
            screen.forgotten.add(event["target"])
        for at in forgets_of(event, screen.shown):
            del screen.shown[at]
            screen.forgotten.add(at)
        screen.state = {part: at for part, at in screen.state.items() if at in screen.shown}
