"""DOOR, by way of publish.py: many acts of one moderator at once. What they look at is read once for all of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from realtime import acting, channels, commands, log, questions, verbs
from realtime.channels import desk
from realtime.commands import Act
from realtime.engine import Engine
from realtime.errors import Refused
from realtime.events import ChatBanned, ChatClosed, ChatMuted, ChatSlowed
from realtime.moderation import banned, muted
from realtime.writes import Expects, Write


@dataclass(frozen=True, slots=True)
class Imposed:
    """What a moderator imposed on a room, or on a person in it: the tag of its event, and where that stands."""

    room: str
    kind: str
    user: int  # 0: everybody
    at: int


# kind -> the act that takes it back, by room, key and person, and the part of the room's state that it is
LIFTED: Mapping[str, tuple[Callable[[str, str, int], Act], Callable[[int], str]]] = {
    ChatMuted.tag: (lambda room, key, user: commands.ChatMute(0, room, key, user, 0), muted),
    ChatBanned.tag: (lambda room, key, user: commands.ChatBan(0, room, key, user, on=False), banned),
    ChatSlowed.tag: (lambda room, key, user: commands.ChatSlow(0, room, key, 0), lambda user: "slow"),
    ChatClosed.tag: (lambda room, key, user: commands.ChatClose(0, room, key, on=False), lambda user: "closed"),
}


async def retract_all(
    redis: Engine, *, channel: int, targets: Sequence[int], by: int, key: Callable[[int], str], when: datetime
) -> None:
    """Delete these messages, by their offsets, from a channel's chat; those that are gone stay so."""
    room = channels.chat(channel)
    moderator = acting.speaker(acting.moderator(by, room), when, known=await acting.state(redis, desk(room)))
    acts = [commands.ChatRetract(0, room, key(target), target) for target in targets]
    await _write(redis, [write for act in acts for write in verbs.decide(act, moderator)])


async def reject_all(
    redis: Engine,
    *,
    channel: int,
    lasts: Sequence[Mapping[str, Any]],
    by: int,
    key: str,
    when: datetime,
    text: str,
) -> None:
    """Reject these questions, given as `last` of publish.move_question, all in one step; settled ones stay as they are.

    Raises Refused desk.changed, and rejects none, when somebody decided about one in this moment.
    """
    room = channels.questions(channel)
    gone = {(desk(room), questions.part(last["item"])): questions.let_go(last) for last in lasts}
    known = gone | await acting.state(redis, desk(room))
    wish = commands.QuestionMove(0, room, key, "", "reject", text)
    moderator = acting.speaker(acting.moderator(by, room), when, known=known)
    write = questions.reject(wish, [last["item"] for last in lasts], moderator)
    await _write(redis, [write] if write else [])


async def lift_all(
    redis: Engine, imposed: Iterable[Imposed], *, by: int, key: Callable[[Imposed], str], when: datetime
) -> None:
    """Let people write and come in again, rooms be open and quick; what somebody imposed anew meanwhile stays."""
    writes = []
    for one in imposed:
        act, part = LIFTED[one.kind]
        [write] = verbs.decide(act(one.room, key(one), one.user), acting.speaker(acting.moderator(by, one.room), when))
        writes.append(replace(write, expects=(Expects(one.room, part(one.user), one.at),)))
    await _write(redis, writes, but="desk.changed")


async def _write(redis: Engine, writes: Sequence[Write], *, but: str = "") -> None:
    """Carry them out in one go; raises what went wrong with the first, `but` this refusal."""
    for done in await log.RedisLog(redis, redis).write(writes) if writes else ():
        if isinstance(done, Exception) and not (isinstance(done, Refused) and done.code == but):
            raise done
