"""The moderators' console in a browser, as several files of tests sit down at it. It asserts nothing of its own."""

from uuid import uuid4

from playwright.sync_api import Locator, expect

from tests.browser.people import LATER, People, Someone
from tests.browser.stack import until

CONSOLE = "/c/uchitel/moderate"
NOTHING_UNSENT = """() => Object.entries(sessionStorage)
  .every(([name, kept]) => !name.startsWith("veche:unsent:") || JSON.parse(kept).length === 0)"""


def named(text: str) -> str:
    """A text unlike any other."""
    return f"{text} {uuid4().hex[:8]}"


def at_the_console(people: People, who: str = "moderator", *, width: int = 1440, height: int = 900) -> Someone:
    """Somebody who moderates and sees everything there is."""
    someone = people.new(width=width, height=height)
    someone.sign_in(who, then=CONSOLE)
    expect(someone.page.locator("moderation-console")).to_have_attribute("data-state", "live", timeout=LATER)
    expect(someone.page.locator(".lane-bones:not([hidden])")).to_have_count(0)
    return someone


def row(someone: Someone, text: str, lane: str = "") -> Locator:
    """A row with this text, anywhere or in one column."""
    where = f".lane[data-lane={lane}] " if lane else ""
    return someone.page.locator(f"{where}.row:not(.leaving)", has_text=text)


def only(someone: Someone, words: str) -> None:
    """Filter by words, as the key / does it, and go back to the rows."""
    someone.page.keyboard.press("Slash")
    someone.page.keyboard.type(words)
    someone.page.keyboard.press("Enter")


def stored(someone: Someone) -> None:
    """The server has answered to everything that was done here; who leaves before takes the rest along."""
    until(lambda: bool(someone.page.evaluate(NOTHING_UNSENT)), "everything is sent", patience=2 * LATER / 1000)
    expect(someone.page.locator(".console-strip li[data-state=sent]")).to_have_count(0, timeout=2 * LATER)


def focused(someone: Someone) -> str:
    """The text of the row that has the focus; "": none has."""
    found: str = someone.page.evaluate(
        "document.activeElement.closest('.row')?.querySelector('.row-text').textContent ?? ''"
    )
    return found
