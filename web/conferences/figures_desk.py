"""The organiser's desk: how many watched, talked and asked, day by day. It holds no rule and no SQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from realtime import channels as rooms
from sql import queries
from web.conferences import at_desk, figures_rules, where
from web.conferences.figures_rules import HIGH, Series, Stretch
from web.conferences.rules import Session
from web.keys import CLOCK, POOL

FIGURES = queries("figures")


async def show(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/figures?day=: a day of the conference, as curves and as sums."""
    conference, _ = await at_desk.enter(request)
    schedule = await where.schedule(request, conference)
    days = figures_rules.days(schedule)
    today = request.app[CLOCK]().astimezone(ZoneInfo(conference["zone"])).date()
    chosen = figures_rules.chosen(request.query.get("day", ""), days, today)
    context: dict[str, Any] = {"days": days, "chosen": chosen, "high": HIGH}
    if chosen is not None:
        context |= await _day(request, conference, [one for one in schedule if one.on == chosen])
    return await at_desk.show(request, "desk/figures.html", conference, here="figures", context=context)


async def _day(request: web.Request, conference: where.Row, sessions: list[Session]) -> dict[str, Any]:
    over = figures_rules.stretch(sessions)
    pool = request.app[POOL]
    channels = [row for row in await where.channels(request, conference, []) if _has(sessions, row["id"])]
    viewers, messages = await _series(request, [one["id"] for one in channels], over)
    asked = await pool.fetch(FIGURES.asked_of, [one.id for one in sessions])
    questions = {row["session_id"]: {"asked": row["asked"], "answered": row["answered"]} for row in asked}
    numbers = [one["id"] for one in channels]
    took_part = await pool.fetchrow(
        *(FIGURES.took_part, [rooms.chat(one) for one in numbers], [rooms.questions(one) for one in numbers]),
        *(numbers, over.begins, over.ends),
    )
    most, busiest = figures_rules.scale(*viewers.values()), figures_rules.scale(*messages.values())
    everywhere = figures_rules.curve(figures_rules.together(viewers.values()), over, HIGH)
    return {
        "over": over,
        "hours": figures_rules.hours(over, conference["zone"]),
        "channels": [
            {
                **one,
                "viewers": figures_rules.curve(viewers[one["id"]], over, most),
                "messages": figures_rules.curve(messages[one["id"]], over, busiest),
                "bands": figures_rules.bands(
                    [session for session in sessions if session.channel_id == one["id"]],
                    over,
                    viewers=viewers[one["id"]],
                    messages=messages[one["id"]],
                    questions=questions,
                ),
            }
            for one in channels
        ],
        "sums": {
            "at_once": everywhere.peak,
            "messages": sum(sum(one.values()) for one in messages.values()),
            "asked": sum(one["asked"] for one in questions.values()),
            "answered": sum(one["answered"] for one in questions.values()),
            **dict(took_part or {}),
        },
    }


async def _series(
    request: web.Request, channels: list[int], over: Stretch
) -> tuple[Mapping[int, Series], Mapping[int, Series]]:
    """Viewers and messages by minute, for each channel."""
    viewers: dict[int, dict[datetime, int]] = {one: {} for one in channels}
    messages: dict[int, dict[datetime, int]] = {one: {} for one in channels}
    pool = request.app[POOL]
    for row in await pool.fetch(FIGURES.audience, channels, over.begins, over.ends):
        viewers[row["channel_id"]][row["minute"]] = row["viewers"]
    chats = {rooms.chat(one): one for one in channels}
    for row in await pool.fetch(FIGURES.said_by_minute, list(chats), over.begins, over.ends):
        messages[chats[row["room"]]][row["minute"]] = row["messages"]
    return viewers, messages


def _has(sessions: list[Session], channel: int) -> bool:
    return any(one.channel_id == channel for one in sessions)
