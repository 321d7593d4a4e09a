"""F15: is the same room on two nodes of one Redis twice as much? By CPU time, for here they share the cores."""

import argparse
import statistics

from bench import meter
from bench.fanout import LAGGARDS
from bench.stage import Stage, stage
from bench.swarm import LETTERS
from bench.targets import Finding

ROOM = "chat:1"
RATE = 50.0  # messages a second


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen."""
    parser.add_argument("--clients", type=int, default=1000, help="of each node")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)


def quick(asked: argparse.Namespace) -> None:
    """Small sizes."""
    asked.clients, asked.seconds, asked.rounds = 100, 2.0, 1


async def ask(asked: argparse.Namespace) -> list[Finding]:
    """F15."""
    async with stage(asked.clients, ROOM) as single, stage(2 * asked.clients, ROOM, nodes=2) as pair:
        await single.crowd.enter(asked.clients, ROOM)
        await pair.crowd.enter(2 * asked.clients, ROOM)
        ratios = []
        for _ in range(asked.rounds):
            one, _ = await _tell(single, asked)
            two, redis = await _tell(pair, asked)
            ratios.append(sum(two) / one[0])
    detail = f"{one[0]:,.0f} deliveries per CPU-s of one, {' and '.join(f'{each:,.0f}' for each in two)} of two"
    return [Finding("F15.two", statistics.median(ratios), f"{detail}; Redis {redis:.0%} of a core")]


async def _tell(place: Stage, asked: argparse.Namespace) -> tuple[list[float], float]:
    """Deliveries per CPU-second of each node, and Redis' share of a core."""
    families = [one.family for one in place.fleet.nodes]
    before, redis = [meter.cpu(pids) for pids in families], meter.cpu([place.fleet.store])
    await place.crowd.order("say", asked.seconds, RATE, LETTERS, min(200, asked.clients), ROOM)
    seen = await place.crowd.settle(asked.seconds + LAGGARDS)
    spent = [max(meter.cpu(pids) - start, 0.01) for pids, start in zip(families, before, strict=True)]
    share = (meter.cpu([place.fleet.store]) - redis) / asked.seconds
    return [seen["deliveries"] / len(families) / cpu for cpu in spent], share
