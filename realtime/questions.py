"""The life of a question, from asked to answered, and who is told what of it. Pure: no sockets, no Redis, no clock.

The desk has every question as it is now; readers have the approved ones alone, without what is not for them. Each
event of a question makes everybody forget the one before it, so a text that was changed or hidden is in no later read.
"""

from collections.abc import Iterator
from dataclasses import fields, replace

import orjson

from realtime.channels import desk
from realtime.chat import spoken
from realtime.commands import ChatPurge, QuestionAsk, QuestionMove
from realtime.errors import Refused
from realtime.events import ChatPurged
from realtime.messages import TEXT_LIMIT
from realtime.passes import MODERATE
from realtime.question_events import QuestionAtDesk, QuestionHidden, QuestionShown
from realtime.speaker import Speaker
from realtime.writes import ENDS, Expects, Forget, Put, Speech, Write

KINDS = frozenset({"questions"})

ASKED, APPROVED, REJECTED, MERGED = "asked", "approved", "rejected", "merged"
ANSWERING, ANSWERED = "answering", "answered"
SHOWN = frozenset({APPROVED, ANSWERING, ANSWERED})  # to readers

# What moderators do with a question in a status, and its status from then on. Each has its way back.
MOVES = {
    (ASKED, "approve"): APPROVED,
    (ASKED, "reject"): REJECTED,
    (ASKED, "merge"): MERGED,
    (ASKED, "edit"): ASKED,
    (REJECTED, "approve"): APPROVED,
    (REJECTED, "recall"): ASKED,
    (MERGED, "approve"): APPROVED,
    (MERGED, "recall"): ASKED,
    (APPROVED, "answering"): ANSWERING,
    (APPROVED, "answered"): ANSWERED,
    (ANSWERING, "approve"): APPROVED,
    (ANSWERING, "answered"): ANSWERED,
    (ANSWERED, "approve"): APPROVED,
    (ANSWERED, "answered"): ANSWERED,  # in other words
    **{
        (status, verb): {"reject": REJECTED, "merge": MERGED, "recall": ASKED}.get(verb, status)
        for status in SHOWN
        for verb in ("reject", "merge", "recall", "edit", "pin", "unpin")
    },
}
VERBS = frozenset(verb for _, verb in MOVES)


def ask(wish: QuestionAsk, speaker: Speaker) -> Write:
    """A question goes to the desk and nowhere else. Raises Refused chat.empty or chat.too_long."""
    text, item, when = spoken(wish.text), speaker.item(wish), speaker.when
    asked = QuestionAtDesk(
        item=item,
        status=ASKED,
        user=speaker.user,
        name=speaker.visitor.name,
        badge=speaker.visitor.badge,
        anonymous=wish.anonymous,
        text=text,
        when=when,
        changed=when,
    )
    put = speaker.put(desk(wish.room), asked, part=part(item))
    suspicious = speaker.put(desk(wish.room), replace(asked, suspicious=True), part=part(item))
    free = speaker.may(MODERATE, wish.room)
    speech = Speech(free=free, text=text, held=suspicious)
    return Write(wish.room, wish.do, speaker.user, wish.key, when, (put,), speech=speech, item=item)


def move(wish: QuestionMove, speaker: Speaker) -> Write:
    """One step of a question's life; the first of two moderators wins. Raises Refused message.field, chat.empty ..."""
    if wish.verb not in VERBS:
        raise Refused("message.field", field="verb")
    found = speaker.look(desk(wish.room), part(wish.item))
    if found is None:
        return _refused(wish, speaker, "desk.no_such_item")
    before, at = _at_desk(found)
    status = MOVES.get((before.status, wish.verb))
    if status is None:
        # Somebody else moved it, or this very wish did and its answer got lost.
        return _refused(wish, speaker, "desk.changed")
    after = replace(_changed(before, wish, speaker), status=status, by=speaker.user, changed=speaker.when)
    after = replace(after, pinned=after.pinned and status in SHOWN)
    puts: tuple[Put, ...] = (speaker.put(desk(wish.room), after, part=part(wish.item), user=after.user),)
    forget = None
    if before.status in SHOWN or status in SHOWN:
        puts = (_for_readers(wish, speaker, after), *puts)
        forget = Forget(part=part(wish.item))
    expects = Expects(desk(wish.room), part(wish.item), at)
    return Write(
        wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, forget=forget, expects=expects, item=wish.item
    )


def purge(wish: ChatPurge, speaker: Speaker) -> tuple[Write, ...]:
    """Every question of a person that waits or is shown is rejected, one after the other; the desk hears when all are.

    A resend goes on with those that are left.
    """
    at_desk = desk(wish.room)
    theirs = [
        QuestionMove(wish.id, wish.room, f"{wish.key}-{question.item}", question.item, "reject")
        for question in _all(at_desk, speaker)
        if question.user == wish.user and (question.status, "reject") in MOVES
    ]
    purged = speaker.put(at_desk, ChatPurged(user=wish.user, by=speaker.user, when=speaker.when))
    done = Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, (purged,))
    if not theirs:
        # Nothing is known of them here; or this very wish did it all, and its answer got lost.
        return (replace(done, puts=(), refusal="desk.no_such_item"),)
    return (*(move(one, speaker) for one in theirs), done)


def part(item: str) -> str:
    """The part of a state, at the desk and for readers, that a question is."""
    return f"q:{item}"


def _changed(before: QuestionAtDesk, wish: QuestionMove, speaker: Speaker) -> QuestionAtDesk:
    """What a step changes besides the status; a step back takes away what belonged to the step."""
    match wish.verb:
        case "edit":
            return replace(before, text=spoken(wish.text), original=before.original or before.text)
        case "reject":
            return replace(before, reason=_remark(wish.text))
        case "merge":
            return replace(before, into=_other(wish, speaker))
        case "answered":
            return replace(before, answer=_remark(wish.text))
        case "approve" | "recall":
            return replace(before, reason="", into="", answer="")
        case "pin" | "unpin":
            return replace(before, pinned=wish.verb == "pin")
    return before


def _for_readers(wish: QuestionMove, speaker: Speaker, now: QuestionAtDesk) -> Put:
    if now.status not in SHOWN:
        return speaker.put(wish.room, QuestionHidden(now.item), part=ENDS + part(now.item), user=now.user)
    shown = QuestionShown(
        item=now.item,
        status=now.status,
        user=0 if now.anonymous else now.user,
        name="" if now.anonymous else now.name,
        badge="" if now.anonymous else now.badge,
        text=now.text,
        answer=now.answer,
        pinned=now.pinned,
        when=now.when,
    )
    return speaker.put(wish.room, shown, part=part(now.item), user=now.user)


def _other(wish: QuestionMove, speaker: Speaker) -> str:
    """The question that this one becomes a part of."""
    found = speaker.look(desk(wish.room), part(wish.into))
    if found is None or wish.into == wish.item or _at_desk(found)[0].status == MERGED:
        raise Refused("desk.no_such_item", field="into")
    return wish.into


def _all(at_desk: str, speaker: Speaker) -> Iterator[QuestionAtDesk]:
    for name in speaker.parts(at_desk):
        found = speaker.look(at_desk, name) if name.startswith(part("")) else None
        if found is not None:
            yield _at_desk(found)[0]


def _remark(text: str) -> str:
    text = text.strip()
    if len(text) > TEXT_LIMIT:
        raise Refused("chat.too_long", field="text")
    return text


def _at_desk(event: bytes) -> tuple[QuestionAtDesk, int]:
    """A question as the desk has it, and the offset of the event that said so."""
    found = orjson.loads(event)
    return QuestionAtDesk(**{one.name: found[one.name] for one in fields(QuestionAtDesk)}), int(found["at"])


def _refused(wish: QuestionMove, speaker: Speaker, code: str) -> Write:
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, (), refusal=code, item=wish.item)
