"""The organiser's desk during the event: what is on in each channel, by the clock or by hand, and the whole later."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from config.languages import N_
from sql import queries
from web.conferences import at_desk, releases, rules, schedule_rules, where
from web.conferences.changes import record
from web.conferences.form_rules import NOT_OFFERED, Asked
from web.conferences.releases import Crossed, Standing
from web.conferences.schedule_rules import FURTHEST, Difference, Draft, Plan, Warned
from web.keys import CLOCK, POOL
from web.reader import Person

CONFERENCES = queries("conferences")
SCHEDULE = queries("schedule")

MINUTES = re.compile(r"[+-]?[0-9]{1,4}")

CROSSED = N_(
    "Somebody else has just changed this. What you see now is how it stands; do it again if it is still needed."
)
NO_MINUTES = N_("Type a whole number of minutes from −%(furthest)s to %(furthest)s, not 0.")
NOTHING_COMES = N_("Nothing more comes in this channel today, so there is nothing to shift.")
TOO_EARLY = N_("The next session would have begun already. %(minutes)s minutes earlier is possible at most.")
UNSURE = N_("Nothing was shifted yet. Look at what it runs into, and confirm.")


@dataclass(frozen=True, slots=True)
class Wish:
    """A shift somebody asked for and has not made yet."""

    channel: int
    minutes: int
    with_current: bool
    after: Plan
    differences: Sequence[Difference]
    warnings: Sequence[Warned]


async def show(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/now: what is on in each channel and what comes today."""
    conference, _ = await at_desk.enter(request)
    return await _page(request, conference)


async def say(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/now: a channel goes by the clock, or by hand: this session, or nothing, is on."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    channel = await _channel(request, conference, asked)
    by_hand = asked.choice("by", ("clock", "hand")) == "hand"
    session = asked.number("session") if by_hand else None
    schedule = await where.schedule(request, conference)
    if session is not None and all(one.id != session for one in schedule):
        asked.refuse("session", NOT_OFFERED)
    if channel and not asked.wrong and not await _say(request, conference, person, channel, asked, session):
        asked.refuse("channel", CROSSED)
    if asked.wrong:
        return await _page(request, conference, asked)
    raise at_desk.leave(_address(conference), said="on_air")


async def shift(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/now/shift: all that is still to come today in a channel is later, or earlier, at once."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    wish = await _wish(request, conference, asked)
    if wish and wish.warnings and not asked.ticked("sure"):
        asked.refuse("sure", UNSURE)
    if wish and not asked.wrong:
        try:
            await releases.shift(
                request.app[POOL],
                conference["id"],
                person,
                channel=wish.channel,
                minutes=wish.minutes,
                after=wish.after,
                seen=asked.number("seen") or 0,
                now=request.app[CLOCK](),
                key=asked.key(),
            )
        except Crossed:
            asked.refuse("minutes", CROSSED)
    if asked.wrong and not await _sent_before(request, conference, asked):
        return await _page(request, conference, asked, wish)
    raise at_desk.leave(_address(conference), said="shifted")


async def undo(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/now/undo: the last shift is taken back."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    now, seen = request.app[CLOCK](), asked.number("seen") or 0
    try:
        await releases.undo(request.app[POOL], conference["id"], person, seen=seen, now=now, key=asked.key())
    except Crossed:
        asked.refuse("undo", CROSSED)
    if asked.wrong and not await _sent_before(request, conference, asked):
        return await _page(request, conference, asked)
    raise at_desk.leave(_address(conference), said="unshifted")


async def _sent_before(request: web.Request, conference: where.Row, asked: Asked) -> bool:
    return await releases.made_by(request.app[POOL], conference["id"], asked.key())


async def _wish(request: web.Request, conference: where.Row, asked: Asked) -> Wish | None:
    channel = await _channel(request, conference, asked)
    minutes = _minutes(asked)
    if channel is None or minutes is None:
        return None
    drafts, stands = await _stands(request, conference)
    now, zone = request.app[CLOCK](), conference["zone"]
    with_current = asked.ticked("with_current")
    after = schedule_rules.shifted(
        stands.released, channel["id"], minutes, now=now, zone=zone, with_current=with_current
    )
    changed = schedule_rules.difference(stands.released, after)
    possible = schedule_rules.earliest(stands.released, channel["id"], now=now, zone=zone)
    if not changed:
        asked.refuse("minutes", NOTHING_COMES)
    elif -minutes > possible:
        asked.refuse("minutes", TOO_EARLY, minutes=possible)
    shifted = {one.session for one in changed}
    before = _warnings(conference, drafts, stands.released)
    found = schedule_rules.concerning(_warnings(conference, drafts, after), shifted)
    return Wish(channel["id"], minutes, with_current, after, changed, [one for one in found if one not in before])


def _minutes(asked: Asked) -> int | None:
    typed = asked.typed("minutes").replace("−", "-")
    minutes = int(typed) if MINUTES.fullmatch(typed) else 0
    if not 0 < abs(minutes) <= FURTHEST:
        asked.refuse("minutes", NO_MINUTES, furthest=FURTHEST)
        return None
    return minutes


def _warnings(conference: where.Row, drafts: Sequence[Draft], plan: Plan) -> list[Warned]:
    placed = [Draft(one.id, one.title, plan.get(one.id), one.speakers) for one in drafts]
    days = {"first": conference["starts_on"], "last": conference["ends_on"]}
    return schedule_rules.warnings(placed, zone=conference["zone"], **days)


async def _stands(request: web.Request, conference: where.Row) -> tuple[list[Draft], Standing]:
    pool = request.app[POOL]
    drafts = await releases.drafts(pool, conference["id"])
    draft = {one.id: one.place for one in drafts if one.place is not None}
    return drafts, await releases.standing(pool, conference["id"], draft)


async def _channel(request: web.Request, conference: where.Row, asked: Asked) -> where.Row | None:
    rows = await request.app[POOL].fetch(CONFERENCES.channels, conference["id"])
    wanted = asked.number("channel")
    found = next((dict(row) for row in rows if row["id"] == wanted), None)
    if found is None:
        asked.refuse("channel", NOT_OFFERED)
    return found


async def _say(
    request: web.Request,
    conference: where.Row,
    person: Person,
    channel: where.Row,
    asked: Asked,
    session: int | None,
) -> bool:
    """Whether the channel is as asked: it was as the form had it, or is so already, as after a second press."""
    by_hand = asked.typed("by") == "hand"
    before = {"by_hand": channel["by_hand"], "on_air": channel["on_air_id"]}
    after = {"by_hand": by_hand, "on_air": session}
    if asked.typed("seen") != seen(channel):
        return before == after
    async with request.app[POOL].acquire() as connection, connection.transaction():
        done = await connection.fetchval(SCHEDULE.say_what_is_on, channel["id"], *after.values(), *before.values())
        if done:
            subject = f"channel:{channel['id']}"
            await record(connection, conference["id"], person.id, "channel.on_air", subject, before, after)
    if done:
        return True
    now = await _channel(request, conference, asked)
    return now is not None and (now["by_hand"], now["on_air_id"]) == (by_hand, session)


def seen(channel: where.Row) -> str:
    """What a form carries of a channel, so that nobody undoes what another organiser has just said."""
    return f"{'hand' if channel['by_hand'] else 'clock'}:{channel['on_air_id'] or ''}"


def _address(conference: where.Row) -> str:
    return f"/desk/{conference['slug']}/now"


async def _page(
    request: web.Request, conference: where.Row, asked: Asked | None = None, wish: Wish | None = None
) -> web.Response:
    now = request.app[CLOCK]()
    schedule = await where.schedule(request, conference)
    channels = await where.channels(request, conference, schedule)
    drafts, stands = await _stands(request, conference)
    newest = stands.releases[0] if stands.releases else None
    context = {
        "channels": [_card(one, schedule, stands, now, conference["zone"]) for one in channels],
        "names": {one["id"]: one["name"] for one in channels},
        "titles": {one.id: one.title for one in drafts},
        "channels_by_id": {one["id"]: one for one in channels},
        "after": wish.after if wish else {},
        "number_of_release": stands.number,
        "undo": newest if newest and len(stands.releases) > 1 and releases.can_undo(newest, now) else None,
        "wish": wish if asked and "sure" in asked.wrong else None,
        "now": now,
        "refresh": _next_change(schedule, now),
    }
    return await at_desk.show(request, "desk/now.html", conference, here="now", context=context, asked=asked)


def _card(
    channel: where.Row, schedule: Sequence[rules.Session], stands: Standing, now: datetime, zone: str
) -> dict[str, Any]:
    today = now.astimezone(ZoneInfo(zone)).date()
    here = [one for one in schedule if one.channel_id == channel["id"]]
    later = schedule_rules.still_to_come(stands.released, channel["id"], now, zone)
    coming = [one for one in rules.upcoming(schedule, channel["id"]) if one.id in later]
    return {
        **channel,
        "seen": seen(channel),
        "by_clock": rules.current(schedule, channel["id"]),
        "coming": coming,
        "choices": [one for one in here if one.on == today or one.id in later] or here,
        "earliest": schedule_rules.earliest(stands.released, channel["id"], now=now, zone=zone),
    }


def _next_change(schedule: Sequence[rules.Session], now: datetime) -> datetime | None:
    """When this page says something else by itself."""
    moments = [moment for one in schedule for moment in (one.starts_at, one.ends_at) if moment > now]
    return min(moments, default=None)
