"""The pool every room asks. It never holds a statement; jsonb columns are plain Python dicts both ways."""

from typing import TYPE_CHECKING, Any

import asyncpg
import orjson

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection, Pool = asyncpg.Connection, asyncpg.Pool  # these classes know their parameter only in the stubs

JSONB_VERSION = b"\x01"  # first byte of a jsonb value on the wire (jsonb_recv in Postgres' jsonb.c)
# asyncpg's words for a connection that broke while it was lent
LOST = ("connection is closed", "has been released back to the pool")
# What making a connection raises when there is none to be had.
NO_CONNECTION = (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
PATIENCE = 30.0  # seconds a statement may take before the reader is told that something is wrong


def connect(url: str, *, at_most: int = 10) -> Pool:
    """A pool to `await` or to enter with `async with`; it opens at most so many connections."""
    return asyncpg.create_pool(
        url,
        min_size=1,
        max_size=at_most,
        command_timeout=PATIENCE,
        init=speak_json,
        reset=leave,
        server_settings={"application_name": "veche"},
    )


def is_misuse(error: BaseException) -> bool:
    """Whether asyncpg was called wrongly, a fault of ours. Its InterfaceError says so, or that a connection broke."""
    return isinstance(error, asyncpg.InterfaceError) and not any(words in str(error) for words in LOST)


def why_none(wrong: Exception) -> str:
    """One of NO_CONNECTION as a sentence for whoever set DATABASE_URL."""
    words = (str(wrong).strip().splitlines() or [type(wrong).__name__])[0].rstrip(".")
    if isinstance(wrong, ValueError):
        return f"DATABASE_URL cannot be read: {words}."
    return f"The database at DATABASE_URL does not answer: {words}."


async def speak_json(connection: Connection) -> None:
    """Teach one connection that jsonb is a Python value."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_encode, decoder=_decode, format="binary")


async def leave(connection: Connection) -> None:
    """What a connection needs when it is given back: nothing, as no statement of ours sets what outlives it.

    By itself asyncpg would ask Postgres to forget everything, as often again as it was asked for something.
    """


def _encode(value: Any) -> bytes:
    return JSONB_VERSION + orjson.dumps(value)


def _decode(wire: bytes) -> Any:
    return orjson.loads(wire[1:])
