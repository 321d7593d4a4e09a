"""What is known of a node from what its processes report: who serves, what is wrong, what is busy. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

STALE = 3.5  # seconds without a report after which a worker counts as silent; one comes each second
LEAP = 10.0  # seconds more while the master loads new code and passes nothing on; on a busy machine it takes some
SERVING = "serving"
DRAINED = "drained"  # told by ops to hold nobody; it stays
LEAVING = "leaving"  # replaced, or the node stops; it goes when everybody was sent elsewhere

Report = dict[str, Any]

# A worker of older code may not report all of it during a reload.
NOTHING: Report = {
    "version": "",
    "state": SERVING,
    "broadcast": "python",
    "mute": "",
    "hears": False,
    "writes": True,
    **dict.fromkeys(("slot", "pid", "connections", "limit", "rooms", "unsent", "writing", "behind", "rss"), 0),
    **dict.fromkeys(("handshakes", "commands", "events", "flushes", "deliveries", "gaps", "choked", "saved"), 0),
    **dict.fromkeys(("lag", "cpu", "write_seconds"), 0.0),
    **dict.fromkeys(("busiest", "slowest", "deaf"), ()),
    "refusals": {},
    "closes": {},
}
NO_MASTER: Report = {
    "pid": 0,
    "version": "",
    "living": None,
    "drained": False,
    "stopping": False,
    "leaping": False,
    "trouble": "",
    "counts": {},
}


@dataclass(slots=True)
class Rate:
    """How fast the counters of a worker rise, between its last two reports."""

    deliveries: float = 0.0  # a second
    events: float = 0.0  # a second
    cpu: float = 0.0  # share of a core


@dataclass(slots=True)
class Reports:
    """The last report of each worker of this node, and of its master."""

    workers: int
    master: Report = field(default_factory=lambda: dict(NO_MASTER))
    last: dict[int, tuple[float, Report]] = field(default_factory=dict)  # pid -> (when, report)
    rates: dict[int, Rate] = field(default_factory=dict)  # by pid

    def take(self, report: Report, *, now: float) -> None:
        """Remember a report, forget the dead. `now` is seconds of any steady clock."""
        if "master" in report:
            self.master = {**NO_MASTER, **report["master"]}
        else:
            whole = {**NOTHING, **report}
            before = self.last.get(whole["pid"])
            if before is not None and now > before[0]:
                self.rates[whole["pid"]] = _rate(before[1], whole, now - before[0])
            self.last[whole["pid"]] = (now, whole)
        living = self.master["living"]
        for pid, (when, _) in list(self.last.items()):
            if now - when > 10 * STALE or (living is not None and pid not in living and now - when > 1):
                del self.last[pid]
                self.rates.pop(pid, None)

    def fresh(self, now: float) -> list[Report]:
        """Reports of workers that are alive, by slot."""
        patience = STALE + (LEAP if self.master["leaping"] else 0.0)
        alive = (report for when, report in self.last.values() if now - when <= patience)
        return sorted(alive, key=lambda report: (report["slot"], report["pid"]))

    def rate(self, report: Report) -> Rate:
        """How busy a worker is."""
        return self.rates.get(report["pid"], Rate())

    def silent(self, now: float) -> list[int]:
        """Slots of which nothing is heard."""
        slots = {report["slot"] for report in self.fresh(now) if report["state"] != LEAVING}
        return [slot for slot in range(self.workers) if slot not in slots]

    def wrong(self, now: float) -> list[str]:
        """What keeps this node from delivering, a sentence each."""
        staying = [report for report in self.fresh(now) if report["state"] != LEAVING]
        out = [f"Worker {slot} does not report." for slot in self.silent(now)]
        out += [f"Worker {r['slot']} (pid {r['pid']}) does not hear Redis." for r in staying if not r["hears"]]
        out += [
            f"Worker {r['slot']} (pid {r['pid']}) does not hear Redis at {where}; only its rooms wait."
            for r in staying
            for where in r["deaf"]
            if r["hears"]
        ]
        out += [
            f"Worker {r['slot']} (pid {r['pid']}) cannot write to Redis: {r['mute'].rstrip('.') or 'no answer'}."
            for r in staying
            if r["hears"] and not r["writes"]
        ]
        return out

    def notes(self) -> list[str]:
        """What ops should know though everything is delivered, a sentence each."""
        out = []
        if self.master["stopping"]:
            out.append("This node is stopping.")
        elif self.master["drained"]:
            out.append("This node is drained: it sends its visitors elsewhere and takes no new ones.")
        if self.master["trouble"]:
            out.append(self.master["trouble"])
        return out

    def ready(self, now: float) -> int:
        """How many workers a balancer may send visitors to."""
        return sum(1 for r in self.fresh(now) if r["hears"] and r["state"] == SERVING and not self.master["stopping"])

    def summary(self, now: float) -> Report:
        """This node in one row of the fleet."""
        workers = self.fresh(now)
        rates = [self.rate(report) for report in workers]
        return {
            "version": self.master["version"],
            "workers": len([report for report in workers if report["state"] != LEAVING]),
            "connections": sum(report["connections"] for report in workers),
            "rooms": max((report["rooms"] for report in workers), default=0),  # most are at every worker
            "deliveries": sum(rate.deliveries for rate in rates),
            "cpu": sum(rate.cpu for rate in rates),
            "rss": sum(report["rss"] for report in workers),
            "lag": max((report["lag"] for report in workers), default=0.0),
            "drained": bool(self.master["drained"] or self.master["stopping"]),
            "wrong": self.wrong(now),
            "notes": self.notes(),
        }


def busiest(workers: Iterable[Report]) -> list[tuple[str, int]]:
    """The fullest rooms of all workers together."""
    rooms: dict[str, int] = {}
    for report in workers:
        for room, listeners in report["busiest"]:
            rooms[room] = rooms.get(room, 0) + listeners
    return sorted(rooms.items(), key=lambda room: -room[1])[:10]


def slowest(workers: Iterable[Report]) -> list[tuple[str, int, int, int, int]]:
    """Whom the most bytes wait for: (who, slot, pid, visit, bytes)."""
    slow = [(who, r["slot"], r["pid"], visit, unsent) for r in workers for who, unsent, visit in r["slowest"]]
    return sorted(slow, key=lambda one: -one[4])[:10]


def _rate(before: Report, after: Report, seconds: float) -> Rate:
    return Rate(*((after[name] - before[name]) / seconds for name in ("deliveries", "events", "cpu")))
