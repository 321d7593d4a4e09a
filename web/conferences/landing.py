"""The landing page of a conference, made of blocks, for everybody. It changes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from config.languages import N_, translations
from sql import queries
from web.conferences import glance_rules, head, landing_rules, where
from web.keys import CLOCK, POOL, SETTINGS
from web.markdown import render
from web.page import page
from web.reader import meet

CONFERENCES = queries("conferences")
LANDING = queries("landing")
AT_FIRST = 12  # speakers; the rest unfold
# Headings of blocks whose organisers wrote none.
HEADINGS = {
    "speakers": N_("Speakers"),
    "programme": N_("Programme"),
    "prices": N_("Taking part"),
    "partners": N_("Partners"),
    "faq": N_("Questions and answers"),
}

Block = Mapping[str, Any]


async def show_landing(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}: the conference at first sight, for everybody."""
    conference = await where.conference(request)
    return await drawn(request, conference, await blocks(request, conference["id"]))


async def blocks(request: web.Request, conference: int) -> list[dict[str, Any]]:
    """The blocks of a conference's page as they are kept, hidden ones too."""
    return [dict(one) for one in await request.app[POOL].fetch(LANDING.blocks, conference)]


async def drawn(
    request: web.Request, conference: where.Row, blocks: Sequence[Block], *, preview: bool = False
) -> web.Response:
    """The page of these blocks. As a `preview` its links lead nowhere."""
    language = (await meet(request, default=conference["language"])).language
    pool = request.app[POOL]
    schedule = await where.schedule(request, conference)
    channels = await where.channels(request, conference, schedule)
    speakers = [dict(one) for one in await pool.fetch(CONFERENCES.speakers, conference["id"])]
    pictures = {one["digest"]: dict(one) for one in await pool.fetch(LANDING.pictures, conference["id"])}
    made = [_shown(one, conference, language) for one in landing_rules.page_of(blocks, conference["about"])]
    there = {"speakers": bool(speakers), "programme": True, "hero": True}
    made = [one for one in made if there.get(one["kind"], not one["empty"])]
    hero = next((one for one in made if one["kind"] == "hero"), None)
    now = request.app[CLOCK]()
    context = {
        "conference": conference,
        "today": now.astimezone(ZoneInfo(conference["zone"])).date(),
        "blocks": made,
        "hero": hero,
        "pictures": pictures,
        "channels": channels if glance_rules.near(channels, now) else [],
        "ringing": any(one["live"] for one in channels),
        "speakers": speakers,
        "at_first": AT_FIRST,
        "glance": glance_rules.glance(schedule),
        "doors": glance_rules.doors(
            conference["slug"],
            hero["button"] if hero else "",
            hero["address"] if hero else "",
            channels,
            programme=bool(schedule) and any(one["kind"] == "programme" for one in made),
        ),
        "site": request.app[SETTINGS].public_url,
        "preview": preview,
        "head": None if preview else await head.given(request, conference),
    }
    return await page(request, "conferences/landing.html", context)


def _shown(block: Block, conference: where.Row, language: str) -> dict[str, Any]:
    """One block in the reader's language, with a heading and the name of its place in the page."""
    kind = landing_rules.KINDS[block["kind"]]
    found = landing_rules.shown(kind, block["content"], language=language, default=conference["language"])
    for holder, fields in ((found, kind.fields), *((row, kind.rows) for row in found["rows"])):
        for one in fields:
            if one.shape == "markdown":
                holder[one.name] = render(holder[one.name])
    heading = HEADINGS.get(kind.name)
    return {
        "lead": "",
        **found,
        "kind": kind.name,
        "id": block["id"],
        "place": kind.name if kind.once else f"{kind.name}-{block['id']}",
        "heading": found["title"] or (translations(language).gettext(heading) if heading else ""),
        "empty": not found["rows"] if kind.rows else not any(found[one.name] for one in kind.fields),
    }
