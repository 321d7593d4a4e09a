"""What a chat allows and what everyone in it hears. Pure: no sockets, no Redis, no clock."""

from realtime import passes
from realtime.errors import Refused
from realtime.messages import TEXT_LIMIT, ChatRetract, ChatRetracted, ChatSaid, ChatSay
from realtime.passes import Pass


def say(wish: ChatSay, visitor: Pass, *, now: float) -> ChatSaid:
    """What everyone hears of this message. Raises Refused chat.read_only, chat.empty or chat.too_long."""
    if passes.SAY not in visitor.rooms[wish.room]:
        raise Refused("chat.read_only")
    text = wish.text.strip()
    if not text:
        raise Refused("chat.empty", field="text")
    if len(text) > TEXT_LIMIT:
        raise Refused("chat.too_long", field="text")
    return ChatSaid(
        user=visitor.user,
        name=visitor.name,
        badge=visitor.badge,
        key=wish.key,
        text=text,
        when=_milliseconds(now),
    )


def retract(wish: ChatRetract, visitor: Pass, *, now: float) -> ChatRetracted:
    """What everyone hears when a message is deleted. Raises Refused chat.read_only."""
    if not visitor.rooms[wish.room] & {passes.SAY, passes.MODERATE}:
        raise Refused("chat.read_only")
    return ChatRetracted(target=wish.target, by=visitor.user, when=_milliseconds(now))


def author_only(wish: ChatRetract, visitor: Pass) -> int | None:
    """Whose message the deleted one must be, or None when the visitor may delete anybody's."""
    return None if passes.MODERATE in visitor.rooms[wish.room] else visitor.user


def _milliseconds(now: float) -> int:
    return int(now * 1000)
