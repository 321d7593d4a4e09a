"""DOOR: everything another room may say live, one named function each. It checks no rights: the caller did.

Each is carried out once per key: repeated, it changes nothing. Each raises Refused where the wire would refuse it, and
redis.exceptions.RedisError when it was not stored.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from realtime import (
    acting,
    announcements,
    channels,
    commands,
    inbox,
    log,
    messages,
    passes,
    questions,
    shown,
    stage,
    verbs,
    viewers,
)
from realtime.channels import desk
from realtime.clearing import Imposed as Imposed
from realtime.clearing import lift_all as lift_all
from realtime.clearing import reject_all as reject_all
from realtime.clearing import retract_all as retract_all
from realtime.commands import ChatSay
from realtime.engine import Engine
from realtime.errors import Refused as Refused  # part of the door: what its functions raise
from realtime.events import ChatSaid, Revoked
from realtime.moderation import banned
from realtime.passes import SAY, Pass
from realtime.telling import Notice as Notice
from realtime.telling import notify as notify
from realtime.telling import polls as polls
from realtime.telling import tallies as tallies
from realtime.words import plain
from realtime.writes import Expects, Put, Speech, Write

PERSONAL = frozenset({SAY})
NOBODY = 0  # whose events concern many


async def say_in_chat(
    redis: Engine, *, channel: int, user: int, name: str, badge: str, key: str, text: str, when: datetime
) -> int:
    """Write in a channel's chat; the message's offset."""
    room, now = channels.chat(channel), acting.milliseconds(when)
    said = ChatSaid(user=user, name=name, badge=badge, key=key, text=text, when=now)
    put = Put(room, user, messages.event(said))
    write = Write(room, ChatSay.do, user, key, now, (put,), speech=Speech(free=True, text=None))
    return (await log.append(redis, write)).offset


async def retract_from_chat(redis: Engine, *, channel: int, target: int, by: int, key: str, when: datetime) -> int:
    """Delete anybody's message from a channel's chat; the retraction's offset, 0 when it was deleted before."""
    room = channels.chat(channel)
    return (await acting.moderate(redis, commands.ChatRetract(0, room, key, target), by, when, desk(room))).offset


# What moderators do, in a chat or under a video or an idea, from a page without JavaScript


async def purge(redis: Engine, *, room: str, user: int, by: int, key: str, when: datetime) -> None:
    """Delete everything of a person from a room."""
    await acting.moderate(redis, commands.ChatPurge(0, room, key, user), by, when, desk(room))


async def restore(redis: Engine, *, room: str, target: int, by: int, key: str, when: datetime) -> int:
    """Bring back what a moderator deleted within a day; its new offset."""
    return (await acting.moderate(redis, commands.ChatRestore(0, room, key, target), by, when)).offset


async def pin(redis: Engine, *, room: str, target: int, by: int, key: str, when: datetime) -> None:
    """Keep a message on top of a room."""
    await acting.moderate(redis, commands.ChatPin(0, room, key, target), by, when)


async def unpin(redis: Engine, *, room: str, by: int, key: str, when: datetime) -> None:
    """Keep nothing on top of a room."""
    await acting.moderate(redis, commands.ChatUnpin(0, room, key), by, when)


async def slow(redis: Engine, *, room: str, seconds: int, by: int, key: str, when: datetime) -> None:
    """Let everybody write once in so many seconds; 0 ends it."""
    await acting.moderate(redis, commands.ChatSlow(0, room, key, seconds), by, when)


async def close(redis: Engine, *, room: str, on: bool, by: int, key: str, when: datetime) -> None:
    """Let nobody but moderators write, or everybody again."""
    await acting.moderate(redis, commands.ChatClose(0, room, key, on), by, when)


async def mute(redis: Engine, *, room: str, user: int, seconds: int, by: int, key: str, when: datetime) -> None:
    """Let a person read but not write for so many seconds; 0 ends it."""
    await acting.moderate(redis, commands.ChatMute(0, room, key, user, seconds), by, when, room)


async def ban(redis: Engine, *, room: str, user: int, on: bool, by: int, key: str, when: datetime) -> None:
    """Put a person out of a room, or let them in again."""
    await acting.moderate(redis, commands.ChatBan(0, room, key, user, on), by, when)


async def is_banned(redis: Engine, *, rooms: Iterable[str], user: int) -> bool:
    """Whether a moderator has put a person out of one of these rooms."""
    keys = [channels.state(room) for room in rooms]
    answers = await redis.together([(key, ("HEXISTS", key, banned(user))) for key in keys])
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return any(answers)


async def settle(redis: Engine, *, room: str, item: str, release: bool, by: int, key: str, when: datetime) -> None:
    """Release a held message into its room, or drop it and tell its author."""
    await acting.moderate(redis, commands.ChatSettle(0, room, key, item, release), by, when, desk(room), room)


def found_in(text: str, words: Sequence[str]) -> list[str]:
    """Which of these beginnings of words a text contains, as the rooms compare them: look-alike letters aside."""
    told = plain(text)
    return [word for word in words if plain(word).strip() and plain(word) in told]


async def dismiss(redis: Engine, *, room: str, item: str, by: int, key: str, when: datetime) -> None:
    """Settle a report, and all others of the same message."""
    await acting.moderate(redis, commands.ChatDismiss(0, room, key, item), by, when, desk(room))


async def words(
    redis: Engine, *, room: str, hold: Sequence[str], hide: Sequence[str], by: int, key: str, when: datetime
) -> None:
    """Hold what contains a word that begins like one of these, or hold it so that its author does not know."""
    await acting.moderate(redis, commands.ChatWords(0, room, key, tuple(hold), tuple(hide)), by, when)


# Questions


async def ask(
    redis: Engine,
    *,
    channel: int,
    user: int,
    name: str,
    badge: str,
    text: str,
    anonymous: bool,
    key: str,
    when: datetime,
    secret: str,
) -> str:
    """Put a question before a channel's moderators, if the room lets this person; the question's name.

    `user` 0 is somebody without an account: no rule of the room is about them, and whoever asks here counts them.
    """
    room = channels.questions(channel)
    act = commands.QuestionAsk(0, room, key, text, anonymous)
    known = {(room, stage.NOW): await acting.part(redis, room, stage.NOW)}
    speaker = acting.speaker(Pass(user, name, {room: PERSONAL}, 0, badge), when, known=known, secret=secret)
    await acting.store(redis, act, speaker)
    return speaker.item(act)


async def move_question(
    redis: Engine,
    *,
    channel: int,
    item: str,
    verb: str,
    by: int,
    key: str,
    when: datetime,
    text: str = "",
    into: str = "",
    last: Mapping[str, Any] | None = None,
) -> None:
    """Go one step with a question: `verb` is one of questions.VERBS.

    `last` is the question as the archive has it, by the fields of QuestionAtDesk: one that the desk has let go is
    put back as it was, and goes its step from there.
    """
    room = channels.questions(channel)
    act = commands.QuestionMove(0, room, key, item, verb, text, into)
    known = await acting.state(redis, desk(room))
    if last is not None:
        known.setdefault((desk(room), questions.part(item)), questions.let_go(last))
    await acting.store(redis, act, acting.speaker(acting.moderator(by, room), when, known=known))


# What stands on a channel's stage


async def on_air(
    redis: Engine, *, channel: int, session: int, key: str, when: datetime, after: int | None = None
) -> None:
    """This session is on in a channel from now on; 0: nothing is. Questions asked from now on are about it.

    With `after`, the offset of what_is_on, it is refused with desk.changed when something else was told since.
    """
    await log.append(redis, stage.on_air(channel, session, key=key, when=acting.milliseconds(when), after=after))


async def what_is_on(redis: Engine, some: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Of each of these channels the session its room was told of last, and the offset of that; 0 and 0: none yet.

    Where several servers hold the rooms, those of one that is away are left out.
    """
    keys = {channel: channels.state(channels.questions(channel)) for channel in some}
    answers = await redis.together([(key, ("HGET", key, stage.NOW)) for key in keys.values()])
    away = [answer for answer in answers if isinstance(answer, Exception)]
    if away and len(away) == len(answers):
        raise away[0]
    found = {channel: answer for channel, answer in zip(keys, answers, strict=True) if answer not in away}
    return {channel: _on(channel, answer) for channel, answer in found.items()}


async def question(redis: Engine, *, channel: int, item: str) -> Mapping[str, Any] | None:
    """A question as the desk has it now, by the fields of QuestionAtDesk; None: it let it go, or never had it."""
    found = await acting.part(redis, desk(channels.questions(channel)), questions.part(item))
    return None if found is None else questions.at_desk(found)


# What comes into a person's own room


async def direct(redis: Engine, *, user: int, name: str, to: int, text: str, key: str, when: datetime) -> None:
    """Write to one person, also to one who was never here. Raises Refused direct.blocked among others."""
    room, part = channels.inbox(user), inbox.part(to)
    act, known = commands.DirectSay(0, room, key, to, text), {(room, part): await acting.part(redis, room, part)}
    speaker = acting.speaker(Pass(user, name, {room: PERSONAL}, 0), when, known=known)
    for write in verbs.decide(act, speaker):
        await log.append(redis, replace(write, guest=False))  # whoever asks knows that this person exists


async def read(redis: Engine, *, user: int, thread: str, upto: int, key: str, when: datetime) -> None:
    """A person has read a thread up to an offset of their inbox."""
    room = channels.inbox(user)
    await acting.act(redis, commands.InboxRead(0, room, key, thread, upto), Pass(user, "", {room: PERSONAL}, 0), when)


async def block(redis: Engine, *, user: int, other: int, on: bool, key: str, when: datetime) -> None:
    """Let somebody write to a person no longer, or again."""
    room = channels.inbox(user)
    await acting.act(redis, commands.InboxBlock(0, room, key, other, on), Pass(user, "", {room: PERSONAL}, 0), when)


# What concerns a whole conference, or a person everywhere


async def announce(
    redis: Engine,
    *,
    conference: int,
    text: str,
    by: int,
    key: str,
    when: datetime,
    until: datetime | None = None,
    language: str = "",
    others: Mapping[str, str] | None = None,
    urgent: bool = False,
    link: str = "",
    place: Mapping[str, str] | None = None,
    instead: str = "",
) -> str:
    """Tell everybody of a conference, on every screen; the announcement's name. Its fields: commands.Announce."""
    room, end = channels.announcements(conference), acting.milliseconds(until) if until else 0
    act = commands.Announce(0, room, key, text, end, language, others or {}, urgent, link, place or {}, instead)
    speaker = acting.speaker(acting.moderator(by, room), when, known=await acting.state(redis, room))
    await acting.store(redis, act, speaker)
    return speaker.item(act)


async def announced(redis: Engine, *, conference: int, when: datetime) -> list[Mapping[str, Any]]:
    """What a conference is told at a moment, by the fields of Announced: urgent ones first, then the newest."""
    state = await acting.state(redis, channels.announcements(conference))
    return announcements.standing(filter(None, state.values()), acting.milliseconds(when))


def announcement(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """One as the archive has it, by the fields of Announced."""
    return announcements.whole(event)


async def withdraw(redis: Engine, *, conference: int, item: str, by: int, key: str, when: datetime) -> None:
    """Take an announcement back."""
    room = channels.announcements(conference)
    await acting.act(
        redis, commands.Withdraw(0, room, key, item), acting.moderator(by, room), when, (room, announcements.part(item))
    )


async def revoke(redis: Engine, *, users: Iterable[int] = (), grounds: Iterable[str] = (), before: datetime) -> None:
    """End every pass of these persons and on these grounds that was issued until then, and every socket with one.

    Whoever may still come in is given another pass by the page that gave the last one. `before` is not later than now.
    However many they are: each group of them (passes.py) is one event.
    """
    room, until = channels.PASSES, before.timestamp()
    groups: dict[str, list[str]] = {}
    for subject in (*map(str, users), *grounds):
        groups.setdefault(passes.group(subject), []).append(subject)
    while groups:
        found: Any = await redis.hmget(channels.state(room), list(groups))
        writes = []
        for (part, some), value in zip(tuple(groups.items()), found, strict=True):
            at, _, event = bytes(value or b"0").partition(b" ")
            standing = passes.standing(event)
            revoked = passes.revoke(standing, some, until)
            if revoked is standing:
                del groups[part]
                continue
            put = Put(room, NOBODY, messages.event(revoked), part)
            expects = (Expects(room, part, int(at)),)
            key = str(uuid.uuid4())  # repeated, this changes nothing by itself
            writes.append(Write(room, Revoked.tag, NOBODY, key, acting.milliseconds(before), (put,), expects=expects))
        for done in await log.RedisLog(redis, redis).write(writes) if writes else ():
            if isinstance(done, Exception) and not (isinstance(done, Refused) and done.code == "desk.changed"):
                raise done


async def online(redis: Engine, users: Iterable[int]) -> set[int]:
    """Who of these is here now: has a page open that listens to their inbox. Who may know it, the caller decides."""
    return await viewers.online(redis, users)


async def how_many(redis: Engine, rooms: Iterable[str]) -> dict[str, int]:
    """How many people are in these rooms now; a room whose master of a cluster is away is left out."""
    return await viewers.counted(redis, rooms)


async def is_shown(redis: Engine, *, room: str, item: str) -> bool:
    """Whether readers have this before them now: a question's name, or a message's `<epoch>:<offset>`."""
    return await shown.is_shown(redis, room, item)


def _on(channel: int, answer: Any) -> tuple[int, int]:
    at, _, event = bytes(answer or b"0").partition(b" ")
    return stage.session_of(channels.questions(channel), lambda *_: event or None), int(at)
