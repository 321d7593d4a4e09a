"""Health, readiness, metrics and the page for ops, from what the master passes on. It serves no visitors."""

import asyncio
import contextlib
import logging
import re
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jinja2
import orjson
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

from config.settings import Settings
from realtime import child, metrics, reports
from realtime.engine import connect
from realtime.farewell import end, until
from realtime.fleet import Fleet
from realtime.gate import LOOPBACK, TICKET_LIFE, Gate
from realtime.reports import Report, Reports

OPEN_PATHS = ("/healthz", "/readyz", "/sign-in", "/ops.css", "/ops.js")
TICKET = "veche_ops"  # cookie
GUESS = 0.5  # seconds a wrong token costs
PULSE = 1.0  # seconds
NUMBER = re.compile(r"[0-9]{1,18}")  # a pid, or which visit
FIRST_WORDS = 2.0  # seconds until each worker has reported; sooner, a reload would look like a failure
LAST_ANSWERS = 2.0  # seconds a request in hand gets when the admin leaves; whoever sends half a form may never end
HERE = Path(__file__).parent
POLICY = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
))  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# button -> what the page says afterwards
DONE = {
    "reload": "The new code is being tried; if it starts, it takes over within seconds.",
    "drain": "This node turns red for balancers and, five seconds later, sends its visitors elsewhere.",
    "serve": "This node takes visitors again.",
    "replace": "A new worker takes over; the visitors of the old one are told to come again.",
    "cut": "The socket was cut; its owner may come again.",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

logger = logging.getLogger(__name__)


def serve(settings: Settings, listener: socket.socket, *, line: socket.socket) -> None:
    """Run the admin of one node until SIGTERM. `line` leads to the master: reports come down, buttons go up."""
    asyncio.run(_run(settings, listener, line))


def application(pages: "Pages", gate: Gate) -> web.Application:
    """Every address of the admin."""
    app = web.Application(middlewares=[_door(gate)], client_max_size=16_384)
    app.add_routes(
        [
            web.get("/", pages.overview),
            web.get("/healthz", pages.health),
            web.get("/readyz", pages.readiness),
            web.get("/metrics", pages.metrics),
            web.get("/fleet", pages.fleet),
            web.get("/ops.css", pages.style),
            web.get("/ops.js", pages.script),
            web.post("/sign-in", pages.sign_in),
            web.post("/sign-out", pages.sign_out),
            *(web.post(f"/{button}", pages.press) for button in DONE),
        ]
    )
    return app


async def _run(settings: Settings, listener: socket.socket, line: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    leaving = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, leaving.set)
    heard = Reports(settings.realtime_workers)
    redis = connect(settings.redis_url)
    fleet = Fleet(redis, settings.node_name, lambda: heard.summary(time.monotonic()))
    on_loopback = settings.admin_host in LOOPBACK
    gate = Gate(secret=settings.secret, token=settings.admin_token, on_loopback=on_loopback)
    pages = Pages(heard, fleet, gate, name=settings.node_name, command=lambda what: _say(line, orjson.dumps(what)))
    runner = web.AppRunner(application(pages, gate), access_log=None, shutdown_timeout=LAST_ANSWERS)
    await runner.setup()
    loop.add_reader(line, _listen, line, heard, leaving)
    await until(lambda: not heard.silent(time.monotonic()), within=FIRST_WORDS)
    await web.SockSite(runner, listener).start()
    _say(line, child.READY)
    async with asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(fleet.run())
        while not leaving.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PULSE):
                    await leaving.wait()
            _say(line, b"{}")  # a sign of life
        await end([telling])
    loop.remove_reader(line)
    if heard.master["stopping"]:
        await fleet.strike_off()
    await runner.cleanup()
    await redis.aclose()


def _listen(line: socket.socket, heard: Reports, leaving: asyncio.Event) -> None:
    message = child.hear(line)
    if message:
        heard.take(orjson.loads(message), now=time.monotonic())
    elif message is not None:
        asyncio.get_running_loop().remove_reader(line)
        leaving.set()  # the master is gone


def _say(line: socket.socket, message: bytes) -> None:
    with contextlib.suppress(OSError):  # the master is gone, which _listen hears
        line.send(message)


def _door(gate: Gate) -> Any:
    @web.middleware
    async def door(request: web.Request, handler: Handler) -> web.StreamResponse:
        no = None if request.path in OPEN_PATHS else _refusal(gate, request)
        if no is not None and gate.wants_token and "text/html" in request.headers.get("Accept", ""):
            answer: web.StreamResponse = _page("sign_in.html", status=403, wrong=False)
        elif no is not None:
            answer = _no(*no)
        elif request.method == "POST" and request.path != "/sign-in" and not await _pressed_here(gate, request):
            answer = _no("admin.form", "This button belongs to an old page; load the page again.")
        else:
            answer = await handler(request)
        answer.headers.update(HEADERS)
        return answer

    return door


def _refusal(gate: Gate, request: web.Request) -> tuple[str, str] | None:
    return gate.refusal(
        host=request.url.host or "",
        bearer=request.headers.get("Authorization", ""),
        ticket=request.cookies.get(TICKET, ""),
        now=time.time(),
    )


async def _pressed_here(gate: Gate, request: web.Request) -> bool:
    return gate.may_press(
        bearer=request.headers.get("Authorization", ""),
        ticket=request.cookies.get(TICKET, ""),
        shown=str((await request.post()).get("mark", "")),
    )


def _no(code: str, text: str) -> web.Response:
    return web.json_response({"code": code, "text": text}, status=403)


TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


def _page(template: str, *, status: int = 200, **shown: Any) -> web.Response:
    return web.Response(text=TEMPLATES.get_template(template).render(**shown), content_type="text/html", status=status)


class Pages:
    """The handlers, in the order of `application`."""

    def __init__(
        self, heard: Reports, fleet: Fleet, gate: Gate, *, name: str, command: Callable[[Report], None]
    ) -> None:
        """`command` takes what a button asks for to the master."""
        self._heard = heard
        self._fleet = fleet
        self._gate = gate
        self._name = name
        self._command = command
        self._clock = time.monotonic
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(metrics.Exposition(heard, self._clock))

    async def overview(self, request: web.Request) -> web.Response:
        """Fleet, workers, rooms and the slowest sockets, with buttons."""
        now = self._clock()
        workers = self._heard.fresh(now)
        return _page(
            "admin.html",
            name=self._name,
            fleet=self._fleet.rows(),
            away=self._fleet.away,
            master=self._heard.master,
            workers=[(report, self._heard.rate(report)) for report in workers],
            wrong=self._heard.wrong(now),
            notes=self._heard.notes(),
            busiest=reports.busiest(workers),
            slowest=reports.slowest(workers),
            said=DONE.get(request.query.get("said", ""), ""),
            mark=self._gate.mark(request.cookies.get(TICKET, "")),
            signed_in=self._gate.wants_token,
        )

    async def health(self, _: web.Request) -> web.Response:
        """Whether what is said here is heard: each worker's probe goes through Redis and back."""
        wrong = self._heard.wrong(self._clock())
        found = {"ok": not wrong, "why": wrong, "notes": self._heard.notes()}
        return web.json_response(found, status=503 if wrong else 200)

    async def readiness(self, _: web.Request) -> web.Response:
        """Whether a balancer may send visitors: at least one worker serves and hears Redis."""
        ready = self._heard.ready(self._clock())
        return web.json_response({"ok": bool(ready), "workers": ready}, status=200 if ready else 503)

    async def metrics(self, _: web.Request) -> web.Response:
        """Prometheus' text format."""
        return web.Response(body=generate_latest(self._registry), content_type="text/plain", charset="utf-8")

    async def fleet(self, _: web.Request) -> web.Response:
        """Every node, for programs."""
        return web.json_response({"nodes": self._fleet.rows(), "away": self._fleet.away})

    async def style(self, _: web.Request) -> web.StreamResponse:
        """How the page looks."""
        return web.FileResponse(HERE / "templates" / "ops.css")

    async def script(self, _: web.Request) -> web.StreamResponse:
        """How the page keeps itself fresh."""
        return web.FileResponse(HERE / "templates" / "ops.js")

    async def sign_in(self, request: web.Request) -> web.Response:
        """The token, typed in: a ticket for it."""
        shown = str((await request.post()).get("token", ""))
        if not self._gate.is_token(shown):
            await asyncio.sleep(GUESS)
            return _page("sign_in.html", status=403, wrong=True)
        answer = _to_overview()
        secure = "https" in (request.scheme, request.headers.get("X-Forwarded-Proto"))
        answer.set_cookie(
            TICKET,
            self._gate.ticket(time.time()),
            max_age=TICKET_LIFE,
            httponly=True,
            samesite="Strict",
            secure=secure,
        )
        return answer

    async def sign_out(self, _: web.Request) -> web.Response:
        """Forget the ticket."""
        answer = _to_overview()
        answer.del_cookie(TICKET)
        return answer

    async def press(self, request: web.Request) -> web.Response:
        """A button: reload, drain, serve, replace a worker, cut a socket."""
        button, form = request.path.removeprefix("/"), await request.post()
        command: Report = {"do": button}
        for number in ("pid", "visit"):
            text = str(form.get(number, ""))
            if NUMBER.fullmatch(text):
                command[number] = int(text)
        logger.info("Ops ask for: %s", " ".join(str(word) for word in command.values()))
        self._command(command)
        return _to_overview(f"?said={button}")


def _to_overview(query: str = "") -> web.Response:
    return web.Response(status=303, headers={"Location": f"/{query}"})
