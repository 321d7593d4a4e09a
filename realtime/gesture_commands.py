"""Every gesture a client may show: what is lost is lost. Pure; gestures.py says who may, whisper.py tells them."""

from dataclasses import dataclass
from typing import ClassVar

from realtime.limits import LOOKS, REACTIONS, TYPING, Rate


@dataclass(frozen=True, slots=True)
class Gesture:
    """What is shown and not stored. It has no key: what is lost is lost."""

    do: ClassVar[str]
    answer: ClassVar[str] = "{}"
    rate: ClassVar[Rate]
    id: int
    room: str


@dataclass(frozen=True, slots=True)
class React(Gesture):
    """Let an emoji rise over a room one is in: 👍 ❤️ 👏 😂 🔥 🎉 🤔 😮. Everybody hears how many of each there were."""

    do: ClassVar[str] = "react"
    rate: ClassVar[Rate] = REACTIONS
    emoji: str


@dataclass(frozen=True, slots=True)
class Type(Gesture):
    """Say that one is typing, every three seconds while one is; with `to`, in one's inbox, to that person alone.

    They hear it if there is a thread with them already, and they have not blocked one.
    """

    do: ClassVar[str] = "typing"
    rate: ClassVar[Rate] = TYPING
    to: int = 0


@dataclass(frozen=True, slots=True)
class LookAt(Gesture):
    """Say at a desk that one looks at an item, every eight seconds while one does; `on` false: no longer."""

    do: ClassVar[str] = "looking"
    rate: ClassVar[Rate] = LOOKS
    item: str
    on: bool
