"""One room that somebody in this process listens to: who, how far they are, and what is known. It does nothing."""

import asyncio
from typing import Protocol

from realtime.history import Entry, History


class Listener(Protocol):
    """A socket, as far as the hub cares."""

    def deliver(self, frame: bytes) -> bool:
        """Write a frame; False when the socket is too slow now, and took nothing."""


class Room:
    """One room that somebody here listens to."""

    __slots__ = ("behind", "busy", "doubted", "empty_since", "held", "history", "listeners")

    def __init__(self, name: str) -> None:
        self.history = History(name)
        self.listeners: set[Listener] = set()
        self.behind: dict[Listener, int] = {}  # slow ones: the last offset they have
        self.busy: asyncio.Task[None] | None = None  # while the log is read, what is heard waits in `held`
        self.held: list[tuple[str, Entry]] = []
        self.doubted = False  # something may have been missed while the log was read
        self.empty_since = 0.0

    def admit(self, listener: Listener) -> None:
        """Whoever was answered hears what comes next."""
        self.listeners.add(listener)
        self.behind.pop(listener, None)
