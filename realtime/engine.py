"""The Redis that holds a room: one server, or the master of a cluster that owns the room's slot.

Which of the two it is, and who owns what, the servers say themselves. What a server may have carried out is never
repeated here: callers know what may be. What was only sent on (MOVED, ASK) was carried out by nobody.
"""

import asyncio
import contextlib
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import hiredis
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import REDIS_CLUSTER_HASH_SLOTS as SLOTS
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    ClusterDownError,
    ConnectionError,
    MovedError,
    RedisError,
    ResponseError,
    TimeoutError,
    TryAgainError,
)

TIMEOUT = 2.0  # seconds; a Redis that takes longer is treated as away
COPIED_WITHIN = 1000  # milliseconds that replicas get to have a write; less than the timeout
IDLE = 1.0  # seconds without a command after which a connection may have ended unnoticed
HOPS = 5  # servers one command is sent on to; more means that they do not agree yet
HANDING_OVER = (AskError, TryAgainError, ClusterDownError)  # nothing was done here; soon it may be, or elsewhere
AWAY = (ConnectionError, TimeoutError, *HANDING_OVER)
# Commands of ours with words but no key, by their first word.
KEYLESS = {"CLIENT", "CLUSTER", "CONFIG", "FLUSHALL", "INFO", "PUBLISH", "PUBSUB", "SCRIPT", "WAIT", "WAITAOF"}

Address = tuple[str, int]
HOME: Address = ("", 0)  # the only server, where there is no cluster

T = TypeVar("T", bound=Hashable)


@contextlib.contextmanager
def one_kind_of_away() -> Iterator[None]:
    """Redis being away is always a ConnectionError: uvloop says RuntimeError when a wire is cut under a write."""
    try:
        yield
    except RuntimeError as closed:
        raise ConnectionError(str(closed)) from closed


def connect(urls: str, *, replicas: int = 0) -> "Engine":
    """A client that fails soon and never by itself does a thing twice: the callers know what may be repeated."""
    limits = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
    return Engine(urls, replicas=replicas, **limits, retry=Retry(NoBackoff(), 0))


class Engine(Redis):
    """Every server behind one client. Commands go to the owner of their key, those without one to the first address.

    Pipelines, pub/sub and commands with keys of several rooms are the business of one owner each: see `together`,
    `shares`, `address`. The inherited `pipeline` and `pubsub` know the first address only.
    """

    def __init__(self, urls: str, *, replicas: int = 0, **options: Any) -> None:
        """`urls` as REDIS_URL: one, or several of one cluster with commas between. It connects when it is used.

        `replicas` so many must have what nobody may lose: whoever writes such a thing asks `together` for it.
        """
        self.replicas = replicas
        self._urls = urls.split(",")
        self._options = options
        super().__init__(connection_pool=ConnectionPool.from_url(self._urls[0], **options))
        self._doors = [Redis.from_url(url, **options) for url in self._urls]
        self._servers: dict[Address, Redis] = {HOME: self._doors[0]}
        self._pipes: dict[Address, _Pipe] = {}
        self._owners: list[Address | None] = []  # by slot; empty: nobody was asked yet
        self._learning: asyncio.Task[None] | None = None
        self.changed: list[Callable[[], None]] = []  # called when a slot is owned by another than before

    @property
    def masters(self) -> set[Address]:
        """Who owns slots, as far as known."""
        return {owner for owner in self._owners if owner is not None}

    def owner_of(self, key: str | bytes) -> Address | None:
        """Who owns a key, as far as known; None: nobody."""
        return self._owners[slot_of(key)] if self._owners else None

    def key_of(self, owner: Address, spell: Callable[[int], str]) -> str | None:
        """The first of numbered keys that this server owns; None when it owns nothing."""
        if owner not in self.masters:
            return None
        return next(key for key in map(spell, range(SLOTS * SLOTS)) if self.owner_of(key) == owner)

    def shares(self, things: Sequence[T], key: Callable[[T], str]) -> list[list[T]]:
        """The same things in groups, each of one owner's."""
        groups: dict[Address | None, list[T]] = {}
        for thing in things:
            groups.setdefault(self.owner_of(key(thing)), []).append(thing)
        return list(groups.values())

    def address(self, owner: Address) -> Mapping[str, Any]:
        """How to reach a server without this client: keywords of redis.asyncio.Connection."""
        where: dict[str, Any] = dict(parse_url(self._urls[0]))
        if owner != HOME:
            where.pop("path", None)
            where.update(host=owner[0], port=owner[1])
        return where

    # What is done there

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """One command, at the owner of its key."""
        key = _key(args)
        if key is None:
            return await _say(self._doors[0], args, options)
        owner, asking = await self.owner(key), False
        for _ in range(HOPS):
            try:
                return await _say(self._server(owner), args, options, asking=asking)
            except AskError as elsewhere:  # MOVED is one, too
                owner, asking = self._follow(owner, elsewhere), not isinstance(elsewhere, MovedError)
            except (ConnectionError, TimeoutError):
                self.doubt(owner)
                raise
            except HANDING_OVER as soon:
                self.doubt(owner)
                raise ConnectionError(str(soon)) from soon
        raise ConnectionError("the servers do not agree on who owns this key")

    async def together(self, calls: Sequence[tuple[str, Sequence[Any]]], *, replicas: int = 0) -> list[Any]:
        """Commands, each with its key: in order for each owner, in one round trip for each, all owners at once.

        Answers in the order of the calls. In the place of one that failed stands what Redis said, and a
        ConnectionError where it was perhaps not carried out: the owner is away or just handing over, or fewer
        `replicas` than asked for have it by now.
        """
        try:
            if not self._owners:
                await self.learn()
        except ConnectionError as away:
            return [away] * len(calls)
        answers: list[Any] = [None] * len(calls)
        waiting: Sequence[int] = range(len(calls))
        for _ in range(HOPS):
            shares = self.shares(waiting, lambda i: calls[i][0])
            asked = [self._pipe([calls[i] for i in share], replicas) for share in shares]
            said = [await asked[0]] if len(asked) == 1 else await asyncio.gather(*asked)
            for share, some in zip(shares, said, strict=True):
                for i, answer in zip(share, some, strict=True):
                    answers[i] = answer
            waiting = [i for i in waiting if isinstance(answers[i], MovedError)]
            if not waiting:
                break
        return [ConnectionError(str(one)) if isinstance(one, HANDING_OVER) else one for one in answers]

    async def everywhere(self, *words: Any) -> None:
        """One command without a key at each master; those that are away are left out."""
        if not self._owners:
            await self.learn()
        done = await asyncio.gather(
            *(_say(self._server(one), words, {}) for one in self.masters), return_exceptions=True
        )
        for wrong in done:
            if isinstance(wrong, BaseException) and not isinstance(wrong, AWAY):
                raise wrong

    async def _pipe(self, calls: Sequence[tuple[str, Sequence[Any]]], replicas: int) -> list[Any]:
        owner = self.owner_of(calls[0][0])
        try:
            owner = await self.owner(calls[0][0])
            with one_kind_of_away():
                commands = [words for _, words in calls]
                if replicas:
                    commands.append(("WAIT", replicas, COPIED_WITHIN))
                if owner not in self._pipes:
                    self._pipes[owner] = _Pipe(self._server(owner).connection_pool)
                answers = await self._pipes[owner].ask(commands)
                answers = [self._read(words, answer) for words, answer in zip(commands, answers, strict=True)]
        except (ConnectionError, TimeoutError) as away:
            self.doubt(owner)
            return [ConnectionError(str(away) or type(away).__name__)] * len(calls)
        if replicas and not (isinstance(copied := answers.pop(), int) and copied >= replicas):
            few = ConnectionError(f"only {copied} of {replicas} replicas have it")
            answers = [answer if isinstance(answer, Exception) else few for answer in answers]
        for answer in answers:
            if isinstance(answer, MovedError):
                self._follow(owner, answer)
            elif isinstance(answer, HANDING_OVER):
                self.doubt(owner)
        return answers

    def _read(self, words: Sequence[Any], answer: Any) -> Any:
        """As the client's own commands are answered."""
        callback = self.response_callbacks.get(words[0])
        return answer if callback is None or isinstance(answer, Exception) else callback(answer)

    # Who owns what

    async def owner(self, key: str | bytes) -> Address:
        """Who owns a key. Raises ConnectionError when nobody does, or nobody says so."""
        if self.owner_of(key) is None:
            await self.learn()
        owner = self.owner_of(key)
        if owner is None:
            raise ConnectionError(f"no master serves slot {slot_of(key)}")
        return owner

    async def learn(self) -> None:
        """Ask who owns what; however many ask at once, the servers hear it once. Raises ConnectionError."""
        await asyncio.shield(self._learn())

    def follow(self, asked: Address, told: str) -> None:
        """A server said, in the words behind MOVED, who owns a slot now."""
        self._follow(asked, MovedError(told))

    def _follow(self, asked: Address, elsewhere: AskError) -> Address:
        owner = (elsewhere.host or asked[0], elsewhere.port)  # an empty host is the same host (cluster-spec, MOVED)
        if isinstance(elsewhere, MovedError):
            slot = elsewhere.slot_id
            self._note([*self._owners[:slot], owner, *self._owners[slot + 1 :]])
        return owner

    def doubt(self, owner: Address | None) -> None:
        """Perhaps somebody else owns its slots by now: ask around, and do not wait for it."""
        if owner != HOME:
            self._learn()

    def _learn(self) -> asyncio.Task[None]:
        if self._learning is None or self._learning.done():
            self._learning = asyncio.get_running_loop().create_task(self._ask_around())
            self._learning.add_done_callback(_seen)
        return self._learning

    async def _ask_around(self) -> None:
        """The first answer counts: a server that is frozen must not hold up what is asked of others."""
        known = [self._server(owner) for owner in self.masters if owner != HOME]
        asked = [asyncio.ensure_future(_owners(server)) for server in (*known, *self._doors)]
        why: BaseException | None = None
        try:
            for answer in asyncio.as_completed(asked):
                try:
                    self._note(await answer)
                    return
                except (RedisError, OSError) as away:
                    why = away
        finally:
            for one in asked:
                one.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        raise ConnectionError(str(why) or type(why).__name__)

    def _note(self, owners: list[Address | None]) -> None:
        if owners != self._owners:
            self._owners = owners
            for tell in self.changed:
                tell()

    async def at(self, key: str | bytes) -> Redis:
        """A plain client of the server that owns a key; what it says is no longer sent on."""
        return self._server(await self.owner(key))

    def _server(self, owner: Address) -> Redis:
        if owner not in self._servers:
            where = {**self.address(owner), **self._options}
            self._servers[owner] = Redis(connection_pool=ConnectionPool(**where))
        return self._servers[owner]

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001  # as it is inherited
        """Let go of every server."""
        if self._learning is not None:
            self._learning.cancel()
            await asyncio.wait([self._learning])
        for pipe in self._pipes.values():
            await pipe.close()
        for server in {*self._doors, *self._servers.values()}:
            await server.connection_pool.aclose()
        await self.connection_pool.aclose()


def slot_of(key: str | bytes) -> int:
    """The slot of a key, or of a channel of sharded pub/sub."""
    return key_slot(key.encode() if isinstance(key, str) else key)


def _key(words: Sequence[Any]) -> str | bytes | None:
    """The key of a command as redis-py words it; the first of several."""
    name = str(words[0]).upper()
    at = 1
    if name in ("EVAL", "EVALSHA"):
        at = 3 if int(words[2]) else len(words)
    elif name in ("XREAD", "XREADGROUP"):
        at = 1 + next(i for i, word in enumerate(words) if word in ("STREAMS", b"STREAMS"))
    elif name.split()[0] in KEYLESS:
        at = len(words)
    if at >= len(words):
        return None
    key = words[at]
    return key if isinstance(key, str | bytes) else str(key)


async def _say(server: Any, words: Sequence[Any], options: Mapping[str, Any], *, asking: bool = False) -> Any:
    with one_kind_of_away():
        if not asking:
            return await server.execute_command(*words, **options)
        async with server.pipeline(transaction=False) as pipe:
            pipe.execute_command("ASKING")
            pipe.execute_command(*words, **options)
            return (await pipe.execute())[1]


class _Pipe:
    """A connection of its own for pipelines to one server, packed by hiredis.

    Taking one from the client's pool and packing in its way costs more CPU than all the rest of a write.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        self._connection: AbstractConnection = pool.make_connection()  # type: ignore[no-untyped-call]  # redis-py has no types
        self._turn = asyncio.Lock()
        self._used_at = 0.0  # loop time

    async def ask(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """The answers, in order; a ResponseError in the place of one. Raises ConnectionError, TimeoutError."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            try:
                await self._connection.connect()  # type: ignore[no-untyped-call]  # redis-py has no types there
                if loop.time() - self._used_at > IDLE and await self._connection.can_read():
                    await self._connection.disconnect(nowait=True)  # nobody was asked, so it hung up meanwhile
                    await self._connection.connect()  # type: ignore[no-untyped-call]  # redis-py has no types there
                await self._connection.send_packed_command(b"".join(map(hiredis.pack_command, map(tuple, commands))))
                answers = [await self._answer() for _ in commands]
            except BaseException:
                await self.close()  # answers of ours may be on their way: nobody else shall read them
                raise
            self._used_at = loop.time()
            return answers

    async def close(self) -> None:
        """Hang up; whoever asks next connects anew."""
        await self._connection.disconnect(nowait=True)

    async def _answer(self) -> Any:
        try:
            return await self._connection.read_response()
        except ResponseError as no:
            return no


async def _owners(server: Redis) -> list[Address | None]:
    """By slot, whom this server takes for its owner."""
    try:
        with one_kind_of_away():
            async with asyncio.timeout(TIMEOUT):
                rows = await _say(server, ("CLUSTER SLOTS",), {})
    except ResponseError:  # it is in no cluster, or not asked such things
        return [HOME] * SLOTS
    owners: list[Address | None] = [None] * SLOTS
    for first, last, master, *_ in rows:
        host, port = (master[0] or b"").decode(), int(master[1])
        own: str = server.connection_pool.connection_kwargs.get("host", "localhost")
        owners[first : last + 1] = [(host or own, port)] * (last - first + 1)
    return owners


def _seen(task: asyncio.Task[None]) -> None:
    """Whoever waits for it gets its exception; often nobody does."""
    if not task.cancelled():
        task.exception()
