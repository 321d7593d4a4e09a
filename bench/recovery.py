"""F8: anybody's socket breaks at any time while messages go out; does everyone end up with all of them, once?"""

import argparse

from bench.fanout import LAGGARDS
from bench.stage import stage
from bench.swarm import LETTERS
from bench.targets import Finding

ROOM = "chat:1"
RATE = 50.0  # messages a second meanwhile
SEED = 8  # the same disconnects every time


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen."""
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--disconnects", type=int, default=10_000)
    parser.add_argument("--pace", type=float, default=500.0, help="disconnects a second")
    parser.add_argument("--workers", type=int, default=2)


def quick(asked: argparse.Namespace) -> None:
    """Small sizes."""
    asked.clients, asked.disconnects, asked.pace = 100, 300, 150.0


async def ask(asked: argparse.Namespace) -> list[Finding]:
    """F8."""
    async with stage(asked.clients, ROOM, workers=asked.workers) as place:
        await place.crowd.enter(asked.clients, ROOM)
        await place.crowd.order("faithful", 1)
        await place.crowd.order("seed", SEED)
        await place.crowd.order("say", 3600, RATE, LETTERS, min(asked.clients, 200), ROOM)
        await place.crowd.order("churn", asked.disconnects, asked.pace)
        await place.crowd.order("hush")
        seen = await place.crowd.try_settle(LAGGARDS)
    lost = seen["trouble_count"] + seen["reloaded"]
    detail = f"{seen['resumed']} times resumed, {seen['reloaded']} times told to reload, {seen['messages']} messages; "
    detail += f"{seen['overlapped']} times told something again right behind a join"
    return [Finding("F8.lost", lost, "; ".join([detail, *seen["troubles"][:3]]))]
