"""What one worker counts of its own work. Pure; reports.py and metrics.py show it."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stats:
    """Counts since the worker's start."""

    handshakes: int = 0
    commands: int = 0  # messages heard from clients
    events: int = 0  # events heard from Redis
    flushes: int = 0  # frames made of them
    deliveries: int = 0  # events times the sockets they were written to
    gaps: int = 0  # events that did not follow their forerunner
    choked: int = 0  # sockets that were too slow for a while
    saved: int = 0  # bytes that compression kept off the wire
    broadcast: str = "python"  # who writes a frame to many sockets: python, or c
    refusals: Counter[str] = field(default_factory=Counter)
    closes: Counter[int] = field(default_factory=Counter)
