"""What a log in memory keeps of one room, and what may be done with it by itself. It tells nobody."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from realtime import log
from realtime.errors import Refused
from realtime.history import Entry
from realtime.log import REFUSALS
from realtime.words import HIDES
from realtime.writes import ANY, ENDS, Begin, Expects, Forget, Placed, Put, Repeat, Unread, Write

DAY = 86_400_000  # milliseconds
MOST_PARTS, SPARE_PARTS = 2000, 100  # as in write.lua
MOST_BYTES, SPARE_BYTES = 2 << 20, 64 << 10  # as in write.lua
MOST_EDITS = 50  # as in message.lua
TRIMMED_AT_ONCE = 1024  # as in write.lua
TEXT = re.compile(rb'(.*,"text":)".*"(,"when":([0-9]+)\})')  # the last fields of a message


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry of a stream."""

    event: bytes
    user: int
    part: str
    forgets: tuple[int, ...] | None  # what a retraction took away; None: it is none
    life: str
    thread: str
    name: int = 0  # of a message that was edited: the place it had; 0: it was not
    edits: int = 0  # how often it was

    @property
    def is_message(self) -> bool:
        """What forgets others, or is or ends a part of the state, is none, but for a message that was edited."""
        return bool(self.name) or (self.forgets is None and not self.part)

    def entry(self, at: int) -> Entry:
        """As readers get it."""
        return Entry(at, self.forgets or (), self.event, self.part)


@dataclass(slots=True)
class Kept:
    """Everything that Redis keeps of one room, or of one desk; channels.py says what."""

    epoch: str = ""
    top: int = 0
    floor: int = 0
    archived: int = 0
    stream: dict[int, Stored] = field(default_factory=dict)
    state: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    deleted: dict[int, tuple[int, bytes]] = field(default_factory=dict)  # offset -> whose, event
    deleted_until: float = 0.0  # seconds of the clock
    copies: dict[int, list[int]] = field(default_factory=dict)
    edited: dict[int, int] = field(default_factory=dict)  # name of a message -> where it stands now
    left: dict[str, int] = field(default_factory=dict)  # part that left the state -> where its event stands
    spoke: dict[int, float] = field(default_factory=dict)  # user -> until when they have to wait
    # verb, user -> how many, until when
    rationed: dict[tuple[str, int], tuple[int, float]] = field(default_factory=dict)
    once: dict[tuple[str, int, str], tuple[Placed, float]] = field(default_factory=dict)  # result, until when

    def copy(self) -> "Kept":
        """The same, of its own: entries never change, so the containers alone are made anew."""
        own: dict[str, Any] = {
            part: dict(getattr(self, part))
            for part in ("stream", "state", "rules", "deleted", "edited", "left", "spoke", "rationed", "once")
        }
        return replace(self, **own, copies={at: list(copies) for at, copies in self.copies.items()})

    def differs(self, heard: Sequence[Entry]) -> bool:
        """Whether something else stands where these were heard."""
        return any(one.offset in self.stream and self.stream[one.offset].event != one.event for one in heard)

    def newest(self, most: int, *, looked_through: int) -> tuple[list[Entry], int]:
        """The last events but for those for the workers, and behind which offset there are no others; as read.lua."""
        found: list[Entry] = []
        for looked, (at, one) in enumerate(reversed(self.stream.items()), 1):
            entry = one.entry(at)
            found += [] if entry.own else [entry]
            if len(found) == most or looked == looked_through:
                return found[::-1], at - 1
        return found[::-1], self.floor

    def begin(self, write: Write, begin: Begin) -> bool:
        """Whether this begins a conversation. Raises Refused when too many were begun today."""
        if f"unread:{begin.thread}" in self.rules:
            return False
        today = write.now // DAY
        day, _, count = self.rules.get("began", "0 0").partition(" ")
        begun = int(count) if int(day) == today else 0
        if begun >= begin.most:
            raise refusal("many", (today + 1) * DAY - write.now)
        self.rules["began"] = f"{today} {begun + 1}"
        return True

    def ration(self, write: Write, now: float) -> None:
        """Raises Refused when a person did this too often of late."""
        count, until = self.rationed.get((write.verb, write.user), (0, 0.0))
        if write.ration is not None and count >= write.ration.most and until > now:
            raise refusal("rationed", int((until - now) * 1000))

    def admit(self, write: Write) -> None:
        """Raises Refused when a person is kept out or silent."""
        if write.guest and not self.epoch:
            raise refusal("blocked")
        until = self.rules.get(f"mute:{write.user}")
        for rule, status in (("ban", "banned"), ("block", "blocked")):
            if f"{rule}:{write.user}" in self.rules:
                raise refusal(status)
        if until is not None and int(until) > write.now:
            raise refusal("muted", int(until) - write.now)

    def suspicious(self, plain: str) -> str:
        """Whether a word of the list has a text `held` or `hidden`; "": neither."""
        marks = {word.startswith(HIDES) for word in self.words if f" {word.removeprefix(HIDES)}" in plain}
        return "hidden" if True in marks else "held" if marks else ""

    def is_still(self, expected: Expects) -> bool:
        """Whether a part of this state is still the event of that offset."""
        found = self.state.get(expected.part, (0, b""))[0]
        return found == expected.at or (expected.at == ANY and found != 0)

    def is_full(self, put: Put, *, speech: bool) -> bool:
        """Whether there is no space for a part of the state, or for what it is from now on."""
        if not put.part or put.part.startswith(ENDS):
            return False
        had = _size(self.state[put.part]) if put.part in self.state else 0
        if not had and len(self.state) >= MOST_PARTS - (SPARE_PARTS if speech else 0):
            return True
        most = MOST_BYTES - (SPARE_BYTES if speech else 0)
        return len(put.body) > had and sum(map(_size, self.state.values())) >= most

    def named(self, write: Write, *, now: float) -> Forget:
        """What is to be forgotten, by its place. Raises Refused."""
        forget = write.forget or Forget()
        if forget.written is None:
            return forget
        verb, key = forget.written
        known = self.once.get((verb, write.user, key))
        if known is None or known[1] <= now:
            raise refusal("unknown")
        return replace(forget, target=known[0].offset, epoch=known[0].epoch)

    def doomed(self, forget: Forget) -> list[int] | None:
        """What is to be forgotten; None: it was before. Raises Refused."""
        if forget.parts or forget.left is not None:
            found = [(self.left.pop(part, 0), self.state.get(part, (0, b""))[0]) for part in forget.parts]
            return [*(now or left for left, now in found if now or left), *self._left_by(forget.left)]
        if forget.person is not None:
            written = [(at, one) for at, one in self.stream.items() if one.user == forget.person]
            return [at for at, one in written if one.is_message]
        if not self.epoch or not 1 <= forget.target <= self.top:
            raise refusal("unknown")
        at, one = self.message(forget.target)
        if not self.was_seen(one, forget.epoch):
            raise refusal("unknown")
        return self._doomed(forget, at, one)

    def _left_by(self, person: int | None) -> list[int]:
        """What of a person left the state and stayed in the log; from now on nobody knows that it did."""
        here = {part: at for part, at in self.left.items() if at in self.stream and self.stream[at].user == person}
        for part in here:
            del self.left[part]
        return sorted(here.values())

    def message(self, name: int) -> tuple[int, Stored | None]:
        """Where a message stands now, and what is there, which may be no message."""
        at = self.edited.get(name, name)
        return at, self.stream.get(at)

    def was_seen(self, one: Stored | None, epoch: str) -> bool:
        """Whether it is what a client saw in a life: the one it was put in, or the one that goes on with it."""
        return epoch in ("", self.epoch) or (one is not None and epoch == one.life)

    def _doomed(self, forget: Forget, at: int, one: Stored | None) -> list[int] | None:
        if one is not None:
            is_it = one.is_message and one.name in (0, forget.target)
            if not is_it and (forget.written is None or one.forgets is not None):
                raise refusal("unknown")
            if forget.author is not None and forget.author != one.user:
                raise refusal("foreign")
        elif forget.target > self.floor:
            if forget.instead is not None:
                raise refusal("unknown")
            return None
        elif forget.author is not None:
            raise refusal("unknown")
        return [at]

    def rewritten(self, at: int, forget: Forget) -> bytes:
        """A message with another text. Raises Refused."""
        found = TEXT.fullmatch(inner(self.stream[at].event)) if at in self.stream else None
        if found is None:
            raise refusal("unknown")
        if int(found[3]) < forget.since:
            raise refusal("late")
        if forget.stood not in (0, at):
            raise refusal("outdated")
        if self.stream[at].edits >= MOST_EDITS:
            raise refusal("often")
        return found[1] + orjson.dumps(forget.instead) + found[2]

    def repeated(self, repeat: Repeat, now: float) -> tuple[bytes, int | None]:
        """The event that is to be repeated, and whose it is if it comes back for good. Raises Refused."""
        if repeat.restored:
            kept = self.deleted.get(repeat.target) if self.deleted_until > now else None
            if kept is None:
                raise refusal("unknown")
            return kept[1], kept[0]
        _, one = self.message(repeat.target)
        is_it = one is not None and one.is_message and one.name in (0, repeat.target)
        if one is None or not is_it or not self.was_seen(one, repeat.epoch):
            raise refusal("unknown")
        return inner(one.event), None

    def count(self, unread: Unread, first: "Kept") -> int:
        """How many of a thread are unread from now on; `first` holds their events."""
        counted, read = f"unread:{unread.thread}", f"read:{unread.thread}"
        if unread.upto is None:
            count = int(self.rules.get(counted, "0")) + 1
        else:
            upto = max(min(unread.upto, first.top), int(self.rules.get(read, "0")))
            count = sum(1 for at, one in first.stream.items() if at > upto and one.thread == unread.thread)
            self.rules[read] = str(upto)
        self.rules[counted] = str(count)
        return count

    def note(self, write: Write, placed: Placed, now: float) -> None:
        """What follows from a write that was put there."""
        if write.ration is not None:
            count, until = self.rationed.get((write.verb, write.user), (0, 0.0))
            over = until <= now
            self.rationed[write.verb, write.user] = (1, now + write.ration.seconds) if over else (count + 1, until)
        if write.words is not None:
            self.words = write.words
        if write.repeat is not None:
            if write.repeat.restored:
                del self.deleted[write.repeat.target]
            elif not log.is_elsewhere(write):
                self.copies.setdefault(write.repeat.target, []).append(placed.offset)

    def trim(self) -> None:
        """Let go what is old, but nothing that the archive has not."""
        limit = min(self.top - log.KEEP, self.archived, self.floor + TRIMMED_AT_ONCE)
        if limit > self.floor:
            self.stream = {at: one for at, one in self.stream.items() if at > limit}
            self.edited = {name: at for name, at in self.edited.items() if at > limit}
            self.left = {part: at for part, at in self.left.items() if at > limit}
            self.floor = limit


def _size(part: tuple[int, bytes]) -> int:
    """Bytes of a part as Redis keeps it: its offset, a space, its event."""
    at, event = part
    return len(str(at)) + 1 + len(event)


def inner(event: bytes) -> bytes:
    """What an event says, without what repeats it around it."""
    _, carries, said = event.partition(b',"said":{')
    return b"{" + said[:-1] if carries and event.endswith(b"}}") else event


def refusal(status: str, milliseconds: int | None = None) -> Refused:
    """What write.lua's status means."""
    code, wrong = REFUSALS[status.encode()]
    return Refused(code, field=wrong, retry_after=None if milliseconds is None else milliseconds / 1000)
