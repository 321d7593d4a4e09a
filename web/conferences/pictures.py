"""Pictures that organisers upload: kept clean, and served by what is in them. It decides nothing about who may send."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b

from aiohttp import web

from config.languages import N_
from sql import queries
from sql.connection import Connection
from web import permissions
from web.assets import FOR_EVER
from web.conferences import at_desk, picture_rules, where
from web.conferences.form_rules import Asked, Wrong
from web.conferences.picture_rules import Picture, Shape
from web.forms import Upload, read_file, takes
from web.keys import POOL
from web.refusals import Refused

DESK = queries("desk")
# A picture may be opened as a page of its own: then it may load and run nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
PRIVATE = "private, no-cache"  # what not everybody may see
PORTRAIT_LIFE = 600  # seconds; who sends a new picture of a speaker wants to see it today
FORM_AT_MOST = picture_rules.FILE_AT_MOST + 256 * 1024  # the texts beside it
# One at a time: a large one takes 200 MB while it is decoded, and a core.
DARKROOM = ThreadPoolExecutor(1, thread_name_prefix="pictures")


async def show(request: web.Request) -> web.StreamResponse:
    """GET /pictures/{digest}: a picture, which never changes."""
    digest = request.match_info["digest"]
    for row in await request.app[POOL].fetch(DESK.picture, digest):
        if await where.may_visit(request, row["conference_id"], row["published_at"]):
            kept = FOR_EVER if row["published_at"] is not None else PRIVATE
            return _answer(request, row["bytes"], row["type"], version=digest, kept=kept)
    raise _unknown()


async def show_portrait(request: web.Request) -> web.StreamResponse:
    """GET /portraits/{speaker}.svg: the face of a speaker: the picture that was uploaded, or the drawing."""
    row = await request.app[POOL].fetchrow(DESK.portrait, int(request.match_info["speaker"]))
    if row is None:
        raise _unknown()
    public, shown = row["published_at"] is not None, row["shown"]
    roles = frozenset[str]() if public and shown else await where.roles(request, row["conference_id"])
    if not permissions.see_speaker(roles, public=public, shown=shown):
        raise _unknown()
    content, kind = (row["bytes"], row["type"]) if row["bytes"] else (row["portrait"].encode(), "image/svg+xml")
    version = blake2b(content, digest_size=8).hexdigest()
    kept = f"public, max-age={PORTRAIT_LIFE}" if public and shown else PRIVATE
    return _answer(request, content, kind, version=version, kept=kept)


@takes(FORM_AT_MOST)
async def upload(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/pictures: keep the picture of the field `picture`; JSON with its digest, width and height."""
    conference, _ = await at_desk.enter(request)
    sent = await read_file(request, "picture")
    made = await developed(sent, picture_rules.WIDE) if sent else Wrong(picture_rules.NO_PICTURE)
    if isinstance(made, Wrong):
        raise Refused("picture.unfit", 422, made.sentence, holes=made.holes)
    async with request.app[POOL].acquire() as connection, connection.transaction():
        await keep(connection, conference["id"], made)
    return web.json_response({"digest": made.digest, "width": made.width, "height": made.height})


async def take_in(
    request: web.Request, conference: int, asked: Asked, name: str, shape: Shape, *, sent_as: str = ""
) -> None:
    """The picture a form sends, made to fit and kept; from now on the field says which one it is: that, or none.

    It is kept even when the form is refused, which then shows it: nobody has to choose a file twice.
    """
    sent = await read_file(request, sent_as or name)
    made = await developed(sent, shape) if sent else None
    if isinstance(made, Wrong):
        asked.refuse(name, made.sentence, **made.holes)
    elif made is not None:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            await keep(connection, conference, made)
        asked.fields[name] = made.digest
    elif asked.ticked(f"no_{name}"):
        asked.fields[name] = ""


async def kept(connection: Connection, conference: int, digest: str) -> tuple[int | None, str | None]:
    """The number and the digest of a picture that a conference has; None and None when it has no such."""
    number = await connection.fetchval(DESK.kept_picture, conference, digest) if digest else None
    return number, digest if number else None


async def developed(sent: Upload, shape: Shape) -> Picture | Wrong:
    """A clean picture of a file, made in a thread of its own."""
    return await asyncio.get_running_loop().run_in_executor(DARKROOM, picture_rules.clean, sent.content, shape)


async def keep(connection: Connection, conference: int, picture: Picture) -> int:
    """The number under which a conference has a picture from now on."""
    number = await connection.fetchval(
        DESK.keep_picture, conference, picture.digest, picture.type, picture.width, picture.height, picture.content
    )
    return int(number)


def _answer(request: web.Request, content: bytes, kind: str, *, version: str, kept: str) -> web.Response:
    same = any(one.value == version for one in request.if_none_match or ())
    answer = web.Response(status=304) if same else web.Response(body=content, content_type=kind)
    answer.etag = version
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cache-Control"] = kept
    return answer


def _unknown() -> Refused:
    return Refused("picture.unknown", 404, N_("There is no such picture."))
