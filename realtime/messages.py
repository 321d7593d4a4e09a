"""Every message a client may send or hear; they are parsed and encoded here and nowhere else. Pure.

`python -m realtime manual` prints the wire's manual from this file.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, ClassVar

import orjson

from realtime.errors import Refused

SUBPROTOCOL = "veche.1"
PATH = "/ws"
TEXT_LIMIT = 2000  # characters of one chat message
KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")  # an idempotency key; a UUID has 36 characters
ID = re.compile(rb'\s*\{\s*"id"\s*:\s*([0-9]{1,15})\s*[,}]')  # where every client of ours puts it: in front
NAME_LIMIT = 64  # characters of a room's name or an epoch
TOKEN_LIMIT = 8192  # characters of a pass; some hundred rooms fit
NUMBER_LIMIT = 2**53  # JavaScript counts exactly up to here


@dataclass(frozen=True, slots=True)
class After:
    """Where a client stopped reading a room: the stream's life and the last offset it has."""

    epoch: str
    offset: int


@dataclass(frozen=True, slots=True)
class Hello:
    """First message of every socket: who is there. Also accepted later, with the same person's next pass."""

    do: ClassVar[str] = "hello"
    answer: ClassVar[str] = '{"user": int, "name": str, "expires": Unix seconds, "heartbeat": seconds between pings}'
    id: int
    token: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Sign of life; a client sends one when it heard nothing for a heartbeat, and reconnects when no answer comes."""

    do: ClassVar[str] = "ping"
    answer: ClassVar[str] = "{}"
    id: int


@dataclass(frozen=True, slots=True)
class Join:
    """Listen to a room. With `after`, what was missed since; without, the last events."""

    do: ClassVar[str] = "join"
    answer: ClassVar[str] = (
        '{"room": str, "epoch": str, "offset": int, "resumed": bool, "events": [event ...]}; '
        "`offset` is where the room stands. `resumed` false: drop what you show of this room and show `events` instead"
    )
    id: int
    room: str
    after: After | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """Stop listening to a room."""

    do: ClassVar[str] = "leave"
    answer: ClassVar[str] = "{}"
    id: int
    room: str


@dataclass(frozen=True, slots=True)
class ChatSay:
    """Write in a chat. The answer means: stored. Resent with the same key it changes nothing and answers the same."""

    do: ClassVar[str] = "chat.say"
    answer: ClassVar[str] = '{"epoch": str, "at": offset of the message}'
    id: int
    room: str
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class ChatRetract:
    """Delete a message: one's own, or anybody's with the right `moderate`. Its text is in no later read."""

    do: ClassVar[str] = "chat.retract"
    answer: ClassVar[str] = '{"epoch": str, "at": offset of the retraction, 0 when it was retracted before}'
    id: int
    room: str
    key: str
    target: int


Command = Hello | Ping | Join | Leave | ChatSay | ChatRetract
COMMANDS: dict[str, type[Command]] = {kind.do: kind for kind in (Hello, Ping, Join, Leave, ChatSay, ChatRetract)}


@dataclass(frozen=True, slots=True)
class ChatSaid:
    """Somebody wrote in a chat. `key` is the sender's, so that the sender's page knows its own message."""

    tag: ClassVar[str] = "chat.said"
    user: int
    name: str
    badge: str
    key: str
    text: str
    when: int  # Unix milliseconds


@dataclass(frozen=True, slots=True)
class ChatRetracted:
    """A message was deleted; forget its text. `by` is who did it."""

    tag: ClassVar[str] = "chat.retracted"
    target: int
    by: int
    when: int


@dataclass(frozen=True, slots=True)
class Gone:
    """Something was deleted before anybody here was told of it; only its number is left, so that counting goes on."""

    tag: ClassVar[str] = "gone"


Event = ChatSaid | ChatRetracted | Gone
EVENTS: dict[str, type[Event]] = {kind.tag: kind for kind in (ChatSaid, ChatRetracted, Gone)}


@dataclass(frozen=True, slots=True)
class Reconnect:
    """This server is leaving: connect again at a random moment within so many milliseconds."""

    tag: ClassVar[str] = "reconnect"
    within: int


@dataclass(frozen=True, slots=True)
class Rejoin:
    """This socket fell too far behind in a room, or the room began anew: join it again with `after`."""

    tag: ClassVar[str] = "rejoin"
    room: str


Notice = Reconnect | Rejoin
NOTICES: dict[str, type[Notice]] = {kind.tag: kind for kind in (Reconnect, Rejoin)}


def parse(text: str | bytes) -> Command:
    """One message of a client. Raises Refused message.malformed, message.unknown or message.field."""
    try:
        raw = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Refused("message.malformed") from None
    if not isinstance(raw, dict):
        raise Refused("message.malformed")
    name = raw.get("do")
    kind = COMMANDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise Refused("message.unknown")
    return kind(**_take(kind, raw))


def number(text: bytes) -> int | None:
    """The id of a message that parse refused, so that the refusal finds its sender; None when it has none."""
    try:
        return _number(orjson.loads(text)["id"])
    except orjson.JSONDecodeError:
        # Half a character in a text breaks the whole message, but whoever sent it must hear which one it was.
        found = ID.match(text)
        return int(found[1]) if found else None
    except (TypeError, KeyError, ValueError):
        return None


def event(what: Event) -> bytes:
    """An event as JSON without its place: the log puts `"room"` and `"at"` in front when it has one."""
    return orjson.dumps({"is": what.tag, **asdict(what)})


def placed(room: str, at: int, body: bytes) -> bytes:
    """An event in its final form; append.lua and retract.lua do the same inside Redis."""
    return b'{"room":"%s","at":%d,' % (room.encode(), at) + body[1:]


def gone(room: str, at: int) -> bytes:
    """The place of an event that nobody will hear."""
    return placed(room, at, event(Gone()))


def notice(what: Notice) -> bytes:
    """A notice as it travels: an array, as events do."""
    return orjson.dumps([{"is": what.tag, **asdict(what)}])


def joined(events: Iterable[bytes]) -> bytes:
    """Events that travel together: one JSON array."""
    return b"[" + b",".join(events) + b"]"


def json(plain: dict[str, Any]) -> bytes:
    """A plain answer's `ok`."""
    return orjson.dumps(plain)


def answer(re: int, ok: bytes) -> bytes:
    """The answer to the message with that id; `ok` is JSON already, because many may share it."""
    return b'{"re":%d,"ok":' % re + ok + b"}"


def refusal(re: int | None, refused: Refused) -> bytes:
    """The refusal of the message with that id, or of one that had none."""
    return orjson.dumps({"re": re, "no": refused.wire()})


def room_state(room: str, *, epoch: str, offset: int, resumed: bool, events: Iterable[bytes]) -> bytes:
    """The `ok` of a join."""
    head = orjson.dumps({"room": room, "epoch": epoch, "offset": offset, "resumed": resumed})
    return head[:-1] + b',"events":' + joined(events) + b"}"


def _take(kind: type[Command], raw: dict[str, Any]) -> dict[str, Any]:
    """The fields of one command, each picked by name and checked; what else the client sent is left behind."""
    taken = {}
    for field in fields(kind):
        value = raw.get(field.name)
        if value is None and field.default is not MISSING:
            continue
        try:
            taken[field.name] = SHAPES[field.name](value)
        except (TypeError, ValueError, KeyError):
            raise Refused("message.field", field=field.name) from None
    return taken


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= NUMBER_LIMIT:
        raise ValueError
    return value


def _text(limit: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > limit:
            raise ValueError
        return value

    return check


def _key(value: Any) -> str:
    if not KEY.fullmatch(value):
        raise ValueError
    return str(value)


def _after(value: Any) -> After:
    return After(epoch=_text(NAME_LIMIT)(value["epoch"]), offset=_number(value["offset"]))


# A field of one name has one shape wherever it stands.
SHAPES: dict[str, Callable[[Any], Any]] = {
    "id": _number,
    "room": _text(NAME_LIMIT),
    "token": _text(TOKEN_LIMIT),
    "key": _key,
    "text": _text(TEXT_LIMIT * 4),  # the chat refuses what is over TEXT_LIMIT with a sentence of its own
    "target": _number,
    "after": _after,
}
