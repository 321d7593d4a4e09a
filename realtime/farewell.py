"""Sends a worker's visitors elsewhere, so many a second that those who take them in hardly notice it."""

import asyncio
from collections.abc import Callable, Iterable

from realtime import frames, messages
from realtime.errors import CLOSED_LEAVING
from realtime.events import Reconnect
from realtime.visit import Host, Visit

PACE = 1000  # visitors a second; coming in anew, they take a quarter of a core, and deliveries have the rest
LONGEST = 20.0  # seconds; a fuller worker goes faster
STEP = 0.05  # seconds between two groups; told to come back within as much, they come as evenly as they are sent
GLANCE = 0.01  # seconds
ASKED_AGAIN = 0.1  # seconds


async def hand_over(host: Host, *, hurry: Callable[[], bool]) -> None:
    """Tell everybody who is here to connect again, a group after the other; the others are served meanwhile.

    `hurry` says whether there is no time left: then all of them go at once.
    """
    here = [one for one in host.visits if one.open]
    share = max(1, round(STEP * max(PACE, len(here) / LONGEST)))
    for start in range(0, len(here), share):
        for one in here[start : start + share]:
            send_away(one)
        if not hurry():
            await asyncio.sleep(STEP)


async def see_off(host: Host, *, within: float, hurry: Callable[[], bool]) -> None:
    """Until everybody has left: those who were in the middle of a handshake are let in first, then sent away."""
    await until(lambda: hurry() or not _sent_on(host), within=within)


async def until(done: Callable[[], bool], *, within: float) -> None:
    """Until something has come true, but no longer than so many seconds."""
    for _ in range(int(within / GLANCE)):
        if done():
            return
        await asyncio.sleep(GLANCE)


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel until all have ended: one cancel may get lost on its way through the timeouts of a client of Redis."""
    while left := [one for one in tasks if not one.done()]:
        for one in left:
            one.cancel()
        await asyncio.wait(left, timeout=ASKED_AGAIN)


async def end_all() -> None:
    """Whatever else runs in this loop; a group asks each of its tasks but once, and is asked again in vain."""
    await end(asyncio.all_tasks() - {asyncio.current_task()})


def send_away(one: Visit) -> None:
    """Tell one visitor to connect again, and hang up."""
    if one.open:
        one.deliver(frames.text(messages.notice(Reconnect(within=round(STEP * 1000)))))
        one.close(CLOSED_LEAVING, "server.leaving")


def _sent_on(host: Host) -> bool:
    for one in tuple(host.visits):
        send_away(one)
    return bool(host.visits)
