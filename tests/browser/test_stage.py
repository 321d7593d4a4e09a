"""The hall, its screens and its speaker, in real browsers: phones without an account, walls that nobody touches."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.browser.channel import ACT, act
from tests.browser.people import CONFERENCE, LATER, People, Someone

DESK = "/desk/uchitel"
SPEAK = f"{CONFERENCE}/speak"
CHANNEL = f"{CONFERENCE}/digital"  # whose hall is as empty as a test leaves it

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


class Moderator:
    """Somebody who lets questions through, from a channel's page."""

    def __init__(self, people: People, path: str) -> None:
        self.someone = people.new()
        self.someone.sign_in("organiser", then=path)
        rooms = json.loads(self.someone.page.locator("#live").inner_text())["room"]
        self.room = f"questions:{rooms.rpartition(':')[2]}"

    def act(self, do: str, **fields: object) -> Any:
        return act(self.someone, do, **{"room": self.room, **fields})

    def waiting(self, text: str) -> str:
        """The name of a question at the desk; it is there a moment after it was asked."""
        for _ in range(50):
            answer = self.someone.page.evaluate(ACT, {"do": "join", "room": f"{self.room}:desk"})
            for event in answer["ok"]["events"]:
                if event["is"] == "question.at_desk" and text in event["text"]:
                    return str(event["item"])
            self.someone.page.wait_for_timeout(200)
        raise AssertionError(f"{text!r} is not at the desk")

    def approve(self, text: str) -> str:
        item = self.waiting(text)
        self.act("question.move", item=item, verb="approve")
        return item


def make_screen(people: People, kind: str, channel: str = "Цифровой класс") -> tuple[Someone, str]:
    """An organiser at the desk of screens, and the address of a screen they have just made."""
    organiser = people.new()
    organiser.sign_in("organiser", then=f"{DESK}/screens")
    page, name = organiser.page, f"Стена {uuid4().hex[:6]}"
    page.check(f"input[name=kind][value={kind}]")
    page.fill("#name", name)
    page.select_option("#channel", label=channel)
    page.get_by_role("button", name="Добавить экран").click()
    row = page.locator(".desk-screen", has_text=name)
    return organiser, str(row.locator("input:not([type=hidden])").input_value())


def hall_of(organiser: Someone, address: str) -> str:
    """Where phones come in by the code of a screen."""
    row = organiser.page.locator(".desk-screen").filter(has=organiser.page.locator(f"input[value='{address}']"))
    return str(row.get_by_role("link", name="Страница для телефонов").get_attribute("href"))


def write_poll(
    organiser: Someone,
    question: str,
    *options: str,
    secret: bool,
    channel: str = "Цифровой класс",
    kind: str = "single",
) -> None:
    """A poll, written and opened at the desk."""
    organiser.open(f"{DESK}/polls/new")
    page = organiser.page
    page.fill("#question_ru", question)
    page.fill("#options_ru", "\n".join(options))
    page.select_option("#channel", label=channel)
    page.select_option("#kind", kind)
    page.set_checked("#secret", secret)
    page.get_by_role("button", name="Сохранить как черновик").click()
    page.get_by_role("button", name="Открыть опрос").click()
    expect(page.locator(".desk-poll").first).to_contain_text(question)


def frames(page: Page) -> list[str]:
    """Everything the page's sockets hear from now on."""
    heard: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: heard.append(str(data)))

    page.on("websocket", listen)
    return heard


def close_polls(organiser: Someone) -> None:
    """Leave the channel to the next test."""
    organiser.open(f"{DESK}/polls")
    expect(organiser.page.locator("h1")).to_be_visible()
    row = organiser.page.locator(".desk-poll[data-status=open]", has_text="Цифровой класс")
    while row.count():
        row.first.get_by_role("button", name="Завершить опрос").click()
        organiser.page.wait_for_load_state()


def test_a_phone_in_the_hall_asks_in_two_taps_and_hears_when_it_is_let_through(people: People) -> None:
    organiser, address = make_screen(people, "qr")
    hall = hall_of(organiser, address)
    guest, other = people.new(width=360, height=740), people.new(width=360, height=740, language="kk-KZ")
    heard = frames(other.page)
    for one in (guest, other):
        one.page.goto(hall)
        expect(one.page.locator("h1")).to_be_visible()
        fits(one.page, "the page of the hall")
    text = f"Слышно ли задние ряды? {uuid4().hex[:6]}"
    guest.page.click("#text")
    guest.page.keyboard.type(text)
    guest.page.click(".hall-name summary")
    guest.page.fill("#name", "Марина Вересова")  # who speaks here, and it is not she
    guest.page.get_by_role("button", name="Задать вопрос").click()
    expect(guest.page.locator(".hall-thanks")).to_be_visible()
    expect(guest.page.locator("#text")).to_have_value("")
    moderator = Moderator(people, CHANNEL)
    moderator.waiting(text)
    assert not any(text[:20] in one for one in heard), "nobody hears what waits for a moderator"
    item = moderator.approve(text)
    for one, mark in ((guest, "Гость"), (other, "Қонақ")):
        expect(one.page.locator(f"#q-{item}")).to_contain_text(text)
        expect(one.page.locator(f"#q-{item} .badge")).to_have_text(mark)
    other.page.locator(f"#q-{item} .up").click()
    for one in (guest, other):
        expect(one.page.locator(f"#q-{item} .up-count")).to_have_text("1")
    other.page.reload()
    expect(other.page.locator(f"#q-{item} .up")).to_have_attribute("aria-pressed", "true")


def test_a_phone_votes_in_one_tap_and_the_wall_grows(people: People) -> None:
    organiser, address = make_screen(people, "hall")
    hall = hall_of(organiser, address)
    wall, phone = people.new(width=1920, height=1080), people.new(width=360, height=740)
    wall.page.goto(address)
    phone.page.goto(hall)
    expect(phone.page.locator("#text")).to_be_visible()
    question = f"Куда дальше? {uuid4().hex[:6]}"
    write_poll(organiser, question, "В горы", "К морю", secret=False)
    expect(wall.page.locator("[data-part=poll]")).to_contain_text(question, timeout=LATER)
    expect(phone.page.locator("#poll")).to_contain_text(question, timeout=LATER)
    phone.page.get_by_role("button", name="К морю").click()
    expect(phone.page.get_by_role("button", name="К морю")).to_have_attribute("aria-pressed", "true")
    expect(wall.page.locator(".wall-option", has_text="К морю")).to_contain_text("100 %")
    expect(phone.page.locator("#poll")).to_contain_text("Проголосовал 1 человек")
    close_polls(organiser)
    expect(wall.page.locator("[data-part=poll]")).to_be_hidden(timeout=LATER)


def test_a_secret_poll_is_nowhere_before_its_end(people: People) -> None:
    organiser, address = make_screen(people, "poll")
    wall = people.new(width=1920, height=1080)
    heard = frames(wall.page)
    wall.page.goto(address)
    question = f"Тайно? {uuid4().hex[:6]}"
    write_poll(organiser, question, "Да", "Нет", secret=True)
    expect(wall.page.locator("[data-part=poll]")).to_contain_text(question, timeout=LATER)
    anna = people.new()
    anna.sign_in("anna", then=f"{CHANNEL}/polls")
    anna.page.locator(".ballot", has_text=question).get_by_role("button", name="Да").click()
    expect(anna.page.locator(".ballot", has_text=question)).to_contain_text("100 %")
    expect(wall.page.locator("[data-part=poll]")).to_contain_text("Проголосовал 1 человек")
    expect(wall.page.locator("[data-part=poll]")).not_to_contain_text("%")
    told = [one for one in heard if "tally" in one]
    assert told, "how many voted is told"
    assert not any(re.search(r'"poll:\d+:\d+"', one) for one in told), told
    close_polls(organiser)
    expect(wall.page.locator(".wall-option", has_text="Да")).to_contain_text("100 %", timeout=LATER)


def test_a_speaker_takes_a_question_up_and_the_screen_shows_it(people: People) -> None:
    _, address = make_screen(people, "answering", "Главный зал")
    wall = people.new(width=1920, height=1080)
    wall.page.goto(f"{address}?obs=1")
    anna = people.new()
    anna.sign_in("anna", then=CONFERENCE)
    moderator = Moderator(people, f"{CONFERENCE}/main")
    text = f"Что делать с тишиной? {uuid4().hex[:6]}"
    moderator.act("question.ask", text=text, anonymous=False)
    speaker = people.new(width=360, height=740)
    speaker.sign_in("speaker1", then=SPEAK)
    item = moderator.approve(text)
    row = speaker.page.locator(f".speak-question[data-item='{item}']")
    expect(row).to_contain_text(text)
    fits(speaker.page, "the speaker's view")
    row.get_by_role("button", name="Отвечаю").click()
    expect(row).to_have_attribute("data-status", "answering")
    expect(wall.page.locator("[data-part=question]")).to_contain_text(text)
    expect(speaker.page.locator(".speak-question[data-status=answering]")).to_have_count(1)
    assert wall.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
    row.get_by_role("button", name="Ответ дан").click()
    expect(row).to_have_attribute("data-status", "answered")
    expect(wall.page.locator("[data-part=question]")).to_be_hidden()
    expect(speaker.page.locator(".speak-timer")).to_have_text(re.compile(r"^\+?\d+:\d\d"))


def test_a_speakers_finger_finds_the_button_it_meant_whatever_happens_meanwhile(people: People) -> None:
    moderator = Moderator(people, f"{CONFERENCE}/main")
    speaker = people.new(width=360, height=740)
    speaker.sign_in("speaker1", then=SPEAK)
    first, second = (f"Сперва {uuid4().hex[:6]}", f"Потом {uuid4().hex[:6]}")
    moderator.act("question.ask", text=first, anonymous=False)
    row = speaker.page.locator(f".speak-question[data-item='{moderator.approve(first)}']")
    button = row.get_by_role("button", name="Отвечаю")
    button.focus()
    was = button.element_handle()
    moderator.act("question.ask", text=second, anonymous=False)
    item = moderator.approve(second)
    expect(speaker.page.locator(f".speak-question[data-item='{item}']")).to_be_visible()
    moderator.act("question.move", item=item, verb="pin")  # it goes up, past the one somebody stands on
    expect(
        speaker.page.locator(f".speak-question[data-item='{item}'] ~ .speak-question", has_text=first)
    ).to_be_visible()
    expect(button).to_be_focused()
    assert was.evaluate("one => one === document.activeElement")
    button.press("Enter")
    expect(row).to_have_attribute("data-status", "answering")
    expect(row.get_by_role("button", name="Ответ дан")).to_be_focused()
    moderator.act("question.move", item=item, verb="reject")
    row.get_by_role("button", name="Ответ дан").press("Enter")
    expect(row).to_have_attribute("data-status", "answered")


def test_after_the_talk_a_speaker_answers_in_writing_on_the_sessions_page(people: People) -> None:
    organiser = people.new()
    organiser.sign_in("organiser", then=SPEAK)
    organiser.page.get_by_role("link", name="Первый год в школе").click()
    organiser.page.get_by_role("link", name="Страница сессии").click()
    row = organiser.page.locator(".asked-card", has_text="Ауыл мектебінде")
    row.locator("summary").click()
    words = f"Көрші ауылдан, онлайн. {uuid4().hex[:6]}"
    row.locator("textarea").fill(words)
    row.get_by_role("button", name="Опубликовать ответ").click()
    expect(organiser.page.locator(".asked-card", has_text="Ауыл мектебінде").locator(".asked-answer")).to_have_text(
        words
    )
    reader = people.new(width=360, height=740, scripts=False)
    reader.sign_in("daniyar", then=CONFERENCE)
    reader.page.goto(organiser.page.url)
    expect(reader.page.locator(".asked-answer", has_text=words)).to_be_visible()
    fits(reader.page, "a session's page")


def test_a_screen_whose_address_is_closed_says_so_by_itself(people: People) -> None:
    organiser, address = make_screen(people, "next")
    wall = people.new(width=1920, height=1080)
    wall.page.clock.install()
    wall.page.goto(address)
    expect(wall.page.locator("[data-part=session] h1")).not_to_be_empty()
    row = organiser.page.locator(".desk-screen").filter(has=organiser.page.locator(f"input[value='{address}']"))
    row.get_by_role("button", name="Закрыть адрес").click()
    expect(organiser.page.locator(f"input[value='{address}']")).to_have_count(0)
    wall.page.clock.fast_forward("01:00")
    expect(wall.page.locator(".error-sheet .lead")).to_contain_text("закрыли этот адрес")


def test_a_screen_comes_back_by_itself_after_a_night_without_network(people: People) -> None:
    _, address = make_screen(people, "hall")
    wall = people.new(width=1920, height=1080)
    wall.page.goto(address)
    expect(wall.page.locator("html")).to_have_attribute("data-state", "live")
    wall.context.set_offline(True)
    expect(wall.page.locator("html")).to_have_attribute("data-state", "offline", timeout=LATER)
    expect(wall.page.locator(".wall-main section:visible")).to_have_count(1)
    wall.context.set_offline(False)
    expect(wall.page.locator("html")).to_have_attribute("data-state", "live", timeout=LATER)


def fits(page: Page, what: str) -> None:
    """Nothing is wider than the screen."""
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen, f"{what} is {wide} px wide on a screen of {screen}"
