"""Every message a client may send. Pure: messages.py reads them, session.py obeys them."""

from dataclasses import dataclass
from typing import ClassVar


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
    """Delete a message: one's own, or anybody's with the right `moderate`. Its text is in no later read.

    `epoch` is the room's life in which the message was seen: an offset of another life is another message.
    """

    do: ClassVar[str] = "chat.retract"
    answer: ClassVar[str] = '{"epoch": str, "at": offset of the retraction, 0 when it was retracted before}'
    id: int
    room: str
    key: str
    target: int
    epoch: str = ""


Command = Hello | Ping | Join | Leave | ChatSay | ChatRetract
COMMANDS: dict[str, type[Command]] = {kind.do: kind for kind in (Hello, Ping, Join, Leave, ChatSay, ChatRetract)}
