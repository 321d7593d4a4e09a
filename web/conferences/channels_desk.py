"""Channels at the organiser's desk: names, order, streams, what is shown without one. It holds no rule and no SQL."""

from typing import Any

import asyncpg
from aiohttp import web

from config.languages import N_, translations
from realtime import channels as rooms
from sql import queries
from sql.connection import Connection, Pool
from web.conferences import at_desk, changes, channels_rules, merge_rules, picture_rules, pictures, streams_rules, where
from web.conferences.channels_rules import Channel
from web.conferences.form_rules import Asked, numbers
from web.forms import takes
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
    asked = await at_desk.form(request)
    wanted = channels_rules.channel(asked, conference, own_host=request.host)
    if wanted is None:
        return await _list(request, conference, asked)
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            await at_desk.locked(connection, conference)
            number = await connection.fetchval(DESK.add_channel, conference["id"], wanted.slug, wanted.name)
            await _stream(connection, number, wanted)
            subject, made = f"channel:{number}", _fields(wanted)
            await changes.record(
                connection, conference["id"], person.id, "channel.add", subject, None, made, form_key=asked.key()
            )
            await told.promise_to_new(connection, conference["id"], person.id)  # its rooms watch for the same words
    except asyncpg.UniqueViolationError as taken:
        if not await changes.done_by(request.app[POOL], asked.key()):
            _taken(asked, taken)
            return await _list(request, conference, asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/channels", said="added")


async def order(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/channels/order: one up or down, or all as they were dragged; `was` is how they stood."""
    conference, person = await at_desk.enter(request)
    asked = await at_desk.form(request)
    was = numbers(asked.typed("was"))
    wanted = channels_rules.ordered(was, asked.typed("order")) if asked.typed("order") else was
    for name, by in (("up", -1), ("down", 1)):
        number = asked.number(name)
        wanted = wanted if number is None else channels_rules.moved(wanted, number, by)
    async with request.app[POOL].acquire() as connection, connection.transaction():
        await at_desk.locked(connection, conference)
        before = [one["id"] for one in await connection.fetch(DESK.channels_at_desk, conference["id"])]
        if before == was:
            await connection.execute(DESK.order_channels, conference["id"], wanted)
            subject, old, new = f"conference:{conference['id']}", {"order": before}, {"order": wanted}
            await changes.record(connection, conference["id"], person.id, "channel.order", subject, old, new)
        elif before != wanted:  # what is as it was wanted already, was sent twice
            asked.refuse("order", channels_rules.REORDERED)
    if asked.wrong:
        return await _list(request, conference, ordering=asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/channels", said="ordered")


async def show_channel(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/channels/{id}: the form of a channel."""
    conference, _ = await at_desk.enter(request)
    return await _form(request, conference, await _channel(request.app[POOL], request, conference))


@takes(pictures.FORM_AT_MOST)
async def save(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/channels/{id}: save the form of a channel, with its streams and its picture."""
    conference, person = await at_desk.enter(request)
    await _channel(request.app[POOL], request, conference)
    asked = await at_desk.form(request)
    await pictures.take_in(request, conference["id"], asked, "picture", picture_rules.WIDE)
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            conference = await at_desk.locked(connection, conference)
            before = await _channel(connection, request, conference)
            merge_rules.merge(asked, channels_rules.fields(before, conference))
            wanted = channels_rules.channel(asked, conference, own_host=request.host, before=before)
            if wanted and not asked.refused:
                await connection.execute(DESK.set_channel, before["id"], wanted.slug, wanted.name)
                await connection.execute(DESK.forget_streams, before["id"])
                await _stream(connection, before["id"], wanted)
                picture, digest = await pictures.kept(connection, conference["id"], asked.typed("picture"))
                await connection.execute(DESK.set_offline_picture, before["id"], picture)
                old = {name: before[name] for name in ("slug", "name", "streams", "picture")}
                new = {**_fields(wanted), "picture": digest}
                subject = f"channel:{before['id']}"
                await changes.record(connection, conference["id"], person.id, "channel.set", subject, old, new)
    except asyncpg.UniqueViolationError as taken:
        _taken(asked, taken)
    if asked.refused:
        return await _form(request, conference, before, asked)
    raise at_desk.leave(f"/desk/{conference['slug']}/channels/{before['id']}", said="saved")


async def delete(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/channels/{id}/delete: a channel on which nothing hangs is gone."""
    conference, person = await at_desk.enter(request)
    number, deleting = int(request.match_info["id"]), Asked()
    subject = f"channel:{number}"
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            await at_desk.locked(connection, conference)
            if not await changes.is_done(connection, conference["id"], "channel.delete", subject):
                before = await _channel(connection, request, conference)
                live = rooms.chat(number), rooms.questions(number)
                if await connection.fetchval(DESK.hangs_on_channel, number, *live):
                    deleting.refuse("delete", channels_rules.HANGS)
                else:
                    await connection.execute(DESK.delete_channel, number)
                    old = {name: before[name] for name in ("slug", "name", "streams")}
                    await changes.record(connection, conference["id"], person.id, "channel.delete", subject, old, None)
    except asyncpg.ForeignKeyViolationError:  # a session came meanwhile
        deleting.refuse("delete", channels_rules.HANGS)
    if deleting.wrong:
        return await _form(request, conference, before, deleting=deleting)
    raise at_desk.leave(f"/desk/{conference['slug']}/channels", said="deleted")


async def _channel(source: Connection | Pool, request: web.Request, conference: where.Row) -> where.Row:
    number = int(request.match_info["id"])
    for row in await source.fetch(DESK.channels_at_desk, conference["id"]):
        if row["id"] == number:
            return dict(row)
    way_out = (f"/desk/{conference['slug']}/channels", N_("To the channels"))
    raise Refused("channel.unknown", 404, N_("There is no such channel in this conference."), way_out)


async def _stream(connection: Connection, number: int, wanted: Channel) -> None:
    rows = [(number, language, one.kind, one.address) for language, one in wanted.streams.items()]
    await connection.executemany(DESK.add_stream, rows)


def _taken(asked: Asked, taken: asyncpg.UniqueViolationError) -> None:
    """Say that an address is taken, if it is that."""
    if taken.constraint_name != SLUG_TAKEN:
        raise taken
    asked.refuse("slug", TAKEN)


def _fields(wanted: Channel) -> dict[str, Any]:
    streams = {language: {"kind": one.kind, "address": one.address} for language, one in wanted.streams.items()}
    return {"slug": wanted.slug, "name": wanted.name, "streams": streams}


async def _list(
    request: web.Request, conference: where.Row, asked: Asked | None = None, *, ordering: Asked | None = None
) -> web.Response:
    rows = [dict(one) for one in await request.app[POOL].fetch(DESK.channels_at_desk, conference["id"])]
    context = {
        "channels": rows,
        "order": ",".join(str(one["id"]) for one in rows),
        "kinds": await _kinds(request),
        "form": asked,
    }
    return await at_desk.show(
        request, "desk/channels.html", conference, here="channels", context=context, asked=asked or ordering
    )


async def _form(
    request: web.Request,
    conference: where.Row,
    channel: where.Row,
    asked: Asked | None = None,
    *,
    deleting: Asked | None = None,
) -> web.Response:
    now = channels_rules.fields(channel, conference)
    context = {
        "channel": channel,
        "kinds": await _kinds(request),
        "spoken": channels_rules.spoken(conference, channel["streams"]),
        "form": asked or Asked(now),
        "opened": merge_rules.opened(now),
    }
    return await at_desk.show(
        request,
        "desk/channel.html",
        conference,
        here="channels",
        context=context,
        asked=asked or deleting,
        subject=f"channel:{channel['id']}",
    )


async def _kinds(request: web.Request) -> dict[str, str]:
    words = translations((await meet(request)).language)
    return {kind: words.gettext(label) for kind, label in streams_rules.KINDS.items()}
