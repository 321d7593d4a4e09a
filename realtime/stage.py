"""What is on in a channel and which polls stand there: parts of the room of its questions. Pure."""

import orjson

from realtime import channels, messages
from realtime.speaker import Look
from realtime.stage_events import ChannelOnAir, PollStands
from realtime.writes import ENDS, Expects, Put, Write

NOW = "now"  # the part of the room's state that says what is on
NOTHING = 0  # where a session stands if there is none
WORKERS = 0  # whose events these are
OPEN, CLOSED, GONE = "open", "closed", "gone"


def on_air(channel: int, session: int, *, key: str, when: int, after: int | None = None) -> Write:
    """Everybody hears what is on; with `after`, if what they were told last is still the event of that offset."""
    room, event = channels.questions(channel), ChannelOnAir(session=session, when=when)
    put = Put(room, WORKERS, messages.event(event), NOW)
    expects = () if after is None else (Expects(room, NOW, after),)
    return Write(room, event.tag, WORKERS, key, when, (put,), expects=expects)


def stands(channel: int, poll: int, status: str, *, key: str, when: int) -> Write:
    """Everybody hears of a poll; one that is gone is a part of nothing."""
    room, event = channels.questions(channel), PollStands(poll=poll, status=status, when=when)
    part = f"{ENDS if status == GONE else ''}poll:{poll}"
    put = Put(room, WORKERS, messages.event(event), part)
    return Write(room, event.tag, WORKERS, key, when, (put,))


def session_of(room: str, look: Look) -> int:
    """What is on in a channel as far as is known here; 0: nothing, or nobody here listens to its room."""
    found = look(room, NOW)
    return int(orjson.loads(found)["session"]) if found is not None else NOTHING
