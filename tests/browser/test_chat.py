"""The chat of a channel's page: messages that are mended, liked and reported, slow and closed rooms, its own window."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.channel import act
from tests.browser.people import LATER, People, Someone

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_message_is_mended_by_its_author_and_everybody_reads_the_new_text(people: People) -> None:
    anna, boris = people.new().come_in("anna"), people.new().come_in("boris")
    wrong = anna.write("С ашипкой")
    boris.expect_once(wrong)
    place = anna.page.locator(".message-text").all_inner_texts().index(wrong)
    anna.tool(wrong, "edit").click()
    expect(anna.page.locator("#composer")).to_have_value(wrong)
    right = f"Без ошибки {uuid4().hex[:8]}"
    anna.page.fill("#composer", right)
    anna.page.press("#composer", "Enter")
    for one in (anna, boris):
        one.expect_once(right)
        one.expect_gone(wrong)
        expect(one.message(right).locator(".message-edited")).to_be_visible()
    assert anna.page.locator(".message-text").all_inner_texts().index(right) == place
    boris.page.reload()
    boris.expect_once(right)
    boris.expect_gone(wrong)


def test_the_newest_own_message_is_mended_with_the_arrow_and_left_with_escape(people: People) -> None:
    boris = people.new().come_in("boris")
    text = boris.write("Стрелка вверх")
    boris.expect_once(text)
    boris.page.press("#composer", "ArrowUp")
    expect(boris.page.locator("#composer")).to_have_value(text)
    boris.page.press("#composer", "Escape")
    expect(boris.page.locator("#composer")).to_have_value("")
    expect(boris.message(text).locator(".message-edited")).to_be_hidden()


def test_a_reaction_to_a_message_is_counted_once_for_each_person(people: People) -> None:
    anna, boris = people.new().come_in("anna"), people.new().come_in("boris")
    text = anna.write("Кто за?")
    boris.expect_once(text)
    for one in (anna, boris):
        one.tool(text, "emoji").locator("summary").click()
        one.message(text).locator("[data-emoji='👍']").first.click()
    for one in (anna, boris):
        expect(one.message(text).locator(".message-reaction")).to_have_text("👍 2")
        expect(one.message(text).locator(".message-reaction")).to_have_attribute("aria-pressed", "true")
    again = people.new().come_in("anna")  # another device of hers
    expect(again.message(text).locator(".message-reaction")).to_have_text("👍 2")
    again.message(text).locator(".message-reaction").click()
    expect(boris.message(text).locator(".message-reaction")).to_have_text("👍 1")


def test_a_message_is_reported_with_a_reason_and_only_moderators_hear_it(people: People) -> None:
    anna, boris = people.new().come_in("anna"), people.new().come_in("boris")
    heard: list[str] = []
    watcher = people.new()
    watcher.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))
    watcher.come_in("vera")
    text = anna.write("Купите слона")
    boris.expect_once(text)
    boris.tool(text, "report").click()
    boris.page.locator(".report button[type=submit]").click()
    expect(boris.page.locator(".report-missing")).to_be_visible()
    boris.page.get_by_label("Реклама").check()
    boris.page.locator(".report button[type=submit]").click()
    expect(boris.page.locator(".chat .chat-notice")).to_contain_text("Модераторы посмотрят")
    after = anna.write("А это уже после жалобы")
    watcher.expect_once(after)
    assert not [frame for frame in heard if "Реклама" in frame]


def test_slow_mode_counts_down_and_sends_by_itself(people: People) -> None:
    moderator, vera = people.new().come_in("moderator"), people.new().come_in("vera")
    act(moderator, "chat.slow", seconds=4)
    try:
        turn = vera.page.locator(".chat-turn")
        expect(turn).to_contain_text("Медленный режим")
        first = vera.write("Первое")
        vera.expect_once(first)
        expect(turn).to_contain_text("Ваша очередь через")
        second = vera.write("Второе")
        moderator.expect_once(second, within=LATER)
        assert moderator.order_of(first, second) == [first, second]
    finally:
        act(moderator, "chat.slow", seconds=0)
    expect(turn).to_be_hidden()


def test_in_a_closed_chat_one_reads_and_keeps_what_was_begun(people: People) -> None:
    moderator, anna = people.new().come_in("moderator"), people.new().come_in("anna")
    anna.page.fill("#composer", "недописанное")
    act(moderator, "chat.close", on=True)
    try:
        expect(anna.page.locator("#composer")).to_be_hidden()
        expect(anna.page.locator(".chat-turn")).to_contain_text("его можно читать")
        expect(moderator.page.locator("#composer")).to_be_visible()
    finally:
        act(moderator, "chat.close", on=False)
    expect(anna.page.locator("#composer")).to_have_value("недописанное")


def test_the_chat_has_a_window_of_its_own(people: People) -> None:
    anna, boris = people.new().come_in("anna"), people.new()
    with anna.context.expect_page() as opened:
        anna.page.locator(".side-out").click()
    window = Someone(anna.context, opened.value, anna.url)
    window.expect_state("live")
    boris.come_in("boris")
    text = window.write("Из отдельного окна")
    boris.expect_once(text)
    anna.expect_once(text)


def test_on_a_phone_on_its_side_the_chat_lies_over_the_picture_if_it_is_wanted(people: People) -> None:
    anna = people.new(width=740, height=360).come_in("anna")
    stage, chat = anna.page.locator(".stage"), anna.page.locator("live-chat")
    box = stage.bounding_box()
    assert box
    assert (box["width"], box["height"]) == (740, 360)
    expect(chat).to_be_hidden()
    anna.page.locator(".over-switch").click()
    expect(chat).to_be_visible()
    text = anna.write("Поверх картинки")
    anna.expect_once(text)


def test_typing_is_shown_to_the_others_for_a_moment(people: People) -> None:
    anna, boris = people.new().come_in("anna"), people.new().come_in("boris")
    anna.page.locator("#composer").press_sequentially("Дум")
    expect(boris.page.locator(".chat-typing")).to_contain_text("Анна Логинова печатает")
    expect(boris.page.locator(".chat-typing")).to_be_empty()
