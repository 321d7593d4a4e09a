"""The chat's words: nothing the socket or the script can say is left without a sentence."""

import re
from pathlib import Path

import pytest

from config.languages import LANGUAGES
from realtime.errors import SENTENCES
from web.conferences import sentences

STATIC = Path(sentences.__file__).parents[1] / "static"
TEMPLATES = Path(sentences.__file__).parents[1] / "templates"


def test_every_refusal_of_the_socket_has_a_sentence_for_people() -> None:
    assert set(sentences.REFUSALS) == set(SENTENCES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_the_chat_asks_for_is_there(language: str) -> None:
    words = sentences.words(language)
    script = (STATIC / "live-chat.js").read_text()
    page = (TEMPLATES / "conferences" / "channel.html").read_text()
    asked = {*re.findall(r"#words\.(\w+)", script), *re.findall(r"live\.words\.(\w+)", page), "left", "over"}
    assert asked <= set(words)
    for state in ("connecting", "live", "offline", "signed_out", "closed"):
        assert words[f"state_{state}"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_counted_word_has_every_form_its_language_needs(language: str) -> None:
    forms = {"ru": {"one", "few", "many"}, "en": {"one", "other"}, "kk": {"one", "other"}}
    for name in ("new", "left", "over", "viewers"):
        counted = sentences.words(language)[name]
        assert isinstance(counted, dict)
        assert set(counted) == forms[language]
        assert all("{n}" in form for form in counted.values())
