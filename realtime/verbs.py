"""Which acts there are, in which kinds of rooms, for whom, and which function decides about each. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from realtime import channels, chat, commands, moderation, passes
from realtime.commands import Act
from realtime.errors import Refused
from realtime.speaker import Speaker
from realtime.writes import Write


@dataclass(frozen=True, slots=True)
class Verb:
    """One act."""

    kinds: frozenset[str]  # of rooms
    decide: Callable[[Any, Speaker], Write | tuple[Write, ...]]
    right: str = ""  # that the pass must give; "": decide knows


VERBS: dict[type[Act], Verb] = {
    commands.ChatSay: Verb(chat.KINDS, chat.say),
    commands.ChatRetract: Verb(chat.KINDS, chat.retract),
    commands.ChatPurge: Verb(chat.KINDS, moderation.purge, passes.MODERATE),
    commands.ChatRestore: Verb(chat.KINDS, moderation.restore, passes.MODERATE),
    commands.ChatPin: Verb(chat.KINDS, moderation.pin, passes.MODERATE),
    commands.ChatUnpin: Verb(chat.KINDS, moderation.unpin, passes.MODERATE),
    commands.ChatSlow: Verb(chat.KINDS, moderation.slow, passes.MODERATE),
    commands.ChatClose: Verb(chat.KINDS, moderation.close, passes.MODERATE),
    commands.ChatMute: Verb(chat.KINDS, moderation.mute, passes.MODERATE),
    commands.ChatBan: Verb(chat.KINDS, moderation.ban, passes.MODERATE),
    commands.ChatWords: Verb(chat.KINDS, moderation.listen_for, passes.MODERATE),
    commands.ChatSettle: Verb(chat.KINDS, moderation.settle, passes.MODERATE),
}


def decide(act: Act, speaker: Speaker) -> tuple[Write, ...]:
    """What is to be stored. Raises Refused room.wrong_kind, room.no_right and what the verb's function says."""
    verb = VERBS[type(act)]
    if channels.kind(act.room) not in verb.kinds or act.room.endswith(channels.DESK):
        raise Refused("room.wrong_kind", field="room")
    if verb.right and not speaker.may(verb.right, act.room):
        raise Refused("room.no_right", field="room")
    writes = verb.decide(act, speaker)
    return writes if isinstance(writes, tuple) else (writes,)
