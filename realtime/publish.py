"""DOOR: everything another room may say live, one named function each. It checks no rights: the caller did."""

from datetime import datetime

from realtime import channels, log, messages
from realtime.commands import ChatRetract, ChatSay
from realtime.engine import Engine
from realtime.events import ChatRetracted, ChatSaid
from realtime.writes import Forget, Put, Speech, Write


async def say_in_chat(
    redis: Engine, *, channel: int, user: int, name: str, badge: str, key: str, text: str, when: datetime
) -> int:
    """Write in a channel's chat; the message's offset. Repeated with the same user and key it changes nothing.

    Raises redis.exceptions.RedisError when it was not stored.
    """
    room, now = channels.chat(channel), _milliseconds(when)
    said = ChatSaid(user=user, name=name, badge=badge, key=key, text=text, when=now)
    put = Put(room, user, messages.event(said))
    write = Write(room, ChatSay.do, user, key, now, (put,), speech=Speech(free=True, plain=None))
    return (await log.append(redis, write)).offset


async def retract_from_chat(redis: Engine, *, channel: int, target: int, by: int, key: str, when: datetime) -> int:
    """Delete anybody's message from a channel's chat; the retraction's offset, 0 when it was deleted before.

    Raises Refused chat.no_such_message, and redis.exceptions.RedisError when it was not stored.
    """
    room, now = channels.chat(channel), _milliseconds(when)
    gone = ChatRetracted(target=target, by=by, when=now)
    forget = Forget(target=target, keep=True)
    write = Write(room, ChatRetract.do, by, key, now, (Put(room, by, messages.event(gone)),), forget=forget)
    return (await log.append(redis, write)).offset


def _milliseconds(when: datetime) -> int:
    return int(when.timestamp() * 1000)
