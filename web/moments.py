"""What many readers ask for at once is asked for once, and known for a moment. It knows nothing of what it keeps.

Each process remembers for itself, so an answer is a second old at most wherever it is read. Whoever has just changed
something, or runs the conference, asks `anew`: for an answer that was begun after they came. These are shared, too, so
that a thousand votes cast together are counted a few times and not a thousand.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

KEPT_FOR = timedelta(seconds=1)
APART = 10  # times that something is asked anew in that time, at most; whoever comes sooner waits for the next time
MOST = 500  # answers; a channel of a conference needs about ten

T = TypeVar("T")


class Moments:
    """Answers by key. What was not asked for longest is forgotten first."""

    def __init__(self, clock: Callable[[], datetime], *, kept_for: timedelta = KEPT_FOR, most: int = MOST) -> None:
        self._clock = clock
        self._kept_for = kept_for
        self._most = most
        self._known: dict[Hashable, _Answer] = {}

    def __len__(self) -> int:
        """How many answers are known."""
        return len(self._known)

    async def of(self, key: Hashable, ask: Callable[[], Awaitable[T]], *, anew: bool = False) -> T:
        """What `ask` answers, or answered a moment ago. Many share it: nobody may change it.

        Raises what `ask` raises, to everybody who waited for it.
        """
        answer = self._known.pop(key, None) or _Answer()
        self._known[key] = answer
        while len(self._known) > self._most:
            del self._known[next(iter(self._known))]
        if not anew and self._is_young(answer):
            return answer.value  # type: ignore[no-any-return]  # a key has one kind of answer
        before = answer.begun if anew else answer.done
        async with answer.turn:
            if answer.done > before:  # while this one waited
                if answer.failure is not None:
                    raise answer.failure.with_traceback(None)
            elif anew or not self._is_young(answer):
                await self._ask(answer, ask)
            return answer.value  # type: ignore[no-any-return]  # as above

    async def _ask(self, answer: "_Answer", ask: Callable[[], Awaitable[Any]]) -> None:
        wait = answer.at + self._kept_for / APART - self._clock()
        if timedelta() < wait <= self._kept_for:
            await asyncio.sleep(wait.total_seconds())
        answer.begun += 1
        answer.at = self._clock()
        try:
            answer.value, answer.failure = await ask(), None
        except Exception as failure:
            answer.done, answer.failure = answer.begun, failure
            raise
        answer.done = answer.begun  # who was cut off while asking has not ended it: the next in turn asks

    def _is_young(self, answer: "_Answer") -> bool:
        return bool(answer.done) and answer.failure is None and answer.at <= self._clock() < answer.at + self._kept_for


class _Answer:
    """One answer, and who is asking for the next."""

    __slots__ = ("at", "begun", "done", "failure", "turn", "value")

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.begun = 0  # how often it was asked for
        self.done = 0  # which of these times ended last
        self.at = datetime.min.replace(tzinfo=UTC)  # when that began
        self.value: Any = None
        self.failure: Exception | None = None
