"""One room that somebody in this process listens to: who, how far they are, and what is known. It does nothing."""

import asyncio
from typing import Protocol

from realtime.events import Hint
from realtime.gestures import Gathered
from realtime.history import Entry, History


class Listener(Protocol):
    """A socket, as far as the hub cares."""

    @property
    def person(self) -> int | None:
        """Who is counted as being here; None: nobody, for this is a service."""

    def deliver(self, frame: bytes) -> bool:
        """Write a frame; False when the socket is too slow now, and took nothing."""


class Room:
    """One room that somebody here listens to."""

    __slots__ = ("behind", "busy", "doubted", "empty_since", "held", "hints", "history", "listeners", "viewers")

    def __init__(self, name: str) -> None:
        self.history = History(name)
        self.listeners: set[Listener] = set()
        self.behind: dict[Listener, int] = {}  # slow ones: the last offset they have
        self.busy: asyncio.Task[None] | None = None  # while the log is read, what is heard waits in `held`
        self.held: list[tuple[str, Entry]] = []
        self.doubted = False  # something may have been missed while the log was read
        self.empty_since = 0.0
        self.hints: Gathered | None = None  # what is to be told besides events
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
