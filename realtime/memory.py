"""The log in the memory of one process, for tests on any clock: what write.lua and read.lua do, without a Redis."""

import asyncio
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace

import orjson

from realtime import channels, log
from realtime.errors import Refused
from realtime.history import Entry, Reading
from realtime.kept import Kept, Stored, inner, refusal
from realtime.log import REMEMBER, remembered
from realtime.writes import ENDS, Forget, Placed, Put, Speech, Write

STRIDE = 64  # events between two trims, as in write.lua


@dataclass(frozen=True, slots=True)
class Extra:
    """What the first put has besides what it brings itself."""

    more: bytes = b""
    forgets: tuple[int, ...] | None = None
    ended: tuple[str, ...] = ()  # parts of the state that go with what it forgets
    thread: str = ""
    author: int | None = None
    again: bytes = b""  # what the events behind it carry, too
    edits: int = 0  # how often the message was edited with this
    stood: int = 0  # where it stands, if its text is to be another one


class MemoryLog:
    """Log and pub/sub in one process. `epoch` names a new life, `clock` tells seconds."""

    def __init__(self, *, epoch: Callable[[], str], clock: Callable[[], float]) -> None:
        self.rooms: dict[str, Kept] = {}
        self.ears: dict[MemoryEar, None] = {}
        self._epoch = epoch
        self._clock = clock

    async def write(self, writes: Sequence[Write]) -> Sequence[Placed | Exception]:
        """As Log says."""
        return [self.carry_out(write) for write in writes]

    async def read(
        self, room: str, *, epoch: str = "", after: int = 0, heard: Sequence[Entry] | None = None
    ) -> Reading:
        """As Log says."""
        return self.look_up(room, epoch, after, heard)

    async def publish(self, channel: str, payload: bytes) -> None:
        """As Log says."""
        self.tell(channel, payload)

    def carry_out(self, write: Write) -> Placed | Refused:
        """One write, as write.lua."""
        try:
            return self._carry_out(write)
        except Refused as no:
            return no

    def look_up(self, room: str, epoch: str, after: int, heard: Sequence[Entry] | None) -> Reading:
        """One snapshot, as read.lua and what log.py makes of its answer."""
        kept = self.kept(room)
        kept.epoch = kept.epoch or self._epoch()
        if heard is not None and epoch == kept.epoch and (after > kept.top or kept.differs(heard)):
            kept.epoch = self._epoch()
            kept.archived = min(kept.top, kept.archived)
        behind = kept.top - after
        if epoch == kept.epoch and after >= kept.floor and 0 <= behind <= log.CATCH_UP:
            entries = [one.entry(at) for at, one in kept.stream.items() if at > after]
            return Reading(kept.epoch, kept.top, resumed=True, floor=after, entries=entries)
        entries, floor = kept.newest(log.NEWCOMER, looked_through=log.FARTHER * log.NEWCOMER)
        state = [Entry(at, (), event, part) for part, (at, event) in kept.state.items()]
        return Reading(kept.epoch, kept.top, resumed=False, floor=floor, entries=entries, state=state)

    def tell(self, channel: str, payload: bytes) -> None:
        """Tell everyone who listens."""
        for ear in tuple(self.ears):
            ear.hear(channel, payload)

    def mark_archived(self, room: str, *, epoch: str, offset: int) -> None:
        """Trimming may follow up to here, as archived.lua."""
        kept = self.kept(room)
        if kept.epoch == epoch:
            kept.archived = max(kept.archived, offset)

    def saved(self) -> dict[str, Kept]:
        """What is on disk if everything is synced now."""
        return {name: one.copy() for name, one in self.rooms.items()}

    def come_back(self, saved: dict[str, Kept]) -> None:
        """Begin again with what was on disk; the rest is lost."""
        self.rooms = saved

    def kept(self, room: str) -> Kept:
        """What is kept of a room."""
        return self.rooms.setdefault(room, Kept())

    # One write

    def _carry_out(self, write: Write) -> Placed:
        room, key = self.kept(write.room), (write.verb, write.user, write.key)
        known = room.once.get(key)
        if known is not None and known[1] > self._clock():
            return known[0]
        if write.refusal:
            raise Refused(write.refusal)
        if write.begin is not None:
            begun = Placed(self._epoch(), 0)
            if room.begin(write, write.begin):
                room.once[key] = begun, self._clock() + remembered(write)
            return begun
        self._expect(write)
        held = self._listen(room, write)
        left_out = {put for put in write.puts if put.only and not self.kept(put.only.room).is_still(put.only)}
        extra = self._extra(room, write, held=bool(held))
        if extra is None:
            return Placed("", 0)
        placed = self._put_all(room, write, extra, held=held, left_out=left_out)
        room.note(write, placed, self._clock())
        room.once[key] = placed, self._clock() + remembered(write)
        return placed

    def _expect(self, write: Write) -> None:
        if not all(self.kept(expected.room).is_still(expected) for expected in write.expects):
            raise refusal("changed")
        for put in write.puts if not write.expects else ():
            self._expect_space(put, speech=write.speech is not None)

    def _expect_space(self, put: Put, *, speech: bool) -> None:
        if self.kept(put.room).is_full(put, speech=speech):
            raise log.full(put.room)

    def _listen(self, room: Kept, write: Write) -> str:
        """Whether a word of the list has it `held` or `hidden`; "": neither.

        Raises Refused when the rules of the room let it not through.
        """
        speech = write.speech
        if speech is None:
            return ""
        room.admit(write)
        room.ration(write, self._clock())
        if speech.free:
            return ""
        if "closed" in room.rules:
            raise refusal("closed")
        if "slow" in room.rules and write.user:
            left = room.spoke.get(write.user, 0.0) - self._clock()
            if left > 0:
                raise refusal("slow", int(left * 1000) or 1)
            room.spoke[write.user] = self._clock() + float(room.rules["slow"])
        held = room.suspicious(speech.plain) if speech.plain is not None else ""
        for put in speech.held if held else ():
            self._expect_space(put, speech=True)
        return held

    def _extra(self, room: Kept, write: Write, *, held: bool) -> Extra | None:
        """What the first event carries; None: there is nothing to do. Raises Refused."""
        first = self.kept(write.puts[0].room) if write.puts else room
        if write.forget is not None:
            forget = room.named(write, now=self._clock())
            found = first.doomed(forget)
            if found is None:
                return None
            again = b',"said":' + room.rewritten(found[0], forget) if forget.instead is not None else b""
            edits = first.stream[found[0]].edits + 1 if again else 0
            told = Extra(stood=found[0] if again else 0)
            extra = told if held else replace(self._forget(room, first, found, write, again), edits=edits)
        elif write.repeat is not None:
            event, author = room.repeated(write.repeat, self._clock())
            extra = Extra(more=b',"said":' + event, author=author)
        else:
            extra = Extra()
        if write.unread is not None:
            more = extra.more + b',"unread":%d' % room.count(write.unread, first)
            thread = write.unread.thread if write.unread.upto is None else ""
            extra = replace(extra, more=more, thread=thread)
        return extra

    def _forget(self, room: Kept, first: Kept, found: Sequence[int], write: Write, again: bytes) -> Extra:
        wish = write.forget or Forget()
        offsets: list[int] = []
        for at in found:
            one = first.stream.get(at)
            name = (one.name if one is not None else 0) or at
            offsets += [at, *(one.forgets or () if one is not None else ())]
            if wish.keep and one is not None:
                if room.deleted_until <= self._clock():
                    room.deleted.clear()
                room.deleted[name] = one.user, inner(one.event)
                room.deleted_until = self._clock() + REMEMBER
            offsets += room.copies.pop(name, ())
            room.edited.pop(name, None)
        forgotten = set(offsets)
        for at in forgotten:
            first.stream.pop(at, None)
        gone = {part for part, (at, _) in first.state.items() if at in forgotten}
        for part in gone:
            del first.state[part]
        ended = tuple(sorted(gone - {write.puts[0].part.removeprefix(ENDS)}))
        more = b',"ends":' + orjson.dumps(ended) if ended else b""
        forgets = tuple(offsets) if offsets or wish.person is not None else None
        return Extra(more + again, forgets, ended, again=again)

    def _put_all(self, room: Kept, write: Write, extra: Extra, *, held: str, left_out: Set[Put]) -> Placed:
        if held and write.speech is not None and write.speech.held:
            return self._put_instead(room, write, write.speech, held, extra)
        name = write.forget.target if write.forget is not None and write.forget.instead is not None else 0
        first = self._put(room, write.puts[0], extra, name=name)
        if name:
            room.edited[name] = first.offset
        for put in write.puts[1:]:
            if put not in left_out:
                # What the desk is told of an edit, and what ends with it, has no copy of its text.
                repeats = put.room == write.puts[0].room and not put.part.startswith(ENDS)
                other = self._put(room, put, Extra(extra.again if repeats else b""))
                if name and repeats:
                    room.copies[name] = [other.offset]
        return replace(first, held=held == "held")

    def _put_instead(self, room: Kept, write: Write, speech: Speech, held: str, extra: Extra) -> Placed:
        hidden = held == "hidden"
        tells = hidden and not speech.secretly
        more = (b',"hidden":true' if tells else b"") + (b',"stood":%d' % extra.stood if extra.stood else b"")
        epochs = [self._put(room, put, Extra(more)).epoch for put in speech.held]
        first = self.kept(write.puts[0].room)
        return Placed(first.epoch or epochs[0], first.top, held=not hidden, hidden=hidden)

    def _put(self, room: Kept, put: Put, extra: Extra, *, name: int = 0) -> Placed:
        kept = self.kept(put.room)
        kept.epoch = kept.epoch or self._epoch()
        kept.top += 1
        at = kept.top
        event = b'{"room":"%s","at":%d,' % (put.room.encode(), at) + put.body[1:-1] + extra.more + b"}"
        stands = kept.state.get(put.part.removeprefix(ENDS), (0, b""))[0]
        if stands and put.takes:
            kept.stream.pop(stands, None)
        elif stands and put.leaves:
            room.left[put.part.removeprefix(ENDS)] = stands
        if put.part.startswith(ENDS):
            kept.state.pop(put.part.removeprefix(ENDS), None)
        elif put.part:
            kept.state[put.part] = at, event
        if put.rule is not None:
            rule, value = put.rule
            room.rules.pop(rule, None)
            if value:
                room.rules[rule] = value
        author = put.user if extra.author is None else extra.author
        part = ",".join([*filter(None, [put.part]), *(ENDS + name for name in extra.ended)])
        kept.stream[at] = Stored(event, author, part, extra.forgets, kept.epoch, extra.thread, name, extra.edits)
        forgets = ",".join(map(str, extra.forgets or ())) or "-"
        heading = f"{kept.epoch} {at} {forgets} {part or '-'} "
        self.tell(channels.live(put.room), heading.encode() + event)
        if at % STRIDE == 0:
            kept.trim()
        return Placed(kept.epoch, at)


class MemoryEar:
    """Hears what a MemoryLog tells, at once."""

    def __init__(
        self, log: MemoryLog, *, heard: Callable[[bytes, bytes], None], restored: Callable[[str], None]
    ) -> None:
        self.channels: dict[str, None] = {}
        self._log = log
        self._heard = heard
        self._restored = restored
        log.ears[self] = None

    async def subscribe(self, channel: str) -> None:
        """As ear.Ear says."""
        self.channels[channel] = None

    def unsubscribe(self, channel: str) -> None:
        """As ear.Ear says."""
        self.channels.pop(channel, None)

    def alive(self, now: float) -> bool:
        """As ear.Ear says."""
        return self in self._log.ears

    def deaf(self, now: float) -> list[str]:
        """As ear.Ear says."""
        return []

    async def run(self) -> None:
        """As ear.Ear says."""
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._log.ears.pop(self, None)

    def hear(self, channel: str, payload: bytes) -> None:
        """Called by the log."""
        if channel in self.channels:
            self._heard(channel.encode(), payload)
