"""What a hub needs of what listens for it: tail.py, or the memory of one process in tests. It does nothing."""

from typing import Protocol


class Ear(Protocol):
    """What listens to channels: tail.py, or the memory of one process."""

    async def subscribe(self, channel: str) -> None:
        """Listen to a channel; returns when it is sure. Raises TimeoutError when Redis is away."""

    def unsubscribe(self, channel: str) -> None:
        """Listen to a channel no longer."""

    def alive(self, now: float) -> bool:
        """Whether Redis was heard lately; `now` is the loop's time."""

    def deaf(self, now: float) -> list[str]:
        """Which of several servers were not."""

    async def run(self) -> None:
        """Listen until cancelled."""
