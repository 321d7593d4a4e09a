"""One visitor's conversation as a state machine: a message comes in, actions go out. Pure: it decides, others do."""

from dataclasses import dataclass, field
from sys import intern

from realtime import channels, gestures, messages, moderation, passes, verbs
from realtime.commands import Act, After, Command, Gesture, Hello, Join, Leave, Ping
from realtime.errors import CLOSED_BAD_INPUT, CLOSED_HELLO_LATE, CLOSED_PASS, CLOSED_TOO_FAST, Refused
from realtime.events import Hint
from realtime.limits import COMMANDS, MISTAKES, UNUSED, Rate, spend
from realtime.passes import Pass
from realtime.speaker import Group, Look, Parts, Speaker, nothing, unknown
from realtime.writes import Write

HEARTBEAT = 10  # seconds of silence after which a client pings
HELLO_WITHIN = 10  # seconds from the handshake to a good hello
PASS_GRACE = 60  # seconds after its end that a pass still holds an open socket, while the page fetches the next one
ROOMS_AT_ONCE = 16  # a page listens to three
MODERATED_AT_ONCE = 64  # for who moderates them: a console listens to four rooms of each channel


@dataclass(frozen=True, slots=True)
class Answer:
    """Say yes: `ok` is JSON."""

    re: int
    ok: bytes


@dataclass(frozen=True, slots=True)
class Refuse:
    """Say no."""

    re: int | None
    refused: Refused


@dataclass(frozen=True, slots=True)
class Enter:
    """Let this socket listen to a room, and answer with the room's state."""

    re: int
    room: str
    after: After | None


@dataclass(frozen=True, slots=True)
class Exit:
    """Let this socket listen no longer."""

    room: str


@dataclass(frozen=True, slots=True)
class Store:
    """Carry out these writes in turn, each once per key, and answer with the place of the last one."""

    re: int
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class Tell:
    """Let those who are there hear of a gesture."""

    hint: Hint


@dataclass(frozen=True, slots=True)
class Close:
    """End the conversation."""

    code: int
    reason: str


Action = Answer | Refuse | Enter | Exit | Store | Tell | Close


@dataclass(slots=True)
class Session:
    """What is known of one visitor. Times are Unix seconds."""

    secret: str = field(repr=False)
    opened: float
    visitor: Pass | None = None
    rooms: set[str] = field(default_factory=set)
    commands: float = UNUSED  # what was spent of a rate, as limits.spend counts
    mistakes: float = UNUSED
    spent: dict[Rate, float] | None = None  # of the other rates; most visitors only read

    @property
    def swift(self) -> bool:
        """A service, whom no personal limit of speed holds."""
        return self.visitor is not None and self.visitor.swift

    def hear(
        self, text: bytes, *, now: float, look: Look, parts: Parts = unknown, group: Group = nothing
    ) -> list[Action]:
        """What to do about one message; `look` finds what this worker knows of a room's state, `parts` names it."""
        self.commands, wait = spend(COMMANDS, self.commands, now)
        if wait and not self.swift:
            slow = Refused("limit.too_fast", retry_after=wait)
            return [Refuse(messages.number(text), slow), *self._mistake(CLOSED_TOO_FAST, slow, now)]
        try:
            command = messages.parse(text)
        except Refused as no:
            return [Refuse(messages.number(text), no), *self._mistake(CLOSED_BAD_INPUT, no, now)]
        try:
            return self._obey(command, now, look, parts, group)
        except Refused as no:
            return [Refuse(command.id, no), *self._consequence(command, no, now)]

    def barred(self, room: str, look: Look) -> Refused | None:
        """Why a moderator keeps this visitor out of a room, if so."""
        if self.visitor is None or look(channels.public(room), moderation.banned(self.visitor.user)) is None:
            return None
        return Refused("room.banned", field="room")

    def look_at_the_clock(self, now: float) -> list[Action]:
        """What the passing of time alone brings about."""
        if self.visitor is None:
            late = now - self.opened > HELLO_WITHIN
            return [Close(CLOSED_HELLO_LATE, "hello.late")] if late else []
        over = now > self.visitor.expires + PASS_GRACE
        return [Close(CLOSED_PASS, "pass.expired")] if over else []

    def _obey(self, command: Command, now: float, look: Look, parts: Parts, group: Group) -> list[Action]:
        match command:
            case Hello():
                return self._hello(command, now, look)
            case Ping():
                return [Answer(command.id, b"{}")]
        visitor = self._known_for(command.room)
        match command:
            case Join():
                return self._join(command, look)
            case Leave():
                self.rooms.discard(command.room)
                return [Exit(command.room), Answer(command.id, b"{}")]
            case Act():
                writes = verbs.decide(command, Speaker(visitor, now, look, self.secret, parts, group))
                self._spend(command.rate, now)
                return [Store(command.id, writes)]
            case Gesture():
                if command.room not in self.rooms:
                    raise Refused("room.join_first", field="room")
                hint = gestures.show(command, Speaker(visitor, now, look, self.secret))
                self._spend(command.rate, now)
                return [*([Tell(hint)] if hint is not None else []), Answer(command.id, b"{}")]

    def _hello(self, command: Hello, now: float, look: Look) -> list[Action]:
        visitor = passes.verify(command.token, secret=self.secret, now=now)
        if self.visitor is not None and (self.visitor.user, self.visitor.swift) != (visitor.user, visitor.swift):
            raise Refused("pass.other")
        for subject in visitor.subjects:
            found = look(channels.PASSES, passes.group(subject))
            if found is not None and passes.ends(passes.standing(found), subject, visitor.issued):
                raise Refused("pass.revoked")
        self.visitor = visitor
        closed = [room for room in self.rooms if visitor.rights(room) is None]
        self.rooms.difference_update(closed)
        clock = {"expires": int(visitor.expires), "now": int(now * 1000)}
        greeting = {"user": visitor.user, "name": visitor.name, **clock, "heartbeat": HEARTBEAT}
        return [*(Exit(room) for room in closed), Answer(command.id, messages.json(greeting))]

    def _known_for(self, room: str) -> Pass:
        """The visitor, when their pass opens this room."""
        if self.visitor is None:
            raise Refused("hello.first")
        if channels.kind(room) is None:
            raise Refused("room.unknown", field="room")
        if self.visitor.rights(room) is None:
            raise Refused("room.closed", field="room")
        return self.visitor

    def _join(self, command: Join, look: Look) -> list[Action]:
        barred = self.barred(command.room, look)
        if barred is not None:
            raise barred
        moderates = self.visitor is not None and passes.MODERATE in (self.visitor.rights(command.room) or ())
        most = MODERATED_AT_ONCE if moderates else ROOMS_AT_ONCE
        if command.room not in self.rooms and len(self.rooms) >= most:
            raise Refused("room.too_many")
        self.rooms.add(intern(command.room))
        return [Enter(command.id, command.room, command.after)]

    def _spend(self, rate: Rate, now: float) -> None:
        self.spent = self.spent or {}
        self.spent[rate], wait = spend(rate, self.spent.get(rate, UNUSED), now)
        if wait and not self.swift:
            raise Refused("limit.too_fast", retry_after=wait)

    def _consequence(self, command: Command, no: Refused, now: float) -> list[Action]:
        if isinstance(command, Hello):
            # One forged or late pass is enough: the page has to fetch a new one anyway.
            return [Close(CLOSED_PASS, no.code)]
        if no.code in ("hello.first", "room.unknown", "room.closed"):
            return self._mistake(CLOSED_BAD_INPUT, no, now)
        return []

    def _mistake(self, code: int, no: Refused, now: float) -> list[Action]:
        """Bad input is answered; repeated, it closes the socket."""
        self.mistakes, wait = spend(MISTAKES, self.mistakes, now)
        return [Close(code, no.code)] if wait else []
