"""The names under which Prometheus learns what a node reports. It measures nothing itself.

`python -m realtime metrics` prints them as the table in README.md.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from realtime.reports import DRAINED, LEAVING, Report, Reports


@dataclass(frozen=True, slots=True)
class Of:
    """A metric of a worker: what kind it is, where its report has it, what it means."""

    kind: str  # gauge, or counter: Prometheus then calls it <name>_total
    read: Callable[[Report], float]
    help: str


def _key(key: str) -> Callable[[Report], float]:
    return lambda report: float(report[key])


WORKER = {
    "veche_connections": Of("gauge", _key("connections"), "Open sockets"),
    "veche_connections_limit": Of("gauge", _key("limit"), "Open sockets this worker allows; 0 when it is drained"),
    "veche_rooms": Of("gauge", _key("rooms"), "Rooms somebody listens to at this worker"),
    "veche_unsent_bytes": Of("gauge", _key("unsent"), "Bytes that wait for slow sockets"),
    "veche_writes_waiting": Of("gauge", _key("writing"), "Writes Redis has not answered"),
    "veche_write_seconds": Of("gauge", _key("write_seconds"), "How long Redis took for the last probing write"),
    "veche_behind_events": Of("gauge", _key("behind"), "Events the fullest rooms here are behind Redis, at worst"),
    "veche_loop_lag_seconds": Of("gauge", _key("lag"), "How late the event loop was at the last report"),
    "veche_resident_bytes": Of("gauge", _key("rss"), "Resident memory of the worker"),
    "veche_hears_redis": Of("gauge", _key("hears"), "1 when the worker's own probe came back through Redis lately"),
    "veche_writes_redis": Of("gauge", _key("writes"), "1 when Redis took the worker's probing write lately"),
    "veche_drained": Of("gauge", lambda r: float(r["state"] == DRAINED), "1 when ops drained the worker"),
    "veche_leaving": Of("gauge", lambda r: float(r["state"] == LEAVING), "1 while a replaced worker hands over"),
    "veche_broadcast_c": Of("gauge", lambda r: float(r["broadcast"] == "c"), "1 when frames go out by the C path"),
    "veche_cpu_seconds": Of("counter", _key("cpu"), "CPU time; divided by deliveries, what one delivery costs"),
    "veche_handshakes": Of("counter", _key("handshakes"), "Sockets opened"),
    "veche_commands": Of("counter", _key("commands"), "Messages heard from clients"),
    "veche_events": Of("counter", _key("events"), "Events heard from Redis"),
    "veche_flushes": Of("counter", _key("flushes"), "Frames made of events; events / flushes travel together"),
    "veche_deliveries": Of("counter", _key("deliveries"), "Events times the sockets they were written to"),
    "veche_gaps": Of("counter", _key("gaps"), "Events that did not follow their forerunner; each was healed"),
    "veche_choked": Of("counter", _key("choked"), "Sockets that were too slow for a while"),
    "veche_compression_saved_bytes": Of("counter", _key("saved"), "Bytes that compression kept off the wire"),
}
BY_CODE = {  # a counter each, with the label `code`
    "veche_refusals": ("refusals", "Refusals by code"),
    "veche_closes": ("closes", "Sockets closed by close code; 1006: without a word, 0: a code of the client's own"),
}
MASTER = {  # of the master, no label: (kind, read, help)
    "veche_healthy": Of("gauge", lambda _: 0.0, "1 when /healthz is green"),
    "veche_reload_failed": Of("gauge", lambda m: float(bool(m["trouble"])), "1 when the last reload was not possible"),
    "veche_reloads": Of("counter", lambda m: m["counts"].get("reloads", 0), "Reloads since the node was started"),
    "veche_workers_died": Of("counter", lambda m: m["counts"].get("died", 0), "Processes that died and were replaced"),
    "veche_workers_hung": Of("counter", lambda m: m["counts"].get("hung", 0), "Processes killed because they hung"),
    "veche_workers_recycled": Of("counter", lambda m: m["counts"].get("heavy", 0), "Workers replaced for their memory"),
}
LABELS = ["worker", "pid"]  # during a reload a slot has two workers for a moment


class Exposition(Collector):
    """The reports as metrics; a worker's counters start anew with the worker."""

    def __init__(self, reports: Reports, clock: Callable[[], float]) -> None:
        """`clock` tells the time of the reports."""
        self._reports = reports
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Called at each scrape."""
        now = self._clock()
        workers = self._reports.fresh(now)
        for name, of in WORKER.items():
            metric = _family(of)(name, of.help, labels=LABELS)
            for report in workers:
                metric.add_metric(_labels(report), of.read(report))
            yield metric
        for name, (key, text) in BY_CODE.items():
            coded = CounterMetricFamily(name, text, labels=[*LABELS, "code"])
            for report in workers:
                for code, count in report[key].items():
                    coded.add_metric([*_labels(report), code], count)
            yield coded
        for name, of in MASTER.items():
            value = float(not self._reports.wrong(now)) if name == "veche_healthy" else of.read(self._reports.master)
            yield _family(of)(name, of.help, value=value)


def names() -> dict[str, tuple[str, str]]:
    """Every name as Prometheus stores it -> (labels, meaning)."""
    out = {_stored(name, of.kind): ("worker, pid", of.help) for name, of in WORKER.items()}
    out |= {_stored(name, "counter"): ("worker, pid, code", text) for name, (_, text) in BY_CODE.items()}
    out |= {_stored(name, of.kind): ("", of.help) for name, of in MASTER.items()}
    return out


def table() -> str:
    """Markdown for README.md."""
    rows = [f"| `{name}` | {labels or '-'} | {text} |" for name, (labels, text) in names().items()]
    return "\n".join(("| metric | labels | meaning |", "|---|---|---|", *rows))


def _family(of: Of) -> type[GaugeMetricFamily] | type[CounterMetricFamily]:
    return GaugeMetricFamily if of.kind == "gauge" else CounterMetricFamily


def _stored(name: str, kind: str) -> str:
    return f"{name}_total" if kind == "counter" else name


def _labels(report: Report) -> list[str]:
    return [str(report["slot"]), str(report["pid"])]
