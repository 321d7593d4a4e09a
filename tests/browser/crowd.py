"""A crowd that asks and writes without browsers of its own: through the door that pages use. It reads nothing."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
import orjson

from realtime import channels, publish
from realtime.client import Client
from realtime.engine import Engine
from realtime.passes import LIFE, Pass, issue
from tests.browser.stack import Stack

T = TypeVar("T")
FIRST_STRANGER = 1_000_000  # no account of the demo has such a number


class Crowd:
    """People of the demo, by the beginnings of their addresses, in channels by their slugs."""

    def __init__(self, stack: Stack) -> None:
        self._given = stack.environment()
        self._sockets = stack.sockets
        self.people, self.channels = _elsewhere(self._read)

    def ask(self, who: str, *texts: str, channel: str = "main") -> None:
        """Questions of one person, in this order."""

        async def all_of_them() -> None:
            async with Engine(self._given["REDIS_URL"]) as redis:
                for text in texts:
                    await publish.ask(
                        redis,
                        channel=self.channels[channel],
                        user=self.people[who][0],
                        name=self.people[who][1],
                        badge="",
                        text=text,
                        anonymous=False,
                        key=str(uuid4()),
                        when=datetime.now(UTC),
                        secret=self._given["VECHE_SECRET"],
                    )

        _elsewhere(all_of_them)

    def say(self, who: str, *texts: str, channel: str = "main") -> None:
        """Messages of one person, in this order."""

        async def all_of_them() -> None:
            async with Engine(self._given["REDIS_URL"]) as redis:
                for text in texts:
                    await publish.say_in_chat(
                        redis,
                        channel=self.channels[channel],
                        user=self.people[who][0],
                        name=self.people[who][1],
                        badge="",
                        key=str(uuid4()),
                        text=text,
                        when=datetime.now(UTC),
                    )

        _elsewhere(all_of_them)

    @contextmanager
    def standing(self, persons: int, *, channel: str = "main") -> Iterator[None]:
        """So many strangers hear a channel's chat for as long as this lasts."""
        room, leave = channels.chat(self.channels[channel]), threading.Event()

        async def stand() -> None:
            now = time.time()
            visitors = (
                Pass(FIRST_STRANGER + one, f"Visitor {one}", {room: frozenset()}, now + LIFE, issued=now)
                for one in range(persons)
            )
            async with AsyncExitStack() as crowd:
                for visitor in visitors:
                    client = Client(self._sockets, issue(visitor, secret=self._given["VECHE_SECRET"]), heard=_deaf)
                    await crowd.enter_async_context(client)
                    await client.join(room)
                everybody_came.set()
                await asyncio.to_thread(leave.wait)

        everybody_came = threading.Event()
        with ThreadPoolExecutor(1) as thread:
            standing = thread.submit(lambda: asyncio.run(stand()))
            try:
                while not everybody_came.wait(0.1):
                    assert not standing.done(), standing.exception()
                yield
            finally:
                leave.set()

    def steps(self, texts: list[str]) -> dict[str, list[tuple[str, int]]]:
        """What became of the questions with these texts: (status, by whom), step by step, as the streams have it."""

        async def read() -> dict[str, list[tuple[str, int]]]:
            found: dict[str, list[tuple[str, int]]] = {text: [] for text in texts}
            async with Engine(self._given["REDIS_URL"]) as redis:
                for number in self.channels.values():
                    rows: Any = await redis.xrange(channels.log(channels.desk(channels.questions(number))))
                    for _, fields in rows:
                        event = orjson.loads(fields[b"e"])
                        if event.get("text") in found:
                            found[event["text"]].append((event["status"], event["by"]))
            return found

        return _elsewhere(read)

    async def _read(self) -> tuple[dict[str, tuple[int, str]], dict[str, int]]:
        connection = await asyncpg.connect(self._given["DATABASE_URL"])
        try:
            people = await connection.fetch("select id, name, email from person")
            channels = await connection.fetch("select channel.id, channel.slug from channel order by id desc")
        finally:
            await connection.close()
        named = {row["email"].partition("@")[0]: (row["id"], row["name"]) for row in people}
        return named, {row["slug"]: row["id"] for row in channels}


def _deaf(_event: object) -> None:
    """Strangers of a crowd stand and say nothing of what they heard."""


def _elsewhere(act: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Playwright's loop has this thread: another one runs ours."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(act())).result()
