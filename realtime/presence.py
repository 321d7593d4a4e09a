"""Who is where through one worker, and what of it Redis has to be told. Pure: viewers.py tells it.

A person with three tabs in a room is one person here; the same person at two workers is one in Redis (viewers.lua).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from realtime import channels

# A channel's people are counted in its chat, those of its questions are the same; at a desk nobody is to be seen.
COUNTED = frozenset({"chat", "video", "idea", "announcements"})
CONFIRMED_EVERY = 2.0  # seconds in which a worker shows that it still holds its people; a few calls for all rooms


def crowd_of(room: str) -> str | None:
    """Under which name those in a room are counted: its own; for inboxes, who is online; None: not at all."""
    kind = channels.kind(room)
    if kind == "inbox":
        return channels.online(channels.number(room))
    return room if kind in COUNTED and not room.endswith(channels.DESK) else None


@dataclass(frozen=True, slots=True)
class Report:
    """What changed in one crowd. `size` persons are there now; `whole`: `came` is all of them, whatever was known."""

    crowd: str
    came: Sequence[int]
    left: Sequence[int]
    size: int
    whole: bool


@dataclass(slots=True)
class _Held:
    """One crowd."""

    sockets: dict[int, int] = field(default_factory=dict)  # person -> sockets
    before: dict[int, bool] = field(
        default_factory=dict
    )  # person who moved -> whether they were here at the last report
    whole: bool = True
    confirmed: float = 0.0


class Crowds:
    """Every crowd of one worker."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}

    def came(self, crowd: str, person: int) -> None:
        """One socket of a person came in."""
        held = self._held.get(crowd)
        if held is None:
            held = self._held[crowd] = _Held()
        sockets = held.sockets.get(person, 0)
        if not sockets:
            held.before.setdefault(person, False)
        held.sockets[person] = sockets + 1

    def left(self, crowd: str, person: int) -> None:
        """One socket of a person went out; it must have come in."""
        held = self._held[crowd]
        if held.sockets[person] > 1:
            held.sockets[person] -= 1
        else:
            held.before.setdefault(person, True)
            del held.sockets[person]

    def due(self, now: float) -> list[Report]:
        """What is to be told now; it counts as told, unless `failed` says otherwise."""
        return [
            self._report(crowd, held, now)
            for crowd, held in list(self._held.items())
            if held.before or now - held.confirmed >= CONFIRMED_EVERY
        ]

    def failed(self, crowd: str) -> None:
        """Nobody knows what Redis knows of a crowd: next time it is told everything."""
        self._held.setdefault(crowd, _Held()).whole = True

    def _report(self, crowd: str, held: _Held, now: float) -> Report:
        here, whole = held.sockets, held.whole
        came = list(here) if whole else [one for one, was in held.before.items() if not was and one in here]
        left = [] if whole else [one for one, was in held.before.items() if was and one not in here]
        held.before, held.whole, held.confirmed = {}, False, now
        if not here:
            del self._held[crowd]
        return Report(crowd, came, left, len(here), whole)
