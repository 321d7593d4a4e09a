"""How many nodes, how much memory and how wide an uplink an audience needs, from what was measured. Pure.

The constants come from the newest row of results.md in which they stand; `python -m bench all --save` makes one.
"""

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CONSTANTS = ("C.at_50", "C.at_200", "C.envelope", "F5.memory", "F6.entries")
PACKET_HEAD = 52  # bytes of IPv4 and TCP with timestamps on each packet
PACKET = 1448  # bytes of payload in one packet of an Ethernet
WINDOW = 100.0  # flushes a second at most: what comes within 10 ms travels together
BUSY = 0.6  # of a core: above it, what comes in bursts waits


class Unmeasured(Exception):
    """A constant is missing, in a sentence."""


@dataclass(frozen=True, slots=True)
class Constants:
    """What one server was measured to do."""

    at_50: float  # deliveries per CPU-second at 50 messages a second
    at_200: float  # the same at 200
    envelope: float  # bytes of a delivery besides the text
    memory: float  # bytes of an idle connection
    entries: float  # per CPU-second


@dataclass(frozen=True, slots=True)
class Need:
    """What an audience needs."""

    deliveries: float  # a second
    talking: float  # cores busy with deliveries
    entering: float  # cores busy while everybody comes
    cores: int
    nodes: int
    memory: float  # bytes, all nodes
    uplink: float  # bits a second, all nodes


def constants(rows: Sequence[Mapping[str, str]]) -> Constants:
    """From rows of results.md, the newest last. Raises Unmeasured."""
    found = {}
    for name in CONSTANTS:
        shown = next((row[name] for row in reversed(rows) if row.get(name)), None)
        if shown is None:
            raise Unmeasured(f"No row of results.md knows {name}: run python -m bench all --save.")
        found[name] = float(shown.split()[0].replace(",", "")) * (1024 if shown.endswith(" KB") else 1)
    return Constants(*(found[name] for name in CONSTANTS))


def cpu_of_a_socket(known: Constants, messages: float) -> float:
    """Seconds of CPU a second that one listener costs at so many messages a second.

    A straight line through nothing, 50 and 200 a second, and on from there: what is merged costs less, nothing is free.
    """
    fifty, two_hundred = 50 / known.at_50, 200 / known.at_200
    if messages <= 50:
        return messages / known.at_50
    return fifty + (messages - 50) * (two_hundred - fifty) / 150


def need(
    known: Constants, *, audience: int, messages: float, letters: int, cores: int, rush: float, saved: float = 0.0
) -> Need:
    """For so many listeners of a room with so many messages a second of so many bytes; `rush` seconds to let all in."""
    deliveries = audience * messages
    talking = audience * cpu_of_a_socket(known, messages)
    entering = audience / rush / known.entries
    wanted = max(1, math.ceil((talking + entering) / BUSY))
    together = max(1.0, messages / WINDOW)  # messages in one write
    payload = together * (letters + known.envelope) * (1 - saved)
    on_the_wire = payload + math.ceil(payload / PACKET) * PACKET_HEAD
    return Need(
        deliveries=deliveries,
        talking=talking,
        entering=entering,
        cores=wanted,
        nodes=math.ceil(wanted / cores),
        memory=audience * known.memory,
        uplink=audience * messages / together * on_the_wire * 8,
    )


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may be asked."""
    parser.add_argument("--audience", type=int, default=10_000, help="sockets in one room")
    parser.add_argument("--messages", type=float, default=5.0, help="a second, in the room")
    parser.add_argument("--bytes", type=int, default=80, help="of one text")
    parser.add_argument("--cores", type=int, default=4, help="of one node, that workers may use")
    parser.add_argument("--rush", type=float, default=60.0, help="seconds within which everybody comes")
    parser.add_argument("--uplink", type=float, default=1.0, help="Gbit/s of one node")
    parser.add_argument("--saved", type=float, default=0.0, help="share of bytes that compression saves, 0 to 0.9")


def lines(needed: Need, asked: argparse.Namespace) -> list[tuple[str, str, str]]:
    """The answer for people; what ends first is said."""
    by_uplink = math.ceil(needed.uplink / (asked.uplink * 1e9 * BUSY))
    nodes = max(needed.nodes, by_uplink)
    first = "the uplink ends first" if by_uplink > needed.nodes else "the CPU ends first"
    if nodes == 1:
        first = "one node has room to spare; a second one is for the day the first one dies"
    return [
        ("deliveries a second", f"{needed.deliveries:,.0f}", f"{asked.audience:,} listeners x {asked.messages:g}"),
        ("cores for deliveries", f"{needed.talking:.2f}", ""),
        ("cores while everybody comes", f"{needed.entering:.2f}", f"within {asked.rush:g} s"),
        ("cores to have", str(needed.cores), f"busy {BUSY:.0%} at most"),
        ("memory for connections", f"{needed.memory / 2**20:,.0f} MB", "besides some 50 MB for each worker"),
        ("uplink", f"{needed.uplink / 1e6:,.0f} Mbit/s", "headers of TCP and IP included, TLS not"),
        ("nodes by CPU", str(needed.nodes), f"{asked.cores} cores each"),
        ("nodes by uplink", str(by_uplink), f"{asked.uplink:g} Gbit/s each, {BUSY:.0%} used at most"),
        ("nodes", str(nodes), first),
    ]
