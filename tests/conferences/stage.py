"""What tests of polls, screens, the hall and sessions' pages begin with. It asks no page."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from realtime import publish
from sql.connection import Pool
from tests.web.site import NOW, TOKEN, Site, Visitor
from web.keys import MOMENTS, REDIS
from web.moments import Moments


async def poll(
    database: Pool, *, status: str = "open", kind: str = "single", secret: bool = True, channel: str = "main"
) -> tuple[int, list[int]]:
    """A poll of a channel and the numbers of its three options."""
    number = await database.fetchval(
        "insert into poll (channel_id, question, kind, secret, status, opened_at, closed_at)"
        " values ((select id from channel where slug = $1), $2, $3, $4, $5,"
        " case when $5 <> 'draft' then now() end, case when $5 = 'closed' then now() end) returning id",
        channel,
        {"ru": "Куда поедем?", "en": "Where shall we go?"},
        kind,
        secret,
        status,
    )
    options = [
        await database.fetchval(
            "insert into poll_option (poll_id, position, text) values ($1, $2, $3) returning id", number, place, text
        )
        for place, text in enumerate(({"ru": "В горы"}, {"ru": "К морю"}, {"ru": "<b>Домой</b>"}), 1)
    ]
    return number, options


async def csrf_of(visitor: Visitor) -> str:
    """What a form of this browser must carry, whether somebody is signed in or not."""
    found = TOKEN.search(await visitor.read("/c/school"))
    assert found
    return found[1]


async def vote(database: Pool, poll: int, voter: str, *options: int) -> None:
    """Somebody else's ballot."""
    await database.execute("insert into ballot values ($1, $2, $3)", poll, voter, list(options))


async def ballots(database: Pool, poll: int) -> dict[str, list[int]]:
    """How everybody voted."""
    rows = await database.fetch("select voter, options from ballot where poll_id = $1", poll)
    return {row["voter"]: list(row["options"]) for row in rows}


async def screen(
    database: Pool, kind: str = "hall", *, expires: datetime = NOW + timedelta(days=1), revoked: datetime | None = None
) -> int:
    """A screen in the main channel."""
    number: int = await database.fetchval(
        "insert into screen (conference_id, channel_id, kind, name, language, expires_at, revoked_at)"
        " select conference_id, id, $1, 'Фойе', 'ru', $2, $3 from channel where slug = 'main' returning id",
        kind,
        expires,
        revoked,
    )
    return number


async def asked(database: Pool, item: str, **changed: Any) -> str:
    """A question of the session that is on, as the archive has it: approved, Anna's, unless said otherwise."""
    channel = await database.fetchval("select id from channel where slug = 'main'")
    row: dict[str, Any] = {
        "room": f"questions:{channel}",
        "item": item,
        "epoch": "e",
        "offset": 1,
        "session_id": await session(database),
        "person_id": await database.fetchval("select id from person where name = 'Anna'"),
        "name": "Anna",
        "badge": "",
        "anonymous": False,
        "status": "approved",
        "text": f"Вопрос {item}?",
        "asked_at": NOW - timedelta(minutes=2),
        "changed_at": NOW - timedelta(minutes=1),
        **changed,
    }
    names = ", ".join(f'"{name}"' for name in row)
    holes = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    await database.execute(f"insert into question ({names}) values ({holes})", *row.values())
    return item


async def sent_out(site: Site, database: Pool, name: str = "Anna", *, muted: bool = False) -> None:
    """A moderator has banned somebody from the main channel, or muted them."""
    redis = site.server.app[REDIS]
    channel = await database.fetchval("select id from channel where slug = 'main'")
    user = await database.fetchval("select id from person where name = $1", name)
    act: dict[str, Any] = {"room": f"chat:{channel}", "user": user, "by": 99, "key": str(uuid4()), "when": NOW}
    if muted:
        await publish.mute(redis, seconds=600, **act)
    else:
        await publish.ban(redis, on=True, **act)


def remembering(site: Site) -> "Clock":
    """From now on the site remembers for a second, by a clock that is moved by hand."""
    clock = Clock()
    site.server.app._state[MOMENTS] = Moments(clock)
    return clock


class Clock:
    """It stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """The time."""
        return self.now

    def a_second_passes(self) -> None:
        """What was remembered is forgotten."""
        self.now += timedelta(seconds=1)


async def session(database: Pool, title: str = "Идёт") -> int:
    """The number of a session."""
    number: int = await database.fetchval("select id from session where title->>'ru' = $1", title)
    return number


async def speaks(database: Pool, name: str = "Sergey") -> None:
    """The conference's speaker is this person from now on."""
    await database.execute("update speaker set person_id = (select id from person where name = $1)", name)
