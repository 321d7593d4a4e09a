"""What comes to a person: direct messages, notifications, announcements. Pure: inbox.py and announcements.py decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from realtime.events import Event


@dataclass(frozen=True, slots=True)
class DirectSaid(Event):
    """In two inboxes: a message between two persons. `thread` names the other one, `unread` is the thread's number."""

    tag: ClassVar[str] = "direct.said"
    carries: ClassVar[str] = "unread"
    item: str
    thread: str
    user: int
    name: str
    to: int
    key: str
    text: str
    when: int


@dataclass(frozen=True, slots=True)
class DirectRetracted(Event):
    """In two inboxes: the message that `user` sent with this key was deleted; forget its text."""

    tag: ClassVar[str] = "direct.retracted"
    carries: ClassVar[str] = "unread"
    thread: str
    user: int
    key: str
    when: int


@dataclass(frozen=True, slots=True)
class Notified(Event):
    """In an inbox: something happened that concerns this person; `link` leads there. `kind` is a word for programs."""

    tag: ClassVar[str] = "notified"
    carries: ClassVar[str] = "unread"
    thread: str
    kind: str
    text: str
    link: str
    when: int


@dataclass(frozen=True, slots=True)
class InboxWasRead(Event):
    """In an inbox: a thread was read up to an offset, here or in another tab; so many in it are unread."""

    tag: ClassVar[str] = "inbox.was_read"
    carries: ClassVar[str] = "unread"
    thread: str
    upto: int
    when: int


@dataclass(frozen=True, slots=True)
class InboxBlocked(Event):
    """In an inbox: a person writes here no longer; `on` false: again."""

    tag: ClassVar[str] = "inbox.blocked"
    user: int
    on: bool
    when: int


@dataclass(frozen=True, slots=True)
class Announced(Event):
    """Everybody of the conference is told, `until` then (Unix milliseconds; 0: until it is withdrawn).

    `others`: the text in other languages than `language`. `link` leads to a `place`, named by language, or nowhere: "".
    """

    tag: ClassVar[str] = "announced"
    item: str
    text: str
    language: str
    others: Mapping[str, str]
    urgent: bool
    link: str
    place: Mapping[str, str]
    until: int
    by: int
    when: int


@dataclass(frozen=True, slots=True)
class Withdrawn(Event):
    """An announcement was taken back; forget it."""

    tag: ClassVar[str] = "withdrawn"
    item: str
    by: int
    when: int


SENT: tuple[type[Event], ...] = (
    *(DirectSaid, DirectRetracted, Notified, InboxWasRead, InboxBlocked, Announced, Withdrawn),
)
