"""Pages of moderators: the console, the same without scripts, a person. It holds no rule and no SQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web

from config.languages import N_, clock, pick
from realtime import channels as rooms
from realtime import publish
from sql import queries
from web.conferences import announced, door, where
from web.conferences.form_rules import number
from web.forms import read_form
from web.keys import CLOCK, POOL, REDIS
from web.moderation import announcements, rules, sentences
from web.page import page
from web.reader import Person, meet
from web.refusals import Refused

MODERATION = queries("moderation")
CHANNELS = 12  # in one console: each is four rooms of its socket
SHOWN = 100  # rows of the page without scripts
OF_A_PERSON = 50  # of what they said and asked
OPEN = ("approved", "answering")
VERBS = ("approve", "reject", "recall", "answering", "answered", "pin", "unpin")  # of the page without scripts


async def show_console(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/moderate: everything that waits in every channel of a conference, live."""
    conference, person, roles = await _come_in(request)
    schedule = await where.schedule(request, conference)
    everywhere = await where.channels(request, conference, schedule)
    first = _first(request.query.get("from", ""), len(everywhere))
    here = everywhere[first : first + CHANNELS]
    language = (await meet(request)).language
    opened = door.opened(conference["id"], here, person, roles)
    address = f"/c/{conference['slug']}/moderate"
    team = await request.app[POOL].fetch(MODERATION.team, conference["id"])
    sessions = [
        {
            "id": one.id,
            "channel": one.channel_id,
            "title": pick(one.title, language),
            "time": clock(one.starts_at, conference["zone"], language),
        }
        for one in schedule
    ]
    live = await door.live(request, person, roles, opened, pass_url=f"{address}/pass?from={first}")
    words = sentences.words(language)
    live |= {
        "words": words,
        "zone": conference["zone"],
        "channels": [{"id": one["id"], "name": pick(one["name"], language)} for one in here],
        "sessions": sessions,
        "team": {str(row["id"]): row["name"] for row in team},
        "votes": await _votes(request, here),
        "addresses": {"people": f"{address}/people", "announcements": f"/desk/{conference['slug']}/announcements"},
    }
    context = {
        "conference": conference,
        "channels": here,
        "sessions": sessions,
        "live": live,
        "announced": await announced.standing(request, conference["id"]),
        "announcing": await announcements.form(request, conference),
        "reasons": sentences.reasons(language),
        "words": words,
        "slow": (0, 5, 10, 30, 60, 300),
        "others": [at for at in range(0, len(everywhere), CHANNELS) if at != first],
    }
    return await page(request, "moderation/console.html", context)


async def give_pass(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/moderate/pass: a fresh pass to the rooms of the console, as JSON."""
    conference, person, roles = await _come_in(request)
    everywhere = await _channels(request, conference)
    first = _first(request.query.get("from", ""), len(everywhere))
    opened = door.opened(conference["id"], everywhere[first : first + CHANNELS], person, roles)
    return door.answer(*door.issue(request, person, roles, opened))


async def show_plain(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/moderate/plain: what waits and what was said, with a form for each; no scripts needed."""
    conference, _, _ = await _come_in(request)
    channels = await _channels(request, conference)
    asked = [rooms.questions(one["id"]) for one in channels]
    pool = request.app[POOL]
    context = {
        "conference": conference,
        "names": {
            room: one["name"] for one in channels for room in (rooms.questions(one["id"]), rooms.chat(one["id"]))
        },
        "waiting": await pool.fetch(MODERATION.waiting, asked, ["asked"], SHOWN),
        "open": await pool.fetch(MODERATION.waiting, asked, list(OPEN), SHOWN),
        "said": await pool.fetch(MODERATION.said_lately, [rooms.chat(one["id"]) for one in channels], SHOWN),
        "key": str(uuid4()),
        "done": request.query.get("done", ""),
    }
    return await page(request, "moderation/plain.html", context)


async def act(request: web.Request) -> web.StreamResponse:
    """POST /c/{slug}/moderate/act: one act of the page without scripts; sent twice it is done once."""
    conference, person, _ = await _come_in(request)
    form = await read_form(request)
    address = f"/c/{conference['slug']}/moderate/plain"
    try:
        await _act(request, form, [one["id"] for one in await _channels(request, conference)], person)
    except publish.Refused as no:
        raise Refused(no.code, 409, sentence(no.code), (address, N_("Back to the desk"))) from None
    raise web.HTTPSeeOther(f"{address}?done=yes")


async def show_person(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/moderate/people/{person}: what somebody wrote, what moderators noted of them and did."""
    conference, _, _ = await _come_in(request)
    return await _person(request, conference)


async def add_note(request: web.Request) -> web.StreamResponse:
    """POST /c/{slug}/moderate/people/{person}: a note that the other moderators read, too."""
    conference, person, _ = await _come_in(request)
    text = (await read_form(request)).get("text", "").strip()
    about = int(request.match_info["person"])
    await _somebody(request, conference, await _channels(request, conference))
    wrong = ""
    if not text:
        wrong = N_("Write something first.")
    elif len(text) > rules.LONGEST_NOTE:
        wrong = N_("A note has at most 1000 characters.")
    if wrong:
        return await _person(request, conference, typed=text, wrong=wrong)
    await request.app[POOL].execute(MODERATION.add_note, conference["id"], about, text, person.id)
    raise web.HTTPSeeOther(request.path)


def sentence(code: str) -> str:
    """What a refusal of a live room says on a page."""
    if code == "desk.changed":
        return N_("Somebody else was quicker. Look at the list again.")
    if code in ("desk.no_such_item", "chat.no_such_message"):
        return N_("This is not there any more. Look at the list again.")
    return N_("This could not be done. Look at the list again.")


async def _come_in(request: web.Request) -> tuple[where.Row, Person, frozenset[str]]:
    await where.somebody(request)  # first: whoever is not signed in is led there
    conference = await where.conference(request)
    person, roles = await where.moderator(request, conference)
    return conference, person, roles


async def _channels(request: web.Request, conference: where.Row) -> list[where.Row]:
    return [dict(one) for one in await request.app[POOL].fetch(where.CONFERENCES.channels, conference["id"])]


async def _votes(request: web.Request, channels: list[where.Row]) -> dict[str, int]:
    asked = [rooms.questions(one["id"]) for one in channels]
    rows = await request.app[POOL].fetch(MODERATION.upvotes, asked)
    return {f"{rooms.number(row['room'])}:{row['item']}": row["votes"] for row in rows}


async def _act(request: web.Request, form: Mapping[str, str], numbers: list[int], person: Person) -> None:
    """Raises publish.Refused where the wire would refuse it, Refused where the form makes no sense."""
    now: datetime = request.app[CLOCK]()
    try:
        channel, key = number(form.get("channel", "")), str(UUID(form.get("key", "")))
    except ValueError:
        raise _senseless() from None
    if channel not in numbers:
        raise _senseless()
    redis, verb, target = request.app[REDIS], form.get("verb", ""), number(form.get("target", ""))
    if form.get("what") == "question" and verb in VERBS:
        # The key is the page's: with the item and the verb it is the act's.
        once = f"{key}:{verb}:{form.get('item', '')}"[:64]
        await publish.move_question(
            redis,
            channel=channel,
            item=form.get("item", ""),
            verb=verb,
            by=person.id,
            key=once,
            when=now,
            text=form.get("text", ""),
        )
    elif form.get("what") == "message" and verb == "delete" and target is not None:
        await publish.retract_from_chat(
            redis, channel=channel, target=target, by=person.id, key=f"{key}:{target}", when=now
        )
    else:
        raise _senseless()


def _senseless() -> Refused:
    return Refused("moderation.form", 400, N_("This form says nothing that can be done. Load the page again."))


async def _person(
    request: web.Request, conference: where.Row, *, typed: str = "", wrong: str = ""
) -> web.StreamResponse:
    channels = await _channels(request, conference)
    found = await _somebody(request, conference, channels)
    chats = [rooms.chat(one["id"]) for one in channels]
    asked = [rooms.questions(one["id"]) for one in channels]
    everywhere = [*chats, *asked, *map(rooms.desk, (*chats, *asked))]
    pool, about = request.app[POOL], found["id"]
    log = await pool.fetch(
        MODERATION.acts, conference["id"], everywhere, None, about, rules.NAMED["chat"], None, "", OF_A_PERSON
    )
    context: dict[str, Any] = {
        "conference": conference,
        "found": dict(found),
        "names": {
            room: one["name"] for one in channels for room in (rooms.questions(one["id"]), rooms.chat(one["id"]))
        },
        "said": await pool.fetch(MODERATION.said_by, chats, about, OF_A_PERSON),
        "asked": await pool.fetch(MODERATION.asked_by, asked, about, OF_A_PERSON),
        "notes": await pool.fetch(MODERATION.notes, conference["id"], about),
        "acts": [{**row, "told": rules.tell(row["kind"], row["before"], row["after"])} for row in log],
        "typed": typed,
        "wrong": wrong,
    }
    return await page(request, "moderation/person.html", context, status=422 if wrong else 200)


async def _somebody(request: web.Request, conference: where.Row, channels: list[where.Row]) -> Any:
    asked = [room for one in channels for room in (rooms.chat(one["id"]), rooms.questions(one["id"]))]
    number = int(request.match_info["person"])
    found = await request.app[POOL].fetchrow(MODERATION.participant, conference["id"], number, asked)
    if found is None:
        way_out = (f"/c/{conference['slug']}/moderate", N_("Back to the desk"))
        raise Refused("person.nowhere", 404, N_("Nobody of this conference has this number."), way_out)
    return found


def _first(asked: str, count: int) -> int:
    """The number of the first channel of a console that does not hold them all."""
    first = int(asked) if asked.isdecimal() and len(asked) < 6 else 0
    return first - first % CHANNELS if first < count else 0
