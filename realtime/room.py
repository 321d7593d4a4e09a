"""One room that somebody in this process listens to: who, how far they are, and what is known. It does nothing."""

import asyncio
from abc import ABC, abstractmethod

from realtime.deflate import NO_LINK, Chain
from realtime.events import Hint
from realtime.gestures import Gathered
from realtime.history import Entry, History


class Listener(ABC):
    """A socket, as far as the hub cares."""

    __slots__ = ("deflates", "fd", "link")

    def __init__(self) -> None:
        self.deflates = False  # whether it takes compressed frames
        self.link = NO_LINK  # the last compressed frame it took
        self.fd = -1  # its descriptor while nothing waits to be written, so that it may be written to directly

    @property
    def person(self) -> int | None:
        """Who is counted as being here; None: nobody, for this is a service."""
        return None

    @abstractmethod
    def deliver(self, frame: bytes) -> bool:
        """Write a frame; False when the socket is too slow now, and took nothing."""

    def deliver_rest(self, rest: memoryview) -> None:
        """Write the rest of a frame of which a part was written to the descriptor."""
        raise NotImplementedError  # asked only of those who name a descriptor


class Room:
    """One room that somebody here listens to."""

    __slots__ = (
        "behind",
        "busy",
        "chain",
        "doubted",
        "empty_since",
        "grew",
        "held",
        "hints",
        "history",
        "listeners",
        "tally_at",
        "viewers",
    )

    def __init__(self, name: str) -> None:
        self.history = History(name)
        self.listeners: set[Listener] = set()
        self.behind: dict[Listener, int] = {}  # slow ones: the last offset they have
        self.chain: Chain | None = None  # its compressed frames, once somebody takes such
        self.busy: asyncio.Task[None] | None = None  # while the log is read, what is heard waits in `held`
        self.held: list[tuple[str, Entry]] = []
        self.doubted = False  # something may have been missed while the log was read
        self.empty_since = 0.0
        self.grew = asyncio.Event()  # for a moment, whenever more of the log is known
        self.hints: Gathered | None = None  # what is to be told besides events
        self.tally_at = 0.0  # loop time of the last telling of counts, or of the one that is planned
        self.viewers: int | None = None  # persons, at all workers together; None: nobody has counted

    def admit(self, listener: Listener) -> None:
        """Whoever was answered hears what comes next."""
        self.listeners.add(listener)
        self.behind.pop(listener, None)

    def hint(self, hint: Hint) -> None:
        """To be told with the next events, or alone."""
        if self.hints is None:
            self.hints = Gathered()
        self.hints.put(hint)

    def take_hints(self) -> list[Hint]:
        """What is to be told besides events; from now on it counts as told."""
        hints, self.hints = self.hints, None
        return hints.take(self.history.room) if hints is not None else []
