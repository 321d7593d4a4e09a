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
    conference = await where.conference(request)
    schedule = await where.schedule(request, conference)
    channels = await where.channels(request, conference, schedule)
    channel = where.pick(request, channels)
    person, roles = await where.participant(request, conference)
    language = (await meet(request)).language
    rows = await request.app[POOL].fetch(CONFERENCES.streams, channel["id"])
    streams = player.streams(dict(row) for row in rows)
    first = player.first(streams, language)
    current = channel["current"]
    given = await _given(request, conference, channel, person, roles)
    context = {
        "conference": conference,
        "channel": channel,
        "channels": channels,
        "streams": streams,
        "stream": first,
        "picture": await request.app[POOL].fetchval(CHANNEL.offline_picture, channel["offline_picture_id"]),
        "current": current,
        "next": channel["next"],
        "upcoming": rules.upcoming(schedule, channel["id"]),
        "may_speak": permissions.speak(roles),
        "language_names": OWN_NAMES,
        "announced": await announced.standing(request, conference["id"]),
        "live": {
            **given,
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
        "emoji": votes.EMOJI,
        "words": live["words"] | channel_words.words(live["language"]),
    }
