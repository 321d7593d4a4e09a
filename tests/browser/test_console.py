"""The moderators' console: two at one desk, by keys alone, by thumbs, over a network that breaks."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import found_in_both_lights
from tests.browser.crowd import Crowd
from tests.browser.people import LATER, People, Someone
from tests.browser.stack import Stack

CONSOLE = "/c/uchitel/moderate"
MANY = 60  # questions of a good hour

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def crowd(stack: Stack) -> Crowd:
    return Crowd(stack)


def named(text: str) -> str:
    """A text unlike any other."""
    return f"{text} {uuid4().hex[:8]}"


def at_the_console(people: People, who: str = "moderator", *, width: int = 1440, height: int = 900) -> Someone:
    """Somebody who moderates and sees everything there is."""
    someone = people.new(width=width, height=height)
    someone.sign_in(who, then=CONSOLE)
    expect(someone.page.locator("moderation-console")).to_have_attribute("data-state", "live", timeout=LATER)
    expect(someone.page.locator(".lane-bones:not([hidden])")).to_have_count(0)
    return someone


def row(someone: Someone, text: str, lane: str = "") -> Locator:
    """A row with this text, anywhere or in one column."""
    where = f".lane[data-lane={lane}] " if lane else ""
    return someone.page.locator(f"{where}.row:not(.leaving)", has_text=text)


def only(someone: Someone, words: str) -> None:
    """Filter by words, as the key / does it, and go back to the rows."""
    someone.page.keyboard.press("Slash")
    someone.page.keyboard.type(words)
    someone.page.keyboard.press("Enter")


def stored(someone: Someone) -> None:
    """The server has answered to everything that was done here."""
    expect(someone.page.locator(".console-strip li[data-state=sent]")).to_have_count(0, timeout=2 * LATER)


def focused(someone: Someone) -> str:
    found: str = someone.page.evaluate(
        "document.activeElement.closest('.row')?.querySelector('.row-text').textContent ?? ''"
    )
    return found


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
