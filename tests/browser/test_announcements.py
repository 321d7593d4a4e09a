"""An announcement on every screen at once, in real browsers: the lunch move, from the console to the foyer's wall."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.announcing import ANNOUNCEMENTS, withdraw_all
from tests.browser.axe import found_by_axe
from tests.browser.people import CONFERENCE, LATER, People, Someone
from tests.browser.stack import until
from tests.browser.test_stage import hall_of, make_screen

CONSOLE = f"{CONFERENCE}/moderate"

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(autouse=True)
def nothing_is_left_standing(people: People) -> Iterator[None]:
    yield
    withdraw_all(people)


def row(page: Page, text: str) -> Locator:
    return page.locator(".announcement", has_text=text)


def unique(text: str) -> str:
    return f"{text} {uuid4().hex[:8]}"


def say_by_keys(moderator: Someone, ru: str, kk: str, *, urgent: bool = False) -> None:
    """From the console, without a mouse: S, the text, the other language, where it leads, and Ctrl+Enter."""
    page = moderator.page
    page.keyboard.press("s")
    expect(page.locator("#announce")).to_be_visible()
    page.keyboard.insert_text(ru)
    page.locator("#text_kk").focus()
    page.keyboard.insert_text(kk)
    page.locator("#link").select_option(label="Цифровой класс")
    if urgent:
        page.locator("#urgent").press("Space")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#announce")).to_be_hidden()


def everywhere(people: People) -> list[Someone]:
    """Russian screens of every kind: channel, schedule, wall, a phone in the hall, a speaker's phone."""
    organiser, address = make_screen(people, "hall")
    desktop, wall = people.new(), people.new()
    guest, speaker = people.new(width=360, height=740), people.new(width=360, height=740)
    desktop.come_in("anna")
    schedule = Someone(desktop.context, desktop.context.new_page(), desktop.url)
    schedule.open(f"{CONFERENCE}/schedule")
    wall.page.goto(address)
    guest.page.goto(hall_of(organiser, address))
    speaker.sign_in("speaker1", then=f"{CONFERENCE}/speak")
    return [desktop, schedule, wall, guest, speaker]


def test_the_lunch_move_stands_on_every_screen_at_once_until_it_is_withdrawn(people: People) -> None:
    phone, moderator = people.new(width=360, height=740, language="kk-KZ"), people.new()
    phone.come_in("aigerim")
    moderator.sign_in("moderator", then=CONSOLE)
    screens = [moderator, *everywhere(people)]
    ru, kk = unique("Лекция в цифровом классе"), unique("Дәріс цифрлық сыныпта")
    say_by_keys(moderator, ru, kk, urgent=True)
    for one in screens:
        expect(row(one.page, ru)).to_be_visible()
        expect(row(one.page, ru)).to_have_attribute("data-urgent", "")
    expect(phone.page.locator("[role=alert] .announcement", has_text=kk)).to_be_visible()
    assert phone.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, "nothing is too wide"
    for one in (moderator, phone):
        assert found_by_axe(one.page) == []

    moderator.page.keyboard.press("s")
    told = moderator.page.locator("#announce .told", has_text=ru)
    told.get_by_role("button").click()
    for one in screens:
        expect(row(one.page, ru)).to_have_count(0)
    expect(row(phone.page, kk)).to_have_count(0)
    expect(told).to_have_count(0)


def test_it_leads_to_where_it_calls_and_no_further(people: People) -> None:
    moderator, anna, later = people.new(), people.new(), people.new()
    moderator.sign_in("moderator", then=CONSOLE)
    anna.come_in("anna")
    ru = unique("Все в цифровой класс")
    say_by_keys(moderator, ru, ru)
    row(anna.page, ru).get_by_role("link", name="Открыть: Цифровой класс").click()
    anna.page.wait_for_url(f"**{CONFERENCE}/digital")
    expect(row(anna.page, ru)).to_be_visible()
    expect(row(anna.page, ru).get_by_role("link")).to_have_count(0)  # one is there already
    # What a conference is told, strangers' pages have a second later at most.
    until(lambda: ru in opened(later, CONFERENCE), "who comes later reads it")
    expect(row(later.page, ru)).to_be_visible()


def test_put_away_it_stays_away_in_every_tab_and_after_a_reload(people: People) -> None:
    moderator, anna = people.new(), people.new()
    moderator.sign_in("moderator", then=CONSOLE)
    anna.come_in("anna")
    second = Someone(anna.context, anna.context.new_page(), anna.url)
    second.open(f"{CONFERENCE}/my")
    text = unique("Обед на втором этаже")
    say_by_keys(moderator, text, text)
    for one in (anna, second):
        expect(row(one.page, text)).to_be_visible()
    row(anna.page, text).get_by_role("button").click()
    expect(row(anna.page, text)).to_have_count(0)
    second.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # one looks at the other tab
    expect(row(second.page, text)).to_have_count(0)
    anna.page.reload()
    anna.expect_state("live")
    expect(row(anna.page, text)).to_have_count(0)
    moderator.page.reload()
    expect(row(moderator.page, text)).to_be_visible()


def test_who_comes_back_hears_nothing_twice_and_what_was_said_meanwhile(people: People) -> None:
    moderator, anna = people.new(), people.new()
    moderator.sign_in("moderator", then=CONSOLE)
    anna.come_in("anna")
    first, second = unique("Первое"), unique("Второе")
    say_by_keys(moderator, first, first)
    expect(row(anna.page, first)).to_be_visible()
    anna.page.evaluate(COUNT_ADDED)
    anna.context.set_offline(True)
    anna.expect_state("offline")
    say_by_keys(moderator, second, second)
    anna.context.set_offline(False)
    anna.expect_state("live")
    expect(row(anna.page, second)).to_be_visible()
    added = anna.page.evaluate("window.added")
    assert len(added) == 1, "a screen reader says only what is new"
    assert second in added[0]


def test_what_was_withdrawn_meanwhile_is_gone_from_who_comes_back(people: People) -> None:
    moderator, (_, _, wall, phone, _) = people.new(), everywhere(people)
    moderator.sign_in("moderator", then=CONSOLE)
    text = unique("Скоро снимут")
    say_by_keys(moderator, text, text)
    for one in (phone, wall):
        expect(row(one.page, text)).to_be_visible()
        one.context.set_offline(True)
    moderator.page.keyboard.press("s")
    moderator.page.locator("#announce .told", has_text=text).get_by_role("button").click()
    expect(row(moderator.page, text)).to_have_count(0)
    for one in (phone, wall):
        expect(row(one.page, text)).to_be_visible()
        one.context.set_offline(False)
        expect(row(one.page, text)).to_have_count(0, timeout=LATER)


@pytest.mark.parametrize("hours", [-2, 2])
def test_it_stands_as_long_on_a_machine_whose_clock_is_wrong(people: People, hours: int) -> None:
    moderator, anna = people.new(), people.new()
    anna.page.clock.install(time=datetime.now(UTC) + timedelta(hours=hours))
    anna.come_in("anna")
    moderator.sign_in("moderator", then=ANNOUNCEMENTS)
    text = unique("Обед через час")
    moderator.page.fill("#text_ru", text)
    moderator.page.select_option("#minutes", "15")
    moderator.page.get_by_role("button", name="Показать на всех экранах").click()
    expect(row(anna.page, text)).to_be_visible()
    assert abs(anna.page.evaluate("Date.now()") / 1000 - time.time()) > 3600, "the clock of this page is wrong"
    anna.page.reload()
    anna.expect_state("live")
    expect(row(anna.page, text)).to_be_visible()


COUNT_ADDED = """() => {
  window.added = [];
  const note = ({ addedNodes }) => addedNodes.forEach((one) => window.added.push(one.textContent));
  const bar = document.querySelector("announcement-bar");
  new MutationObserver((all) => all.forEach(note)).observe(bar, { childList: true, subtree: true });
}"""


def test_without_scripts_a_form_announces_words_anew_and_withdraws(people: People) -> None:
    moderator, anna = people.new(scripts=False), people.new()
    anna.come_in("anna")
    moderator.sign_in("moderator", then=ANNOUNCEMENTS)
    page, text, better = moderator.page, unique("Обед в два"), unique("Обед в три")
    page.fill("#text_ru", text)
    page.get_by_role("button", name="Показать на всех экранах").click()
    expect(page.locator(".desk-said")).to_have_text("Объявление уже на всех экранах.")
    expect(row(anna.page, text)).to_be_visible()
    page.locator(".told", has_text=text).get_by_role("link", name="Изменить текст").click()
    expect(page.locator("#text_ru")).to_have_value(text)
    page.fill("#text_ru", better)
    page.get_by_role("button", name="Показать на всех экранах").click()
    expect(row(anna.page, better)).to_be_visible()
    expect(row(anna.page, text)).to_have_count(0)
    log = people.new()
    log.sign_in("moderator", then=f"{CONSOLE}/log")
    until(lambda: better in again(log), "the log has it")
    page.locator(".told", has_text=better).get_by_role("button", name="Снять").click()
    expect(row(anna.page, better)).to_have_count(0)
    until(lambda: again(log).count(better) == 2, "the log has who took it back, and what")
    page.reload()
    expect(page.locator(".told", has_text=better)).to_contain_text("снято: Мадина Оспанова")
    organiser = people.new()
    organiser.sign_in("organiser", then=ANNOUNCEMENTS)
    assert found_by_axe(organiser.page) == []


def opened(one: Someone, path: str) -> str:
    """What a page says when it is opened."""
    one.open(path)
    return one.page.locator("body").inner_text()


def again(one: Someone) -> str:
    """What a page says when it is loaded anew."""
    one.page.reload()
    return one.page.locator("main").inner_text()
