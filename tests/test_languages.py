"""Languages are chosen, texts fall back, and dates, numbers and plurals follow the language."""

from datetime import UTC, date, datetime

import pytest

from config import languages

NOON = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)


def test_a_sentence_nobody_translated_comes_back_in_english() -> None:
    assert languages.translations("kk").gettext("Nobody has said this yet.") == "Nobody has said this yet."


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("kk-KZ,ru;q=0.9,en;q=0.8", "kk"),
        ("de-DE, fr;q=0.9, en-GB;q=0.2, ru;q=0.3", "ru"),
        ("EN", "en"),
        ("de", "default"),
        ("en;q=0, de", "default"),
        ("", "default"),
        (None, "default"),
        ("*", "default"),
        (";;;q=,,\x00, ru;q=nonsense", "default"),
        ("r" * 10_000, "default"),
    ],
)
def test_a_browser_gets_the_language_it_likes_best(accepted: str | None, language: str) -> None:
    assert languages.choose(accepted, "default") == language


def test_a_text_falls_back_to_a_language_it_has() -> None:
    assert languages.pick({"ru": "Да", "en": "Yes"}, "en") == "Yes"
    assert languages.pick({"ru": "Да", "kk": ""}, "kk") == "Да"
    assert languages.pick({"de": "Ja"}, "kk") == "Ja"
    assert languages.pick({}, "ru") == ""
    assert languages.pick("Anna", "ru") == "Anna"
    assert languages.pick(None, "ru") == ""


@pytest.mark.parametrize(
    ("start", "end", "ru", "en", "kk"),
    [
        ((2026, 11, 23), (2026, 11, 23), "23 ноября 2026 г.", "23 November 2026", "2026 ж. 23 қараша"),
        ((2026, 11, 23), (2026, 11, 25), "23–25 ноября 2026 г.", "23–25 November 2026", "2026 ж. 23–25 қараша"),
        (
            *((2026, 11, 30), (2026, 12, 2)),
            *("30 ноября – 2 декабря 2026 г.", "30 November – 2 December 2026", "2026 ж. 30 қараша – 2 желтоқсан"),
        ),
        (
            *((2026, 12, 31), (2027, 1, 1)),
            *("31 декабря 2026 г. – 1 января 2027 г.", "31 December 2026 – 1 January 2027"),
            "2026 ж. 31 желтоқсан – 2027 ж. 1 қаңтар",
        ),
    ],
)
def test_days_are_written_without_saying_anything_twice(
    start: tuple[int, int, int], end: tuple[int, int, int], ru: str, en: str, kk: str
) -> None:
    for language, expected in (("ru", ru), ("en", en), ("kk", kk)):
        assert languages.date_range(date(*start), date(*end), language).replace("\u00a0", " ") == expected


def test_a_time_is_that_of_the_events_zone_and_says_which() -> None:
    assert languages.clock(NOON, "Asia/Almaty", "en") == "14:05"
    assert languages.zone_name("Asia/Almaty", NOON, "kk") == "Алматы, UTC+5"
    assert languages.zone_name("Europe/Moscow", NOON, "ru") == "Москва, UTC+3"
    assert languages.zone_name("America/St_Johns", NOON, "en") == "St. John’s, UTC−3:30"
    assert languages.zone_name("UTC", NOON, "en") == "UTC"
    assert languages.day(NOON.date(), "kk") == "дүйсенбі, 23 қараша"


def test_a_counted_sentence_has_the_forms_of_its_language() -> None:
    assert set(languages.plural_forms("{n} new message", "{n} new messages", "ru")) == {"one", "few", "many"}
    assert set(languages.plural_forms("{n} new message", "{n} new messages", "en")) == {"one", "other"}


def test_numbers_are_grouped_as_the_language_does() -> None:
    assert languages.number(12345, "en") == "12,345"
    assert languages.number(12345, "ru").split() == ["12", "345"]
