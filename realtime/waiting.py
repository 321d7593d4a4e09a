"""What waits for a moderator before others see it: at the desk, and again in the room for its author's pages. Pure.

Both are written in one step, and end in one step. What is in the room is for the workers: they tell each tab of its
author, whenever one comes, and nobody else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import orjson

from realtime.channels import desk, public
from realtime.events import ChatSettled, ChatWithdrawn
from realtime.history import Entry
from realtime.own_events import ChatWaited, WaitingText
from realtime.speaker import Speaker
from realtime.writes import ENDS, OWN, Expects, Put

KEPT = 20  # texts of one person in one room; their pages are not told of more, and moderators see all
DAY = 86_400_000  # milliseconds
NOBODY = 0  # many in the hall, who do not answer for each other
AT_DESK = "held:"  # before the name of what waits: a part of the desk's state


def group(user: int) -> str:
    """What the parts of a room's state begin with that are what waits there of a person."""
    return f"{OWN}{AT_DESK}{user}"


def part(user: int, item: str) -> str:
    """The part of a room's state that is one text of theirs that waits."""
    return f"{group(user)}:{item}"


def unseen(offset: int, when: int) -> float:
    """Where a message that waits is for its author: behind the last event of the room, and in nobody's place."""
    return offset + (when % DAY + 1) / (DAY + 1)


def begins(at_desk: Put, item: str, speaker: Speaker) -> tuple[Put, ...]:
    """What is put when a message has to wait; `at_desk` is what moderators see of it."""
    room, name = public(at_desk.room), part(speaker.user, item)
    full = speaker.look(room, name) is None and len(speaker.group(room, group(speaker.user))) >= KEPT
    if speaker.user == NOBODY or full:
        return (at_desk,)
    return (at_desk, replace(at_desk, room=room, part=name, takes=True))


def settled(room: str, held: dict[str, Any], speaker: Speaker, *, released: bool) -> tuple[Put, ...]:
    """Moderators decided about what waits."""
    event = ChatSettled(item=held["item"], released=released, by=speaker.user, when=speaker.when)
    # What is published is heard by everybody; what was hidden, its author shall not miss.
    return _ends(room, event, held["user"], speaker, quietly=released or held.get("hidden", False))


def withdrawn(room: str, item: str, speaker: Speaker) -> tuple[Put, ...]:
    """Its author does not want this any more."""
    event = ChatWithdrawn(item=item, user=speaker.user, when=speaker.when)
    return _ends(room, event, speaker.user, speaker, quietly=False)


def if_still(ends: tuple[Put, ...], at: int) -> tuple[Put, ...]:
    """The same, unless something else waits at the desk under this name by then, or nothing."""
    still = Expects(ends[0].room, ends[0].part.removeprefix(ENDS), at)
    return tuple(replace(one, only=still) for one in ends)


def known(room: str, speaker: Speaker) -> Iterator[dict[str, Any]]:
    """All that waits at a desk, as far as it is known here."""
    for name in speaker.parts(desk(room)):
        found = speaker.look(desk(room), name) if name.startswith(AT_DESK) else None
        if found is not None:
            yield orjson.loads(found)


def texts(events: Iterable[bytes]) -> tuple[WaitingText, ...]:
    """What such parts of a room's state say, the first of them if there are more than are kept."""
    return tuple(map(_text, islice(events, KEPT)))


def told(entry: Entry) -> tuple[tuple[WaitingText, ...], tuple[str, ...]]:
    """What waits since this event, and what its author is told of that it does not any more."""
    if not entry.part.startswith(ENDS):
        return (_text(entry.event),), ()
    event = orjson.loads(entry.event)
    return (), () if event["quietly"] else (event["item"],)


def _text(event: bytes) -> WaitingText:
    held = orjson.loads(event)
    return WaitingText(
        item=held["item"],
        key=held["key"],
        text=held["text"],
        when=held["when"],
        at=unseen(held["at"], held["when"]),
        held=not held.get("hidden", False),
        target=held.get("target", 0),
    )


def _ends(
    room: str, event: ChatSettled | ChatWithdrawn, user: int, speaker: Speaker, *, quietly: bool
) -> tuple[Put, ...]:
    """At the desk, and in the room; who had more waiting than their pages are told of has nothing there."""
    at_desk = speaker.put(desk(room), event, part=ENDS + AT_DESK + event.item)
    if user == NOBODY:
        return (at_desk,)
    waited = ChatWaited(item=event.item, user=user, quietly=quietly, when=speaker.when)
    return at_desk, replace(speaker.put(room, waited, part=ENDS + part(user, event.item), user=user), takes=True)
