"""Gathers what this worker's visitors show without writing, and tells it once per beat. It stores nothing."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from redis.exceptions import RedisError

from realtime import channels, messages
from realtime.events import Hint
from realtime.gestures import Gathered
from realtime.log import Log

AT_ONCE = 16  # hints on their way; each takes a connection to Redis
BEAT = 0.5  # seconds: a room's thumbs of half a second travel as one number

logger = logging.getLogger(__name__)


class Whisper:
    """What one worker has to tell."""

    def __init__(self, log: Log, spawn: Callable[[Coroutine[Any, Any, None]], Any]) -> None:
        self._log = log
        self._spawn = spawn
        self._gathered: dict[str, Gathered] = {}
        self._telling = False

    def tell(self, hint: Hint) -> None:
        """Tell everybody in the hint's room, with the next beat."""
        self._gathered.setdefault(hint.room, Gathered()).put(hint)
        if not self._telling:
            self._telling = True
            self._spawn(self._tell())

    async def _tell(self) -> None:
        """Until there is nothing more to tell."""
        try:
            while self._gathered:
                await asyncio.sleep(BEAT)
                gathered, self._gathered = self._gathered, {}
                hints = [hint for room, some in gathered.items() for hint in some.take(room)]
                for start in range(0, len(hints), AT_ONCE):
                    await asyncio.gather(*map(self._publish, hints[start : start + AT_ONCE]))
        finally:
            self._telling = False

    async def _publish(self, hint: Hint) -> None:
        try:
            await self._log.publish(channels.live(hint.room), messages.whispered(hint))
        except (RedisError, OSError, TimeoutError) as away:
            logger.debug("A hint is lost: %s", away)
