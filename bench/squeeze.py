"""F14: what compression saves on the wire and what it costs the server, beside the same messages told plainly."""

import argparse
import statistics

from bench.fanout import LAGGARDS
from bench.stage import Stage, stage
from bench.targets import Finding

ROOM = "chat:1"
RATE = 20.0  # messages a second: a busy room
NOTHING = 0.01  # less than this nobody saved
LETTERS = 200  # people write longer than a bench


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen."""
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)


def quick(asked: argparse.Namespace) -> None:
    """Small sizes."""
    asked.clients, asked.seconds, asked.rounds = 100, 2.0, 1


async def ask(asked: argparse.Namespace) -> list[Finding]:
    """F14."""
    async with stage(asked.clients, ROOM) as plain, stage(asked.clients, ROOM) as pressed:
        answer = await pressed.crowd.try_order("squeeze", 1)
        saved, cost = [], []
        for place in (plain, pressed):
            await place.crowd.enter(asked.clients, ROOM)
            await _tell(place, asked)
        for _ in range(asked.rounds):
            (bytes_plain, cpu_plain), (bytes_pressed, cpu_pressed) = (
                await _tell(plain, asked),
                await _tell(pressed, asked),
            )
            saved.append(1 - bytes_pressed / bytes_plain)
            cost.append(cpu_pressed / cpu_plain)
    detail = f"{bytes_plain:.0f} bytes a delivery plain, {bytes_pressed:.0f} compressed"
    if statistics.median(saved) < NOTHING:
        detail += ": the server did not take the offer to compress"
    if not answer["ok"]:
        detail = "the swarm was built without zlib"
    return [
        Finding("F14.saved", statistics.median(saved), detail),
        Finding("F14.cpu", statistics.median(cost), f"{cpu_plain:.2f} s of CPU plain, {cpu_pressed:.2f} s compressed"),
    ]


async def _tell(place: Stage, asked: argparse.Namespace) -> tuple[float, float]:
    """Bytes of a delivery, and seconds of CPU."""
    cpu = place.cpu()
    await place.crowd.order("say", asked.seconds, RATE, LETTERS, min(200, asked.clients), ROOM)
    seen = await place.crowd.settle(asked.seconds + LAGGARDS)
    return seen["octets"] / seen["deliveries"], place.cpu() - cpu
