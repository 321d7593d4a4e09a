"""The schedule in a browser: a star by a finger and without a script, one's own zone, a shift that everybody sees."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import CONFERENCE, People, Someone
from tests.browser.stack import until

pytestmark = pytest.mark.browser
SCHEDULE, MINE = f"{CONFERENCE}/schedule", f"{CONFERENCE}/my"
DESK = "/desk/uchitel"
PHONE, DESKTOP = 360, 1440
FILE = """Название;Канал;Дата;Начало;Длительность;Спикеры
Ночной разговор у костра {mark};main;{day};{at};30;Новый Спикер
"""


def session(someone: Someone, title: str) -> Locator:
    return someone.page.locator(".slot", has_text=title)


def released(visitor: Someone, title: str) -> Locator:
    """A session once visitors are shown it: what many read is a second old at most."""
    found = session(visitor, title)

    def is_there() -> bool:
        visitor.open(SCHEDULE)
        return found.count() == 1

    until(is_there, f"{title} is shown")
    return found


def no_wider_than_the_screen(someone: Someone) -> None:
    wider = someone.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider == 0


@pytest.mark.parametrize("width", [PHONE, 768, DESKTOP])
@pytest.mark.parametrize("path", [SCHEDULE, MINE])
def test_no_page_is_wider_than_its_screen(people: People, width: int, path: str) -> None:
    visitor = people.new(width=width, language="kk-KZ")
    visitor.open(path)
    no_wider_than_the_screen(visitor)


def test_channels_are_columns_on_a_desktop_and_a_list_by_time_on_a_phone(people: People) -> None:
    desktop, phone = people.new(width=DESKTOP), people.new(width=PHONE)
    lefts = {}
    for someone in (desktop, phone):
        someone.open(SCHEDULE)
        boxes = [one.bounding_box() for one in someone.page.locator(".slot").all()]
        lefts[someone] = {round(box["x"]) for box in boxes if box}
        times = someone.page.locator(".day").first.locator(".slot-time > span:first-child").all_inner_texts()
        assert [one[:5] for one in times] == sorted(one[:5] for one in times)
    assert len(lefts[desktop]) == 3
    assert len(lefts[phone]) == 1
    expect(desktop.page.locator(".grid thead th").first).to_be_visible()
    expect(phone.page.locator(".grid thead th").first).not_to_be_visible()


def test_a_star_is_kept_without_leaving_the_page_and_comes_along_at_sign_in(people: People) -> None:
    visitor = people.new(width=PHONE)
    visitor.open(SCHEDULE)
    stars = visitor.page.locator("button.star")
    stars.nth(3).click()
    expect(stars.nth(3)).to_have_attribute("aria-pressed", "true")
    expect(visitor.page.locator("#star-said")).to_have_text("Добавлено в вашу программу")
    visitor.open(MINE)
    expect(visitor.page.locator(".slot")).to_have_count(1)
    visitor.sign_in("anna", then=MINE)
    expect(visitor.page.locator(".slot")).to_have_count(1)
    assert str(visitor.page.get_by_role("link", name="Подписаться").get_attribute("href")).startswith("webcal://")
    visitor.page.locator("button.star").click()
    expect(visitor.page.locator("button.star")).to_have_attribute("aria-pressed", "false")
    expect(visitor.page.locator("#star-said")).not_to_be_empty()  # the press is shown at once, this when it is kept
    visitor.open(MINE)
    expect(visitor.page.locator(".slot")).to_have_count(0)


def test_everything_works_without_scripts(people: People) -> None:
    visitor = people.new(width=PHONE, scripts=False)
    visitor.open(SCHEDULE)
    visitor.page.locator("button.star").first.click()
    visitor.page.wait_for_url("**/schedule#session-*")
    visitor.page.get_by_role("link", name="Мастерская").first.click()
    visitor.page.wait_for_url("**/schedule?channel=practice")
    assert set(visitor.page.locator(".slot-place").all_inner_texts()) == {"Мастерская"}
    visitor.page.locator(".zone-menu summary").click()
    visitor.page.get_by_role("button", name="Владивосток").click()
    expect(visitor.page.locator(".zone-bar")).to_contain_text("Владивосток, UTC+10")
    expect(visitor.page.locator(".zone-bar")).to_contain_text("Время: Алматы, UTC+5")
    assert "channel=practice" in visitor.page.url
    visitor.open(MINE)
    expect(visitor.page.locator(".slot")).to_have_count(1)


def test_what_is_on_now_is_one_press_away(people: People) -> None:
    visitor = people.new(width=PHONE)
    visitor.open(SCHEDULE)
    visitor.page.get_by_role("link", name="К тому, что идёт").click()
    expect(visitor.page.locator(".slot.live").first).to_be_in_viewport()


def test_a_star_that_did_not_arrive_is_taken_back_and_said(people: People) -> None:
    visitor = people.new()
    visitor.open(SCHEDULE)
    visitor.context.set_offline(True)
    visitor.page.locator("button.star").first.click()
    expect(visitor.page.locator("#star-said")).to_contain_text("Звезда не сохранилась")
    expect(visitor.page.locator("button.star").first).to_have_attribute("aria-pressed", "false")


def test_the_keyboard_reaches_every_star(people: People) -> None:
    visitor = people.new()
    visitor.open(SCHEDULE)
    star = visitor.page.locator("button.star").nth(2)
    star.focus()
    visitor.page.keyboard.press("Space")
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()


def test_an_organiser_imports_releases_shifts_and_takes_back(people: People, tmp_path: Path) -> None:
    organiser, visitor = people.new(width=PHONE), people.new(width=DESKTOP)
    organiser.sign_in("organiser", then=f"{DESK}/import")
    page = organiser.page
    visitor.open(SCHEDULE)
    day = visitor.page.locator(".day-name").last.get_attribute("id")
    assert day
    table = tmp_path / "schedule.csv"
    at = f"{(datetime.now(ZoneInfo('Asia/Almaty')).hour + 12) % 24:02}:"  # far from what the demo laid around now
    table.write_text(FILE.format(day=day.removeprefix("day-"), at=f"{at}00", mark="один"), encoding="cp1251")
    page.set_input_files("#file", table)
    page.get_by_role("button", name="Посмотреть строки").click()
    expect(page.locator(".import-counts")).to_contain_text("1 новые")
    page.get_by_role("button", name="Загрузить всё это").click()
    expect(page.locator(".desk-said")).to_contain_text("Файл загружен.")
    no_wider_than_the_screen(organiser)
    expect(page.locator(".difference.added")).to_contain_text("Ночной разговор у костра один")
    page.get_by_role("button", name="Опубликовать расписание").click()
    expect(page.locator(".desk-said")).to_contain_text("Теперь все видят это расписание")
    expect(released(visitor, "Ночной разговор у костра один")).to_contain_text(f"{at}00–{at}30")

    organiser.open(f"{DESK}/now")
    coming = page.locator(".now-channel", has_text="Главный зал")
    before = coming.locator(".now-shift .meta").first.inner_text()
    coming.get_by_role("button", name="+5", exact=True).click()
    expect(page.locator(".desk-said")).to_contain_text("Канал сдвинут")
    assert coming.locator(".now-shift .meta").first.inner_text() != before
    page.get_by_role("button", name="Отменить сдвиг").click()
    expect(page.locator(".desk-said")).to_contain_text("Сдвиг отменён")
    assert coming.locator(".now-shift .meta").first.inner_text() == before
    no_wider_than_the_screen(organiser)


def test_what_is_on_is_said_by_hand(people: People) -> None:
    organiser = people.new(width=DESKTOP)
    organiser.sign_in("organiser", then=f"{DESK}/now")
    card = organiser.page.locator(".now-channel", has_text="Цифровой класс")
    card.get_by_label("Что показать").select_option(label="Ничего не идёт")
    card.get_by_role("button", name="Показать вручную").click()
    expect(card.locator(".mark")).to_have_text("вручную")
    expect(card.locator(".now-title")).to_have_text("Ничего не идёт")
    card.get_by_role("button", name="Вернуть по часам").click()
    expect(card.locator(".mark")).to_have_text("по часам")
