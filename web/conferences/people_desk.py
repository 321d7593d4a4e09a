"""People at the organiser's desk: who is what in a conference. It holds no rule and no SQL."""

from typing import Any

from aiohttp import web

from config.languages import N_
from sql import queries
from sql.connection import Connection
from web.conferences import at_desk, changes, door, merge_rules, people_rules, where
from web.conferences.form_rules import Asked
from web.conferences.people_rules import ROLES, SHOWN_AT_ONCE
from web.keys import POOL
from web.refusals import Refused

DESK = queries("desk")


async def show_people(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/people?q=&role=: who is what, and the form that adds somebody."""
    conference, _ = await at_desk.enter(request)
    return await _list(request, conference)


async def add(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/people: somebody with an account may do more from now on."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    email, roles = people_rules.newcomer(asked)
    if not asked.wrong:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            await at_desk.locked(connection, conference)
            found = await connection.fetchrow(DESK.person_with_email, email)
            if found is None:
                asked.refuse("email", people_rules.NO_ACCOUNT)
            else:
                before = await _roles(connection, conference, found["id"])
                await _give(connection, conference, found["id"], roles)
                await changes.record(
                    *(connection, conference["id"], person.id, "person.roles", f"person:{found['id']}"),
                    *({"roles": sorted(before)}, {"roles": sorted({*before, *roles})}),
                )
    if asked.wrong:
        return await _list(request, conference, asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/people", said="added")


async def save(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/people/{person}: exactly these roles; with none somebody is not of the conference any more."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    number = int(request.match_info["person"])
    async with request.app[POOL].acquire() as connection, connection.transaction():
        await at_desk.locked(connection, conference)
        before = await _roles(connection, conference, number)
        merge_rules.merge(asked, people_rules.fields(before))
        after = people_rules.chosen(asked)
        if after and not before:
            raise _unknown(conference)
        others = await connection.fetchval(DESK.other_organisers, conference["id"], number)
        if people_rules.orphaned(before, after, other_organisers=others):
            asked.refuse(f"person-{number}", people_rules.LAST_ORGANISER)
        else:
            await connection.execute(DESK.take_roles, conference["id"], number, after)
            await _give(connection, conference, number, after)
            if set(before) - set(after):  # the pass their page holds says more than they may
                await door.end(connection, users=[number])
            await changes.record(
                *(connection, conference["id"], person.id, "person.roles", f"person:{number}"),
                *({"roles": sorted(before)}, {"roles": sorted(after)}),
            )
    if asked.wrong:
        return await _list(request, conference, wrong=asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/people", said="saved")


async def _roles(connection: Connection, conference: where.Row, number: int) -> list[str]:
    row = await connection.fetchrow(DESK.roles_of, conference["id"], number)
    return list(row["roles"]) if row else []


async def _give(connection: Connection, conference: where.Row, number: int, roles: list[str]) -> None:
    await connection.executemany(DESK.add_role, [(conference["id"], number, role) for role in roles])


async def _list(
    request: web.Request, conference: where.Row, asked: Asked | None = None, *, wrong: Asked | None = None
) -> web.Response:
    wanted = request.query.get("q", "").strip().replace("\0", "")[:200]
    role = request.query.get("role", "")
    rows = await request.app[POOL].fetch(
        DESK.people_at_desk, conference["id"], wanted, role if role in ROLES else "", SHOWN_AT_ONCE + 1
    )
    counts = {
        row["role"]: row["people"] for row in await request.app[POOL].fetch(DESK.people_by_role, conference["id"])
    }
    context: dict[str, Any] = {
        "people": [
            {**one, "opened": merge_rules.opened(people_rules.fields(one["roles"]))} for one in rows[:SHOWN_AT_ONCE]
        ],
        "more": len(rows) > SHOWN_AT_ONCE,
        "shown_at_once": SHOWN_AT_ONCE,
        "counts": counts,
        "roles": ROLES,
        "wanted": wanted,
        "role": role,
        "form": asked,
        "wrong": wrong,
    }
    return await at_desk.show(
        request, "desk/people.html", conference, here="people", context=context, asked=asked or wrong
    )


def _unknown(conference: where.Row) -> Refused:
    way_out = (f"/desk/{conference['slug']}/people", N_("To the people"))
    return Refused("person.not_here", 404, N_("They are not of this conference any more."), way_out)
