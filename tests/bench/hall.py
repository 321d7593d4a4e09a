"""A small server that speaks the wire and may lie, to show that the bench finds it out."""

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from bench.node import Node

Event = dict[str, Any]


class Neighbour(Node):
    """A node that lets everybody in."""

    hall: "Hall"

    async def passes(self, *rooms: str, count: int, may: str = "say") -> list[str]:
        """Anything goes."""
        return ["pass"] * count


class Hall:
    """A small server that speaks the wire; `tell` is what one listener gets of an event."""

    def __init__(self, tell: Callable[["Hall", int, Event], list[Event]]) -> None:
        self.tell = tell
        self.at = 0
        self.members: list[ServerConnection] = []
        self.kept: list[Event] = []
        self.acknowledge = True

    async def meet(self, socket: ServerConnection) -> None:
        """One visitor."""
        async for text in socket:
            wish = json.loads(text)
            match wish["do"]:
                case "hello":
                    await answer(socket, wish, {"user": 1, "name": "x", "expires": 1, "heartbeat": 10})
                case "join":
                    self.members.append(socket)
                    await answer(socket, wish, {"room": "chat:1", "epoch": "e", "offset": self.at, "events": []})
                case "chat.say":
                    await self.say(socket, wish)

    def hang_up(self) -> None:
        """Leave everybody without a word."""
        for member in self.members:
            member.transport.abort()

    async def say(self, socket: ServerConnection, wish: dict[str, Any]) -> None:
        """Everyone hears it, as far as `tell` tells the truth."""
        self.at += 1
        event = {"room": "chat:1", "at": self.at, "is": "chat.said", "key": wish["key"], "text": wish["text"]}
        for number, member in enumerate(self.members):
            for told in self.tell(self, number, event):
                await member.send(compact([told]))
        if self.acknowledge:
            await answer(socket, wish, {"epoch": "e", "at": event["at"]})


def truth(hall: Hall, listener: int, event: Event) -> list[Event]:
    return [event]


def loses(hall: Hall, listener: int, event: Event) -> list[Event]:
    return [] if (listener, event["at"]) == (3, 7) else [event]


def loses_the_last(hall: Hall, listener: int, event: Event) -> list[Event]:
    return [] if (listener, event["at"]) == (3, 20) else [event]


def doubles(hall: Hall, listener: int, event: Event) -> list[Event]:
    return [event, event] if (listener, event["at"]) == (3, 7) else [event]


def swaps(hall: Hall, listener: int, event: Event) -> list[Event]:
    if (listener, event["at"]) == (3, 7):
        hall.kept = [event]
        return []
    kept, hall.kept = (hall.kept, []) if listener == 3 else ([], hall.kept)
    return [event, *kept]


def forges(hall: Hall, listener: int, event: Event) -> list[Event]:
    return [{**event, "key": "another"}] if (listener, event["at"]) == (3, 7) else [event]


LIES = [loses, loses_the_last, doubles, swaps, forges]


@contextlib.asynccontextmanager
async def hall(
    tell: Callable[[Hall, int, Event], list[Event]], *, acknowledge: bool = True
) -> AsyncIterator[Neighbour]:
    place = Hall(tell)
    place.acknowledge = acknowledge
    async with serve(
        place.meet, "127.0.0.1", 0, subprotocols=[Subprotocol("veche.1")], compression=None, server_header=None
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        where = Neighbour("127.0.0.1", port, "/ws", None, {})
        where.hall = place
        yield where


async def answer(socket: ServerConnection, wish: dict[str, Any], ok: dict[str, Any]) -> None:
    await socket.send(compact({"re": wish["id"], "ok": ok}))


def compact(said: Any) -> str:
    """JSON as our server writes it."""
    return json.dumps(said, separators=(",", ":"))
