"""Pages of one channel: the hall (picture, chat, questions, polls), the chat alone, the pass. It holds no rule."""

from typing import Any

from aiohttp import web

from config.languages import OWN_NAMES
from realtime import channels as rooms
from sql import queries
from web import headers, permissions
from web.conferences import announced, channel_words, door, player, rules, votes, where
from web.conferences.where import Row
from web.keys import POOL, SETTINGS
from web.page import page
from web.reader import Person, meet

CONFERENCES = queries("conferences")
CHANNEL = queries("channel")


async def show_channel(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/{channel}: what is on in a channel and its rooms, for participants."""
    now, person, roles = await _now(request)
    conference, channel, current = now["conference"], now["channel"], now["current"]
    language = (await meet(request)).language
    streams, picture = await _to_be_seen(request, conference, channel)
    first = player.first(streams, language)
    context = {
        **now,
        "streams": streams,
        "stream": first,
        "picture": picture,
        "language_names": OWN_NAMES,
        "announced": await announced.standing(request, conference["id"]),
        "live": {
            **await _given(request, conference, channel, person, roles),
            "session": current.id if current else 0,
            "streams": [{"kind": one.kind, "address": one.address} for one in streams],
            "stream": first,
        },
    }
    answer = await page(request, "conferences/channel.html", context)
    answer.headers["Content-Security-Policy"] = headers.content_policy(
        request.app[SETTINGS].realtime_url, frames=player.frames(streams), media=player.media(streams)
    )
    return answer


async def show_card(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/{channel}/card: the parts of that page that grow old, for its script."""
    now, _, _ = await _now(request)
    return await page(request, "conferences/card.html", now)


async def show_chat(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/{channel}/chat: the chat in a window of its own."""
    conference = await where.conference(request)
    channel = await where.channel(request, conference)
    person, roles = await where.participant(request, conference)
    given = await _given(request, conference, channel, person, roles)
    stands = await announced.standing(request, conference["id"])
    context = {"conference": conference, "channel": channel, "announced": stands, "live": given}
    return await page(request, "conferences/chat.html", context)


async def give_pass(request: web.Request) -> web.StreamResponse:
    """GET /c/{slug}/{channel}/pass: a fresh pass to the channel's rooms, as JSON."""
    conference = await where.conference(request)
    channel = await where.channel(request, conference)
    person, roles = await where.participant(request, conference)
    opened = door.opened(conference["id"], [channel], person, roles)
    return door.answer(*door.issue(request, person, roles, opened))


async def _now(request: web.Request) -> tuple[dict[str, Any], Person, frozenset[str]]:
    """What is on and comes next in a channel, for whoever may enter it."""
    conference = await where.conference(request)
    schedule = await where.schedule(request, conference)
    channels = await where.channels(request, conference, schedule)
    channel = where.pick(request, channels)
    person, roles = await where.participant(request, conference)
    now = {
        "conference": conference,
        "channel": channel,
        "channels": channels,
        "current": channel["current"],
        "next": channel["next"],
        "upcoming": rules.upcoming(schedule, channel["id"]),
        "may_speak": permissions.speak(roles),
        "may_moderate": permissions.moderate(roles),
    }
    return now, person, roles


async def _to_be_seen(request: web.Request, conference: Row, channel: Row) -> tuple[list[player.Stream], str | None]:
    """A channel's streams, and the name of the picture that is there without them."""
    pool = request.app[POOL]

    async def ask() -> tuple[list[player.Stream], str | None]:
        rows = await pool.fetch(CONFERENCES.streams, channel["id"])
        picture = await pool.fetchval(CHANNEL.offline_picture, channel["offline_picture_id"])
        return player.streams(dict(row) for row in rows), picture

    return await where.lately(request, conference["id"], ("streams", channel["id"]), ask)


async def _given(
    request: web.Request, conference: Row, channel: Row, person: Person, roles: frozenset[str]
) -> dict[str, Any]:
    """What the scripts of a channel's pages are given."""
    here = f"/c/{conference['slug']}/{channel['slug']}"
    opened = door.opened(conference["id"], [channel], person, roles)
    live = await door.live(request, person, roles, opened, pass_url=f"{here}/pass")
    return {
        **live,
        "room": rooms.chat(channel["id"]),
        "stage": rooms.questions(channel["id"]),
        "vote_url": f"{here}/vote",
        "tally_url": f"{here}/tally",
        "polls_url": f"{here}/polls.json",
        "card_url": f"{here}/card",
        "emoji": votes.EMOJI,
        "words": live["words"] | channel_words.words(live["language"]),
    }
