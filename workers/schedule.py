"""Tells whoever starred a session that it moved, was cancelled or is back. It never changes a schedule.

A promise means "tell of what is new": it compares the newest release with the one people were told of last. So a shift
taken back before its promise is due is told to nobody, and of three shifts in a minute the outcome is told once. While
a conference is hidden nobody is told; when it is public again they are told of the outcome.
Many people are told in parts, each of which is a promise of its own; so are those whose inbox is on a server that is
away. They are told when it is back, of what is not over by then, and nobody else waits for that.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from config.languages import N_, clock, pick, short_day, translations, zone_name
from realtime.publish import Notice
from sql import queries
from workers import aside, notices
from workers.outbox import Promise, Tools, Undone

SCHEDULE = queries("schedule")
OUTBOX = queries("outbox")

KIND = "schedule.tell"
AT_ONCE = 200  # people in one part; about a second
NAMED = 3  # sessions in one notice; the rest are counted

MOVED = N_("“%(title)s” is moved: %(day)s, %(time)s (%(zone)s), %(channel)s.")
ELSEWHERE = N_("“%(title)s” is in another channel now: %(channel)s, %(day)s, %(time)s (%(zone)s).")
CANCELLED = N_("“%(title)s” is cancelled.")
BACK = N_("“%(title)s” is back: %(day)s, %(time)s (%(zone)s), %(channel)s.")


async def tell(promise: Promise, tools: Tools) -> None:
    """Tell the next people of what changed between two releases."""
    part = await _part(promise.payload, tools)
    if part is None:
        return
    waiting = part.get("people")
    rows = await tools.connection.fetch(
        SCHEDULE.concerned, part["since"], part["release"], datetime.now(UTC), part.get("after", 0), AT_ONCE, waiting
    )
    late = await tools.notices.tell([_notice(row) for row in rows])
    between = {"since": part["since"], "release": part["release"]}
    if len(rows) == AT_ONCE and waiting is None:
        await tools.connection.execute(OUTBOX.promise, KIND, {**between, "after": rows[-1]["id"]})
    if late:
        again = datetime.now(UTC) + timedelta(seconds=aside.TRIED_AGAIN)
        await tools.connection.execute(OUTBOX.promise_later, KIND, {**between, "people": sorted(late)}, again)


async def _part(payload: Mapping[str, Any], tools: Tools) -> dict[str, Any] | None:
    """Which releases to compare, and who was told already or who waits; None when there is nothing to tell."""
    try:
        if "release" in payload:
            part: dict[str, Any] = {name: int(payload[name]) for name in ("since", "release")}
            if "people" in payload:
                return {**part, "people": [int(one) for one in payload["people"]]}
            return {**part, "after": int(payload["after"])}
        conference = int(payload["conference"])
    except (KeyError, TypeError, ValueError) as wrong:
        raise Undone(f"The promise has no usable {wrong}", for_good=True) from None
    await tools.connection.execute(SCHEDULE.hold_schedule, conference)
    stands = await tools.connection.fetchrow(SCHEDULE.newest_and_told, conference)
    if stands is None or stands["newest"] is None or stands["newest"] == stands["told"]:
        return None
    await tools.connection.execute(SCHEDULE.mark_told, stands["newest"])
    if stands["told"] is None:  # the first schedule there is: nobody starred anything before it
        return None
    return {"since": stands["told"], "release": stands["newest"], "after": 0}


def _notice(row: asyncpg.Record) -> Notice:
    key = f"schedule:{row['slug']}:{row['number']}"
    text = _text(row["sessions"], row["zone"], row["language"])
    return Notice(row["id"], key, "schedule.changed", text, f"/c/{row['slug']}/my")


def _text(sessions: Sequence[Mapping[str, Any]], zone: str, language: str) -> str:
    said = [_sentence(one, zone, language) for one in sessions[:NAMED]]
    more = len(sessions) - NAMED
    if more > 0:
        words = translations(language).ngettext(
            "And %(count)s session more of your programme.", "And %(count)s sessions more of your programme.", more
        )
        said.append(words % {"count": more})
    return "\n".join(said)


def _sentence(one: Mapping[str, Any], zone: str, language: str) -> str:
    words, title = translations(language), notices.short(one["title"], language)
    if one["starts_at"] is None:
        return words.gettext(CANCELLED) % {"title": title}
    starts = datetime.fromisoformat(one["starts_at"])
    if one["was_at"] is None:
        sentence = BACK
    else:
        sentence = ELSEWHERE if starts == datetime.fromisoformat(one["was_at"]) else MOVED
    return words.gettext(sentence) % {
        "title": title,
        "day": short_day(starts, zone, language),
        "time": clock(starts, zone, language),
        "zone": zone_name(zone, starts, language),
        "channel": pick(one["channel"], language),
    }
