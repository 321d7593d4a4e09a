"""Whether something is to be seen in a room at this moment, for pages on which people vote. It changes nothing."""

import re
from typing import Any

from realtime import channels, questions
from realtime.engine import Engine

MESSAGE = re.compile(r"([0-9A-Za-z-]{1,64}):([1-9][0-9]{0,17})")
SAYS = (b'"is":"chat.said"', b'"said":{')  # a message, or what repeats one


async def is_shown(redis: Engine, room: str, item: str) -> bool:
    """Whether readers of a room have a question of this name, or a message at this `<epoch>:<offset>`, before them."""
    if channels.kind(room) in questions.KINDS:
        return bool(await redis.hexists(channels.state(room), questions.part(item)))
    named = MESSAGE.fullmatch(item)
    if named is None:
        return False
    edited: Any = await redis.hget(channels.copies(room), f"@{named[2]}")  # it keeps its name, and stands elsewhere
    place = f"{(edited or named[2].encode()).decode()}-0"
    life: Any = await redis.hget(channels.meta(room), "epoch")
    found: Any = await redis.xrange(channels.log(room), place, place)
    return any(
        named[1].encode() in (entry[b"x"], life)
        and entry.get(b"t", named[2].encode()) == named[2].encode()
        and any(mark in entry[b"e"] for mark in SAYS)
        for _, entry in found
    )
