"""One visitor's conversation as a state machine: a message comes in, actions go out. Pure: it decides, others do."""

from dataclasses import dataclass, field

from realtime import channels, chat, messages, passes
from realtime.commands import After, ChatRetract, ChatSay, Command, Hello, Join, Leave, Ping
from realtime.errors import CLOSED_BAD_INPUT, CLOSED_HELLO_LATE, CLOSED_PASS, CLOSED_TOO_FAST, Refused
from realtime.limits import CHAT, COMMANDS, MISTAKES, Credits, full
from realtime.passes import Pass
from realtime.writes import Write

HEARTBEAT = 10  # seconds of silence after which a client pings
HELLO_WITHIN = 10  # seconds from the handshake to a good hello
PASS_GRACE = 60  # seconds after its end that a pass still holds an open socket, while the page fetches the next one
ROOMS_AT_ONCE = 16  # a page listens to three


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
    """Carry out these writes, each once per key, and answer with the place of the first when all are stored."""

    re: int
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class Close:
    """End the conversation."""

    code: int
    reason: str


Action = Answer | Refuse | Enter | Exit | Store | Close


@dataclass(slots=True)
class Session:
    """What is known of one visitor. Times are Unix seconds."""

    secret: str = field(repr=False)
    opened: float
    visitor: Pass | None = None
    rooms: set[str] = field(default_factory=set)
    commands: Credits = field(init=False)
    chat: Credits = field(init=False)
    mistakes: Credits = field(init=False)

    def __post_init__(self) -> None:
        self.commands = full(COMMANDS, self.opened)
        self.chat = full(CHAT, self.opened)
        self.mistakes = full(MISTAKES, self.opened)

    def hear(self, text: bytes, *, now: float) -> list[Action]:
        """What to do about one message."""
        wait = self.commands.take(now)
        if wait:
            slow = Refused("limit.too_fast", retry_after=wait)
            return [Refuse(messages.number(text), slow), *self._mistake(CLOSED_TOO_FAST, slow, now)]
        try:
            command = messages.parse(text)
        except Refused as no:
            return [Refuse(messages.number(text), no), *self._mistake(CLOSED_BAD_INPUT, no, now)]
        try:
            return self._obey(command, now)
        except Refused as no:
            return [Refuse(command.id, no), *self._consequence(command, no, now)]

    def look_at_the_clock(self, now: float) -> list[Action]:
        """What the passing of time alone brings about."""
        if self.visitor is None:
            late = now - self.opened > HELLO_WITHIN
            return [Close(CLOSED_HELLO_LATE, "hello.late")] if late else []
        over = now > self.visitor.expires + PASS_GRACE
        return [Close(CLOSED_PASS, "pass.expired")] if over else []

    def _obey(self, command: Command, now: float) -> list[Action]:
        match command:
            case Hello():
                return self._hello(command, now)
            case Ping():
                return [Answer(command.id, b"{}")]
        visitor = self._known_for(command.room)
        match command:
            case Join():
                return self._join(command)
            case Leave():
                self.rooms.discard(command.room)
                return [Exit(command.room), Answer(command.id, b"{}")]
            case ChatSay():
                write = chat.say(command, visitor, now=now)
                self._spend_chat(now)
                return [Store(command.id, (write,))]
            case ChatRetract():
                return [Store(command.id, (chat.retract(command, visitor, now=now),))]

    def _hello(self, command: Hello, now: float) -> list[Action]:
        visitor = passes.verify(command.token, secret=self.secret, now=now)
        if self.visitor is not None and self.visitor.user != visitor.user:
            raise Refused("pass.other")
        self.visitor = visitor
        closed = [room for room in self.rooms if room not in visitor.rooms]
        self.rooms.difference_update(closed)
        greeting = {"user": visitor.user, "name": visitor.name, "expires": int(visitor.expires), "heartbeat": HEARTBEAT}
        return [*(Exit(room) for room in closed), Answer(command.id, messages.json(greeting))]

    def _known_for(self, room: str) -> Pass:
        """The visitor, when their pass opens this room."""
        if self.visitor is None:
            raise Refused("hello.first")
        if channels.kind(room) is None:
            raise Refused("room.unknown", field="room")
        if room not in self.visitor.rooms:
            raise Refused("room.closed", field="room")
        return self.visitor

    def _join(self, command: Join) -> list[Action]:
        if command.room not in self.rooms and len(self.rooms) >= ROOMS_AT_ONCE:
            raise Refused("room.too_many")
        self.rooms.add(command.room)
        return [Enter(command.id, command.room, command.after)]

    def _spend_chat(self, now: float) -> None:
        wait = self.chat.take(now)
        if wait:
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
        return [Close(code, no.code)] if self.mistakes.take(now) else []
