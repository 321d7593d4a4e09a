"""The ledger itself: what it lets pass would be missed by every drill."""

from typing import Any

import pytest

from tests.drills.ledger import Ledger

Event = dict[str, Any]


def said(at: int, text: str) -> Event:
    return {"is": "chat.said", "at": at, "text": text}


@pytest.fixture
def ledger() -> Ledger:
    """one, two (taken back by 4), three."""
    ledger = Ledger()
    for at, text in ((1, "one"), (2, "two"), (3, "three")):
        ledger.say(text, at)
    ledger.retract(2, 4)
    return ledger


RETRACTED = {"is": "chat.retracted", "at": 4, "target": 2}
ONE, TWO, THREE = said(1, "one"), said(2, "two"), said(3, "three")


@pytest.mark.parametrize("heard", [[ONE, TWO, THREE, RETRACTED], [ONE, THREE, RETRACTED]])
def test_a_faithful_listener_passes(ledger: Ledger, heard: list[Event]) -> None:
    ledger.check_listener(heard, "anna")


@pytest.mark.parametrize(
    "heard",
    [
        pytest.param([ONE, TWO, RETRACTED], id="lost"),
        pytest.param([ONE, ONE, TWO, THREE, RETRACTED], id="doubled"),
        pytest.param([ONE, THREE, TWO, RETRACTED], id="out of order"),
        pytest.param([ONE, TWO, THREE], id="retraction lost"),
        pytest.param([ONE, said(2, "else"), THREE, RETRACTED], id="another text"),
        pytest.param([ONE, TWO, THREE, RETRACTED, said(5, "one")], id="shown again"),
    ],
)
def test_an_unfaithful_listener_is_caught(ledger: Ledger, heard: list[Event]) -> None:
    with pytest.raises(AssertionError, match="anna"):
        ledger.check_listener(heard, "anna")


@pytest.mark.parametrize("found", [[ONE, THREE, RETRACTED], [THREE, RETRACTED]])
def test_a_faithful_reader_passes(ledger: Ledger, found: list[Event]) -> None:
    ledger.check_read(found, "a newcomer")


@pytest.mark.parametrize("found", [[ONE, TWO, THREE, RETRACTED], [ONE, RETRACTED], [ONE, THREE]])
def test_retracted_text_or_a_hole_in_a_later_read_is_caught(ledger: Ledger, found: list[Event]) -> None:
    with pytest.raises(AssertionError, match="a newcomer"):
        ledger.check_read(found, "a newcomer")


def test_one_offset_for_two_texts_is_caught(ledger: Ledger) -> None:
    with pytest.raises(AssertionError, match="both"):
        ledger.say("four", 3)
