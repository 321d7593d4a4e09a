"""Sees every write when it is stored and every byte when it is said, and objects to what must not be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from realtime import channels, history, messages, moderation
from realtime.errors import Refused
from realtime.kept import Kept
from realtime.memory import MemoryLog
from realtime.questions import SHOWN
from realtime.room import Room
from realtime.writes import Placed, Write
from tests.simulator.events import Json
from tests.simulator.page import Page
from tests.simulator.worker import Socket, Worker

NOBODY = 0


@dataclass(frozen=True, slots=True)
class Loss:
    """What Redis forgot of a room, for want of a disk."""

    epoch: str  # of the room then
    knew: list[tuple[Worker, Room]]  # who had heard what it forgot, and since when without a break


class Witness(MemoryLog):
    """The log, and what was ever true in it."""

    def __init__(
        self,
        wrong: Callable[[str], None],
        note: Callable[[str], None],
        *,
        epoch: Callable[[], str],
        clock: Callable[[], float],
    ) -> None:
        super().__init__(epoch=epoch, clock=clock)
        self._wrong = wrong
        self._note = note
        self.retracted: dict[tuple[str, str], list[tuple[int, int]]] = {}  # room, epoch -> place of it, what it forgot
        self.waiting: dict[bytes, int] = {}  # texts that no moderator has released -> whose they are
        self.left: dict[str, Json] = {}  # questions that the desk let go -> how it had them last
        self._desk: dict[str, Json] = {}
        self.banned: set[int] = set()
        self.lost: dict[str, Loss] = {}  # rooms whose acknowledged events it forgot
        self.who_knows: Callable[[str, int], list[tuple[Worker, Room]]] = lambda room, top: []

    def carry_out(self, write: Write) -> Placed | Refused:
        """As MemoryLog; what was forgotten is nowhere afterwards."""
        before = dict(self.kept(write.room).stream) if write.forget is not None else {}
        placed = super().carry_out(write)
        if before:
            after = self.kept(write.room)
            gone = [orjson.loads(one.event) for at, one in before.items() if at not in after.stream]
            left = b"".join(
                [*(one.event for one in after.stream.values()), *(event for _, event in after.state.values())]
            )
            for event in gone:
                # What waited is published in the very step that takes it out.
                is_shown = event["is"] not in ("chat.pinned", "chat.held")
                text = event.get("said", event).get("text") if is_shown else None
                now = orjson.loads(after.state.get(f"q:{event.get('item')}", (0, b"{}"))[1])
                if text is not None and text != now.get("text") and b'"%s"' % text.encode() in left and after.epoch:
                    self._wrong(f"{write.room} still holds {text}, which was forgotten")
        return placed

    def tell(self, channel: str, payload: bytes) -> None:
        """As MemoryLog."""
        if payload.startswith(messages.WHISPER):
            super().tell(channel, payload)
            return
        room = channels.room_of(channel)
        epoch, entry = history.heard(payload)
        if entry.forgets:
            self.retracted.setdefault((room, epoch), []).extend((entry.offset, at) for at in entry.forgets)
        event = orjson.loads(entry.event)
        self._note(f"{room} {epoch[:4]} {entry.offset}: {event['is']} {_gist(event)}")
        self._learn(room, entry.offset, event)
        super().tell(channel, payload)

    def _learn(self, room: str, at: int, event: Json) -> None:
        text = _quoted(event["said"] if event["is"] == "chat.edited" else event)
        match event["is"]:
            case "chat.held":
                self.waiting[text] = event["user"]
            case "chat.said" | "chat.edited":
                self.waiting.pop(text, None)
            case "question.at_desk":
                self._at_desk(event)
            case "question.left":
                self.left[event["item"]] = self._desk[event["item"]]
            case "question.shown" | "question.hidden":
                self._to_readers(room, at, event)
            case "chat.purged" if room.endswith(channels.DESK):
                self._purged(channels.public(room), event)
            case "chat.banned":
                self.banned.add(event["user"])

    def come_back(self, saved: dict[str, Kept]) -> None:
        """As MemoryLog; what was lost was never true."""
        for name, kept in self.rooms.items():
            top = saved[name].top if name in saved else 0
            if top < kept.top:
                knew = self.who_knows(name, top)
                before = self.lost.get(name)
                self.lost[name] = Loss(kept.epoch, [*knew, *(before.knew if before is not None else ())])
            for key, places in self.retracted.items():
                if key == (name, kept.epoch):
                    places[:] = [(place, at) for place, at in places if place <= top]
        super().come_back(saved)

    def saw_state(self, page: Page, state: Json) -> None:
        """An answer to a join: nothing in it was retracted up to where it stands."""
        shown = {event["at"] for event in state["events"]}
        for place, at in self.retracted.get((state["room"], state["epoch"]), ()):
            if at in shown and place <= state["offset"]:
                self._wrong(
                    f"{page.name} is answered with {state['room']} {at}, retracted at {place}, though the answer "
                    f"stands at {state['offset']}"
                )

    def _at_desk(self, event: Json) -> None:
        """What was never approved in these words, no reader is to hear of."""
        item = event["item"]
        before, self._desk[item] = self._desk.get(item), event
        self.left.pop(item, None)
        if event["status"] in SHOWN:
            self.waiting.pop(_quoted(event), None)
        elif before is None or before["text"] != event["text"]:
            self.waiting[_quoted(event)] = NOBODY

    def _to_readers(self, room: str, at: int, event: Json) -> None:
        """Of what a question was before, nothing is left for readers."""
        if event.get("status") in SHOWN:  # readers hear of it first; the desk says so in the same step
            self.waiting.pop(_quoted(event), None)
        for one in [orjson.loads(one.event) for one in self.kept(room).stream.values()]:
            if one["is"] == "question.shown" and one["item"] == event["item"] and one["at"] != at:
                self._wrong(f"{room} still holds {one['item']} at {one['at']}, as it was before {at}")

    def _purged(self, room: str, event: Json) -> None:
        """What of a person had left is gone from the readers' log, and rejected, as the archive has it."""
        gone = {item: one for item, one in self.left.items() if one["user"] == event["user"] and one["status"] in SHOWN}
        for one in [orjson.loads(one.event) for one in self.kept(room).stream.values()]:
            if (
                one["is"] == "question.shown"
                and one["item"] in gone
                and f"q:{one['item']}" not in self.kept(room).state
            ):
                self._wrong(f"{room} still holds {one['item']} at {one['at']}, whose asker's questions went")
        self.left |= {item: one | {"status": "rejected", "pinned": False} for item, one in gone.items()}

    def saw_bytes(self, page: Page, data: bytes, *, moderates: bool, user: int) -> None:
        """No reader's wire carries what waits for a moderator, or was not published, but for its author's."""
        if not moderates:
            for text, author in self.waiting.items():
                if text in data and author != user:
                    self._wrong(f"{page.name} gets {text.decode()}, which no moderator has released")

    def written(self, worker: Worker, socket: Socket, data: bytes) -> None:
        """A worker that knows of a ban says nothing of the room to the banned any more."""
        if socket.user not in self.banned or b'"room":' not in data:
            return
        said: Any = orjson.loads(data[2 if data[1] < 126 else 4 if data[1] == 126 else 10 :])
        for one in said if isinstance(said, list) else [said.get("ok", {})]:
            room = one.get("room", "")
            ban = worker.hub.look(channels.public(room), moderation.banned(socket.user)) if room else None
            # The flush in which the ban itself is told may carry what came before it.
            if ban is not None and one.get("at", one.get("offset", 0)) > orjson.loads(ban)["at"]:
                self._wrong(f"{worker.name} tells user {socket.user} of {room} after their ban: {one}")


def _quoted(event: Json) -> bytes:
    return b'"%s"' % event.get("text", "").encode()


def _gist(event: Json) -> str:
    found = [f"{name} {event[name]}" for name in ("user", "target", "item", "on") if name in event]
    return ", ".join([*found, event.get("text", "")[:16]])
