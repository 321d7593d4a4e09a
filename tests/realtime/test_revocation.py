"""A pass that is revoked ends at once, on every socket of every worker, also of one that could not hear it."""

import asyncio
import itertools
import time
from collections.abc import Collection, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio.connection import parse_url

from realtime import channels, messages, passes, publish
from realtime.doorkeeper import Doorkeeper
from realtime.engine import connect
from realtime.errors import CLOSED_PASS
from realtime.events import Muted, Notice
from realtime.history import Entry
from realtime.log import RedisLog
from realtime.passes import LIFE, OUTLIVED, Pass
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
        await publish.revoke(redis, users=[user], before=datetime.now(UTC))
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
                await publish.revoke(redis, users=[user], before=datetime.now(UTC))
                assert "ok" in await tab.asks("ping")
                network.cut()
                assert await tab.is_put_out() == CLOSED_PASS
        finally:
            await asyncio.to_thread(node.__exit__)
        assert "Traceback" not in node.logged


async def test_a_pass_ends_with_what_it_was_given_for_whoever_holds_it(shared_node: Node, stores: Store) -> None:
    """Screens are nobody's: one of them is closed, and then their conference, while another conference goes on."""
    hall = 5000 + next(numbers)
    conference, foyer, stage = passes.of_conference(hall), passes.of_screen(hall), passes.of_screen(hall + 1)
    before = time.time() - 5
    passes_ = {
        "foyer": issued(0, before, conference, foyer),
        "stage": issued(0, before, conference, stage),
        "anna": issued(1000 + next(numbers), before, conference),
        "elsewhere": issued(0, before, passes.of_conference(hall + 1)),
    }
    async with connect(stores.url) as redis, AsyncExitStack() as stack:
        there = {
            name: await stack.enter_async_context(Wiretap(shared_node, 0, "chat:1", pass_=text))
            for name, text in passes_.items()
        }
        await publish.revoke(redis, grounds=[foyer], before=datetime.now(UTC))
        assert await there["foyer"].is_put_out() == CLOSED_PASS
        for other in ("stage", "anna", "elsewhere"):
            assert "ok" in await there[other].asks("ping")
        await publish.revoke(redis, grounds=[conference], before=datetime.now(UTC))
        assert await there["stage"].is_put_out() == CLOSED_PASS
        assert await there["anna"].is_put_out() == CLOSED_PASS
        assert "ok" in await there["elsewhere"].asks("ping")
        again = await stack.enter_async_context(Wiretap(shared_node, 0, pass_=passes_["foyer"]))
        assert '"pass.revoked"' in again.frames[0]
        after = issued(0, time.time() + 5, conference, stage)
        async with Wiretap(shared_node, 0, "chat:1", pass_=after) as published_again:
            assert "ok" in await published_again.asks("ping")


async def test_thousands_are_put_out_at_once_and_nobody_else(shared_node: Node, stores: Store) -> None:
    people, room = range(100_000, 105_000), "chat:1"
    old = time.time() - 5
    async with connect(stores.url) as redis, AsyncExitStack() as stack:

        async def enters(user: int) -> Wiretap:
            return await stack.enter_async_context(Wiretap(shared_node, user, room, pass_=issued(user, old)))

        among_them = [await enters(user) for user in people[::500]]
        others = [await enters(user) for user in range(110_000, 110_008)]
        for _ in range(2):  # repeated, it changes nothing
            await publish.revoke(redis, users=people, before=datetime.now(UTC))
        for tab in among_them:
            assert await tab.is_put_out() == CLOSED_PASS
        for tab in others:
            assert "ok" in await tab.asks("ping")
        await publish.revoke(redis, users=[110_000], before=datetime.now(UTC))
        assert await others[0].is_put_out() == CLOSED_PASS
        assert await redis.hlen(channels.state(channels.PASSES)) <= passes.GROUPS


async def test_revocations_that_end_nothing_any_more_are_forgotten(redis: Operator) -> None:
    of_one_group = range(7, 7 + 5 * passes.GROUPS, passes.GROUPS)
    long_ago, later = NOON - timedelta(seconds=3 * LIFE), NOON - timedelta(seconds=LIFE)
    await publish.revoke(redis, users=of_one_group[:3], before=long_ago)
    await publish.revoke(redis, users=of_one_group[3:4], before=later)
    await publish.revoke(redis, users=of_one_group[4:], before=NOON)
    assert await people_out(redis) == {of_one_group[3]: later.timestamp(), of_one_group[4]: NOON.timestamp()}


async def test_who_is_revoked_again_stays_out_and_an_earlier_revocation_changes_nothing(redis: Operator) -> None:
    for before in (NOON - timedelta(seconds=3 * LIFE), NOON, NOON - timedelta(seconds=1)):
        await publish.revoke(redis, users=[7], before=before)
    assert await people_out(redis) == {7: NOON.timestamp()}


async def test_two_who_revoke_at_once_do_not_undo_each_others(redis: Operator) -> None:
    users = range(7, 7 + 20 * passes.GROUPS, passes.GROUPS)
    await asyncio.gather(*(publish.revoke(redis, users=[user], before=NOON) for user in users))
    assert set(await people_out(redis)) == set(users)


@given(st.lists(st.tuples(st.sets(st.integers(0, 9), max_size=4), st.integers(1, 3 * OUTLIVED)), max_size=12))
def test_whoever_is_revoked_is_out_for_as_long_as_their_passes_live(told: list[tuple[set[int], int]]) -> None:
    """Revoked in this order of time, with groups of three names at most."""
    standing = passes.standing(None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passes, "NAMED", 3)
        for users, when in sorted(told, key=lambda one: one[1]):
            standing = passes.revoke(standing, map(str, users), when)
            assert len(standing.people) <= 3
    now = max((when for _, when in told), default=0)
    for users, when in told:
        assert all(passes.ends(standing, str(user), when) for user in users if when > now - OUTLIVED)
    assert not passes.ends(standing, "5", now + 1)
    everybody = {user for users, _ in told for user in users}
    if len(everybody) <= 3:
        assert not any(passes.ends(standing, str(user), 0) for user in range(10) if user not in everybody)


def test_a_pass_without_a_date_is_good_while_only_others_are_revoked() -> None:
    standing = passes.revoke(passes.standing(None), ["7"], 1000.0)
    assert passes.ends(standing, "7", 0.0)
    assert not passes.ends(standing, str(7 + passes.GROUPS), 0.0)
    assert not passes.ends(standing, passes.of_conference(7), 0.0)


def test_one_look_at_the_visitors_serves_all_that_was_read() -> None:
    guests = Guests([Guest(user, 5.0) for user in (*range(1, 6), 3)])
    doorkeeper = Doorkeeper(guests)
    bans = [Entry(at, (), b'{"is":"chat.banned"}', f".ban:{at}") for at in (2, 3, 9)]
    mute = Entry(4, (), b'{"is":"chat.muted","until":77}', ".mute:4")
    doorkeeper.heard("chat:1", [*bans, mute])
    assert [one.user for one in guests.all if one.expelled] == [2, 3, 3]
    assert [one.told for one in guests.all if one.user == 4] == [[Muted("chat:1", 77)]]
    over = {user: messages.event(passes.revoke(passes.standing(None), [user], 6.0)) for user in ("1", "5")}
    doorkeeper.heard(channels.PASSES, [Entry(1, (), event, passes.group(user)) for user, event in over.items()])
    assert [one.user for one in guests.all if one.closed] == [1, 5]
    assert guests.looks == 2


def test_what_another_version_keeps_for_its_workers_harms_nobody() -> None:
    guests = Guests([Guest(user, 5.0) for user in (3, 7)])
    banned = Entry(2, (), b'{"is":"chat.banned"}', ".ban:3,!pin")
    Doorkeeper(guests).heard("chat:1", [Entry(1, (), b"{}", ".later:7:a-name"), banned])
    assert [one.user for one in guests.all if one.expelled] == [3]


class Guest:
    """A visitor without a wire."""

    def __init__(self, user: int, issued: float) -> None:
        self.user, self.issued, self.subjects = user, issued, (str(user),)
        self.told: list[Notice] = []
        self.expelled: list[str] = []
        self.closed = 0

    def tell(self, notice: Notice) -> None:
        self.told.append(notice)

    def expel(self, room: str) -> None:
        self.expelled.append(room)

    def close(self, code: int, reason: str) -> None:
        self.closed = code


class Guests(Collection[Guest]):
    """Visitors who notice that somebody looks at all of them."""

    def __init__(self, guests: list[Guest]) -> None:
        self.all = guests
        self.looks = 0

    def __iter__(self) -> Iterator[Guest]:
        self.looks += 1
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def __contains__(self, guest: object) -> bool:
        return guest in self.all


async def people_out(redis: Operator) -> dict[int, float]:
    """Whose passes are over, and until when."""
    state = (await RedisLog(redis, redis).read(channels.PASSES)).state
    return {int(user): when for one in state for user, when in passes.standing(one.event).people.items()}


def issued(user: int, when: float, *grounds: str) -> str:
    """A pass issued at a moment, good for long."""
    rooms = {"chat:1": frozenset({"say"})}
    return passes.issue(
        Pass(user, f"Person {user}", rooms, time.time() + 600, issued=when, grounds=grounds), secret=SECRET
    )
