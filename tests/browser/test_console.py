"""The moderators' console: two at one desk, by keys alone, by thumbs, over a network that breaks."""

from uuid import uuid4

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import found_in_both_lights
from tests.browser.console import at_the_console, focused, named, only, row, stored
from tests.browser.crowd import Crowd
from tests.browser.people import LATER, People

MANY = 60  # questions of a good hour

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_question_is_approved_by_one_key_and_is_on_every_screen(people: People, crowd: Crowd) -> None:
    text, anna = named("Почему урок длится сорок минут?"), people.new().come_in("anna")
    anna.show("questions")
    moderator = at_the_console(people)
    crowd.ask("vera", text)
    expect(row(moderator, text, "waiting")).to_have_count(1)
    expect(anna.page.locator(".question", has_text=text)).to_have_count(0)
    row(moderator, text).focus()
    moderator.page.keyboard.press("a")
    expect(row(moderator, text, "air")).to_have_count(1)
    expect(row(moderator, text, "waiting")).to_have_count(0)
    expect(anna.page.locator(".question", has_text=text)).to_have_count(1)


def test_sixty_questions_are_cleared_by_keys_alone_in_order(people: People, crowd: Crowd) -> None:
    batch = uuid4().hex[:8]
    texts = [f"{batch} вопрос номер {number}" for number in range(MANY)]
    crowd.ask("vera", *texts)
    moderator = at_the_console(people)
    only(moderator, batch)
    expect(row(moderator, batch, "waiting")).to_have_count(MANY)
    seen = []
    for number in range(MANY):
        seen.append(focused(moderator))
        if number % 3 == 2:
            moderator.page.keyboard.press("r")
            moderator.page.keyboard.press("2")
        else:
            moderator.page.keyboard.press("a")
    assert seen == texts
    expect(row(moderator, batch, "waiting")).to_have_count(0)
    stored(moderator)
    steps = crowd.steps(texts)
    for number, text in enumerate(texts):
        assert [status for status, _ in steps[text]] == ["asked", "rejected" if number % 3 == 2 else "approved"], text


def test_two_moderators_clear_the_desk_and_do_nothing_twice(people: People, crowd: Crowd) -> None:
    batch = uuid4().hex[:8]
    texts = [f"{batch} вопрос номер {number}" for number in range(20)]
    crowd.ask("vera", *texts)
    two = [at_the_console(people), at_the_console(people, "organiser")]
    for one in two:
        only(one, batch)
        expect(row(one, batch, "waiting").or_(one.page.locator(".lane-empty"))).not_to_have_count(0)
    for _ in range(len(texts)):
        two[0].page.keyboard.press("a")
        two[1].page.keyboard.press("r")
        two[1].page.keyboard.press("Enter")
    for one in two:
        expect(row(one, batch, "waiting")).to_have_count(0)
        stored(one)
    steps = crowd.steps(texts)
    assert all(len(steps[text]) == 2 for text in texts), steps
    assert {by for text in texts for _, by in steps[text][1:]} == {
        crowd.people["moderator"][0],
        crowd.people["organiser"][0],
    }


def test_what_one_looks_at_the_other_sees_and_passes_over(people: People, crowd: Crowd) -> None:
    batch = uuid4().hex[:8]
    texts = [f"{batch} {which}" for which in ("первый", "второй", "третий")]
    crowd.ask("vera", *texts)
    madina, natalia = at_the_console(people), at_the_console(people, "organiser")
    for one in (madina, natalia):
        only(one, batch)
        expect(row(one, batch, "waiting")).to_have_count(3)
    row(madina, texts[1]).focus()
    expect(row(natalia, texts[1]).locator(".row-looking")).to_have_text("Мадина Оспанова сейчас смотрит")
    row(natalia, texts[0]).focus()
    natalia.page.keyboard.press("j")
    assert focused(natalia) == texts[2]
    row(madina, texts[0]).focus()
    expect(row(natalia, texts[1]).locator(".row-looking")).to_be_hidden()


def test_the_slower_of_two_reads_who_was_quicker(people: People, crowd: Crowd) -> None:
    text = named("Кто первый?")
    crowd.ask("vera", text)
    madina, natalia = at_the_console(people), at_the_console(people, "organiser")
    row(natalia, text).focus()
    natalia.context.set_offline(True)
    expect(natalia.page.locator("moderation-console")).to_have_attribute("data-state", "offline")
    natalia.page.keyboard.press("r")
    natalia.page.keyboard.press("Enter")
    expect(row(natalia, text, "waiting")).to_have_count(0)  # at once, and kept
    row(madina, text).focus()
    madina.page.keyboard.press("a")
    expect(row(madina, text, "air")).to_have_count(1)
    natalia.context.set_offline(False)
    expect(row(natalia, text, "air").locator(".row-note")).to_have_text("Уже одобрено: Мадина Оспанова", timeout=LATER)
    assert [status for status, _ in crowd.steps([text])[text]] == ["asked", "approved"]


def test_an_act_is_taken_back_by_a_key_within_ten_seconds(people: People, crowd: Crowd) -> None:
    text = named("Передумаю")
    crowd.ask("vera", text)
    moderator = at_the_console(people)
    row(moderator, text).focus()
    moderator.page.keyboard.press("a")
    expect(row(moderator, text, "air")).to_have_count(1)
    expect(moderator.page.locator(".console-strip [data-undo]").first).to_be_visible()
    moderator.page.keyboard.press("u")
    expect(row(moderator, text, "waiting")).to_have_count(1)
    assert focused(moderator) == text
    expect(moderator.page.locator(".strip-mark").first).to_have_text("отменено")
    moderator.page.reload()
    expect(row(moderator, text, "waiting")).to_have_count(1)


def test_a_question_is_edited_pinned_called_up_and_answered_by_keys(people: People, crowd: Crowd) -> None:
    text, better = named("Зочем оценки"), named("Зачем оценки?")
    crowd.ask("vera", text)
    moderator = at_the_console(people)
    row(moderator, text).focus()
    keys = moderator.page.keyboard
    keys.press("e")
    expect(moderator.page.locator(".row-form textarea")).to_have_value(text)
    moderator.page.locator(".row-form textarea").fill(better)
    keys.press("Enter")
    expect(row(moderator, better, "waiting")).to_have_count(1)
    expect(row(moderator, better).locator(".row-original p")).to_have_text(text)
    keys.press("p")
    expect(row(moderator, better, "air").locator(".row-mark")).to_have_text("Закреплено")
    row(moderator, better).focus()
    keys.press("n")
    expect(row(moderator, better, "air").locator(".row-mark")).to_have_text("Сейчас отвечают")
    row(moderator, better).focus()
    keys.press("t")
    keys.type("Затем, что так проще.")
    keys.press("Enter")
    expect(row(moderator, better, "answered").locator(".row-reason")).to_have_text("Ответ: Затем, что так проще.")


def test_likely_duplicates_are_merged_in_one_press(people: People, crowd: Crowd) -> None:
    mark = uuid4().hex[:4]
    first, second = f"Когда пришлют сертификаты {mark} участникам?", f"А сертификаты {mark} участникам когда пришлют?"
    crowd.ask("vera", first)
    crowd.ask("anna", second)
    moderator = at_the_console(people)
    only(moderator, mark)
    row(moderator, second).last.locator(".row-similar button").click()
    expect(row(moderator, "Анна Логинова", "waiting")).to_have_count(0)
    moderator.page.locator("[data-closed=yes]").click()
    expect(row(moderator, second, "answered").locator(".row-reason")).to_have_text("Объединён с другим вопросом")


def test_on_a_phone_rows_are_swept_right_and_left(people: People, crowd: Crowd) -> None:
    batch = uuid4().hex[:6]
    texts = [f"{batch} одобрю", f"{batch} отклоню", f"{batch} оставлю"]
    crowd.ask("vera", *texts)
    moderator = at_the_console(people, width=360, height=740)
    wide, screen = moderator.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen
    expect(moderator.page.locator(".swipe-hint")).to_be_visible()
    expect(moderator.page.locator("video")).to_have_count(0)
    moderator.page.fill("#console-words", batch)
    expect(row(moderator, batch, "waiting")).to_have_count(3)
    sweep(row(moderator, texts[2]), 60)  # too short to mean anything
    sweep(row(moderator, texts[0]), 150)
    expect(row(moderator, texts[0], "waiting")).to_have_count(0)
    sweep(row(moderator, texts[1]), -150)
    expect(row(moderator, texts[1], "waiting")).to_have_count(0)
    expect(row(moderator, texts[2], "waiting")).to_have_count(1)
    moderator.page.locator("[data-undo]").first.click()
    expect(row(moderator, texts[1], "waiting")).to_have_count(1)
    moderator.page.locator("[data-tab=air]").click()
    expect(row(moderator, texts[0], "air")).to_be_visible()
    expect(row(moderator, texts[1])).to_be_hidden()


def sweep(one: Locator, across: int) -> None:
    """As a thumb does it."""
    one.scroll_into_view_if_needed()
    one.evaluate(
        """(row, across) => {
          const box = row.getBoundingClientRect();
          const say = (kind, x) => row.querySelector(".row-text").dispatchEvent(new PointerEvent(kind, {
            bubbles: true, pointerType: "touch", pointerId: 5, clientX: x, clientY: box.top + 20 }));
          const from = box.left + box.width / 2;
          say("pointerdown", from);
          for (let step = 1; step <= 10; step += 1) say("pointermove", from + (across * step) / 10);
          say("pointerup", from + across);
        }""",
        across,
    )


def test_the_console_is_walked_by_keyboard_alone_and_focus_is_never_lost(people: People, crowd: Crowd) -> None:
    batch = uuid4().hex[:6]
    crowd.ask("vera", *[f"{batch} номер {number}" for number in range(4)])
    moderator = at_the_console(people)
    only(moderator, batch)
    expect(row(moderator, batch, "waiting")).to_have_count(4)
    keys = moderator.page.keyboard
    for key in (
        "j",
        "a",
        "k",
        "l",
        "n",
        "w",
        "h",
        "r",
        "Escape",
        "m",
        "Escape",
        "g",
        "Escape",
        "b",
        "Escape",
        "e",
        "Escape",
        "a",
        "u",
        "j",
    ):
        keys.press(key)
        moderator.page.wait_for_timeout(60)
        where = moderator.page.evaluate("document.activeElement.tagName")
        assert where != "BODY", f"after {key} nothing has the focus"
    keys.press("Shift+Slash")
    expect(moderator.page.locator("#console-help")).to_be_visible()
    moderator.page.locator("[name=keys]").uncheck()
    keys.press("Escape")
    before = row(moderator, batch, "waiting").count()
    keys.press("a")
    moderator.page.wait_for_timeout(300)
    assert row(moderator, batch, "waiting").count() == before


@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_at_the_desk(people: People, crowd: Crowd, width: int) -> None:
    crowd.ask("vera", named("Что найдёт axe?"))
    found = []
    moderator = at_the_console(people, width=width)
    moderator.page.wait_for_timeout(400)
    found += found_in_both_lights(moderator.page)
    moderator.page.locator(".row").first.focus()
    moderator.page.keyboard.press("r")
    found += found_in_both_lights(moderator.page)
    moderator.page.keyboard.press("Escape")
    moderator.page.keyboard.press("i")
    expect(moderator.page.locator("#note-text")).to_be_visible()
    found += found_in_both_lights(moderator.page)
    assert not found, "\n".join(found)
