"""The organiser's desk: a schedule that comes in a file, looked at row by row, then taken as a whole or not at all."""

import asyncio
import csv
import io
import zlib
from collections.abc import Sequence
from typing import Any

import orjson
from aiohttp import web

from config.languages import N_, translations
from sql import queries
from sql.connection import Connection, Pool
from web.conferences import at_desk, import_rules, import_words, releases, schedule_rules, tables, where
from web.conferences.changes import done_by, record
from web.conferences.form_rules import Asked
from web.conferences.import_rules import Item, World
from web.conferences.monogram import monogram
from web.conferences.tables import Row, Unreadable
from web.forms import read_file, takes
from web.keys import POOL, REDIS
from web.reader import Person, meet

CONFERENCES = queries("conferences")
SCHEDULE = queries("schedule")

LARGEST = 10 * 1024 * 1024  # bytes of a file
FORM = 64 * 1024  # bytes of the rest of the form
KEPT_FOR = 3600  # seconds between the preview and the import
WRONG_SHOWN = 200  # rows; who mends so many uploads again anyway

NO_FILE = N_("Choose a file first.")
NO_COLUMNS = N_("The first row names no column we know, or none is the title. Take the sample and fill it in.")
TOO_LATE = N_("The preview is gone, or somebody has changed the schedule meanwhile. Nothing was imported; look again.")
NO_ROWS = N_("There is nothing under the first row.")
HEADERS = (
    *(N_("Title"), N_("Channel"), N_("Date"), N_("Start"), N_("End")),
    *(N_("Language"), N_("Speakers"), N_("Description")),
)


async def show(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/import: what a file looks like, and where to put it."""
    conference, _ = await at_desk.enter(request)
    return await _page(request, conference)


async def sample(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/import/sample.csv: two rows that fit this conference."""
    conference, _ = await at_desk.enter(request)
    words = translations((await meet(request)).language)
    channels = await request.app[POOL].fetch(CONFERENCES.channels, conference["id"])
    slug, day = (channels[0]["slug"] if channels else "main"), conference["starts_on"].isoformat()
    language = conference["language"]
    lines = io.StringIO()
    table = csv.writer(lines, delimiter=";")
    table.writerow([words.gettext(one) for one in HEADERS])
    table.writerow([words.gettext(N_("Opening")), slug, day, "10:00", "10:30", language, "", ""])
    table.writerow(
        [words.gettext(N_("A talk")), slug, day, "10:30", "11:15", language, "Айгуль Ермекова, Anna Whitfield", ""]
    )
    answer = web.Response(body=lines.getvalue().encode("utf-8-sig"), content_type="text/csv", charset="utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{conference["slug"]}-sample.csv"'
    return answer


@takes(LARGEST + FORM)
async def preview(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/import: what the rows of a file would do, and what is wrong with each. Nothing is saved."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    upload = await read_file(request, "file")
    if upload is None:
        asked.refuse("file", NO_FILE)
        return await _page(request, conference, asked)
    try:
        rows = await asyncio.to_thread(tables.read, io.BytesIO(upload.content), import_words.known)
    except Unreadable as no:
        asked.refuse("file", no.sentence, **no.holes)
        return await _page(request, conference, asked)
    if not any(one.name == "title" for one in import_words.columns(rows[0].cells).values()):
        asked.refuse("file", NO_COLUMNS)
    elif len(rows) == 1:
        asked.refuse("file", NO_ROWS)
    if asked.wrong:
        return await _page(request, conference, asked)
    await _keep(request, conference, person, rows)
    return await _page(request, conference, rows=rows)


async def take(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/import/take: what was previewed goes into the draft, all of it or nothing."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    rows = await _kept(request, conference, person)
    pool = request.app[POOL]
    if rows and await _take(pool, conference, person, rows, asked):
        await request.app[REDIS].delete(_key(conference, person))
        raise at_desk.leave(f"/desk/{conference['slug']}/schedule", said="imported")
    if await done_by(pool, asked.key()):
        raise at_desk.leave(f"/desk/{conference['slug']}/schedule", said="imported")
    asked.refuse("file", TOO_LATE)
    return await _page(request, conference, asked, rows)


async def _take(pool: Pool, conference: where.Row, person: Person, rows: Sequence[Row], asked: Asked) -> bool:
    """Save what the rows ask for; False, and nothing saved, when that is not what was previewed."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SCHEDULE.hold_schedule, conference["id"])
        await connection.execute(SCHEDULE.hold_draft, conference["id"])
        world = await _world(connection, conference)
        found = await asyncio.to_thread(_items, rows, world)
        if import_rules.version(found) != asked.typed("seen") or any(one.wrong for one in found):
            return False
        added = await _speakers(connection, conference, found)
        for one in found:
            if one.act == "new":
                await _add(connection, conference, one, added)
        moves = {one.session: one.place for one in found if one.act == "moves" and one.place}
        await connection.execute(SCHEDULE.place_in_draft, *releases.columns(moves))
        acts = [one.act for one in found]
        counts = {"added": acts.count("new"), "moved": len(moves), "speakers": len(added)}
        what = {**counts, "sessions": [f"session:{session}" for session in moves]}
        await record(
            connection, conference["id"], person.id, "schedule.import", "schedule", None, what, form_key=asked.key()
        )
    return True


async def _speakers(connection: Connection, conference: where.Row, found: Sequence[Item]) -> dict[str, int]:
    """Those nobody knew until now, with their numbers."""
    names: dict[str, str] = {}
    for one in found:
        if one.act == "new":
            for who in one.speakers:
                if isinstance(who, str):
                    names.setdefault(who.casefold(), who)
    added = {}
    for folded, name in names.items():
        texts = {conference["language"]: name}
        added[folded] = await connection.fetchval(SCHEDULE.import_speaker, conference["id"], texts, monogram(name))
    return added


async def _add(connection: Connection, conference: where.Row, one: Item, added: dict[str, int]) -> None:
    place = (one.place.channel, one.place.starts_at, one.place.ends_at) if one.place else (None, None, None)
    session = await connection.fetchval(
        SCHEDULE.import_session, conference["id"], *place, one.title, one.abstract, one.language
    )
    for position, who in enumerate(one.speakers, 1):
        speaker = added[who.casefold()] if isinstance(who, str) else who
        await connection.execute(SCHEDULE.import_seat, session, speaker, position)


def _items(rows: Sequence[Row], world: World) -> list[Item]:
    columns = import_words.columns(rows[0].cells)
    return import_rules.items(((one.number, one.cells) for one in rows[1:]), columns, world)


async def _world(connection: Connection | Pool, conference: where.Row) -> World:
    channels = await connection.fetch(CONFERENCES.channels, conference["id"])
    speakers = await connection.fetch(SCHEDULE.speakers_to_match, conference["id"])
    return World(
        zone=conference["zone"],
        first=conference["starts_on"],
        last=conference["ends_on"],
        language=conference["language"],
        channels={one["id"]: dict(one) for one in channels},
        sessions=await releases.drafts(connection, conference["id"]),
        speakers={one["id"]: one["name"] for one in speakers},
    )


async def _keep(request: web.Request, conference: where.Row, person: Person, rows: Sequence[Row]) -> None:
    """Remember the rows for a while: one file for each organiser."""
    await request.app[REDIS].set(_key(conference, person), await asyncio.to_thread(_packed, rows), ex=KEPT_FOR)


def _packed(rows: Sequence[Row]) -> bytes:
    return zlib.compress(orjson.dumps([(one.number, one.cells) for one in rows]), level=1)


async def _kept(request: web.Request, conference: where.Row, person: Person) -> list[Row]:
    packed = await request.app[REDIS].get(_key(conference, person))
    if not isinstance(packed, bytes):
        return []
    return await asyncio.to_thread(_unpacked, packed)


def _unpacked(packed: bytes) -> list[Row]:
    return [Row(number, cells) for number, cells in orjson.loads(zlib.decompress(packed))]


def _key(conference: where.Row, person: Person) -> str:
    return f"veche:import:{conference['id']}:{person.id}"


async def _page(
    request: web.Request, conference: where.Row, asked: Asked | None = None, rows: Sequence[Row] = ()
) -> web.Response:
    world = await _world(request.app[POOL], conference)
    found = await asyncio.to_thread(_items, rows, world) if rows else []
    after = import_rules.outcome(found, world)
    days = {"first": world.first, "last": world.last}
    ours = {one.session or -one.row for one in found if one.act != "same"}
    warned = schedule_rules.concerning(schedule_rules.warnings(after, zone=world.zone, **days), ours) if found else []
    wrong = [one for one in found if one.wrong]
    context: dict[str, Any] = {
        "items": found,
        "wrong": wrong[:WRONG_SHOWN],
        "more_wrong": max(0, len(wrong) - WRONG_SHOWN),
        "counts": {act: sum(one.act == act for one in found) for act in ("new", "moves", "same")},
        "new_speakers": sorted(
            {who for one in found if one.act == "new" for who in one.speakers if isinstance(who, str)}
        ),
        "version": import_rules.version(found),
        "channels": world.channels,
        "speakers": world.speakers,
        "titles": {one.id: one.title for one in after},
        "warnings": warned,
        "places": {one.id: one.place for one in after},
        "headers": HEADERS,
    }
    answer = await at_desk.show(request, "desk/import.html", conference, here="import", context=context, asked=asked)
    if wrong:
        answer.set_status(at_desk.UNPROCESSABLE)
    return answer
