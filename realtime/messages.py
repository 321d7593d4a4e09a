"""Every message a client may send or hear; they are parsed and encoded here and nowhere else. Pure.

`python -m realtime manual` prints the wire's manual from this file.
"""

from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, get_type_hints

import orjson

from realtime.errors import Refused

SUBPROTOCOL = "veche.1"
PATH = "/ws"
TEXT_LIMIT = 2000  # characters of one chat message
KEY_LIMIT = 64  # characters of an idempotency key; a UUID has 36


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
COMMANDS: dict[str, type[Command]] = {
    kind.do: kind for kind in (Hello, Ping, Join, Leave, ChatSay, ChatRetract)
}


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


Event = ChatSaid | ChatRetracted
EVENTS: dict[str, type[Event]] = {kind.tag: kind for kind in (ChatSaid, ChatRetracted)}


def parse(text: str | bytes, *, hints: dict[type, dict[str, Any]] | None = None) -> Command:
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
    return _take(kind, raw)


def number(text: str | bytes) -> int | None:
    """The id of a message that could not be parsed, so that its refusal finds its sender; None when it has none."""
    try:
        raw = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    found = raw.get("id") if isinstance(raw, dict) else None
    return found if type(found) is int else None
