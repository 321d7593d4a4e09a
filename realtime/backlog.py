"""Whose bytes wait in this process, and who is cut first when they are too many. Pure: it writes nothing."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from realtime.errors import CLOSED_TOO_SLOW

BUDGET = 256 << 20  # bytes in one worker; some three thousand sockets at their own limit
WEIGHED_EVERY = 64  # sockets that became too slow; each may hold a high mark and a frame, together some 6 MB
MANY = 1000  # times that a socket did not take everything; what waited for fewer is not worth looking for
ROOM_LEFT = 0.9  # of the budget; cutting a tenth at once, not one more for every frame


class Waiting(Protocol):
    """A socket, as far as its unsent bytes go."""

    @property
    def unsent(self) -> int:
        """Bytes that wait."""

    def cut(self, code: int, reason: str) -> None:
        """Hang up without waiting for anything."""


T = TypeVar("T", bound=Waiting)


class Backlog(Generic[T]):
    """The sockets of one worker that have bytes unsent."""

    def __init__(self, budget: int) -> None:
        """`budget` is in bytes, for all of them together."""
        self._budget = budget
        self._slow: set[T] = set()
        self._choked = 0
        self._added = 0

    def add(self, one: T) -> None:
        """It did not take everything."""
        self._slow.add(one)
        self._added += 1

    def drop(self, one: T) -> None:
        """It is gone."""
        self._slow.discard(one)

    def choke(self, one: T) -> None:
        """It passed its own limit; when many did, it is time to weigh them all."""
        self._slow.add(one)
        self._choked += 1
        if self._choked % WEIGHED_EVERY == 0:
            self.weigh()

    def has_emptied(self) -> bool:
        """Whether many sockets had bytes unsent since this was said last, and none has any more."""
        if self._added < MANY or self.biggest():
            return False
        self._added = 0
        return True

    def biggest(self) -> list[tuple[int, T]]:
        """Who has how much unsent, most first."""
        found = [(unsent, one) for unsent, one in self._weighed()]
        found.sort(key=lambda each: -each[0])
        return found

    def weigh(self) -> None:
        """Cut the biggest until the rest is well within the budget."""
        found = self.biggest()
        total = sum(unsent for unsent, _ in found)
        if total <= self._budget:
            return
        for unsent, one in found:
            one.cut(CLOSED_TOO_SLOW, "client.too_slow")
            total -= unsent
            if total <= self._budget * ROOM_LEFT:
                break

    def _weighed(self) -> Iterator[tuple[int, T]]:
        for one in tuple(self._slow):
            unsent = one.unsent
            if unsent:
                yield unsent, one
            else:
                self._slow.discard(one)
