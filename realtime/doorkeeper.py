"""Acts on live sockets at once when something was decided about people. It decides nothing itself."""

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

import orjson

from realtime import channels, dropped, passes, waiting
from realtime.errors import CLOSED_PASS
from realtime.events import Closed, Muted, Notice
from realtime.history import Entry
from realtime.own_events import Dropped, Waits
from realtime.writes import ENDS, OWN

DECIDED = frozenset({"ban", "mute", "dropped", "held"})  # about a person whose number follows


class Guest(Protocol):
    """A visitor's socket, as far as this matters."""

    @property
    def user(self) -> int | None:
        """Who they are; None before the hello."""

    @property
    def issued(self) -> float:
        """When their pass was issued; Unix seconds."""

    @property
    def subjects(self) -> Sequence[str]:
        """What their pass ends with; nothing before the hello."""

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

    def heard(self, room: str, entries: Sequence[Entry]) -> None:
        """Events for the workers alone: each is now, or ends, a part of the room's state.

        They are rare, so nobody keeps an index of persons for them: all visitors are looked at, once for all of them.
        """
        if room == channels.PASSES:
            self._end_passes(entries)
        else:
            self._moderate(room, entries)

    def _end_passes(self, entries: Sequence[Entry]) -> None:
        # Another version of this program may have kept other parts there.
        over = {one.part: passes.standing(one.event) for one in entries if one.part.startswith(passes.GROUP)}
        named = frozenset[str]().union(*(one.people for one in over.values()))
        everybody = any(one.everybody for one in over.values())
        for guest in tuple(self._guests):
            if not everybody and named.isdisjoint(guest.subjects):
                continue
            for subject in guest.subjects:
                revoked = over.get(passes.group(subject))
                if revoked is not None and passes.ends(revoked, subject, guest.issued):
                    guest.close(CLOSED_PASS, "pass.revoked")
                    break

    def _moderate(self, room: str, entries: Sequence[Entry]) -> None:
        # Another version of this program may keep other parts here.
        decided = [(entry, what, int(user)) for entry in entries for what, user in [_named(entry)] if what in DECIDED]
        concerned: dict[int, list[Guest]] = {user: [] for _, _, user in decided}
        for guest in self._guests:
            if guest.user in concerned:
                concerned[guest.user].append(guest)
        for entry, what, user in decided:
            event = None if entry.part.startswith(ENDS) else entry.event
            match what:
                case "ban" if event is not None:
                    _expel(concerned[user], room)
                case "mute":
                    _tell(concerned[user], Muted(room, int(orjson.loads(event)["until"]) if event is not None else 0))
                case "dropped":
                    _tell(concerned[user], Dropped(room, dropped.texts(event)))
                case "held" if any(told := waiting.told(entry)):
                    _tell(concerned[user], Waits(room, *told))


def _named(entry: Entry) -> tuple[str, str]:
    """What was decided, and about whom; behind a comma, what else ended with it; behind the person, a name."""
    what, _, user = entry.part.partition(",")[0].removeprefix(ENDS).removeprefix(OWN).partition(":")
    return what, user.partition(":")[0]


def _tell(guests: Iterable[Guest], notice: Notice) -> None:
    for guest in guests:
        guest.tell(notice)


def _expel(guests: Iterable[Guest], room: str) -> None:
    """Out of the room and out of its desk."""
    for guest in guests:
        for one in (room, channels.desk(room)):
            guest.expel(one)
        guest.tell(Closed(room, "room.banned"))
