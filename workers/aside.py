"""What is for rooms of a server that is away is put aside for a while: it waits alone. It tells nobody anything."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from realtime.engine import Address, Engine

TRIED_AGAIN = 5.0  # seconds; whoever it is about has waited longer than that for the server

T = TypeVar("T")


class Aside(Generic[T]):
    """What is put aside, such as a person or a channel, by the server that its room is on."""

    def __init__(self, redis: Engine, key: Callable[[T], str]) -> None:
        """`key` is one of Redis that belongs to the room of a thing."""
        self._redis = redis
        self._key = key
        self._until: dict[Address | None, float] = {}  # server -> when it is tried again
        self._things: dict[T, Address | None] = {}

    def things(self) -> list[T]:
        """What is aside now."""
        self._try_again()
        self._things = {thing: owner for thing, owner in self._things.items() if owner in self._until}
        return list(self._things)

    def belongs(self, thing: T) -> bool:
        """Whether it is put aside now with others of its server, which was away a moment ago."""
        self._try_again()
        owner = self._redis.owner_of(self._key(thing))
        if owner not in self._until:
            return False
        self._things[thing] = owner
        return True

    def put(self, thing: T, away: Exception) -> None:
        """Its server did not answer. A server that is the only one has none beside it: then `away` is raised."""
        if len(self._redis.masters) <= 1:
            raise away
        owner = self._redis.owner_of(self._key(thing))
        self._until.setdefault(owner, time.monotonic() + TRIED_AGAIN)
        self._things[thing] = owner

    def _try_again(self) -> None:
        """Servers that were away long enough ago may be back."""
        now = time.monotonic()
        self._until = {owner: until for owner, until in self._until.items() if until > now}
