"""Channels at the organiser's desk: names, order, streams, what is shown without one. It holds no rule and no SQL."""

from typing import Any
from uuid import uuid4

import asyncpg
from aiohttp import web

from config.languages import N_, translations
from realtime import channels as rooms
from sql import queries
from sql.connection import Connection
from web.conferences import at_desk, changes, channels_rules, picture_rules, pictures, streams_rules, where
from web.conferences.channels_rules import Channel
from web.conferences.form_rules import Asked
from web.forms import read_form, takes
from web.keys import POOL
from web.moderation import told
from web.reader import meet
from web.refusals import Refused

DESK = queries("desk")
SLUG_TAKEN = "channel_conference_id_slug_key"  # the constraint
TAKEN = N_("Another channel has this address already. Choose another one.")


async def show_channels(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/channels: all of them, and the form of a new one."""
    conference, _ = await at_desk.enter(request)
    return await _list(request, conference)


async def add(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/channels: a new channel, the last one."""
    conference, person = await at_desk.enter(request)
    asked = Asked(await read_form(request))
    wanted = channels_rules.channel(asked, conference, own_host=request.host)
    if wanted is None:
        return await _list(request, conference, asked)
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            await at_desk.locked(connection, conference["id"])
            number = await connection.fetchval(DESK.add_channel, conference["id"], wanted.slug, wanted.name)
            await _stream(connection, number, wanted)
            subject, made = f"channel:{number}", _fields(wanted)
            await changes.record(
                connection, conference["id"], person.id, "channel.add", subject, None, made, form_key=asked.key()
            )
            await told.promise_to_new(connection, conference["id"], person.id)  # its rooms watch for the same words
    except asyncpg.UniqueViolationError as taken:
        if not await _is_taken(request, asked, taken):
            raise at_desk.leave(f"/desk/{conference['slug']}/channels") from None
        return await _list(request, conference, asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/channels", said="added")


async def order(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/channels/order: one up or down, or all of them as they were dragged."""
    conference, person = await at_desk.enter(request)
    asked = Asked(await read_form(request))
    async with request.app[POOL].acquire() as connection, connection.transaction():
        await at_desk.locked(connection, conference["id"])
        before = [one["id"] for one in await connection.fetch(DESK.channels_at_desk, conference["id"])]
        after = channels_rules.ordered(before, asked.typed("order")) if asked.typed("order") else before
        for name, by in (("up", -1), ("down", 1)):
            number = asked.number(name)
            after = after if number is None else channels_rules.moved(after, number, by)
        await connection.execute(DESK.order_channels, conference["id"], after)
        subject, old, new = f"conference:{conference['id']}", {"order": before}, {"order": after}
        await changes.record(connection, conference["id"], person.id, "channel.order", subject, old, new)
    raise at_desk.leave(f"/desk/{conference['slug']}/channels", said="ordered")


async def show_channel(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/channels/{id}: the form of a channel."""
    conference, _ = await at_desk.enter(request)
    return await _form(request, conference, await _channel(request, conference))


@takes(pictures.FORM_AT_MOST)
async def save(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/channels/{id}: save the form of a channel, with its streams and its picture."""
    conference, person = await at_desk.enter(request)
    before = await _channel(request, conference)
    asked = Asked(await read_form(request))
    wanted = channels_rules.channel(asked, conference, own_host=request.host, before=before)
    picture = await pictures.asked_for(request, asked, "picture", picture_rules.WIDE)
    if wanted is None or asked.wrong:
        return await _form(request, conference, before, asked)
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            await at_desk.locked(connection, conference["id"])
            await connection.execute(DESK.set_channel, before["id"], wanted.slug, wanted.name)
            await connection.execute(DESK.forget_streams, before["id"])
            await _stream(connection, before["id"], wanted)
            digest = before["picture"]
            if picture or asked.ticked("no_picture"):
                kept = await pictures.keep(connection, conference["id"], picture) if picture else None
                digest = picture.digest if picture else None
                await connection.execute(DESK.set_offline_picture, before["id"], kept)
            old = {name: before[name] for name in ("slug", "name", "streams", "picture")}
            new = {**_fields(wanted), "picture": digest}
            await changes.record(
                connection, conference["id"], person.id, "channel.set", f"channel:{before['id']}", old, new
            )
    except asyncpg.UniqueViolationError as taken:
        await _is_taken(request, asked, taken)
        return await _form(request, conference, before, asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/channels/{before['id']}", said="saved")


async def delete(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/channels/{id}/delete: a channel on which nothing hangs is gone."""
    conference, person = await at_desk.enter(request)
    before = await _channel(request, conference)
    number = before["id"]
    asked = Asked({})
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            if await connection.fetchval(DESK.hangs_on_channel, number, rooms.chat(number), rooms.questions(number)):
                asked.refuse("delete", channels_rules.HANGS)
            else:
                await connection.execute(DESK.delete_channel, number)
                old = {name: before[name] for name in ("slug", "name", "streams")}
                await changes.record(
                    connection, conference["id"], person.id, "channel.delete", f"channel:{number}", old, None
                )
    except asyncpg.ForeignKeyViolationError:  # a session came meanwhile
        asked.refuse("delete", channels_rules.HANGS)
    if asked.wrong:
        return await _form(request, conference, before, deleting=asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/channels", said="deleted")


async def _channel(request: web.Request, conference: where.Row) -> where.Row:
    number = int(request.match_info["id"])
    for row in await request.app[POOL].fetch(DESK.channels_at_desk, conference["id"]):
        if row["id"] == number:
            return dict(row)
    way_out = (f"/desk/{conference['slug']}/channels", N_("To the channels"))
    raise Refused("channel.unknown", 404, N_("There is no such channel in this conference."), way_out)


async def _stream(connection: Connection, number: int, wanted: Channel) -> None:
    rows = [(number, language, one.kind, one.address) for language, one in wanted.streams.items()]
    await connection.executemany(DESK.add_stream, rows)


async def _is_taken(request: web.Request, asked: Asked, taken: asyncpg.UniqueViolationError) -> bool:
    """Whether an address is taken, which `asked` then says; False: this very form was sent before."""
    key = asked.key()
    if key and await changes.made_by(request.app[POOL], key):
        return False
    if taken.constraint_name != SLUG_TAKEN:
        raise taken
    asked.refuse("slug", TAKEN)
    return True


def _fields(wanted: Channel) -> dict[str, Any]:
    streams = {language: {"kind": one.kind, "address": one.address} for language, one in wanted.streams.items()}
    return {"slug": wanted.slug, "name": wanted.name, "streams": streams}


async def _list(request: web.Request, conference: where.Row, asked: Asked | None = None) -> web.Response:
    rows = await request.app[POOL].fetch(DESK.channels_at_desk, conference["id"])
    context = {
        "channels": [dict(one) for one in rows],
        "kinds": await _kinds(request),
        "form_key": asked.typed("form_key") if asked else uuid4(),
    }
    return await at_desk.show(request, "desk/channels.html", conference, here="channels", context=context, asked=asked)


async def _form(
    request: web.Request,
    conference: where.Row,
    channel: where.Row,
    asked: Asked | None = None,
    *,
    deleting: Asked | None = None,
) -> web.Response:
    context = {
        "channel": channel,
        "kinds": await _kinds(request),
        "spoken": channels_rules.spoken(conference, channel["streams"]),
        "form": asked,
    }
    return await at_desk.show(
        request, "desk/channel.html", conference, here="channels", context=context, asked=asked or deleting
    )


async def _kinds(request: web.Request) -> dict[str, str]:
    words = translations((await meet(request)).language)
    return {kind: words.gettext(label) for kind, label in streams_rules.KINDS.items()}
