"""What the pages cost that many people read at once: queries, and CPU for 1,000 reads. It judges nothing.

It starts the demo as `make up` does, with a poll in which thousands voted, and reads each page many times, some side by
side, as one participant and as phones of the hall. What the same processes do while nobody reads is taken off.
"""

import argparse
import asyncio
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
import asyncpg

from bench import lighthouse, meter, report
from bench.node import CannotStart

CHANNEL = "/c/uchitel/main"
PAGES = {
    "polls": f"{CHANNEL}/polls.json",
    "channel": CHANNEL,
    "schedule": "/c/uchitel/schedule",
    "tally": f"{CHANNEL}/tally",
}
ORGANISER = ("organiser@demo.veche", lighthouse.WHO[1])
HALL = re.compile(r'href="[^"]*(/hall/[^"]+)"')
SIDE_BY_SIDE = 20  # readers under way at once
FLUSHED = 11.0  # seconds after which an idle backend has told what it did (PGSTAT_IDLE_INTERVAL is 10 s)
IDLE = 10.0  # seconds in which nobody reads, for comparison
WARM = 40  # reads that do not count

POLL = """
with here as (select id from channel where slug = 'main' and conference_id = (
    select id from conference where slug = 'uchitel')),
over as (update poll set status = 'closed', closed_at = now()
    where status = 'open' and channel_id = (select id from here))
select id from here
"""
PLANT = """
with made as (insert into poll (channel_id, question, kind, status, opened_at, secret)
    values ($1, '{"ru": "Куда поедем?"}', 'single', 'open', now(), false) returning id),
options as (insert into poll_option (poll_id, position, text)
    select made.id, place, '{"ru": "Туда"}' from made, generate_series(1, 4) as place returning id, poll_id, position)
insert into ballot (poll_id, voter, options)
select poll_id, 'bench:' || voter, array[id]
from options join generate_series(1, $2::int) as voter on voter % 4 + 1 = position
"""
SCREEN = """
insert into screen (conference_id, channel_id, kind, name, language, expires_at)
select conference_id, id, 'hall', 'bench', 'ru', now() + interval '1 day' from channel where id = $1
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used up so far, or in a while."""

    seconds: float
    asked: float  # transactions of Postgres; a query of a page is one
    web: float  # seconds of CPU
    postgres: float

    def since(self, before: "Spent") -> "Spent":
        """What came on top."""
        return Spent(
            self.seconds - before.seconds,
            self.asked - before.asked,
            self.web - before.web,
            self.postgres - before.postgres,
        )

    def beside(self, idle: "Spent", reads: int) -> "Spent":
        """For one read: what is more than `idle` processes spend in the same time."""
        part = self.seconds / idle.seconds
        return Spent(
            self.seconds / reads,
            max(0.0, self.asked - part * idle.asked) / reads,
            max(0.0, self.web - part * idle.web) / reads,
            max(0.0, self.postgres - part * idle.postgres) / reads,
        )

    def in_a_cell(self) -> str:
        """As a row of results.md has it."""
        return f"{self.asked:.1f} queries; web {self.web * 1e6:.0f} ms; Postgres {self.postgres * 1e6:.0f} ms"


def main(words: Sequence[str]) -> report.Answer:
    """Ask from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench pages", description=__doc__)
    parser.add_argument("--reads", type=int, default=1000, help="of each page")
    parser.add_argument("--votes", type=int, default=5000, help="in the poll that is open")
    parser.add_argument("--save", action="store_true", help="append a row to results.md")
    asked = parser.parse_args(words)
    try:
        with lighthouse.demo() as url:
            seen = asyncio.run(_read_all(url, asked.reads, asked.votes))
    except CannotStart as why:
        return report.Answer(str(why), good=False)
    if asked.save:
        sizes = {"reads": report.thousands(asked.reads), "votes": report.thousands(asked.votes)}
        report.save("pages", sizes | {name: one.in_a_cell() for name, one in seen.items()})
    rows = [("page", "queries a read", "web, ms per 1,000", "Postgres, ms per 1,000")]
    for name, one in seen.items():
        rows.append((name, f"{one.asked:.1f}", f"{one.web * 1e6:.0f}", f"{one.postgres * 1e6:.0f}"))
    return report.Answer(report.columns(rows), good=True)


async def _read_all(url: str, reads: int, votes: int) -> dict[str, Spent]:
    web = next(pid for pid in meter.family(os.getpid()) if _words(pid)[1:3] == ["-m", "web"])
    postgres = await asyncpg.connect(_environment(web)["DATABASE_URL"])
    try:
        channel = await postgres.fetchval(POLL)
        await postgres.execute(PLANT, channel, votes)
        await postgres.execute(SCREEN, channel)
        await postgres.execute("analyze")
        hall = HALL.search(await _get(url, "/desk/uchitel/screens", lighthouse.sign_in(url, ORGANISER)))
        if not hall:
            raise CannotStart("The desk shows no address of the hall.")
        backend = await postgres.fetchval("select pg_backend_pid()")
        server = int((meter.PROC / str(backend) / "stat").read_text().rpartition(")")[2].split()[1])
        meters = _Meters(postgres, meter.family(web), server)
        before = await meters.read()
        await asyncio.sleep(IDLE)
        idle = (await meters.read()).since(before)
        cookie, seen = lighthouse.sign_in(url), {}
        paths = {**PAGES, "hall": hall[1]}
        for path in paths.values():
            await _read(url, path, cookie, WARM)
        before = await meters.read()
        for name, path in paths.items():
            await _read(url, path, cookie if name != "hall" else "", reads)
            after = await meters.read()
            seen[name], before = after.since(before).beside(idle, reads), after
        return seen
    finally:
        await postgres.close()


class _Meters:
    def __init__(self, postgres: asyncpg.Connection, web: list[int], server: int) -> None:
        self._postgres, self._web, self._server = postgres, web, server

    async def read(self) -> Spent:
        """What was spent so far, when everybody has said so."""
        web, postgres, at = meter.cpu(self._web), meter.cpu(meter.family(self._server)), time.monotonic()
        await asyncio.sleep(FLUSHED)
        committed = "select xact_commit from pg_stat_database where datname = current_database()"
        return Spent(at, float(await self._postgres.fetchval(committed)), web, postgres)


async def _read(url: str, path: str, cookie: str, reads: int) -> None:
    left = iter(range(reads))

    async def reader(browser: aiohttp.ClientSession) -> None:
        for _ in left:
            async with browser.get(f"{url}{path}", allow_redirects=False) as answer:
                if answer.status != 200:
                    raise CannotStart(f"{path} answers {answer.status}.")
                await answer.read()

    jar = aiohttp.DummyCookieJar()  # a phone of the hall is new each time
    async with aiohttp.ClientSession(headers={"Cookie": cookie} if cookie else {}, cookie_jar=jar) as browser:
        await asyncio.gather(*(reader(browser) for _ in range(SIDE_BY_SIDE)))


async def _get(url: str, path: str, cookie: str) -> str:
    async with aiohttp.ClientSession(headers={"Cookie": cookie}) as browser, browser.get(f"{url}{path}") as answer:
        return await answer.text()


def _words(pid: int) -> list[str]:
    return (meter.PROC / str(pid) / "cmdline").read_text().split("\0")


def _environment(pid: int) -> dict[str, str]:
    told = (meter.PROC / str(pid) / "environ").read_text().split("\0")
    return dict(one.split("=", 1) for one in told if "=" in one)
