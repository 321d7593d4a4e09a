"""Passwords compared with argon2, in threads and a few at a time, so that pages never wait for them.

It never tells, by word or by time, whether there is anybody to compare with.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2  # each takes 64 MiB and some 50 ms of a core
IN_LINE = 200  # the last one waits about 5 s; more would only wait to be refused


class Busy(Exception):
    """Too many people are signing in at this moment."""


class Passwords:
    """The line in front of argon2."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()  # argon2id with RFC 9106's low-memory parameters
        self._nobody = _hash_of_nobody()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait to be next. Whatever must not be raced by guesses in parallel is done inside. Raises Busy."""
        if self._waiting >= IN_LINE:
            raise Busy
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()

    async def match(self, kept: str | None, typed: str) -> bool:
        """Whether the typed password is the kept one; for None it takes as long and is always wrong."""
        loop = asyncio.get_running_loop()
        matches = await loop.run_in_executor(self._threads, self._verify, kept or self._nobody, typed)
        return matches and kept is not None

    async def renewed(self, kept: str, typed: str) -> str | None:
        """A new hash when the kept one was made with weaker parameters than today's."""
        if not self._hasher.check_needs_rehash(kept):
            return None
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, typed)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown()

    def _verify(self, kept: str, typed: str) -> bool:
        try:
            return self._hasher.verify(kept, typed)
        except (VerificationError, InvalidHashError):
            return False


@cache
def _hash_of_nobody() -> str:
    return PasswordHasher().hash(secrets.token_hex(16))
