"""How the pages look and speak: widths, colours, languages."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import CHANNEL, CONFERENCE, People

WIDTHS = [360, 768, 1440]
# The longest transition or animation of the stylesheets, in ms, without animations of the names that are given.
SLOWEST = """(but) => {
  const rules = (sheet) => [...sheet.cssRules].flatMap((one) => [one, ...(one.cssRules ? rules(one) : [])]);
  const spans = [...document.styleSheets].flatMap(rules).filter((one) => one.style).flatMap(({ style }) =>
    but.includes(style.animationName) ? [] : [style.transitionDuration, style.animationDuration]);
  const ms = (text) => parseFloat(text) * (text.endsWith("ms") ? 1 : 1000) || 0;
  return Math.max(...spans.flatMap((one) => (one || "").split(", ")).map(ms));
}"""

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_screen(people: People, width: int, dark: bool) -> None:
    anna = people.new(width=width, height=900, dark=dark)
    for path in ["/sign-in", CONFERENCE, "/nowhere"]:
        anna.open(path)
        _fits(anna.page, path)
    anna.come_in("anna")
    expect(anna.page.locator(".message").first).to_be_attached()
    _fits(anna.page, CHANNEL)


@pytest.mark.parametrize("language", ["ru-RU", "kk-KZ", "en-GB"])
def test_long_words_of_each_language_fit_a_phone(people: People, language: str) -> None:
    stranger = people.new(width=360, height=740, language=language)
    for path in ["/sign-in", CONFERENCE, "/nowhere", "/mailbox"]:
        stranger.open(path)
        expect(stranger.page.locator("html")).to_have_attribute("lang", language[:2])
        _fits(stranger.page, f"{path} in {language}")


def test_the_language_is_switched_and_stays(people: People) -> None:
    reader = people.new(language="ru-RU")
    reader.open(CONFERENCE)
    reader.page.locator("details.menu summary").first.click()
    reader.page.get_by_role("button", name="Қазақша").click()
    expect(reader.page.locator("html")).to_have_attribute("lang", "kk")
    expect(reader.page.get_by_role("heading", name="Ертеңгі күннің ұстазы", exact=True)).to_be_visible()
    reader.open("/sign-in")
    expect(reader.page.locator("html")).to_have_attribute("lang", "kk")


def test_the_language_is_switched_without_javascript(people: People) -> None:
    reader = people.new(language="ru-RU", scripts=False)
    reader.open(CONFERENCE)
    reader.page.locator("details.menu summary").first.click()
    reader.page.get_by_role("button", name="English").click()
    expect(reader.page.locator("html")).to_have_attribute("lang", "en")
    expect(reader.page.get_by_role("heading", name="Tomorrow's Teacher", exact=True)).to_be_visible()


def test_dark_and_light_are_switched_and_stay(people: People) -> None:
    reader = people.new()
    reader.open(CONFERENCE)
    light = _paper(reader.page)
    reader.page.locator(".theme-switch").click()
    dark = _paper(reader.page)
    assert dark != light
    reader.open("/sign-in")
    assert _paper(reader.page) == dark
    reader.page.locator(".theme-switch").click()
    assert _paper(reader.page) == light


def test_a_printed_schedule_is_ink_on_white_in_any_light(people: People) -> None:
    reader = people.new(dark=True)
    reader.open(f"{CONFERENCE}/schedule")
    reader.page.emulate_media(media="print")
    assert _paper(reader.page) == "rgb(255, 255, 255)"
    assert (
        reader.page.locator(".slot:not(.past) h3").first.evaluate("one => getComputedStyle(one).color")
        == "rgb(0, 0, 0)"
    )
    expect(reader.page.locator(".brand-name")).to_be_visible()
    for pressed in (".filters", ".star", ".top-tools", ".schedule-tools", ".zone-bar details"):
        expect(reader.page.locator(pressed).first).to_be_hidden()


def test_what_moves_is_over_in_150_ms_and_stands_still_for_those_who_ask(people: People) -> None:
    reader = people.new()
    reader.come_in("anna")
    assert reader.page.evaluate(SLOWEST, ["rise"]) <= 150  # reactions that fly over the picture are not waited for
    reader.page.emulate_media(reduced_motion="reduce")
    reader.page.locator("main").evaluate(
        "one => { one.style.transition = 'opacity 2s'; one.style.animation = 'rise 2s' }"
    )
    moves = "one => [getComputedStyle(one).transitionDuration, getComputedStyle(one).animationName]"
    assert reader.page.locator("main").evaluate(moves) == ["0s", "none"]


def test_the_hall_gathers_around_whom_it_hears_or_around_its_bell(people: People) -> None:
    anna = people.new()
    anna.sign_in("anna")
    for channel in ("main", "practice", "digital"):
        anna.open(f"{CONFERENCE}/{channel}")
        heard = anna.page.locator(".session-now .portrait").count()
        expect(anna.page.locator(".poster-faces img")).to_have_count(heard)
        expect(anna.page.locator(".poster .assembly-bell")).to_have_count(0 if heard else 1)


def test_signing_out_is_one_press_away_and_one_demo_press_back_in(people: People) -> None:
    anna = people.new()
    anna.sign_in("anna", then=CONFERENCE)
    anna.page.locator(".top details.menu summary").last.click()
    anna.page.get_by_role("button", name="Выйти").click()
    anna.page.locator(".top a.button.quiet").click()
    anna.page.locator(".demo-person", has_text="anna@demo.veche").click()
    expect(anna.page.locator(".top")).to_contain_text("Вы вошли как Анна Логинова")


def test_on_a_phone_the_picture_stays_and_the_panels_change(people: People) -> None:
    anna = people.new(width=360, height=740).come_in("anna")
    stage, composer = anna.page.locator(".stage"), anna.page.locator(".chat .composer")
    expect(stage).to_be_in_viewport()
    expect(composer).to_be_in_viewport(ratio=1)
    anna.page.locator("[data-panel=session]").click()
    expect(composer).to_be_hidden()
    expect(anna.page.locator(".session-now h2")).to_be_visible()
    expect(stage).to_be_in_viewport()
    boris = people.new().come_in("boris")
    boris.write("Пока читают программу")
    expect(anna.page.locator("[data-panel=chat]")).to_have_attribute("data-news", "yes")
    anna.page.locator("[data-panel=chat]").click()
    anna.page.set_viewport_size({"width": 360, "height": 380})  # the keyboard is open
    expect(composer).to_be_in_viewport(ratio=1)
    expect(stage).to_be_in_viewport(ratio=1)
    _fits(anna.page, "a phone with its keyboard open")


def _fits(page: Page, what: str) -> None:
    page.wait_for_load_state()  # what is there before its stylesheet is as wide as it likes, and shown to nobody
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen, f"{what} is {wide} px wide on a screen of {screen}"


def _paper(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))
