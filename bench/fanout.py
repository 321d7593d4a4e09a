"""F1-F4: what a delivery costs, beside the bare C loop and the websockets library in one run. It decides no target.

All servers are up at once and are asked in turn, round after round; a ratio is the median of the rounds' ratios,
so that what else the machine does falls on all of them alike.
"""

import argparse
import contextlib
import statistics
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from bench import meter, node, peers
from bench.node import Node
from bench.swarm import LETTERS, Broken, Report, Swarm, swarm
from bench.targets import Finding, count, millions, milliseconds

ROOM = "chat:1"
OURS = "ours"
SENDERS = 200  # swift ones, or a person's limits would be measured; a socket may send 60 frames a second all the same
# Messages on their way at once when sending flat out: frames on their way to all sockets together, and never more
# messages than this. With 1,000 sockets it is 32 and with 5,000 it is 8, and with these the merging C loop stands where
# the table of peers in targets.py has it, so that the absolute targets mean what they meant there.
FRAMES_ON_THE_WAY, MOST_ON_THE_WAY = 40_000, 32
ALONE = 1.25  # messages in a read; at 50 a second hardly any meet
LAGGARDS = 30.0  # seconds after the last message for what is still on its way


@dataclass(slots=True, eq=False)
class Line:
    """One server with its crowd."""

    name: str
    where: Node
    crowd: Swarm
    redis: list[int] = field(default_factory=list)
    flows: dict[str, list["Flow"]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flow:
    """What one stretch of messages cost."""

    cpu: float
    redis_cpu: float
    seen: Report

    @property
    def per_cpu(self) -> float:
        """Deliveries per CPU-second of the server."""
        return float(self.seen["deliveries"] / max(self.cpu, 1 / meter.TICK))


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen."""
    parser.add_argument("--seconds", type=float, default=5.0, help="of each stretch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--small", type=int, default=1000, help="sockets of F1, F2 and F4")
    parser.add_argument("--big", type=int, default=5000, help="sockets of F3")


def quick(asked: argparse.Namespace) -> None:
    """Small sizes."""
    asked.seconds, asked.rounds, asked.small, asked.big = 2.0, 1, 200, 1000


async def ask(asked: argparse.Namespace) -> list[Finding]:
    """F1 to F4."""
    small = await _small(asked)
    return [*small, *await _big(asked)]


async def _small(asked: argparse.Namespace) -> list[Finding]:
    fifty, quickly = f"say {asked.seconds} 50", f"say {asked.seconds} 200"
    flat = f"flat {min(3.0, asked.seconds)} {_window(asked.small)}"
    short, shorter = f"say {asked.seconds / 2} 50", f"say {asked.seconds / 4} 200"  # a slow peer needs its time
    async with _lines(asked.small, OURS, peers.EACH, peers.MERGE, peers.PLAIN) as lines:
        ours, each, merge, plain = lines
        await _rounds(asked.rounds, {ours: (fifty, quickly, flat), each: (fifty,), merge: (quickly, flat)})
        await _rounds(1, {plain: (short, shorter)})
    shares = f"{_each(ours, fifty)} of {_each(each, fifty)}; websockets.broadcast has {_each(plain, short)}"
    merged = f"{_each(ours, quickly)} of {_each(merge, quickly)}; websockets.broadcast has {_each(plain, shorter)}"
    flats = f"{_each(ours, flat)} of {_each(merge, flat)}; {_together(ours, merge, flat)}"
    return [
        Finding("F1.bare", _ratio(ours, each, fifty), f"{shares}{_redis(ours, fifty)}{_starved(ours, fifty)}"),
        Finding("F1.peers", _ratio(ours, each, fifty), "derived from the peers' table"),
        Finding(
            "F2.merging",
            _ratio(ours, merge, quickly),
            f"{merged}; {_together(ours, merge, quickly)}{_redis(ours, quickly)}",
        ),
        Finding("F2.peers", _ratio(ours, merge, quickly), "derived from the peers' table"),
        Finding("F2.flat", _median(ours, flat), f"{flats}{_redis(ours, flat)}"),
        Finding("F2.flat_peers", _ratio(ours, merge, flat), "derived from the peers' table"),
        Finding("C.at_50", _median(ours, fifty)),
        Finding("C.at_200", _median(ours, quickly)),
        Finding("C.envelope", _envelope(ours, fifty)),
        Finding(
            "F4.p50",
            _late(ours, fifty, "p50"),
            f"the bare C loop's {milliseconds(_late(each, fifty, 'p50'))}; {_busy(ours, fifty)}",
        ),
        Finding("F4.p99", _late(ours, fifty, "p99"), f"the bare C loop's {milliseconds(_late(each, fifty, 'p99'))}"),
    ]


async def _big(asked: argparse.Namespace) -> list[Finding]:
    flat = f"flat {min(3.0, asked.seconds)} {_window(asked.big)}"
    calm = f"say {asked.seconds} {50 * asked.small / asked.big}"  # as many deliveries a second
    async with _lines(asked.big, OURS, peers.MERGE) as lines, _lines(asked.small, OURS) as small:
        ours, merge = lines
        await _rounds(asked.rounds, {ours: (flat, calm), merge: (flat,), small[0]: (calm,)})
    flats = f"{_each(ours, flat)} of {_each(merge, flat)}; {_together(ours, merge, flat)}"
    calms = f"{_each(ours, calm)} per CPU-s beside {_each(small[0], calm)}, at {calm.split()[2]} msg/s"
    return [
        Finding("F3.flat", _median(ours, flat), f"{flats}{_redis(ours, flat)}"),
        Finding("F3.merging", _ratio(ours, merge, flat), ""),
        Finding("F3.cost", _ratio(small[0], ours, calm), calms),
    ]


@contextlib.asynccontextmanager
async def _lines(clients: int, *names: str) -> AsyncIterator[list[Line]]:
    """These servers, each with so many sockets in the room."""
    async with contextlib.AsyncExitStack() as stack:
        lines = []
        for name in names:
            redis: list[int] = []
            if name == OURS:
                fleet = await stack.enter_async_context(node.fleet(workers=1))
                where, redis = fleet.node, [fleet.store]
                passes = await where.passes(ROOM, count=clients, may="say,swift")
            else:
                where, passes = await stack.enter_async_context(peers.peer(name)), ["anybody"]
            crowd = await stack.enter_async_context(swarm(where, passes))
            await crowd.enter(clients, ROOM)
            lines.append(Line(name, where, crowd, redis))
            await flow(lines[-1], f"say 0.5 {SENDERS}")  # nothing is cold when it counts
        yield lines


async def _rounds(rounds: int, plan: dict[Line, tuple[str, ...]]) -> None:
    """Each stretch of each server, in turn, so many times."""
    for _ in range(rounds):
        for number in range(max(map(len, plan.values()))):
            for line, words in plan.items():
                if number < len(words):
                    line.flows.setdefault(words[number], []).append(await flow(line, words[number]))


async def flow(line: Line, words: str, *, letters: int = LETTERS, senders: int = SENDERS) -> Flow:
    """What it costs to say something until all is heard. `words`: `say SECONDS RATE` or `flat SECONDS WINDOW`."""
    pids = line.where.family
    before, redis = meter.cpu(pids), meter.cpu(line.redis)
    await line.crowd.order(*words.split(), letters, senders, ROOM)
    try:
        seen = await line.crowd.settle(float(words.split()[1]) + LAGGARDS)
    except Broken as why:
        raise Broken(f"{line.name}, {words}: {why}") from None
    return Flow(meter.cpu(pids) - before, meter.cpu(line.redis) - redis, seen)


def _ratio(one: Line, other: Line, words: str) -> float:
    """The median of the rounds' ratios."""
    pairs = zip(one.flows[words], other.flows[words], strict=True)
    return statistics.median(mine.per_cpu / theirs.per_cpu for mine, theirs in pairs)


def _median(line: Line, words: str) -> float:
    return statistics.median(one.per_cpu for one in line.flows[words])


def _late(line: Line, words: str, share: str) -> float:
    """When the last receiver had it, of the middle or of nearly all messages."""
    return float(statistics.median(flow.seen["late"][share] for flow in line.flows[words]))


def _each(line: Line, words: str) -> str:
    value = _median(line, words)
    return millions(value) if value >= 1e6 else count(value)


def _together(one: Line, other: Line, words: str) -> str:
    """How many messages travel in one read, ours and the other's; of so many on their way, or in a second."""
    both = [sum(flow.seen["deliveries"] for flow in line.flows[words]) for line in (one, other)]
    reads = [sum(flow.seen["reads"] for flow in line.flows[words]) for line in (one, other)]
    return f"{both[0] / reads[0]:.1f} messages in a read, the loop's {both[1] / reads[1]:.1f} of {words.split()[2]}"


def _starved(line: Line, words: str) -> str:
    """A server that is kept from its core joins what it would have sent one by one, and looks cheaper than it is."""
    seen = [flow.seen for flow in line.flows[words]]
    together = sum(one["deliveries"] for one in seen) / sum(one["reads"] for one in seen)
    if together < ALONE:
        return ""
    return f"; NOT COMPARABLE: the machine was busy, {together:.1f} messages came in a read. Ask again when it is quiet"


def _redis(line: Line, words: str) -> str:
    share = sum(one.redis_cpu for one in line.flows[words]) / max(sum(one.cpu for one in line.flows[words]), 0.01)
    return f"; Redis {share:.0%} of the server's CPU, apart"


def _busy(line: Line, words: str) -> str:
    busiest = max(one.seen["own_cpu"] / one.seen["seconds"] for one in line.flows[words])
    return f"the bench itself was busy {busiest:.0%} of a core"


def _envelope(line: Line, words: str) -> float:
    """Bytes of a delivery besides its text."""
    return float(statistics.median(one.seen["octets"] / one.seen["deliveries"] for one in line.flows[words])) - LETTERS


def _window(clients: int) -> int:
    return max(1, min(MOST_ON_THE_WAY, FRAMES_ON_THE_WAY // clients))
