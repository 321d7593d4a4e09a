"""How much is too much, counted in Redis: wrong passwords, and what strangers send. It never knows who is registered.

Wrong passwords are counted by e-mail and address. The low limit is for one e-mail tried from one address, so that a
stranger elsewhere cannot lock its owner out. Only wrong ones count, so a hall full of people behind one address signs
in undisturbed.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address

from aiohttp import web
from redis.asyncio import Redis

WINDOW = 15 * 60  # seconds since the first wrong password
PER_PAIR = 10  # one e-mail from one address
PER_EMAIL = 100  # from everywhere: whoever has many addresses is stopped too
PER_ADDRESS = 100  # a school sits behind one address; guessing a password takes thousands
NEIGHBOURS = 64  # bits; whoever has one IPv6 address has all with the same first half (RFC 6177)
SPEND = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('TTL', KEYS[1])}
"""
COUNT = "if redis.call('INCR', KEYS[1]) == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end"
WITH_PORT = re.compile(r"(?:\[(?P<six>[^\[\]]+)\]|(?P<four>[0-9.]+))(?::[0-9]{1,5})?")  # as some proxies write it


async def wait(redis: Redis, *, email: str, address: str) -> int:
    """Seconds until a password is looked at again; 0: now."""
    left = 0
    for key, limit in _counted(email, address):
        wrong = int(await redis.get(key) or 0)
        if wrong >= limit:
            left = max(left, await redis.ttl(key), 1)
    return left


async def count_wrong(redis: Redis, *, email: str, address: str) -> None:
    """One more wrong password. The window stays where the first one opened it."""
    for key, _ in _counted(email, address):
        await redis.eval(COUNT, 1, key, WINDOW)


async def forgive(redis: Redis, *, email: str, address: str) -> None:
    """The right password came: its owner's slips are forgotten, those of others elsewhere are not."""
    await redis.delete(_pair(email, address))


async def spend(redis: Redis, *, what: str, counted: Iterable[tuple[str, int, int]]) -> int:
    """One more of something, by (whose, at most, in so many seconds); the seconds to wait when it is too much, or 0.

    The narrowest comes first: what is refused for one phone is not counted against the hall it stands in.
    """
    for whose, limit, window in counted:
        count, remaining = await redis.eval(SPEND, 1, _key(what, whose), window)
        if count > limit:
            return max(int(remaining), 1)
    return 0


async def admit(redis: Redis, *, what: str, who: str, counted: Iterable[tuple[str, int, int]], known_for: int) -> int:
    """Let somebody in for the first time, counted as `spend` does; the seconds to wait when too many came, or 0.

    Whoever was let in is let in for `known_for` seconds without being counted again.
    """
    known = _key(f"{what} known", who)
    if await redis.exists(known):
        return 0
    wait = await spend(redis, what=f"{what} new", counted=counted)
    if not wait:
        await redis.set(known, 1, ex=known_for)
    return wait


def address_of(request: web.Request, *, trusted_proxies: int) -> str:
    """The address a request comes from, as the outermost proxy of ours saw it; "" when nobody knows.

    What stands further left in X-Forwarded-For was written by strangers.
    """
    path = ",".join([*request.headers.getall("X-Forwarded-For", []), request.remote or ""])
    seen = [one.strip() for one in path.split(",") if one.strip()] or [""]
    return _household(seen[max(0, len(seen) - 1 - trusted_proxies)])


def _household(text: str) -> str:
    ported = WITH_PORT.fullmatch(text)
    try:
        address = ip_address(ported["six"] or ported["four"] if ported else text)
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> NEIGHBOURS << NEIGHBOURS))


def _counted(email: str, address: str) -> list[tuple[str, int]]:
    by_email = [(_pair(email, address), PER_PAIR), (_key("email", email), PER_EMAIL)]
    return [*by_email, (_key("address", address), PER_ADDRESS)] if address else by_email


def _pair(email: str, address: str) -> str:
    return _key("pair", f"{address} {email}")


def _key(kind: str, whose: str) -> str:
    # Hashed: what people typed, which may be a password in the wrong field, is not kept.
    return f"veche:wrong:{kind}:{blake2b(whose.encode(), digest_size=16).hexdigest()}"
