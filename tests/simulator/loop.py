"""An event loop whose time is made up: it never waits, and does everything in an order that a replay repeats."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Stuck(Exception):
    """Somebody waits for what will never come."""


class Loop(asyncio.BaseEventLoop):
    """asyncio's own loop, but where it would sleep until the next timer, the clock is moved on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.broken: list[str] = []  # what a task or a callback raised
        self._selector = self
        self.set_exception_handler(self._note)

    def time(self) -> float:
        """Seconds since the world began."""
        return self.now

    def select(self, timeout: float | None) -> list[Any]:
        """Called by asyncio in place of a selector's: nothing comes from outside, so the next timer is next."""
        if timeout is None:
            raise Stuck("nothing will ever happen again")
        self.now += timeout
        return []

    def soon(self, delay: float, then: Callable[..., object], *args: Any) -> asyncio.TimerHandle:
        """Do something after so many seconds."""
        return self.call_at(self.now + delay, then, *args)

    def live(self, life: Coroutine[Any, Any, None]) -> None:
        """Run one task to its end, then end all others."""
        try:
            self.run_until_complete(life)
        finally:
            left = sorted(asyncio.all_tasks(self), key=lambda task: task.get_name())
            for task in left:
                task.cancel()
            if left:
                self.run_until_complete(asyncio.wait(left))
            self.close()

    def _process_events(self, event_list: list[Any]) -> None:
        """Called by asyncio."""

    def _note(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self.broken.append(f"{context['message']}: {error!r}")
