"""What is told of questions: everything at the desk, to readers what was approved. Pure: questions.py decides when."""

from dataclasses import dataclass
from typing import ClassVar

from realtime.events import Event


@dataclass(frozen=True, slots=True)
class QuestionAtDesk(Event):
    """At the desk: a question as it is from now on, whole. `status` is one of questions.py."""

    tag: ClassVar[str] = "question.at_desk"
    item: str
    status: str
    user: int
    name: str
    badge: str
    anonymous: bool  # to readers
    text: str
    when: int  # it was asked; Unix milliseconds
    changed: int  # Unix milliseconds
    by: int = 0  # who changed it; 0: nobody did yet
    original: str = ""  # the text as it was asked, if it was edited
    reason: str = ""  # why it was rejected
    answer: str = ""  # in writing
    into: str = ""  # the item it was merged into
    pinned: bool = False
    suspicious: bool = False  # a word of the room's list is in it
    session: int = 0  # what it is about: what was on when it was asked, unless a moderator knows better; 0: none


@dataclass(frozen=True, slots=True)
class QuestionShown(Event):
    """A question as it is from now on, whole; `user` 0: anonymous, or somebody in the hall without an account.

    `status`: approved, answering or answered.
    """

    tag: ClassVar[str] = "question.shown"
    item: str
    status: str
    user: int
    name: str
    badge: str
    text: str
    answer: str
    pinned: bool
    when: int
    session: int  # what it is about; 0: none


@dataclass(frozen=True, slots=True)
class QuestionHidden(Event):
    """A question is shown no longer; forget it."""

    tag: ClassVar[str] = "question.hidden"
    item: str


@dataclass(frozen=True, slots=True)
class QuestionLeft(Event):
    """A question of long ago makes room for others; show it here no longer. Nobody hid it, and the archive has it."""

    tag: ClassVar[str] = "question.left"
    item: str


@dataclass(frozen=True, slots=True)
class QuestionsForgotten(Event):
    """All of a person is gone from here, also what had left before. Nobody is told whose it was."""

    tag: ClassVar[str] = "question.forgotten"


ASKED: tuple[type[Event], ...] = (QuestionAtDesk, QuestionShown, QuestionHidden, QuestionLeft, QuestionsForgotten)
