"""The bell in the page's head, in real browsers: what became of one's questions, and the way to them."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.axe import found_by_axe
from tests.browser.people import CHANNEL, CONFERENCE, LATER, People, Someone
from tests.browser.test_stage import Moderator

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def ask(one: Someone, text: str) -> str:
    unique = f"{text} {uuid4().hex[:8]}"
    one.show("questions")
    one.page.locator("question-list textarea").first.fill(unique)
    one.page.locator("question-list textarea").first.press("Enter")
    return unique


def bell(one: Someone) -> None:
    one.page.locator("inbox-bell summary").focus()
    one.page.keyboard.press("Enter")
    expect(one.page.locator(".inbox-sheet")).to_be_visible()


def look_at(one: Someone) -> None:
    """The open list by keyboard: on the phone as a whole, its days in words or figures, and closed again by Escape."""
    bell(one)
    expect(one.page.locator(".inbox-notice time").first).not_to_contain_text("M1")
    box = one.page.locator(".inbox-sheet").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert found_by_axe(one.page) == []
    one.page.keyboard.press("Escape")


def test_each_step_is_told_in_ones_language_on_every_page_and_leads_to_the_question(people: People) -> None:
    aigerim = people.new(width=360, height=740).come_in("aigerim")
    second = Someone(aigerim.context, aigerim.context.new_page(), aigerim.url)
    second.open(f"{CONFERENCE}/schedule")
    moderator = Moderator(people, CHANNEL)
    rejected, edited = ask(aigerim, "Бұл ненің сұрағы?"), ask(aigerim, "Қанша минут күту керек?")
    moderator.act("question.move", item=moderator.waiting(rejected), verb="reject", text="Тақырыптан тыс.")
    item, better = moderator.waiting(edited), edited.replace("минут", "секунд")
    moderator.act("question.move", item=item, verb="edit", text=better)
    moderator.act("question.move", item=item, verb="approve")

    for one in (aigerim, second):
        told = one.page.locator(".inbox-notice")
        expect(told.filter(has_text=better)).to_contain_text("тұжырымымен жарияланды", timeout=LATER)
        expect(told.filter(has_text=rejected)).to_contain_text("Модератордың түсіндірмесі: Тақырыптан тыс.")
        expect(one.page.locator(".inbox-count")).to_be_visible()
    look_at(aigerim)
    for one in (aigerim, second):
        expect(one.page.locator(".inbox-count")).to_be_hidden()  # read here, read everywhere

    aigerim.show("chat")
    bell(aigerim)
    aigerim.page.locator(".inbox-notice", has_text=rejected).get_by_role("link").click()
    expect(aigerim.page.locator(".channel-page")).to_have_attribute("data-shown", "questions")
    expect(aigerim.page.locator(".inbox-sheet")).to_be_hidden()
    bell(second)
    second.page.locator(".inbox-notice", has_text=better).get_by_role("link").press("Enter")
    second.page.wait_for_url(f"**/s/*#q-{item}")
    expect(second.page.locator(f"#q-{item}")).to_be_in_viewport()
