"""The recent past of one room as ready bytes, and what is to be told next. Pure: no sockets, no Redis, no clock."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import accumulate, takewhile

from realtime import messages
from realtime.commands import After
from realtime.writes import ENDS, OWN

HOT = 300  # events kept ready; more than a phone misses in a tunnel
COMPARED = 8  # events heard last that the log is asked about: a Redis may come back without its last writes
SHOWN = 50  # events a newcomer gets; three screens of a phone
ANSWER = 262_144  # bytes of one answer; who missed more is shown the room anew


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a room as ready JSON.

    `forgets` are the offsets it makes everyone forget; `part` is the part of the room's state that it is from now on
    (writes.py: "!part" ends it, ".part" is not for listeners), with commas those that end with what it forgets.
    """

    offset: int
    forgets: tuple[int, ...]
    event: bytes
    part: str = ""

    @property
    def own(self) -> bool:
        """For the workers only: listeners are told its number and nothing else."""
        return self.part.removeprefix(ENDS).startswith(OWN)


@dataclass(frozen=True, slots=True)
class Reading:
    """A snapshot of a log: where the room stands and what came after; not `resumed`: entries are just the newest.

    Every event after `floor` is in `entries`, but for retracted ones. `state` is there when not `resumed`.
    """

    epoch: str
    top: int
    resumed: bool
    floor: int
    entries: Sequence[Entry]
    state: Sequence[Entry] = ()


class Fit(Enum):
    """How a heard event fits behind what is known."""

    NEXT = auto()  # it was taken
    KNOWN = auto()  # it was here before
    GAP = auto()  # something between is missing: read the log
    REBORN = auto()  # the room lives another life: read it anew


@dataclass(slots=True)
class History:
    """One room. `offset` is the last event known here, `told` the last one that listeners were sent.

    Every event after `floor` is in `hot`, but for retracted ones and those for the workers, which are nowhere. `state`
    has, by part, the event that this part of the room's state is now; so a newcomer needs those and the newest events,
    and nothing else.
    """

    room: str
    epoch: str = ""
    floor: int = 0
    offset: int = 0
    told: int = 0
    hot: deque[Entry] = field(default_factory=deque)
    heard: deque[Entry] = field(default_factory=lambda: deque(maxlen=COMPARED))  # the last ones, whatever they are
    state: dict[str, Entry] = field(default_factory=dict)
    _groups: dict[str, dict[str, Entry]] = field(default_factory=dict)  # what the own parts of a person begin with
    _answer: bytes | None = None  # the answer to newcomers, prebuilt

    def start(self, reading: Reading) -> None:
        """Begin with a snapshot; everything in it counts as told."""
        self.epoch, self.floor = reading.epoch, reading.floor
        self.offset = self.told = reading.top
        self.hot = deque(one for one in reading.entries if not one.own)
        self.heard = deque(reading.entries, maxlen=COMPARED)
        self.state, self._groups = {}, {}
        for entry in reading.state:
            self._become(entry.part, entry)
        self._answer = None
        self._trim()

    def take(self, epoch: str, entry: Entry) -> Fit:
        """Put a heard event behind what is known, if it is the next one."""
        if epoch != self.epoch:
            return Fit.REBORN
        if entry.offset <= self.offset:
            return Fit.KNOWN
        if entry.offset != self.offset + 1:
            return Fit.GAP
        self._put(entry)
        return Fit.NEXT

    def catch_up(self, reading: Reading) -> bool:
        """Put what came after `offset` behind it; False when the reading does not continue this history."""
        if reading.epoch != self.epoch or not reading.resumed:
            return False
        for entry in reading.entries:
            if entry.offset > self.offset:
                self._put(entry)
        # Retracted events left holes; the reading's top says that nothing else is missing.
        self.offset = max(self.offset, reading.top)
        return True

    def reaches(self, epoch: str, offset: int) -> bool:
        """Whether an event of some life of the room is known here."""
        return epoch == self.epoch and offset <= self.offset

    def stands(self, part: str, offset: int) -> bool:
        """Whether a part of the state is the event of that offset; 0: whether it is not there."""
        found = self.state.get(part)
        return (found.offset if found is not None else 0) == offset

    def group(self, name: str) -> list[bytes]:
        """The events that the own parts `<name>:<item>` are now, in the order they came."""
        found = self._groups.get(name)
        return [one.event for one in sorted(found.values(), key=lambda one: one.offset)] if found else []

    def tell(self) -> list[bytes]:
        """What listeners were not sent yet, without a gap; from now on it counts as sent."""
        before = self.told
        if self.told != self.offset:
            self.told = self.offset
            self._answer = None
        events = self.told_since(before) or []
        self._trim()
        return events

    def told_since(self, offset: int) -> list[bytes] | None:
        """What was told after an offset, without a gap; None when this history does not reach back so far."""
        if offset < self.floor:
            return None
        events = []
        for entry in self._after(offset):
            if entry.offset > self.told:
                break
            # Whoever listens counts; what was retracted before it was told, or is for the workers, is but a number.
            events += [messages.gone(self.room, at) for at in range(offset + 1, entry.offset)]
            events.append(entry.event)
            offset = entry.offset
        # The same behind the last one, and what was told and then retracted by something that was not told yet.
        events += [messages.gone(self.room, at) for at in range(offset + 1, self.told + 1)]
        return events

    def answer(self, after: After | None) -> bytes | None:
        """The `ok` of a join, or None when only the log knows what this reader missed.

        One prebuilt answer serves all newcomers until the next event is told.
        """
        if after is not None and after.epoch == self.epoch:
            if not self.floor <= after.offset <= self.offset:
                return None
            missed = [entry for entry in self._after(after.offset) if entry.offset <= self.told]
            if _size(missed) <= ANSWER:
                return self._say(max(after.offset, self.told), missed, resumed=True)
        if self._answer is None:
            self._answer = self._say(self.told, [e for e in self.hot if e.offset <= self.told], resumed=False)
        return self._answer

    def answer_from(self, reading: Reading) -> bytes | None:
        """The `ok` of a join whose missed events the log had, then what is known here; None: they do not meet."""
        if reading.epoch != self.epoch or reading.top < self.floor:
            return None
        later = self._after(reading.top)
        retracted = {at for entry in later for at in entry.forgets}  # also what nobody was told yet
        told = [entry for entry in later if entry.offset <= self.told]
        entries = [entry for entry in (*reading.entries, *told) if entry.offset not in retracted]
        resumed = reading.resumed and _size(entries) <= ANSWER
        if not resumed and reading.top > self.offset:
            return None  # the room's state is known only as far as this history goes
        return self._say(max(reading.top, self.told), entries, resumed=resumed)

    def _say(self, offset: int, entries: Sequence[Entry], *, resumed: bool) -> bytes:
        if not resumed:
            entries = _newest([entry for entry in entries if not entry.own])
            first = entries[0].offset if entries else offset + 1
            # What the newest events do not tell of the state comes in front of them.
            older = sorted((one for one in self.state.values() if one.offset < first), key=lambda one: one.offset)
            entries = [*older, *entries]
        events = [entry.event for entry in entries if not entry.own]
        return messages.room_state(self.room, epoch=self.epoch, offset=offset, resumed=resumed, events=events)

    def _put(self, entry: Entry) -> None:
        if entry.forgets:
            forgotten = frozenset(entry.forgets)
            self.hot = deque(one for one in self.hot if one.offset not in forgotten)
            for part in [part for part, one in self.state.items() if one.offset in forgotten]:
                self._become(part, None)
            self._answer = None
        for part in entry.part.split(","):
            if part.startswith(ENDS):
                self._become(part.removeprefix(ENDS), None)
                self._answer = None
            elif part:
                self._become(part, entry)
        if not entry.own:
            self.hot.append(entry)
        self.heard.append(entry)
        self.offset = entry.offset

    def _become(self, part: str, entry: Entry | None) -> None:
        """A part of the state is this event from now on, or none."""
        group, _, item = part.rpartition(":") if part.startswith(OWN) else ("", "", "")
        parts = self._groups.setdefault(group, {}) if ":" in group else {}
        if entry is not None:
            self.state[part] = parts[item] = entry
            return
        self.state.pop(part, None)
        parts.pop(item, None)
        if not parts:
            self._groups.pop(group, None)

    def _after(self, offset: int) -> list[Entry]:
        """Events behind an offset, in order; only the tail is looked at, which is short."""
        newest = list(takewhile(lambda entry: entry.offset > offset, reversed(self.hot)))
        newest.reverse()
        return newest

    def _trim(self) -> None:
        while len(self.hot) > HOT and self.hot[0].offset <= self.told:
            self.floor = self.hot.popleft().offset


def heard(payload: bytes) -> tuple[str, Entry]:
    """What write.lua tells everyone: `<epoch> <offset> <forgotten offsets or -> <part or -> <event JSON>`."""
    epoch, offset, forgets, part, event = payload.split(b" ", 4)
    forgotten = () if forgets == b"-" else tuple(map(int, forgets.split(b",")))
    return epoch.decode(), Entry(int(offset), forgotten, event, "" if part == b"-" else part.decode())


def _size(entries: Sequence[Entry]) -> int:
    return sum(len(entry.event) for entry in entries)


def _newest(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The last ones that fit on a newcomer's screens and into an answer."""
    sizes = accumulate(len(entry.event) for entry in reversed(entries[-SHOWN:]))
    count = sum(1 for size in sizes if size <= ANSWER)
    return entries[len(entries) - count :]
