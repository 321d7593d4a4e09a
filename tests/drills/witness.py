"""A bare socket that hides nothing: what the server writes twice, out of order or with a gap is a fault here."""

import asyncio
import contextlib
import itertools
import json
import socket
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.typing import Subprotocol

from tests.realtime.node import PATIENCE, token

PAUSE = 0.1  # seconds between two attempts to connect
Json = dict[str, Any]


class Witness:
    """Listens to one room over as many sockets as it takes; `faults` are sentences.

    A `slow` one has little space, and can fall asleep: then it reads nothing, with the socket open. That the room is
    shown `anew` may be a fault or not.
    """

    def __init__(self, urls: Sequence[str], user: int, room: str, *, slow: bool = False, anew: bool = False) -> None:
        self._urls = itertools.cycle(urls)
        self._token = token(user, rooms=(room,))
        self._room = room
        self.heard: dict[int, Json] = {}
        self.faults: list[str] = []
        self.epoch, self.offset = "", -1
        self.began_anew = False
        self._anew = anew
        self.news = asyncio.Event()
        self._slow = slow
        self._awake = asyncio.Event()
        self._awake.set()

    async def __aenter__(self) -> "Witness":
        self._life = asyncio.create_task(self._live())
        await self.until(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._life

    def fall_asleep(self) -> None:
        """Read no more."""
        self._awake.clear()

    def wake_up(self) -> None:
        """Go on reading."""
        self._awake.set()

    async def until(self, offset: int) -> None:
        """Until so much was heard."""
        async with asyncio.timeout(PATIENCE * 2):
            while self.offset < offset:
                if self._life.done():
                    self._life.result()
                self.news.clear()
                await self.news.wait()

    async def _live(self) -> None:
        try:
            while True:
                with contextlib.suppress(OSError, TimeoutError, InvalidHandshake, WebSocketException):
                    async with _open(next(self._urls), slow=self._slow) as wire:
                        await self._listen(wire)
                await asyncio.sleep(PAUSE)
        finally:
            self.news.set()  # whoever waits for more learns that none will come

    async def _listen(self, wire: ClientConnection) -> None:
        here: set[int] = set()  # offsets that came by this socket
        await wire.send(json.dumps({"id": 1, "do": "hello", "token": self._token}))
        await self._join(wire)
        async for text in wire:
            said = json.loads(text)
            if isinstance(said, list):
                for event in said:
                    if event["is"] == "rejoin":
                        await self._join(wire)
                    elif "at" in event:  # what has no place is a hint, and may be missed
                        self._live_event(event, here)
            elif "no" in said:
                return  # the server is busy: another socket, a little later
            elif "events" in said["ok"]:
                self._answer(said["ok"], here)
            self.news.set()
            await self._awake.wait()

    async def _join(self, wire: ClientConnection) -> None:
        message: Json = {"id": 2, "do": "join", "room": self._room}
        if self.offset >= 0:
            message["after"] = {"epoch": self.epoch, "offset": self.offset}
        await wire.send(json.dumps(message))

    def _answer(self, state: Json, here: set[int]) -> None:
        if self.offset >= 0 and not state["resumed"]:
            if self._anew:
                self._begin_anew(here)
            else:
                self.faults.append(f"the room began anew behind {self.offset}")
        for event in state["events"]:
            if event["at"] <= self.offset:
                self.faults.append(f"{event['at']} was told again to somebody who had {self.offset}")
            self._take(event, here)
        if state["offset"] < self.offset:
            self.faults.append(f"an answer stands at {state['offset']}, behind {self.offset}")
        self.epoch, self.offset = state["epoch"], state["offset"]

    def _begin_anew(self, here: set[int]) -> None:
        self.heard.clear()
        here.clear()
        self.offset, self.began_anew = -1, True

    def _live_event(self, event: Json, here: set[int]) -> None:
        if event["at"] in here:
            self.faults.append(f"{event['at']} came twice by one socket")
        elif event["at"] > self.offset + 1:
            self.faults.append(f"{event['at']} came behind {self.offset}")
        self._take(event, here)
        self.offset = max(self.offset, event["at"])

    def _take(self, event: Json, here: set[int]) -> None:
        here.add(event["at"])
        before = self.heard.setdefault(event["at"], event)
        if before != event:
            self.faults.append(f"{event['at']} was {before} and then {event}")


async def read(url: str, user: int, room: str, *, after: Json | None = None) -> Json:
    """A room's state as somebody finds it who comes now."""
    async with _open(url) as wire:
        await wire.send(json.dumps({"id": 1, "do": "hello", "token": token(user, rooms=(room,))}))
        await wire.send(json.dumps({"id": 2, "do": "join", "room": room, **({"after": after} if after else {})}))
        while True:
            said = json.loads(await wire.recv())
            if isinstance(said, dict) and said["re"] == 2:
                state: Json = said["ok"]
                return state


def _open(url: str, *, slow: bool = False) -> connect:
    return connect(
        url,
        sock=_narrow(url) if slow else None,
        max_queue=1 if slow else 16,
        subprotocols=[Subprotocol("veche.1")],
        compression=None,
        max_size=None,
        ping_interval=None,
        open_timeout=5,
        close_timeout=1,
    )


def _narrow(url: str) -> socket.socket:
    """A connection whose own buffers hold next to nothing."""
    where = urlsplit(url)
    bare = socket.socket()
    bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    bare.connect((where.hostname, where.port))
    bare.setblocking(False)
    return bare
