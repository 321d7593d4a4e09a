"""A word list finds a word however it is dressed up, and nothing that only looks a little like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.words import ALIKE, beginnings, plain

# What somebody types instead of a letter: by the measure of words.py, all the ways to write it.
WAYS = {
    letter: "".join({letter, *(chr(one) for one, other in ALIKE.items() if other == letter)})
    for letter in "авеіклмнорстухцзбчяджўғ"
}
MARKS = "\u0301\u0336\u0308"  # an accent, a stroke through, two dots
UNSEEN = "\u200b\u200d\u2060\ufeff\u00ad"  # without width


def finds(word: str, text: str) -> bool:
    """As write.lua compares a text with a list of one word."""
    return any(" " + listed in plain(text) for listed in beginnings((word,)))


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("дурак", "Ты дурак!"),
        ("дурак", "ДУРАКИ все"),
        ("дурак", "дypaк"),  # y, p, a from the Latin
        ("дурак", "дууууурак"),
        ("дурак", "ду\u200bрак"),
        ("дурак", "ду\u0301рак"),
        ("йогурт", "й\u0336огурт"),  # the stroke comes between the letter and its bow
        ("дурак", "...дурак..."),
        ("ақымақ", "АҚЫМАҚ екенсің"),
        ("ақымақ", "aқымaқ"),  # Latin a
        ("idiot", "What an IDIOT"),
        ("idiot", "1d1ot"),
        ("idiot", "\u0456d\u0456\u043et"),  # Cyrillic letters among Latin ones
        ("idiot", "\uff49\uff44\uff49\uff4f\uff54"),  # full width
        ("idiot", "𝕚𝕕𝕚𝕠𝕥"),
        ("козёл", "козел"),
        ("козел", "козёл"),
        ("scam", "$c@m"),
    ],
)
def test_a_word_is_found_however_it_is_dressed_up(word: str, text: str) -> None:
    assert finds(word, text)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("дурак", "придурковатый"),  # it begins otherwise
        ("лох", "плохо"),
        ("ass", "class, pass and grass"),
        ("край", "краит"),  # й is not и
        ("idiot", "i d i o t"),
        ("қол", "кол"),  # a Kazakh letter is another letter
    ],
)
def test_what_only_looks_a_little_like_it_is_not_found(word: str, text: str) -> None:
    assert not finds(word, text)


words = st.text(alphabet="абвгдежзийклмнопрстуфхцчшщыьэюяәғқңөұүһі", min_size=2, max_size=12) | st.text(
    alphabet="abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=12
)


@given(words, st.data())
def test_any_word_of_three_languages_is_found_with_any_look_alikes(word: str, data: st.DataObject) -> None:
    folded = plain(word).strip()
    dressed = "".join(data.draw(st.sampled_from(WAYS.get(letter, letter))) for letter in folded)
    assert finds(word, f"so, {dressed}!")


@given(words, st.sampled_from(MARKS + UNSEEN), st.integers(1, 11))
def test_any_word_is_found_with_marks_and_unseen_characters_in_it(word: str, trick: str, where: int) -> None:
    assert finds(word, word[:where] + trick + word[where:])


@given(words)
def test_any_word_is_found_in_capitals_and_with_an_ending(word: str) -> None:
    assert finds(word, word.upper())
    assert finds(word, f"many {word}ы")


@given(st.text(max_size=200))
def test_any_text_is_told_in_words_with_a_space_before_each(text: str) -> None:
    told = plain(text)
    assert told.startswith(" ")
    assert "  " not in told
    assert plain(told) == told  # what was told once is told the same again


@given(st.lists(st.text(max_size=20), max_size=5))
def test_any_list_holds_words_that_say_something(listed: list[str]) -> None:
    assert all(word.strip() == word != "" for word in beginnings(tuple(listed)))


def test_what_hides_is_marked_and_wins_over_what_holds() -> None:
    listed = beginnings(("Дурак", "idiot", " "), ("спам", "IDIOT", ""))
    assert set(listed) == {"!" + plain("idiot").strip(), "!спам", "дурак"}
    assert len(listed) == 3
    assert plain("! !спам").strip() == "спам", "no text has the mark in it"
