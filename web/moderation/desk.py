"""The log of acts and the word filter: what moderators look up and set beside the console. No rule and no SQL here."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from config.languages import N_, moment, pick, translations
from realtime import channels as rooms
from realtime import publish
from sql import queries
from sql.connection import Connection, Pool
from web.conferences import at_desk, changes, merge_rules, where
from web.conferences.form_rules import Asked, number
from web.keys import POOL
from web.moderation import rules, told
from web.page import page
from web.reader import meet

MODERATION = queries("moderation")
PAGE = 100  # acts
AT_ONCE = 1000  # acts read at once for the table
MOST = 50_000  # acts in the table; more than a conference of a week has


async def show_log(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/moderate/log: every act, who did it and when, with before and after; filtered and by pages."""
    conference = await _come_in(request)
    acts = await _acts(request, conference, *rules.after_cursor(request.query.get("after", "")), count=PAGE + 1)
    shown = acts[:PAGE]
    chosen = {name: request.query.get(name, "") for name in ("by", "about", "kind")}
    context = {
        "conference": conference,
        "acts": shown,
        "older": rules.cursor(shown[-1]["happened_at"], shown[-1]["place"]) if len(acts) > PAGE else "",
        "team": await request.app[POOL].fetch(MODERATION.team, conference["id"]),
        "kinds": rules.KINDS,
        "chosen": chosen,
        "narrowed": any(chosen.values()),
        "query": {name: value for name, value in chosen.items() if value},
    }
    return await page(request, "moderation/log.html", context)


async def give_log(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/moderate/log.csv: the same as a table; it says itself who took it."""
    conference = await _come_in(request)
    person = await where.somebody(request)
    async with request.app[POOL].acquire() as connection:
        await changes.exported(connection, conference["id"], person.id, "log", "csv")
    language = (await meet(request)).language
    said = translations(language).gettext
    answer = web.StreamResponse(headers={"Content-Disposition": f'attachment; filename="{conference["slug"]}-log.csv"'})
    answer.content_type, answer.charset = "text/csv", "utf-8"
    await answer.prepare(request)
    heads = [N_("When"), N_("Who"), N_("What"), N_("Where"), N_("About"), N_("Before"), N_("After")]
    await answer.write("\ufeff".encode() + _table([[said(one) for one in heads]]))
    after: tuple[Any, str] = (None, "")
    written = 0
    while written < MOST:
        acts = await _acts(request, conference, *after, count=AT_ONCE)
        if not acts:
            break
        written += len(acts)
        after = acts[-1]["happened_at"], acts[-1]["place"]
        rows = [
            [
                moment(one["happened_at"], conference["zone"], language),
                one["by_name"] or "",
                said(one["told"].sentence),
                pick(one["channel"], language),
                one["about_name"] or "",
                one["told"].before,
                one["told"].after,
            ]
            for one in acts
        ]
        await answer.write(_table(rows))
    await answer.write_eof()
    return answer


async def show_words(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/words: the word filter of a conference, and a box to try it."""
    conference = await _come_in(request)
    return await _show_words(request, conference, await _words(request.app[POOL], conference["id"]))


async def save_words(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/words: keep the list and tell every room, or try it on a sentence."""
    conference = await _come_in(request)
    person = await where.somebody(request)
    asked = await at_desk.form(request)
    if asked.typed("act") == "try":
        return await _show_words(request, conference, asked.fields, asked, opened=asked.typed(merge_rules.OPENED))
    async with request.app[POOL].acquire() as connection, connection.transaction():
        await connection.fetch(MODERATION.lock_words, conference["id"])
        before = await _words(connection, conference["id"])
        merge_rules.merge(asked, before)
        listed = rules.lists(asked.fields)
        _judge(asked, listed)
        if not asked.refused:
            await connection.execute(MODERATION.clear_words, conference["id"])
            hidden = [(conference["id"], stem, rules.HIDE) for stem in listed[rules.HIDE]]
            held = [(conference["id"], stem, rules.HOLD) for stem in listed[rules.HOLD]]
            await connection.executemany(MODERATION.add_word, [*hidden, *held])
            old, new = (rules.lists(one) for one in (before, await _words(connection, conference["id"])))
            await changes.record(connection, conference["id"], person.id, "words.save", "words", old, new)
            await told.promise(connection, conference["id"], person.id)
    if asked.refused:
        return await _show_words(request, conference, before, asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/words", said="saved")


def _judge(asked: Asked, listed: dict[str, list[str]]) -> None:
    """Say what is wrong with lists of beginnings of words."""
    for act in rules.ACTS:
        if bad := rules.wrong_stems(listed[act]):
            asked.refuse(act, rules.WRONG_STEMS, longest=rules.LONGEST_STEM, words=", ".join(bad))
    if sum(map(len, listed.values())) > rules.MOST_STEMS:
        asked.refuse(rules.HOLD, rules.TOO_MANY_STEMS, most=rules.MOST_STEMS)


async def _show_words(
    request: web.Request,
    conference: where.Row,
    now: Mapping[str, str],
    asked: Asked | None = None,
    *,
    opened: str = "",
) -> web.StreamResponse:
    form = asked or Asked(dict(now))
    tried = form.typed("tried")
    context = {
        "form": form,
        "opened": opened or merge_rules.opened(now),
        "tried": tried,
        "found": {act: publish.found_in(tried, rules.stems(form.typed(act))) for act in rules.ACTS},
    }
    return await at_desk.show(
        request, "moderation/words.html", conference, here="words", context=context, asked=asked, subject="words"
    )


async def _come_in(request: web.Request) -> where.Row:
    await where.somebody(request)  # first: whoever is not signed in is led there
    conference = await at_desk.conference(request)
    await where.moderator(request, conference)
    return conference


async def _words(source: Connection | Pool, conference: int) -> dict[str, str]:
    """The lists as their form shows them: one beginning a line."""
    found = await source.fetch(MODERATION.words, conference)
    return {act: "\n".join(row["stem"] for row in found if row["act"] == act) for act in rules.ACTS}


async def _acts(
    request: web.Request, conference: where.Row, before: Any, place: str, *, count: int
) -> list[dict[str, Any]]:
    channels = await request.app[POOL].fetch(where.CONFERENCES.channels, conference["id"])
    names = {room: one["name"] for one in channels for room in (rooms.chat(one["id"]), rooms.questions(one["id"]))}
    everywhere = [*names, *map(rooms.desk, names), rooms.announcements(conference["id"])]
    kind = request.query.get("kind", "")
    rows = await request.app[POOL].fetch(
        MODERATION.acts,
        conference["id"],
        everywhere,
        number(request.query.get("by", "")),
        number(request.query.get("about", "")),
        rules.NAMED.get(kind),
        before,
        place,
        count,
    )
    return [
        {
            **row,
            "told": rules.tell(row["kind"], row["before"], row["after"]),
            "channel": {} if row["times"] > 1 else names.get(rooms.public(row["room"]), {}),
        }
        for row in rows
    ]


def _table(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([[rules.cell(one) for one in row] for row in rows])
    return out.getvalue().encode()
