"""The organiser's desk: a schedule that comes in a file, looked at row by row, then taken as a whole or not at all."""

import asyncio
import csv
import io
import zlib
from collections.abc import Sequence
from typing import Any

import orjson
from aiohttp import web

from config.languages import N_, OWN_NAMES, translations
from sql import queries
from web.conferences import (
    at_desk,
    differences_rules,
    import_rules,
    import_take,
    import_words,
    schedule_rules,
    tables,
    where,
)
from web.conferences.changes import done_by
from web.conferences.form_rules import Asked, Crossing
from web.conferences.import_cells_rules import World
from web.conferences.import_rules import Item
from web.conferences.import_take import Kept
from web.conferences.tables import Row, Unreadable
from web.forms import read_file, takes
from web.keys import CLOCK, POOL, REDIS
from web.reader import Person, meet

CONFERENCES = queries("conferences")
SCHEDULE = queries("schedule")
CHANGES = queries("changes")
EXPORT = "export.schedule"  # what is written down when the draft is downloaded

LARGEST = 10 * 1024 * 1024  # bytes of a file
FORM = 64 * 1024  # bytes of the rest of the form
KEPT_FOR = 3600  # seconds between the preview and the import
WRONG_SHOWN = 200  # rows; who mends so many uploads again anyway

NO_FILE = N_("Choose a file first.")
NO_COLUMNS = N_(
    "The first row names no column we know, or neither the title nor the session code. Take the sample and fill it in."
)
GONE = N_("The preview is gone: it is kept for an hour. Nothing was imported; choose the file again.")
TOO_LATE = N_(
    "Somebody has changed the schedule meanwhile. Nothing was imported; look again at what the file would do."
)
NO_ROWS = N_("There is nothing under the first row.")
HEADERS = (
    *(N_("Title"), N_("Channel"), N_("Date"), N_("Start"), N_("End")),
    *(N_("Language"), N_("Speakers"), N_("Description")),
)
FIELDS = {
    "title": N_("Title"),
    "abstract": N_("Description"),
    "language": N_("Language"),
    "speakers": N_("Speakers"),
    "place": N_("Time and channel"),
}


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
    if not {one.name for one in import_words.columns(rows[0].cells).values()} & {"title", "code"}:
        asked.refuse("file", NO_COLUMNS)
    elif len(rows) == 1:
        asked.refuse("file", NO_ROWS)
    if asked.wrong:
        return await _page(request, conference, asked)
    world = await import_take.world(request.app[POOL], conference)
    found = await asyncio.to_thread(import_take.items, Kept(rows), world)
    await _keep(request, conference, person, Kept(rows, import_take.opened(found)))
    return await _page(request, conference, None, world, found)


async def take(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/import/take: what was previewed is saved, all of it or nothing."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    kept = await _kept(request, conference, person)
    pool = request.app[POOL]
    if kept and await import_take.take(pool, conference, person, kept, asked):
        await request.app[REDIS].delete(_key(conference, person))
        raise at_desk.leave(f"/desk/{conference['slug']}/schedule", said="imported")
    if await done_by(pool, asked.key()):
        raise at_desk.leave(f"/desk/{conference['slug']}/schedule", said="imported")
    if not kept:
        asked.refuse("file", GONE)
        return await _page(request, conference, asked)
    return await _again(request, conference, person, asked, kept)


async def _again(
    request: web.Request, conference: where.Row, person: Person, asked: Asked, kept: Kept
) -> web.StreamResponse:
    """The preview once more: what was looked at is not what would be saved now."""
    world = await import_take.world(request.app[POOL], conference)
    found = await asyncio.to_thread(import_take.items, kept, world)
    for one in found:
        for change in one.changes:
            if change.crossed:
                asked.crossed[f"{one.session}_{change.field}"] = Crossing(import_rules.spelled(change.before), takes=1)
    if not asked.crossed:
        asked.refuse("file", TOO_LATE)
    await _keep(request, conference, person, Kept(kept.rows, import_take.opened(found)))
    return await _page(request, conference, asked, world, found)


async def _keep(request: web.Request, conference: where.Row, person: Person, kept: Kept) -> None:
    """Remember the rows for a while: one file for each organiser."""
    await request.app[REDIS].set(_key(conference, person), await asyncio.to_thread(_packed, kept), ex=KEPT_FOR)


def _packed(kept: Kept) -> bytes:
    rows = [(one.number, one.cells) for one in kept.rows]
    return zlib.compress(orjson.dumps([rows, list(kept.opened.items())]), level=1)


async def _kept(request: web.Request, conference: where.Row, person: Person) -> Kept | None:
    packed = await request.app[REDIS].get(_key(conference, person))
    return await asyncio.to_thread(_unpacked, packed) if isinstance(packed, bytes) else None


def _unpacked(packed: bytes) -> Kept:
    rows, opened = orjson.loads(zlib.decompress(packed))
    return Kept([Row(number, cells) for number, cells in rows], dict(opened))


def _key(conference: where.Row, person: Person) -> str:
    # Another shape of what is kept has another name: versions of before and after do not read each other's.
    return f"veche:import:{conference['id']}:{person.id}"


async def _page(
    request: web.Request,
    conference: where.Row,
    asked: Asked | None = None,
    world: World | None = None,
    found: Sequence[Item] = (),
) -> web.Response:
    world = world or await import_take.world(request.app[POOL], conference)
    after = import_rules.outcome(found, world)
    days = {"first": world.first, "last": world.last}
    ours = {one.session or -one.row for one in found if one.act != "same"}
    warned = schedule_rules.concerning(schedule_rules.warnings(after, zone=world.zone, **days), ours) if found else []
    wrong = [one for one in found if one.wrong]
    context: dict[str, Any] = {
        "items": found,
        "wrong": wrong[:WRONG_SHOWN],
        "more_wrong": max(0, len(wrong) - WRONG_SHOWN),
        "counts": {act: sum(one.act == act for one in found) for act in ("new", "changes", "same")},
        "new_speakers": sorted({who for one in found for who in one.added}),
        "starred": await _starred(request, conference, found),
        "since": await _since(request, conference, found),
        "version": import_rules.version(found),
        "channels": world.channels,
        "speakers": world.speakers,
        "there": {one.id: one.title for one in world.sessions},
        "titles": {one.id: one.title for one in after},
        "warnings": warned,
        "places": {one.id: one.place for one in after},
        "field_names": FIELDS,
        "labels": await _labels(request, found),
        "differing": differences_rules.differing,
        "code": import_words.code,
        "own_names": OWN_NAMES,
    }
    crossed = next((f"session:{one.session}" for one in found if any(it.crossed for it in one.changes)), "")
    answer = await at_desk.show(
        *(request, "desk/import.html", conference),
        here="import",
        context=context,
        asked=asked,
        subject=crossed,
        opened_at=f"/desk/{conference['slug']}/import",
    )
    if wrong:
        answer.set_status(at_desk.UNPROCESSABLE)
    return answer


async def _starred(request: web.Request, conference: where.Row, found: Sequence[Item]) -> list[tuple[Item, int]]:
    """Sessions that are to be elsewhere than everybody sees them, with how many people a release would tell."""
    moved = {one.session: one for one in found if one.moved and not one.wrong}
    if not moved:
        return []
    now = request.app[CLOCK]()
    rows = await request.app[POOL].fetch(SCHEDULE.starred_where, conference["id"], list(moved), now)
    return [
        (one, row["people"])
        for row in rows
        for one in [moved[row["session_id"]]]
        if one.place is None or (row["channel_id"], row["starts_at"]) != (one.place.channel, one.place.starts_at)
    ]


async def _since(request: web.Request, conference: where.Row, found: Sequence[Item]) -> dict[int, where.Row]:
    """Which of the sessions that change somebody else has changed since the organiser downloaded the draft last."""
    changing = {f"session:{one.session}": one.session for one in found if one.changes}
    person = (await meet(request)).person
    if not changing or person is None:
        return {}
    rows = await request.app[POOL].fetch(
        CHANGES.changed_since_export, conference["id"], person.id, EXPORT, list(changing)
    )
    return {changing[row["subject"]]: dict(row) for row in rows}


async def _labels(request: web.Request, found: Sequence[Item]) -> dict[str, str]:
    """What the fields are called that somebody else has changed, too."""
    word = translations((await meet(request)).language).gettext
    return {
        f"{one.session}_{change.field}": f"{word(N_('Row'))} {one.row}: {word(FIELDS[change.name])}"
        + (f" ({OWN_NAMES[change.language]})" if change.language else "")
        for one in found
        for change in one.changes
        if change.crossed
    }
