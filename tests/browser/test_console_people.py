"""What moderators do about people at their console: everything of somebody, a mute, held words, notes."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.console import CONSOLE, at_the_console, focused, named, only, row, stored
from tests.browser.crowd import Crowd
from tests.browser.people import LATER, People

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_everything_of_a_person_is_deleted_and_comes_back(people: People, crowd: Crowd) -> None:
    mark = uuid4().hex[:8]
    anna = people.new().come_in("anna")
    crowd.say("timur", f"{mark} раз", f"{mark} два")
    crowd.say("vera", f"{mark} три")
    anna.expect_once(f"{mark} два")
    moderator = at_the_console(people)
    only(moderator, mark)
    row(moderator, f"{mark} два", "chat").focus()
    moderator.page.keyboard.press("x")
    moderator.page.keyboard.press("Enter")
    for text in (f"{mark} раз", f"{mark} два"):
        anna.expect_gone(text)
    anna.expect_once(f"{mark} три")
    moderator.page.keyboard.press("u")
    for text in (f"{mark} раз", f"{mark} два"):
        anna.expect_once(text, within=LATER)


def test_a_mute_is_counted_down_and_ends_by_itself(people: People, crowd: Crowd) -> None:
    text = named("Шумит")
    boris = people.new().come_in("boris")
    boris_said = boris.write(text)
    moderator = people.new(width=1440, height=900)
    moderator.page.clock.install()
    moderator.sign_in("moderator", then=CONSOLE)
    expect(row(moderator, boris_said, "chat")).to_have_count(1)
    row(moderator, boris_said, "chat").focus()
    moderator.page.keyboard.press("m")
    moderator.page.keyboard.press("1")
    expect(boris.page.locator("live-chat .chat-foot")).to_contain_text(re.compile(r"До \d\d:\d\d"))
    expect(row(moderator, boris_said, "chat").locator(".row-mark")).to_have_text("Временно не пишет")
    moderator.page.keyboard.press("i")
    state = moderator.page.locator(".person-state")
    expect(state).to_have_text(re.compile(r"Не пишет ещё 4:\d\d"))
    moderator.page.clock.run_for(310_000)
    expect(state).to_have_text("Читает и пишет без ограничений.")
    moderator.page.keyboard.press("Escape")
    row(moderator, boris_said, "chat").focus()
    moderator.page.keyboard.press("m")
    moderator.page.keyboard.press("4")  # for him five minutes have not gone by
    expect(boris.page.locator("#composer")).to_be_visible()
    stored(moderator)


def test_words_of_the_list_hold_a_message_until_it_is_let_through(people: People, crowd: Crowd) -> None:
    mark = uuid4().hex[:6]
    moderator = at_the_console(people)
    desk = people.new()
    desk.sign_in("organiser", then="/desk/uchitel/words")
    desk.page.fill("#hold", f"казин{mark}")
    desk.page.locator("button[value=save]").click()
    desk.page.wait_for_url("**said=saved")
    boris, anna = people.new().come_in("boris"), people.new().come_in("anna")
    held = row(moderator, mark, "waiting")
    boris.page.wait_for_timeout(2_000)  # the outbox tells the rooms
    text = boris.write(f"Лучшее KAЗИН{mark}о")
    expect(held.first).to_be_visible(timeout=LATER)
    anna.expect_gone(text)
    held.first.focus()
    moderator.page.keyboard.press("a")
    anna.expect_once(text)
    desk.open("/desk/uchitel/words")
    desk.page.fill("#hold", "")
    desk.page.locator("button[value=save]").click()
    desk.page.wait_for_url("**said=saved")


def test_notes_on_a_person_are_read_by_the_other_moderator(people: People, crowd: Crowd) -> None:
    text, note = named("Кто это?"), named("Спрашивает по делу")
    crowd.ask("daniyar", text)
    moderator = at_the_console(people)
    row(moderator, text).focus()
    moderator.page.keyboard.press("i")
    moderator.page.locator("#note-text").fill(note)
    moderator.page.locator(".note-form button").click()
    expect(moderator.page.locator(".note-list")).to_contain_text(note)
    moderator.page.keyboard.press("Escape")
    assert focused(moderator) == text
    other = at_the_console(people, "organiser")
    row(other, text).locator(".row-name").click()
    expect(other.page.locator(".note-list")).to_contain_text(note)
