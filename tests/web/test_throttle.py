"""Wrong passwords are counted by e-mail and by address, against a real Redis."""

import pytest
from aiohttp.test_utils import make_mocked_request
from redis.asyncio import Redis

from web import throttle


async def test_an_address_that_guesses_at_many_doors_is_stopped(redis: Redis) -> None:
    for n in range(throttle.PER_ADDRESS):
        await throttle.count_wrong(redis, email=f"n{n}@veche.example", address="192.0.2.1")
    assert await throttle.wait(redis, email="other@veche.example", address="192.0.2.1") > 0
    assert await throttle.wait(redis, email="other@veche.example", address="192.0.2.2") == 0


async def test_a_guesser_elsewhere_does_not_lock_the_owner_out(redis: Redis) -> None:
    for _ in range(2 * throttle.PER_PAIR):
        await throttle.count_wrong(redis, email="anna@veche.example", address="192.0.2.1")
    assert await throttle.wait(redis, email="anna@veche.example", address="192.0.2.1") > 0
    assert await throttle.wait(redis, email="anna@veche.example", address="192.0.2.2") == 0


async def test_a_guesser_with_many_addresses_is_stopped(redis: Redis) -> None:
    for n in range(throttle.PER_EMAIL):
        await throttle.count_wrong(redis, email="anna@veche.example", address=f"192.0.2.{n}")
    assert await throttle.wait(redis, email="anna@veche.example", address="198.51.100.7") > 0


async def test_forgiving_forgets_the_slips_of_one_address_and_no_others(redis: Redis) -> None:
    for address in ("192.0.2.1", "192.0.2.2"):
        for _ in range(throttle.PER_PAIR):
            await throttle.count_wrong(redis, email="anna@veche.example", address=address)
    kept = set(await redis.keys("veche:wrong:*"))
    await throttle.forgive(redis, email="anna@veche.example", address="192.0.2.1")
    assert await throttle.wait(redis, email="anna@veche.example", address="192.0.2.1") == 0
    assert await throttle.wait(redis, email="anna@veche.example", address="192.0.2.2") > 0
    assert len(kept - set(await redis.keys("veche:wrong:*"))) == 1


async def test_the_window_does_not_move_with_each_attempt(redis: Redis) -> None:
    for _ in range(throttle.PER_PAIR):
        await throttle.count_wrong(redis, email="anna@veche.example", address="192.0.2.1")
    (key,) = await redis.keys("veche:wrong:pair:*")
    await redis.expire(key, 60)
    await throttle.count_wrong(redis, email="anna@veche.example", address="192.0.2.1")
    assert 0 < await throttle.wait(redis, email="anna@veche.example", address="192.0.2.1") <= 60
    await redis.delete(key)
    assert await throttle.wait(redis, email="anna@veche.example", address="192.0.2.1") == 0


async def test_what_was_typed_is_not_kept(redis: Redis) -> None:
    await throttle.count_wrong(redis, email="my-password@veche.example", address="192.0.2.1")
    keys = await redis.keys("*")
    assert len(keys) == 3
    assert not any(b"my-password" in key or b"192" in key for key in keys)


@pytest.mark.parametrize(
    ("forwarded", "trusted", "address"),
    [
        (None, 0, "198.51.100.7"),
        ("192.0.2.1", 0, "198.51.100.7"),
        ("192.0.2.1", 1, "192.0.2.1"),
        ("203.0.113.9, 192.0.2.1", 1, "192.0.2.1"),
        ("203.0.113.9, 192.0.2.1, 10.0.0.1", 2, "192.0.2.1"),
        ("192.0.2.1", 5, "192.0.2.1"),
        (None, 1, "198.51.100.7"),
        ("nonsense", 1, ""),
        ("2001:db8:1:2:3:4:5:6", 1, "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", 1, "192.0.2.1"),
        ("192.0.2.1:5678", 1, "192.0.2.1"),
        ("203.0.113.9:1, 192.0.2.1:5678", 1, "192.0.2.1"),
        ("[2001:db8:1:2:3:4:5:6]:5678", 1, "2001:db8:1:2::"),
        ("[::ffff:192.0.2.1]:5678", 1, "192.0.2.1"),
        ("[2001:db8:1:2:3:4:5:6]", 1, "2001:db8:1:2::"),
        ("[192.0.2.1", 1, ""),
        ("192.0.2.1:http", 1, ""),
        ("[]:5678", 1, ""),
    ],
)
async def test_an_address_is_the_one_our_own_proxies_saw(forwarded: str | None, trusted: int, address: str) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = make_mocked_request("GET", "/", headers=headers).clone(remote="198.51.100.7")
    assert throttle.address_of(request, trusted_proxies=trusted) == address


async def test_nobody_is_stopped_for_an_address_nobody_knows(redis: Redis) -> None:
    for n in range(throttle.PER_ADDRESS):
        await throttle.count_wrong(redis, email=f"n{n}@veche.example", address="")
    assert await throttle.wait(redis, email="other@veche.example", address="") == 0


async def test_what_one_phone_is_refused_is_not_counted_against_its_hall(redis: Redis) -> None:
    async def spend(phone: str) -> int:
        counted = [(phone, 2, 60), ("hall", 5, 60)]
        return await throttle.spend(redis, what="vote", counted=counted)

    assert [await spend("one") > 0 for _ in range(20)] == [False] * 2 + [True] * 18
    assert [await spend("another") for _ in range(2)] == [0, 0]
    assert [await spend("a third") > 0 for _ in range(2)] == [False, True]  # the hall has had its five
