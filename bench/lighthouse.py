"""Pages as Lighthouse sees them on a middling phone: four marks, what is painted when, and how much it weighs.

It starts the demo as `make up` does, or asks a product that runs already, and signs in as a participant of the demo.
Speed is simulated by Lighthouse (slow 4G, a slow processor); on a busy machine take more runs.
"""

import argparse
import contextlib
import json
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar
from statistics import median
from typing import Any

from bench import report
from bench.node import HOUSE, CannotStart

PAGES = {"landing": "/c/uchitel", "channel": "/c/uchitel/main", "schedule": "/c/uchitel/schedule"}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
TARGET = 95  # of 100, in every category on every page
WHO = ("anna@demo.veche", "veche-demo")
READY = "veche is ready: "
START = 120.0  # seconds until everything answers; a cold Postgres on a busy machine
LONGEST = 180.0  # seconds for one run of Lighthouse
TRIES = 3  # on a busy machine Chromium now and then records nothing, and Lighthouse asks to be run again
PROGRAM = HOUSE / "node_modules" / "lighthouse" / "cli" / "index.js"
TOKEN = re.compile(r'name="csrf" value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Seen:
    """One page in one run, or the middle of several runs."""

    marks: dict[str, int]  # by category, of 100
    lcp: float  # seconds until the largest content is painted
    cls: float  # how far things jumped
    tbt: float  # ms in which nobody could type
    bytes: int
    why: tuple[str, ...]  # what cost marks, worst first

    @property
    def good(self) -> bool:
        """Whether every mark that was given is high enough."""
        return all(mark >= TARGET for mark in self.marks.values())


def main(words: Sequence[str]) -> report.Answer:
    """Ask from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench lighthouse", description=__doc__)
    parser.add_argument("--url", help="a product with the demo that runs already; without it one is started")
    parser.add_argument("--runs", type=int, default=3, help="of which the middle counts")
    parser.add_argument("--page", choices=PAGES, action="append", help="only this one (may be said again)")
    parser.add_argument("--save", action="store_true", help="append a row to results.md")
    asked = parser.parse_args(words)
    try:
        with contextlib.nullcontext(asked.url) if asked.url else demo() as url:
            cookie = sign_in(url)
            seen = {name: _middle_of(asked.runs, url, PAGES[name], cookie) for name in asked.page or PAGES}
    except CannotStart as why:
        return report.Answer(str(why), good=False)
    if asked.save:
        report.save("lighthouse", {name: in_a_cell(seen[name]) if name in seen else "-" for name in PAGES})
    return report.Answer(_shown(seen), good=all(one.good for one in seen.values()))


@contextlib.contextmanager
def demo() -> Iterator[str]:
    """The whole product with its demo, in a folder and on ports of its own; its address."""
    with tempfile.TemporaryDirectory(prefix="veche-") as folder:
        environ = {name: text for name, text in os.environ.items() if not name.endswith("_URL")}
        ports = {name: str(_free_port()) for name in ("WEB_PORT", "REALTIME_PORT", "ADMIN_PORT")}
        running = subprocess.Popen(
            [sys.executable, "-m", "config", "up"],
            cwd=HOUSE,
            env={**environ, **ports, "VECHE_VAR": f"{folder}/var"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        ready: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_listen, args=(running, ready), daemon=True).start()
        try:
            yield ready.get(timeout=START)
        except queue.Empty:
            raise CannotStart(f"The demo was not ready within {START:.0f} s; try `make up`.") from None
        finally:
            running.send_signal(signal.SIGINT)
            running.wait()


def sign_in(url: str) -> str:
    """Sign in as a participant of the demo; the cookies, as a header holds them."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with browser.open(f"{url}/sign-in") as answer:
        token = TOKEN.search(answer.read().decode())
    if not token:
        raise CannotStart(f"{url}/sign-in shows no form to sign in with.")
    email, password = WHO
    form = {"csrf": token[1], "email": email, "password": password, "next": PAGES["landing"]}
    post = urllib.request.Request(f"{url}/sign-in", urllib.parse.urlencode(form).encode(), {"Origin": url})
    with browser.open(post) as answer:
        if urllib.parse.urlsplit(answer.url).path != PAGES["landing"]:
            raise CannotStart(f"{email} cannot sign in at {url}: is the demo there?")
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def look_at(url: str, cookie: str, *, categories: Sequence[str] = CATEGORIES) -> Seen:
    """One run over one page. Raises CannotStart when there is no Lighthouse, no Chromium, or nothing was painted."""
    node = shutil.which("node", path=os.pathsep.join((os.environ.get("PATH", ""), str(HOUSE / ".venv" / "bin"))))
    chromium = shutil.which("chromium")
    if not (node and PROGRAM.is_file() and chromium):
        raise CannotStart("Lighthouse needs `npm ci` (make test does it) and Chromium: apt-get install chromium.")
    words = [
        *(node, str(PROGRAM), url, "--quiet", "--output=json", "--no-enable-error-reporting"),
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking",
        f"--only-categories={','.join(categories)}",
        f"--extra-headers={json.dumps({'Cookie': cookie, 'Accept-Language': 'ru'})}",
    ]
    complaint = ""
    for _ in range(TRIES):
        told = subprocess.run(
            words,
            cwd=HOUSE,
            env={**os.environ, "CHROME_PATH": chromium},
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        if told.returncode == 0:
            return read(json.loads(told.stdout))
        complaint = told.stderr.strip()[-500:]
    raise CannotStart(f"Lighthouse could not look at {url}: {complaint}")


def read(told: Mapping[str, Any]) -> Seen:
    """What of Lighthouse's answer is kept."""
    audits = told["audits"]

    def number(audit: str) -> float:
        return float(audits[audit].get("numericValue", 0.0)) if audit in audits else 0.0

    weighty = (ref["id"] for one in told["categories"].values() for ref in one["auditRefs"] if ref["weight"])
    lost = [audits[name] for name in weighty if audits[name]["score"] is not None and audits[name]["score"] < 1]
    return Seen(
        marks={name: round(100 * (one["score"] or 0)) for name, one in told["categories"].items()},
        lcp=number("largest-contentful-paint") / 1000,
        cls=number("cumulative-layout-shift"),
        tbt=number("total-blocking-time"),
        bytes=round(number("total-byte-weight")),
        why=tuple(
            f"{one['title']} {one.get('displayValue', '')}".strip()
            for one in sorted(lost, key=lambda one: one["score"])
        ),
    )


def middle(runs: Sequence[Seen]) -> Seen:
    """The median of each number; the reasons of the run with the worst marks."""
    return Seen(
        marks={name: round(median(one.marks[name] for one in runs)) for name in runs[0].marks},
        lcp=median(one.lcp for one in runs),
        cls=median(one.cls for one in runs),
        tbt=median(one.tbt for one in runs),
        bytes=round(median(one.bytes for one in runs)),
        why=min(runs, key=lambda one: sum(one.marks.values())).why,
    )


def in_a_cell(seen: Seen) -> str:
    """One page in a row of results.md: the marks in the order of CATEGORIES, then the numbers."""
    marks = " ".join(str(seen.marks[name]) for name in CATEGORIES)
    numbers = f"LCP {seen.lcp:.1f} s; CLS {seen.cls:.2f}; TBT {seen.tbt:.0f} ms; {seen.bytes / 1000:.0f} KB"
    return f"{marks}; {numbers}{'' if seen.good else ' (!)'}"


def _middle_of(runs: int, url: str, path: str, cookie: str) -> Seen:
    return middle([look_at(f"{url}{path}", cookie) for _ in range(runs)])


def _shown(seen: Mapping[str, Seen]) -> str:
    head = ("page", *CATEGORIES, "LCP", "CLS", "TBT", "weight", f"target {TARGET}")
    rows = [
        (
            *(name, *(str(one.marks[category]) for category in CATEGORIES), f"{one.lcp:.1f} s", f"{one.cls:.3f}"),
            *(f"{one.tbt:.0f} ms", f"{one.bytes / 1000:.0f} KB", "reached" if one.good else "MISSED"),
        )
        for name, one in seen.items()
    ]
    why = [f"{name}: {'; '.join(one.why)}" for name, one in seen.items() if not one.good]
    return "\n".join([report.columns([head, *rows]), *why])


def _listen(running: subprocess.Popen[str], ready: "queue.Queue[str]") -> None:
    assert running.stdout
    for line in running.stdout:  # to the end, so that nobody waits for a full pipe
        if line.startswith(READY):
            ready.put(line.removeprefix(READY).strip())


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])
