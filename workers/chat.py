"""Words promised to a live chat: a promise becomes an event of the room. It never writes to a stream itself.

Repeating it changes nothing: the room knows the key.
"""

from datetime import datetime

from realtime import publish
from workers.outbox import Promise, Tools, Undone


async def say(promise: Promise, tools: Tools) -> None:
    """Say it in the channel's chat, under the name and at the time the promise carries."""
    wish = promise.payload
    try:
        channel, user, when = int(wish["channel"]), int(wish["user"]), datetime.fromisoformat(wish["when"])
        name, badge, key, text = (str(wish[field]) for field in ("name", "badge", "key", "text"))
    except (KeyError, TypeError, ValueError) as wrong:
        raise Undone(f"The promise has no usable {wrong}", for_good=True) from None
    await publish.say_in_chat(
        tools.redis, channel=channel, user=user, name=name, badge=badge, key=key, text=text, when=when
    )
