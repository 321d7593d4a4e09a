"""A room that moderators closed to one person, as that person sees it, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.channel import act, given
from tests.browser.people import People

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_who_is_banned_reads_why_and_writes_nothing_until_they_are_let_in_again(people: People) -> None:
    moderator, vera = people.new().come_in("moderator"), people.new(width=360, height=740).come_in("vera")
    user = int(given(vera, "user"))
    rooms = [given(moderator, name) for name in ("room", "stage")]
    chat, questions = vera.page.locator("live-chat"), vera.page.locator("question-list")
    for room in rooms:
        act(moderator, "chat.ban", room=room, user=user, on=True)
    for _ in range(2):
        expect(chat).to_have_attribute("data-state", "closed")
        expect(chat.locator(".chat-turn")).to_have_text("Модератор закрыл вам этот чат.")
        expect(chat.locator(".composer")).to_be_hidden()
        expect(chat.locator(".chat-skeleton")).to_be_hidden()
        vera.show("questions")
        expect(questions.locator(".questions-notice")).to_have_text("Модератор закрыл вам этот чат.")
        expect(questions.locator(".ask")).to_be_hidden()
        vera.page.reload()
    for room in rooms:
        act(moderator, "chat.ban", room=room, user=user, on=False)
    vera.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # they look at the page again
    vera.expect_state("live")
    moderator.expect_once(vera.write("Я снова здесь"))
    expect(chat.locator(".chat-turn")).to_be_hidden()
