"""What everybody of a conference is told, on every screen, and how it is taken back. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from realtime.chat import spoken
from realtime.commands import Announce, Withdraw
from realtime.errors import Refused
from realtime.inbox_events import Announced, Withdrawn
from realtime.speaker import Speaker
from realtime.writes import ENDS, Expects, Forget, Put, Write

KINDS = frozenset({"announcements"})
PART = "a:"  # before its name: the part of the room's state that an announcement is
# What an announcement says that was made before there were these fields.
UNSAID = {"language": "", "others": {}, "urgent": False, "link": "", "place": {}}


def announce(wish: Announce, speaker: Speaker) -> Write:
    """It stands until its time is over or it is withdrawn; what was over before goes for good.

    Raises Refused chat.empty, chat.too_long, message.field, desk.no_such_item.
    """
    item = speaker.item(wish)
    announced = Announced(
        item=item,
        text=spoken(wish.text),
        language=wish.language,
        others={code: spoken(text) for code, text in wish.others.items()},
        urgent=wish.urgent,
        link=_within(wish.link),
        place=wish.place,
        until=wish.until,
        by=speaker.user,
        when=speaker.when,
    )
    puts = [speaker.put(wish.room, announced, part=part(item))]
    gone = [*_over(wish.room, speaker)]
    expects: tuple[Expects, ...] = ()
    if wish.instead:
        name = part(wish.instead)
        before = speaker.look(wish.room, name)
        if before is None:
            return _too_late(wish, speaker, item)
        puts.append(_withdrawn(wish.room, wish.instead, speaker))
        gone.append(name)
        expects = (Expects(wish.room, name, orjson.loads(before)["at"]),)  # of two who edit it one is told so
    return Write(
        *(wish.room, wish.do, speaker.user, wish.key, speaker.when, tuple(puts)),
        forget=Forget(parts=tuple(dict.fromkeys(gone))) if gone else None,
        expects=expects,
        item=item,
    )


def withdraw(wish: Withdraw, speaker: Speaker) -> Write:
    """It is gone from every screen, and its text from every later read."""
    name = part(wish.item)
    if speaker.look(wish.room, name) is None:
        return _too_late(wish, speaker, wish.item)
    puts = (_withdrawn(wish.room, wish.item, speaker),)
    forget = Forget(parts=(name,))
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, forget=forget, item=wish.item)


def part(item: str) -> str:
    """The part of the room's state that an announcement is."""
    return f"{PART}{item}"


def standing(state: Iterable[bytes], now: int) -> list[Mapping[str, Any]]:
    """What of a room's state stands at a moment (Unix milliseconds): urgent ones first, then the newest."""
    found = [whole(orjson.loads(event)) for event in state]
    stand = [one for one in found if one["is"] == Announced.tag and not _is_over(one, now)]
    return sorted(stand, key=lambda one: (one["urgent"], one["when"]), reverse=True)


def whole(event: Mapping[str, Any]) -> dict[str, Any]:
    """An announcement with every field, also an old one."""
    return UNSAID | dict(event)


def _over(room: str, speaker: Speaker) -> Iterator[str]:
    """The parts that are announcements whose time is over: newcomers are not told of them any more."""
    for name in speaker.parts(room):
        event = speaker.look(room, name) if name.startswith(PART) else None
        if event is not None and _is_over(orjson.loads(event), speaker.when):
            yield name


def _is_over(announced: Mapping[str, Any], now: int) -> bool:
    return 0 < int(announced["until"]) <= now


def _withdrawn(room: str, item: str, speaker: Speaker) -> Put:
    return speaker.put(room, Withdrawn(item=item, by=speaker.user, when=speaker.when), part=ENDS + part(item))


def _within(link: str) -> str:
    """An address within the site. Raises Refused message.field."""
    # Browsers leave out tabs and line ends and read a backslash as a slash: `/\t/elsewhere` leads away.
    strange = "\\" in link or not link.isprintable()
    if link and (strange or not link.startswith("/") or link.startswith("//")):
        raise Refused("message.field", field="link")
    return link


def _too_late(wish: Announce | Withdraw, speaker: Speaker, item: str) -> Write:
    """There is nothing to withdraw. Perhaps this very wish did it, and its answer got lost."""
    refusal = "desk.no_such_item"
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, (), refusal=refusal, item=item)
