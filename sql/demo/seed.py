"""Puts the demo into an empty database, all or nothing. A database that has a person or a conference stays as it is."""

from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

from sql.connection import Connection
from sql.demo import conference as demo
from sql.demo.audience import watched
from sql.demo.chat import CHAT, Said
from sql.demo.landing import BLOCKS
from sql.demo.people import PASSWORD, PEOPLE
from sql.demo.portraits import draw
from sql.demo.speakers import SPEAKERS
from sql.demo.stage import POLLS, QUESTIONS
from sql.loader import queries

SQL = queries("demo")
OUTBOX = queries("outbox")
GUEST = "Гость в зале"
BADGES = ("organiser", "moderator", "speaker")  # roles shown beside a name in the chat


async def seed(connection: Connection, *, now: datetime) -> bool:
    """Plant the demo around `now`; False, and nothing done, when the database is not empty.

    The connection must speak jsonb as Python values, as those of sql.connect do.
    """
    async with connection.transaction():
        if not await connection.fetchval(SQL.is_empty):
            return False
        people = await _people(connection)
        conference = await _conference(connection, people, now)
        channels = await _channels(connection, conference)
        speakers = await _speakers(connection, conference, people)
        sessions = await _sessions(connection, channels, speakers, now)
        await connection.execute(SQL.plant_release, conference)
        await _belongings(connection, channels, sessions, people, now)
        await _landing(connection, conference)
        await _letters(connection, conference, people)
        for slug, said in CHAT.items():
            await _talk(connection, (slug, channels[slug]), said, people, now)
        await _questions(connection, channels, sessions, people, now)
        await _polls(connection, channels, sessions, now)
        await _audience(connection, channels, now)
    return True


async def _people(connection: Connection) -> dict[str, int]:
    """Ids by e-mail. Each has a hash of their own, as real people do."""
    portraits = {one.email: draw(one.features) for one in SPEAKERS if one.email}
    hashed = PasswordHasher().hash
    return {
        one.email: await connection.fetchval(
            SQL.plant_person, one.email, one.name, hashed(PASSWORD), one.language, portraits.get(one.email)
        )
        for one in PEOPLE
    }


async def _conference(connection: Connection, people: dict[str, int], now: datetime) -> int:
    zone = ZoneInfo(demo.ZONE)
    days = [one.times(now)[0].astimezone(zone).date() for one in demo.SESSIONS]  # midnight ends no session
    words = (demo.NAME, demo.TAGLINE, demo.ABOUT)
    conference: int = await connection.fetchval(
        SQL.plant_conference, demo.SLUG, *words, demo.ZONE, list(demo.LANGUAGES), min(days), max(days)
    )
    await connection.executemany(SQL.plant_role, [(conference, people[one.email], one.role) for one in PEOPLE])
    return conference


async def _channels(connection: Connection, conference: int) -> dict[str, int]:
    return {
        one.slug: await connection.fetchval(SQL.plant_channel, conference, position, one.slug, one.name)
        for position, one in enumerate(demo.CHANNELS, start=1)
    }


async def _speakers(connection: Connection, conference: int, people: dict[str, int]) -> dict[str, int]:
    return {
        one.key: await connection.fetchval(
            SQL.plant_speaker,
            conference,
            people[one.email] if one.email else None,
            one.name,
            one.about,
            draw(one.features),
        )
        for one in SPEAKERS
    }


async def _sessions(
    connection: Connection, channels: dict[str, int], speakers: dict[str, int], now: datetime
) -> dict[tuple[str, int], int]:
    """Ids by channel and start."""
    made = {}
    for one in demo.SESSIONS:
        starts, ends = one.times(now)
        session = await connection.fetchval(
            SQL.plant_session, channels[one.channel], starts, ends, one.title, one.abstract, one.language
        )
        rows = [(session, speakers[key], position) for position, key in enumerate(one.speakers, start=1)]
        await connection.executemany(SQL.plant_session_speaker, rows)
        made[one.channel, one.starts] = session
    return made


async def _belongings(
    connection: Connection,
    channels: dict[str, int],
    sessions: dict[tuple[str, int], int],
    people: dict[str, int],
    now: datetime,
) -> None:
    """The programme somebody chose, and the screens that stand in the house."""
    who, chosen = demo.STARS
    person = people[f"{who}@demo.veche"]
    await connection.executemany(SQL.plant_star, [(person, sessions[one]) for one in chosen])
    over = max(ends for one in demo.SESSIONS for ends in one.times(now)) + timedelta(days=1)
    screens = [(channels[channel], kind, name, over) for channel, kind, name in demo.SCREENS]
    await connection.executemany(SQL.plant_screen, screens)


async def _landing(connection: Connection, conference: int) -> None:
    rows = [(conference, position, kind, content) for position, (kind, content) in enumerate(BLOCKS, start=1)]
    await connection.executemany(SQL.plant_block, rows)


async def _letters(connection: Connection, conference: int, people: dict[str, int]) -> None:
    for one in PEOPLE:
        if one.role == "attendee":
            payload = {"person_id": people[one.email], "conference_id": conference}
            await connection.execute(OUTBOX.promise, "mail.welcome", payload)


async def _talk(
    connection: Connection, channel: tuple[str, int], chat: tuple[Said, ...], people: dict[str, int], now: datetime
) -> None:
    """The chat goes the way every message goes: through the stream, by the workers' hand."""
    names = {one.email.partition("@")[0]: one for one in PEOPLE}
    for number, (who, ago, words) in enumerate(chat):
        person = names[who]
        said = (now.astimezone(UTC) - timedelta(seconds=ago)).replace(microsecond=0)
        payload = {
            "channel": channel[1],
            "user": people[person.email],
            "name": person.name,
            "badge": person.role if person.role in BADGES else "",
            "key": str(uuid5(NAMESPACE_URL, f"veche:demo:{channel[0]}:{number}")),
            "text": words,
            "when": said.isoformat(),
        }
        await connection.execute(OUTBOX.promise, "chat.say", payload)


async def _questions(
    connection: Connection,
    channels: dict[str, int],
    sessions: dict[tuple[str, int], int],
    people: dict[str, int],
    now: datetime,
) -> None:
    """Questions go their way by the workers' hand, too."""
    names = {one.email.partition("@")[0]: one for one in PEOPLE}
    for number, one in enumerate(QUESTIONS):
        asked = (now.astimezone(UTC) - timedelta(seconds=one.ago)).replace(microsecond=0)
        person = names.get(one.who)
        session = ("bind", "", str(sessions[one.session]))
        payload = {
            "channel": channels[one.session[0]],
            "user": people[person.email] if person else 0,
            "name": person.name if person else GUEST,
            "badge": person.role if person and person.role in BADGES else "",
            "anonymous": person is None,
            "key": str(uuid5(NAMESPACE_URL, f"veche:demo:question:{number}")),
            "text": one.words,
            "when": asked.isoformat(),
            "moderator": people[names["moderator"].email],
            "steps": [session, *((verb, text, "") for verb, text in one.steps)],
            "voters": [f"device:demo-{voter}" for voter in range(one.votes)],
        }
        await connection.execute(OUTBOX.promise, "question.ask", payload)


async def _polls(
    connection: Connection, channels: dict[str, int], sessions: dict[tuple[str, int], int], now: datetime
) -> None:
    for one in POLLS:
        opened = None if one.status == "draft" else now - timedelta(minutes=40 if one.status == "closed" else 5)
        closed = now - timedelta(minutes=35) if one.status == "closed" else None
        facts = (channels[one.channel], sessions[one.session], one.question, one.kind, one.secret, one.status)
        poll = await connection.fetchval(SQL.plant_poll, *facts, opened, closed)
        voter = 0
        for position, (text, votes) in enumerate(one.options, start=1):
            option = await connection.fetchval(SQL.plant_poll_option, poll, position, text)
            ballots = [(poll, f"device:demo-{voter + place}", [option]) for place in range(votes)]
            await connection.executemany(SQL.plant_ballot, ballots)
            voter += votes


async def _audience(connection: Connection, channels: dict[str, int], now: datetime) -> None:
    for slug, channel in channels.items():
        spans = [one.times(now) for one in demo.SESSIONS if one.channel == slug]
        rows = [(channel, minute, viewers) for minute, viewers in watched(slug, spans, now)]
        await connection.executemany(SQL.plant_audience, rows)
