"""A node with a crowd in it, ready to be asked something. It asks nothing itself."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bench import meter, node
from bench.node import Fleet
from bench.swarm import Swarm, swarm

QUIET = 1.0  # seconds before memory is read


@dataclass(frozen=True, slots=True)
class Stage:
    """Our nodes and the crowd."""

    fleet: Fleet
    crowd: Swarm

    @property
    def pids(self) -> list[int]:
        """All processes of all nodes."""
        return [pid for one in self.fleet.nodes for pid in one.family]

    def cpu(self) -> float:
        """Seconds of CPU of the nodes so far; Redis apart."""
        return meter.cpu(self.pids)

    async def memory(self, quiet: float = QUIET) -> int:
        """Bytes of the nodes' processes after some quiet."""
        await asyncio.sleep(quiet)
        return meter.memory(self.pids)


@contextlib.asynccontextmanager
async def stage(
    clients: int, *rooms: str, may: str = "say,swift", last: str = "", workers: int = 1, nodes: int = 1
) -> AsyncIterator[Stage]:
    """Nodes on one Redis, and a crowd of so many persons who may enter these rooms but did not yet.

    The last of them has the rights `last`, if some are given.
    """
    async with node.fleet(workers=workers, nodes=nodes) as fleet:
        passes = await fleet.node.passes(*rooms, count=clients, may=may)
        if last:
            passes[-1:] = await fleet.node.passes(*rooms, count=1, may=last, first=clients)
        async with swarm(fleet.node, passes, *fleet.nodes[1:]) as crowd:
            yield Stage(fleet, crowd)
