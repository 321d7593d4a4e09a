"""The life of a question, from asked to answered, and who is told what of it. Pure: no sockets, no Redis, no clock.

The desk has every question as it is now; readers have the approved ones alone, without what is not for them. Each
event of a question makes everybody forget the one before it, so a text that was changed or hidden is in no later read.

Neither room fills for good. Those that were settled longest ago leave when more than KEPT are settled, and those that
are open longest when more are open; pinned ones stay until they are unpinned, and what waits until somebody decides.
So only what waits can be too much: then nobody may ask (desk.full), and moderators decide as ever.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from itertools import accumulate, islice
from typing import Any, NamedTuple

import orjson

from realtime import stage
from realtime.channels import desk
from realtime.chat import spoken
from realtime.commands import Act, ChatPurge, QuestionAsk, QuestionMove
from realtime.errors import Refused
from realtime.events import ChatPurged
from realtime.messages import TEXT_LIMIT
from realtime.passes import MODERATE
from realtime.question_events import QuestionAtDesk, QuestionHidden, QuestionLeft, QuestionsForgotten, QuestionShown
from realtime.speaker import Speaker
from realtime.writes import ENDS, Expects, Forget, Put, Speech, Write

KINDS = frozenset({"questions"})

ASKED, APPROVED, REJECTED, MERGED = "asked", "approved", "rejected", "merged"
ANSWERING, ANSWERED = "answering", "answered"
SHOWN = frozenset({APPROVED, ANSWERING, ANSWERED})  # to readers
OPEN = frozenset({APPROVED, ANSWERING})  # who says what is being answered may forget to say that it was
SETTLED = frozenset({REJECTED, MERGED, ANSWERED})
SESSION = re.compile(r"0|[1-9][0-9]{0,17}")  # 0: none; numbers are Postgres bigints
KEPT = 300  # settled ones, and as many open ones; more than a channel has in a day
KEPT_BYTES = 524_288  # of each at the desk; together half of what the state of a room may have (write.lua)

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
    **{(status, "bind"): status for status in (ASKED, REJECTED, MERGED)},
    **{
        (status, verb): {"reject": REJECTED, "merge": MERGED, "recall": ASKED}.get(verb, status)
        for status in SHOWN
        for verb in ("reject", "merge", "recall", "edit", "pin", "unpin", "bind")
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
        session=stage.session_of(wish.room, speaker.look),
    )
    put = speaker.put(desk(wish.room), asked, part=part(item))
    suspicious = speaker.put(desk(wish.room), replace(asked, suspicious=True), part=part(item))
    free = speaker.may(MODERATE, wish.room)
    speech = Speech(free=free, text=text, held=(suspicious,), secretly=True)
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
    if status is None or wish.seen not in (0, at):
        # Somebody else moved it, or this very wish did and its answer got lost.
        return _refused(wish, speaker, "desk.changed")
    return _write(wish, speaker, [(before, at, _step(before, status, wish, speaker))], item=wish.item)


def purge(wish: ChatPurge, speaker: Speaker) -> Write:
    """Every question of a person that waits or is shown is rejected, all of them or none, and the desk hears of it.

    What the desk let go before goes from the readers' log, too; the archive, which has it, rejects it as it hears this.
    """
    if wish.user == 0:
        raise Refused("message.field", field="user")  # many in the hall, and nobody in particular
    at_desk = desk(wish.room)
    theirs = [one.item for one in _all(at_desk, speaker) if one.user == wish.user]
    steps = _rejected(QuestionMove(wish.id, wish.room, wish.key, "", "reject"), theirs, speaker)
    purged = speaker.put(at_desk, ChatPurged(user=wish.user, by=speaker.user, when=speaker.when))
    write = _write(wish, speaker, steps, told=(purged,))
    # Some may be anonymous to readers, so they are not told whose these were.
    forgotten = speaker.put(wish.room, QuestionsForgotten())
    forget = replace(write.forget or Forget(), left=wish.user)
    return replace(write, puts=(forgotten, *write.puts), forget=forget)


def reject(wish: QuestionMove, items: Iterable[str], speaker: Speaker) -> Write | None:
    """Those of these questions that wait or are shown are rejected, all of them or none; None: none does or is."""
    steps = _rejected(wish, items, speaker)
    return _write(wish, speaker, steps) if steps else None


def part(item: str) -> str:
    """The part of a state, at the desk and for readers, that a question is."""
    return f"q:{item}"


def at_desk(event: bytes) -> dict[str, Any]:
    """A question by the fields of QuestionAtDesk, from the event that it is now."""
    return asdict(_at_desk(event)[0])


def let_go(last: Mapping[str, Any]) -> bytes:
    """A question that left the desk as `look` would find it there: it has no place, and gets one with its next step."""
    question = QuestionAtDesk(**{one.name: last[one.name] for one in fields(QuestionAtDesk) if one.name in last})
    return orjson.dumps({**asdict(question), "at": 0})


class _Known(NamedTuple):
    """A question at the desk, as far as it matters how long it stays. `at` is its place, 0: it gets one now."""

    at: int
    item: str
    user: int
    status: str
    pinned: bool
    event: bytes


Step = tuple[QuestionAtDesk, int, QuestionAtDesk]  # before, its place, after


def _rejected(wish: QuestionMove, items: Iterable[str], speaker: Speaker) -> list[Step]:
    """A step for each of these that can be rejected."""
    found = [speaker.look(desk(wish.room), part(item)) for item in items]
    known = [_at_desk(event) for event in found if event is not None]
    return [
        (before, at, _step(before, REJECTED, wish, speaker))
        for before, at in known
        if (before.status, wish.verb) in MOVES
    ]


def _step(before: QuestionAtDesk, status: str, wish: QuestionMove, speaker: Speaker) -> QuestionAtDesk:
    """A question after a step."""
    after = replace(_changed(before, wish, speaker), status=status, by=speaker.user, changed=speaker.when)
    return replace(after, pinned=after.pinned and status in SHOWN)


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
        case "bind":
            return replace(before, session=_session(wish.into))
    return before


def _write(wish: Act, speaker: Speaker, steps: Sequence[Step], *, told: tuple[Put, ...] = (), item: str = "") -> Write:
    """Everybody forgets what these questions were and hears what they are now; the oldest make room."""
    at_desk = desk(wish.room)
    public = [after for before, _, after in steps if SHOWN & {before.status, after.status}]
    shown = [_for_readers(wish.room, speaker, after) for after in public]
    now = [speaker.put(at_desk, after, part=part(after.item), user=after.user) for _, _, after in steps]
    decided = [
        _Known(0, after.item, after.user, after.status, after.pinned, put.body)
        for (_, _, after), put in zip(steps, now, strict=True)
    ]
    puts = (*shown, *now, *told, *_leaving(wish.room, speaker, decided))
    forget = Forget(parts=tuple(part(after.item) for after in public)) if public else None
    expects = tuple(Expects(at_desk, part(before.item), at) for before, at, _ in steps)
    return Write(
        wish.room, wish.do, speaker.user, wish.key, speaker.when, puts, forget=forget, expects=expects, item=item
    )


def _leaving(room: str, speaker: Speaker, decided: Sequence[_Known]) -> Iterator[Put]:
    """The oldest of a sort leave, if they are too many with those `decided` now; pinned ones stay."""
    sorts = [sort for sort in (SETTLED, OPEN) if any(one.status in sort for one in decided)]
    moved = {one.item for one in decided}
    others = [one for one in _all(desk(room), speaker) if one.item not in moved] if sorts else []
    for sort in sorts:
        here = [one for one in (*others, *decided) if one.status in sort and not one.pinned]
        sizes = accumulate(len(one.event) for one in reversed(here))
        fit = sum(1 for size in islice(sizes, KEPT) if size <= KEPT_BYTES)
        for one in here[: len(here) - fit]:
            yield from _left(room, speaker, one)


def _left(room: str, speaker: Speaker, one: _Known) -> Iterator[Put]:
    """It leaves, unless somebody else has just decided about it again."""
    at_desk, name = desk(room), part(one.item)
    only = Expects(at_desk, name, one.at) if one.at else None
    for where in (room, at_desk) if one.status in SHOWN else (at_desk,):
        left = speaker.put(where, QuestionLeft(one.item), part=ENDS + name, user=one.user)
        yield replace(left, only=only, leaves=where == room)


def _for_readers(room: str, speaker: Speaker, now: QuestionAtDesk) -> Put:
    if now.status not in SHOWN:
        return speaker.put(room, QuestionHidden(now.item), part=ENDS + part(now.item), user=now.user)
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
        session=now.session,
    )
    return speaker.put(room, shown, part=part(now.item), user=now.user)


def _session(named: str) -> int:
    """A session by its number; whether there is one, only a page knows."""
    if not SESSION.fullmatch(named):
        raise Refused("message.field", field="into")
    return int(named)


def _other(wish: QuestionMove, speaker: Speaker) -> str:
    """The question that this one becomes a part of."""
    found = speaker.look(desk(wish.room), part(wish.into))
    if found is None or wish.into == wish.item or _at_desk(found)[0].status == MERGED:
        raise Refused("desk.no_such_item", field="into")
    return wish.into


def _all(at_desk: str, speaker: Speaker) -> list[_Known]:
    """Every question at the desk, the one that was changed longest ago first."""
    known = []
    for name in speaker.parts(at_desk):
        event = speaker.look(at_desk, name) if name.startswith(part("")) else None
        if event is not None:
            found = orjson.loads(event)  # and no more: a desk has hundreds, and sockets wait meanwhile
            known.append(
                _Known(found["at"], found["item"], found["user"], found["status"], found["pinned"], event=event)
            )
    known.sort()
    return known


def _remark(text: str) -> str:
    text = text.strip()
    if len(text) > TEXT_LIMIT:
        raise Refused("chat.too_long", field="text")
    return text


def _at_desk(event: bytes) -> tuple[QuestionAtDesk, int]:
    """A question as the desk has it, and the offset of the event that said so."""
    found = orjson.loads(event)
    return QuestionAtDesk(**{one.name: found[one.name] for one in fields(QuestionAtDesk) if one.name in found}), int(
        found["at"]
    )


def _refused(wish: QuestionMove, speaker: Speaker, code: str) -> Write:
    return Write(wish.room, wish.do, speaker.user, wish.key, speaker.when, (), refusal=code, item=wish.item)
