"""People who write on through a fault, and what must be true afterwards, for tests."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence

from realtime.history import SHOWN
from tests.realtime.node import Node
from tests.realtime.person import Person

ROOM = "chat:1"
MESSAGES = 6  # of each person, at least; they write on until the fault is over
PACE = 0.05  # seconds between two messages of one person: the fault comes in the middle of them


async def survive(
    where: Node | Sequence[str], fault: Callable[[], Awaitable[None]], *, people: int = 6, room: str = ROOM
) -> list[Person]:
    """Everybody writes while the fault happens; afterwards everybody has seen everything, once, in one order."""
    crowd = [Person(where, user, room) for user in range(1, people + 1)]
    for person in crowd:
        await person.__aenter__()
    written: dict[str, int] = {}
    over = asyncio.Event()

    async def write(person: Person, name: int) -> None:
        for n in itertools.count():
            if over.is_set() and n >= MESSAGES:
                return
            text = f"{name}/{n}"
            written[text] = await person.says(text)
            await asyncio.sleep(PACE)

    async def trouble() -> None:
        await asyncio.sleep(PACE * 3)
        await fault()
        over.set()

    try:
        await asyncio.gather(trouble(), *(write(person, n) for n, person in enumerate(crowd)))
        expected = [text for text, _ in sorted(written.items(), key=lambda one: one[1])]
        assert len(set(written.values())) == len(expected)
        for person in crowd:
            await person.hears(len(expected))
            assert person.texts == expected
        async with Person(where, 99, room) as late:
            await late.hears(min(len(expected), SHOWN))
            assert late.texts == expected[-SHOWN:]
    finally:
        for person in crowd:
            await person.__aexit__()
    return crowd
