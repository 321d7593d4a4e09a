"""Calendars that other programs read: a conference's schedule as a file, a person's programme as a feed."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from aiohttp import web

from config.languages import N_, pick, translations
from sql import queries
from web.accounts.rules import local
from web.conferences import ical, where
from web.conferences.ical import Entry
from web.conferences.rules import Session
from web.forms import read_form
from web.keys import POOL, SETTINGS
from web.reader import meet
from web.refusals import Refused

SCHEDULE = queries("schedule")
PROGRAMME = N_("My programme")


async def show_conference(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/schedule.ics: all sessions, or those the address names (?session=12&session=15)."""
    conference = await where.conference(request)
    schedule = await where.schedule(request, conference)
    wanted = set(request.query.getall("session", []))
    language = (await meet(request)).language
    newest = await request.app[POOL].fetchrow(SCHEDULE.releases, conference["id"], 1)
    site = _site(request)
    entries = [
        _of_conference(one, conference, dict(newest), site, language)
        for one in schedule
        if newest and (not wanted or str(one.id) in wanted)
    ]
    answer = _file(request, pick(conference["name"], language), entries)
    answer.headers["Content-Disposition"] = f'attachment; filename="{conference["slug"]}.ics"'
    return answer


async def show_person(request: web.Request) -> web.StreamResponse:
    """GET /calendar/{key}.ics: all a person has starred, for the calendar on their phone."""
    try:
        key = UUID(request.match_info["key"])
    except ValueError:
        raise _unknown() from None
    person = await request.app[POOL].fetchrow(SCHEDULE.person_by_calendar_key, key)
    if person is None:
        raise _unknown()
    rows = await request.app[POOL].fetch(SCHEDULE.calendar_of_person, person["id"])
    language = person["language"]
    entries = [_of_person(dict(row), _site(request), language) for row in rows]
    answer = _file(request, translations(language).gettext(PROGRAMME), entries)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


async def renew(request: web.Request) -> web.StreamResponse:
    """POST /calendar/renew: the old address of one's calendar opens nothing any more, and there is a new one."""
    person = await where.somebody(request)
    form = await read_form(request)
    await request.app[POOL].execute(SCHEDULE.renew_calendar_key, person.id)
    raise web.HTTPSeeOther(local(form.get("next", "/")))


def _of_conference(one: Session, conference: where.Row, newest: Mapping[str, Any], site: str, language: str) -> Entry:
    return Entry(
        session=one.id,
        title=pick(one.title, language),
        about=_about([who["name"] for who in one.speakers], one.abstract, language),
        where=_where(one.channel_name, conference["name"], language),
        url=f"{site}/c/{conference['slug']}/s/{one.id}",
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        zone=conference["zone"],
        release=newest["number"],
        released_at=newest["released_at"],
    )


def _of_person(row: Mapping[str, Any], site: str, language: str) -> Entry:
    return Entry(
        session=row["id"],
        title=pick(row["title"], language),
        about=_about(row["speakers"], row["abstract"], language),
        where=_where(row["channel"], row["conference"], language),
        url=f"{site}/c/{row['slug']}/s/{row['id']}",
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        zone=row["zone"],
        release=row["number"],
        released_at=row["released_at"],
        cancelled=not row["stands"],
    )


def _about(speakers: Sequence[Mapping[str, str]], abstract: Mapping[str, str], language: str) -> str:
    names = ", ".join(pick(one, language) for one in speakers)
    return "\n\n".join(part for part in (names, pick(abstract, language)) if part)


def _where(channel: Mapping[str, str], conference: Mapping[str, str], language: str) -> str:
    return f"{pick(channel, language)}, {pick(conference, language)}"


def _site(request: web.Request) -> str:
    return request.app[SETTINGS].public_url.rstrip("/")


def _file(request: web.Request, name: str, entries: Sequence[Entry]) -> web.Response:
    content = ical.calendar(name, entries, host=urlsplit(_site(request)).hostname or "veche")
    version = blake2b(content, digest_size=8).hexdigest()
    same = any(one.value == version for one in request.if_none_match or ())
    answer = (
        web.Response(status=304) if same else web.Response(body=content, content_type="text/calendar", charset="utf-8")
    )
    answer.etag = version
    answer.headers["Cache-Control"] = "private, no-cache"  # a language may be the reader's
    return answer


def _unknown() -> Refused:
    return Refused(
        "calendar.unknown",
        404,
        N_("This address of a calendar opens nothing any more. Take the new one from your programme."),
    )
