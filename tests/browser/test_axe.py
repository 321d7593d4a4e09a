"""Every page, narrow and wide, light and dark, in its ordinary state, empty and in error: axe-core finds nothing.

States that somebody must bring about first (a form refused, a row that asks something) are with their pages' tests.
"""

import re

import pytest

from tests.browser.axe import found_in_both_lights
from tests.browser.people import CHANNEL, CONFERENCE, People, Someone
from tests.browser.test_stage import hall_of, make_screen
from web.conferences.screen_rules import KINDS

DESK = "/desk/uchitel"
# Whose pages; nobody has signed in where no name is given.
PAGES = {
    "": [
        *("/", "/sign-in", "/sign-in?next=/c/uchitel/main", "/mailbox"),
        *("/nowhere", "/c/nowhere", f"{CONFERENCE}/nowhere", f"{CONFERENCE}/s/999999"),
        *("/screen/nowhere", "/hall/nowhere"),
        *(f"{CONFERENCE}{path}" for path in ("", "/schedule", "/schedule?speaker=999999", "/my")),
        f"{CONFERENCE}/schedule?zone=Asia/Vladivostok",
    ],
    "anna": [
        *(CHANNEL, f"{CHANNEL}#session", f"{CHANNEL}/chat", f"{CHANNEL}/polls"),
        *(f"{CONFERENCE}/s/1", f"{CONFERENCE}/my"),
        *("/desk", f"{CONFERENCE}/moderate", f"{CONFERENCE}/speak"),  # not for her: it is said
    ],
    "speaker1": [f"{CONFERENCE}/speak", CHANNEL],
    "moderator": [f"{CONFERENCE}/moderate{path}" for path in ("", "/log", "/plain")],
    "organiser": [
        *("/desk", "/desk/new", DESK, f"{CONFERENCE}/schedule", f"{CONFERENCE}/my", f"{DESK}/schedule?as=list"),
        *(f"{DESK}/{path}" for path in ("channels", "speakers", "sessions", "polls")),
        *(f"{DESK}/{path}/new" for path in ("channels", "speakers", "sessions", "polls")),
        *(f"{DESK}/{path}/1" for path in ("channels", "speakers", "sessions", "polls")),
        *(f"{DESK}/{path}" for path in ("schedule", "now", "import", "people", "words", "screens")),
        *(f"{DESK}/{path}" for path in ("announcements", "recordings", "lists", "figures")),
        *(f"{DESK}/landing", f"{DESK}/landing/new/text"),
    ],
}
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
widths = pytest.mark.parametrize("width", [360, 1440])


@widths
@pytest.mark.parametrize("name", PAGES, ids=lambda name: name or "stranger")
def test_axe_finds_nothing_on_any_page(people: People, name: str, width: int) -> None:
    someone = people.new(width=width, height=900)
    if name:
        someone.sign_in(name, then=CONFERENCE)
    found = []
    for path in PAGES[name]:
        someone.open(path)
        found += _looked_at(someone)
    assert not found, "\n".join(found)


@widths
def test_axe_finds_nothing_on_walls_and_in_the_hall(people: People, width: int) -> None:
    found = []
    guest = people.new(width=width, height=900)
    for kind in KINDS:
        organiser, address = make_screen(people, kind)
        guest.page.goto(address)
        found += _looked_at(guest)
        if kind == "hall":
            guest.page.goto(hall_of(organiser, address))
            found += [*_looked_at(guest), *_looked_at(organiser)]  # the phone, and the sheet that leads to it
        organiser.context.close()
    assert not found, "\n".join(found)


def _looked_at(someone: Someone) -> list[str]:
    someone.page.wait_for_timeout(400)  # what is live comes
    assert re.fullmatch("ru|kk|en", someone.page.locator("html").get_attribute("lang") or "")
    return found_in_both_lights(someone.page)
