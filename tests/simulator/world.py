"""Nodes, workers, pages and one Redis, and what a seed lets happen to them."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Iterator
from typing import Any

from realtime import connection, fanout, history, hub, log, passes
from realtime.passes import Pass
from tests.simulator import truth
from tests.simulator.faults import FAULTS
from tests.simulator.loop import Loop
from tests.simulator.network import Wire
from tests.simulator.page import Page
from tests.simulator.people import WISHES
from tests.simulator.store import Store
from tests.simulator.witness import Witness
from tests.simulator.worker import DAWN, SECRET, Worker

STEPS = 60
ROOMS = ("chat:1", "chat:2")
NODES = 2
WORKERS = 2  # of each node
MODERATORS = (1, 2)
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


class World:
    """Everything there is, at one moment."""

    def __init__(self, loop: Loop, seed: int) -> None:
        self.loop = loop
        self.seed = seed
        self.fate = random.Random(f"fate {seed}")
        self.trace: list[str] = []
        self.wrong: list[str] = []
        names = random.Random(f"names {seed}")
        self.witness = Witness(self.object, self.note, epoch=lambda: f"{names.getrandbits(48):012x}", clock=loop.time)
        self.witness.who_knows = lambda room, top: [
            (one, one.hub._rooms[room]) for one in self.workers if one.hub.known(room) > top
        ]
        self.store = Store(loop, random.Random(f"store {seed}"), self.witness)
        self.durable = self.fate.random() < 0.7
        self.disk = self.witness.saved()
        self.workers: list[Worker] = []
        self.texts = 0
        self.keys = 0
        self.said: dict[str, str] = {}  # key of a message -> its room
        self._wires = 0
        self._names = 0
        for node in range(NODES):
            for _ in range(WORKERS):
                self.start(node)
        self.pages = [self._page(number) for number in range(self.fate.randint(4, 7))]

    def note(self, line: str) -> None:
        """Write down what happens."""
        self.trace.append(f"{self.loop.now:9.4f} {line}")

    def object(self, line: str) -> None:
        """Write down what must not happen."""
        self.note(f"WRONG: {line}")
        self.wrong.append(line)

    def start(self, node: int) -> None:
        """A new worker of a node."""
        self._names += 1
        worker = Worker(self.loop, self.store, f"worker {node}.{self._names}", node)
        self.workers.append(worker)
        self.note(f"{worker.name} starts")

    def serving(self) -> list[Worker]:
        """Workers that take in visitors."""
        return [one for one in self.workers if not one.dead and not one.leaving]

    def moderates(self, page: Page) -> bool:
        """Whether this page is a moderator's."""
        return self.user(page) in MODERATORS

    def user(self, page: Page) -> int:
        """Whose page it is."""
        return int(page.name.split(".")[0].removeprefix("user "))

    def new_key(self) -> str:
        """For one wish."""
        self.keys += 1
        return f"key-{self.keys:08d}"

    def _page(self, number: int) -> Page:
        user = number + 1 if number < 4 else self.fate.randint(1, 4)
        rights = frozenset({passes.SAY, passes.MODERATE} if user in MODERATORS else {passes.SAY})
        visitor = Pass(
            user=user,
            name=f"user {user}",
            rooms=dict.fromkeys(ROOMS, rights),
            expires=DAWN + 100_000,
            issued=DAWN,
        )
        page = Page(
            self.loop,
            random.Random(f"page {self.seed} {number}"),
            f"user {user}.{number}",
            passes.issue(visitor, secret=SECRET),
            self.object,
            self.note,
        )
        page.connect = self._connect
        page.saw_state = self.witness.saw_state
        page.saw_bytes = lambda page, data: self.witness.saw_bytes(page, data, moderates=self.moderates(page))
        for room in ROOMS[: self.fate.randint(1, 2)]:
            page.join(room)
            if user in MODERATORS:
                page.join(f"{room}:desk")
        page.come()
        return page

    def _connect(self, page: Page) -> Wire | None:
        serving = self.serving()
        self._wires += 1
        chance = random.Random(f"wire {self.seed} {self._wires}")
        if not serving:
            return None
        worker = chance.choice(serving)
        self.note(f"{page.name} connects to {worker.name}")
        return worker.accept(chance, page, self.witness.written)

    async def live(self, steps: int) -> None:
        """So many steps, then peace, then the question whether everybody sees the same."""
        kinds = [*WISHES, *FAULTS]
        weights = [kind.weight for kind in kinds]
        for _ in range(steps):
            [kind] = self.fate.choices(kinds, weights)
            kind.happen(self)
            await asyncio.sleep(self.fate.expovariate(1 / PAUSE))
            if self.wrong:
                return
        await self._make_peace()
        if not self.wrong:
            truth.check(self)

    async def _make_peace(self) -> None:
        self.note("peace")
        self.peace = True
        self.store.cut_writes = 0.0
        self.store.thaw()
        for ear in self.store.ears:
            ear.lossy = 0.0
        for page in self.pages:
            page.read_on()
        for _ in range(SETTLED_WITHIN):
            await asyncio.sleep(1.0)
            if self.wrong or not truth.unsettled(self):
                break
        else:
            self.object(f"not settled: {truth.unsettled(self)}")
        truth.close_rooms(self)  # whoever missed the last word without noticing it, notices now
        await asyncio.sleep(5.0)

    peace = False


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


def run(seed: int, steps: int = STEPS) -> list[str]:
    """One story; its trace. Raises Broken."""
    loop = Loop()
    found: list[World] = []

    async def live() -> None:
        world = World(loop, seed)
        found.append(world)
        await world.live(steps)

    with small(), listening(loop):
        loop.live(live())
    [world] = found
    wrong = [*world.wrong, *loop.broken]
    if wrong:
        raise Broken(seed, steps, wrong, world.trace)
    return world.trace
