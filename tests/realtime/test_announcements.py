"""What everybody of a conference is told, and taken back."""

import itertools
from datetime import UTC, datetime

import pytest

from realtime import publish
from realtime.channels import announcements
from realtime.engine import connect
from realtime.errors import Refused
from tests.realtime.node import Node
from tests.realtime.person import Person
from tests.realtime.wiretap import newcomer
from tests.store import Store

numbers = itertools.count(1)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def test_everybody_is_told_and_a_newcomer_too_until_it_is_withdrawn(shared_node: Node) -> None:
    room = announcements(next(numbers))
    async with (
        Person(shared_node, 1, room, rights="") as anna,
        Person(shared_node, 3, room, rights="moderate") as maria,
    ):
        until = 1_800_000_000_000
        item = (await maria.does("announce", text=" Lunch is served. ", until=until))["item"]
        await anna.hears(1)
        assert (anna.heard[0]["text"], anna.heard[0]["until"], anna.heard[0]["item"]) == (
            *("Lunch is served.", until, item),
        )
        for n in range(3):
            await maria.does("announce", text=f"another {n}")
        async with Person(shared_node, 2, room) as late:
            await late.hears(1)
            assert late.events("announced")[0]["item"] == item
        await maria.hears(4)
        await maria.does("withdraw", item=item)
        await anna.sees("withdrawn")
        async with newcomer(shared_node, room, anna.heard[-1]["at"]) as late_one:
            assert "Lunch" not in " ".join(late_one.frames)


async def test_only_an_organiser_announces(shared_node: Node) -> None:
    room = announcements(next(numbers))
    async with Person(shared_node, 1, room) as anna:
        for do, fields in (("announce", {"text": "Go home."}), ("withdraw", {"item": "a" * 16})):
            with pytest.raises(Refused, match="no_right"):
                await anna.does(do, **fields)


async def test_withdrawing_twice_is_refused_and_a_resend_is_not(shared_node: Node) -> None:
    room = announcements(next(numbers))
    async with Person(shared_node, 3, room, rights="moderate") as maria:
        item = (await maria.does("announce", text="Lunch"))["item"]
        await maria.hears(1)
        done = await maria.does("withdraw", item=item, key="the-same-key")
        await maria.hears(2)
        assert (await maria.does("withdraw", item=item, key="the-same-key"))["at"] == done["at"]
        with pytest.raises(Refused, match="no_such_item"):
            await maria.does("withdraw", item=item)


async def test_a_page_without_a_socket_announces_and_withdraws(shared_node: Node, stores: Store) -> None:
    number = next(numbers)
    async with Person(shared_node, 1, announcements(number)) as anna, connect(stores.url) as redis:
        item = await publish.announce(redis, conference=number, text="Lunch", by=3, key="k" * 8, when=NOON)
        await anna.hears(1)
        assert (anna.heard[0]["item"], anna.heard[0]["by"]) == (item, 3)
        await publish.withdraw(redis, conference=number, item=item, by=3, key="w" * 8, when=NOON)
        await anna.hears(2)
        assert anna.heard[1]["is"] == "withdrawn"
