"""The page that phones in the hall open by a QR code: ask, vote, see what others ask. It asks for no account.

A phone without an account is one voter, and whoever clears its cookies is a new one, whom nobody can tell from a
neighbour's phone: a hall has one address. So phones that vote for the first time are counted (NEWCOMERS). This bounds
how many votes one laptop can make up, in the hall or at home: as many as a large hall has seats, and no more. It does
not stop it before that, nor whoever has many addresses. Where a vote decides something, let those vote who sign in.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web

from config.languages import N_, translations
from realtime import channels as rooms
from realtime import publish
from sql import queries
from web import permissions, throttle
from web.conferences import announced, device, door, polls, rules, sentences, stage_words, votes, where
from web.conferences.door import NOBODY
from web.conferences.screen_rules import HALL
from web.conferences.screens import opened
from web.csrf import token
from web.forms import read_form
from web.keys import CLOCK, POOL, REDIS, SETTINGS
from web.page import page
from web.reader import Person, meet
from web.refusals import Refused

CHANNEL = queries("channel")
AT_ONCE = 100  # questions; a phone scrolls no further
TEXT_LIMIT = 1000  # characters of a question; realtime takes twice as many
NAME_LIMIT = 60
NOW = "now"  # in the address, and in a form that a script sends

MINUTE, HOUR = 60, 3600  # seconds
# Phones that vote for the first time in one channel, from one address. A hall of 2,000 is behind one address; when a
# poll opens half of it votes within a minute, and the others are asked to press again a little later. In half a day all
# of them come, and a fifth more: second phones, private windows. Who was let in is not counted again that day.
NEWCOMERS = ((1_000, MINUTE), (2_400, 12 * HOUR))
KNOWN_FOR = 24 * HOUR
# How often: of one phone, from one address (a whole hall may be behind one), and by one QR code.
LIMITS = {
    "ask": ((4, 10 * MINUTE), (120, 10 * MINUTE), (400, 10 * MINUTE)),
    "vote": ((20, MINUTE), (2_000, HOUR), (20_000, HOUR)),
    "up": ((30, MINUTE), (5_000, HOUR), (20_000, HOUR)),
}


async def show_hall(request: web.Request) -> web.StreamResponse:
    """GET /hall/{token}: the poll that is open, a place to ask, and what others asked; with ?now=1 what changes, alone.

    A script asks for that alone: when a poll opens, ten thousand phones do so within a few seconds.
    """
    screen = await opened(request, HALL)
    voter, person = await _voter(request, screen)
    now = await _now(request, screen, voter)
    if NOW in request.query:
        return await page(request, "conferences/hall_again.html", now)
    room, number = rooms.questions(screen["channel_id"]), now["live"]["session"] or None
    asked = await votes.questions(request, screen["conference_id"], room=room, session=number, at_most=AT_ONCE)
    context = now | {
        "conference": {
            "slug": screen["slug"],
            "name": screen["conference_name"],
            "published_at": screen["published_at"],
        },
        "announced": await announced.standing(request, screen["conference_id"]),
        "here": _here(request),
        "questions": [{**one, "mine": one["item"] in now["live"]["mine"]} for one in asked],
        "key": str(uuid4()),
        "limit": TEXT_LIMIT,
        "guest": person is None,
        "live": now["live"]
        | {
            "url": request.app[SETTINGS].realtime_url,
            "pass_url": f"{_here(request)}/pass",
            "token": _issue(request, screen)[0],
            "user": NOBODY,
            "room": room,
            "announcements": rooms.announcements(screen["conference_id"]),
            "language": (await meet(request)).language,
            "up": f"{_here(request)}/up",
            "csrf": await token(request),
            "words": stage_words.words((await meet(request)).language),
        },
    }
    response = await page(request, "conferences/hall.html", context)
    device.plant(request, response)
    return response


async def _now(request: web.Request, screen: where.Row, voter: str) -> dict[str, Any]:
    """What changes on the page while a phone looks at it."""
    session, conference = await _current(request, screen), screen["conference_id"]
    channel, address = screen["channel_id"], f"{_here(request)}/polls"
    standing = await polls.standing(request, conference, voter, channel=channel, address=address)
    counted = await votes.counted(request, conference, rooms.questions(channel), voter)
    return {
        "screen": screen,
        "session": session,
        "polls": [one for one in standing if one["status"] == "open" or one["mine"]][:1],
        "asked": request.query.get("asked") == "1",
        "live": {"session": session.id if session else 0, **counted},
    }


async def give_pass(request: web.Request) -> web.StreamResponse:
    """GET /hall/{token}/pass: a fresh pass to what everybody in the channel may read."""
    return door.answer(*_issue(request, await opened(request, HALL)))


async def ask(request: web.Request) -> web.StreamResponse:
    """POST /hall/{token}/ask: a question goes to the moderators."""
    screen = await opened(request, HALL)
    voter, person = await _voter(request, screen)
    form = await read_form(request)
    text, name = form.get("text", "").strip(), " ".join(form.get("name", "").split())[:NAME_LIMIT]
    if not text:
        raise Refused("question.empty", 422, N_("Write the question first."), _back(request))
    if len(text) > TEXT_LIMIT:
        raise Refused(
            "question.too_long", 422, N_("The question is too long. Shorten it and send it again."), _back(request)
        )
    await _spend(request, screen, voter, "ask")
    said = translations(screen["language"])
    guest = said.gettext("A guest in the hall") + f" ({screen['name']})"
    try:
        await publish.ask(
            request.app[REDIS],
            channel=screen["channel_id"],
            user=person.id if person else NOBODY,
            name=person.name if person else name or guest,
            badge="" if person else permissions.GUEST,
            text=text,
            anonymous=person is None and not name,
            key=_key(form.get("key", "")),
            when=request.app[CLOCK](),
            secret=request.app[SETTINGS].secret,
        )
    except publish.Refused as no:
        raise Refused(no.code, 409, sentences.REFUSALS[no.code], _back(request)) from None
    raise _again(request, form, "asked=1", "asked")


async def vote(request: web.Request) -> web.StreamResponse:
    """POST /hall/{token}/polls/{poll}/vote: a ballot of this phone, or of whoever is signed in on it."""
    screen = await opened(request, HALL)
    voter = await _admitted(request, screen)
    await _spend(request, screen, voter, "vote", subject=request.match_info["poll"])  # so a hall has a vote in each
    await _newcomer(request, screen, voter)
    await polls.cast(request, screen["channel_id"], voter, way_out=_back(request))
    raise _again(request, await read_form(request), f"{where.VOTED}=1", "poll")


async def upvote(request: web.Request) -> web.StreamResponse:
    """POST /hall/{token}/up: one more wants this question answered; without `on`, one less."""
    screen = await opened(request, HALL)
    voter = await _admitted(request, screen)
    await _spend(request, screen, voter, "up")
    form = await read_form(request)
    room, item = rooms.questions(screen["channel_id"]), form.get("item", "")
    pool = request.app[POOL]
    if form.get("on") != "1":
        await pool.execute(CHANNEL.take_vote_back, room, item, voter)
    elif await pool.fetchval(CHANNEL.is_question_shown, room, item) or await publish.is_shown(
        request.app[REDIS], room=room, item=item
    ):
        await _newcomer(request, screen, voter)
        await pool.execute(CHANNEL.cast_vote, room, item, voter)
    else:
        raise Refused("vote.unknown", 404, votes.GONE, _back(request))
    raise _again(request, form, f"{where.VOTED}=1", f"q-{item}")


def _again(request: web.Request, form: Mapping[str, str], done: str, place: str) -> web.HTTPSeeOther:
    """Back to the page, or to what changes there, if a script sent the form."""
    alone = f"&{NOW}=1" if NOW in form else ""
    return web.HTTPSeeOther(f"{_here(request)}?{done}{alone}#{place}")


async def _admitted(request: web.Request, screen: where.Row) -> str:
    """The voter, if they may vote. Raises Refused vote.banned."""
    voter, person = await _voter(request, screen)
    if person is not None:
        await votes.admit(request, screen["channel_id"], person, way_out=_back(request))
    return voter


async def _voter(request: web.Request, screen: where.Row) -> tuple[str, Person | None]:
    """Under which name this phone votes: a participant is the same person here as on the channel's page."""
    person = (await meet(request)).person
    if person is not None and permissions.enter_channel(await where.roles(request, screen["conference_id"])):
        return votes.voter(person.id), person
    return f"device:{device.name(request)}", None


async def _spend(request: web.Request, screen: where.Row, voter: str, what: str, *, subject: str = "") -> None:
    """Count an act against its limits. Raises Refused hall.no_cookie, hall.too_often."""
    if voter.startswith("device:") and not device.is_known(request):
        sentence = N_("This browser kept no cookie of ours. Allow cookies, and open the page again.")
        raise Refused("hall.no_cookie", 403, sentence, _back(request))
    whose = (voter, _address(request), f"screen:{screen['id']}")
    counted = [(one, limit, window) for one, (limit, window) in zip(whose, LIMITS[what], strict=True)]
    _wait(request, await throttle.spend(request.app[REDIS], what=f"hall {what} {subject}", counted=counted))


async def _newcomer(request: web.Request, screen: where.Row, voter: str) -> None:
    """Count a phone that votes for the first time against NEWCOMERS. Raises Refused hall.too_often."""
    if voter.startswith("device:"):
        here = f"hall {screen['channel_id']}"
        counted = [(f"{_address(request)} {window}", limit, window) for limit, window in NEWCOMERS]
        redis = request.app[REDIS]
        _wait(request, await throttle.admit(redis, what=here, who=voter, counted=counted, known_for=KNOWN_FOR))


def _wait(request: web.Request, seconds: int) -> None:
    if seconds:
        sentence = N_("That was a lot in a short time. Wait a few minutes, and send it again.")
        raise Refused("hall.too_often", 429, sentence, _back(request), headers={"Retry-After": str(seconds)})


def _address(request: web.Request) -> str:
    return f"address:{throttle.address_of(request, trusted_proxies=request.app[SETTINGS].trusted_proxies)}"


async def _current(request: web.Request, screen: where.Row) -> rules.Session | None:
    conference = {"id": screen["conference_id"], "zone": screen["zone"]}
    schedule = await where.schedule(request, conference)
    return rules.on_air(schedule, screen["channel_id"], by_hand=screen["by_hand"], session=screen["on_air_id"])


def _issue(request: web.Request, screen: Mapping[str, Any]) -> tuple[str, int]:
    """A pass of nobody that opens one room for reading."""
    return door.issue_to_screen(request, screen, frozenset())


def _here(request: web.Request) -> str:
    return f"/hall/{request.match_info['token']}"


def _back(request: web.Request) -> tuple[str, str]:
    return _here(request), N_("Back to the page of the hall")


def _key(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return str(uuid4())
