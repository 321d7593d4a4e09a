"""Word lists promised to live rooms: every chat and desk of a conference hears the list as it is now. It keeps none.

Repeating it changes nothing but the moment it was said.
"""

from uuid import NAMESPACE_OID, uuid5

from realtime import channels, publish
from sql import queries
from workers.outbox import Promise, Tools, Undone

MODERATION = queries("moderation")


async def tell(promise: Promise, tools: Tools) -> None:
    """Say the list in the chat and among the questions of every channel."""
    try:
        conference, by = int(promise.payload["conference_id"]), int(promise.payload["by"])
    except (KeyError, TypeError, ValueError) as wrong:
        raise Undone(f"The promise has no usable {wrong}", for_good=True) from None
    rows = await tools.connection.fetch(MODERATION.words, conference)
    hold, hide = (tuple(row["stem"] for row in rows if row["act"] == act) for act in ("hold", "hide"))
    numbers = [row["id"] for row in await tools.connection.fetch(MODERATION.all_channels, conference)]
    for number in numbers:
        for room in (channels.chat(number), channels.questions(number)):
            await publish.words(
                tools.redis,
                room=room,
                hold=hold,
                hide=hide,
                by=by,
                key=str(uuid5(NAMESPACE_OID, f"words:{promise.id}:{room}")),
                when=promise.made_at,
            )
