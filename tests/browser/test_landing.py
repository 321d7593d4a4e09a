"""A landing page is laid out in a browser: by keys, by hand and without scripts, with the page beside its forms."""

import re

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.axe import found_by_axe
from tests.browser.people import CONFERENCE, People, Someone

DESK = "/desk/uchitel/landing"

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def organiser(people: People, *, width: int = 1440, scripts: bool = True, dark: bool = False) -> Someone:
    someone = people.new(width=width, height=900, scripts=scripts, dark=dark)
    someone.sign_in("organiser", then=DESK)
    return someone


def order(page: Page) -> list[str]:
    return [str(one.get_attribute("data-block")) for one in page.locator(".piece").all()]


def piece(page: Page, number: str) -> Locator:
    return page.locator(f'.piece[data-block="{number}"]')


def preview(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[name=preview]")


def sections(page: Page) -> Locator:
    """The blocks of the page in the preview, below its opening."""
    return preview(page).locator("section.block")


def test_blocks_are_moved_by_keys_alone_and_the_preview_follows(people: People) -> None:
    page = organiser(people).page
    before = order(page)
    shown = sections(page).first.get_attribute("id")
    page.locator(f"#grip-{before[1]}").focus()
    with page.expect_response(f"**{DESK}/order"):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
    expect(page.locator("#moved")).to_contain_text(f"4 из {len(before)}")
    expect(sections(page).nth(2)).to_have_attribute("id", str(shown))
    after = [before[0], before[2], before[3], before[1], *before[4:]]
    page.reload()
    assert order(page) == after
    page.locator(f"#grip-{before[1]}").focus()
    with page.expect_response(f"**{DESK}/order"):
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
    expect(page.locator(f"#grip-{before[1]}")).to_be_focused()
    page.reload()
    assert order(page) == before


def test_a_block_is_dragged_and_escape_puts_it_back(people: People) -> None:
    page = organiser(people).page
    before = order(page)
    grip = page.locator(f"#grip-{before[-1]}").bounding_box()
    target = piece(page, before[2]).bounding_box()
    assert grip
    assert target

    def drag() -> None:
        page.mouse.move(grip["x"] + 10, grip["y"] + 10)
        page.mouse.down()
        page.mouse.move(target["x"] + 10, target["y"] + target["height"] + 20, steps=5)
        page.mouse.move(target["x"] + 10, target["y"] + 4, steps=5)

    drag()
    assert order(page) == [*before[:2], before[-1], *before[2:-1]]
    page.keyboard.press("Escape")
    page.mouse.up()
    assert order(page) == before
    drag()
    with page.expect_response(f"**{DESK}/order"):
        page.mouse.up()
    page.reload()
    assert order(page) == [*before[:2], before[-1], *before[2:-1]]
    page.locator(f"#grip-{before[-1]}").focus()
    with page.expect_response(f"**{DESK}/order"):
        page.keyboard.press("End")
    page.reload()
    assert order(page) == before


def test_what_is_typed_is_seen_in_the_page_before_it_is_saved(people: People) -> None:
    page = organiser(people).page
    write_answers(page)
    drawn = preview(page).locator("#faq-0")
    expect(drawn.locator("h2")).to_have_text("Перед приездом")
    expect(drawn.locator("h3")).to_have_text(["Где взять чай?", "А кофе?"])
    expect(drawn.locator("strong")).to_have_text("всегда")
    expect(drawn).to_be_in_viewport()
    page.locator("#row-up-1").click()
    expect(drawn.locator("h3")).to_have_text(["А кофе?", "Где взять чай?"])
    page.locator("label", has_text="Қазақша").click()
    expect(page.locator("#title-ru")).to_be_hidden()
    page.fill("#title-kk", "Келмей тұрып")
    expect(drawn.locator("h2")).to_have_text("Келмей тұрып")
    visitor = people.new()
    visitor.open(CONFERENCE)
    expect(visitor.page.get_by_text("Перед приездом")).to_have_count(0)


def test_what_is_saved_is_public_and_what_is_deleted_comes_back_by_one_key(people: People) -> None:
    page, visitor = organiser(people).page, people.new()
    write_answers(page)
    page.locator("#save").click()
    page.wait_for_url(re.compile(DESK))
    visitor.open(CONFERENCE)
    expect(visitor.page.get_by_role("heading", name="Перед приездом")).to_be_visible()
    number = order(page)[-1]
    page.locator(f"#delete-{number}").click()
    expect(page.locator("#undo")).to_be_focused()
    expect(preview(page).locator(f"#faq-{number}")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(piece(page, number)).to_be_visible()
    expect(preview(page).locator(f"#faq-{number}")).to_have_count(1)
    page.locator(f"#delete-{number}").click()
    expect(piece(page, number)).to_have_count(0)


def write_answers(page: Page) -> None:
    """Two questions of a new block, in Russian."""
    page.locator(".piece-kind a", has_text="Вопросы и ответы").click()
    page.fill("#title-ru", "Перед приездом")
    page.fill("#rows-0-question-ru", "Где взять чай?")
    page.fill("#rows-0-answer-ru", "На кухне, **всегда**.")
    page.locator("#row-more").click()
    expect(page.locator("#rows-1-question-ru")).to_be_focused()
    page.keyboard.type("А кофе?")


def test_leaving_with_unsaved_words_is_asked_about(people: People) -> None:
    page = organiser(people).page
    page.locator(".piece-name").first.click()
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(str(getattr(dialog, "type", "")))
        dialog.dismiss()  # type: ignore[attr-defined]  # playwright's Dialog

    page.on("dialog", stay)
    page.locator("#title-ru").press_sequentially("Начато")
    page.close(run_before_unload=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]


def test_the_page_in_the_preview_is_as_wide_as_it_is_told_and_leads_nowhere(people: People) -> None:
    page = organiser(people).page
    inside = preview(page).locator("html")

    def width() -> int:
        return int(inside.evaluate("root => root.clientWidth"))

    assert width() > 1200
    page.locator("button[data-width=phone]").click()
    assert width() == 390
    page.locator("[data-shown=kk]").click()
    expect(preview(page).locator("h1")).to_have_text("Ертеңгі күннің ұстазы")
    preview(page).locator(".opening-doors a").first.click()
    expect(preview(page).locator("h1")).to_have_text("Ертеңгі күннің ұстазы")
    assert len(page.context.pages) == 1


def test_a_theme_is_one_press_and_seen_at_once(people: People) -> None:
    page = organiser(people).page
    look = preview(page).locator("html")
    for theme in ("river", "paper"):
        page.locator(f"#theme-{theme}").click()
        expect(look).to_have_attribute("data-look", theme)
        expect(page.locator(f"#theme-{theme}")).to_have_attribute("aria-pressed", "true")


def test_everything_works_without_scripts(people: People) -> None:
    page = organiser(people, scripts=False).page
    before = order(page)
    page.locator(f"#down-{before[1]}").click()
    assert order(page) == [before[0], before[2], before[1], *before[3:]]
    page.locator(f"#up-{before[1]}").click()
    assert order(page) == before
    page.locator(f"#hide-{before[1]}").click()
    expect(page.locator(".piece.is-hidden")).to_have_count(1)
    page.locator(f"#hide-{before[1]}").click()
    page.locator(f"#delete-{before[1]}").click()
    page.locator("#undo").click()
    assert order(page) == before
    page.locator(".piece-kind a", has_text="Текст").click()
    page.fill("#title-ru", "Без скриптов")
    page.get_by_role("button", name="Показать в предпросмотре").click()
    expect(preview(page).locator("h2", has_text="Без скриптов")).to_be_visible()
    page.locator("#save").click()
    number = order(page)[-1]
    page.locator(f"#delete-{number}").click()
    expect(piece(page, number)).to_have_count(0)


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_the_desk_fits_every_screen_and_axe_finds_nothing(people: People, width: int) -> None:
    someone = organiser(people, width=width, dark=width == 768)
    for path in (DESK, f"{DESK}/{order(someone.page)[-1]}", f"{DESK}/new/text"):
        someone.open(path)
        wide = someone.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} px wide on a screen of {width}"
        assert not found_by_axe(someone.page)
