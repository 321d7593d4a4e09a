"""What was acknowledged while things broke, and whether it is found again: in order, once. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

Event = dict[str, Any]


class Ledger:
    """Everything that the server said yes to in one room."""

    def __init__(self) -> None:
        self.said: dict[int, str] = {}  # offset -> text
        self.retracted: dict[int, int] = {}  # offset of the retraction -> offset of the text

    def say(self, text: str, at: int) -> None:
        """A text was acknowledged."""
        assert at not in self.said, f"{text!r} and {self.said[at]!r} were both given the offset {at}"
        self.said[at] = text

    def retract(self, target: int, at: int) -> None:
        """The retraction of a text was acknowledged."""
        assert at not in self.retracted, f"two retractions were both given the offset {at}"
        self.retracted[at] = target

    @property
    def top(self) -> int:
        """The last offset."""
        return max((*self.said, *self.retracted), default=0)

    @property
    def log(self) -> list[tuple[int, str | int]]:
        """What every reader finds from now on, by offset: texts that stay, and what each retraction took away."""
        away = set(self.retracted.values())
        texts = [(at, text) for at, text in self.said.items() if at not in away]
        return sorted([*texts, *self.retracted.items()], key=lambda one: one[0])

    def check_read(self, events: Sequence[Event], who: str) -> None:
        """A reader who comes now finds the log or its end, and nothing that was retracted."""
        found = _told(events)
        assert found == self.log[len(self.log) - len(found) :], f"{who} reads something else than was acknowledged"

    def check_listener(self, events: Sequence[Event], who: str, *, since: bool = False) -> None:
        """Somebody who listened all the time has heard everything, in order, once; `since`: the room was shown anew."""
        heard = _told(events)
        assert all(one < next_ for (one, _), (next_, _) in pairwise(heard)), f"{who} heard twice or out of order"
        away = set(self.retracted.values())
        lasting = [one for one in heard if one[0] not in away]
        expected = self.log[-len(lasting) :] if since and lasting else self.log
        assert lasting == expected, f"{who} heard something else than was acknowledged"
        forgotten = {at: text for at, text in heard if at in away}
        assert all(self.said[at] == text for at, text in forgotten.items()), f"{who} heard what nobody said"


def _told(events: Sequence[Event]) -> list[tuple[int, str | int]]:
    """Events as the ledger writes them."""
    told: list[tuple[int, str | int]] = []
    for event in events:
        match event:
            case {"is": "chat.said", "at": at, "text": text}:
                told.append((at, text))
            case {"is": "chat.retracted", "at": at, "target": target}:
                told.append((at, target))
    return told
