"""A crowd that asks and writes without browsers of its own: through the door that pages use. It reads nothing."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
import orjson

from realtime import channels, publish
from realtime.engine import Engine
from tests.browser.stack import Stack

T = TypeVar("T")


class Crowd:
    """People of the demo, by the beginnings of their addresses, in channels by their slugs."""

    def __init__(self, stack: Stack) -> None:
        self._given = stack.environment()
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


def _elsewhere(act: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Playwright's loop has this thread: another one runs ours."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(act())).result()
