"""Faults put into the real code on purpose: the simulator must find each of them. Nothing else imports this."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from realtime import dropped, messages, questions, waiting
from realtime.errors import Refused
from realtime.history import Entry, Fit, History, Reading
from realtime.memory import MemoryLog
from realtime.speaker import Speaker
from realtime.writes import Placed, Put, Write

Plant = Callable[[pytest.MonkeyPatch], None]


def a_lost_gap(patch: pytest.MonkeyPatch) -> None:
    """What did not come is not missed."""
    take = History.take

    def careless(self: History, epoch: str, entry: Entry) -> Fit:
        if epoch == self.epoch and entry.offset > self.offset:
            self.offset = entry.offset - 1
        return take(self, epoch, entry)

    patch.setattr(History, "take", careless)


def a_double_after_a_resend(patch: pytest.MonkeyPatch) -> None:
    """The log forgets which keys it knows."""
    carry_out = MemoryLog.carry_out

    def forgetful(self: MemoryLog, write: Write) -> Placed | Refused:
        self.kept(write.room).once.clear()
        return carry_out(self, write)

    patch.setattr(MemoryLog, "carry_out", forgetful)


def a_retracted_text_resurfacing(patch: pytest.MonkeyPatch) -> None:
    """What the log was read for is not compared with what was retracted meanwhile."""

    def hasty(self: History, reading: Reading) -> bytes | None:
        if reading.epoch != self.epoch or reading.top < self.floor:
            return None
        told = [entry for entry in self._after(reading.top) if entry.offset <= self.told]
        return self._say(max(reading.top, self.told), [*reading.entries, *told], resumed=reading.resumed)

    patch.setattr(History, "answer_from", hasty)


def a_deleted_text_kept_ready(patch: pytest.MonkeyPatch) -> None:
    """What was retracted stays among the bytes that newcomers are answered with."""
    put = History._put

    def hoarding(self: History, entry: Entry) -> None:
        put(self, Entry(entry.offset, (), entry.event, entry.part))

    patch.setattr(History, "_put", hoarding)


def events_before_the_answer(patch: pytest.MonkeyPatch) -> None:
    """Who resumes is told to stand where the room is known to stand, not where it was told to."""
    say = History._say

    def ahead(self: History, offset: int, entries: list[Entry], *, resumed: bool) -> bytes:
        return say(self, max(offset, self.offset), entries, resumed=resumed)

    patch.setattr(History, "_say", ahead)


def holes_left_open(patch: pytest.MonkeyPatch) -> None:
    """Numbers of what was deleted before it was told are left out."""
    patch.setattr(messages, "gone", lambda room, at: b'{"is":"viewers","room":"%s","count":1}' % room.encode())


def an_unapproved_question_shown(patch: pytest.MonkeyPatch) -> None:
    """What waits is told to readers, too."""
    patch.setattr(questions, "SHOWN", questions.SHOWN | {questions.ASKED})


def a_text_left_behind(patch: pytest.MonkeyPatch) -> None:
    """Where a question that left stands in the readers' log is not remembered, so what it was is never forgotten."""
    left = questions._left

    def leaving(room: str, speaker: Speaker, one: questions._Known) -> Iterator[Put]:
        yield from (replace(put, leaves=False) for put in left(room, speaker, one))

    patch.setattr(questions, "_left", leaving)


def a_dropped_text_told_to_all(patch: pytest.MonkeyPatch) -> None:
    """What moderators did not publish is told like any other event."""
    patch.setattr(dropped, "OWN", "")


def what_waits_told_to_all(patch: pytest.MonkeyPatch) -> None:
    """What a moderator has not seen yet is told like any other event."""
    patch.setattr(waiting, "OWN", "")


def what_waits_handed_to_whoever_comes(patch: pytest.MonkeyPatch) -> None:
    """Whoever joins is told what waits of anybody."""

    def careless(self: History, name: str) -> list[bytes]:
        return [one.event for part, one in self.state.items() if part.startswith(".held:")]

    patch.setattr(History, "group", careless)


def what_waits_lost_by_a_reload(patch: pytest.MonkeyPatch) -> None:
    """Its author, too, is not told of it when they come again."""
    patch.setattr(waiting, "texts", lambda events: ())


def what_was_decided_goes_on_waiting(patch: pytest.MonkeyPatch) -> None:
    """What ends at the desk does not end for its author's pages."""
    ends = waiting._ends
    patch.setattr(waiting, "_ends", lambda *about, **how: ends(*about, **how)[:1])


PLANTS: tuple[Plant, ...] = (
    a_lost_gap,
    a_double_after_a_resend,
    a_retracted_text_resurfacing,
    a_deleted_text_kept_ready,
    events_before_the_answer,
    holes_left_open,
    an_unapproved_question_shown,
    a_text_left_behind,
    a_dropped_text_told_to_all,
    what_waits_told_to_all,
    what_waits_handed_to_whoever_comes,
    what_waits_lost_by_a_reload,
    what_was_decided_goes_on_waiting,
)
