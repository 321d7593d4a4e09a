"""Every sentence of the product is there in every language, and dates and plurals follow the language."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from config import languages
from config.languages import KEYWORDS, LANGUAGES, LOCALES

ROOT = Path(__file__).parent.parent
ROOMS = ("config", "web", "workers")
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
# The same as the environment of web/page.py has.
OPTIONS = {
    "**.html": {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"},
    "**.txt": {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"},
}
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
NOON = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)


def used() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Where each sentence is said, and its key."""
    for room in ROOMS:
        for file, line, key, _, _ in extract_from_dir(ROOT / room, METHODS, OPTIONS, KEYWORDS):
            yield f"{room}/{file}:{line}", key


def catalogue(language: str) -> Catalog:
    with (LOCALES / f"{language}.po").open("rb") as source:
        return read_po(source, locale=language)


def said(message: Message | None) -> list[str]:
    """The translations of a message; one for each plural form."""
    if message is None or message.fuzzy:
        return []
    translated = message.string if isinstance(message.string, tuple | list) else [message.string]
    return [one or "" for one in translated]


def test_sentences_are_found_in_code_pages_and_letters() -> None:
    places = " ".join(place for place, _ in used())
    for file in ("web/accounts/rules.py", "web/templates/base.html", "workers/letters/welcome.txt"):
        assert file in places


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_every_sentence_is_translated(language: str) -> None:
    there = catalogue(language)
    missing = []
    for place, key in used():
        found = said(there.get(key[0] if isinstance(key, tuple) else key))
        if not found or not all(found) or (isinstance(key, tuple) and len(found) != there.num_plurals):
            missing.append(f"{place}: {key!r}")
    assert not missing, f"not in config/locale/{language}.po:\n" + "\n".join(missing)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_left_of_a_sentence_nobody_says(language: str) -> None:
    keys = {key[0] if isinstance(key, tuple) else key for _, key in used()}
    kept = {one.id[0] if isinstance(one.id, tuple | list) else one.id for one in catalogue(language) if one.id}
    assert not kept - keys


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_places_that_are_filled_in(language: str) -> None:
    for message in catalogue(language):
        if not message.id:
            continue
        original = message.id[-1] if isinstance(message.id, tuple | list) else message.id
        for translated in filter(None, said(message)):
            assert set(PLACE.findall(translated)) == set(PLACE.findall(original)), original


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
