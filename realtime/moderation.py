"""What moderators do in a chat, and who hears of it: everybody, the desk, or the workers alone. Pure."""

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import islice

import orjson

from realtime import chat, chat_reports, dropped, waiting, words
from realtime.channels import desk
from realtime.chat import PIN
from realtime.commands import (
    ChatBan,
    ChatClose,
    ChatMute,
    ChatPin,
    ChatPurge,
    ChatRestore,
    ChatSettle,
    ChatSlow,
    ChatUnpin,
    ChatWords,
)
from realtime.errors import Refused
from realtime.events import (
    ChatBanned,
    ChatClosed,
    ChatHeld,
    ChatMuted,
    ChatPinned,
    ChatPurged,
    ChatRestored,
    ChatSaid,
    ChatSlowed,
    ChatUnpinned,
    ChatWorded,
)
from realtime.speaker import Speaker
from realtime.writes import ENDS, OWN, Expects, Forget, Put, Repeat, Write

NOBODY = 0  # somebody in the hall, without an account
LONGEST_SLOW = 3600  # seconds between two messages; more is what read-only is for
LONGEST_MUTE = 7 * 86_400  # seconds; more is a ban
OVER_FOR = 60  # seconds after which a mute that ended by itself leaves the room's state
ENDED_AT_ONCE = 20  # mutes; each is two events, and one act brings few
DROPPED_AT_ONCE = 100  # texts that wait when all of a person goes; each is two events


def purge(wish: ChatPurge, speaker: Speaker) -> Write:
    """Everything of a person goes, also what waits."""
    gone = ChatPurged(user=wish.user, by=speaker.user, when=speaker.when)
    puts = (speaker.put(wish.room, gone), *chat_reports.settled(wish.room, speaker, user=wish.user))
    theirs = (held for held in waiting.known(wish.room, speaker) if held["user"] == wish.user)
    for held in islice(theirs, DROPPED_AT_ONCE):
        puts += waiting.if_still(waiting.settled(wish.room, held, speaker, released=False), held["at"])
    forget = Forget(person=wish.user, keep=True)
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, forget=forget)


def restore(wish: ChatRestore, speaker: Speaker) -> Write:
    """A deleted message comes back."""
    back = ChatRestored(target=wish.target, by=speaker.user, when=speaker.when)
    puts = (speaker.put(wish.room, back),)
    repeat = Repeat(wish.target, restored=True)
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, repeat=repeat)


def pin(wish: ChatPin, speaker: Speaker) -> Write:
    """A message stays on top."""
    pinned = ChatPinned(target=wish.target, by=speaker.user, when=speaker.when)
    puts = (speaker.put(wish.room, pinned, part=PIN),)
    repeat = Repeat(wish.target, restored=False)
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, repeat=repeat)


def unpin(wish: ChatUnpin, speaker: Speaker) -> Write:
    """Nothing stays on top."""
    unpinned = ChatUnpinned(by=speaker.user, when=speaker.when)
    puts = (speaker.put(wish.room, unpinned, part=ENDS + PIN),)
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts)


def slow(wish: ChatSlow, speaker: Speaker) -> Write:
    """Everybody takes their time. Raises Refused message.field."""
    _at_most(wish.seconds, LONGEST_SLOW)
    slowed = ChatSlowed(seconds=wish.seconds, by=speaker.user, when=speaker.when)
    part, value = ("slow", str(wish.seconds)) if wish.seconds else (f"{ENDS}slow", "")
    puts = (speaker.put(wish.room, slowed, part=part, rule=("slow", value)),)
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts)


def close(wish: ChatClose, speaker: Speaker) -> Write:
    """Only moderators write."""
    closed = ChatClosed(on=wish.on, by=speaker.user, when=speaker.when)
    part, value = ("closed", "1") if wish.on else (f"{ENDS}closed", "")
    puts = (speaker.put(wish.room, closed, part=part, rule=("closed", value)),)
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts)


def mute(wish: ChatMute, speaker: Speaker) -> Write:
    """A person reads only, for a while. Raises Refused message.field."""
    _somebody(wish.user)
    _at_most(wish.seconds, LONGEST_MUTE)
    until = speaker.when + wish.seconds * 1000 if wish.seconds else 0
    event = ChatMuted(user=wish.user, until=until, by=speaker.user, when=speaker.when)
    puts = _personal(wish.room, wish.user, speaker, event, "mute", str(until) if until else "")
    # A room has so many parts and no more: mutes that ended by themselves make room for this one.
    for user, at in islice(_outlived(wish, speaker), ENDED_AT_ONCE):
        over = ChatMuted(user=user, until=0, by=speaker.user, when=speaker.when)
        # Somebody may have muted them again, which is not known here yet.
        still = Expects(wish.room, muted(user), at)
        puts += tuple(replace(put, only=still) for put in _personal(wish.room, user, speaker, over, "mute", ""))
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts)


def ban(wish: ChatBan, speaker: Speaker) -> Write:
    """A person is put out. Raises Refused message.field."""
    _somebody(wish.user)
    banned = ChatBanned(user=wish.user, on=wish.on, by=speaker.user, when=speaker.when)
    puts = _personal(wish.room, wish.user, speaker, banned, "ban", "1" if wish.on else "")
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts)


def listen_for(wish: ChatWords, speaker: Speaker) -> Write:
    """A word list; what it holds up is seen at the desk alone."""
    worded = ChatWorded(words=wish.words, hidden=wish.hidden, by=speaker.user, when=speaker.when)
    puts = (speaker.put(desk(wish.room), worded, part="words"),)
    listed = words.beginnings(wish.words, wish.hidden)
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, words=listed)


def settle(wish: ChatSettle, speaker: Speaker) -> Write:
    """A held message, or new text of one, goes into the room under its author's name, or to its author alone.

    The first of two moderators wins.
    """
    at_desk, part = desk(wish.room), waiting.AT_DESK + wish.item
    found = speaker.look(at_desk, part)
    held = orjson.loads(found) if found is not None else None
    if held is None or wish.seen not in (0, held["at"]):
        # Perhaps it was settled by this very wish, whose answer got lost.
        return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, (), refusal="desk.changed")
    puts = waiting.settled(wish.room, held, speaker, released=wish.release)
    forget = None
    if wish.release and held.get("target"):
        new = ChatHeld(**{one.name: held[one.name] for one in fields(ChatHeld)})
        changed, forget = chat.edited(new, speaker, wish.room, stood=held.get("stood", 0))
        puts = (*changed, *puts)
    elif wish.release:
        said = ChatSaid(**{name: held[name] for name in ("user", "name", "badge", "key", "text", "when")})
        puts = (speaker.put(wish.room, said, user=held["user"]), *puts)
    expects = (Expects(at_desk, part, held["at"]),)
    write = Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, expects=expects, forget=forget)
    return write if wish.release else dropped.drop(write, held, speaker)


def banned(user: int) -> str:
    """The part of a room's state that keeps a person out."""
    return f"{OWN}ban:{user}"


def muted(user: int) -> str:
    """The part of a room's state that keeps a person silent; its event says until when."""
    return f"{OWN}mute:{user}"


def _personal(
    room: str, user: int, speaker: Speaker, event: ChatMuted | ChatBanned, rule: str, value: str
) -> tuple[Put, ...]:
    """The workers hear it in the room and act on the person's sockets; the desk sees whom it concerns."""
    name = f"{rule}:{user}"
    ends = "" if value else ENDS
    return (
        speaker.put(room, event, part=f"{ends}{OWN}{name}", rule=(name, value)),
        speaker.put(desk(room), event, part=ends + name),
    )


def _outlived(wish: ChatMute, speaker: Speaker) -> Iterator[tuple[int, int]]:
    """Whose mute in this room ended a while ago, and the offset of its event."""
    for part in speaker.parts(wish.room):
        found = speaker.look(wish.room, part) if part.startswith(muted(0)[:-1]) else None
        if found is not None:
            mute = orjson.loads(found)
            if mute["user"] != wish.user and mute["until"] < speaker.when - OVER_FOR * 1000:
                yield mute["user"], mute["at"]


def _somebody(user: int) -> None:
    """Those without an account share a number, and none of them answers for another."""
    if user == NOBODY:
        raise Refused("message.field", field="user")


def _at_most(seconds: int, most: int) -> None:
    if seconds > most:
        raise Refused("message.field", field="seconds")
