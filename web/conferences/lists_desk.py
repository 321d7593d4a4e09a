"""Lists at the organiser's desk: the schedule, questions, polls and people as tables for other programs."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from config.languages import pick, translations
from realtime import channels as rooms
from sql import queries
from sql.connection import Pool
from web.accounts.rules import ROLES
from web.conferences import at_desk, changes, lists_rules, where
from web.conferences.lists_rules import LISTS, STATUSES, Value
from web.keys import POOL
from web.reader import meet

DESK = queries("desk")
STAGE = queries("stage")
CONFERENCES = queries("conferences")
PEOPLE_AT_MOST = 200_000


@dataclass(frozen=True, slots=True)
class Table:
    """What a table is made with: where its rows are, and whose words it speaks."""

    pool: Pool
    conference: where.Row
    language: str

    def text(self, text: Mapping[str, str] | None) -> str:
        """A text of the conference."""
        return pick(text, self.language)

    def word(self, sentence: str) -> str:
        """A word of ours."""
        return translations(self.language).gettext(sentence)

    def heads(self, names: Iterable[str]) -> list[Value]:
        """What stands over the columns."""
        return [self.word(one) for one in names]

    def when(self, moment: datetime | None) -> datetime | None:
        """A moment as clocks of the conference show it."""
        return moment and moment.astimezone(ZoneInfo(self.conference["zone"])).replace(tzinfo=None)


async def show_lists(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/lists: which lists there are."""
    conference, _ = await at_desk.enter(request)
    return await at_desk.show(request, "desk/lists.html", conference, here="lists", context={"lists": LISTS})


async def give_list(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/lists/{name}.{kind}: one list as it is now; the log says who took it."""
    conference, person = await at_desk.enter(request)
    name, kind = request.match_info["name"], request.match_info["kind"]
    table = Table(request.app[POOL], conference, (await meet(request)).language)
    rows = await ROWS[name](table)
    content = await asyncio.to_thread(lists_rules.written, kind, table.word(LISTS[name]), rows)
    async with request.app[POOL].acquire() as connection:
        await changes.exported(connection, conference["id"], person.id, name, kind, rows=len(rows) - 1)
    return web.Response(
        body=content,
        content_type=lists_rules.TYPES[kind],
        charset="utf-8" if kind == "csv" else None,
        headers={"Content-Disposition": f'attachment; filename="{conference["slug"]}-{name}.{kind}"'},
    )


async def _schedule(table: Table) -> list[list[Value]]:
    conference = table.conference
    return lists_rules.schedule(
        map(dict, await table.pool.fetch(DESK.sessions_at_desk, conference["id"], "")),
        languages=conference["languages"],
        zone=conference["zone"],
        language=table.language,
        word=table.word,
    )


async def _questions(table: Table) -> list[list[Value]]:
    channels = await table.pool.fetch(CONFERENCES.channels, table.conference["id"])
    names = {rooms.questions(row["id"]): row["name"] for row in channels}
    rows = await table.pool.fetch(DESK.questions_at_desk, list(names))
    return [table.heads(lists_rules.QUESTIONS)] + [
        [
            *(table.when(row["asked_at"]), table.text(names[row["room"]]), table.text(row["title"])),
            *("" if row["anonymous"] else row["name"], row["text"], row["votes"]),
            *(table.word(STATUSES.get(row["status"], row["status"])), row["answer"], row["reason"]),
        ]
        for row in rows
    ]


async def _polls(table: Table) -> list[list[Value]]:
    rows = await table.pool.fetch(STAGE.desk_polls, table.conference["id"], None)
    return [table.heads(lists_rules.POLLS)] + [
        [
            *(table.text(row["channel_name"]), table.text(row["session_title"]), table.text(row["question"])),
            *(table.word(STATUSES[row["status"]]), row["votes"], table.text(one["text"]), one["count"]),
        ]
        for row in rows
        for one in row["options"] or []
    ]


async def _people(table: Table) -> list[list[Value]]:
    rows = await table.pool.fetch(DESK.people_at_desk, table.conference["id"], "", "", PEOPLE_AT_MOST)
    return [table.heads(lists_rules.PEOPLE)] + [
        [row["name"], row["email"], ", ".join(table.word(ROLES[one]) for one in row["roles"])] for row in rows
    ]


ROWS: dict[str, Callable[[Table], Awaitable[list[list[Value]]]]] = {
    "schedule": _schedule,
    "questions": _questions,
    "polls": _polls,
    "people": _people,
}
