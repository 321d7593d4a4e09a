"""The organiser's desk of the landing page: its blocks, their order, and a preview of what is not saved yet."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from aiohttp import web

from config.languages import LANGUAGES, N_
from sql import queries
from sql.connection import Connection
from web import headers
from web.conferences import at_desk, landing, landing_rules, merge_rules, picture_rules, pictures, where
from web.conferences.changes import done_by, record
from web.conferences.form_rules import Asked, number, numbers
from web.conferences.landing_rules import KINDS, Draft, Kind
from web.explain import CODE_HEADER
from web.forms import read_form, takes
from web.keys import POOL, SETTINGS
from web.reader import READER, meet
from web.refusals import Refused

LANDING = queries("landing")
HERE = "landing"
CHANGED = "landing.changed"  # the codes of what somebody else did meanwhile: they changed the order,
GONE = "landing.gone"  # deleted the block whose form was sent,
TWIN = "landing.twin"  # added the only block of a kind


async def show_editor(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/landing: the blocks of the page, and the page beside them."""
    conference, _ = await at_desk.enter(request)
    return await _editor(request, conference)


async def begin(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/landing/begin: take the page that is there by itself as a start."""
    conference, person = await at_desk.enter(request)
    async with request.app[POOL].acquire() as connection, connection.transaction():
        if not await _held(connection, conference):
            for name, content in landing_rules.itself(conference["about"]):
                await _add(connection, conference, person.id, KINDS[name], content)
    raise at_desk.leave(_home(conference))


async def choose_theme(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/landing/theme: how the pages of the conference look."""
    conference, person = await at_desk.enter(request)
    theme = (await read_form(request)).get("theme", "")
    if theme not in landing_rules.THEMES:
        raise Refused("landing.theme", 422, N_("Choose one of the themes offered."), _way_back(conference))
    async with request.app[POOL].acquire() as connection, connection.transaction():
        if await connection.fetchval(LANDING.choose_theme, conference["id"], theme):
            subject, before, after = f"conference:{conference['id']}", {"theme": conference["theme"]}, {"theme": theme}
            await record(connection, conference["id"], person.id, "conference.theme", subject, before, after)
    raise at_desk.leave(_home(conference), said="saved")


async def arrange(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/landing/order: `was` is the order the page knew, `order` the one wanted, or `move` one step."""
    conference, person = await at_desk.enter(request)
    form = await read_form(request)
    was = numbers(form.get("was", ""))
    moving, _, act = form.get("move", "").partition(":")
    block = number(moving)
    wanted = numbers(form.get("order", "")) if block is None else landing_rules.moved(was, block, act)
    async with request.app[POOL].acquire() as connection, connection.transaction():
        order = [one["id"] for one in await _held(connection, conference)]
        crossed = wanted != order and (was != order or sorted(wanted) != sorted(order))
        if wanted != order and not crossed:
            await connection.execute(LANDING.arrange, conference["id"], wanted)
            changed = {"order": order}, {"order": wanted}
            await record(connection, conference["id"], person.id, "landing.order", "landing", *changed)
    if crossed:
        return await _editor(request, conference, notice=CHANGED)
    raise at_desk.leave(_home(conference))


async def show_new(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/landing/new/{kind}: the form of a block that is not there yet."""
    conference, _ = await at_desk.enter(request)
    kind = _kind(request, conference)
    kinds = [one["kind"] for one in await landing.blocks(request, conference["id"])]
    if not landing_rules.may_add(kinds, kind.name):
        raise _full(conference)
    draft = landing_rules.form(kind, {}, languages=_languages(conference), more=1)
    return await _form(request, conference, None, draft)


@takes(pictures.FORM_AT_MOST)
async def add(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/landing/new/{kind}: the new block goes to the end of the page.

    If the page has the only one of its kind by now, what was typed is offered as a change of that.
    """
    conference, person = await at_desk.enter(request)
    kind = _kind(request, conference)
    asked = await _sent(request, conference, kind)
    pictures_there = await _pictures(request, conference)
    draft = _draft(conference, kind, asked, pictures_there)
    if asked.typed("act"):
        return await _form(request, conference, None, landing_rules.rearranged(draft, asked.typed("act")))
    if draft.wrong:
        return await _form(request, conference, None, draft)
    async with request.app[POOL].acquire() as connection, connection.transaction():
        there, done = await _held(connection, conference), await done_by(connection, asked.key())
        if not done and landing_rules.may_add([one["kind"] for one in there], kind.name):
            await _add(connection, conference, person.id, kind, draft.content, key=asked.key())
            done = kind.name
    if done:
        raise at_desk.leave(_home(conference), said="added")
    twin = next((one for one in there if kind.once and one["kind"] == kind.name), None)
    if twin is None:
        raise _full(conference)
    return await _form(request, conference, twin, _merged(conference, twin, asked, pictures_there), notice=TWIN)


async def show_block(request: web.Request) -> web.StreamResponse:
    """GET /desk/{slug}/landing/{block}: the form of a block."""
    conference, _ = await at_desk.enter(request)
    block = await _block(request, conference)
    kind = KINDS[block["kind"]]
    draft = landing_rules.form(kind, block["content"], languages=_languages(conference), more=not block["content"])
    return await _form(request, conference, block, draft)


@takes(pictures.FORM_AT_MOST)
async def change(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/landing/{block}: new words, with those that came into the block meanwhile."""
    conference, person = await at_desk.enter(request)
    form = await at_desk.form(request)
    block = await _find(request, conference)
    if block is None and form.typed("kind") not in KINDS:
        raise _unknown(conference)
    kind = KINDS[block["kind"] if block else form.typed("kind")]
    asked = await _sent(request, conference, kind)
    pictures_there = await _pictures(request, conference)
    if asked.typed("act"):
        moved = landing_rules.rearranged(_draft(conference, kind, asked, pictures_there), asked.typed("act"))
        return await _form(request, conference, block, moved, opened=asked.typed(merge_rules.OPENED))
    async with request.app[POOL].acquire() as connection, connection.transaction():
        number = int(request.match_info["block"])
        block = next((one for one in await _held(connection, conference) if one["id"] == number), None)
        draft = _merged(conference, block, asked, pictures_there) if block else None
        if block and draft and not (draft.wrong or draft.crossed):
            await connection.execute(LANDING.change_block, conference["id"], number, draft.content)
            before, after = {"content": block["content"]}, {"content": draft.content}
            await record(connection, conference["id"], person.id, "landing.change", _subject(number), before, after)
    if draft is None:
        return await _form(request, conference, None, _draft(conference, kind, asked, pictures_there), notice=GONE)
    if draft.wrong or draft.crossed:
        return await _form(request, conference, block, draft)
    raise at_desk.leave(_home(conference), said="saved")


async def hide(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/landing/{block}/hide: keep a block from visitors, or show it again."""
    conference, person = await at_desk.enter(request)
    block = await _block(request, conference)
    hidden = (await read_form(request)).get("hidden", "") == "yes"
    async with request.app[POOL].acquire() as connection, connection.transaction():
        if await connection.fetchval(LANDING.hide_block, conference["id"], block["id"], hidden):
            before, after = {"hidden": not hidden}, {"hidden": hidden}
            await record(connection, conference["id"], person.id, "landing.hide", _subject(block["id"]), before, after)
    raise at_desk.leave(_home(conference))


async def delete(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/landing/{block}/delete: take a block off the page; the next page offers to put it back."""
    conference, person = await at_desk.enter(request)
    number = int(request.match_info["block"])
    async with request.app[POOL].acquire() as connection, connection.transaction():
        gone = await connection.fetchrow(LANDING.delete_block, conference["id"], number)
        if gone is not None:
            await record(connection, conference["id"], person.id, "landing.delete", _subject(number), dict(gone), None)
    raise web.HTTPSeeOther(f"{_home(conference)}?gone={number}")


async def restore(request: web.Request) -> web.StreamResponse:
    """POST /desk/{slug}/landing/{block}/restore: a deleted block is back where it was."""
    conference, person = await at_desk.enter(request)
    number = int(request.match_info["block"])
    async with request.app[POOL].acquire() as connection, connection.transaction():
        order = [one["id"] for one in await _held(connection, conference)]
        was = await connection.fetchval(LANDING.deleted, conference["id"], _subject(number))
        if was is None:
            raise _unknown(conference)
        kept = (was["kind"], was["content"], was["hidden"])
        if await connection.fetchval(LANDING.restore_block, number, conference["id"], *kept):
            order.insert(was["position"] - 1, number)
            await connection.execute(LANDING.arrange, conference["id"], order)
            await record(connection, conference["id"], person.id, "landing.restore", _subject(number), None, was)
    raise at_desk.leave(_home(conference))


@takes(pictures.FORM_AT_MOST)
async def preview(request: web.Request) -> web.StreamResponse:
    """GET and POST /desk/{slug}/landing/preview: the real page, with the posted block as it is typed so far.

    `shown` is the language to read it in, `theme` one to try, `block` the number of the block the form is about, or
    `kind` of a new one.
    """
    conference, _ = await at_desk.enter(request)
    asked: Mapping[str, str] = {**request.query, **(await read_form(request) if request.method == "POST" else {})}
    reader = await meet(request)
    if asked.get("shown") in LANGUAGES:
        request[READER] = replace(reader, language=asked["shown"])
    if asked.get("theme") in landing_rules.THEMES:
        conference = {**conference, "theme": asked["theme"]}
    blocks: Sequence[Mapping[str, Any]] = await landing.blocks(request, conference["id"])
    if asked.get("kind") in KINDS:
        draft = _draft(conference, KINDS[asked["kind"]], Asked(dict(asked)), await _pictures(request, conference))
        blocks = landing_rules.tried(blocks, asked.get("block", ""), draft)
    answer = await landing.drawn(request, conference, blocks, preview=True)
    policy = headers.content_policy(request.app[SETTINGS].realtime_url, framed=True)
    answer.headers.update({"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN"})
    return answer


async def _editor(request: web.Request, conference: where.Row, *, notice: str = "") -> web.StreamResponse:
    blocks = await landing.blocks(request, conference["id"])
    kinds = [one["kind"] for one in blocks]
    gone = request.query.get("gone", "")
    context = {
        "blocks": [{**one, "label": KINDS[one["kind"]].label, "said": _first_words(one)} for one in blocks],
        "order": ",".join(str(one["id"]) for one in blocks),
        "addable": [one for one in KINDS.values() if landing_rules.may_add(kinds, one.name)],
        "themes": landing_rules.THEMES,
        "gone": gone if gone.isdecimal() and gone not in {str(one["id"]) for one in blocks} else "",
        "notice": notice,
    }
    return await _beside_preview(request, conference, "desk/landing.html", context, notice=notice)


async def _form(
    request: web.Request,
    conference: where.Row,
    block: where.Row | None,
    draft: Draft,
    *,
    opened: str = "",
    notice: str = "",
) -> web.StreamResponse:
    """The form of a block as it is now, or of a new one; `opened`: the marks of one that is not put together yet."""
    languages = _languages(conference)
    wrong = next((name.rpartition("-")[2] for name in (*draft.wrong, *draft.crossed)), "")
    asked = (await read_form(request)).get("shown", "") if request.method == "POST" else (await meet(request)).language
    now = landing_rules.form(draft.kind, block["content"], languages=languages).typed if block else {}
    context = {
        "block": block,
        "draft": draft,
        "kind": draft.kind,
        "tongues": languages,
        "shown": next(one for one in (wrong, asked, languages[0]) if one in languages),
        "missing": landing_rules.missing(draft, languages),
        "pictures": await request.app[POOL].fetch(LANDING.pictures, conference["id"]),
        "opened": opened or merge_rules.opened(now),
        "notice": notice,
    }
    refused = Asked(wrong=draft.wrong, crossed=draft.crossed)
    subject = _subject(block["id"]) if block else ""
    return await _beside_preview(
        request, conference, "desk/landing_block.html", context, asked=refused, subject=subject, notice=notice
    )


async def _beside_preview(
    request: web.Request,
    conference: where.Row,
    template: str,
    context: Mapping[str, Any],
    *,
    asked: Asked | None = None,
    subject: str = "",
    notice: str = "",
) -> web.StreamResponse:
    answer = await at_desk.show(request, template, conference, here=HERE, context=context, asked=asked, subject=subject)
    if notice:
        answer.set_status(at_desk.CONFLICT)
        answer.headers[CODE_HEADER] = notice
    policy = headers.content_policy(request.app[SETTINGS].realtime_url, frames=("'self'",))
    answer.headers["Content-Security-Policy"] = policy
    return answer


async def _sent(request: web.Request, conference: where.Row, kind: Kind) -> Asked:
    """The posted form. Files it brought are kept and stand where they were chosen."""
    asked = await at_desk.form(request)
    for name in landing_rules.picture_fields(kind, asked.fields):
        await pictures.take_in(request, conference["id"], asked, name, picture_rules.WIDE, sent_as=f"{name}-file")
    return asked


async def _pictures(request: web.Request, conference: where.Row) -> set[str]:
    return {one["digest"] for one in await request.app[POOL].fetch(LANDING.pictures, conference["id"])}


def _draft(conference: where.Row, kind: Kind, asked: Asked, pictures_there: set[str]) -> Draft:
    """The block of a posted form."""
    draft = landing_rules.read(kind, asked.fields, languages=_languages(conference), pictures=pictures_there)
    draft.wrong.update(asked.wrong)
    return draft


def _merged(conference: where.Row, block: where.Row, asked: Asked, pictures_there: set[str]) -> Draft:
    """The same, put together with what the block is now."""
    kind = KINDS[block["kind"]]
    now = landing_rules.form(kind, block["content"], languages=_languages(conference)).typed
    merge_rules.merge(asked, now, together=landing_rules.together(now, asked.fields))
    draft = _draft(conference, kind, asked, pictures_there)
    draft.crossed = asked.crossed
    draft.rows = max(draft.rows, landing_rules.rows_of(asked.crossed))
    return draft


async def _held(connection: Connection, conference: where.Row) -> list[where.Row]:
    """The blocks of a page that nobody else lays out until this transaction ends."""
    await connection.execute(LANDING.hold_page, conference["id"])
    return [dict(one) for one in await connection.fetch(LANDING.blocks, conference["id"])]


async def _add(
    connection: Connection,
    conference: where.Row,
    person: int,
    kind: Kind,
    content: landing_rules.Content,
    *,
    key: UUID | None = None,
) -> None:
    number = await connection.fetchval(LANDING.add_block, conference["id"], kind.name, content)
    added = {"kind": kind.name, "content": content}
    await record(connection, conference["id"], person, "landing.add", _subject(number), None, added, form_key=key)


def _kind(request: web.Request, conference: where.Row) -> Kind:
    kind = KINDS.get(request.match_info["kind"])
    if kind is None:
        raise _unknown(conference)
    return kind


async def _block(request: web.Request, conference: where.Row) -> where.Row:
    found = await _find(request, conference)
    if found is None:
        raise _unknown(conference)
    return found


async def _find(request: web.Request, conference: where.Row) -> where.Row | None:
    number = int(request.match_info["block"])
    return next((one for one in await landing.blocks(request, conference["id"]) if one["id"] == number), None)


def _unknown(conference: where.Row) -> Refused:
    return Refused("landing.unknown", 404, N_("There is no such block on this page any more."), _way_back(conference))


def _full(conference: where.Row) -> Refused:
    sentence = N_("The page has such a block already, or as many as it may.")
    return Refused("landing.full", 409, sentence, _way_back(conference))


def _way_back(conference: where.Row) -> tuple[str, str]:
    return _home(conference), N_("To the landing page's blocks")


def _home(conference: where.Row) -> str:
    return f"/desk/{conference['slug']}/landing"


def _subject(block: int) -> str:
    return f"block:{block}"


def _languages(conference: where.Row) -> list[str]:
    """The languages a form asks for, the conference's own first."""
    rest = [one for one in conference["languages"] if one != conference["language"]]
    return [conference["language"], *rest]


def _first_words(block: where.Row) -> Mapping[str, str]:
    """What a list says of a block: its heading, or else its first row."""
    content = block["content"]
    row: where.Row = next(iter(content.get("rows", [])), {})
    found: Mapping[str, str] = (
        content.get("title") or row.get("name") or row.get("question") or content.get("body") or {}
    )
    return found
