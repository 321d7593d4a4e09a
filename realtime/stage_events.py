"""What is told of a channel's stage, in the room of its questions. Pure: stage.py makes it, publish.py tells it."""

from dataclasses import dataclass
from typing import ClassVar

from realtime.events import Event


@dataclass(frozen=True, slots=True)
class ChannelOnAir(Event):
    """This session is on from now on, by the clock or by hand; 0: nothing is."""

    tag: ClassVar[str] = "channel.on_air"
    session: int
    when: int  # Unix milliseconds


@dataclass(frozen=True, slots=True)
class PollStands(Event):
    """A poll is `open`, `closed`, or `gone`: forget it then. What it asks and how it ended, a page tells."""

    tag: ClassVar[str] = "poll.stands"
    poll: int
    status: str
    when: int  # Unix milliseconds


STAGE: tuple[type[Event], ...] = (ChannelOnAir, PollStands)
