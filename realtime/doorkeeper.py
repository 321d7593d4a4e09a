"""Acts on live sockets at once when something was decided about a person. It decides nothing itself."""

from collections.abc import Collection, Iterable
from typing import Protocol

import orjson

from realtime import channels
from realtime.errors import CLOSED_PASS
from realtime.events import Closed, Muted, Notice
from realtime.history import Entry
from realtime.writes import ENDS, OWN


class Guest(Protocol):
    """A visitor's socket, as far as this matters."""

    @property
    def user(self) -> int | None:
        """Who they are; None before the hello."""

    @property
    def issued(self) -> float:
        """When their pass was issued; Unix seconds."""

    def tell(self, notice: Notice) -> None:
        """Tell them something; a socket that is too slow for it misses it."""

    def expel(self, room: str) -> None:
        """Let them listen to a room no longer."""

    def close(self, code: int, reason: str) -> None:
        """Say good-bye."""


class Doorkeeper:
    """Knows every visitor of one worker."""

    def __init__(self, guests: Collection[Guest]) -> None:
        self._guests = guests

    def heard(self, room: str, entry: Entry) -> None:
        """An event for the workers alone: it is now, or ends, a part of the room's state."""
        ends = entry.part.startswith(ENDS)
        what, _, user = entry.part.removeprefix(ENDS).removeprefix(OWN).partition(":")
        # Rare, so nobody keeps an index of persons for it.
        concerned = [guest for guest in self._guests if guest.user == int(user)]
        if not concerned:
            return
        match what:
            case "ban" if not ends:
                _expel(concerned, room)
            case "mute":
                until = 0 if ends else int(orjson.loads(entry.event)["until"])
                for guest in concerned:
                    guest.tell(Muted(room, until))
            case "revoked" if room == channels.PASSES and not ends:
                before = float(orjson.loads(entry.event)["before"])
                for guest in concerned:
                    if guest.issued <= before:
                        guest.close(CLOSED_PASS, "pass.revoked")


def _expel(guests: Iterable[Guest], room: str) -> None:
    """Out of the room and out of its desk."""
    for guest in guests:
        for one in (room, channels.desk(room)):
            guest.expel(one)
        guest.tell(Closed(room, "room.banned"))
