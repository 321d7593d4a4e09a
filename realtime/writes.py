"""What can be done to the log of a room, in one step or not at all. Pure: log.py and write.lua do it, memory.py too."""

from dataclasses import dataclass

from realtime import words

ENDS = "!"  # before a part's name: the event ends this part of the state
ANY = -1  # of Expects.at: whichever event it is
OWN = "."  # before a part's name: for the workers only; listeners are told its number and nothing else


@dataclass(frozen=True, slots=True)
class Expects:
    """Only if this part of the room's state is still the event of that offset (0: is not there; ANY: is there)."""

    room: str
    part: str
    at: int


@dataclass(frozen=True, slots=True)
class Put:
    """One event at the end of a room's log."""

    room: str
    user: int  # whose event it is
    body: bytes  # JSON without its place
    part: str = ""  # the part of the room's state that this event is from now on, or ends
    rule: tuple[str, str] | None = None  # a rule of the room that begins with it; the value "" ends the rule
    only: Expects | None = None  # else this one is left out while the others are put; never of the first
    leaves: bool = False  # the part it ends stays in the log, and is forgotten by its name when somebody wishes so
    takes: bool = False  # the event that its part was until now goes from the log


@dataclass(frozen=True, slots=True)
class Speech:
    """What makes an event subject to the room's rules.

    `text` is compared with the room's word list; None: it is not. When a word of the list begins one of its words,
    `held` are put instead, and what the write forgets stays; `secretly`: whoever spoke is not told so.
    """

    free: bool  # a moderator: neither slow mode, nor read-only, nor the word list
    text: str | None
    held: tuple[Put, ...] = ()
    secretly: bool = False

    @property
    def plain(self) -> str | None:
        """The text as words.py spells it and the list; most rooms have none, so it is spelled when it is asked for."""
        return None if self.text is None else words.plain(self.text)


@dataclass(frozen=True, slots=True)
class Forget:
    """Take an event, or all of a person, out of the log for good, with everything that repeats them."""

    target: int = 0  # offset of the event
    epoch: str = ""  # the life it was seen in, if the client said so
    author: int | None = None  # whose it must be; None: anybody's
    person: int | None = None  # all of this person instead
    parts: tuple[str, ...] = ()  # the events that are these parts of the state instead, as far as there are such
    left: int | None = None  # and, or instead, all of this person that left the state and stayed in the log
    written: tuple[str, str] | None = None  # what the same user brought about by this verb and key instead
    keep: bool = False  # moderators may restore it
    instead: str | None = None  # it stays with this text: the events of the write carry it as their field `said`
    since: int = 0  # Unix milliseconds; a message that was said before does not get another text
    stood: int = 0  # where the message stood when that text was wished for; 0: wherever it stands


@dataclass(frozen=True, slots=True)
class Repeat:
    """Let the first event carry another one, as its field `said`; at the desk, one of the room."""

    target: int  # offset
    restored: bool  # from what moderators deleted, not from the log
    epoch: str = ""  # the life it was seen in, if the client said so


@dataclass(frozen=True, slots=True)
class Unread:
    """Count unread events of one thread of an inbox; the first event carries the number as its field `unread`.

    What was read stays read: `upto` 0 counts what there is behind the farthest offset that was read.
    """

    thread: str
    upto: int | None  # everything up to this offset was read; None: here is one more


@dataclass(frozen=True, slots=True)
class Begin:
    """A conversation in one's own inbox: one that is there counts as none, of others `most` are begun a day (UTC)."""

    thread: str
    most: int


@dataclass(frozen=True, slots=True)
class Ration:
    """So many of this verb for one person in one room, until so many seconds after the first of them."""

    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Write:
    """One wish, carried out once per (room, verb, user, key). All its puts are in one room and its desk."""

    room: str
    verb: str
    user: int  # who wishes it
    key: str
    now: int  # Unix milliseconds
    puts: tuple[Put, ...]
    speech: Speech | None = None
    forget: Forget | None = None
    repeat: Repeat | None = None
    expects: tuple[Expects, ...] = ()  # a decision about what is there; no lack of space stands in its way
    unread: Unread | None = None
    begin: Begin | None = None  # and nothing is put
    ration: Ration | None = None  # of what slow mode does not hold
    guest: bool = False  # in the room of somebody else, who takes nothing unless they, or a page, opened it before
    harmless: bool = False  # also when it is repeated after a while
    words: tuple[str, ...] | None = None  # the room's word list from now on (words.beginnings)
    refusal: str = ""  # nothing is to be done any more: tell the result if it was done before, else this code
    item: str = ""  # the name of what it brings about; the answer tells it

    @property
    def takes_away(self) -> bool:
        """Whether somebody shall not be told any more what they would have been told before."""
        return self.forget is not None or any(put.part.startswith((ENDS, OWN)) for put in self.puts[:1])


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the first event stands; offset 0: there was nothing to do.

    `held`: a moderator has to see it first; the place is that of the last event in the room. `hidden`: so it is, and
    its author shall not notice.
    """

    epoch: str
    offset: int
    held: bool = False
    hidden: bool = False
