"""One visitor's stay: does what the session decided, with the hub and the log. It knows no bytes of the wire."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, assert_never

from realtime import dropped, messages, waiting
from realtime.backlog import BUDGET, Backlog
from realtime.errors import Refused
from realtime.events import Notice
from realtime.hub import Hub
from realtime.room import Listener
from realtime.session import Action, Answer, Close, Enter, Exit, Refuse, Session, Store, Tell
from realtime.stats import Stats
from realtime.wheel import Wheel
from realtime.writer import Writer
from realtime.writes import Placed, Write


@dataclass(slots=True)
class Host:
    """What a visit needs of its worker."""

    secret: str
    origins: frozenset[str]
    limit: int  # sockets of one worker
    hub: Hub
    writer: Writer
    stats: Stats
    clock: Callable[[], float]  # Unix seconds
    spawn: Callable[[Coroutine[Any, Any, None]], Any]
    wheel: "Wheel[Visit]"
    visits: "set[Visit]" = field(default_factory=set)
    backlog: "Backlog[Visit]" = field(default_factory=lambda: Backlog(BUDGET))
    direct: bool = False  # whether frames for many are written to the descriptors themselves


class Visit(Listener):
    """A visitor on some wire; whoever knows the wire derives from it."""

    __slots__ = ("due", "entering", "host", "session")

    def __init__(self, host: Host) -> None:
        super().__init__()
        self.host = host
        self.session = Session(host.secret, opened=host.clock())
        self.entering: frozenset[str] = frozenset()  # rooms that Redis is being asked for
        self.due = 0  # the wheel's

    # What the wire knows

    @property
    @abstractmethod
    def open(self) -> bool:
        """Whether the visitor can be spoken to."""

    @property
    @abstractmethod
    def choked(self) -> bool:
        """Whether the visitor does not take what was said before."""

    @property
    @abstractmethod
    def unsent(self) -> int:
        """Bytes that wait for this visitor."""

    @abstractmethod
    def say(self, message: bytes) -> None:
        """Send one message, if the visitor can be spoken to."""

    @abstractmethod
    def close(self, code: int, reason: str) -> None:
        """Say good-bye."""

    @abstractmethod
    def cut(self, code: int, reason: str) -> None:
        """Hang up without waiting for anything."""

    @abstractmethod
    def look_at_the_clock(self) -> None:
        """Do what the passing of time alone brings about."""

    # What the session decided

    @property
    def who(self) -> str:
        """Whom ops see in the list of slow sockets."""
        return f"user {self.session.visitor.user}" if self.session.visitor else "a stranger"

    def hear(self, text: bytes) -> None:
        """Do what one message asks for."""
        self.host.stats.commands += 1
        hub = self.host.hub
        self.act(self.session.hear(text, now=self.host.clock(), look=hub.look, parts=hub.parts, group=hub.group))

    def act(self, actions: Iterable[Action]) -> None:
        """Do what was decided, in this order."""
        for action in actions:
            match action:
                case Answer():
                    self.say(messages.answer(action.re, action.ok))
                case Refuse():
                    self._refuse(action.re, action.refused)
                case Enter() | Exit() | Tell():
                    self._turn_to_hub(action)
                case Store():
                    self._store(action)
                case Close():
                    self.close(action.code, action.reason)
                case _:
                    assert_never(action)

    @property
    def user(self) -> int | None:
        """Who this is; None before the hello."""
        return self.session.visitor.user if self.session.visitor else None

    @property
    def person(self) -> int | None:
        """Who is counted as being in a room; None: a service, or nobody yet."""
        return None if self.session.swift else self.user

    @property
    def issued(self) -> float:
        """When the visitor's pass was issued; Unix seconds."""
        return self.session.visitor.issued if self.session.visitor else 0.0

    @property
    def subjects(self) -> tuple[str, ...]:
        """What the visitor's pass ends with."""
        return self.session.visitor.subjects if self.session.visitor else ()

    def tell(self, notice: Notice) -> None:
        """Tell something that is not stored; small and rare as it is, a slow socket is told too, or never would be."""
        self.say(messages.notice(notice))

    def expel(self, room: str) -> None:
        """Let the visitor listen to a room no longer."""
        self.session.rooms.discard(room)
        self.host.hub.leave(self, room)

    def leave(self) -> None:
        """The visitor is gone."""
        for room in self.session.rooms:
            self.host.hub.leave(self, room)

    def _refuse(self, re: int | None, refused: Refused) -> None:
        self.host.stats.refusals[refused.code] += 1
        self.say(messages.refusal(re, refused))

    def _turn_to_hub(self, action: Enter | Exit | Tell) -> None:
        match action:
            case Enter():
                self._enter(action)
            case Exit():
                self.host.hub.leave(self, action.room)
            case Tell():
                self.host.hub.tell(action.hint)

    def _enter(self, action: Enter) -> None:
        if action.room in self.entering or self.choked:
            # One answer at a time, and no new ones for a socket that does not take the old ones.
            self._refuse(action.re, Refused("limit.too_fast", retry_after=1.0))
            return
        state = self.host.hub.enter(self, action.room, action.after)
        if state is not None:
            self._welcome(action, state)
        else:
            self.entering |= {action.room}
            self.host.spawn(self._enter_cold(action))

    def _welcome(self, action: Enter, state: bytes) -> None:
        hub, room = self.host.hub, action.room
        waits = waiting.texts(hub.group(room, waiting.group(self.user))) if self.user else ()
        gone = dropped.texts(hub.look(room, dropped.part(self.user))) if self.user else ()
        self.say(messages.entered(action.re, state, hub.viewers(room), waits=waits, dropped=gone))

    async def _enter_cold(self, action: Enter) -> None:
        try:
            state = await self.host.hub.join(self, action.room, action.after)
        except Refused as no:
            self.session.rooms.discard(action.room)
            self.host.hub.leave(self, action.room)
            self._refuse(action.re, no)
        else:
            barred = self.session.barred(action.room, self.host.hub.look)
            if barred is not None:  # nobody here knew the room when they asked
                self.expel(action.room)
                self._refuse(action.re, barred)
                return
            self._welcome(action, state)
            if not self.open or action.room not in self.session.rooms:
                self.host.hub.leave(self, action.room)  # they left while Redis was asked
        finally:
            self.entering -= {action.room}

    def _store(self, action: Store) -> None:
        if len(action.writes) > 1:
            self.host.spawn(self._store_all(action.re, action.writes))
            return
        [write] = action.writes
        try:
            placed = self.host.writer.submit(write)
        except Refused as no:
            self._refuse(action.re, no)
        else:
            placed.add_done_callback(partial(self._stored, action.re, write))

    async def _store_all(self, re: int, writes: Sequence[Write]) -> None:
        """One behind the other, and none behind a refusal; a resend with the same key completes what was begun."""
        for write in writes:
            try:
                placed = self.host.writer.submit(write)
            except Refused as no:
                self._refuse(re, no)
                return
            await asyncio.wait([placed])
            if placed.cancelled() or placed.exception() is not None:
                break
        self._stored(re, write, placed)

    def _stored(self, re: int, write: Write, placed: asyncio.Future[Placed]) -> None:
        if placed.cancelled():
            return
        match placed.exception():
            case None:
                done = placed.result()
                if (write.takes_away or write.expects) and done.offset and not (done.held or done.hidden):
                    self.host.spawn(self._acknowledge_what_is_known(re, write, done))
                else:
                    self._acknowledge(re, write, done)
            case Refused() as no:
                self._refuse(re, no)
            case other:
                raise other

    async def _acknowledge_what_is_known(self, re: int, write: Write, where: Placed) -> None:
        """Once this worker knows it: who deleted it may look at once, who decided may go on from there."""
        if write.takes_away:
            await self.host.hub.reach(write.puts[0].room, where.epoch, where.offset)
        await self.host.hub.outgrow(write.expects)
        self._acknowledge(re, write, where)

    def _acknowledge(self, re: int, write: Write, where: Placed) -> None:
        ok: dict[str, object] = {"epoch": where.epoch, "at": where.offset}
        if write.speech is not None and not write.speech.secretly:
            if where.held or where.hidden:
                ok["at"] = waiting.unseen(where.offset, write.now)
            if where.held:
                ok["held"] = True
        if write.item:
            ok["item"] = write.item
        self.say(messages.answer(re, messages.json(ok)))
