"""What people do in a chat, or in the comments under a video or an idea, and what everyone there hears. Pure."""

from realtime import messages, passes
from realtime.channels import desk
from realtime.commands import ChatRetract, ChatSay
from realtime.errors import Refused
from realtime.events import ChatHeld, ChatRetracted, ChatSaid
from realtime.messages import TEXT_LIMIT
from realtime.speaker import Speaker
from realtime.writes import Forget, Put, Speech, Write

KINDS = frozenset({"chat", "video", "idea"})


def say(wish: ChatSay, speaker: Speaker) -> Write:
    """What everyone hears of this message. Raises Refused chat.read_only, chat.empty or chat.too_long."""
    if not speaker.may(passes.SAY, wish.room):
        raise Refused("chat.read_only")
    text = spoken(wish.text)
    visitor, when = speaker.visitor, speaker.when
    said = ChatSaid(user=visitor.user, name=visitor.name, badge=visitor.badge, key=wish.key, text=text, when=when)
    put = speaker.put(wish.room, said)
    item = speaker.item(wish)
    held = Put(desk(wish.room), visitor.user, messages.renamed(put.body, ChatHeld, item=item), f"held:{item}")
    free = speaker.may(passes.MODERATE, wish.room)
    speech = Speech(free=free, text=text, held=held)
    return Write(wish.room, wish.do, speaker.user, wish.key, when, (put,), speech=speech)


def retract(wish: ChatRetract, speaker: Speaker) -> Write:
    """What everyone hears when a message is deleted. Raises Refused chat.read_only."""
    may = speaker.may(passes.MODERATE, wish.room)
    if not may and not speaker.may(passes.SAY, wish.room):
        raise Refused("chat.read_only")
    gone = ChatRetracted(target=wish.target, by=speaker.user, when=speaker.when)
    # An author's own deletion is for good; a moderator's may be a mistake.
    forget = Forget(target=wish.target, epoch=wish.epoch, author=None if may else speaker.user, keep=may)
    puts = (speaker.put(wish.room, gone),)
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, forget=forget)


def spoken(text: str) -> str:
    """A text as it is stored. Raises Refused chat.empty or chat.too_long."""
    text = text.strip()
    if not text:
        raise Refused("chat.empty", field="text")
    if len(text) > TEXT_LIMIT:
        raise Refused("chat.too_long", field="text")
    return text
