"""Two people on a channel page, talking live, through everything that can happen to a connection."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import CHANNEL, CONFERENCE, LATER, HeldAnswers, People, RefusedPasses
from tests.browser.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_stranger_signs_in_and_is_led_to_the_channel(people: People) -> None:
    stranger = people.new()
    stranger.open(CONFERENCE)
    expect(stranger.page.locator("h1")).to_have_text("Учитель завтрашнего дня")
    stranger.page.locator(".channel-card a").first.click()
    stranger.page.wait_for_url(re.compile(r"/sign-in\?next="))
    stranger.page.fill("#email", "anna@demo.veche")
    stranger.page.fill("#password", "not her password")
    stranger.page.press("#password", "Enter")
    expect(stranger.page.locator("[role=alert]")).to_be_visible()
    expect(stranger.page.locator("#email")).to_have_value("anna@demo.veche")
    stranger.page.fill("#password", "veche-demo")
    stranger.page.press("#password", "Enter")
    stranger.page.wait_for_url(f"**{CHANNEL}")
    stranger.expect_state("live")


def test_history_is_there_on_arrival(people: People) -> None:
    anna = people.new().come_in("anna")
    expect(anna.page.locator(".message").nth(4)).to_be_visible()
    expect(anna.page.locator(".chat-skeleton")).to_be_hidden()


def test_what_one_writes_appears_in_the_other(people: People) -> None:
    anna, boris = people.new().come_in("anna"), people.new().come_in("boris")
    hello = anna.write("Здравствуйте из Казани!")
    boris.expect_once(hello)
    anna.expect_once(hello)
    answer = boris.write("Сәлем! <b>Не разметка</b> https://example.com/a?b=1&c=2.")
    anna.expect_once(answer)
    link = anna.message(answer).locator("a")
    expect(link).to_have_attribute("href", "https://example.com/a?b=1&c=2")
    expect(link).to_have_attribute("rel", re.compile("noopener.*nofollow.*ugc"))
    expect(anna.message(answer).locator(".message-text")).to_contain_text("<b>Не разметка</b>")


def test_ones_own_message_is_grey_until_the_server_has_it(people: People) -> None:
    anna = people.new()
    answers = HeldAnswers(anna.page)
    anna.come_in("anna")
    text = anna.write("Это сообщение ещё в пути")
    expect(anna.message(text)).to_have_attribute("data-state", "sending")
    grey = _colour(anna.message(text).locator(".message-text"))
    answers.let_go()
    anna.expect_once(text)
    expect(anna.message(text).locator(".message-text")).not_to_have_css("color", grey)  # it changes by and by


def test_a_while_offline_loses_nothing_and_doubles_nothing(people: People) -> None:
    anna, boris = people.new().come_in("anna"), people.new().come_in("boris")
    anna.context.set_offline(True)
    anna.expect_state("offline")
    missed = [boris.write(f"Пока Анны нет, {number}") for number in range(3)]
    kept = [anna.write(f"Пишу без связи, {number}") for number in range(2)]
    expect(anna.message(kept[0])).to_have_attribute("data-state", "sending")
    expect(anna.message(kept[0]).locator(".message-note")).to_be_visible()
    anna.context.set_offline(False)
    anna.expect_state("live")
    for text in (*missed, *kept):
        anna.expect_once(text)
        boris.expect_once(text)
    assert boris.order_of(*kept) == kept
    assert anna.order_of(*missed, *kept) == [*missed, *kept]


def test_what_was_not_sent_survives_a_reload(people: People) -> None:
    anna, boris = people.new(), people.new().come_in("boris")
    answers = HeldAnswers(anna.page)
    anna.come_in("anna")
    text = anna.write("Перезагрузили раньше ответа")
    boris.expect_once(text)
    anna.page.fill("#composer", "недописанное")
    answers.let_go()
    answers.holding = False
    anna.page.reload()
    anna.expect_state("live")
    anna.expect_once(text)
    boris.expect_once(text)
    expect(anna.page.locator("#composer")).to_have_value("недописанное")


def test_workers_killed_in_the_middle_lose_nothing(people: People, stack: Stack) -> None:
    anna, boris = people.new().come_in("anna"), people.new().come_in("boris")
    said = [anna.write("До беды")]
    boris.expect_once(said[0])
    stack.kill_realtime_workers()
    said.append(anna.write("Сразу после беды"))
    said.append(boris.write("И с другой стороны"))
    for one in (anna, boris):
        one.expect_state("live")
        for text in said:
            one.expect_once(text, within=LATER)


def test_a_moderator_deletes_and_it_vanishes_everywhere_and_from_history(people: People) -> None:
    anna, moderator = people.new().come_in("anna"), people.new().come_in("moderator")
    text = anna.write("Это удалит модератор")
    moderator.expect_once(text)
    moderator.delete(text)
    moderator.expect_gone(text)
    anna.expect_gone(text)
    expect(moderator.page.locator(".chat .chat-notice")).not_to_be_empty()
    anna.page.reload()
    anna.expect_state("live")
    expect(anna.page.locator(".message").first).to_be_attached()
    anna.expect_gone(text)


def test_one_may_delete_ones_own_message_and_nobody_elses_by_keyboard(people: People) -> None:
    anna, boris = people.new().come_in("anna"), people.new().come_in("boris")
    text = anna.write("Передумаю и удалю")
    boris.expect_once(text)
    expect(boris.tool(text, "delete")).to_be_hidden()
    expect(boris.tool(text, "edit")).to_be_hidden()
    anna.message(text).focus()
    for _ in range(3):  # reaction, change, delete
        anna.page.keyboard.press("Tab")
    expect(anna.message(text).locator(".message-delete")).to_be_focused()
    anna.page.keyboard.press("Enter")
    anna.expect_gone(text)
    boris.expect_gone(text)
    assert anna.page.evaluate("document.activeElement.className") == "chat-log"


def test_who_reads_older_messages_is_not_scrolled_away(people: People) -> None:
    anna, boris = people.new(height=500).come_in("anna"), people.new().come_in("boris")
    log = anna.page.locator(".chat-log")
    log.evaluate("log => log.scrollTop = 0")
    anna.page.wait_for_timeout(100)
    text = boris.write("Внизу новое")
    newer = anna.page.locator(".chat-newer")
    expect(newer).to_have_text("1 новое сообщение")
    assert log.evaluate("log => log.scrollTop") < 5
    newer.click()
    expect(newer).to_be_hidden()
    expect(anna.message(text)).to_be_in_viewport()


def test_too_fast_is_said_and_sent_later_in_order(people: People) -> None:
    daniyar, boris = people.new().come_in("daniyar"), people.new().come_in("boris")
    many = [daniyar.write(f"Скороговорка {number}") for number in range(8)]
    for text in many:
        boris.expect_once(text, within=LATER)
    assert boris.order_of(*many) == many


def test_shift_enter_makes_a_line_and_too_long_is_not_sent(people: People) -> None:
    boris = people.new().come_in("boris")
    composer = boris.page.locator("#composer")
    composer.fill("первая")
    composer.press("Shift+Enter")
    expect(composer).to_have_value("первая\n")
    composer.fill("ы" * 2005)
    expect(boris.page.locator(".chat .composer-count")).to_have_text("Лишних 5 знаков")
    before = boris.page.locator(".message").count()
    composer.press("Enter")
    expect(composer).to_have_value("ы" * 2005)
    assert boris.page.locator(".message").count() == before


def test_signed_out_elsewhere_the_page_says_so_and_keeps_what_was_written(people: People) -> None:
    anna = people.new().come_in("anna")
    anna.context.clear_cookies()
    server = RefusedPasses(anna.page)
    anna.context.set_offline(True)
    anna.expect_state("offline")
    text = anna.write("Напишу, хотя и вышла")
    anna.context.set_offline(False)
    anna.expect_state("signed-out")
    server.refusing = False
    anna.page.locator(".chat-sign-in a").click()
    anna.page.wait_for_url(re.compile(r"/sign-in\?next="))
    anna.come_in("anna")
    anna.expect_once(text)


def _colour(locator: Locator) -> str:
    return str(locator.evaluate("one => getComputedStyle(one).color"))


def test_the_card_of_the_session_is_fetched_when_it_ends_and_again_when_that_failed(people: People) -> None:
    anna = people.new()
    anna.page.clock.install()
    anna.come_in("anna")
    anna.page.evaluate("document.querySelector('#now').append('old card')")
    with anna.page.expect_event("requestfailed"):
        anna.page.route(f"**{CHANNEL}/card*", lambda route: route.abort(), times=1)
        anna.page.clock.fast_forward("02:00:00")  # every session of the demo is shorter
    expect(anna.page.locator("#now")).to_contain_text("old card")
    anna.page.clock.fast_forward("01:30")
    expect(anna.page.locator("#now")).not_to_contain_text("old card")
