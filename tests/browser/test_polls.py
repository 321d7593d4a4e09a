"""Polls that change while people look at them, in real browsers: on the channel's page, on a phone, on a wall."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.announcing import ANNOUNCEMENTS, withdraw_all
from tests.browser.people import CONFERENCE, LATER, People, Someone
from tests.browser.stack import until
from tests.browser.test_stage import (
    CHANNEL,
    DESK,
    SPEAK,
    Moderator,
    close_polls,
    fits,
    hall_of,
    make_screen,
    write_poll,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(autouse=True)
def the_channel_is_left_without_a_poll(people: People) -> Iterator[None]:
    yield
    organiser = people.new()
    organiser.sign_in("organiser", then=f"{DESK}/polls")
    close_polls(organiser)


def screens(people: People, kind: str) -> tuple[Someone, str, str]:
    """An organiser, a wall's address and that of its hall."""
    organiser, wall = make_screen(people, kind)
    return organiser, wall, hall_of(organiser, wall)


def unique(text: str) -> str:
    return f"{text} {uuid4().hex[:6]}"


def step(organiser: Someone, question: str, *buttons: str) -> None:
    """Do these with a poll at the desk, one after the other."""
    for button in buttons:
        organiser.open(f"{DESK}/polls")
        organiser.page.get_by_role("link", name=question).click()
        organiser.page.get_by_role("button", name=button).click()
        organiser.page.wait_for_load_state()


def mend(organiser: Someone, question: str, *options: str) -> None:
    """Give a draft other options and open it."""
    organiser.open(f"{DESK}/polls")
    organiser.page.get_by_role("link", name=question).click()
    organiser.page.fill("#options_ru", "\n".join(options))
    organiser.page.get_by_role("button", name="Сохранить черновик").click()
    organiser.page.get_by_role("button", name="Открыть опрос").click()
    organiser.page.wait_for_load_state()


def card(page: Page, question: str) -> Locator:
    return page.locator(".poll", has=page.locator(".poll-question", has_text=question))


def test_a_wall_shows_the_options_of_a_poll_that_was_mended(people: People) -> None:
    organiser, address = make_screen(people, "poll")
    wall = people.new(width=1920, height=1080)
    question = unique("Что мы забыли?")
    write_poll(organiser, question, "Хлеп", "Соль", secret=False)
    wall.page.goto(address)
    expect(wall.page.locator(".wall-option-text")).to_have_text(["Хлеп", "Соль"])
    step(organiser, question, "Завершить опрос", "Стереть голоса и исправить")
    expect(wall.page.locator(".wall-option", has_text="Хлеп")).to_be_hidden(timeout=LATER)
    mend(organiser, question, "Хлеб", "Соль", "Спички")
    expect(wall.page.locator(".wall-option-text")).to_have_text(["Хлеб", "Соль", "Спички"], timeout=LATER)


def test_a_phone_that_was_left_in_the_middle_of_a_choice_goes_on_with_the_hall(people: People) -> None:
    organiser, _, hall = screens(people, "qr")
    phone = people.new(width=360, height=740)
    first, second = unique("Что выбрать?"), unique("А теперь?")
    write_poll(organiser, first, "То", "Это", secret=True, kind="multiple")
    phone.page.goto(hall)
    phone.page.get_by_role("checkbox", name="То", exact=True).check()
    expect(phone.page.locator("#poll :focus")).to_have_count(1)
    step(organiser, first, "Завершить опрос")
    expect(phone.page.locator("#poll")).not_to_contain_text(first, timeout=LATER)
    write_poll(organiser, second, "Да", "Нет", secret=True)
    expect(phone.page.locator("#poll")).to_contain_text(second, timeout=LATER)


def test_who_voted_in_a_secret_poll_sees_shares_that_add_up_and_soon_those_of_now(people: People) -> None:
    organiser, _, hall = screens(people, "qr")
    anna = people.new()
    anna.page.clock.install()
    anna.sign_in("anna", then=CHANNEL)
    anna.show("polls")
    question = unique("За кого?")
    write_poll(organiser, question, "За", "Против", secret=True)
    here = card(anna.page, question)
    here.get_by_label("За", exact=True).check(timeout=LATER)
    here.get_by_role("button", name="Голосовать").click()
    expect(here.locator(".poll-share")).to_have_text([re.compile("100"), re.compile("^0")])
    for _ in range(3):
        phone = people.new(width=360, height=740)
        phone.page.goto(hall)
        phone.page.get_by_role("button", name="Против").click()
        expect(phone.page.get_by_role("button", name="Против")).to_have_attribute("aria-pressed", "true")
        shares = [int(re.sub(r"\D", "", one)) for one in here.locator(".poll-share").all_inner_texts()]
        assert sum(shares) == 100, shares

    def a_minute_later() -> bool:
        anna.page.clock.fast_forward(62_000)
        return "4" in here.locator(".poll-votes").inner_text()

    until(a_minute_later, "the votes of others are there")
    expect(here.locator(".poll-share")).to_have_text([re.compile("25"), re.compile("75")])


def test_a_vote_is_not_undone_by_what_was_asked_before_it(people: People) -> None:
    organiser, anna = people.new(), people.new()
    organiser.sign_in("organiser", then=DESK)
    question = unique("Успели?")
    write_poll(organiser, question, "Да", "Нет", secret=True)
    anna.sign_in("anna", then=CHANNEL)
    anna.show("polls")
    here = card(anna.page, question)
    expect(here).to_be_visible()
    late: list[Route] = []
    anna.page.route("**/polls.json", lambda route: late.append(route))
    anna.expect_state("live")
    anna.context.set_offline(True)
    anna.expect_state("offline")
    anna.context.set_offline(False)
    for _ in range(LATER // 100):
        if late:
            break
        anna.page.wait_for_timeout(100)
    answer = late[0].fetch()  # the site's, and it is long on its way
    here.get_by_label("Да", exact=True).check()
    here.get_by_role("button", name="Голосовать").click()
    expect(here.locator(".mine")).to_contain_text("Да")
    with anna.page.expect_request("**/polls.json"):  # it is asked anew
        late[0].fulfill(response=answer)
    expect(here.locator(".mine")).to_contain_text("Да")
    late[1].continue_()
    anna.page.evaluate("new Promise((drawn) => requestAnimationFrame(drawn))")
    expect(here.locator(".mine")).to_contain_text("Да")
    expect(here.locator(".poll-form")).to_be_hidden()


def test_a_phone_that_comes_back_shows_the_counts_it_missed(people: People) -> None:
    _, _, hall = screens(people, "qr")
    phone, other = people.new(width=360, height=740), people.new(width=360, height=740)
    for one in (phone, other):
        one.page.goto(hall)
    text = unique("Кто это посчитает?")
    phone.page.fill("#text", text)
    phone.page.get_by_role("button", name="Задать вопрос").click()
    item = Moderator(people, CHANNEL).approve(text)
    expect(phone.page.locator(f"#q-{item} .up-count")).to_have_text("0")
    phone.context.set_offline(True)
    other.page.locator(f"#q-{item} .up").click()
    expect(other.page.locator(f"#q-{item} .up-count")).to_have_text("1")
    other.page.wait_for_timeout(4_000)  # while it is told to whoever is there
    phone.context.set_offline(False)
    expect(phone.page.locator(f"#q-{item} .up-count")).to_have_text("1", timeout=LATER)


def test_a_speaker_whose_line_was_away_sees_what_is_wanted_most(people: People) -> None:
    speaker, anna = people.new(width=360, height=740), people.new()
    speaker.sign_in("speaker1", then=SPEAK)
    moderator = Moderator(people, f"{CONFERENCE}/main")
    text = unique("Кто этого хочет?")
    moderator.act("question.ask", text=text, anonymous=False)
    item = moderator.approve(text)
    row = speaker.page.locator(f".speak-question[data-item='{item}']")
    expect(row.locator(".speak-votes")).to_be_hidden()
    speaker.context.set_offline(True)
    anna.come_in("anna")
    anna.show("questions")
    wanted = anna.page.locator(".question", has_text=text).locator(".question-vote")
    wanted.click()
    expect(wanted).to_have_attribute("aria-pressed", "true")
    anna.page.wait_for_timeout(4_000)  # while it is told to whoever is there
    speaker.context.set_offline(False)
    expect(row.locator(".speak-votes")).to_have_text("1", timeout=LATER)


LONG = "Достопримечательностепосещение" * 2 + " и ещё немного"


@pytest.mark.parametrize(("width", "height", "obs"), [(1024, 768, ""), (1080, 1920, ""), (1280, 720, "?obs=1")])
def test_the_longest_poll_is_on_the_wall_from_its_first_word_to_its_last(
    people: People, width: int, height: int, obs: str
) -> None:
    organiser, address, hall = screens(people, "hall")
    wall, phone = people.new(width=width, height=height), people.new(width=360, height=740)
    question = unique(("Какой из этих ответов самый длинный, если считать буквы, а не смысл? " * 3)[:190])
    write_poll(organiser, question, *(f"{n} {LONG}"[:80] for n in range(10)), secret=False)
    wall.page.goto(f"{address}{obs}")
    phone.page.goto(hall)
    expect(wall.page.locator(".wall-option")).to_have_count(10)
    expect(phone.page.locator(".ballot-option")).to_have_count(10)
    fits(phone.page, "the hall")
    head, first, last, foot = wall.page.evaluate(FROM_TO)
    assert head <= first < last <= (foot or height)


def test_a_long_announcement_leaves_the_poll_its_place_on_the_wall(people: People) -> None:
    withdraw_all(people)
    organiser, address, _ = screens(people, "hall")
    wall = people.new(width=1280, height=720)
    write_poll(organiser, unique("Что длиннее?"), *(f"{n} {LONG}"[:80] for n in range(6)), secret=False)
    wall.page.goto(address)
    expect(wall.page.locator(".wall-option")).to_have_count(6)
    text = unique("Лекция переносится в цифровой класс, " * 10)
    organiser.open(ANNOUNCEMENTS)
    organiser.page.fill("#text_ru", text)
    organiser.page.get_by_role("button", name="Показать на всех экранах").click()
    expect(wall.page.locator(".announcement")).to_contain_text(text)
    _, first, last, corner = wall.page.evaluate(FROM_TO)
    bar = wall.page.locator("announcement-bar").bounding_box()
    organiser.page.locator(".told", has_text=text).get_by_role("button", name="Снять").click()
    expect(wall.page.locator(".announcement")).to_have_count(0)
    assert bar
    assert bar["y"] + bar["height"] <= first < last <= corner


# Where what a wall says of a poll begins and ends, in pixels from its top, and what stands above and below it.
FROM_TO = """() => {
  const box = (name) => document.querySelector(name).getBoundingClientRect();
  const said = [...document.querySelectorAll("[data-part=poll] [data-text]:not([data-text=votes]), .wall-option")];
  const boxes = said.filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect());
  const [first, last] = [boxes.map(({ top }) => top), boxes.map(({ bottom }) => bottom)];
  const [head, corner] = [box(".wall-head"), box(".wall-corner")];
  return [head.bottom, Math.min(...first), Math.max(...last), corner.bottom && corner.top];
}"""
