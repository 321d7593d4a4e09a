"""Everything by keys: each page from end to end, an attendee's whole visit, a moderator's whole evening."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.console import at_the_console, row, stored
from tests.browser.crowd import Crowd
from tests.browser.keys import Keys
from tests.browser.people import CHANNEL, CONFERENCE, LATER, PASSWORD, People, Someone

SCHEDULE, DESK = f"{CONFERENCE}/schedule", "/desk/uchitel"
# Whose pages; nobody has signed in where no name is given.
PAGES = {
    "": [CONFERENCE, SCHEDULE, f"{CONFERENCE}/my", "/nowhere"],
    "anna": [CHANNEL, f"{CHANNEL}/chat", f"{CHANNEL}/polls", f"{CONFERENCE}/s/1"],
    "speaker1": [f"{CONFERENCE}/speak"],
    "moderator": [f"{CONFERENCE}/moderate", f"{CONFERENCE}/moderate/log", f"{CONFERENCE}/moderate/plain"],
    "organiser": [
        *("/desk", "/desk/new", DESK),
        *(f"{DESK}/{page}" for page in ("channels/1", "speakers/1", "sessions/1", "schedule", "now", "landing")),
        *(f"{DESK}/{page}" for page in ("polls/new", "screens", "people", "words", "import")),
    ],
}
MOVING = (f"{CONFERENCE}/moderate",)  # a row one stands on gets buttons: the way back has more stops

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


# Those who watch do it on phones; a desk is a desk.
@pytest.mark.parametrize(
    ("name", "width"), [*((name, 1280) for name in PAGES), *((name, 360) for name in ("", "anna", "speaker1"))]
)
def test_every_page_is_walked_from_end_to_end_and_back(people: People, name: str, width: int) -> None:
    someone = people.new(width=width, height=800)
    if name:
        someone.sign_in(name, then=CONFERENCE)
    keys = Keys(someone.page)
    for path in PAGES[name]:
        someone.open(path)
        if path == CHANNEL:
            someone.expect_state("live")
        someone.page.wait_for_timeout(500)
        stops = keys.walk()
        assert stops[0].what.startswith("a.skip"), path
        assert len(stops) > 5, path
        assert [stop.what for stop in stops if not stop.after] == [], path
        back = keys.walk(back=True)
        if path not in MOVING:
            assert [stop.what for stop in back] == [stop.what for stop in reversed(stops)], path


def test_the_first_stop_leads_past_the_head_of_the_page(people: People) -> None:
    stranger = people.new()
    stranger.open(SCHEDULE)
    keys = Keys(stranger.page)
    keys.press("Tab")
    assert keys.at(".skip")
    keys.press("Enter")
    assert keys.at("main")
    keys.press("Tab")
    assert keys.at("main *")


def test_an_attendee_comes_in_and_takes_part_without_a_mouse(people: People, crowd: Crowd) -> None:
    anna = people.new(width=1280, height=800)
    keys = _come_in(anna)
    text = _chats(anna, keys)
    keys.to(".side-out", back=True)
    with anna.context.expect_page() as opened:
        keys.press("Enter")
    window = Someone(anna.context, opened.value, anna.url)
    window.expect_once(text, within=LATER)
    opened.value.close()
    _asks_and_votes(anna, keys)


def _come_in(anna: Someone) -> Keys:
    """From signing in over the landing page into the first channel."""
    keys = Keys(anna.page)
    anna.open(f"/sign-in?next={CONFERENCE}")
    assert keys.at("#email")
    keys.write("anna@demo.veche")
    keys.to("#password")
    keys.write(PASSWORD)
    keys.press("Enter")
    anna.page.wait_for_url(f"{anna.url}{CONFERENCE}")
    keys.to(f"a[href$='{CHANNEL}']")
    keys.press("Enter")
    anna.page.wait_for_url(f"**{CHANNEL}")
    anna.expect_state("live")
    return keys


def _chats(anna: Someone, keys: Keys) -> str:
    """A message, a reaction to it, another wording; the message as it is then."""
    keys.to("#composer")
    wrong = f"Без мыши {uuid4().hex[:8]}"
    keys.write(wrong)
    keys.press("Enter")
    anna.expect_once(wrong)
    assert keys.at("#composer")
    keys.to(".message", back=True)
    keys.press("ArrowUp", "ArrowDown")
    assert keys.at(".message")
    keys.to(".message-emoji summary")
    keys.press("Enter")
    keys.to("[data-emoji='👏']")
    keys.press("Enter")
    expect(anna.message(wrong).locator(".message-reaction")).to_have_text("👏 1")
    assert keys.at(".message-emoji summary")
    keys.to(".message-reaction", back=True)
    keys.press("Space")
    expect(anna.message(wrong).locator(".message-reaction")).to_have_count(0)
    assert keys.at(".message")
    keys.press("ArrowUp", "ArrowDown")
    keys.to(".message-edit")
    keys.press("Enter")
    assert keys.at("#composer")
    right = f"{wrong}: исправлено"
    keys.press("End")
    keys.write(": исправлено")
    keys.press("Enter")
    anna.expect_once(right)
    return right


def _asks_and_votes(anna: Someone, keys: Keys) -> None:
    """A question, support for another one, a vote in a poll that is changed."""
    keys.to("[data-panel=questions]", back=True)
    keys.press("Enter")
    keys.to("#question")
    asked = f"Слышно ли без мыши? {uuid4().hex[:8]}"
    keys.write(asked)
    keys.press("Enter")
    expect(anna.page.locator(".own-question", has_text=asked)).to_have_attribute("data-status", "asked")
    vote = ".question-vote[aria-pressed=false]:not([disabled])"
    keys.to(vote, back=True)
    keys.press("Enter")
    expect(anna.page.locator(".question-vote:focus")).to_have_attribute("aria-pressed", "true")
    keys.to("[data-panel=polls]", back=True)
    keys.press("Enter")
    keys.to(".poll-options input")
    keys.press("Space")
    keys.to(".poll-form .button")
    keys.press("Enter")
    expect(anna.page.locator(".poll-again:focus")).to_be_visible()
    keys.press("Enter")
    assert keys.at(".poll-options input")


def test_the_programme_is_chosen_without_a_mouse(people: People) -> None:
    anna = people.new(width=1280, height=800)
    anna.come_in("anna")
    keys = Keys(anna.page)
    keys.to(".session-all a")
    keys.press("Enter")
    anna.page.wait_for_url(f"**{SCHEDULE}")
    keys.to("button.star[aria-pressed=false]")
    keys.press("Enter")
    star = anna.page.locator("button.star:focus")
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(anna.page.locator("#star-said")).to_have_text("Добавлено в вашу программу")
    keys.press("Enter")  # nothing of hers stays: who counts her programme later would find it
    expect(star).to_have_attribute("aria-pressed", "false")
    expect(anna.page.locator("#star-said")).not_to_have_text("Добавлено в вашу программу")
    keys.to(".chip[href*='channel=']", back=True)
    keys.press("Enter")
    anna.page.wait_for_url("**channel=**")
    expect(anna.page.locator(".slot").first).to_be_visible()
    keys.to(".zone-menu summary")
    keys.press("Enter")
    keys.to(".zone-sheet button")
    keys.press("Escape")
    assert keys.at(".zone-menu summary")
    keys.press("Enter")
    keys.to(".zone-sheet button")
    keys.press("Enter")
    expect(anna.page.locator(".beside-name")).to_be_visible()


def test_a_window_gives_the_focus_back_to_what_opened_it(people: People) -> None:
    boris, anna = people.new().come_in("boris"), people.new(width=1280, height=800).come_in("anna")
    text = boris.write("На это пожалуются")
    anna.expect_once(text)
    keys = Keys(anna.page)
    keys.to("#composer")
    keys.to(".message", back=True)
    keys.to(".message-report")
    keys.press("Enter")
    expect(anna.page.locator("dialog.report")).to_be_visible()
    for _ in range(12):  # round and round, and never behind the window
        keys.press("Tab")
        assert not keys.here() or keys.at("dialog.report *")
    keys.press("Escape")
    assert keys.at(".message-report")
    keys.to(".top summary", back=True)
    keys.press("Enter", "Escape")
    assert keys.at(".top summary")


def test_a_moderator_works_without_a_mouse(people: People, crowd: Crowd) -> None:
    mark = uuid4().hex[:8]
    anna = people.new().come_in("anna")
    crowd.say("timur", f"{mark} раз", f"{mark} два")
    crowd.say("vera", f"{mark} три")
    crowd.ask("daniyar", f"{mark} вопрос")
    anna.expect_once(f"{mark} три")
    moderator = at_the_console(people, width=1440)
    keys = Keys(moderator.page)
    _filters(moderator, keys, mark)
    _claims(people, moderator, mark)
    _deletes(anna, moderator, keys, mark)
    _silences(anna, moderator, keys, mark)
    _notes(moderator, keys, mark)


def _filters(moderator: Someone, keys: Keys, mark: str) -> None:
    """By words and by channel; Escape forgets the words."""
    keys.press("/")
    assert keys.at("#console-words")
    keys.write("такого никто не писал")
    expect(moderator.page.locator(".lane[data-lane=chat] .row:not(.leaving)")).to_have_count(0)
    keys.press("Escape")
    assert keys.here(), "the filter took the focus with it"
    keys.press("/")
    keys.write(mark)
    keys.press("Enter")
    expect(row(moderator, mark, "chat")).to_have_count(3)
    assert keys.at(".row")
    keys.to(".console-channels button[aria-pressed=false]", back=True)
    keys.press("Enter")
    expect(moderator.page.locator(".console-channels button:focus")).to_have_attribute("aria-pressed", "true")
    keys.to(".console-channels [data-channel='0']", back=True)
    keys.press("Enter")
    keys.to(".lane[data-lane=waiting] .row")


def _claims(people: People, moderator: Someone, mark: str) -> None:
    """The row one stands on is one's own: the other one is told."""
    other = at_the_console(people, "organiser")
    expect(row(other, f"{mark} вопрос", "waiting").locator(".row-looking")).to_contain_text("Мадина Оспанова")


def _deletes(anna: Someone, moderator: Someone, keys: Keys, mark: str) -> None:
    """One message and its return; all of a person and their return."""
    _go_to(keys, "chat", f"{mark} три")
    keys.press("r")
    anna.expect_gone(f"{mark} три")
    assert keys.here(), "the message took the focus with it"
    keys.press("u")
    anna.expect_once(f"{mark} три", within=LATER)
    _go_to(keys, "chat", f"{mark} два")
    keys.press("x")
    assert keys.at(".row-form *")
    keys.press("Enter")
    for text in (f"{mark} раз", f"{mark} два"):
        anna.expect_gone(text)
    keys.press("u")
    for text in (f"{mark} раз", f"{mark} два"):
        anna.expect_once(text, within=LATER)


def _silences(anna: Someone, moderator: Someone, keys: Keys, mark: str) -> None:
    """A mute by the number of the choice, and its end."""
    _go_to(keys, "chat", f"{mark} три")
    keys.press("m", "1")
    expect(row(moderator, f"{mark} три", "chat").locator(".row-mark")).to_have_text("Временно не пишет")
    assert keys.at(".row")
    keys.press("m", "4")
    expect(row(moderator, f"{mark} три", "chat").locator(".row-mark")).to_be_hidden()
    stored(moderator)


def _notes(moderator: Someone, keys: Keys, mark: str) -> None:
    """A note on a person; closed, the window gives the focus back. Then over to the word list."""
    _go_to(keys, "waiting", f"{mark} вопрос")
    keys.press("i")
    keys.to("#note-text")
    keys.write(f"{mark} заметка")
    keys.to(".note-form button")
    keys.press("Enter")
    expect(moderator.page.locator(".note-list")).to_contain_text(f"{mark} заметка")
    keys.press("Escape")
    assert keys.at(".row")
    keys.to("a[href$='/words']", back=True)
    keys.press("Enter")
    moderator.page.wait_for_url("**/words")
    keys.to("#hold")
    keys.write(f"слово{mark}")
    keys.to("button[value=save]")
    keys.press("Enter")
    moderator.page.wait_for_url("**said=saved")
    expect(moderator.page.locator("#hold")).to_contain_text(f"слово{mark}")


def _go_to(keys: Keys, lane: str, text: str) -> None:
    """Column by column with H and L, row by row with J and K."""
    here = "document.activeElement.closest('.lane')?.dataset.lane"
    keys.press(*["h"] * 5)
    for _ in range(5):
        if keys.page.evaluate(here) == lane:
            break
        keys.press("l")
    keys.press(*["k"] * 5)
    said = "document.activeElement.querySelector('.row-text')?.textContent"
    for _ in range(10):
        if keys.page.evaluate(said) == text:
            return
        keys.press("j")
    raise AssertionError(f"no way to {text} in {lane}; the last stop: {keys.here()}")
