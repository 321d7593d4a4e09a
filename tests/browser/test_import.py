"""A schedule goes out as a table, is corrected by many hands and comes back, in a conference of its own."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.axe import found_in_both_lights
from tests.browser.people import People, Someone

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SLUG = "tablitsa"
DESK = f"/desk/{SLUG}"
TOMORROW = f"{datetime.now(UTC).date() + timedelta(days=1)}"
FIRST = f"""Название ru;Канал;Дата;Начало;Длительность;Спикеры;Описание ru
Утро с таблицей;zal;{TOMORROW};10:00;45;Анна Строчкина;Как читать чужие строки.
Обед;zal;{TOMORROW};13:00;60;;
"""


@pytest.fixture
def organiser(people: People) -> Someone:
    """The organiser of a conference that is nobody else's, on a phone."""
    someone = people.new(width=360, height=800)
    someone.sign_in("organiser", then="/desk/new")
    page = someone.page
    page.fill("#name_ru", "Съезд таблиц")
    page.fill("#slug", SLUG)
    page.fill("#zone", "Алматы")
    page.fill("#starts_on", TOMORROW)
    page.fill("#ends_on", TOMORROW)
    page.get_by_role("button", name="Создать конференцию").click()
    expect(page.locator(".desk-said")).to_have_text("Добавлено.")
    someone.open(f"{DESK}/channels")
    page.fill("#name_ru", "Зал")
    page.get_by_role("button", name="Добавить канал").click()
    expect(page.locator(".desk-said")).to_have_text("Добавлено.")
    return someone


def preview(someone: Someone, table: Path) -> None:
    someone.open(f"{DESK}/import")
    someone.page.set_input_files("#file", table)
    someone.page.get_by_role("button", name="Посмотреть строки").click()
    expect(someone.page.get_by_role("heading", name="Вот что сделает файл")).to_be_visible()


def take(someone: Someone) -> None:
    someone.page.get_by_role("button", name="Загрузить всё это").click()
    expect(someone.page.locator(".desk-said")).to_contain_text("Файл загружен.")


def downloaded(someone: Someone, folder: Path) -> tuple[Path, list[dict[str, str]]]:
    """The draft as it is now, as a file and line by line."""
    someone.open(f"{DESK}/lists")
    with someone.page.expect_download() as given:
        someone.page.locator("a[href$='/lists/schedule.csv']").click()
    table = folder / "schedule.csv"
    given.value.save_as(table)
    return table, list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"))))


def saved(table: Path, lines: list[dict[str, str]]) -> Path:
    """The file with these lines instead."""
    with table.open("w", encoding="utf-8", newline="") as file:
        written = csv.DictWriter(file, list(lines[0]))
        written.writeheader()
        written.writerows(lines)
    return table


def test_a_schedule_corrected_in_a_table_comes_back_whole(organiser: Someone, tmp_path: Path) -> None:
    page, first = organiser.page, tmp_path / "first.csv"
    first.write_text(FIRST, encoding="cp1251")
    preview(organiser, first)
    expect(page.locator(".difference.added")).to_have_count(2)
    take(organiser)

    table, lines = downloaded(organiser, tmp_path)
    preview(organiser, table)
    expect(page.locator(".import-nothing")).to_have_text("Менять нечего: всё из этого файла уже есть в черновике.")
    expect(page.get_by_role("button", name="Загрузить всё это")).to_have_count(0)

    morning = next(one for one in lines if one["Название (ru)"] == "Утро с таблицей")
    morning.update({"Название (ru)": "Вечер с таблицей", "Начало": "18:00", "Конец": "18:30"})
    morning.update({"Спикеры": "Пётр Столбцов; Анна Строчкина", "Описание (ru)": ""})
    preview(organiser, saved(table, lines))
    change = page.locator(".difference.moved")
    expect(change).to_have_count(1)
    for said in ("Утро с таблицей", "Вечер с таблицей", "10:00–10:45", "18:00–18:30", "Пётр Столбцов", "пусто"):
        expect(change).to_contain_text(said)
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider == 0
    found = found_in_both_lights(page)
    assert not found, "\n".join(found)
    take(organiser)

    page.get_by_role("link", name="Вечер с таблицей").first.click()
    expect(page.locator("#starts")).to_have_value("18:00")
    expect(page.locator("#abstract_ru")).to_have_value("")
    expect(page.locator("#speaker_1 option:checked")).to_have_text("Пётр Столбцов")
    expect(page.locator("#speaker_2 option:checked")).to_have_text("Анна Строчкина")
