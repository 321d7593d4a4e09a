"""A client of the socket server for bots and tests: it resumes where it stopped and resends what was not answered."""

import asyncio
import contextlib
import itertools
import logging
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.typing import Subprotocol

from realtime import messages
from realtime.errors import SENTENCES, Refused

FIRST_PAUSE = 0.1  # seconds; doubled at each failure
LONGEST_PAUSE = 2.0  # seconds: how long a server that is up again may wait for its bots
PATIENCE = 10.0  # seconds for an answer before the socket counts as dead
HEARTBEAT = 10.0  # seconds of silence before a ping, until the server names its own; with PATIENCE well below 25
FAREWELL = 2.0  # seconds for the other side to answer a close
PASSING = ("server.busy", "limit.too_fast", "server.full")  # refusals after which the same may be asked again

logger = logging.getLogger(__name__)
Json = dict[str, Any]


@dataclass(slots=True)
class Position:
    """Where this client stands in a room."""

    epoch: str = ""
    offset: int = -1  # before the first join
    rejoining: bool = False


class Client:
    """One visitor. `heard` gets each event of each room once, in order; `reset` a room that has to be shown anew;
    `noticed` what has no place in a room: hints, and what the server says to this visitor alone.

    Several addresses are nodes of one installation: at each break it goes on with the next one. A socket that says
    nothing for `heartbeat` seconds (the server's, if None) is pinged, and left when `patience` passes unanswered.
    """

    def __init__(
        self,
        url: str | Sequence[str],
        token: str,
        *,
        heard: Callable[[Json], None],
        reset: Callable[[str], None] = lambda room: None,
        noticed: Callable[[Json], None] = lambda notice: None,
        heartbeat: float | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._urls = itertools.cycle([url] if isinstance(url, str) else url)
        self._heartbeat = heartbeat
        self._patience = patience
        self._heard_at = 0.0  # loop time of the last sound of the present socket
        self._spread = 0.0  # seconds over which a leaving server wants its visitors to come back
        self._token = token
        self._heard = heard
        self._reset = reset
        self._noticed = noticed
        self._rooms: dict[str, Position] = {}
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._number = 0
        self._socket: ClientConnection | None = None
        self._up = asyncio.Event()
        self._over = False
        self._life: asyncio.Task[None]
        self.connects = 0

    async def __aenter__(self) -> "Client":
        self._life = asyncio.create_task(self._live())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True  # a task group forgets that it was cancelled when its socket breaks at the same moment
        self._life.cancel()
        with contextlib.suppress(asyncio.CancelledError, Refused):
            await self._life

    async def join(self, room: str) -> None:
        """Listen to a room, from now on and after every reconnect. Raises Refused."""
        self._rooms.setdefault(room, Position())
        try:
            await self._persist(lambda: self._join(room))
        except Refused:
            del self._rooms[room]
            raise

    async def say(self, room: str, text: str, *, key: str | None = None) -> int:
        """Write in a chat; the message's offset. Waits through reconnects. Raises Refused."""
        message = {"do": "chat.say", "room": room, "text": text, "key": key or str(uuid.uuid4())}
        return int((await self._persist(lambda: self.ask(message)))["at"])

    async def retract(self, room: str, target: int) -> int:
        """Delete a message; the retraction's offset. Raises Refused."""
        message = {"do": "chat.retract", "room": room, "target": target, "key": str(uuid.uuid4())}
        return int((await self._persist(lambda: self.ask(message)))["at"])

    async def ask(self, message: Json) -> Json:
        """Send any message on the present socket; its `ok`. Raises Refused, ConnectionError when the socket breaks."""
        socket = self._socket
        if socket is None:
            raise ConnectionError("not connected")
        self._number += 1
        number = self._number
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            await socket.send(orjson.dumps({"id": number, **message}).decode())
            async with asyncio.timeout(self._patience):
                return await answer
        except TimeoutError:
            socket.transport.abort()  # silently dead; the next one resumes
            raise ConnectionError("no answer came") from None
        except WebSocketException as broken:
            raise ConnectionError(str(broken)) from broken
        finally:
            self._answers.pop(number, None)
            if answer.done() and not answer.cancelled():
                answer.exception()  # the wire may have failed before the answer did; one of the two is told

    async def _persist(self, attempt: Callable[[], Any]) -> Json:
        """Try until it is answered, over as many sockets as it takes."""
        while True:
            await self._connected()
            try:
                found: Json = await attempt()
                return found
            except ConnectionError:
                self._up.clear()
            except Refused as no:
                if no.code not in PASSING:
                    raise
                await asyncio.sleep(no.retry_after or 1.0)

    async def _connected(self) -> None:
        """Until there is a socket that was greeted. Raises what ended this client's life, Refused above all."""
        waiting = asyncio.ensure_future(self._up.wait())
        await asyncio.wait([waiting, self._life], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._life.done():
            self._life.result()

    async def _live(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with connect(
                    next(self._urls),
                    subprotocols=[Subprotocol(messages.SUBPROTOCOL)],
                    compression=None,
                    max_size=None,
                    ping_interval=None,  # the library's would take 40 s to notice
                    open_timeout=self._patience,
                    close_timeout=FAREWELL,
                ) as socket:
                    self.connects += 1
                    async with asyncio.TaskGroup() as group:
                        group.create_task(self._listen(socket))
                        heartbeat = await self._arrive(socket)
                        pause = FIRST_PAUSE
                        await self._stay(socket, heartbeat)
            except* (OSError, TimeoutError, InvalidHandshake, WebSocketException) as broken:
                logger.debug("Connecting again: %s", broken.exceptions)
            except* Refused as refused:
                _raise_unless_passing(refused)
            if self._over:
                return
            await asyncio.sleep(pause * random.uniform(0.5, 1.0) + self._spread * random.random())
            pause, self._spread = min(LONGEST_PAUSE, pause * 2), 0.0

    async def _arrive(self, socket: ClientConnection) -> float:
        """Say who is there and go on where it stopped; the seconds of silence after which to ping."""
        self._socket = socket
        greeting = await self.ask({"do": "hello", "token": self._token})
        for room, place in tuple(self._rooms.items()):
            if place.offset >= 0:
                await self._join(room)
        self._up.set()
        return float(self._heartbeat or greeting.get("heartbeat", HEARTBEAT))

    async def _stay(self, socket: ClientConnection, heartbeat: float) -> None:
        """Ping whenever it is silent; a wire that swallows everything is found by the answer that does not come."""
        loop = asyncio.get_running_loop()
        while self._socket is socket:
            silent = loop.time() - self._heard_at
            if silent >= heartbeat:
                await self.ask({"do": "ping"})
            else:
                await asyncio.sleep(heartbeat - silent)

    async def _join(self, room: str) -> Json:
        return await self.ask(self._joining(room))

    def _joining(self, room: str) -> Json:
        place = self._rooms[room]
        message: Json = {"do": "join", "room": room}
        if place.offset >= 0:
            message["after"] = {"epoch": place.epoch, "offset": place.offset}
        return message

    async def _listen(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                self._heard_at = asyncio.get_running_loop().time()
                said = orjson.loads(text)
                if isinstance(said, list):
                    for event in said:
                        await self._hear(event)
                else:
                    self._answered(said)
            raise ConnectionError("the server hung up")
        finally:
            self._socket = None
            self._up.clear()
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the socket broke"))

    def _answered(self, said: Json) -> None:
        # A room's state is taken in here, in the order of the wire, before the events behind it.
        ok = said.get("ok")
        if ok is not None and "events" in ok:
            self._take(ok)
        answer = self._answers.get(said["re"]) if said["re"] is not None else None
        if answer is not None and not answer.done():
            if ok is not None:
                answer.set_result(ok)
            else:
                answer.set_exception(_refused(said["no"]))
        elif ok is None:
            raise ConnectionError(f"refused to join again: {said['no']}")

    def _take(self, state: Json) -> None:
        place = self._rooms[state["room"]]
        place.rejoining = False
        if not state["resumed"]:
            place.offset = -1
            self._reset(state["room"])
        for event in state["events"]:
            if event["at"] > place.offset:
                self._heard(event)
        place.epoch, place.offset = state["epoch"], max(place.offset, state["offset"])

    async def _hear(self, event: Json) -> None:
        if event["is"] == "reconnect":
            self._spread = event["within"] / 1000  # the close follows at once
            return
        place = self._rooms.get(event["room"])
        if "at" not in event and event["is"] != "rejoin":
            self._noticed(event)
            return
        if place is None or place.offset < 0:
            return
        if event["is"] == "rejoin" or event["at"] > place.offset + 1:
            await self._rejoin(event["room"], place)
        elif event["at"] == place.offset + 1 and not place.rejoining:
            place.offset = event["at"]
            if event["is"] != "gone":
                self._heard(event)

    async def _rejoin(self, room: str, place: Position) -> None:
        """Ask for what was missed; the answer comes by the reader that calls this, so it is not waited for."""
        if not place.rejoining and self._socket is not None:
            place.rejoining = True
            self._number += 1
            await self._socket.send(orjson.dumps({"id": self._number, **self._joining(room)}).decode())


def _refused(no: Json) -> Refused:
    code = no["code"] if no["code"] in SENTENCES else "message.unknown"
    return Refused(code, field=no.get("field"), retry_after=no.get("retry_after"))


def _raise_unless_passing(refused: BaseExceptionGroup[Refused]) -> None:
    """A busy server is asked again; a pass or a room that is refused stays refused."""
    no = refused.exceptions[0]
    while isinstance(no, BaseExceptionGroup):
        no = no.exceptions[0]
    if no.code not in PASSING:
        raise no
