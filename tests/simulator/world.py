"""Nodes, workers, pages and one Redis, as they are at one moment. What happens to them is story.py's to tell."""

import random

from realtime import passes
from realtime.passes import Pass
from tests.simulator.loop import Loop
from tests.simulator.network import Wire
from tests.simulator.page import Page
from tests.simulator.store import Store
from tests.simulator.witness import Witness
from tests.simulator.worker import DAWN, SECRET, Worker

CHATS = ("chat:1", "chat:2")
ROOMS = (*CHATS, "questions:1")
NODES = 2
WORKERS = 2  # of each node
MODERATORS = (1, 2)


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
        self.peace = False  # nothing is broken on purpose any more
        self.said: dict[str, str] = {}  # key of a message -> its room
        self.asked: dict[str, str] = {}  # key of a question -> its room
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
        return page.user in MODERATORS

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
        page.saw_bytes = lambda page, data: self.witness.saw_bytes(
            page, data, moderates=self.moderates(page), user=user
        )
        for room in ROOMS[self.fate.randint(0, 1) :]:
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
