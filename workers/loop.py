"""Owns every task of this process and runs each job again and again. It never knows what a job does.

A job is a function that does one round of what is due and answers how many seconds to rest. When something it needs
is away it rests longer each time, with one sentence in the log; when it fails for a reason nobody foresaw, the log
has the traceback. Other jobs go on.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping

import asyncpg
import redis.exceptions

from sql.connection import is_misuse

Job = Callable[[], Awaitable[float]]

GRACE = 10.0  # seconds a round in hand gets when the process is asked to leave
ASKED_AGAIN = 1.0  # seconds a round that is cut off has to undo what it began, before it is cut off again
FIRST_PAUSE = 0.5  # seconds
LONGEST_PAUSE = 30.0  # seconds; as long as a person waits before looking whether it is back

logger = logging.getLogger(__name__)


class Away(Exception):
    """Something outside does not serve us now. Its text is a sentence for the log."""


AWAY: tuple[type[Exception], ...] = (
    Away,
    OSError,  # refused, reset, no route, timed out: asyncpg and aiosmtplib let them through or derive from them
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
    redis.exceptions.ReadOnlyError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,  # "connection is closed", said by a connection that broke while it was lent; see is_misuse
    asyncpg.InternalClientError,  # a statement was begun on a wire that was cut in the same moment
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)


def is_away(error: Exception) -> bool:
    """Whether this is what it looks like when something outside is not there. All else is our own fault."""
    return isinstance(error, AWAY) and not is_misuse(error)


async def run(jobs: Mapping[str, Job], stop: asyncio.Event, *, grace: float = GRACE) -> None:
    """Run the jobs until `stop`; each finishes the round in hand, within `grace` seconds."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(_again_and_again(name, job, stop), name=name) for name, job in jobs.items()]
        await stop.wait()
        _, late = await asyncio.wait(running, timeout=grace)
        for task in late:
            logger.warning(
                "%s is still busy after %.0f s and is cut off; what it had in hand comes again.", task.get_name(), grace
            )
        await _cut_off(late)


async def _cut_off(late: Iterable[asyncio.Task[None]]) -> None:
    """Cancel until all have ended: one cancel may get lost on its way through the timeouts of a client of Redis."""
    while left := [task for task in late if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=ASKED_AGAIN)


async def _again_and_again(name: str, job: Job, stop: asyncio.Event) -> None:
    failures = 0
    while not stop.is_set():
        try:
            rest = await job()
        except Exception as error:
            failures += 1
            rest = pause(failures)
            if is_away(error):
                logger.warning("%s has to wait: %s. Again in %.1f s.", name, _in_words(error), rest)
            else:
                logger.exception("%s failed in a way nobody foresaw. Again in %.1f s.", name, rest)
        else:
            if failures:
                logger.info("%s is back at work.", name)
            failures = 0
        await _rest(rest, stop)


def pause(failures: int) -> float:
    """Seconds to rest after so many failures in a row: twice as long each time, and not in step with other workers."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures, 10)) * random.uniform(0.5, 1)


async def _rest(seconds: float, stop: asyncio.Event) -> None:
    if seconds > 0:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)


def _in_words(away: Exception) -> str:
    """The first line, without its full stop; some libraries say nothing at all."""
    return (str(away).strip().splitlines() or [""])[0].rstrip(".") or type(away).__name__
