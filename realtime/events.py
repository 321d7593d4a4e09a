"""What a client may hear besides answers: the kinds of it, what chats and servers tell. Pure: messages.py writes it.

What else there is to be told is in question_events.py, inbox_events.py and own_events.py.
"""

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
class ChatEdited(Event):
    """The message `target` has another text from now on; `said` is its event with that.

    It stays where it is and keeps its name, also for whoever hears of it here first: later events call it `target`.
    """

    tag: ClassVar[str] = "chat.edited"
    carries: ClassVar[str] = "said"
    target: int
    by: int
    when: int


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
    """At the desk: what contains a word that begins like one of these is held, or held and `hidden` from its author."""

    tag: ClassVar[str] = "chat.worded"
    words: tuple[str, ...]
    hidden: tuple[str, ...]
    by: int
    when: int


@dataclass(frozen=True, slots=True)
class ChatHeld(Event):
    """At the desk, and between workers: a message waits for a moderator; `item` is its name. With `"hidden": true` its
    author is not told.

    With `target` it is a new text for that message, seen in the life `epoch`, which has its old one meanwhile; `stood`
    is where the message stood then. A newer text of the same message has the same `item`.
    """

    tag: ClassVar[str] = "chat.held"
    item: str
    user: int
    name: str
    badge: str
    key: str
    text: str
    when: int
    target: int = 0
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class ChatReported(Event):
    """At the desk: `user` says why a message should not be here; `said` is its event as it was then."""

    tag: ClassVar[str] = "chat.reported"
    carries: ClassVar[str] = "said"
    item: str
    target: int
    user: int
    reason: str
    when: int


@dataclass(frozen=True, slots=True)
class ChatDismissed(Event):
    """At the desk: a report is settled."""

    tag: ClassVar[str] = "chat.dismissed"
    item: str
    by: int
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
class ChatWithdrawn(Event):
    """At the desk: the author of a held message took it back."""

    tag: ClassVar[str] = "chat.withdrawn"
    item: str
    user: int
    when: int


@dataclass(frozen=True, slots=True)
class Revoked(Event):
    """Between workers: passes issued until then (Unix seconds) are over: of these subjects, or of their whole group."""

    tag: ClassVar[str] = "revoked"
    people: dict[str, float]  # persons by number, as a key of JSON, and grounds of passes (passes.py)
    everybody: float  # of the group, however many they are; 0: nobody's but theirs


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


@dataclass(frozen=True, slots=True)
class Tally(Hint):
    """So many votes each of these has now: a question by its item, a message's emoji as `<epoch>:<offset>:<emoji>`,
    an option of a poll as `poll:<poll>:<option>`. What is not named has what it had.
    """

    tag: ClassVar[str] = "tally"
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Looker:
    """A moderator and what they look at; `item` "": at nothing any more."""

    user: int
    name: str
    item: str


@dataclass(frozen=True, slots=True)
class Looking(Hint):
    """At a desk: who looks at what; forget it after fifteen seconds. Who is not named looks at what they did."""

    tag: ClassVar[str] = "looking"
    who: tuple[Looker, ...]


TOLD: tuple[type[Event], ...] = (
    *(ChatSaid, ChatEdited, ChatRetracted, ChatPurged, ChatRestored, ChatPinned, ChatUnpinned, ChatSlowed, ChatClosed),
    *(ChatMuted, ChatBanned, ChatWorded, ChatHeld, ChatSettled, ChatReported, ChatDismissed),
    *(ChatWithdrawn, Revoked, Gone),
)
NOTICES: dict[str, type[Notice]] = {kind.tag: kind for kind in (Reconnect, Rejoin, Muted, Closed)}
HINTS: dict[str, type[Hint]] = {kind.tag: kind for kind in (Viewers, Reacted, Typing, Tally, Looking)}
