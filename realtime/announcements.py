"""What everybody of a conference is told, on every screen, and how it is taken back. Pure."""

from realtime.chat import spoken
from realtime.commands import Announce, Withdraw
from realtime.inbox_events import Announced, Withdrawn
from realtime.speaker import Speaker
from realtime.writes import ENDS, Forget, Write

KINDS = frozenset({"announcements"})


def announce(wish: Announce, speaker: Speaker) -> Write:
    """It stands until it is withdrawn. Raises Refused chat.empty or chat.too_long."""
    item = speaker.item(wish)
    announced = Announced(item=item, text=spoken(wish.text), until=wish.until, by=speaker.user, when=speaker.when)
    puts = (speaker.put(wish.room, announced, part=part(item)),)
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, item=item)


def withdraw(wish: Withdraw, speaker: Speaker) -> Write:
    """It is gone from every screen, and its text from every later read."""
    name = part(wish.item)
    if speaker.look(wish.room, name) is None:
        # Perhaps it was withdrawn by this very wish, whose answer got lost.
        refusal = "desk.no_such_item"
        return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, (), refusal=refusal)
    withdrawn = Withdrawn(item=wish.item, by=speaker.user, when=speaker.when)
    puts = (speaker.put(wish.room, withdrawn, part=ENDS + name),)
    forget = Forget(parts=(name,))
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, forget=forget, item=wish.item)


def part(item: str) -> str:
    """The part of the room's state that an announcement is."""
    return f"a:{item}"
