"""A client of the socket server for bots and tests: it resumes where it stopped and resends what was not answered."""

import asyncio
import logging
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.typing import Subprotocol

from realtime import messages
from realtime.errors import SENTENCES, Refused

FIRST_PAUSE = 0.1  # seconds; doubled at each failure
LONGEST_PAUSE = 5.0
PATIENCE = 10.0  # seconds for an answer before the socket counts as dead

logger = logging.getLogger(__name__)
Json = dict[str, Any]


@dataclass(slots=True)
class Position:
    """Where this client stands in a room."""

    epoch: str = ""
    offset: int = -1  # before the first join


@dataclass(slots=True)
class Wish:
    """A keyed write that waits for its answer, over as many sockets as it takes."""

    message: Json
    done: asyncio.Future[Json] = field(repr=False)


class Client:
    """One visitor. `heard` gets each event of each room once, in order; `reset` a room that has to be shown anew."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        heard: Callable[[Json], None],
        reset: Callable[[str], None] = lambda room: None,
        origin: str | None = None,
    ) -> None:
        self._url = url
        self._token = token
        self._heard = heard
        self._reset = reset
        self._origin = origin
        self._rooms: dict[str, Position] = {}
        self._wishes: dict[str, Wish] = {}  # by key, in the order they were made
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._number = 0
        self._socket: ClientConnection | None = None
        self._life: asyncio.Task[None] | None = None
        self.up = asyncio.Event()
        self.connects = 0

    async def __aenter__(self) -> "Client":
        self._life = asyncio.create_task(self._live())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._life is not None:
            self._life.cancel()
            await asyncio.wait([self._life])

    async def join(self, room: str) -> None:
        """Listen to a room, from now on and after every reconnect. Raises Refused."""
        await self.up.wait()
        self._rooms.setdefault(room, Position())
        await self._join(room)

    async def say(self, room: str, text: str, *, key: str | None = None) -> int:
        """Write in a chat; the message's offset. Waits through reconnects. Raises Refused."""
        found = await self._wish({"do": "chat.say", "room": room, "text": text}, key)
        return int(found["at"])

    async def retract(self, room: str, target: int) -> int:
        """Delete a message; the retraction's offset. Raises Refused."""
        found = await self._wish({"do": "chat.retract", "room": room, "target": target}, None)
        return int(found["at"])

    async def ask(self, message: Json) -> Json:
        """Send any message on the present socket; its `ok`. Raises Refused, ConnectionError when the socket breaks."""
        if self._socket is None:
            raise ConnectionError("not connected")
        self._number += 1
        number = self._number
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            await self._socket.send(orjson.dumps({"id": number, **message}).decode())
            async with asyncio.timeout(PATIENCE):
                return await answer
        except WebSocketException as broken:
            raise ConnectionError(str(broken)) from broken
        finally:
            self._answers.pop(number, None)

    async def _wish(self, message: Json, key: str | None) -> Json:
        key = key or str(uuid.uuid4())
        wish = Wish({**message, "key": key}, asyncio.get_running_loop().create_future())
        self._wishes[key] = wish
        try:
            while not wish.done.done():
                await self.up.wait()
                await self._try(wish)
            return await wish.done
        finally:
            self._wishes.pop(key, None)

    async def _try(self, wish: Wish) -> None:
        try:
            wish.done.set_result(await self.ask(wish.message))
        except (ConnectionError, TimeoutError):
            self.up.clear()
        except Refused as no:
            if no.code not in ("server.busy", "limit.too_fast"):
                wish.done.set_exception(no)
                return
            await asyncio.sleep(no.retry_after or 1.0)

    async def _live(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with connect(
                    self._url,
                    subprotocols=[Subprotocol(messages.SUBPROTOCOL)],
                    origin=self._origin,  # type: ignore[arg-type]  # a NewType of str
                    compression=None,
                    max_size=None,
                ) as socket:
                    self._socket = socket
                    self.connects += 1
                    listening = asyncio.create_task(self._listen(socket))
                    try:
                        await self._arrive()
                        pause = FIRST_PAUSE
                        await listening
                    finally:
                        listening.cancel()
                        await asyncio.wait([listening])
            except (OSError, TimeoutError, InvalidHandshake, WebSocketException) as broken:
                logger.debug("Connecting again: %s", broken)
            finally:
                self._hang_up()
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _arrive(self) -> None:
        await self.ask({"do": "hello", "token": self._token})
        for room in tuple(self._rooms):
            await self._join(room)
        self.up.set()

    def _hang_up(self) -> None:
        self._socket = None
        self.up.clear()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the socket broke"))

    async def _join(self, room: str) -> None:
        place = self._rooms[room]
        message: Json = {"do": "join", "room": room}
        if place.offset >= 0:
            message["after"] = {"epoch": place.epoch, "offset": place.offset}
        await self.ask(message)

    async def _listen(self, socket: ClientConnection) -> None:
        async for text in socket:
            said = orjson.loads(text)
            if isinstance(said, list):
                for event in said:
                    await self._hear(event)
            else:
                self._answered(said)

    def _answered(self, said: Json) -> None:
        # A room's state is taken in here, in the order of the wire, before the events behind it.
        ok = said.get("ok")
        if ok is not None and "events" in ok:
            self._take(ok)
        answer = self._answers.get(said["re"]) if said["re"] is not None else None
        if answer is None or answer.done():
            return
        if ok is not None:
            answer.set_result(ok)
        else:
            answer.set_exception(_refused(said["no"]))

    def _take(self, state: Json) -> None:
        place = self._rooms[state["room"]]
        if not state["resumed"]:
            place.offset = -1
            self._reset(state["room"])
        for event in state["events"]:
            if event["at"] > place.offset:
                self._heard(event)
        place.epoch, place.offset = state["epoch"], max(place.offset, state["offset"])

    async def _hear(self, event: Json) -> None:
        match event["is"]:
            case "reconnect":
                return  # the close follows at once
            case "rejoin":
                self._again(event["room"])
                return
        place = self._rooms.get(event["room"])
        if place is None or place.offset < 0 or event["at"] <= place.offset:
            return
        if event["at"] > place.offset + 1:
            self._again(event["room"])
            return
        place.offset = event["at"]
        self._heard(event)

    def _again(self, room: str) -> None:
        """Join once more without waiting: the answer comes by the reader that called."""
        place = self._rooms[room]
        self._number += 1
        after = {"epoch": place.epoch, "offset": max(0, place.offset)}
        message = orjson.dumps({"id": self._number, "do": "join", "room": room, "after": after}).decode()
        if self._socket is not None:
            self._rejoining = asyncio.create_task(self._socket.send(message))


def _refused(no: Json) -> Refused:
    code = no["code"] if no["code"] in SENTENCES else "message.unknown"
    return Refused(code, field=no.get("field"), retry_after=no.get("retry_after"))
