"""What the socket server must reach, what its peers reach, and why a target is missed as long as it is. Pure."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

# Deliveries per server CPU-second in thousands, 200-byte messages: 1,000 sockets at 50 and at 200 messages a second and
# flat out, 5,000 sockets flat out. Measured once on one 2-core machine, each in its documented broadcast setup
# (realtime.md, section 1, the page the targets come from). On other machines only their ratios to the bare loops
# hold, so a target "ahead of a peer" becomes a ratio to the bare loop that runs beside us.
BARE_EACH = (147, 183, 190, 170)
BARE_MERGE = (154, 482, 4400, 1200)
PEERS = {
    "picows": (135, 171, 200, 160),
    "Swoole 6, BASE": (130, 145, 180, 130),
    "Nchan": (112, 152, 160, 130),
    "socketify (uWebSockets)": (50, 198, 2000, 1000),
    "ws on Node": (98, 104, 120, 90),
    "aiohttp": (95, 124, 120, 90),
    "websockets": (82, 88, 100, 80),
    "socket.io on Node": (72, 110, 130, 70),
    "python-socketio": (18, 0, 16, 7),
    "Django Channels": (3.3, 0, 4, 1),
}


def best_peer(column: int, bare: tuple[int, ...]) -> float:
    """The best peer's share of the bare loop."""
    return max(numbers[column] for numbers in PEERS.values()) / bare[column]


def ratio(value: float) -> str:
    """0.853 as 0.85."""
    return f"{value:.2f}"


def count(value: float) -> str:
    """12345.6 as 12,346."""
    return f"{value:,.0f}"


def millions(value: float) -> str:
    """3210000 as 3.21 M."""
    return f"{value / 1e6:.2f} M"


def milliseconds(value: float) -> str:
    """0.0123 as 12.3 ms."""
    return f"{value * 1e3:,.1f} ms"


def microseconds(value: float) -> str:
    """0.0000123 as 12.3 µs."""
    return f"{value * 1e6:,.1f} µs"


def seconds(value: float) -> str:
    """1.234 as 1.23 s."""
    return f"{value:.2f} s"


def kilobytes(value: float) -> str:
    """Bytes: 4096 as 4.0 KB."""
    return f"{value / 1024:,.1f} KB"


def percent(value: float) -> str:
    """0.123 as 12.3 %."""
    return f"{value:.1%}"


MISSED = " (!)"


@dataclass(frozen=True, slots=True)
class Target:
    """One number to reach. `why` stands beside it while it is missed."""

    name: str
    what: str
    bound: float
    show: Callable[[float], str]
    at_least: bool = False
    why: str = ""

    @property
    def row(self) -> str:
        """The row of the targets' page: F1 of F1.peers."""
        return self.name.partition(".")[0]

    def met(self, value: float) -> bool:
        """Whether a value reaches it; a mere fact always does."""
        if math.isnan(self.bound):
            return True
        return value >= self.bound if self.at_least else value <= self.bound

    def shown_bound(self) -> str:
        """The bound as people read it."""
        if math.isnan(self.bound):
            return ""
        return f"{'≥' if self.at_least else '≤'} {self.show(self.bound)}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was measured for one target; `detail` is how, in a few words."""

    target: str
    value: float
    detail: str = ""

    @property
    def shown(self) -> str:
        """The value as people read it."""
        return BY_NAME[self.target].show(self.value)

    @property
    def met(self) -> bool:
        """Whether it reaches its target."""
        return BY_NAME[self.target].met(self.value)


def least(name: str, what: str, bound: float, show: Callable[[float], str], why: str = "") -> Target:
    """A number that must not be smaller."""
    return Target(name, what, bound, show, at_least=True, why=why)


def most(name: str, what: str, bound: float, show: Callable[[float], str], why: str = "") -> Target:
    """A number that must not be larger."""
    return Target(name, what, bound, show, why=why)


def fact(name: str, what: str, show: Callable[[float], str]) -> Target:
    """A number that is only kept."""
    return Target(name, what, math.nan, show)


# Why a target is missed where it is, as far as profiles say; bench/README.md has them.
SENDING = (
    "seven tenths are the kernel's send; the rest is each message's own way: its parsing, its trip to Redis, its answer"
)
MERGING = (
    "six tenths are the kernel's send; the loop parses nothing and asks no Redis, and the way through Redis, which "
    "syncs every write, spreads what would travel together"
)
CROWD = (
    "a thousand sends of 7 µs are 7 ms, the bare loop's too; the crowd reads one socket after another and shares its "
    "core with Redis: near its own limit, or on a busy machine, this is its lateness"
)

TARGETS = (
    least("F1.bare", "1,000 sockets, 50 msg/s: deliveries per CPU-s, of the bare C loop's", 0.85, ratio, why=SENDING),
    least("F1.peers", "the same, ahead of the best peer", best_peer(0, BARE_EACH), ratio, why=SENDING),
    least("F2.merging", "200 msg/s: of the merging C loop's", 0.8, ratio, why=SENDING),
    least("F2.peers", "200 msg/s: 2 x the best peer", 2 * best_peer(1, BARE_MERGE), ratio, why=SENDING),
    least("F2.flat", "flat out: deliveries per CPU-s", 3e6, millions, why=MERGING),
    least(
        "F2.flat_peers",
        "flat out: 1.5 x the best peer, of the merging C loop's",
        1.5 * best_peer(2, BARE_MERGE),
        ratio,
        why=MERGING,
    ),
    least("F3.flat", "5,000 sockets flat out: deliveries per CPU-s", 1.05e6, millions, why=MERGING),
    least("F3.merging", "5,000 sockets flat out: of the merging C loop's", 0.85, ratio, why=MERGING),
    most("F3.cost", "cost of a delivery to 5,000 sockets, of one to 1,000 (50 msg/s)", 1.1, ratio),
    most("F4.p50", "F1: half of the messages are on the last screen within", 0.005, milliseconds, why=CROWD),
    most("F4.p99", "F1: 99 of 100", 0.020, milliseconds, why=CROWD),
    most(
        "F5.memory",
        "an idle connection in 3 rooms: memory",
        4096,
        kilobytes,
        why="the transport of uvloop, the session and its rights, a seat in three rooms",
    ),
    most(
        "F5.cpu",
        "the same: CPU per second",
        2e-6,
        microseconds,
        why="what a node does for itself each second, by so few sockets",
    ),
    least(
        "F6.entries",
        "handshake, pass, 3 joins with 50 messages each: per CPU-s",
        4000,
        count,
        why="sending 150 messages of history is most of it",
    ),
    most("F7.join", "lunch move within 10 s: 95 of 100 joins within", 1.0, seconds),
    most("F7.missed", "the same: missed, doubled or out of order", 0, count),
    most(
        "F7.cpu",
        "the same: CPU per move",
        100e-6,
        microseconds,
        why="two commands and an answer with fifty messages; half of it when moves come back to back, so the rest is "
        "what waking up for each one costs; what the messages cost is taken off by estimate",
    ),
    most("F8.lost", "10,000 random disconnects: lost, doubled or out of order", 0, count),
    most("F9.memory", "a fifth stops reading: memory per deaf socket", 65536, kilobytes),
    most("F9.late", "the same: the others' p99, of before", 1.1, ratio, why=CROWD),
    most("F9.lost", "the same: lost after they read again", 0, count),
    most(
        "F9.after",
        "the same: memory when all is read, of before",
        1.05,
        ratio,
        why="the allocator keeps for the next time what the buffers needed; see F10 for whether it grows",
    ),
    most(
        "F10.slope",
        "come and go: memory kept per cycle",
        1,
        lambda value: f"{value:.1f} bytes",
        why="the allocator's pages, divided by few cycles; --cycles says whether it goes on",
    ),
    most("F10.files", "come and go: descriptors kept", 2, count),
    most("F11.worker", "kill -9 of a worker: all back (p99)", 2.0, seconds),
    most("F11.node", "kill -9 of a node: all back after it is up (p99)", 2.0, seconds),
    most(
        "F11.redis",
        "kill -9 of Redis: delivering after it is up (p99)",
        2.0,
        seconds,
        why="look at the rounds: one late round is the machine's or a time limit of five seconds running out twice",
    ),
    most("F11.lost", "all of these: acknowledged and lost, shown twice, out of order", 0, count),
    most("F12.refused", "reload under load: refused handshakes", 0, count),
    most(
        "F12.late",
        "the same: p99, of before",
        2.0,
        ratio,
        why="the new workers start and greet everybody on the core that tells the messages",
    ),
    most(
        "F13.approve",
        "a question approved, with chat going on: on the last of 5,000 screens (p99)",
        0.3,
        milliseconds,
        why=CROWD,
    ),
    most("F13.retract", "retracted: gone from the last of 5,000 screens (p99)", 0.3, milliseconds, why=CROWD),
    most("F13.later", "retracted text in later reads, random interleavings", 0, count),
    least(
        "F14.saved",
        "compressed, 20 msg/s: bytes saved on the wire",
        0.6,
        percent,
        why="a short message alone has little in it that repeats; nothing is saved where the server does not compress",
    ),
    most("F14.cpu", "the same: CPU, of plain", 1.15, ratio),
    # not targets: what capacity.py calculates with
    fact("C.at_50", "deliveries per CPU-s at 50 msg/s", count),
    fact("C.at_200", "the same at 200 msg/s", count),
    fact("C.envelope", "bytes of a delivery besides its text", count),
    least("F15.two", "two nodes on one Redis: deliveries per time at equal CPU each, of one node's", 1.9, ratio),
)
BY_NAME = {target.name: target for target in TARGETS}


def why_missed(finding: Finding) -> str:
    """The sentence beside a missed target."""
    return BY_NAME[finding.target].why or "not explained yet"


def lines(findings: Iterable[Finding]) -> list[tuple[str, ...]]:
    """What was asked, the target, what was measured, whether it is reached, and a remark."""
    out: list[tuple[str, ...]] = []
    for one in findings:
        target = BY_NAME[one.target]
        verdict = ("reached" if one.met else "MISSED") if target.shown_bound() else ""
        remark = one.detail if one.met else "; ".join(filter(None, (one.detail, why_missed(one))))
        out.append((target.row, target.what, target.shown_bound(), one.shown, verdict, remark))
    return out


def row(findings: Iterable[Finding]) -> dict[str, str]:
    """A row of results.md: a column for each F, in it what was measured; a mark behind what was missed."""
    cells: dict[str, list[str]] = {target.row: [] for target in TARGETS}
    for one in findings:
        column, _, name = one.target.partition(".")
        cells[column].append(f"{name} {one.shown}{'' if one.met else MISSED}")
    return {column: "; ".join(cell) or "-" for column, cell in cells.items()}


def measured(row: Mapping[str, str]) -> dict[str, str]:
    """The values in such a row, by the names of their targets."""
    out = {}
    for column, cell in row.items():
        for part in cell.split("; "):
            name, _, shown = part.partition(" ")
            out[f"{column}.{name}"] = shown.removesuffix(MISSED)
    return out
