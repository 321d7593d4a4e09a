"""A pass that is revoked ends at once, on every socket of every worker, also of one that could not hear it."""

import asyncio
import itertools
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from redis.asyncio.connection import parse_url

from realtime import channels, passes, publish
from realtime.engine import connect
from realtime.errors import CLOSED_PASS
from realtime.log import RedisLog
from realtime.passes import LIFE, Pass
from tests.operator import Operator
from tests.realtime.node import SECRET, Node
from tests.realtime.proxy import Proxy
from tests.realtime.wiretap import Wiretap
from tests.store import Store

numbers = itertools.count(1)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def test_a_revoked_pass_closes_every_socket_on_every_worker_and_opens_none(
    shared_node: Node, stores: Store
) -> None:
    user, room = 1000 + next(numbers), "chat:1"
    old = issued(user, time.time() - 5)
    async with connect(stores.url) as redis, Wiretap(shared_node, 5, room) as somebody_else:
        tabs = [Wiretap(shared_node, user, room, pass_=old) for _ in range(8)]  # the kernel deals them out
        for tab in tabs:
            await tab.__aenter__()
        await publish.revoke(redis, user=user, before=datetime.now(UTC))
        for tab in tabs:
            assert await tab.is_put_out() == CLOSED_PASS
            await tab.__aexit__()
        again = Wiretap(shared_node, user, pass_=old)
        await again.__aenter__()
        assert '"pass.revoked"' in again.frames[0]
        assert await again.is_put_out() == CLOSED_PASS
        await again.__aexit__()
        async with Wiretap(shared_node, user, room, pass_=issued(user, time.time() + 5)) as signed_in_again:
            assert "ok" in await signed_in_again.asks("ping")
        assert "ok" in await somebody_else.asks("ping")


@pytest.mark.one_server  # masters of a cluster name their own addresses, past this network
async def test_a_worker_that_did_not_hear_of_it_acts_as_soon_as_it_does(own_redis: Store, tmp_path: Path) -> None:
    """Nothing comes from Redis while the pass is revoked; healed, the worker reads what it missed."""
    user, room = 7, "chat:1"
    async with Proxy(parse_url(own_redis.url)["path"]) as network:
        node = Node(network.url, tmp_path, workers=1)
        await asyncio.to_thread(node.__enter__)
        try:
            async with connect(own_redis.url) as redis, Wiretap(node, user, room, pass_=issued(user, 1.0)) as tab:
                network.swallow()
                await publish.revoke(redis, user=user, before=datetime.now(UTC))
                assert "ok" in await tab.asks("ping")
                network.cut()
                assert await tab.is_put_out() == CLOSED_PASS
        finally:
            await asyncio.to_thread(node.__exit__)
        assert "Traceback" not in node.logged


async def test_revocations_that_end_nothing_any_more_make_room(redis: Operator) -> None:
    long_ago = NOON - timedelta(seconds=3 * LIFE)
    for user in range(1, 6):
        await publish.revoke(redis, user=user, before=long_ago)
    await publish.revoke(redis, user=7, before=NOON - timedelta(seconds=LIFE))
    await publish.revoke(redis, user=8, before=NOON)
    reading = await RedisLog(redis, redis).read(channels.PASSES)
    assert {orjson.loads(entry.event)["user"] for entry in reading.state} == {7, 8}


async def test_who_is_revoked_again_after_long_stays_out(redis: Operator) -> None:
    await publish.revoke(redis, user=7, before=NOON - timedelta(seconds=3 * LIFE))
    await publish.revoke(redis, user=7, before=NOON)
    [entry] = (await RedisLog(redis, redis).read(channels.PASSES)).state
    assert orjson.loads(entry.event)["before"] == NOON.timestamp()


def issued(user: int, when: float) -> str:
    """A pass issued at a moment, good for long."""
    rooms = {"chat:1": frozenset({"say"})}
    return passes.issue(Pass(user, f"Person {user}", rooms, time.time() + 600, issued=when), secret=SECRET)
