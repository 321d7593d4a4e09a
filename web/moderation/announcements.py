"""Announcements to every screen: written, worded anew, withdrawn, and what was announced before. No rule here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiohttp import web

from config.languages import N_
from realtime import channels as rooms
from realtime import publish
from sql import queries
from web.conferences import announced_rules, at_desk, where
from web.conferences.form_rules import Asked
from web.forms import read_form
from web.keys import CLOCK, POOL, REDIS
from web.moderation import announcement_rules
from web.moderation.announcement_rules import Draft, Place
from web.reader import Person, meet
from web.refusals import Refused

MODERATION = queries("moderation")
PAST = 100  # shown of those that stand no more; the log of acts has them all
TOO_LATE = ("desk.no_such_item", "desk.changed")

Announced = Mapping[str, Any]


async def show(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/announcements: what stands, a form for another one (with ?edit one in its place), what was."""
    conference, _ = await _come_in(request)
    return await _page(request, conference)


async def announce(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/announcements: tell everybody, or the form again with what is wrong."""
    conference, person = await _come_in(request)
    asked = await at_desk.form(request)
    if await _announce(request, conference, person, asked) is None:
        return await _page(request, conference, asked)
    raise at_desk.leave(request.path, said="announced")


async def announce_by_script(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/announcements.json: the same for the console. Raises Refused form.wrong."""
    conference, person = await _come_in(request)
    asked = await at_desk.form(request)
    item = await _announce(request, conference, person, asked)
    if item is None:
        wrong = next(iter(asked.wrong.values()))
        raise Refused(at_desk.WRONG, at_desk.UNPROCESSABLE, wrong.sentence, holes=wrong.holes)
    return web.json_response({"item": item})


async def withdraw(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/announcements/withdraw: it is gone from every screen."""
    conference = await _withdraw(request)
    raise at_desk.leave(f"/desk/{conference['slug']}/announcements", said="withdrawn")


async def withdraw_by_script(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/announcements/withdraw.json: the same for the console."""
    await _withdraw(request)
    return web.json_response({"withdrawn": True})


async def offered(request: web.Request, conference: where.Row) -> dict[str, Place]:
    """Where an announcement may lead now."""
    schedule = await where.schedule(request, conference)
    channels = await request.app[POOL].fetch(where.CONFERENCES.channels, conference["id"])
    return announcement_rules.places(conference["slug"], map(dict, channels), schedule)


async def form(request: web.Request, conference: where.Row, *, before: Announced | None = None) -> dict[str, Any]:
    """What the fields of moderation/announcement_parts.html are given."""
    there = await offered(request, conference)
    language = (await meet(request)).language
    return {
        "value": announcement_rules.filled(before, there),
        "places": announcement_rules.options(there, language),
        "minutes": announcement_rules.MINUTES,
        "until": announcement_rules.ends(before) if before and before["until"] else None,
        "longest": announcement_rules.LONGEST,
        "form_key": str(uuid4()),
    }


async def _announce(request: web.Request, conference: where.Row, person: Person, asked: Asked) -> str | None:
    """The name of what everybody is told now; None, and `asked` says what is wrong."""
    instead, now = asked.typed("instead"), request.app[CLOCK]()
    before = next((one for one in await _standing(request, conference) if one["item"] == instead), None)
    there = await offered(request, conference)
    draft = announcement_rules.draft(asked, conference, there, now=now, before=before)
    if draft is None:
        return None
    try:
        return await _tell(request, conference, person, draft, key=str(asked.key() or uuid4()), instead=instead)
    except publish.Refused as no:
        if no.code not in TOO_LATE:
            raise Refused(no.code, 409, N_("This could not be done. Look at the list again.")) from None
        asked.refuse("form", announcement_rules.NO_LONGER)
        asked.fields = {name: text for name, text in asked.fields.items() if name not in ("instead", "form_key")}
        return None


async def _tell(
    request: web.Request, conference: where.Row, person: Person, draft: Draft, *, key: str, instead: str
) -> str:
    return await publish.announce(
        request.app[REDIS],
        conference=conference["id"],
        text=draft.text,
        language=conference["language"],
        others=draft.others,
        urgent=draft.urgent,
        link=draft.place.link if draft.place else "",
        place=draft.place.name if draft.place else None,
        until=draft.until,
        by=person.id,
        key=key,
        when=request.app[CLOCK](),
        instead=instead,
    )


async def _withdraw(request: web.Request) -> where.Row:
    conference, person = await _come_in(request)
    item, key = (await read_form(request)).get("item", ""), str(uuid4())
    redis, now = request.app[REDIS], request.app[CLOCK]()
    try:
        await publish.withdraw(redis, conference=conference["id"], item=item, by=person.id, key=key, when=now)
    except publish.Refused as no:
        if no.code != "desk.no_such_item":  # somebody else was quicker, or this is the second press
            raise
    return conference


async def _page(request: web.Request, conference: where.Row, asked: Asked | None = None) -> web.StreamResponse:
    standing = await _standing(request, conference)
    items = [one["item"] for one in standing]
    room = rooms.announcements(conference["id"])
    past = await request.app[POOL].fetch(MODERATION.announcements, room, items, PAST)
    names = {row["id"]: row["name"] for row in await request.app[POOL].fetch(MODERATION.team, conference["id"])}
    language = (await meet(request)).language
    edit = asked.typed("instead") if asked else request.query.get("edit", "")
    context = {
        "standing": [announced_rules.shown(one, language) | {"by_name": names.get(one["by"])} for one in standing],
        "past": [_past(dict(row), language) for row in past],
        "form": await form(request, conference, before=next((one for one in standing if one["item"] == edit), None)),
    }
    return await at_desk.show(
        request, "moderation/announcements.html", conference, here="announcements", context=context, asked=asked
    )


def _past(row: dict[str, Any], language: str) -> dict[str, Any]:
    withdrawn = row["withdrawn"]
    return announced_rules.shown(publish.announcement(row["event"]), language) | {
        "by_name": row["by_name"],
        "withdrawn_at": datetime.fromtimestamp(withdrawn["when"] / 1000, UTC) if withdrawn else None,
        "withdrawn_by_name": row["withdrawn_by_name"],
    }


async def _standing(request: web.Request, conference: where.Row) -> list[Announced]:
    return await publish.announced(request.app[REDIS], conference=conference["id"], when=request.app[CLOCK]())


async def _come_in(request: web.Request) -> tuple[where.Row, Person]:
    await where.somebody(request)  # first: whoever is not signed in is led there
    conference = await where.conference(request)
    person, _ = await where.moderator(request, conference)
    return conference, person
