"""The log in Redis and the log in memory are twins: the same wishes have the same results, events and state in both."""

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest

from realtime import channels, commands, dropped, passes, questions, verbs, waiting
from realtime.channels import desk
from realtime.commands import Act
from realtime.errors import Refused
from realtime.history import Reading
from realtime.log import RedisLog
from realtime.memory import MemoryLog
from realtime.passes import Pass
from realtime.questions import VERBS
from realtime.speaker import Speaker
from realtime.writes import Placed
from tests.operator import Operator

CHAT, QUESTIONS, NEWS = channels.chat(1), channels.questions(1), channels.announcements(1)
INBOXES = [channels.inbox(user) for user in (1, 2, 3)]
EVERYWHERE = [CHAT, desk(CHAT), QUESTIONS, desk(QUESTIONS), NEWS, *INBOXES]
WISHES = 150
MODERATOR = 3
NOW = 1_790_000_000.0  # seconds; both twins stand still, for a second would tell them apart


class Twins:
    """Both logs, and what the wishes of some people did to each."""

    def __init__(self, redis: Operator, chance: random.Random) -> None:
        self.redis = RedisLog(redis, redis)
        self.memory = MemoryLog(epoch=lambda: "life", clock=lambda: NOW)
        self.chance = chance
        self.keys = [f"key-{n:08}" for n in range(100)]

    async def does(self, user: int, act: Act) -> None:
        rooms = dict.fromkeys(EVERYWHERE, frozenset({"say", "moderate"} if user == MODERATOR else {"say"}))
        speaker = Speaker(Pass(user, f"Person {user}", rooms, 0), NOW, self.look, "secret", self.parts, self.group)
        try:
            writes = verbs.decide(act, speaker)
        except Refused:
            return  # decided before any log is asked
        for write in writes:
            [stored] = await self.redis.write([write])
            assert outcome(stored) == outcome(self.memory.carry_out(write)), act
            if not isinstance(stored, Placed):
                return

    def look(self, room: str, part: str) -> bytes | None:
        found = self.memory.kept(room).state.get(part)
        return found[1] if found else None

    def parts(self, room: str) -> list[str]:
        return list(self.memory.kept(room).state)

    def group(self, room: str, group: str) -> list[bytes]:
        return [event for part, (_, event) in self.memory.kept(room).state.items() if part.startswith(f"{group}:")]

    async def are_alike(self, *, after: int | None = None) -> None:
        for room in EVERYWHERE:
            readings = []
            for log in (self.redis, self.memory):
                reading = await log.read(room)
                if after is not None:
                    reading = await log.read(room, epoch=reading.epoch, after=after)
                readings.append(told(reading))
            assert readings[0] == readings[1], room

    def name(self, room: str, prefix: str) -> str:
        """Something that is there, or was never."""
        at = room if room == NEWS else desk(room)
        parts = [part.partition(":") for part in self.memory.kept(at).state]
        return self.chance.choice(["nothing", *(name for kind, _, name in parts if kind == prefix)])

    def names(self) -> tuple[str, str]:
        """A held message and an announcement."""
        return self.name(CHAT, "held"), self.name(NEWS, "a")

    def dropped(self, user: int) -> list[str]:
        """What moderators did not publish of a person."""
        return [one.item for one in dropped.texts(self.look(CHAT, dropped.part(user)))]

    def sent(self, user: int) -> list[str]:
        """Keys of direct messages, and one that is none."""
        once = self.memory.kept(channels.inbox(user)).once
        return ["no-such-key", *(key for verb, who, key in once if verb == "direct.say" and who == user)]

    def wish(self) -> tuple[int, Act]:
        """Anything that anybody may want, sensible or not."""
        pick, user = self.chance.choice, self.chance.randint(1, 3)
        key, said = pick(self.keys), pick(self.sent(user))
        question, other, held, news = self.name(QUESTIONS, "q"), self.name(QUESTIONS, "q"), *self.names()
        report = self.name(CHAT, "report")
        waiting, let_go = pick(self.keys), pick(["nothing", *self.dropped(user)])
        whom, number, on = self.chance.randint(1, 3), self.chance.randint(0, 30), self.chance.random() < 0.5
        deleted = pick([number, *self.memory.kept(CHAT).deleted])
        own, text = channels.inbox(user), pick(["hi", "a rude word", "text " + key])
        acts: list[Callable[[], Act]] = [
            *[lambda: commands.ChatSay(1, CHAT, key, text)] * 6,
            *[lambda: commands.ChatRetract(1, CHAT, key, number)] * 2,
            *[lambda: commands.ChatEdit(1, CHAT, key, number, text)] * 4,
            *[lambda: commands.ChatReport(1, CHAT, key, number, text)] * 3,
            *[lambda: commands.ChatDismiss(1, CHAT, key, report)] * 2,
            lambda: commands.ChatPurge(1, pick([CHAT, QUESTIONS]), key, whom),
            *[lambda: commands.ChatRestore(1, CHAT, key, deleted)] * 2,
            *[lambda: commands.ChatPin(1, CHAT, key, number)] * 2,
            lambda: commands.ChatUnpin(1, CHAT, key),
            lambda: commands.ChatClose(1, pick([CHAT, QUESTIONS]), key, on and number > 20),
            lambda: commands.ChatMute(1, CHAT, key, whom, number * 10 if on else 0),
            lambda: commands.ChatBan(1, pick([CHAT, QUESTIONS]), key, whom, on and number > 20),
            lambda: commands.ChatWords(1, pick([CHAT, QUESTIONS]), key, ("rude",) if on else (), pick([(), ("text",)])),
            *[lambda: commands.ChatSettle(1, CHAT, key, held, on, pick([0, 0, number]))] * 4,
            lambda: commands.ChatWithdraw(1, CHAT, key, waiting),
            lambda: commands.ChatDiscard(1, CHAT, key, let_go),
            *[lambda: commands.QuestionAsk(1, QUESTIONS, key, text, on)] * 3,
            *[lambda: commands.QuestionMove(1, QUESTIONS, key, question, pick(sorted(VERBS)), text, pick([other, "5"]))]
            * 6,
            *[lambda: commands.DirectSay(1, own, key, whom, text)] * 4,
            *[lambda: commands.DirectRetract(1, own, key, whom, said)] * 2,
            *[lambda: commands.InboxRead(1, own, key, f"user:{whom}", number)] * 2,
            lambda: commands.InboxBlock(1, own, key, whom, on and number > 20),
            *[lambda: commands.Announce(1, NEWS, key, text, until=1 if on else 0)] * 2,  # 1: over at once
            lambda: commands.Announce(1, NEWS, key, text, instead=news),
            *[lambda: commands.Withdraw(1, NEWS, key, news)] * 2,
        ]
        act = pick(acts)()
        return (MODERATOR if verbs.VERBS[type(act)].right == passes.MODERATE else user), act


def outcome(stored: Placed | Exception) -> Any:
    """What the twins have to agree about: not the names of their lives."""
    if isinstance(stored, Placed):
        return stored.offset, stored.held, stored.hidden
    assert isinstance(stored, Refused), stored
    return stored.code, stored.field, stored.retry_after


def told(reading: Reading) -> Any:
    return (
        *(reading.top, reading.resumed, reading.floor),
        [(one.offset, sorted(one.forgets), one.part, one.event) for one in reading.entries],
        sorted((one.part, one.offset, one.event) for one in reading.state),
    )


@pytest.mark.parametrize("seed", range(12))
async def test_the_same_wishes_end_alike(redis: Operator, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "KEPT", 4)
    monkeypatch.setattr(waiting, "KEPT", 3)
    twins = Twins(redis, random.Random(seed))
    for number in itertools.count(1):
        await twins.does(*twins.wish())
        if number % 25 == 0:
            await twins.are_alike()
            await twins.are_alike(after=twins.chance.randint(0, 20))
        if number == WISHES:
            return
