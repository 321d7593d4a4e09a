"""A room's history in a Redis stream: write, read, trim. It decides nothing about people."""

import asyncio
import hashlib
import uuid
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Protocol

import orjson
from redis.asyncio import Redis
from redis.exceptions import ConnectionError, NoScriptError, RedisError, TimeoutError

from realtime import channels
from realtime.engine import Engine
from realtime.errors import Refused
from realtime.history import HOT, Entry, Reading
from realtime.writes import Expects, Forget, Placed, Put, Write

KEEP = 5000  # events of one room kept in Redis; a day of the busiest chat
REMEMBER = 86_400  # seconds a key is known: a laptop closed overnight resends in the morning
BRIEFLY = 600  # seconds the key of a harmless write is known: a resend after a lost answer or two
CATCH_UP = 500  # events; whoever missed more is shown the room anew
NEWCOMER = HOT  # events read for a room that was cold, but for those that are for the workers
FARTHER = 10  # times so many are looked through for them
REGISTER_EVERY = 5.0  # seconds between attempts to reach a list of rooms that is away

# What write.lua answers when it put nothing -> the refusal
REFUSALS = {
    b"unknown": ("chat.no_such_message", "target"),
    b"foreign": ("chat.not_yours", "target"),
    b"late": ("chat.too_late", "target"),
    b"often": ("chat.edited_often", "target"),
    b"outdated": ("chat.outdated", None),
    b"rationed": ("chat.reported_much", None),
    b"closed": ("chat.read_only", None),
    b"banned": ("room.banned", None),
    b"blocked": ("direct.blocked", None),
    b"many": ("direct.too_many", None),
    b"muted": ("chat.muted", None),
    b"slow": ("chat.slow", None),
    b"changed": ("desk.changed", None),
}


UNSPELLED = b"words"  # what it answers when the room has a word list and it was not told the text


class Log(Protocol):
    """Where rooms are remembered and heard: Redis, or the memory of one process (memory.py)."""

    async def write(self, writes: Sequence[Write]) -> Sequence[Placed | Exception]:
        """Carry out many, those of one room in order: where each stands, or why it was not done.

        A ConnectionError in its place: it is not known whether that one was done; ask again.
        """

    async def read(
        self, room: str, *, epoch: str = "", after: int = 0, heard: Sequence[Entry] | None = None
    ) -> Reading:
        """What came in a room after an offset of an epoch, or its newest events.

        `heard`: what this process heard last, up to that offset; if the log does not reach so far, or has something
        else in their places, it lost writes, and a new life begins. None: somebody claims to know the offset.
        """

    async def publish(self, channel: str, payload: bytes) -> None:
        """Tell who listens to a channel now; it is stored nowhere."""


class Script:
    """A Lua script beside this file, in pieces, with the name Redis caches it under."""

    def __init__(self, *names: str) -> None:
        """Read it once, at start."""
        self.text = "".join((Path(__file__).parent / name).read_text() for name in names)
        self.sha = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, redis: Redis, keys: list[str], args: list[Any]) -> Any:
        """Run it; a Redis that restarted has forgotten it and is told again."""
        try:
            return await redis.evalsha(self.sha, len(keys), *keys, *args)
        except NoScriptError:
            return await redis.eval(self.text, len(keys), *keys, *args)


WRITE = Script("wish.lua", "message.lua", "write.lua")
READ = Script("read.lua")
ARCHIVED = Script("archived.lua")


class RedisLog:
    """The log in Redis; `reading` and `writing` may be wires of their own, so that readers take nothing from writers.

    The clients must have a socket timeout, or a frozen Redis would hold a caller for ever.
    """

    def __init__(self, reading: Engine, writing: Engine) -> None:
        """Writes count as stored when so many replicas have them as `writing` says."""
        self._reading = reading
        self._writing = writing
        self._registered: set[str] = set()
        self._listed: set[str] = set()  # rooms known to have a word list
        self._unlisted: set[str] = set()  # rooms that could not be registered yet
        self._register_again = 0.0  # loop time; until then the list of rooms counts as away

    async def write(self, writes: Sequence[Write]) -> Sequence[Placed | Exception]:
        """Many writes, in one round trip for each server that is concerned, as Log says."""
        try:
            return [placed(result) for result in await self._send(writes)]
        except (ConnectionError, TimeoutError) as away:
            return [ConnectionError(str(away))] * len(writes)
        except RedisError as no:  # of the list of rooms: no space, or a replica
            return [no] * len(writes)

    async def read(
        self, room: str, *, epoch: str = "", after: int = 0, heard: Sequence[Entry] | None = None
    ) -> Reading:
        """One snapshot, as Log says. Raises RedisError, OSError or TimeoutError when Redis is away."""
        keys = [channels.log(room), channels.meta(room), channels.state(room)]
        args: list[Any] = [_new_epoch(), epoch, after, CATCH_UP, NEWCOMER, FARTHER, int(heard is not None)]
        for one in heard or ():
            args += [one.offset, hashlib.sha1(one.event, usedforsecurity=False).hexdigest()]
        found = await READ(self._reading, keys, args)
        life, top, resumed, floor, rows, state = found
        entries = [Entry(at, _offsets(forgets), event, part.decode()) for at, forgets, part, event in rows]
        parts = [_part(name, value) for name, value in zip(state[::2], state[1::2], strict=True)]
        return Reading(life.decode(), top, bool(resumed), after if resumed else floor, entries, parts)

    async def publish(self, channel: str, payload: bytes) -> None:
        """As Log says. Raises RedisError, OSError or TimeoutError when Redis is away."""
        await self._reading.spublish(channel, payload)

    async def _send(self, writes: Sequence[Write]) -> list[Any]:
        """The script's answers, in order; a RedisError in the place of one that Redis did not do."""
        new = {put.room for write in writes if not write.guest for put in write.puts} - self._registered
        new |= self._unlisted
        if new:
            # Before the first event of a room is acknowledged, the archive must be able to find the room.
            await self._register(new)
        results = await self._pipe(writes)
        if any(isinstance(result, NoScriptError) for result in results):
            await self._writing.everywhere("SCRIPT LOAD", WRITE.text)
            results = await self._pipe(writes)
        unspelled = [i for i, result in enumerate(results) if isinstance(result, list) and result[0] == UNSPELLED]
        if unspelled:
            self._listed.update(writes[i].room for i in unspelled)
            for i, result in zip(unspelled, await self._pipe([writes[i] for i in unspelled]), strict=True):
                results[i] = result
        began = {room.decode() for result in results if not isinstance(result, RedisError) for room in result[4]}
        # Redis began anew and has forgotten the rooms; and whether a guest finds one, nobody knew before.
        late = (began | self._found(writes, results)) - new
        if late:
            await self._register(late)
        return results

    def _found(self, writes: Sequence[Write], results: Sequence[Any]) -> set[str]:
        """Rooms in which guests wrote, as far as they are not registered."""
        answers = zip(writes, results, strict=True)
        done = [write for write, result in answers if write.guest and isinstance(placed(result), Placed)]
        return {put.room for write in done for put in write.puts} - self._registered

    async def _register(self, rooms: Collection[str]) -> None:
        """Put rooms on the archive's list. In a cluster it lives on one master, and the rooms of the others go on
        without it: they are put on it with a later write, and until then the archive alone is late.
        """
        self._unlisted.update(rooms)
        now = asyncio.get_running_loop().time()
        if now < self._register_again:
            return
        try:
            note = ("SADD", channels.ROOMS, *rooms)
            [said] = await self._writing.together([(channels.ROOMS, note)], replicas=self._writing.replicas)
            if isinstance(said, Exception):
                raise said
            self._registered.update(rooms)
            self._unlisted.difference_update(rooms)
        except (ConnectionError, TimeoutError):
            if len(self._writing.masters) <= 1:
                raise
            self._register_again = now + REGISTER_EVERY

    async def _pipe(self, writes: Sequence[Write]) -> list[Any]:
        calls, born = [], _new_epoch()
        for write in writes:
            keys, args = call(write, born, listed=write.room in self._listed)
            calls.append((keys[0], ("EVALSHA", WRITE.sha, len(keys), *keys, *args)))
        return await self._writing.together(calls, replicas=self._writing.replicas)


async def append(redis: Engine, write: Write) -> Placed:
    """Carry out one write at once. Raises Refused, and RedisError when Redis is away."""
    [done] = await RedisLog(redis, redis).write([write])
    if isinstance(done, Exception):
        raise done
    return done


async def mark_archived(redis: Redis, room: str, *, epoch: str, offset: int) -> None:
    """Tell the trimmer that Postgres has everything of this room up to the offset."""
    await ARCHIVED(redis, [channels.meta(room)], [epoch, offset])


def placed(result: Any) -> Placed | Exception:
    """What write.lua answered, or the refusal in it, or what Redis said instead."""
    if isinstance(result, Exception):
        return result
    status, epoch, offset, detail, _ = result
    if status == b"already":
        return Placed(epoch.decode(), 0)
    if status == b"full":
        return full(detail.decode())
    if status in REFUSALS:
        code, field = REFUSALS[status]
        return Refused(code, field=field, retry_after=int(detail) / 1000 if detail else None)
    if status == b"refused":
        return Refused(detail.decode())
    return Placed(epoch.decode(), offset, held=status == b"held", hidden=status == b"hidden")


def full(room: str) -> Refused:
    """No more goes into the state of this room."""
    return Refused("desk.full" if room.endswith(channels.DESK) else "room.full")


def call(write: Write, born: str, *, listed: bool) -> tuple[list[str], list[Any]]:
    """KEYS and ARGV of write.lua; `born` is the epoch of rooms that begin with it, `listed`: has a word list."""
    room = write.room
    keys = [
        channels.once(room, write.verb, write.user, write.key),
        channels.rules(room),
        channels.words(room),
        channels.kept(room),
        channels.copies(room),
        channels.rationed(room, write.verb, write.user) if write.ration else channels.spoke(room, write.user),
    ]
    options = _options(write, listed=listed)
    more = orjson.dumps(options) if options else b""
    args: list[Any] = [write.now, write.user, born, KEEP, remembered(write), more]
    for put in _all_puts(write, listed=listed):
        keys += [channels.log(put.room), channels.meta(put.room), channels.live(put.room), channels.state(put.room)]
        args += [put.room, put.user, put.body, put.part, *(put.rule or ("", ""))]
    if write.forget is not None and write.forget.written is not None:
        verb, key = write.forget.written
        keys.append(channels.once(room, verb, write.user, key))
    if is_elsewhere(write):
        keys += [channels.log(room), channels.meta(room)]
    return keys, args


def _all_puts(write: Write, *, listed: bool) -> tuple[Put, ...]:
    """In the order of the script: behind what is put, what is put instead when it is held, where there is a list."""
    return (*write.puts, *write.speech.held) if listed and write.speech is not None else write.puts


def is_elsewhere(write: Write) -> bool:
    """Whether what it repeats is in the room, and the repetition at the desk: then it is no copy that goes with it."""
    return write.repeat is not None and write.puts[0].room != write.room


def remembered(write: Write) -> int:
    """Seconds its key is known."""
    return BRIEFLY if write.harmless else REMEMBER


def _options(write: Write, *, listed: bool) -> dict[str, Any]:
    """What is not in every write; numbers as text, for Lua would round them."""
    found: dict[str, Any] = {name: True for name, holds in (("listed", listed), ("guest", write.guest)) if holds}
    if write.refusal:
        found["refuse"] = write.refusal
    if write.begin is not None:
        return found | {"begins": write.begin.thread, "most": write.begin.most}
    return found | _putting(write, listed=listed)


def _putting(write: Write, *, listed: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (speech := write.speech) is not None:
        found |= {"speech": True, "free": speech.free}
        found |= {"plain": speech.plain or False, "held": len(speech.held)} if listed else {}
        found |= {"tells": True} if listed and not speech.secretly else {}
    if write.forget is not None:
        found |= _forgetting(write.forget)
    if (repeat := write.repeat) is not None:
        found |= {"repeats": str(repeat.target), "restored": repeat.restored, "epoch": repeat.epoch or False}
        found["elsewhere"] = is_elsewhere(write)
    if write.words is not None:
        found["words"] = write.words
    if write.expects or any(put.only is not None for put in write.puts):
        found |= _expecting(write)
    return found | _counting(write, listed=listed)


def _counting(write: Write, *, listed: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (unread := write.unread) is not None:
        found |= {"thread": unread.thread, "upto": False if unread.upto is None else str(unread.upto)}
    if write.ration is not None:
        found |= {"ration": write.ration.most, "lasts": write.ration.seconds}
    if leaves := [i for i, put in enumerate(write.puts, 1) if put.leaves]:
        found["leaves"] = leaves
    if takes := [i for i, put in enumerate(_all_puts(write, listed=listed), 1) if put.takes]:
        found["takes"] = takes
    return found


def _expecting(write: Write) -> dict[str, Any]:
    places = {put.room: i for i, put in reversed([*enumerate(write.puts, 1)])}

    def said(one: Expects) -> list[Any]:
        return [places[one.room], one.part, str(one.at)]

    only = {str(i): said(put.only) for i, put in enumerate(write.puts, 1) if put.only is not None}
    return {"only": only} | ({"expects": [said(one) for one in write.expects]} if write.expects else {})


def _forgetting(forget: Forget) -> dict[str, Any]:
    found: dict[str, Any] = {"epoch": forget.epoch or False, "keep": forget.keep}
    found["author"] = False if forget.author is None else str(forget.author)
    if forget.instead is not None:
        found |= {"instead": orjson.dumps(forget.instead).decode(), "since": str(forget.since)}
        found |= {"stood": str(forget.stood)} if forget.stood else {}
    if forget.person is not None:
        return found | {"person": str(forget.person)}
    if forget.parts or forget.left is not None:
        return found | {"ends": forget.parts, "left": False if forget.left is None else str(forget.left)}
    return found | ({"written": True} if forget.written is not None else {"target": str(forget.target)})


def _offsets(text: bytes) -> tuple[int, ...]:
    return tuple(map(int, text.split(b","))) if text else ()


def _part(name: bytes, value: bytes) -> Entry:
    offset, event = value.split(b" ", 1)
    return Entry(int(offset), (), event, name.decode())


def _new_epoch() -> str:
    return uuid.uuid4().hex[:12]
