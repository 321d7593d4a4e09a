"""Every message a client may send. Pure: messages.py reads them, session.py obeys them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from realtime.gesture_commands import Gesture as Gesture  # these are commands, too
from realtime.gesture_commands import LookAt as LookAt
from realtime.gesture_commands import React as React
from realtime.gesture_commands import Type as Type
from realtime.limits import ACTS, CHAT, READING, REPORTS, Rate


@dataclass(frozen=True, slots=True)
class After:
    """Where a client stopped reading a room: the stream's life and the last offset it has."""

    epoch: str
    offset: int


@dataclass(frozen=True, slots=True)
class Hello:
    """First message of every socket: who is there. Also accepted later, with the same person's next pass.

    By `now` clients know how far their own clock is off: what is told stands until a moment of the server's.
    """

    do: ClassVar[str] = "hello"
    answer: ClassVar[str] = (
        '{"user": int, "name": str, "expires": Unix seconds, "now": Unix milliseconds,'
        ' "heartbeat": seconds between pings}'
    )
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
        '{"room": str, "epoch": str, "offset": int, "resumed": bool, "events": [event ...], "viewers"?: int, '
        '"waits"?, "dropped"?: of one\'s own, as the texts of these notices}; '
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
class Act:
    """What is stored, once per key: resent with the same key it changes nothing and answers the same."""

    do: ClassVar[str]
    answer: ClassVar[str] = '{"epoch": str, "at": offset of the event}'
    rate: ClassVar[Rate] = ACTS
    id: int
    room: str
    key: str


@dataclass(frozen=True, slots=True)
class ChatSay(Act):
    """Write in a chat or under a video or an idea. The answer means: stored.

    `held`: a word of the room's list is in it, and a moderator has to release it first. `at` is then between two
    places of the room: where its author sees it meanwhile, and nobody else.
    """

    do: ClassVar[str] = "chat.say"
    answer: ClassVar[str] = '{"epoch": str, "at": offset of the message, "held"?: true}'
    rate: ClassVar[Rate] = CHAT
    text: str


@dataclass(frozen=True, slots=True)
class ChatEdit(Act):
    """Give an own message of the last quarter of an hour another text. The old one is in no later read.

    `target` is the message's name for ever, the offset it came at; `epoch` as in chat.retract. `held`: a word of the
    room's list is in the new text; the old one stays until a moderator releases it.
    """

    do: ClassVar[str] = "chat.edit"
    answer: ClassVar[str] = '{"epoch": str, "at": offset of the edit, "held"?: true}'
    rate: ClassVar[Rate] = CHAT
    target: int
    text: str
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class ChatReport(Act):
    """Tell the moderators that a message should not be here, and why (`text`, may be empty). Nobody else hears of it.

    Once per person and message: what is reported again within a day is answered as before.
    """

    do: ClassVar[str] = "chat.report"
    answer: ClassVar[str] = '{"epoch": str, "at": offset at the desk, "item": str}'
    rate: ClassVar[Rate] = REPORTS
    target: int
    text: str = ""
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class ChatRetract(Act):
    """Delete a message: one's own, or anybody's with the right `moderate`. Its text is in no later read.

    `epoch` is the room's life in which the message was seen: an offset of another life may be another message.
    """

    do: ClassVar[str] = "chat.retract"
    answer: ClassVar[str] = '{"epoch": str, "at": offset of the retraction, 0 when it was retracted before}'
    target: int
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class ChatPurge(Act):
    """Delete everything a person wrote in this room so far, or reject all their questions.

    For moderators, as everything below that names nobody.
    """

    do: ClassVar[str] = "chat.purge"
    user: int


@dataclass(frozen=True, slots=True)
class ChatRestore(Act):
    """Bring back a message that a moderator deleted within a day; it gets a new place."""

    do: ClassVar[str] = "chat.restore"
    target: int


@dataclass(frozen=True, slots=True)
class ChatPin(Act):
    """Keep a message on top of the room, instead of the one before."""

    do: ClassVar[str] = "chat.pin"
    target: int


@dataclass(frozen=True, slots=True)
class ChatUnpin(Act):
    """Keep nothing on top any more."""

    do: ClassVar[str] = "chat.unpin"


@dataclass(frozen=True, slots=True)
class ChatSlow(Act):
    """Let everybody but moderators write once in so many seconds; 0 ends it."""

    do: ClassVar[str] = "chat.slow"
    seconds: int


@dataclass(frozen=True, slots=True)
class ChatClose(Act):
    """Let nobody but moderators write; `on` false opens the room again."""

    do: ClassVar[str] = "chat.close"
    on: bool


@dataclass(frozen=True, slots=True)
class ChatMute(Act):
    """Let a person read but not write for so many seconds; 0 ends it."""

    do: ClassVar[str] = "chat.mute"
    user: int
    seconds: int


@dataclass(frozen=True, slots=True)
class ChatBan(Act):
    """Put a person out of the room for good; `on` false lets them in again."""

    do: ClassVar[str] = "chat.ban"
    user: int
    on: bool


@dataclass(frozen=True, slots=True)
class ChatWords(Act):
    """Hold what contains a word that begins like one of these, until a moderator releases it.

    What contains a word that begins like one of `hidden` is held, too, and its author is not told: they are answered
    with a place between two events (`at` is no whole number), where nobody else is.
    """

    do: ClassVar[str] = "chat.words"
    words: tuple[str, ...]
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatDismiss(Act):
    """Settle a report, and all others of the same message; deleting the message does so, too."""

    do: ClassVar[str] = "chat.dismiss"
    item: str


@dataclass(frozen=True, slots=True)
class ChatSettle(Act):
    """Release a held message into the room, or drop it: then its author is told. The first of two moderators wins.

    With `seen`, the offset of what one saw, it is refused with desk.changed if its author wrote another text since; and
    with chat.outdated if the message itself has another one by now.
    """

    do: ClassVar[str] = "chat.settle"
    item: str
    release: bool
    seen: int = 0


@dataclass(frozen=True, slots=True)
class ChatWithdraw(Act):
    """Take back an own message that waits for a moderator; `said` is the key it was sent with."""

    do: ClassVar[str] = "chat.withdraw"
    said: str


@dataclass(frozen=True, slots=True)
class ChatDiscard(Act):
    """Let go of an own text that moderators did not publish."""

    do: ClassVar[str] = "chat.discard"
    item: str


@dataclass(frozen=True, slots=True)
class QuestionAsk(Act):
    """Ask a question; a moderator approves it before anybody else sees it, `anonymous` for readers without a name.

    `item` is the question's name from now on. Refused with desk.full while too many wait.
    """

    do: ClassVar[str] = "question.ask"
    answer: ClassVar[str] = '{"epoch": str, "at": offset at the desk, "item": str}'
    rate: ClassVar[Rate] = CHAT
    text: str
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class QuestionMove(Act):
    """Go one step with a question, as a moderator who is at the desk. The first of two moderators wins.

    `verb`: approve; reject (`text`: the reason); merge (`into`: the item that says the same); recall, back to those
    that wait; edit (`text`); pin, unpin; answering, now; answered (`text`: in writing); bind (`into`: the number of the
    session it is about, 0: of none). With `seen`, the offset at the desk of the question as one saw it, the step is
    refused with desk.changed if it is another by now: what somebody else decided is not decided again by accident.
    """

    do: ClassVar[str] = "question.move"
    answer: ClassVar[str] = '{"epoch": str, "at": offset, "item": str}'
    item: str
    verb: str
    text: str = ""
    into: str = ""
    seen: int = 0


@dataclass(frozen=True, slots=True)
class DirectSay(Act):
    """Write to one person. `room` is one's own inbox, which gets a copy; the answer means: stored in both.

    They must have opened their inbox before, or be known to a page; and one begins so many conversations a day.
    """

    do: ClassVar[str] = "direct.say"
    answer: ClassVar[str] = '{"epoch": str, "at": offset of the own copy, "item": str}'
    rate: ClassVar[Rate] = CHAT
    to: int
    text: str


@dataclass(frozen=True, slots=True)
class DirectRetract(Act):
    """Delete an own message of the last day from both inboxes; `said` is the key it was sent with."""

    do: ClassVar[str] = "direct.retract"
    answer: ClassVar[str] = '{"epoch": str, "at": offset of the retraction, 0 when it was retracted before}'
    to: int
    said: str


@dataclass(frozen=True, slots=True)
class InboxRead(Act):
    """Say that a thread, `notices` or `user:<number>`, was read up to an offset, so that other tabs know."""

    do: ClassVar[str] = "inbox.read"
    rate: ClassVar[Rate] = READING
    thread: str
    upto: int


@dataclass(frozen=True, slots=True)
class InboxBlock(Act):
    """Let a person write to one's inbox no longer; `on` false: again."""

    do: ClassVar[str] = "inbox.block"
    user: int
    on: bool


@dataclass(frozen=True, slots=True)
class Announce(Act):
    """Tell everybody of the conference, on every screen, `until` then (Unix milliseconds; 0: until it is withdrawn).

    `text` is in `language`, `others` has it in further ones, by their codes; `link` leads to a place within the site,
    and `place` says which, by language. `instead` of one that stands: that one is withdrawn with it.
    """

    do: ClassVar[str] = "announce"
    answer: ClassVar[str] = '{"epoch": str, "at": offset, "item": str}'
    text: str
    until: int = 0
    language: str = ""
    others: Mapping[str, str] = field(default_factory=dict)
    urgent: bool = False
    link: str = ""
    place: Mapping[str, str] = field(default_factory=dict)
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Withdraw(Act):
    """Take an announcement back."""

    do: ClassVar[str] = "withdraw"
    item: str


Command = Hello | Ping | Join | Leave | Act | Gesture
ACTIONS: tuple[type[Act], ...] = (
    *(ChatSay, ChatEdit, ChatReport, ChatDismiss, ChatRetract, ChatPurge, ChatRestore, ChatPin, ChatUnpin),
    *(ChatSlow, ChatClose, ChatMute, ChatBan, ChatWords, ChatSettle, ChatWithdraw, ChatDiscard),
    *(QuestionAsk, QuestionMove, DirectSay, DirectRetract, InboxRead, InboxBlock, Announce, Withdraw),
)
KINDS: tuple[type[Command], ...] = (Hello, Ping, Join, Leave, *ACTIONS, React, Type, LookAt)
COMMANDS: dict[str, type[Command]] = {kind.do: kind for kind in KINDS}
