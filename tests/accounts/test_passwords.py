"""The line in front of argon2: short, fair, and silent about who is registered."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from tests.web.site import PASSWORD, Site, Visitor, hashed
from web.accounts.passwords import AT_ONCE, IN_LINE, Busy, Passwords
from web.keys import PASSWORDS


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    found = Passwords()
    yield found
    found.close()


async def test_only_the_kept_password_matches(passwords: Passwords) -> None:
    assert await passwords.match(hashed(PASSWORD), PASSWORD)
    assert not await passwords.match(hashed(PASSWORD), PASSWORD + " ")
    assert not await passwords.match(None, PASSWORD)
    assert not await passwords.match("", PASSWORD)
    assert not await passwords.match("no hash", PASSWORD)


async def test_a_stranger_takes_as_long_as_somebody_registered(passwords: Passwords) -> None:
    async def quickest(kept: str | None) -> float:
        taken = []
        for _ in range(7):
            begun = time.perf_counter()
            await passwords.match(kept, "wrong")
            taken.append(time.perf_counter() - begun)
        return min(taken)

    assert 0.5 < await quickest(None) / await quickest(hashed(PASSWORD)) < 2


async def test_the_line_has_an_end(passwords: Passwords) -> None:
    async def stand() -> None:
        async with passwords.turn():
            pass

    async with AsyncExitStack() as taken:
        for _ in range(AT_ONCE):
            await taken.enter_async_context(passwords.turn())
        line = [asyncio.create_task(stand()) for _ in range(IN_LINE)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await stand()
    await asyncio.gather(*line)
    await stand()


async def test_whoever_finds_the_line_full_is_told_and_keeps_the_email(site: Site, visitor: Visitor) -> None:
    passwords = site.server.app[PASSWORDS]
    token = await visitor.token()
    async with AsyncExitStack() as taken:
        for _ in range(AT_ONCE):
            await taken.enter_async_context(passwords.turn())
        line = [asyncio.create_task(taken.enter_async_context(passwords.turn())) for _ in range(IN_LINE)]
        await asyncio.sleep(0)
        answer = await visitor.sign_in(csrf=token)
        assert (answer.status, answer.headers["X-Refusal"]) == (503, "sign_in.busy")
        assert 'value="anna@veche.example"' in await answer.text()
        for one in line:
            one.cancel()
    await asyncio.gather(*line, return_exceptions=True)
    assert (await visitor.sign_in(csrf=token)).status == 303
