"""One story of one seed: steps of wishes and faults, peace, and the question whether everybody sees the same."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from realtime import connection, fanout, history, hub, log, questions
from tests.simulator import truth
from tests.simulator.faults import FAULTS
from tests.simulator.loop import Loop
from tests.simulator.people import WISHES
from tests.simulator.world import World

STEPS = 60
PAUSE = 0.12  # seconds between two steps, on average
SETTLED_WITHIN = 120  # seconds without faults after which everybody must be served again
SMALL: tuple[tuple[Any, str, float], ...] = (  # limits so low that a short story reaches them
    (history, "HOT", 10),
    (history, "SHOWN", 8),
    (history, "ANSWER", 6000),
    (log, "NEWCOMER", 10),
    (log, "CATCH_UP", 30),
    (log, "KEEP", 70),
    (fanout, "PACKET", 700),
    (fanout, "SLICE", 3),
    (connection, "HIGH_WATER", 2500),
    (connection, "LOW_WATER", 600),
    (hub, "LINGER", 4.0),
    (hub, "READERS", 2),
    (questions, "KEPT", 2),
)


class Broken(Exception):
    """A promise was broken; the arguments are the seed, what was broken, and the trace."""

    def __init__(self, seed: int, steps: int, wrong: list[str], trace: list[str]) -> None:
        super().__init__(seed, wrong)
        self.seed, self.steps, self.wrong, self.trace = seed, steps, wrong, trace

    def __str__(self) -> str:
        steps = "" if self.steps == STEPS else f" --steps {self.steps}"
        what = "\n".join(f"  {one}" for one in self.wrong[:10])
        return f"seed {self.seed}:\n{what}\nreplay it: python -m tests.simulator --seed {self.seed}{steps} -v"


def run(seed: int, steps: int = STEPS) -> list[str]:
    """One story; its trace. Raises Broken."""
    loop = Loop()
    found: list[World] = []

    async def tell() -> None:
        world = World(loop, seed)
        found.append(world)
        await live(world, steps)

    with small(), listening(loop):
        loop.live(tell())
    [world] = found
    wrong = [*world.wrong, *loop.broken]
    if wrong:
        raise Broken(seed, steps, wrong, world.trace)
    return world.trace


async def live(world: World, steps: int) -> None:
    """So many steps, then peace, then the question whether everybody sees the same."""
    kinds = [*WISHES, *FAULTS]
    weights = [kind.weight for kind in kinds]
    for _ in range(steps):
        [kind] = world.fate.choices(kinds, weights)
        kind.happen(world)
        await asyncio.sleep(world.fate.expovariate(1 / PAUSE))
        if world.wrong:
            return
    await _make_peace(world)
    if not world.wrong:
        truth.check(world)


async def _make_peace(world: World) -> None:
    world.note("peace")
    world.peace = True
    world.store.cut_writes = 0.0
    world.store.thaw()
    for ear in world.store.ears:
        ear.lossy = 0.0
    for page in world.pages:
        page.read_on()
    for _ in range(SETTLED_WITHIN):
        await asyncio.sleep(1.0)
        if world.wrong or not truth.unsettled(world):
            break
    else:
        world.object(f"not settled: {truth.unsettled(world)}")
    truth.close_rooms(world)  # whoever missed the last word without noticing it, notices now
    await asyncio.sleep(5.0)


class Ears(logging.Handler):
    """What the server logs as an error is one; what it logs as a warning happens all the time here."""

    def __init__(self, loop: Loop) -> None:
        super().__init__(logging.ERROR)
        self._loop = loop

    def emit(self, record: logging.LogRecord) -> None:
        self._loop.broken.append(self.format(record))


@contextlib.contextmanager
def listening(loop: Loop) -> Iterator[None]:
    """Hear the server's log, and keep it from the terminal."""
    logger, ears = logging.getLogger("realtime"), Ears(loop)
    logger.addHandler(ears)
    logger.propagate = False
    try:
        yield
    finally:
        logger.propagate = True
        logger.removeHandler(ears)


@contextlib.contextmanager
def small() -> Iterator[None]:
    """The limits of a short story."""
    before: list[tuple[Any, str, Any]] = [(module, name, getattr(module, name)) for module, name, _ in SMALL]
    for module, name, value in SMALL:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)
