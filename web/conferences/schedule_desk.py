"""The organiser's desk: the draft of a schedule, what it would change, its release. It holds no rule and no SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from config.languages import N_
from sql import queries
from web.conferences import at_desk, grid_rules, releases, schedule_rules, where
from web.conferences.form_rules import Asked
from web.conferences.releases import Crossed
from web.conferences.schedule_rules import Draft, Warned
from web.keys import CLOCK, POOL
from web.reader import Person

CONFERENCES = queries("conferences")
NOTE = 500  # characters of what is said of a release

CROSSED = N_("Somebody has changed the schedule meanwhile. Nothing was released; look at the difference again.")
UNSURE = N_("There are warnings. Tick that you have seen them and release again.")
SAME = N_("There is nothing to release: everybody sees this schedule already.")


@dataclass(frozen=True, slots=True)
class Card:
    """A session in the grid of the draft."""

    id: int
    title: schedule_rules.Text
    speakers: Sequence[Mapping[str, Any]]
    channel_id: int
    starts_at: datetime
    ends_at: datetime
    steps: tuple[str, ...]  # what a release would do with it
    warned: bool


async def show(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/schedule: the draft, its warnings and how it differs from what everybody sees."""
    conference, _ = await at_desk.enter(request)
    return await _page(request, conference)


async def release(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/schedule: everybody sees the draft from now on."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    note = asked.text("note", longest=NOTE)
    drafts = await releases.drafts(request.app[POOL], conference["id"])
    if _warnings(conference, drafts) and not asked.ticked("sure"):
        asked.refuse("sure", UNSURE)
    if not asked.wrong:
        await _release(request, conference, person, asked, note)
    if asked.wrong and not await releases.made_by(request.app[POOL], conference["id"], asked.key()):
        return await _page(request, conference, asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/schedule", said="released")


async def _release(request: web.Request, conference: where.Row, person: Person, asked: Asked, note: str) -> None:
    pool, now, seen = request.app[POOL], request.app[CLOCK](), asked.typed("seen")
    try:
        done = await releases.release(pool, conference["id"], person, note=note, seen=seen, now=now, key=asked.key())
    except Crossed:
        asked.refuse("release", CROSSED)
        return
    if not done:
        asked.refuse("release", SAME)


def _warnings(conference: where.Row, drafts: Sequence[Draft]) -> list[Warned]:
    days = {"first": conference["starts_on"], "last": conference["ends_on"]}
    return schedule_rules.warnings(drafts, zone=conference["zone"], **days)


async def _page(request: web.Request, conference: where.Row, asked: Asked | None = None) -> web.Response:
    pool = request.app[POOL]
    drafts = await releases.drafts(pool, conference["id"])
    draft = {one.id: one.place for one in drafts if one.place is not None}
    stands = await releases.standing(pool, conference["id"], draft)
    warnings = _warnings(conference, drafts)
    channels = [dict(one) for one in await pool.fetch(CONFERENCES.channels, conference["id"])]
    cards = _cards(drafts, stands.differences, warnings)
    context = {
        "channels": {one["id"]: one for one in channels},
        "days": grid_rules.grids(cards, [one["id"] for one in channels], zone=conference["zone"]),
        "unscheduled": [one for one in drafts if one.place is None],
        "cards": cards,
        "titles": {one.id: one.title for one in drafts},
        "places": draft,
        "warnings": warnings,
        "differences": stands.differences,
        "releases": stands.releases,
        "seen": stands.seen,
        "as_list": request.query.get("as") == "list",
    }
    return await at_desk.show(request, "desk/schedule.html", conference, here="schedule", context=context, asked=asked)


def _cards(
    drafts: Sequence[Draft], differences: Sequence[schedule_rules.Difference], warnings: Sequence[Warned]
) -> list[Card]:
    steps = {one.session: one.steps for one in differences}
    warned = {session for one in warnings for session in (one.session, one.other)}
    return [
        Card(
            one.id,
            one.title,
            one.speakers,
            one.place.channel,
            one.place.starts_at,
            one.place.ends_at,
            steps.get(one.id, ()),
            one.id in warned,
        )
        for one in drafts
        if one.place is not None
    ]
