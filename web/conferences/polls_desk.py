"""The desk of polls: written, opened, closed, and how they stand. It tells no room; workers/polls.py does."""

from typing import Any
from uuid import UUID

from aiohttp import web
from asyncpg import UniqueViolationError

from config.languages import N_, pick
from sql import queries
from sql.connection import Connection
from web.conferences import at_desk, changes, merge_rules, poll_rules, where
from web.conferences.changes import FORM_SENT_TWICE, record
from web.conferences.form_rules import Asked
from web.conferences.poll_rules import Draft
from web.conferences.rules import Session
from web.keys import POOL
from web.reader import Person, meet
from web.refusals import Refused

STAGE = queries("stage")
STATEMENTS = {
    "open": STAGE.open_poll,
    "close": STAGE.close_poll,
    "recall": STAGE.recall_poll,
    "drop": STAGE.drop_poll,
}
Offered = tuple[list[Session], list[where.Row]]  # the sessions and the channels a poll may belong to
STILL_SHOWN = N_("Screens still show this poll. Try again in a few seconds.")  # workers/polls.py is about to tell them
FIELDS = ("channel_id", "session_id", "question", "options", "kind", "secret", "status")


async def show_polls(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/polls: every poll of the conference, and how it stands."""
    conference, _ = await _here(request)
    rows = await request.app[POOL].fetch(STAGE.desk_polls, conference["id"], None)
    polls = [_counted(dict(row)) for row in rows]
    return await at_desk.show(request, "desk/polls.html", conference, here="polls", context={"polls": polls})


async def show_new(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/polls/new: an empty form."""
    conference, _ = await _here(request)
    return await _form(request, conference, None)


async def add(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/polls/new: keep it as a draft."""
    conference, person = await _here(request)
    asked = await at_desk.form(request)
    draft = _read(conference, asked, await _offered(request, conference))
    if draft is None:
        return await _form(request, conference, None, asked)
    facts = (draft.channel_id, draft.session_id, draft.question, draft.kind, draft.secret)
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            poll = await connection.fetchval(STAGE.add_poll, *facts)
            await _write_options(connection, poll, draft)
            after = _facts(await _found(connection, conference, poll))
            subject, key = f"poll:{poll}", asked.key()
            await record(connection, conference["id"], person.id, "poll.add", subject, None, after, form_key=key)
    except UniqueViolationError as twice:
        if twice.constraint_name != FORM_SENT_TWICE:
            raise
        made = await changes.done_by(request.app[POOL], key)
        poll = made and made.removeprefix("poll:")
    raise at_desk.leave(f"/desk/{conference['slug']}/polls/{poll}", said="added")


async def show_poll(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/polls/{poll}: its form as long as it is a draft, and how it stands afterwards."""
    conference, _ = await _here(request)
    async with request.app[POOL].acquire() as connection:
        poll = await _found(connection, conference, int(request.match_info["poll"]))
    return await _form(request, conference, poll)


async def change(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/polls/{poll}: a draft gets another wording."""
    conference, person = await _here(request)
    asked = await at_desk.form(request)
    number = int(request.match_info["poll"])
    offered = await _offered(request, conference)  # first: the transaction has one connection and asks for no other
    async with request.app[POOL].acquire() as connection, connection.transaction():
        await connection.execute(STAGE.hold_poll, number)
        before = await _found(connection, conference, number)
        if before["status"] != "draft":
            raise _too_late(conference, number)
        now = poll_rules.fields(before, conference["languages"])
        merge_rules.merge(asked, now, together=poll_rules.together(conference["languages"]))
        draft = _read(conference, asked, offered)
        if draft and not asked.refused:
            facts = (draft.channel_id, draft.session_id, draft.question, draft.kind, draft.secret)
            if await connection.fetchval(STAGE.change_poll, number, *facts) is None:
                asked.refuse("channel", STILL_SHOWN)
            else:
                await connection.execute(STAGE.drop_poll_options, number)
                await _write_options(connection, number, draft)
                after = await _found(connection, conference, number)
                await _note(connection, conference, person, "poll.change", before, after)
    if asked.refused:
        return await _form(request, conference, before, asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/polls/{number}", said="saved")


async def move(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/polls/{poll}/move: open, close, open again, make a draft of it again, or throw a draft away."""
    conference, person = await _here(request)
    asked = await at_desk.form(request)
    verb, number = asked.typed("verb"), int(request.match_info["poll"])
    polls = f"/desk/{conference['slug']}/polls"
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            await connection.execute(STAGE.hold_poll, number)
            if await changes.done_by(connection, asked.key()):
                await _still(connection, conference, number, verb)
            else:
                await _move(connection, conference, person, number, asked, verb)
    except UniqueViolationError:
        raise Refused(
            "poll.another_open",
            409,
            N_("Another poll is open in this channel. Close it first: people see one poll at a time."),
            (polls, N_("To the polls")),
        ) from None
    raise at_desk.leave(polls, said="deleted" if verb == "drop" else "")


async def _move(
    connection: Connection, conference: where.Row, person: Person, number: int, asked: Asked, verb: str
) -> None:
    before = await _found(connection, conference, number)
    if verb not in poll_rules.verbs(before["status"]):
        raise _too_late(conference, number)
    if not await _moved(connection, number, verb):
        way_out = (f"/desk/{conference['slug']}/polls/{number}", N_("Back to the poll"))
        raise Refused("poll.still_shown", 409, STILL_SHOWN, way_out)
    after = None if verb == "drop" else await _found(connection, conference, number)
    await _note(connection, conference, person, f"poll.{verb}", before, after, asked.key())


async def _still(connection: Connection, conference: where.Row, number: int, verb: str) -> None:
    """The very form was sent before: it is done, unless somebody has moved the poll on since."""
    if verb != "drop" and (await _found(connection, conference, number))["status"] != poll_rules.LEADS_TO[verb]:
        raise _too_late(conference, number)


async def _moved(connection: Connection, poll: int, verb: str) -> bool:
    """Carry out one of poll_rules.MOVES with a held poll; False when its room must be told of the last one first."""
    if verb == "recall":
        await connection.execute(STAGE.drop_ballots, poll)
    return await connection.fetchval(STATEMENTS[verb], poll) is not None


async def _here(request: web.Request) -> tuple[where.Row, Person]:
    await where.somebody(request)
    conference = await at_desk.conference(request)
    person, _ = await where.moderator(request, conference)
    return conference, person


async def _found(connection: Connection, conference: where.Row, poll: int) -> dict[str, Any]:
    row = await connection.fetchrow(STAGE.desk_polls, conference["id"], poll)
    if row is None:
        way_out = (f"/desk/{conference['slug']}/polls", N_("To the polls"))
        raise Refused("poll.unknown", 404, N_("There is no such poll in this conference."), way_out)
    return _counted(dict(row))


def _counted(poll: dict[str, Any]) -> dict[str, Any]:
    options = [{**one, "share": poll_rules.share(one["count"], poll["votes"])} for one in poll["options"] or []]
    return {**poll, "options": options, "verbs": poll_rules.verbs(poll["status"])}


async def _offered(request: web.Request, conference: where.Row) -> Offered:
    schedule = await where.schedule(request, conference)
    return schedule, await where.channels(request, conference, schedule)


def _read(conference: where.Row, asked: Asked, offered: Offered) -> Draft | None:
    schedule, channels = offered
    return poll_rules.draft(
        asked,
        languages=conference["languages"],
        language=conference["language"],
        channels={one["id"] for one in channels},
        sessions={one.id: one.channel_id for one in schedule},
    )


async def _form(
    request: web.Request, conference: where.Row, poll: dict[str, Any] | None, asked: Asked | None = None
) -> web.StreamResponse:
    (schedule, channels), language = await _offered(request, conference), (await meet(request)).language
    now = poll_rules.fields(poll, conference["languages"])
    context = {
        "poll": poll,
        "form": asked or Asked(now),
        "opened": merge_rules.opened(now),
        "channel_choices": [(one["id"], pick(one["name"], language)) for one in channels],
        "session_choices": [("", "—"), *((one.id, f"{one.starts} {pick(one.title, language)}") for one in schedule)],
    }
    subject = f"poll:{poll['id']}" if poll else ""
    return await at_desk.show(
        request, "desk/poll.html", conference, here="polls", context=context, asked=asked, subject=subject
    )


async def _write_options(connection: Connection, poll: int, draft: Draft) -> None:
    rows = [(poll, position, text) for position, text in enumerate(draft.options, start=1)]
    await connection.executemany(STAGE.add_poll_option, rows)


async def _note(
    connection: Connection,
    conference: where.Row,
    person: Person,
    what: str,
    before: dict[str, Any],
    after: dict[str, Any] | None,
    key: UUID | None = None,
) -> None:
    subject = f"poll:{before['id']}"
    facts = None if after is None else _facts(after)
    await record(connection, conference["id"], person.id, what, subject, _facts(before), facts, form_key=key)


def _facts(poll: dict[str, Any]) -> dict[str, Any]:
    """What an audit wants to know of a poll."""
    options = [one["text"] for one in poll["options"]]
    counts = [one["count"] for one in poll["options"]]
    return {name: poll[name] for name in FIELDS} | {"options": options, "counts": counts}


def _too_late(conference: where.Row, poll: int) -> Refused:
    way_out = (f"/desk/{conference['slug']}/polls/{poll}", N_("See how it is now"))
    return Refused("poll.moved", 409, N_("Somebody else was quicker: this poll is not what your page shows."), way_out)
