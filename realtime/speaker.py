"""Who asks for something, when, and what is known of the room: what every kind of room decides by. Pure."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from realtime import messages
from realtime.commands import Act
from realtime.events import Event
from realtime.passes import Pass
from realtime.writes import Put

Look = Callable[[str, str], bytes | None]  # room, part of its state -> the event that is this part now, as JSON
Parts = Callable[[str], Iterable[str]]  # room -> the parts of its state, as far as they are known
Group = Callable[[str, str], Sequence[bytes]]  # room, beginning of parts that are one person's -> their events


def unknown(room: str) -> Iterable[str]:
    """The parts of a room of whose state nothing is known but what is looked for."""
    return ()


def nothing(room: str, group: str) -> Sequence[bytes]:
    """The same of a room of which only that is known that is looked for."""
    return ()


@dataclass(frozen=True, slots=True)
class Speaker:
    """One visitor at one moment."""

    visitor: Pass
    now: float  # Unix seconds
    look: Look
    secret: str
    parts: Parts = unknown
    group: Group = nothing

    @property
    def user(self) -> int:
        """Their number."""
        return self.visitor.user

    @property
    def when(self) -> int:
        """Unix milliseconds."""
        return int(self.now * 1000)

    def may(self, right: str, room: str) -> bool:
        """Whether their pass has a right in a room."""
        return right in (self.visitor.rights(room) or ())

    def put(
        self, room: str, event: Event, *, part: str = "", rule: tuple[str, str] | None = None, user: int | None = None
    ) -> Put:
        """An event of theirs, or of another `user`, for a room."""
        return Put(room, self.user if user is None else user, messages.event(event), part, rule)

    def item(self, wish: Act) -> str:
        """A name for what this wish brings about: the same for a resend, and saying nothing about the person."""
        seed = f"{wish.room} {self.user} {wish.key}".encode()
        return hashlib.blake2b(seed, key=hashlib.sha256(self.secret.encode()).digest(), digest_size=8).hexdigest()
