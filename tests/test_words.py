"""Every sentence of the product is there in every language, and none is left over."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from config.languages import LANGUAGES, LOCALES

ROOT = Path(__file__).parent.parent
SPOKEN = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "NN_": (1, 2)}
JINJA = "jinja2.ext:babel_extract"
METHODS = [
    ("**.py", "python"),
    ("templates/**.html", JINJA),
    ("letters/**.html", JINJA),
    ("letters/**.txt", JINJA),
]
OPTIONS = {pattern: {"trimmed": "true", "newstyle_gettext": "true"} for pattern, method in METHODS if method == JINJA}
HOLE = re.compile(r"%\(\w+\)s|\{\w+\}")

Sentence = str | tuple[str, ...]


@cache
def spoken() -> frozenset[Sentence]:
    """Every msgid in code and templates; a counted one as (singular, plural)."""
    found = set()
    for room in ("config", "sql", "web", "workers"):
        for _, _, sentence, _, _ in extract_from_dir(
            ROOT / room, method_map=METHODS, options_map=OPTIONS, keywords=SPOKEN
        ):
            found.add(sentence if isinstance(sentence, str) else tuple(sentence))
    return frozenset(found)


def catalogues(language: str) -> Iterator[Catalog]:
    for part in sorted((LOCALES / language).glob("*.po")):
        with part.open("rb") as source:
            yield read_po(source, locale=language)


def entries(language: str) -> Iterator[tuple[Sentence, Sentence]]:
    for catalogue in catalogues(language):
        for message in catalogue:
            if message.id:
                yield _hashable(message.id), _hashable(message.string)


def _hashable(text: str | list[str] | tuple[str, ...] | None) -> Sentence:
    return text if isinstance(text, str) else tuple(text or ())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    known = dict(entries(language))
    missing = sorted(str(one) for one in spoken() if one not in known or not all(_forms(known[one])))
    assert not missing, f"config/locale/{language} lacks: {missing}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_left_over(language: str) -> None:
    left = sorted(str(one) for one, _ in entries(language) if one not in spoken())
    assert not left, f"nobody says these any more; delete them from config/locale/{language}: {left}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_translated_in_two_places(language: str) -> None:
    twice = [one for one, times in Counter(one for one, _ in entries(language)).items() if times > 1]
    assert not twice, f"config/locale/{language} says twice: {twice}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_holes_of_its_sentence(language: str) -> None:
    for sentence, translated in entries(language):
        holes = set(HOLE.findall(_forms(sentence)[-1]))
        for form in _forms(translated):
            assert set(HOLE.findall(form)) == holes, f"{language}: {sentence!r} became {form!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_counted_sentence_has_every_plural_of_the_language(language: str) -> None:
    forms = next(catalogues(language)).num_plurals
    for sentence, translated in entries(language):
        if isinstance(sentence, tuple):
            assert len(_forms(translated)) == forms, f"{language}: {sentence!r}"


def _forms(sentence: Sentence) -> tuple[str, ...]:
    return (sentence,) if isinstance(sentence, str) else sentence
