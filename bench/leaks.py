"""F10: sockets come and go, politely and not. Does anything grow? The first half's growth is a start, no slope."""

import argparse

from bench import meter
from bench.stage import stage
from bench.targets import Finding

ROOM = "chat:1"
WARM = 5000  # cycles before the first look: caches and pools are filled


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen."""
    parser.add_argument("--cycles", type=int, default=400_000, help="the target means 1000000; that takes four minutes")
    parser.add_argument("--calm", type=float, default=12.0, help="seconds for the server to notice who left silently")
    parser.add_argument("--clients", type=int, default=300, help="sockets that cycle at once")


def quick(asked: argparse.Namespace) -> None:
    """Small sizes."""
    asked.cycles, asked.clients, asked.calm = 1500, 100, 2.0


async def ask(asked: argparse.Namespace) -> list[Finding]:
    """F10."""
    async with stage(asked.clients, ROOM) as place:
        await place.crowd.enter(asked.clients, ROOM)
        await place.crowd.order("faithful", 1)
        await place.crowd.order("cycle", min(WARM, asked.cycles), asked.clients)
        before, files = await place.memory(asked.calm), meter.files(place.pids)
        half = asked.cycles // 2
        await place.crowd.order("cycle", half, asked.clients)
        between = await place.memory(asked.calm)
        await place.crowd.order("cycle", half, asked.clients)
        after, left = await place.memory(asked.calm), meter.files(place.pids)
        await place.crowd.settle()
    sizes = ", ".join(f"{size / 2**20:.1f}" for size in (before, between, after))
    return [
        Finding("F10.slope", max(0, after - between) / half, f"{sizes} MB before, after {half} and {2 * half} cycles"),
        Finding("F10.files", left - files, f"{left} open, the {asked.clients} sockets that stay among them"),
    ]
