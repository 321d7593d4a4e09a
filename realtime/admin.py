"""Health, readiness, metrics and a page for ops, from what the workers report. It has no Redis and no visitors."""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import orjson
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config.settings import Settings

STALE = 3.5  # seconds without a report after which a worker counts as silent
LOOPBACK = ("127.0.0.1", "::1", "localhost")
OPEN_PATHS = ("/healthz", "/readyz")

# Prometheus name -> (kind, key of the report, help)
METRICS = {
    "veche_connections": ("gauge", "connections", "Open sockets"),
    "veche_rooms": ("gauge", "rooms", "Rooms somebody listens to"),
    "veche_unsent_bytes": ("gauge", "unsent", "Bytes that wait for slow sockets"),
    "veche_writes_waiting": ("gauge", "writing", "Writes Redis has not answered"),
    "veche_loop_lag_seconds": ("gauge", "lag", "How late the event loop was at the last report"),
    "veche_resident_bytes": ("gauge", "rss", "Resident memory of the worker"),
    "veche_hears_redis": ("gauge", "hears", "1 when the worker's own probe came back through Redis lately"),
    "veche_cpu_seconds": ("counter", "cpu", "CPU time of the worker"),
    "veche_handshakes": ("counter", "handshakes", "Sockets opened"),
    "veche_commands": ("counter", "commands", "Messages heard from clients"),
    "veche_events": ("counter", "events", "Events heard from Redis"),
    "veche_flushes": ("counter", "flushes", "Frames made of events; events / flushes is how many travel together"),
    "veche_deliveries": ("counter", "deliveries", "Events times the sockets they were written to"),
    "veche_gaps": ("counter", "gaps", "Events that did not follow their forerunner; each was healed from the log"),
    "veche_choked": ("counter", "choked", "Sockets that were too slow for a while"),
}

Report = dict[str, Any]


@dataclass(slots=True)
class Reports:
    """The last report of each worker of this node."""

    workers: int
    last: dict[int, tuple[float, Report]] = field(default_factory=dict)  # pid -> (when, report)

    def take(self, report: Report, *, now: float) -> None:
        """Remember a report, forget the dead."""
        self.last[report["pid"]] = (now, report)
        for pid, (when, _) in list(self.last.items()):
            if now - when > 10 * STALE:
                del self.last[pid]

    def fresh(self, now: float) -> list[Report]:
        """Reports of workers that are alive, by slot."""
        return sorted((r for when, r in self.last.values() if now - when <= STALE), key=lambda r: (r["slot"], r["pid"]))

    def wrong(self, now: float) -> list[str]:
        """What keeps this node from delivering, a sentence each."""
        serving = [report for report in self.fresh(now) if not report["draining"]]
        slots = {report["slot"] for report in serving}
        out = [f"Worker {slot} does not report." for slot in range(self.workers) if slot not in slots]
        out += [f"Worker {r['slot']} (pid {r['pid']}) does not hear Redis." for r in serving if not r["hears"]]
        return out


def serve(settings: Settings, listener: socket.socket, *, reports: socket.socket, ready: int) -> None:
    """Run the admin of one node until SIGTERM. `reports` is where the workers' datagrams arrive."""
    asyncio.run(_run(settings, listener, reports, ready))


def application(reports: Reports, *, token: str, only_loopback: bool, clock: Callable[[], float]) -> web.Application:
    """The admin's pages."""
    app = web.Application(middlewares=[_door(token, only_loopback=only_loopback)])
    pages = _Pages(reports, clock)
    app.add_routes(
        [
            web.get("/healthz", pages.health),
            web.get("/readyz", pages.readiness),
            web.get("/metrics", pages.metrics),
            web.get("/", pages.overview),
        ]
    )
    return app


async def _run(settings: Settings, listener: socket.socket, reports: socket.socket, ready: int) -> None:
    loop = asyncio.get_running_loop()
    master = os.getppid()
    leaving = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, leaving.set)
    heard = Reports(settings.realtime_workers)
    app = application(
        heard,
        token=settings.admin_token,
        only_loopback=settings.admin_host in LOOPBACK,
        clock=time.monotonic,
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    reports.settimeout(0)
    loop.add_reader(reports, _take, reports, heard)
    os.write(ready, b"1")
    while os.getppid() == master and not leaving.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await leaving.wait()
    loop.remove_reader(reports)
    await runner.cleanup()


def _take(reports: socket.socket, heard: Reports) -> None:
    with contextlib.suppress(BlockingIOError):  # during a reload two admins read; the other one was quicker
        heard.take(orjson.loads(reports.recv(65_536)), now=time.monotonic())


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _door(token: str, *, only_loopback: bool) -> Any:
    @web.middleware
    async def door(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in OPEN_PATHS:
            return await handler(request)
        if not token:
            if only_loopback:
                return await handler(request)
            return _no("admin.closed", "Set ADMIN_TOKEN to open this page beyond the machine itself.")
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ") or request.query.get("token", "")
        if not secrets.compare_digest(shown.encode(errors="replace"), token.encode()):
            return _no("admin.token", "This page needs the token in ADMIN_TOKEN.")
        return await handler(request)

    return door


def _no(code: str, text: str) -> web.Response:
    return web.json_response({"code": code, "text": text}, status=403)


class _Pages:
    def __init__(self, reports: Reports, clock: Callable[[], float]) -> None:
        self._reports = reports
        self._clock = clock
        loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
        self._templates = jinja2.Environment(loader=loader, autoescape=True)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Exposition(reports, clock))

    async def health(self, _: web.Request) -> web.Response:
        """Whether what is said here is heard: each worker's probe goes through Redis and back."""
        wrong = self._reports.wrong(self._clock())
        return web.json_response({"ok": not wrong, "why": wrong}, status=503 if wrong else 200)

    async def readiness(self, _: web.Request) -> web.Response:
        """Whether a balancer may send visitors: at least one worker serves and hears Redis."""
        serving = [r for r in self._reports.fresh(self._clock()) if r["hears"] and not r["draining"]]
        return web.json_response({"ok": bool(serving), "workers": len(serving)}, status=200 if serving else 503)

    async def metrics(self, _: web.Request) -> web.Response:
        """Prometheus' text format."""
        return web.Response(body=generate_latest(self._registry), content_type="text/plain", charset="utf-8")

    async def overview(self, _: web.Request) -> web.Response:
        """Numbers and the worst clients, for people."""
        now = self._clock()
        page = self._templates.get_template("admin.html")
        workers = self._reports.fresh(now)
        return web.Response(
            text=page.render(workers=workers, wrong=self._reports.wrong(now), busiest=_busiest(workers)),
            content_type="text/html",
            headers={"Refresh": "2", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )


def _busiest(workers: Iterable[Report]) -> list[tuple[str, int]]:
    rooms: dict[str, int] = {}
    for report in workers:
        for room, listeners in report["busiest"]:
            rooms[room] = rooms.get(room, 0) + listeners
    return sorted(rooms.items(), key=lambda room: -room[1])[:10]


class _Exposition(Collector):
    """The reports as Prometheus metrics; counters are those of living workers and start anew with them."""

    def __init__(self, reports: Reports, clock: Callable[[], float]) -> None:
        self._reports = reports
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Called at each scrape."""
        workers = self._reports.fresh(self._clock())
        for name, (kind, key, text) in METRICS.items():
            family = GaugeMetricFamily if kind == "gauge" else CounterMetricFamily
            metric = family(name, text, labels=["worker", "pid"])
            for report in workers:
                metric.add_metric(_labels(report), float(report[key]))
            yield metric
        for name, label, key, text in (
            ("veche_refusals", "code", "refusals", "Refusals by code"),
            ("veche_closes", "code", "closes", "Sockets closed by close code"),
        ):
            metric = CounterMetricFamily(name, text, labels=["worker", "pid", label])
            for report in workers:
                for code, count in report[key].items():
                    metric.add_metric([*_labels(report), code], count)
            yield metric


def _labels(report: Report) -> list[str]:
    """During a reload a slot has two workers for a moment."""
    return [str(report["slot"]), str(report["pid"])]
