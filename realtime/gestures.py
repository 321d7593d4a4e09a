"""What people show without writing: reactions, typing, what a moderator looks at. Who may, and what is told. Pure."""

from collections import Counter
from dataclasses import replace

import orjson

from realtime import channels, chat, inbox, passes
from realtime.commands import Gesture, LookAt, React, Type
from realtime.errors import Refused
from realtime.events import Hint, Looker, Looking, Reacted, Somebody, Tally, Typing, Viewers
from realtime.moderation import banned, muted
from realtime.speaker import Look, Speaker

EMOJI = frozenset({"👍", "❤️", "👏", "😂", "🔥", "🎉", "🤔", "😮"})
NAMED = 3  # people of whom it is said that they are typing; the others are a number
CROWDED = 50  # persons in a room; where more are, somebody always types, and it is not told


def show(gesture: Gesture, speaker: Speaker) -> Hint | None:
    """What the others are told of it, if anything. Raises Refused."""
    match gesture:
        case React():
            if gesture.emoji not in EMOJI:
                raise Refused("message.field", field="emoji")
            _check(gesture.room, speaker)
            return Reacted(gesture.room, {gesture.emoji: 1})
        case Type() if gesture.to:
            return _type_to(gesture, speaker)
        case Type():
            _check(gesture.room, speaker)
            if speaker.look(gesture.room, "closed") is not None and not speaker.may(passes.MODERATE, gesture.room):
                raise Refused("chat.read_only")
            return Typing(gesture.room, (Somebody(speaker.user, speaker.visitor.name),), 1)
        case LookAt():
            return _look(gesture, speaker)
        case _:
            raise TypeError(f"nobody decides about {type(gesture).__name__}")


def heard(hint: Hint, look: Look) -> Hint | None:
    """What of a hint is for the room, as who tells its people knows it: they may have blocked somebody who types."""
    if not isinstance(hint, Typing):
        return hint
    who = tuple(one for one in hint.who if look(hint.room, inbox.blocked(one.user)) is None)
    return replace(hint, who=who, count=hint.count - len(hint.who) + len(who)) if who else None


def _type_to(gesture: Type, speaker: Speaker) -> Hint | None:
    """To one person. Nobody can knock at a stranger's door like this, nor learn whether it is open."""
    if gesture.room != channels.inbox(speaker.user):
        raise Refused("room.wrong_kind", field="room")
    if not speaker.may(passes.SAY, gesture.room):
        raise Refused("room.no_right", field="room")
    if speaker.look(gesture.room, inbox.part(gesture.to)) is None:
        return None
    return Typing(channels.inbox(gesture.to), (Somebody(speaker.user, speaker.visitor.name),), 1)


def _look(gesture: LookAt, speaker: Speaker) -> Hint:
    """At a desk, where only moderators are."""
    if not gesture.room.endswith(channels.DESK):
        raise Refused("room.wrong_kind", field="room")
    if not speaker.may(passes.MODERATE, gesture.room):
        raise Refused("room.no_right", field="room")
    item = gesture.item if gesture.on else ""
    return Looking(gesture.room, (Looker(speaker.user, speaker.visitor.name, item),))


def _check(room: str, speaker: Speaker) -> None:
    """Whoever may not be heard in a room does not wave in it either."""
    if channels.kind(room) not in chat.KINDS or room.endswith(channels.DESK):
        raise Refused("room.wrong_kind", field="room")
    if not speaker.may(passes.SAY, room):
        raise Refused("chat.read_only")
    if speaker.look(room, banned(speaker.user)) is not None:
        raise Refused("room.banned", field="room")
    found = speaker.look(room, muted(speaker.user))
    if found is not None:
        left = int(orjson.loads(found)["until"]) - speaker.when
        if left > 0:
            raise Refused("chat.muted", retry_after=left / 1000)


class Gathered:
    """Hints of one room that wait for the next telling: reactions add up, of all else the last word counts.

    Of each that is voted for the last count counts, of each who looks what they look at now.
    Of those who type a few names are kept, and how many they are: each hint counts persons that no other one counts.
    """

    __slots__ = ("_looking", "_reactions", "_tally", "_typing", "_viewers")

    def __init__(self) -> None:
        self._viewers: Viewers | None = None
        self._reactions: Counter[str] = Counter()
        self._typing: Typing | None = None
        self._tally: dict[str, int] = {}
        self._looking: dict[int, Looker] = {}

    def put(self, hint: Hint) -> None:
        """One more."""
        match hint:
            case Viewers():
                self._viewers = hint
            case Reacted():
                self._reactions.update(hint.counts)
            case Typing():
                self._typing = hint if self._typing is None else _together(self._typing, hint)
            case Tally():
                self._tally |= hint.counts
            case Looking():
                self._looking |= {one.user: one for one in hint.who}
            case _:
                raise TypeError(f"nobody knows how to gather {type(hint).__name__}")

    def take(self, room: str) -> list[Hint]:
        """What is to be told of all of them: one hint of a kind. Nothing is left."""
        taken: list[Hint] = []
        if self._viewers is not None:
            taken.append(self._viewers)
        if self._reactions:
            taken.append(Reacted(room, dict(self._reactions)))
        if self._typing is not None:
            taken.append(self._typing)
        if self._tally:
            taken.append(Tally(room, self._tally))
        if self._looking:
            taken.append(Looking(room, tuple(self._looking.values())))
        self._viewers = self._typing = None
        self._reactions.clear()
        self._tally, self._looking = {}, {}
        return taken


def _together(one: Typing, other: Typing) -> Typing:
    known = {each.user for each in one.who}
    new = tuple(each for each in other.who if each.user not in known)
    again = len(other.who) - len(new)  # somebody who types in two tabs, or said it twice
    return Typing(one.room, (*one.who, *new)[:NAMED], one.count + other.count - again)
