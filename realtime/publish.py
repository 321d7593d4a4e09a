"""DOOR: everything another room may say live, one named function each. It checks no rights: the caller did."""

from datetime import datetime

from redis.asyncio import Redis

from realtime import channels, log, messages
from realtime.log import Write
from realtime.messages import ChatRetracted, ChatSaid


async def say_in_chat(
    redis: Redis, *, channel: int, user: int, name: str, badge: str, key: str, text: str, when: datetime
) -> int:
    """Write in a channel's chat; the message's offset. Repeated with the same user and key it changes nothing.

    Raises redis.exceptions.RedisError when it was not stored.
    """
    said = ChatSaid(user=user, name=name, badge=badge, key=key, text=text, when=_milliseconds(when))
    placed = await log.append(redis, Write(channels.chat(channel), user, key, messages.event(said)))
    return placed.offset


async def retract_from_chat(redis: Redis, *, channel: int, target: int, by: int, key: str, when: datetime) -> int:
    """Delete anybody's message from a channel's chat; the retraction's offset, 0 when it was deleted before.

    Raises Refused chat.no_such_message, and redis.exceptions.RedisError when it was not stored.
    """
    gone = ChatRetracted(target=target, by=by, when=_milliseconds(when))
    placed = await log.append(redis, Write(channels.chat(channel), by, key, messages.event(gone), target=target))
    return placed.offset


def _milliseconds(when: datetime) -> int:
    return int(when.timestamp() * 1000)
