"""F13: how soon is what a moderator did on every screen, and does anybody read retracted text later?"""

import argparse

from bench.fanout import LAGGARDS
from bench.stage import stage
from bench.swarm import LETTERS
from bench.targets import Finding

ROOM = "chat:1"
RATE = 5.0  # retractions a second, and as many messages
SEED = 13
RIGHTS = "say,moderate,swift"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen."""
    parser.add_argument("--clients", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--tangled", type=int, default=10_000, help="texts, retractions and reads in a random order")


def quick(asked: argparse.Namespace) -> None:
    """Small sizes."""
    asked.clients, asked.seconds, asked.tangled = 200, 2.0, 400


async def ask(asked: argparse.Namespace) -> list[Finding]:
    """F13."""
    async with stage(asked.clients, ROOM, may=RIGHTS) as place:
        await place.crowd.enter(asked.clients, ROOM)
        await place.crowd.order("retract", asked.seconds, RATE, LETTERS, min(asked.clients, 50), ROOM)
        seen = await place.crowd.settle(asked.seconds + LAGGARDS)
    said, gone = seen["late"], seen["late_retracts"]
    async with stage(min(asked.clients, 200), ROOM, may=RIGHTS) as place:
        await place.crowd.enter(min(asked.clients, 200), ROOM)
        await place.crowd.order("faithful", 1)
        await place.crowd.order("seed", SEED)
        await place.crowd.order("tangle", asked.tangled, ROOM)
        tangled = await place.crowd.try_settle(LAGGARDS)
    detail = f"{asked.tangled} steps, {tangled['histories']} reads, {tangled['late_retracts']['count']} retracted"
    return [
        Finding("F13.approve", said["p99"], f"half within {said['p50'] * 1e3:.0f} ms; {said['count']} messages"),
        Finding("F13.retract", gone["p99"], f"half within {gone['p50'] * 1e3:.0f} ms; {gone['count']} retractions"),
        Finding("F13.later", tangled["trouble_count"], "; ".join([detail, *tangled["troubles"][:3]])),
    ]
