"""F11-F12: a worker, a node and Redis are killed with -9 under load; all workers are replaced under load."""

import argparse
import asyncio
import os
import signal

from bench import meter
from bench.fanout import LAGGARDS
from bench.stage import Stage, stage
from bench.swarm import LETTERS
from bench.targets import Finding

ROOM = "chat:1"
RATE = 20.0  # messages a second while things are killed
DOWN = 0.3  # seconds Redis stays away
BREATH = 1.5  # seconds between two killings
RELOAD_RATE = 50.0  # messages a second meanwhile


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen."""
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5, help="of each killing; the target means 20")
    parser.add_argument("--reloading", type=float, default=12.0, help="seconds to replace all workers, and before")
    parser.add_argument("--workers", type=int, default=2)


def quick(asked: argparse.Namespace) -> None:
    """Small sizes."""
    asked.clients, asked.rounds, asked.reloading = 60, 1, 6.0


async def ask(asked: argparse.Namespace) -> list[Finding]:
    """F11 and F12."""
    return [*await _killings(asked), *await _reload(asked)]


async def _killings(asked: argparse.Namespace) -> list[Finding]:
    async with stage(asked.clients, ROOM, workers=asked.workers) as place:
        await place.crowd.enter(asked.clients, ROOM)
        await place.crowd.order("faithful", 1)
        await place.crowd.order("say", 3600, RATE, LETTERS, min(asked.clients, 50), ROOM)
        worker = [await _round(place, _kill_worker) for _ in range(asked.rounds)]
        node = [await _round(place, _kill_node) for _ in range(asked.rounds)]
        redis = [await _round(place, _kill_redis) for _ in range(asked.rounds)]
        await place.crowd.order("hush")
        seen = await place.crowd.try_settle(LAGGARDS)
    rounds = f"the worst of {asked.rounds} rounds, until a new message is on all {asked.clients} screens"
    lost = seen["trouble_count"] + seen["reloaded"]
    told = f"{seen['messages']} messages, {seen['resumed']} times resumed, {seen['reloaded']} times told to reload"
    return [
        Finding("F11.worker", max(worker), f"{rounds}, counted from the kill: {_all(worker)}"),
        Finding("F11.node", max(node), f"{rounds}: {_all(node)}"),
        Finding("F11.redis", max(redis), f"{rounds}: {_all(redis)}"),
        Finding("F11.lost", lost, "; ".join([told, *seen["troubles"][:3]])),
    ]


def _all(rounds: list[float]) -> str:
    return " ".join(f"{seconds:.2f}" for seconds in sorted(rounds))


async def _round(place: Stage, kill: object) -> float:
    """Seconds until everything is well again."""
    assert callable(kill)
    await asyncio.sleep(BREATH)
    await kill(place)
    back = await place.crowd.order("back", ROOM)
    return float(back["seconds"])


async def _kill_worker(place: Stage) -> None:
    workers = sorted(place.fleet.node.family[1:], key=lambda pid: meter.files([pid]))
    await place.crowd.order("mark")
    os.kill(workers[-1], signal.SIGKILL)  # the one with the most sockets
    await asyncio.sleep(0.05)  # the kernel tells the others


async def _kill_node(place: Stage) -> None:
    for pid in place.fleet.node.family:
        os.kill(pid, signal.SIGKILL)
    await asyncio.sleep(DOWN)
    await place.fleet.restart_node(place.fleet.node)
    await place.crowd.order("mark")


async def _kill_redis(place: Stage) -> None:
    await place.fleet.restart_redis(down=DOWN)
    await place.crowd.order("mark")


async def _reload(asked: argparse.Namespace) -> list[Finding]:
    async with stage(asked.clients, ROOM, workers=asked.workers) as place:
        crowd, speech = place.crowd, ("say", asked.reloading, RELOAD_RATE, LETTERS, min(asked.clients, 50), ROOM)
        await crowd.enter(asked.clients, ROOM)
        await crowd.order("faithful", 1)
        await crowd.order(*speech)
        calm = await crowd.settle(asked.reloading + LAGGARDS)
        await crowd.order(*speech)
        await asyncio.sleep(1)
        assert place.fleet.node.pid is not None
        os.kill(place.fleet.node.pid, signal.SIGHUP)
        seen = await crowd.settle(asked.reloading + LAGGARDS)
    times = f"p99 {calm['late']['p99'] * 1e3:.1f} ms before, {seen['late']['p99'] * 1e3:.1f} ms while"
    return [
        Finding("F12.refused", seen["refused_handshakes"], f"{seen['lost']} sockets came to new workers, all resumed"),
        Finding("F12.late", seen["late"]["p99"] / calm["late"]["p99"], f"{times}, to those who are connected"),
    ]
