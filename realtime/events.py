"""Every message a client may hear besides the answers to its own. Pure: messages.py writes them."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Event:
    """What stands at one place of a room."""

    tag: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Notice:
    """What has no place in a room: for one socket, for now."""

    tag: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Hint:
    """What has no place in a room and is stored nowhere; whoever does not hear it misses nothing that lasts."""

    tag: ClassVar[str]
    room: str


@dataclass(frozen=True, slots=True)
class ChatSaid(Event):
    """Somebody wrote in a chat. `key` is the sender's, so that the sender's page knows its own message."""

    tag: ClassVar[str] = "chat.said"
    user: int
    name: str
    badge: str
    key: str
    text: str
    when: int  # Unix milliseconds


@dataclass(frozen=True, slots=True)
class ChatRetracted(Event):
    """A message was deleted; forget its text. `by` is who did it."""

    tag: ClassVar[str] = "chat.retracted"
    target: int
    by: int
    when: int


@dataclass(frozen=True, slots=True)
class ChatPurged(Event):
    """Everything a person wrote before this was deleted; forget it."""

    tag: ClassVar[str] = "chat.purged"
    user: int
    by: int
    when: int


@dataclass(frozen=True, slots=True)
class ChatRestored(Event):
    """A deleted message is back, here and under this offset; `said` is the event that `target` was."""

    tag: ClassVar[str] = "chat.restored"
    carries: ClassVar[str] = "said"
    target: int
    by: int
    when: int


@dataclass(frozen=True, slots=True)
class ChatPinned(Event):
    """A message is on top of the room; `said` is its event."""

    tag: ClassVar[str] = "chat.pinned"
    carries: ClassVar[str] = "said"
    target: int
    by: int
    when: int


@dataclass(frozen=True, slots=True)
class ChatUnpinned(Event):
    """Nothing is on top of the room."""

    tag: ClassVar[str] = "chat.unpinned"
    by: int
    when: int


@dataclass(frozen=True, slots=True)
class ChatSlowed(Event):
    """Who is no moderator writes once in so many seconds; 0: as often as they like."""

    tag: ClassVar[str] = "chat.slowed"
    seconds: int
    by: int
    when: int


@dataclass(frozen=True, slots=True)
class ChatClosed(Event):
    """Only moderators write; `on` false: everybody again."""

    tag: ClassVar[str] = "chat.closed"
    on: bool
    by: int
    when: int


@dataclass(frozen=True, slots=True)
class ChatMuted(Event):
    """At the desk: a person does not write until then (Unix milliseconds); 0: they write again."""

    tag: ClassVar[str] = "chat.muted"
    user: int
    until: int
    by: int
    when: int


@dataclass(frozen=True, slots=True)
class ChatBanned(Event):
    """At the desk: a person is put out of the room; `on` false: let in again."""

    tag: ClassVar[str] = "chat.banned"
    user: int
    on: bool
    by: int
    when: int


@dataclass(frozen=True, slots=True)
class ChatWorded(Event):
    """At the desk: what contains a word that begins like one of these is held."""

    tag: ClassVar[str] = "chat.worded"
    words: tuple[str, ...]
    by: int
    when: int


@dataclass(frozen=True, slots=True)
class ChatHeld(Event):
    """At the desk: a message waits for a moderator; `item` is its name."""

    tag: ClassVar[str] = "chat.held"
    item: str
    user: int
    name: str
    badge: str
    key: str
    text: str
    when: int


@dataclass(frozen=True, slots=True)
class ChatSettled(Event):
    """At the desk: a held message was released into the room or dropped."""

    tag: ClassVar[str] = "chat.settled"
    item: str
    released: bool
    by: int
    when: int


@dataclass(frozen=True, slots=True)
class QuestionAtDesk(Event):
    """At the desk: a question as it is from now on, whole. `status` is one of questions.py."""

    tag: ClassVar[str] = "question.at_desk"
    item: str
    status: str
    user: int
    name: str
    badge: str
    anonymous: bool  # to readers
    text: str
    when: int  # it was asked; Unix milliseconds
    changed: int  # Unix milliseconds
    by: int = 0  # who changed it; 0: nobody did yet
    original: str = ""  # the text as it was asked, if it was edited
    reason: str = ""  # why it was rejected
    answer: str = ""  # in writing
    into: str = ""  # the item it was merged into
    pinned: bool = False
    suspicious: bool = False  # a word of the room's list is in it


@dataclass(frozen=True, slots=True)
class QuestionShown(Event):
    """A question as it is from now on, whole; `user` 0: anonymous. `status`: approved, answering or answered."""

    tag: ClassVar[str] = "question.shown"
    item: str
    status: str
    user: int
    name: str
    badge: str
    text: str
    answer: str
    pinned: bool
    when: int


@dataclass(frozen=True, slots=True)
class QuestionHidden(Event):
    """A question is shown no longer; forget it."""

    tag: ClassVar[str] = "question.hidden"
    item: str


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
    """Everybody of the conference is told, `until` then (Unix milliseconds; 0: until it is withdrawn)."""

    tag: ClassVar[str] = "announced"
    item: str
    text: str
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


@dataclass(frozen=True, slots=True)
class Revoked(Event):
    """Between workers: the passes of a person issued before then (Unix seconds) are good no longer."""

    tag: ClassVar[str] = "revoked"
    user: int
    before: float


@dataclass(frozen=True, slots=True)
class Gone(Event):
    """Something was deleted before anybody here was told of it; only its number is left, so that counting goes on."""

    tag: ClassVar[str] = "gone"


@dataclass(frozen=True, slots=True)
class Reconnect(Notice):
    """This server is leaving: connect again at a random moment within so many milliseconds."""

    tag: ClassVar[str] = "reconnect"
    within: int


@dataclass(frozen=True, slots=True)
class Rejoin(Notice):
    """This socket fell too far behind in a room, or the room began anew: join it again with `after`."""

    tag: ClassVar[str] = "rejoin"
    room: str


@dataclass(frozen=True, slots=True)
class Muted(Notice):
    """A moderator lets you read but not write in a room until then (Unix milliseconds); 0: you may write again."""

    tag: ClassVar[str] = "muted"
    room: str
    until: int


@dataclass(frozen=True, slots=True)
class Closed(Notice):
    """You are in a room no longer; `code` is a refusal's and says why."""

    tag: ClassVar[str] = "closed"
    room: str
    code: str


@dataclass(frozen=True, slots=True)
class Viewers(Hint):
    """So many persons are in the room, however many tabs they have open."""

    tag: ClassVar[str] = "viewers"
    count: int


@dataclass(frozen=True, slots=True)
class Reacted(Hint):
    """So many reactions of each kind came since this was last said."""

    tag: ClassVar[str] = "reacted"
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person and their name."""

    user: int
    name: str


@dataclass(frozen=True, slots=True)
class Typing(Hint):
    """Some people are typing, `who` a few of them; forget it after five seconds. In one's inbox: to oneself."""

    tag: ClassVar[str] = "typing"
    who: tuple[Somebody, ...]
    count: int


EVENTS: dict[str, type[Event]] = {
    kind.tag: kind
    for kind in (
        *(ChatSaid, ChatRetracted, ChatPurged, ChatRestored, ChatPinned, ChatUnpinned, ChatSlowed, ChatClosed),
        *(ChatMuted, ChatBanned, ChatWorded, ChatHeld, ChatSettled, QuestionAtDesk, QuestionShown, QuestionHidden),
        *(DirectSaid, DirectRetracted, Notified, InboxWasRead, InboxBlocked, Announced, Withdrawn, Revoked, Gone),
    )
}
NOTICES: dict[str, type[Notice]] = {kind.tag: kind for kind in (Reconnect, Rejoin, Muted, Closed)}
HINTS: dict[str, type[Hint]] = {kind.tag: kind for kind in (Viewers, Reacted, Typing)}
