"""Which acts there are, in which kinds of rooms, for whom, and which function decides about each. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from realtime import (
    announcements,
    channels,
    chat,
    chat_reports,
    commands,
    dropped,
    inbox,
    moderation,
    passes,
    questions,
)
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


MODERATED = chat.KINDS | questions.KINDS


def _purge(wish: commands.ChatPurge, speaker: Speaker) -> Write:
    asked = channels.kind(wish.room) in questions.KINDS
    return questions.purge(wish, speaker) if asked else moderation.purge(wish, speaker)


VERBS: dict[type[Act], Verb] = {
    commands.ChatSay: Verb(chat.KINDS, chat.say),
    commands.ChatEdit: Verb(chat.KINDS, chat.edit),
    commands.ChatReport: Verb(chat.KINDS, chat_reports.report),
    commands.ChatDismiss: Verb(chat.KINDS, chat_reports.dismiss, passes.MODERATE),
    commands.ChatRetract: Verb(chat.KINDS, chat.retract),
    commands.ChatPurge: Verb(MODERATED, _purge, passes.MODERATE),
    commands.ChatRestore: Verb(chat.KINDS, moderation.restore, passes.MODERATE),
    commands.ChatPin: Verb(chat.KINDS, moderation.pin, passes.MODERATE),
    commands.ChatUnpin: Verb(chat.KINDS, moderation.unpin, passes.MODERATE),
    commands.ChatSlow: Verb(MODERATED, moderation.slow, passes.MODERATE),
    commands.ChatClose: Verb(MODERATED, moderation.close, passes.MODERATE),
    commands.ChatMute: Verb(MODERATED, moderation.mute, passes.MODERATE),
    commands.ChatBan: Verb(MODERATED, moderation.ban, passes.MODERATE),
    commands.ChatWords: Verb(MODERATED, moderation.listen_for, passes.MODERATE),
    commands.ChatSettle: Verb(chat.KINDS, moderation.settle, passes.MODERATE),
    commands.ChatWithdraw: Verb(chat.KINDS, dropped.withdraw),
    commands.ChatDiscard: Verb(chat.KINDS, dropped.discard),
    commands.QuestionAsk: Verb(questions.KINDS, questions.ask, passes.SAY),
    commands.QuestionMove: Verb(questions.KINDS, questions.move, passes.MODERATE),
    commands.DirectSay: Verb(inbox.KINDS, inbox.say, passes.SAY),
    commands.DirectRetract: Verb(inbox.KINDS, inbox.retract, passes.SAY),
    commands.InboxRead: Verb(inbox.KINDS, inbox.read),
    commands.InboxBlock: Verb(inbox.KINDS, inbox.block),
    commands.Announce: Verb(announcements.KINDS, announcements.announce, passes.MODERATE),
    commands.Withdraw: Verb(announcements.KINDS, announcements.withdraw, passes.MODERATE),
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
