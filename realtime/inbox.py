"""What comes into a person's own room: direct messages and notices, and what was read of them. Pure.

A direct message stands in two inboxes. The other person's comes first: if they do not want it, nobody has it. Who they
are, no database says here, so nobody writes to a number: only to an inbox that its owner has opened or a page has
written to. And nobody writes to everybody: so many conversations are begun a day, tries with strangers included.
"""

from dataclasses import replace

from realtime import channels, messages
from realtime.chat import spoken
from realtime.commands import DirectRetract, DirectSay, InboxBlock, InboxRead
from realtime.errors import Refused
from realtime.events import Event
from realtime.inbox_events import DirectRetracted, DirectSaid, InboxBlocked, InboxWasRead, Notified
from realtime.speaker import Speaker
from realtime.writes import ENDS, Begin, Forget, Put, Speech, Unread, Write

KINDS = frozenset({"inbox"})
BEGINS = "direct.begin"  # under which its key is known, beside that of the message itself
NOTICES = "notices"  # the thread nobody can answer in
AS_BEFORE = 0  # of Unread.upto: nothing was read now
BEGUN = 50  # conversations a day; who meets more people than that talks with them


def say(wish: DirectSay, speaker: Speaker) -> tuple[Write, ...]:
    """A message to one person, and the own copy. Raises Refused message.field, chat.empty or chat.too_long."""
    theirs = _other_inbox(wish.room, wish.to)
    text, item = spoken(wish.text), speaker.item(wish)

    def copy(room: str, other: int, unread: Unread, speech: Speech | None = None) -> Write:
        said = DirectSaid(
            item=item,
            thread=thread(other),
            user=speaker.user,
            name=speaker.visitor.name,
            to=wish.to,
            key=wish.key,
            text=text,
            when=speaker.when,
        )
        put = speaker.put(room, said, part=part(other))
        write = Write(room, wish.do, speaker.user, wish.key, speaker.when, (put,), unread=unread, item=item)
        return replace(write, speech=speech, guest=room == theirs)

    here, there = thread(wish.to), thread(speaker.user)
    return (
        *_beginning(wish, speaker),
        copy(theirs, speaker.user, Unread(there, upto=None), Speech(free=True, text=None)),
        copy(wish.room, wish.to, Unread(here, upto=AS_BEFORE)),
    )


def retract(wish: DirectRetract, speaker: Speaker) -> tuple[Write, ...]:
    """An own message goes from both inboxes. Raises Refused message.field."""
    forget = Forget(written=(DirectSay.do, wish.said))

    def gone(room: str, other: int) -> Write:
        retracted = DirectRetracted(thread=thread(other), user=speaker.user, key=wish.said, when=speaker.when)
        return _counted(room, wish, speaker, retracted, Unread(thread(other), upto=AS_BEFORE), forget)

    theirs = replace(gone(_other_inbox(wish.room, wish.to), speaker.user), guest=True)
    return theirs, gone(wish.room, wish.to)


def read(wish: InboxRead, speaker: Speaker) -> Write:
    """The other tabs and devices hear what was read. Raises Refused message.field."""
    if wish.thread != NOTICES and not _is_of_a_person(wish.thread):
        raise Refused("message.field", field="thread")
    event = InboxWasRead(thread=wish.thread, upto=wish.upto, when=speaker.when)
    write = _counted(wish.room, wish, speaker, event, Unread(wish.thread, upto=wish.upto), None)
    return replace(write, harmless=True)  # what was read stays read; many do it, and often


def block(wish: InboxBlock, speaker: Speaker) -> Write:
    """A person's messages come no longer, or again. Raises Refused message.field."""
    _other_inbox(wish.room, wish.user)
    event = InboxBlocked(user=wish.user, on=wish.on, when=speaker.when)
    name = blocked(wish.user)
    put = speaker.put(wish.room, event, part=name if wish.on else ENDS + name, rule=(name, "1" if wish.on else ""))
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, (put,))


def notify(user: int, key: str, notified: Notified) -> Write:
    """A notice for a person."""
    room, unread = channels.inbox(user), Unread(notified.thread, upto=None)
    put = Put(room, user, messages.event(notified), part=f"thread:{notified.thread}")
    return Write(room, notified.tag, user, key, notified.when, (put,), unread=unread)


def thread(user: int) -> str:
    """The name of what was said with a person."""
    return f"user:{user}"


def part(user: int) -> str:
    """The part of an inbox' state that is the last message said with a person."""
    return f"thread:{thread(user)}"


def blocked(user: int) -> str:
    """The part of an inbox' state, and the rule, that keeps a person's messages out."""
    return f"block:{user}"


def _beginning(wish: DirectSay, speaker: Speaker) -> tuple[Write, ...]:
    """What is to be done first when these two have not spoken yet, or nobody here knows."""
    if speaker.visitor.swift or speaker.look(wish.room, part(wish.to)) is not None:
        return ()
    begin = Begin(thread(wish.to), BEGUN)
    return (Write(wish.room, BEGINS, speaker.user, wish.key, speaker.when, (), begin=begin),)


def _counted(
    room: str, wish: DirectRetract | InboxRead, speaker: Speaker, event: Event, unread: Unread, forget: Forget | None
) -> Write:
    """What changes a number of unread events without being one: the number is a part of the state of its own."""
    put = speaker.put(room, event, part=f"unread:{unread.thread}")
    return Write(room, wish.do, speaker.user, wish.key, speaker.when, (put,), unread=unread, forget=forget)


def _other_inbox(own: str, other: int) -> str:
    if channels.kind(channels.inbox(other)) is None or channels.inbox(other) == own:
        raise Refused("message.field", field="to")
    return channels.inbox(other)


def _is_of_a_person(name: str) -> bool:
    kind, _, user = name.partition(":")
    return kind == "user" and channels.kind(f"inbox:{user}") is not None
