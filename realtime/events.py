"""Every message a client may hear besides the answers to its own. Pure: messages.py writes them."""

from dataclasses import dataclass
from typing import ClassVar


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
