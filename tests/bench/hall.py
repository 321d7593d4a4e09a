"""A small server that speaks the wire and may lie, to show that the bench finds it out."""

import contextlib
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from bench.node import Node

Event = dict[str, Any]
HALL, DESK = "questions:1", "questions:1:desk"


class Neighbour(Node):
    """A node that lets everybody in."""

    hall: "Hall"

    async def passes(self, *rooms: str, count: int, may: str = "say", first: int = 1) -> list[str]:
        """Anything goes."""
        return ["pass"] * count


class Hall:
    """A small server that speaks the wire; `tell` is what one listener gets of an event."""

    def __init__(self, tell: Callable[["Hall", int, Event], list[Event]]) -> None:
        self.tell = tell
        self.at: Counter[str] = Counter()  # room -> the offset of its last event
        self.members: dict[str, list[ServerConnection]] = defaultdict(list)
        self.asked: dict[str, str] = {}  # a question's name -> its text
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
                    room = wish["room"]
                    self.members[room].append(socket)
                    await answer(socket, wish, {"room": room, "epoch": "e", "offset": self.at[room], "events": []})
                case "chat.say":
                    await self.say(socket, wish, wish["room"], {"is": "chat.said", "key": wish["key"]})
                case "question.ask":
                    self.asked[wish["key"]] = wish["text"]
                    await self.say(socket, wish, DESK, {"is": "question.at_desk", "item": wish["key"]})
                case "question.move":
                    wish["text"] = self.asked[wish["item"]]
                    await self.say(socket, wish, HALL, {"is": "question.shown", "item": wish["item"]})

    def hang_up(self) -> None:
        """Leave everybody without a word."""
        for member in self.members["chat:1"]:
            member.transport.abort()

    async def say(self, socket: ServerConnection, wish: dict[str, Any], room: str, what: Event) -> None:
        """Everyone in the room hears it, as far as `tell` tells the truth."""
        self.at[room] += 1
        event = {"room": room, "at": self.at[room], **what, "text": wish["text"]}
        for number, member in enumerate(self.members[room]):
            for told in self.tell(self, number, event):
                await member.send(compact([told]))
        if self.acknowledge:
            await answer(socket, wish, {"epoch": "e", "at": event["at"], "item": what.get("item", "")})


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


def to_a_stranger(hall: Hall, listener: int, event: Event) -> list[Event]:
    """The desk's own event comes to the chat."""
    chatting = event["room"] == "chat:1" and event["at"] == 7
    return [event, {"room": DESK, "at": 1, "is": "question.at_desk", "text": "Why?"}] if chatting else [event]


def too_early(hall: Hall, listener: int, event: Event) -> list[Event]:
    """A question that waits is shown to readers in another one's place."""
    return [{**event, "text": list(hall.asked.values())[-1]}] if event["room"] == HALL else [event]


def in_the_chat(hall: Hall, listener: int, event: Event) -> list[Event]:
    """A question that waits is repeated in the chat."""
    waits = event["room"] == "chat:1" and hall.asked and listener == 3
    return [{**event, "text": list(hall.asked.values())[-1]}] if waits else [event]


def as_a_hint(hall: Hall, listener: int, event: Event) -> list[Event]:
    """A question that waits is told beside all rooms."""
    waits = event["room"] == "chat:1" and hall.asked and listener == 3
    return [event, {"is": "typing", "text": list(hall.asked.values())[-1]}] if waits else [event]


LEAKS = [
    (to_a_stranger, f"heard {DESK}, where it is not"),
    (too_early, f"was heard in {HALL} before it was approved"),
    (in_the_chat, "was heard in chat:1 before it was approved"),
    (as_a_hint, "was heard besides before it was approved"),
]


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
