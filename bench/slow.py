"""F9: some sockets stop reading. What do they cost, do others notice, and do they get everything afterwards?"""

import argparse
import asyncio

from bench.fanout import LAGGARDS
from bench.stage import stage
from bench.swarm import AT_ONCE
from bench.targets import Finding

ROOM = "chat:1"
RATE = 20.0  # messages a second
LETTERS = 1900  # of each: a deaf socket's buffers in the kernel are full within seconds


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen."""
    parser.add_argument("--clients", type=int, default=5000)
    parser.add_argument("--deaf", type=int, default=1000)
    parser.add_argument(
        "--calm", type=float, default=8.0, help="seconds for the server to give back what it needed; it looks every 5"
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="without reading, and as long before")


def quick(asked: argparse.Namespace) -> None:
    """Small sizes."""
    asked.clients, asked.deaf, asked.seconds = 300, 60, 5.0


async def ask(asked: argparse.Namespace) -> list[Finding]:
    """F9."""
    async with stage(asked.clients, ROOM) as place:
        crowd, senders = place.crowd, min(200, asked.clients - asked.deaf)
        await crowd.order("faithful", 1)
        await crowd.order("open", asked.clients - asked.deaf, AT_ONCE)
        await crowd.order("narrow", 1)  # the deaf: small buffers on our side, so that the server has to hold back
        await crowd.order("open", asked.clients, AT_ONCE)
        await crowd.order("enter", AT_ONCE, "all", ROOM)
        await crowd.order("say", asked.seconds, RATE, LETTERS, senders, ROOM)
        calm = await crowd.settle(asked.seconds + LAGGARDS)
        before = await place.memory(asked.calm)
        await crowd.order("deaf", asked.deaf)
        await crowd.order("say", asked.seconds, RATE, LETTERS, senders, ROOM)
        await asyncio.sleep(asked.seconds)
        during = await place.memory(quiet=0)
        uneasy = await crowd.try_settle(LAGGARDS)
        await crowd.order("deaf", 0)
        done = await crowd.try_settle(LAGGARDS * 2)
        after = await place.memory(asked.calm)
    lost = uneasy["trouble_count"] + done["reloaded"]
    told = f"{done['resumed']} resumed, {done['reloaded']} reloaded, {done['lost']} were cut for being stuck"
    troubles = [*uneasy["troubles"], *done["troubles"]][:3]
    return [
        Finding("F9.memory", max(0, during - before) / asked.deaf, f"{asked.deaf} of {asked.clients} sockets deaf"),
        Finding("F9.late", uneasy["late"]["p99"] / calm["late"]["p99"], _both(calm, uneasy)),
        Finding("F9.lost", max(lost, done["trouble_count"]), "; ".join([told, *troubles])),
        Finding("F9.after", after / before, f"{before / 2**20:.1f} MB before, {after / 2**20:.1f} MB after"),
    ]


def _both(calm: dict[str, dict[str, float]], uneasy: dict[str, dict[str, float]]) -> str:
    return f"{calm['late']['p99'] * 1e3:.0f} ms before, {uneasy['late']['p99'] * 1e3:.0f} ms"
