"""Somebody in a room, for tests: a client and everything it heard."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from realtime import client
from realtime.client import Client
from tests.realtime.node import PATIENCE, Node, token


class Person:
    """A client with everything it heard."""

    def __init__(
        self,
        where: Node | Sequence[str],
        user: int,
        room: str,
        *,
        rights: str = "say",
        heartbeat: float | None = None,
        patience: float = client.PATIENCE,
    ) -> None:
        """`where` is a node, or the addresses of several."""
        self.heard: list[dict[str, Any]] = []
        self.resets = 0
        self.room = room
        pass_ = token(user, rights=rights, rooms=(room,))
        self.news = asyncio.Event()
        self.client = Client(
            where.url if isinstance(where, Node) else where,
            pass_,
            heard=self._hear,
            reset=self._reset,
            heartbeat=heartbeat,
            patience=patience,
        )

    def _hear(self, event: dict[str, Any]) -> None:
        self.heard.append(event)
        self.news.set()

    def _reset(self, room: str) -> None:
        self.heard[:] = [event for event in self.heard if event["room"] != room]
        self.resets += 1

    async def __aenter__(self) -> "Person":
        await self.client.__aenter__()
        await self.client.join(self.room)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.__aexit__(None, None, None)

    async def says(self, text: str, *, key: str | None = None) -> int:
        """Write; the offset, once it is stored."""
        return await self.client.say(self.room, text, key=key)

    async def does(self, do: str, *, key: str | None = None, **fields: object) -> dict[str, Any]:
        """Do anything else in the room; what the answer says. Raises Refused."""
        return await self.client.ask({"do": do, "room": self.room, "key": key or str(uuid.uuid4()), **fields})

    def events(self, kind: str, room: str | None = None) -> list[dict[str, Any]]:
        """What was heard of one kind, in every room or in one."""
        return [event for event in self.heard if event["is"] == kind and room in (None, event["room"])]

    @property
    def texts(self) -> list[str]:
        """What was said, as far as heard."""
        return [event["text"] for event in self.heard if event["is"] == "chat.said"]

    async def hears(self, count: int) -> None:
        """Until so many events came."""
        await self.until(lambda: len(self.heard) >= count)

    async def sees(self, kind: str, count: int = 1) -> None:
        """Until so many events of one kind came."""
        await self.until(lambda: len(self.events(kind)) >= count)

    async def until(self, happened: Callable[[], bool]) -> None:
        """Until what is shown has come true."""
        async with asyncio.timeout(PATIENCE):
            while not happened():
                self.news.clear()
                await self.news.wait()
