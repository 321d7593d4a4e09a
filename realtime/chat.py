"""What people do in a chat, or in the comments under a video or an idea, and what everyone there hears. Pure."""

from collections.abc import Iterator
from dataclasses import replace

import orjson

from realtime import chat_reports, messages, passes, waiting
from realtime.channels import desk
from realtime.commands import ChatEdit, ChatRetract, ChatSay
from realtime.errors import Refused
from realtime.events import ChatEdited, ChatHeld, ChatPinned, ChatRetracted, ChatSaid
from realtime.messages import TEXT_LIMIT
from realtime.speaker import Speaker
from realtime.writes import ANY, Expects, Forget, Put, Speech, Write

KINDS = frozenset({"chat", "video", "idea"})
EDITED_WITHIN = 900  # seconds: a slip is seen at once, and what others answered to shall not become something else
PIN = "pin"  # the part of the room's state that is on top


def say(wish: ChatSay, speaker: Speaker) -> Write:
    """What everyone hears of this message. Raises Refused chat.read_only, chat.empty or chat.too_long."""
    if not speaker.may(passes.SAY, wish.room):
        raise Refused("chat.read_only")
    text = spoken(wish.text)
    visitor, when = speaker.visitor, speaker.when
    said = ChatSaid(user=visitor.user, name=visitor.name, badge=visitor.badge, key=wish.key, text=text, when=when)
    put = speaker.put(wish.room, said)
    item = speaker.item(wish)
    held = messages.renamed(put.body, ChatHeld, item=item)
    at_desk = Put(desk(wish.room), visitor.user, held, waiting.AT_DESK + item)
    free = speaker.may(passes.MODERATE, wish.room)
    speech = Speech(free=free, text=text, held=waiting.begins(at_desk, item, speaker))
    return Write(wish.room, wish.do, speaker.user, wish.key, when, (put,), speech=speech)


def edit(wish: ChatEdit, speaker: Speaker) -> Write:
    """What everyone hears when a message gets another text. Raises Refused chat.read_only, chat.empty or chat.too_long.

    A word of the list holds the new text alone: the old one was let through, and a list shall not take it away.
    """
    if not speaker.may(passes.SAY, wish.room):
        raise Refused("chat.read_only")
    visitor, text = speaker.visitor, spoken(wish.text)
    held = ChatHeld(
        item=_of_new_text(wish, speaker),
        user=visitor.user,
        name=visitor.name,
        badge=visitor.badge,
        key=wish.key,
        text=text,
        when=speaker.when,
        target=wish.target,
        epoch=wish.epoch,
    )
    at_desk = speaker.put(desk(wish.room), held, part=waiting.AT_DESK + held.item)
    free = speaker.may(passes.MODERATE, wish.room)
    speech = Speech(free=free, text=text, held=waiting.begins(at_desk, held.item, speaker))
    puts, forget = edited(held, speaker, wish.room, since=speaker.when - EDITED_WITHIN * 1000)
    overtaken = waiting.if_still(waiting.withdrawn(wish.room, held.item, speaker), ANY)
    puts = (*puts, *overtaken)
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, speech=speech, forget=forget)


def edited(
    new: ChatHeld, speaker: Speaker, room: str, *, since: int = 0, stood: int = 0
) -> tuple[tuple[Put, ...], Forget]:
    """A message gets the text that was wished for it, if it was said since then; so it does where it is pinned."""
    event = ChatEdited(target=new.target, by=new.user, when=speaker.when)
    puts = [speaker.put(room, event, user=new.user)]
    found = speaker.look(room, PIN)
    pin = orjson.loads(found) if found is not None else {}
    if pin.get("target") == new.target:
        pinned = ChatPinned(target=new.target, by=pin["by"], when=pin["when"])
        still = Expects(room, PIN, pin["at"])
        puts.append(replace(speaker.put(room, pinned, part=PIN, user=pin["by"]), only=still))
    return tuple(puts), Forget(new.target, new.epoch, author=new.user, instead=new.text, since=since, stood=stood)


def name_of(room: str, key: str, speaker: Speaker) -> str:
    """The name that a message of theirs has at the desk when it is held."""
    return speaker.item(ChatSay(0, room, key, ""))


def retract(wish: ChatRetract, speaker: Speaker) -> Write:
    """What everyone hears when a message is deleted. Raises Refused chat.read_only."""
    may = speaker.may(passes.MODERATE, wish.room)
    if not may and not speaker.may(passes.SAY, wish.room):
        raise Refused("chat.read_only")
    gone = ChatRetracted(target=wish.target, by=speaker.user, when=speaker.when)
    # An author's own deletion is for good; a moderator's may be a mistake.
    forget = Forget(target=wish.target, epoch=wish.epoch, author=None if may else speaker.user, keep=may)
    puts = (speaker.put(wish.room, gone), *chat_reports.settled(wish.room, speaker, target=wish.target))
    puts = (*puts, *_without_new_text(wish, speaker, any_of_it=may))
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, forget=forget)


def _of_new_text(wish: ChatEdit | ChatRetract, speaker: Speaker) -> str:
    """One message of theirs, one text that waits for it: a newer one takes its place at the desk."""
    return speaker.item(replace(wish, key=f"{wish.epoch}.{wish.target}"))


def _without_new_text(wish: ChatRetract, speaker: Speaker, *, any_of_it: bool) -> Iterator[Put]:
    """A text that waits for a message that is deleted waits for nothing: one's own, or `any_of_it` known here."""
    yield from waiting.if_still(waiting.withdrawn(wish.room, _of_new_text(wish, speaker), speaker), ANY)
    for held in waiting.known(wish.room, speaker) if any_of_it else ():
        if held.get("target") == wish.target and held["user"] != speaker.user:
            yield from waiting.if_still(waiting.settled(wish.room, held, speaker, released=False), held["at"])


def spoken(text: str) -> str:
    """A text as it is stored. Raises Refused chat.empty or chat.too_long."""
    text = text.strip()
    if not text:
        raise Refused("chat.empty", field="text")
    if len(text) > TEXT_LIMIT:
        raise Refused("chat.too_long", field="text")
    return text
