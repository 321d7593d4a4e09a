"""Four people at once: on a phone, on a desktop, at the moderators' console, on the stage."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.channel import ask, question
from tests.browser.console import at_the_console, row, stored
from tests.browser.people import CHANNEL, LATER, People, Someone
from tests.browser.test_stage import frames

SPEAK = "/c/uchitel/speak"

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def heard_by(page_frames: list[str], text: str) -> list[str]:
    return [frame for frame in page_frames if text in frame]


def on_stage(speaker: Someone, text: str) -> Locator:
    """The question as the speaker sees it."""
    return speaker.page.locator(".speak-question", has_text=text)


def expect_on_screens(text: str, phone: Someone, desktop: Someone, speaker: Someone) -> None:
    for screen in (question(phone, text), question(desktop, text), on_stage(speaker, text)):
        expect(screen).to_have_count(1)


def edit(moderator: Someone, text: str) -> str:
    """Mend a question on air by keys; the new text."""
    row(moderator, text, "air").focus()
    moderator.page.keyboard.press("e")
    better = f"Что останется от урока завтра? {uuid4().hex[:6]}"
    moderator.page.locator(".row-form textarea").fill(better)
    moderator.page.keyboard.press("Enter")
    return better


def pin(moderator: Someone, text: str) -> None:
    row(moderator, text, "air").focus()
    moderator.page.keyboard.press("p")
    expect(row(moderator, text, "air").locator(".row-mark")).to_have_text("Закреплено")
    stored(moderator)


def test_a_question_is_asked_approved_edited_pinned_and_answered_before_everybody(people: People) -> None:
    phone, desktop, speaker = people.new(width=360, height=740), people.new(), people.new(width=360, height=740)
    others = [frames(desktop.page), frames(speaker.page)]
    phone.come_in("anna")
    desktop.come_in("boris")
    speaker.sign_in("speaker1", then=SPEAK)
    moderator = at_the_console(people)
    desktop.show("questions")

    text = ask(phone, "Что останется от урока?")
    expect(row(moderator, text, "waiting")).to_have_count(1, timeout=LATER)
    expect(phone.page.locator(".own-question", has_text=text)).to_have_attribute("data-status", "asked")
    assert [heard_by(heard, text) for heard in others] == [[], []]

    row(moderator, text).focus()
    moderator.page.keyboard.press("a")
    expect_on_screens(text, phone, desktop, speaker)
    assert all(heard_by(heard, text) for heard in others)

    better = edit(moderator, text)
    expect_on_screens(better, phone, desktop, speaker)
    expect(question(desktop, text)).to_have_count(0)
    pin(moderator, better)

    on_stage(speaker, better).get_by_role("button", name="Отвечаю").click()
    for screen in (phone, desktop):
        expect(screen.page.locator(".questions-answering")).to_contain_text(better)
    on_stage(speaker, better).get_by_role("button", name="Ответ дан").click()
    for screen in (phone, desktop):
        expect(screen.page.locator(".questions-answering", has_text=better)).to_have_count(0)
    expect(row(moderator, better, "answered")).to_have_count(1)


def test_after_the_end_the_speaker_answers_and_the_asker_is_told(people: People) -> None:
    phone, moderator = people.new(width=360, height=740).come_in("anna"), at_the_console(people)
    text = ask(phone, "Где взять конспект?")
    row(moderator, text, "waiting").focus()
    moderator.page.keyboard.press("a")
    expect(question(phone, text)).to_have_count(1)
    speaker = people.new()
    speaker.sign_in("speaker1", then=CHANNEL)
    speaker.page.locator(".session-page a").first.click()
    card = speaker.page.locator(".asked-card", has_text=text)
    expect(card).to_be_visible(timeout=LATER)
    card.locator("summary").click()
    words = f"В записи, под сессией. {uuid4().hex[:6]}"
    card.locator("textarea").fill(words)
    card.get_by_role("button", name="Опубликовать ответ").click()
    expect(speaker.page.locator(".asked-card", has_text=text).locator(".asked-answer")).to_have_text(words)
    phone.page.locator(".questions-answered summary").click()
    expect(question(phone, text)).to_contain_text(words)
    expect(phone.page.locator(".inbox-count")).to_contain_text(re.compile(r"\d"), timeout=LATER)
