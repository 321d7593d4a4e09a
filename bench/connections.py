"""F5-F7: what a socket costs when it is silent, when it comes, and when everybody moves to another room."""

import argparse
import asyncio

from bench.fanout import LAGGARDS
from bench.stage import stage
from bench.swarm import AT_ONCE, LETTERS, Broken
from bench.targets import Finding

ROOMS = ("chat:1", "chat:2", "chat:3")
SHOWN = 50  # messages a newcomer is shown in each room
WARM = 100  # sockets before anything is measured: rooms, code and buffers are there
HALLS = tuple(f"chat:{number}" for number in range(1, 11))
LUNCH = "chat:11"
LUNCH_RATE = 20  # messages a second in the room they all move to
FLAKE = 0.01  # seconds: shorter CPU times cannot be told


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen."""
    parser.add_argument("--clients", type=int, default=5000)
    parser.add_argument("--idle", type=float, default=40.0, help="seconds of silence; a server's ping is in it")
    parser.add_argument("--within", type=float, default=10.0, help="seconds in which everybody moves")


def quick(asked: argparse.Namespace) -> None:
    """Small sizes."""
    asked.clients, asked.idle, asked.within = 500, 3.0, 2.0


async def ask(asked: argparse.Namespace) -> list[Finding]:
    """F5 to F7."""
    return [*await _silence(asked), *await _entries(asked), *await _lunch(asked)]


async def _silence(asked: argparse.Namespace) -> list[Finding]:
    clients = WARM + asked.clients
    async with stage(clients, *ROOMS) as place:
        await place.crowd.enter(WARM, *ROOMS)
        before = await place.memory()
        await place.crowd.enter(clients, *ROOMS)
        memory = (await place.memory(quiet=3.0) - before) / asked.clients
        cpu = place.cpu()
        await asyncio.sleep(asked.idle)
        idle = (place.cpu() - cpu) / clients / asked.idle
        await place.crowd.settle()
    return [
        Finding("F5.memory", memory, f"{asked.clients} sockets more, PSS of all processes"),
        Finding("F5.cpu", idle, f"over {asked.idle:.0f} s, the node's own housekeeping included"),
    ]


async def _entries(asked: argparse.Namespace) -> list[Finding]:
    clients = WARM + asked.clients
    async with stage(clients, *ROOMS) as place:
        await place.crowd.enter(WARM, *ROOMS)
        for room in ROOMS:
            await place.crowd.order("say", 1.0, SHOWN + 10, LETTERS, WARM, room)
            await place.crowd.settle()
        cpu = place.cpu()
        await place.crowd.order("open", clients, AT_ONCE)
        opened = place.cpu()
        await place.crowd.order("enter", AT_ONCE, "all", *ROOMS)
        entered = place.cpu()
        seen = await place.crowd.settle()
    if seen["history_events"] != asked.clients * len(ROOMS) * SHOWN:
        raise Broken(f"{seen['history_events']} messages of history came to {asked.clients} sockets")
    shake = asked.clients / max(opened - cpu, FLAKE)
    detail = f"{shake:,.0f} handshakes alone; {(entered - opened) / asked.clients * 1e6:,.0f} µs for pass and joins"
    return [Finding("F6.entries", asked.clients / max(entered - cpu, FLAKE), detail)]


async def _lunch(asked: argparse.Namespace) -> list[Finding]:
    crowd_size = asked.clients
    async with stage(crowd_size, *HALLS, LUNCH) as place:
        await place.crowd.order("open", crowd_size, AT_ONCE)
        await place.crowd.order("enter", AT_ONCE, "spread", *HALLS)
        await place.crowd.report()
        cpu = place.cpu()
        await place.crowd.order("say", asked.within, LUNCH_RATE, LETTERS, crowd_size, LUNCH)
        await place.crowd.order("move", asked.within, LUNCH)
        moved = await place.crowd.try_settle(LAGGARDS)
        moving = place.cpu() - cpu
        # The same messages to everybody there, to know what of it was not the moving.
        cpu = place.cpu()
        await place.crowd.order("say", asked.within / 2, LUNCH_RATE, LETTERS, crowd_size, LUNCH)
        stayed = await place.crowd.settle(asked.within / 2 + LAGGARDS)
        staying = place.cpu() - cpu
    telling = staying / max(1, stayed["deliveries"]) * moved["deliveries"]
    each = max(0.0, moving - telling) / crowd_size
    troubles = "; ".join(moved["troubles"][:3])
    joins = moved["joins"]
    return [
        Finding("F7.join", joins["p95"], f"half within {joins['p50'] * 1e3:.1f} ms, the last {joins['most']:.2f} s"),
        Finding("F7.missed", moved["trouble_count"], troubles),
        Finding(
            "F7.cpu", each, f"{moving:.2f} s of CPU, of which {telling:.2f} s for {moved['deliveries']} deliveries"
        ),
    ]
