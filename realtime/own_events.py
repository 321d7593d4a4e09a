"""What of a chat is told to one person alone: messages of theirs that nobody else sees. Pure: messages.py writes it."""

from dataclasses import dataclass
from typing import ClassVar

from realtime.events import Event, Notice


@dataclass(frozen=True, slots=True)
class WaitingText:
    """A message, or with `target` a new text for that one, which nobody but its author sees yet; `key` is theirs.

    `at` is where its author sees it, between two places of the room. Not `held`: as if it were published.
    """

    item: str
    key: str
    text: str
    when: int  # it was written; Unix milliseconds
    at: float
    held: bool
    target: int = 0


@dataclass(frozen=True, slots=True)
class ChatWaited(Event):
    """Between workers: what waited of a person (chat.held) does not any more; `quietly`: their pages are not told."""

    tag: ClassVar[str] = "chat.waited"
    item: str
    user: int
    quietly: bool
    when: int


@dataclass(frozen=True, slots=True)
class DroppedText:
    """A message, or with `target` a new text for that one, which moderators did not publish; `key` is its author's."""

    item: str
    key: str
    text: str
    when: int  # it was written; Unix milliseconds
    target: int = 0


@dataclass(frozen=True, slots=True)
class ChatDropped(Event):
    """Between workers: what moderators did not publish of a person, whole; its author hears it as a notice."""

    tag: ClassVar[str] = "chat.dropped"
    user: int
    texts: tuple[DroppedText, ...]
    when: int


@dataclass(frozen=True, slots=True)
class Waits(Notice):
    """These texts of yours wait for a moderator, too; those named in `over` do not any more. Nobody else hears of it.

    What is published is in no `over`: a message is said then with its `key`, a new text comes with its edit.
    """

    tag: ClassVar[str] = "waits"
    room: str
    texts: tuple[WaitingText, ...]
    over: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dropped(Notice):
    """These texts of yours, and no others, did the moderators of a room not publish; nobody else hears of it."""

    tag: ClassVar[str] = "dropped"
    room: str
    texts: tuple[DroppedText, ...]


OWN: tuple[type[Event], ...] = (ChatWaited, ChatDropped)
NOTICES: dict[str, type[Notice]] = {kind.tag: kind for kind in (Waits, Dropped)}
