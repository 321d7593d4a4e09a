"""Questions promised to a channel's moderators, and what becomes of them. It never writes to a stream itself.

Repeating it changes nothing: the room knows the keys.
"""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from realtime import channels, publish
from sql import queries
from workers.outbox import Promise, Tools, Undone

CHANNEL = queries("channel")


async def ask(promise: Promise, tools: Tools) -> None:
    """Ask it under the name and at the time the promise carries, go its steps with it, and count its votes."""
    wish = promise.payload
    try:
        channel, user, when = int(wish["channel"]), int(wish["user"]), datetime.fromisoformat(wish["when"])
        name, badge, key, text = (str(wish[field]) for field in ("name", "badge", "key", "text"))
        moderator, steps = (
            int(wish["moderator"]),
            [(str(verb), str(say), str(into)) for verb, say, into in wish["steps"]],
        )
        voters = [str(one) for one in wish["voters"]]
    except (KeyError, TypeError, ValueError) as wrong:
        raise Undone(f"The promise has no usable {wrong}", for_good=True) from None
    item = await publish.ask(
        tools.redis,
        channel=channel,
        user=user,
        name=name,
        badge=badge,
        text=text,
        anonymous=bool(wish.get("anonymous")),
        key=key,
        when=when,
        secret=tools.settings.secret,
    )
    for number, (verb, say, into) in enumerate(steps):
        await publish.move_question(
            tools.redis,
            channel=channel,
            item=item,
            verb=verb,
            by=moderator,
            key=str(uuid5(NAMESPACE_URL, f"{key}:{number}")),
            when=when,
            text=say,
            into=into,
        )
    for voter in voters:
        await tools.connection.execute(CHANNEL.cast_vote, channels.questions(channel), item, voter)
