"""What a chat allows and what everyone in it hears. Pure: no sockets, no Redis, no clock."""

from realtime import messages, passes
from realtime.commands import ChatRetract, ChatSay
from realtime.errors import Refused
from realtime.events import ChatRetracted, ChatSaid
from realtime.messages import TEXT_LIMIT
from realtime.passes import Pass
from realtime.writes import Forget, Put, Speech, Write


def say(wish: ChatSay, visitor: Pass, *, now: float) -> Write:
    """What everyone hears of this message. Raises Refused chat.read_only, chat.empty or chat.too_long."""
    rights = visitor.rooms[wish.room]
    if passes.SAY not in rights:
        raise Refused("chat.read_only")
    text = wish.text.strip()
    if not text:
        raise Refused("chat.empty", field="text")
    if len(text) > TEXT_LIMIT:
        raise Refused("chat.too_long", field="text")
    when = _milliseconds(now)
    said = ChatSaid(user=visitor.user, name=visitor.name, badge=visitor.badge, key=wish.key, text=text, when=when)
    put = Put(wish.room, visitor.user, messages.event(said))
    speech = Speech(free=passes.MODERATE in rights, plain=None)
    return Write(wish.room, wish.do, visitor.user, wish.key, when, (put,), speech=speech)


def retract(wish: ChatRetract, visitor: Pass, *, now: float) -> Write:
    """What everyone hears when a message is deleted. Raises Refused chat.read_only."""
    rights = visitor.rooms[wish.room]
    if not rights & {passes.SAY, passes.MODERATE}:
        raise Refused("chat.read_only")
    when = _milliseconds(now)
    gone = ChatRetracted(target=wish.target, by=visitor.user, when=when)
    # An author's own deletion is for good; a moderator's may be a mistake.
    may = passes.MODERATE in rights
    forget = Forget(target=wish.target, epoch=wish.epoch, author=None if may else visitor.user, keep=may)
    put = Put(wish.room, visitor.user, messages.event(gone))
    return Write(wish.room, wish.do, visitor.user, wish.key, when, (put,), forget=forget)


def _milliseconds(now: float) -> int:
    return int(now * 1000)
