"""What moderators did not publish, and what its author takes back before they decide. Pure.

Its author alone is told, with the text, in every tab and after every reload, until they let it go: a part of the room's
state that is for the workers says what there is of each person, whole. Whoever hides a message from everybody but its
author tells them nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import orjson

from realtime import chat, passes, waiting
from realtime.channels import desk
from realtime.commands import ChatDiscard, ChatWithdraw
from realtime.errors import Refused
from realtime.own_events import ChatDropped, DroppedText
from realtime.speaker import Speaker
from realtime.writes import ANY, ENDS, OWN, Expects, Forget, Put, Write

KEPT = 10  # texts of one person in one room; an older one makes room
LASTS = 30 * 86_400_000  # milliseconds; who did not come back in a month makes room
ENDED_AT_ONCE = 20  # persons whose texts make room; one act brings one
NOBODY = 0  # many in the hall, who do not answer for each other


def part(user: int) -> str:
    """The part of a room's state that is what moderators did not publish of a person."""
    return f"{OWN}dropped:{user}"


def texts(event: bytes | None) -> tuple[DroppedText, ...]:
    """What such a part says."""
    return () if event is None else tuple(DroppedText(**one) for one in orjson.loads(event)["texts"])


def drop(wish: Write, held: dict[str, Any], speaker: Speaker) -> Write:
    """The write that settles a held message, and has its author told of it, if they are to notice."""
    if held["user"] == NOBODY or held.get("hidden"):
        return wish
    new = DroppedText(
        item=held["item"],
        key=held["key"],
        text=held["text"],
        when=held["when"],
        target=held.get("target", 0),
    )
    before = texts(speaker.look(wish.room, part(held["user"])))
    others = [one for one in before if one.item != new.item]
    write = _with(wish, held["user"], [*others, new][-KEPT:], speaker)
    old = tuple(islice(_old(wish.room, speaker, but=part(held["user"])), ENDED_AT_ONCE))
    return replace(write, forget=Forget(parts=(part(held["user"]), *old)))


def discard(wish: ChatDiscard, speaker: Speaker) -> Write:
    """Its author needs it no longer."""
    before = texts(speaker.look(wish.room, part(speaker.user)))
    left = [one for one in before if one.item != wish.item]
    if left == list(before):
        # Perhaps it was let go by this very wish, whose answer got lost, or in another tab.
        return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, (), refusal="desk.no_such_item")
    return _with(Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, ()), speaker.user, left, speaker)


def withdraw(wish: ChatWithdraw, speaker: Speaker) -> Write:
    """An own message that waits for a moderator is not to be published any more. Raises Refused chat.read_only."""
    if not speaker.may(passes.SAY, wish.room):
        raise Refused("chat.read_only")
    item = chat.name_of(wish.room, wish.said, speaker)
    at_desk, *here = waiting.withdrawn(wish.room, item, speaker)
    waits = Expects(desk(wish.room), waiting.AT_DESK + item, ANY)
    own = waiting.part(speaker.user, item)
    if speaker.look(wish.room, own) is not None:
        # Another version of this program may have ended it at the desk alone.
        at_desk, waits = replace(at_desk, only=waits), Expects(wish.room, own, ANY)
    # Whoever took it back may look at once: what is in the room comes first, and is known here when it is answered.
    puts = (*here, at_desk)
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, expects=(waits,))


def _old(room: str, speaker: Speaker, *, but: str) -> Iterator[str]:
    """The parts of a room's state that are others', who did not come for long."""
    for name in speaker.parts(room):
        event = speaker.look(room, name) if name.startswith(f"{OWN}dropped:") and name != but else None
        if event is not None and orjson.loads(event)["when"] < speaker.when - LASTS:
            yield name


def _with(write: Write, user: int, left: Iterable[DroppedText], speaker: Speaker) -> Write:
    """The same, and this is left of a person; what there was goes from the log."""
    name, now = part(user), tuple(left)
    found = speaker.look(write.room, name)
    told = ChatDropped(user=user, texts=now, when=speaker.when)
    put: Put = speaker.put(write.room, told, part=name if now else ENDS + name, user=user)
    still = Expects(write.room, name, orjson.loads(found)["at"] if found is not None else 0)
    return replace(write, puts=(put, *write.puts), expects=(*write.expects, still), forget=Forget(parts=(name,)))
