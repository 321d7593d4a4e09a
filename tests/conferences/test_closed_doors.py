"""Whoever may no longer come in is put out of the live rooms and stays out: through the page, the outbox and a node."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from realtime.errors import CLOSED_PASS
from sql.connection import Pool
from tests.conferences.stage import screen
from tests.operator import Operator
from tests.realtime.node import SECRET, Node
from tests.realtime.wiretap import Wiretap
from tests.web.site import Site, Visitor, opened
from web.conferences import screen_rules
from web.keys import CLOCK
from workers.kinds import IN_ORDER, KINDS
from workers.outbox import Outbox

PASS = "/c/school/main/pass"


@dataclass
class House:
    """The site by today's clock, its workers, and a node of sockets."""

    site: Site
    node: Node
    outbox: Outbox
    room: str  # what is asked in the main channel
    stack: AsyncExitStack
    ahead: timedelta = timedelta()  # of the true time, by the clock of the site's host

    async def enter(self, visitor: Visitor, address: str = PASS) -> Wiretap:
        """Come into the room with the pass that a page gives."""
        answer = await visitor.get(address)
        token = (await answer.json())["token"]
        return await self.stack.enter_async_context(Wiretap(self.node, 0, self.room, pass_=token))

    async def work(self) -> None:
        """What was promised is kept; there was something."""
        assert await self.outbox.ordered_round("passes.revoke") == 0.0


@pytest.fixture
async def house(
    settings: Settings, world: None, quiet: None, database: Pool, redis: Operator, tmp_path: Path
) -> AsyncIterator[House]:
    """The whole of it."""
    channel = await database.fetchval("select id from channel where slug = 'main'")
    settings = replace(settings, secret=SECRET)
    outbox = Outbox(settings, database, redis, KINDS, in_order=IN_ORDER)
    door = opened(settings)
    node = Node(settings.redis_url, tmp_path, workers=2)
    house = House(door.site, node, outbox, f"questions:{channel}", AsyncExitStack())
    door.site.server.app[CLOCK] = lambda: datetime.now(UTC) + house.ahead
    await asyncio.to_thread(node.__enter__)
    try:
        async with door, house.stack:
            yield house
    finally:
        await asyncio.to_thread(node.__exit__)
    assert "Traceback" not in node.logged, node.logged


async def test_whoever_is_not_of_the_conference_any_more_hears_nothing_from_then_on(
    house: House, database: Pool
) -> None:
    anna, mira, olga = [await house.site.visitor(signed_in=f"{one}@veche.example") for one in ("anna", "mira", "olga")]
    inside, moderating = await house.enter(anna), await house.enter(mira)
    number = await database.fetchval("select id from person where name = 'Anna'")
    assert (await olga.edit(f"/desk/school/people/{number}", page="/desk/school/people")).status == 303
    assert "ok" in await inside.asks("ping"), "nothing is told before it is committed and a worker took it"
    await house.work()
    assert await inside.is_put_out() == CLOSED_PASS
    assert (await anna.get(PASS)).status == 403
    assert "ok" in await moderating.asks("ping")


async def test_a_role_that_is_taken_ends_the_pass_that_says_more_and_the_next_one_says_less(
    house: House, database: Pool
) -> None:
    mira, olga = [await house.site.visitor(signed_in=f"{one}@veche.example") for one in ("mira", "olga")]
    moderating = await house.enter(mira)
    number = await database.fetchval("select id from person where name = 'Mira'")
    await olga.edit(f"/desk/school/people/{number}", page="/desk/school/people", role_attendee="on")
    await house.work()
    assert await moderating.is_put_out() == CLOSED_PASS
    assert (await mira.get("/c/school/moderate/pass")).status == 403
    assert (await mira.get(PASS)).status == 200
    await olga.edit(f"/desk/school/people/{number}", page="/desk/school/people", role_attendee="on", role_speaker="on")
    assert await database.fetchval("select count(*) from outbox where kind = 'passes.revoke'") == 1, "more ends nothing"


@pytest.mark.parametrize("ahead", [timedelta(seconds=-30), timedelta(seconds=30)])
async def test_clocks_of_hosts_that_differ_let_no_ended_pass_in_and_put_no_fresh_one_out(
    house: House, database: Pool, ahead: timedelta
) -> None:
    house.ahead = ahead
    mira, olga = [await house.site.visitor(signed_in=f"{one}@veche.example") for one in ("mira", "olga")]
    token = (await (await mira.get(PASS)).json())["token"]
    inside = await house.stack.enter_async_context(Wiretap(house.node, 0, house.room, pass_=token))
    number = await database.fetchval("select id from person where name = 'Mira'")
    await olga.edit(f"/desk/school/people/{number}", page="/desk/school/people", role_attendee="on")
    await house.work()
    assert await inside.is_put_out() == CLOSED_PASS
    async with Wiretap(house.node, 0, pass_=token) as again:
        assert await again.is_put_out() == CLOSED_PASS
    fresh = await house.enter(mira)
    assert "ok" in await fresh.asks("ping")


async def test_who_signs_out_hears_nothing_more_here_and_goes_on_elsewhere(house: House) -> None:
    here, elsewhere, mira = [
        await house.site.visitor(signed_in=f"{one}@veche.example") for one in ("anna", "anna", "mira")
    ]
    tab, phone, another = [await house.enter(one) for one in (here, elsewhere, mira)]
    assert (await here.post("/sign-out")).status == 303
    await house.work()
    for one in (tab, phone):
        assert await one.is_put_out() == CLOSED_PASS
    assert (await here.get(PASS)).status != 200
    again = await house.enter(elsewhere)
    for one in (again, another):
        assert "ok" in await one.asks("ping")


async def test_a_hidden_conference_puts_out_everybody_and_lets_its_organisers_in_again(
    house: House, database: Pool
) -> None:
    anna, olga, phone = [
        await house.site.visitor(signed_in=f"{one}@veche.example" if one else "") for one in ("anna", "olga", "")
    ]
    wall, hall = [await address(house, database, purpose) for purpose in (screen_rules.WALL, screen_rules.HALL)]
    there = [
        await house.enter(anna),
        await house.enter(olga),
        await house.enter(phone, f"{wall}/pass"),
        await house.enter(phone, f"{hall}/pass"),
    ]
    assert (await olga.post("/desk/school/unpublish")).status == 303
    await house.work()
    assert [await one.is_put_out() for one in there] == [CLOSED_PASS] * 4
    assert [(await phone.get(f"{one}/pass")).status for one in (wall, hall)] == [404, 404]
    assert (await anna.get(PASS)).status == 404
    assert (await olga.get(PASS)).status == 200


async def test_a_closed_screen_goes_dark_and_the_one_beside_it_does_not(house: House, database: Pool) -> None:
    olga, wall = await house.site.visitor(signed_in="olga@veche.example"), await house.site.visitor()
    number, other = await screen(database, expires=tomorrow()), await screen(database, expires=tomorrow())
    there = [await house.enter(wall, f"{at(house, purpose, number)}/pass") for purpose in ("screen", "hall")]
    beside = await house.enter(wall, f"{at(house, 'screen', other)}/pass")
    for _ in range(2):
        assert (await olga.post(f"/desk/school/screens/{number}/revoke")).status == 303
    assert await database.fetchval("select count(*) from outbox") == 1
    await house.work()
    assert [await one.is_put_out() for one in there] == [CLOSED_PASS] * 2
    assert (await wall.get(f"{at(house, 'screen', number)}/pass")).status == 410
    assert "ok" in await beside.asks("ping")


async def test_the_pass_of_a_screen_ends_with_the_screen(house: House, database: Pool) -> None:
    wall, ends = await house.site.visitor(), datetime.now(UTC).timestamp() + 90
    number = await screen(database, expires=datetime.fromtimestamp(ends, UTC))
    for purpose in ("screen", "hall"):
        given = await (await wall.get(f"{at(house, purpose, number)}/pass")).json()
        assert given["expires"] == int(ends)


async def address(house: House, database: Pool, purpose: str) -> str:
    """Of a screen that is open."""
    return at(house, purpose, await screen(database, expires=tomorrow()))


def at(house: House, purpose: str, number: int) -> str:
    return f"/{purpose}/{screen_rules.token(purpose, number, secret=house.site.settings.secret)}"


def tomorrow() -> Any:
    return datetime.fromtimestamp(datetime.now(UTC).timestamp() + 86_400, UTC)
