"""What people tell the moderators of a chat about a message, and how that is settled. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import orjson

from realtime import passes
from realtime.channels import desk
from realtime.commands import ChatDismiss, ChatReport
from realtime.errors import Refused
from realtime.events import ChatDismissed, ChatReported
from realtime.speaker import Speaker
from realtime.writes import ENDS, Expects, Put, Ration, Repeat, Speech, Write

REASON_LIMIT = 500  # characters
SETTLED_AT_ONCE = 100  # reports of one message or person; each is an event, and one act brings few
REPORTED = Ration(most=30, seconds=3600)  # however many sockets they have; more is a game
REPORT = "report:"  # before the name of a report: a part of the desk's state


def report(wish: ChatReport, speaker: Speaker) -> Write:
    """Moderators see the message and why. Whoever may not speak does not report. Raises Refused chat.read_only ..."""
    if not speaker.may(passes.SAY, wish.room):
        raise Refused("chat.read_only")
    reason = wish.text.strip()
    if len(reason) > REASON_LIMIT:
        raise Refused("chat.too_long", field="text")
    # One message, one report of a person, whatever key it comes with.
    once = replace(wish, key=f"{wish.epoch}.{wish.target}")
    item = speaker.item(once)
    reported = ChatReported(item=item, target=wish.target, user=speaker.user, reason=reason, when=speaker.when)
    puts = (speaker.put(desk(wish.room), reported, part=REPORT + item),)
    repeat = Repeat(wish.target, restored=False, epoch=wish.epoch)
    speech = Speech(free=True, text=None)
    write = Write(wish.room, wish.do, speaker.user, once.key, speaker.when, puts, speech=speech, repeat=repeat)
    return replace(write, item=item, ration=REPORTED)


def dismiss(wish: ChatDismiss, speaker: Speaker) -> Write:
    """Every report of the same message is settled. The first of two moderators wins."""
    at_desk, part = desk(wish.room), REPORT + wish.item
    found = speaker.look(at_desk, part)
    if found is None:
        # Perhaps it was settled by this very wish, whose answer got lost.
        return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, (), refusal="desk.changed")
    event = orjson.loads(found)
    dismissed = ChatDismissed(item=wish.item, by=speaker.user, when=speaker.when)
    others = settled(wish.room, speaker, target=event["target"], but=wish.item)
    puts = (speaker.put(at_desk, dismissed, part=ENDS + part), *others)
    expects = (Expects(at_desk, part, event["at"]),)
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, expects=expects)


def settled(room: str, speaker: Speaker, *, target: int = 0, user: int = 0, but: str = "") -> tuple[Put, ...]:
    """The end of every report that is known here of one message, or of all that a person wrote."""
    found = (one for one in _all(room, speaker) if one["item"] != but)
    these = (one for one in found if (user and one["said"]["user"] == user) or (target and one["target"] == target))
    return tuple(_settled(room, speaker, one["item"], one["at"]) for one in islice(these, SETTLED_AT_ONCE))


def _settled(room: str, speaker: Speaker, item: str, at: int) -> Put:
    at_desk, part = desk(room), REPORT + item
    dismissed = ChatDismissed(item=item, by=speaker.user, when=speaker.when)
    return replace(speaker.put(at_desk, dismissed, part=ENDS + part), only=Expects(at_desk, part, at))


def _all(room: str, speaker: Speaker) -> Iterator[dict[str, Any]]:
    for part in speaker.parts(desk(room)):
        found = speaker.look(desk(room), part) if part.startswith(REPORT) else None
        if found is not None:
            yield orjson.loads(found)
