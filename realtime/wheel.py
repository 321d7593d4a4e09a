"""When each socket is to be looked at again: one wheel for all of them instead of a timer each. Pure: told the time."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

SPOKES = 128  # seconds the wheel looks ahead


class Timed(Protocol):
    """Something that stands on the wheel at most once."""

    due: int  # second at which it is looked at; the wheel's to write


T = TypeVar("T", bound=Timed)


class Wheel(Generic[T]):
    """A ring of seconds. Putting, moving and dropping cost the same however many stand on it."""

    def __init__(self, now: int) -> None:
        self.now = now
        self._spokes: list[set[T]] = [set() for _ in range(SPOKES)]

    def put(self, one: T, *, within: int) -> None:
        """Look at it after so many seconds; where it stood before is forgotten."""
        self.drop(one)
        one.due = self.now + min(max(within, 1), SPOKES - 1)
        self._spokes[one.due % SPOKES].add(one)

    def drop(self, one: T) -> None:
        """Never look at it again."""
        self._spokes[one.due % SPOKES].discard(one)

    def turn(self, now: int) -> Iterator[T]:
        """Everything that is due until now, taken off the wheel one by one."""
        while self.now < now:
            self.now += 1
            due = self._spokes[self.now % SPOKES]
            while due:
                yield due.pop()
