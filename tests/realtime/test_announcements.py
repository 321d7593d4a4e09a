"""What everybody of a conference is told, and taken back."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from realtime import publish
from realtime.channels import announcements
from realtime.engine import Engine, connect
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


LUNCH = {"ru": "Обед перенесён", "kk": "Түскі ас ауыстырылды"}


async def told(redis: Engine, number: int, text: str, key: str, *, when: datetime = NOON, **more: Any) -> str:
    return await publish.announce(redis, conference=number, text=text, by=3, key=key, when=when, **more)


async def test_it_is_told_in_every_language_at_once_with_where_it_leads(shared_node: Node, stores: Store) -> None:
    number = next(numbers)
    async with Person(shared_node, 1, announcements(number)) as anna, connect(stores.url) as redis:
        more: dict[str, Any] = {"language": "ru", "others": {"kk": LUNCH["kk"]}, "urgent": True}
        place = {"ru": "Зал Б", "kk": "Б залы"}
        await told(redis, number, LUNCH["ru"], "k" * 8, link="/c/school/b", place=place, **more)
        await anna.hears(1)
        said = anna.heard[0]
        assert (said["text"], said["language"], said["others"]) == (LUNCH["ru"], "ru", {"kk": LUNCH["kk"]})
        assert (said["urgent"], said["link"], said["place"]) == (True, "/c/school/b", place)


@pytest.mark.parametrize(
    "link",
    [
        *("https://elsewhere.example", "//elsewhere.example", "/\\elsewhere", "javascript:1"),
        *("/\t/elsewhere.example", "/\n/elsewhere.example", "\t//elsewhere.example", "/c\\..\\..\\elsewhere"),
    ],
)
async def test_it_leads_nowhere_but_within_the_site(stores: Store, link: str) -> None:
    async with connect(stores.url) as redis:
        with pytest.raises(Refused, match=r"message\.field"):
            await told(redis, next(numbers), "Lunch", "k" * 8, link=link)


async def test_another_wording_takes_the_place_of_the_first_in_one_step(shared_node: Node, stores: Store) -> None:
    number = next(numbers)
    room = announcements(number)
    async with Person(shared_node, 1, room) as anna, connect(stores.url) as redis:
        first = await told(redis, number, "Lunch at tow", "k" * 8)
        second = await told(redis, number, "Lunch at two", "e" * 8, instead=first)
        await anna.hears(3)
        assert [(one["is"], one["item"]) for one in anna.heard] == [
            *(("announced", first), ("announced", second), ("withdrawn", first)),
        ]
        assert [one["item"] for one in await publish.announced(redis, conference=number, when=NOON)] == [second]
        async with newcomer(shared_node, room, anna.heard[-1]["at"]) as late_one:
            assert "tow" not in " ".join(late_one.frames)
        assert await told(redis, number, "Lunch at two", "e" * 8, instead=first) == second  # sent twice
        with pytest.raises(Refused, match="no_such_item"):
            await told(redis, number, "Lunch at three", "f" * 8, instead=first)


async def test_of_two_who_edit_the_same_one_is_told_so(stores: Store) -> None:
    number = next(numbers)
    async with connect(stores.url) as redis:
        first = await told(redis, number, "Lunch at tow", "k" * 8)
        answers = await asyncio.gather(
            *(told(redis, number, f"Lunch, says {who}", who * 8, instead=first) for who in "ab"), return_exceptions=True
        )
        refused = [one for one in answers if isinstance(one, Refused)]
        assert [one.code for one in refused] in (["desk.changed"], ["desk.no_such_item"])
        assert len(await publish.announced(redis, conference=number, when=NOON)) == 1


async def test_what_stands_is_told_urgent_first_and_what_is_over_is_not(shared_node: Node, stores: Store) -> None:
    number = next(numbers)
    room = announcements(number)
    async with connect(stores.url) as redis:
        wishes: list[dict[str, Any]] = [{"until": NOON + timedelta(minutes=5)}, {"urgent": True}, {}]
        for n, more in enumerate(wishes):
            await told(redis, number, f"number {n}", f"{n}" * 8, when=NOON + timedelta(seconds=n), **more)
        stands = [one["text"] for one in await publish.announced(redis, conference=number, when=NOON)]
        assert stands == ["number 1", "number 2", "number 0"]
        later = NOON + timedelta(minutes=5)
        stands = [one["text"] for one in await publish.announced(redis, conference=number, when=later)]
        assert stands == ["number 1", "number 2"]
        await told(redis, number, "number 3", "3" * 8, when=later)  # takes what is over with it
        async with newcomer(shared_node, room, 0) as late_one:
            assert "number 0" not in " ".join(late_one.frames)
