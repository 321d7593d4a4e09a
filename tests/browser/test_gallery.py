"""Every page, hung side by side: widths, colours, languages, and content that is real, long or missing.

VECHE_GALLERY=1 hangs every combination and leaves pictures of all, to the foot of the page, in tests/out/gallery.
"""

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import pictures
from tests.browser.axe import found_in_both_lights
from tests.browser.crowd import Crowd
from tests.browser.gallery import Exhibit, Gallery, faults, hang
from tests.browser.people import CONFERENCE, People, Someone
from tests.browser.pictures import DOCS, LARGEST, PERSONS, draw
from tests.browser.stack import Stack

PICTURES = Path(__file__).parents[2] / "tests" / "out" / "gallery"
LOCALES = {"ru": "ru-RU", "kk": "kk-KZ", "en": "en-GB"}
THEMES = ("paper", "steppe", "birch", "river")
EVERY = tuple(product((360, 768, 1440), (False, True), LOCALES))
# Each width, each language and both lights; long Russian words where there is least room.
SOME = ((360, False, "ru"), (360, True, "kk"), (768, True, "en"), (1440, False, "ru"))
WHOLE = bool(os.environ.get("VECHE_GALLERY"))
HANGINGS = EVERY if WHOLE else SOME

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own: what is planted here would change what others count."""
    with Stack(tmp_path_factory.mktemp("gallery")) as running:
        yield running


@pytest.fixture(scope="module")
def gallery(house: Stack) -> Gallery:
    return Gallery(house)


@pytest.fixture
def visitors(chromium: Browser, house: Stack) -> Iterator[People]:
    with People(chromium, house.url) as invited:
        yield invited


def test_the_pictures_of_the_readme_are_drawn_here_and_stay_small(
    visitors: People, gallery: Gallery, house: Stack
) -> None:
    """VECHE_SCREENSHOT=1 keeps them in docs/; otherwise they go to tests/out/docs, and no file of the house changes."""
    folder = DOCS if os.environ.get("VECHE_SCREENSHOT") else PICTURES.parent / "docs"
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    with Crowd(house).standing(PERSONS):
        for picture in pictures.PICTURES:
            gallery.dress(picture.theme)
            drawn = draw(visitors, picture, folder)
            assert drawn.stat().st_size <= LARGEST, f"{drawn.name} has {drawn.stat().st_size} bytes"
            assert f"docs/{drawn.name}" in readme, f"{drawn.name} is not in the README"
    gallery.dress("paper")
    assert {one.name for one in DOCS.glob("*.png")} == {f"{one.exhibit.name}.png" for one in pictures.PICTURES}


@pytest.mark.parametrize(("width", "dark", "language"), HANGINGS)
def test_no_page_is_too_wide_cut_off_or_left_in_english(
    visitors: People, gallery: Gallery, width: int, dark: bool, language: str
) -> None:
    came: dict[str, Someone] = {}
    wrong = []
    for exhibit in gallery.exhibits():
        if width in exhibit.widths:
            someone = _viewer(came, visitors, exhibit.who, width, dark=dark, language=language)
            wrong += _shown(
                someone, exhibit, f"{exhibit.name}-{width}-{'dark' if dark else 'light'}-{language}", language
            )
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("theme", THEMES)
def test_the_landing_page_holds_in_every_theme(visitors: People, gallery: Gallery, theme: str) -> None:
    gallery.dress(theme)
    wrong = []
    for width, dark, language in SOME:
        visitor = visitors.new(width=width, height=900, dark=dark, language=LOCALES[language])
        exhibit = Exhibit("landing", CONFERENCE)
        wrong += _shown(visitor, exhibit, f"landing-{theme}-{width}-{'dark' if dark else 'light'}-{language}", language)
        wrong += found_in_both_lights(visitor.page)
    gallery.dress("paper")
    assert not wrong, "\n".join(wrong)


def test_what_is_cut_off_small_or_untranslated_is_found(visitors: People, gallery: Gallery) -> None:
    visitor = visitors.new(width=360, height=740, language="ru-RU")
    visitor.open("/nowhere")
    assert not faults(visitor.page, "ru")
    visitor.page.evaluate("""() => {
      const put = (html) => document.querySelector("main").insertAdjacentHTML("beforeend", html);
      const style = new CSSStyleSheet();
      style.replaceSync(".t-cut { width: 60px; overflow: hidden; white-space: nowrap } .t-wide { width: 700px }"
        + " .t-thumb { min-height: 0; height: 30px }");
      document.adoptedStyleSheets = [style];
      put('<p class="t-cut">Не уместилось и кончилось</p><div class="t-wide">Шире</div>');
      put('<button class="t-thumb">Мал</button><p>Skip to the content</p><p>undefined вопросов</p><img src="/no.png">');
    }""")
    expect(visitor.page.locator("main img").last).to_have_js_property("complete", True)
    found = "\n".join(faults(visitor.page, "ru"))
    for said in ("px wide", "cuts", "too small for a thumb", "in English", "'undefined вопросов'", "has no picture"):
        assert said in found, found


def _viewer(came: dict[str, Someone], people: People, who: str, width: int, *, dark: bool, language: str) -> Someone:
    """Who looks at a page, signed in once for all of their pages."""
    if who not in came:
        height = 740 if width == 360 else 900
        came[who] = people.new(width=width, height=height, dark=dark, language=LOCALES[language])
        if who:
            came[who].sign_in(who, then=CONFERENCE)
            came[who].choose(language)
    return came[who]


def _shown(someone: Someone, exhibit: Exhibit, name: str, language: str) -> list[str]:
    """Hang it and say what is wrong with it; its picture is kept when somebody wants to look."""
    hang(someone, exhibit)
    if WHOLE:
        PICTURES.mkdir(parents=True, exist_ok=True)
        someone.page.screenshot(path=PICTURES / f"{name}.png", full_page=True, animations="disabled")
    return [f"{name} {fault}" for fault in faults(someone.page, language)]
