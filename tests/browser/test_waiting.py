"""What waits for a moderator is on every page of its author, also after a reload, and on nobody else's."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.axe import found_by_axe
from tests.browser.channel import act, given, waiting
from tests.browser.people import People, Someone

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def word() -> str:
    """A word of this test's own."""
    return f"абракадабр{uuid4().hex[:6]}"


@pytest.fixture
def moderator(people: People) -> Iterator[Someone]:
    """Somebody who decides; when they go, the list is empty again, and nothing is left of Timur."""
    one, timur = people.new().come_in("moderator"), people.new().come_in("timur")
    yield one
    act(one, "chat.words", words=[])
    act(one, "chat.purge", user=int(given(timur, "user")))


def states(someone: Someone, *texts: str) -> list[str]:
    """How each of these is shown, from top to bottom."""
    script = "rows => rows.map((row) => [row.querySelector('.message-text').textContent, row.dataset.state])"
    shown = someone.page.locator(".message").evaluate_all(script)
    return [f"{texts.index(text)} {state}" for text, state in shown if text in texts]


@pytest.mark.parametrize("width", [360, 1280], ids=["phone", "desktop"])
def test_what_waits_is_here_after_a_reload_and_in_another_tab_and_is_published_once(
    people: People, moderator: Someone, word: str, width: int
) -> None:
    timur, boris = people.new(width=width, height=740).come_in("timur"), people.new().come_in("boris")
    act(moderator, "chat.words", words=[word])
    tab = timur.another_tab()
    before, held, after = timur.write("До"), timur.write(f"{word} какая-то"), timur.write("После")
    boris.expect_once(after)
    texts, here = (before, held, after), ["0 said", "1 held", "2 said"]
    timur.page.reload()
    third = timur.another_tab()
    for one in (timur, tab, third):
        one.expect_state("live")
        one.expect_once(after)
        expect(one.message(held)).to_have_count(1)
        expect(one.message(held).locator(".message-note")).to_contain_text("A moderator will look")
        assert states(one, *texts) == here, "where it was written, and marked"
    wide, screen = timur.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen
    assert not found_by_axe(timur.page)
    boris.page.reload()
    boris.expect_once(after)
    boris.expect_gone(held)
    act(moderator, "chat.settle", item=waiting(moderator, held), release=True)
    for one in (timur, tab, third, boris):
        one.expect_once(held)
        expect(one.message(held).locator(".message-note")).to_be_hidden()
        assert states(one, *texts) == ["0 said", "2 said", "1 said"]
    timur.page.reload()
    timur.expect_once(held)


def test_what_waits_is_taken_back_or_changed_after_a_reload_in_every_tab(
    people: People, moderator: Someone, word: str
) -> None:
    timur, boris = people.new().come_in("timur"), people.new().come_in("boris")
    act(moderator, "chat.words", words=[word])
    gone, other = timur.write(f"{word} раз"), timur.write(f"{word} два")
    expect(timur.message(other)).to_have_attribute("data-state", "held")
    timur.page.reload()
    tab = timur.another_tab()
    for one in (timur, tab):
        for text in (gone, other):
            expect(one.message(text)).to_have_attribute("data-state", "held")
    timur.message(gone).locator(".message-remove").click()
    tab.tool(other, "edit").click()
    tab.page.fill("#composer", kinder := other.replace(word, "Мысль"))
    tab.page.press("#composer", "Enter")
    for one in (timur, tab, boris):
        one.expect_once(kinder)
        one.expect_gone(gone)
        one.expect_gone(other)
    timur.page.reload()
    timur.expect_once(kinder)
    for text in (gone, other):
        timur.expect_gone(text)


def test_what_is_dropped_after_a_reload_is_told_and_written_anew(people: People, moderator: Someone, word: str) -> None:
    timur, boris = people.new().come_in("timur"), people.new().come_in("boris")
    act(moderator, "chat.words", words=[word])
    text = timur.write(f"{word} какая-то")
    expect(timur.message(text)).to_have_attribute("data-state", "held")
    timur.page.reload()
    expect(timur.message(text)).to_have_attribute("data-state", "held")
    act(moderator, "chat.settle", item=waiting(moderator, text), release=False)
    expect(timur.message(text)).to_have_count(1)
    expect(timur.message(text)).to_have_attribute("data-state", "dropped")
    timur.message(text).locator(".message-rewrite").click()
    timur.page.fill("#composer", kinder := text.replace(word, "Мысль"))
    timur.page.press("#composer", "Enter")
    for one in (timur, boris):
        one.expect_once(kinder)
        one.expect_gone(text)


def test_what_is_hidden_is_as_if_it_were_said_for_its_author_also_after_a_reload(
    people: People, moderator: Someone, word: str
) -> None:
    timur, boris = people.new().come_in("timur"), people.new().come_in("boris")
    said = timur.write("Хорошие слова")
    boris.expect_once(said)
    act(moderator, "chat.words", words=[], hidden=[word])
    hidden = timur.write(f"{word} какая-то")
    timur.expect_once(hidden)
    timur.tool(said, "edit").click()
    timur.page.fill("#composer", new := said.replace("Хорошие слова", word))
    timur.page.press("#composer", "Enter")
    last = timur.write("И ещё")
    boris.expect_once(last)
    timur.page.reload()
    tab = timur.another_tab()
    for one in (timur, tab):
        for text in (new, hidden, last):
            one.expect_once(text)
            expect(one.message(text).locator(".message-note")).to_be_hidden()
        assert states(one, new, hidden, last) == ["0 said", "1 said", "2 said"]
    boris.expect_once(said)
    for text in (new, hidden):
        boris.expect_gone(text)


def test_a_new_text_that_waits_is_marked_at_its_message_until_it_is_decided(
    people: People, moderator: Someone, word: str
) -> None:
    timur = people.new(width=360, height=740).come_in("timur")
    act(moderator, "chat.words", words=[word])
    said = timur.write("Хорошие слова")
    timur.expect_once(said)
    timur.tool(said, "edit").click()
    timur.page.fill("#composer", new := said.replace("Хорошие слова", word))
    timur.page.press("#composer", "Enter")
    item = waiting(moderator, new)
    timur.page.reload()
    timur.expect_once(said)
    expect(timur.message(said).locator(".message-note")).to_contain_text("until then the old one stays")
    act(moderator, "chat.settle", item=item, release=True)
    timur.expect_once(new)
    timur.expect_gone(said)
    expect(timur.message(new).locator(".message-note")).to_be_hidden()


def test_what_is_published_while_its_author_mends_it_is_mended_and_no_second_message(
    people: People, moderator: Someone, word: str
) -> None:
    anna, boris = people.new().come_in("anna"), people.new().come_in("boris")
    act(moderator, "chat.words", words=[], hidden=[word])
    text = anna.write(f"{word} тайком")
    item = waiting(moderator, text)
    anna.tool(text, "edit").click()
    act(moderator, "chat.settle", item=item, release=True)
    boris.expect_once(text)
    expect(anna.message(text)).to_have_attribute("data-at", re.compile(r"^\d+$"))
    anna.page.fill("#composer", mended := f"{text[len(word) :]}, и при всех")
    anna.page.press("#composer", "Enter")
    for one in (anna, boris):
        one.expect_once(mended.strip())
        one.expect_gone(text)
