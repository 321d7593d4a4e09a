"""People who write, retract and listen while something breaks, and what they may expect afterwards."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

from realtime import client
from realtime.history import SHOWN
from tests.drills.ledger import Ledger
from tests.drills.witness import Witness, read
from tests.realtime.node import PATIENCE
from tests.realtime.person import Person

PEOPLE = 12  # who write; a person may write a line a second
WITNESSES = 3
PACE = 0.05  # seconds between two lines of one person, as far as the limits allow
BEFORE = 0.4  # seconds of load before the fault
AFTER = 0.3  # seconds of load behind it
AWAY = 400  # events that one may have missed and is told one by one still; whoever missed more is shown the room anew
RETRACTED = 4  # every fourth line is taken back by its author


class Crowd:
    """Everybody in one room. All that is acknowledged is in the ledger."""

    def __init__(
        self,
        urls: Sequence[str],
        room: str,
        *,
        people: int = PEOPLE,
        honest: Sequence[str] = (),
        heartbeat: float | None = None,
        patience: float = client.PATIENCE,
        anew: bool = False,
    ) -> None:
        """`honest`: where witnesses connect, when `urls` lead through a network that lies.

        `anew`: the room may be shown anew, because Redis has lost what it had told but not acknowledged.
        """
        self._anew = anew
        self.urls, self.honest, self.room = urls, honest or urls, room
        self.ledger = Ledger()
        self.people = [
            Person(_turned(urls, user), user, room, heartbeat=heartbeat, patience=patience)
            for user in range(1, people + 1)
        ]
        self.pulse = Person(urls, 1000, room, heartbeat=heartbeat, patience=patience)  # has not spent any credits
        self.witnesses = [Witness(_turned(self.honest, n), 2000 + n, room, anew=anew) for n in range(WITNESSES)]
        self._over = asyncio.Event()

    async def __aenter__(self) -> "Crowd":
        async with AsyncExitStack() as entering:
            for person in (*self.people, self.pulse):
                await entering.enter_async_context(person)
            for witness in self.witnesses:
                await entering.enter_async_context(witness)
            self._writing = asyncio.gather(*(self._write(n, one) for n, one in enumerate(self.people)))
            self._leaving = entering.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._writing
        await self._leaving.aclose()

    @property
    def connects(self) -> int:
        """How often those who write had to connect."""
        return sum(person.client.connects for person in self.people)

    async def back(self) -> float:
        """Seconds until what is said now is heard by everybody."""
        begun = time.monotonic()
        at = await self.pulse.says("back")
        self.ledger.say("back", at)
        await self._heard(at)
        return time.monotonic() - begun

    async def settle(self) -> None:
        """Stop writing; then everybody has everything that was acknowledged, and whoever comes now finds it."""
        self._over.set()
        async with asyncio.timeout(PATIENCE * 3):
            await self._writing
        await self._heard(self.ledger.top)
        for person in (*self.people, self.pulse):
            assert person.resets == 1 or self._anew, f"{person.client} was shown the room anew"  # 1: when it came
            self.ledger.check_listener(person.heard, "a client", since=person.resets > 1)
        for witness in self.witnesses:
            assert witness.faults == []
            heard = sorted(witness.heard.values(), key=lambda one: int(one["at"]))
            self.ledger.check_listener(heard, "a witness", since=witness.began_anew)
        for n, url in enumerate(self.honest):
            await self._check_reads(url, 3000 + n)

    async def _check_reads(self, url: str, user: int) -> None:
        newcomer = await read(url, user, self.room)
        assert len(newcomer["events"]) == min(SHOWN, len(self.ledger.log))
        self.ledger.check_read(newcomer["events"], "a newcomer")
        since = max(0, self.ledger.top - AWAY)
        resumed = await read(url, user, self.room, after={"epoch": newcomer["epoch"], "offset": since})
        assert resumed["resumed"]
        assert len(resumed["events"]) == sum(at > since for at, _ in self.ledger.log)
        self.ledger.check_read(resumed["events"], "somebody who comes back")

    async def _heard(self, offset: int) -> None:
        waiting = [_person_at(person, offset) for person in (*self.people, self.pulse)]
        await asyncio.gather(*waiting, *(witness.until(offset) for witness in self.witnesses))

    async def _write(self, name: int, person: Person) -> None:
        for n in itertools.count(1):
            if self._over.is_set():
                return
            text = f"{name}/{n}"
            at = await person.says(text)
            self.ledger.say(text, at)
            if n % RETRACTED == 0:
                self.ledger.retract(at, await person.client.retract(self.room, at))
            await asyncio.sleep(PACE)


async def survive(
    crowd: Crowd, fault: Callable[[], Awaitable[None]], *, mend: Callable[[], Awaitable[None]] | None = None
) -> float:
    """Break something under load; nothing acknowledged is lost. Seconds from the fault's end to service for all.

    `mend` comes when service is back without what it mends.
    """
    async with crowd:
        await asyncio.sleep(BEFORE)
        await fault()
        seconds = await crowd.back()
        if mend is not None:
            await mend()
        await asyncio.sleep(AFTER)
        await crowd.settle()
    return seconds


async def _person_at(person: Person, offset: int) -> None:
    async with asyncio.timeout(PATIENCE * 2):
        while not person.heard or person.heard[-1]["at"] < offset:
            person.news.clear()
            await person.news.wait()


def _turned(urls: Sequence[str], n: int) -> list[str]:
    """The same addresses, each caller beginning with another one."""
    start = n % len(urls)
    return [*urls[start:], *urls[:start]]
