"""A bare socket that keeps every frame it was ever sent, for tests about what must not travel."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from realtime import messages
from tests.realtime.node import PATIENCE, Node, token


class Wiretap:
    """Somebody in some rooms; `frames` is every text that reached them, as it came."""

    def __init__(self, node: Node, user: int, *rooms: str, rights: str = "say", pass_: str | None = None) -> None:
        self.frames: list[str] = []
        self.closed: int | None = None  # the close code
        self._node = node
        self._rooms = rooms
        self._pass = pass_ or token(user, rights=rights, rooms=rooms)
        self._socket: ClientConnection
        self._listening: asyncio.Task[None]
        self._news = asyncio.Event()
        self._number = 0

    async def __aenter__(self) -> "Wiretap":
        subprotocols = [Subprotocol(messages.SUBPROTOCOL)]
        self._socket = await connect(self._node.url, subprotocols=subprotocols, compression=None)
        self._listening = asyncio.create_task(self._listen())
        await self.asks("hello", token=self._pass)
        for room in self._rooms:
            await self.asks("join", room=room)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()
        await self._listening

    async def asks(self, do: str, **fields: object) -> dict[str, Any]:
        """Send a message; the whole answer, good or bad."""
        self._number += 1
        number = self._number
        await self._socket.send(json.dumps({"id": number, "do": do, **fields}))
        await self.until(lambda: number in self._answers)
        return self._answers[number]

    async def hears(self, words: str) -> None:
        """Until some frame has these words in it."""
        await self.until(lambda: any(words in frame for frame in self.frames))

    async def is_put_out(self) -> int:
        """Until the other side closes; its code."""
        await self.until(lambda: self.closed is not None)
        return self.closed or 0

    @property
    def notices(self) -> list[dict[str, Any]]:
        """Everything heard that is no answer."""
        said = map(json.loads, self.frames)
        return [one for frame in said if isinstance(frame, list) for one in frame]

    async def until(self, happened: Any) -> None:
        """Until what came in makes it true."""
        async with asyncio.timeout(PATIENCE):
            while not happened():
                self._news.clear()
                await self._news.wait()

    @property
    def joined(self) -> dict[str, Any]:
        """What the last good answer to a join says."""
        joins: list[dict[str, Any]] = [one["ok"] for one in self._answers.values() if "events" in one.get("ok", {})]
        return joins[-1]

    @property
    def _answers(self) -> dict[int, dict[str, Any]]:
        said = map(json.loads, self.frames)
        return {frame["re"]: frame for frame in said if isinstance(frame, dict)}

    async def _listen(self) -> None:
        with suppress(ConnectionClosed):
            async for frame in self._socket:
                self.frames.append(str(frame))
                self._news.set()
        self.closed = self._socket.close_code
        self._news.set()


@asynccontextmanager
async def newcomer(node: Node, room: str, at: int, *, user: int = 99) -> AsyncIterator[Wiretap]:
    """Somebody whose worker has heard of the event at a place when they come to a room.

    What is promised is promised by place: an acknowledged event is stored, but each worker hears of it when it does,
    and whoever came to a worker before hears the event next.
    """
    async with Wiretap(node, user, room) as late:
        if late.joined["offset"] < at:
            await late.until(lambda: at in [event.get("at") for event in late.notices])
            places = [event["at"] for event in late.notices if "at" in event]
            assert places[0] == late.joined["offset"] + 1
            await late.asks("leave", room=room)
            late.frames.clear()
            await late.asks("join", room=room)
        assert late.joined["offset"] >= at
        yield late
