"""What each letter says, in the reader's language: a page of HTML and the same as text. It never sends anything.

A letter is two templates with its name; base.html is the paper they are all written on. Sentences are English in the
templates and translated by config/locale/<language>.po.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config import languages

NOON = time(12, tzinfo=UTC)  # the offset of a zone changes at night, if at all


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, ready to be put into an envelope."""

    to: str  # address
    name: str  # of the person
    language: str
    subject: str
    text: str
    html: str


def welcome(row: Mapping[str, Any], *, public_url: str) -> Letter:
    """The first letter. `row` is what outbox.letter_of_welcome answers."""
    language = row["language"]
    conference = languages.pick(row["conference"], language)
    words = {
        "conference": conference,
        "name": row["name"],
        "email": row["email"],
        "when": languages.date_range(row["starts_on"], row["ends_on"], language),
        "zone": languages.zone_name(row["zone"], datetime.combine(row["starts_on"], NOON), language),
        "link": f"{public_url}/c/{quote(row['slug'])}",
    }
    subject = languages.translations(language).gettext("Welcome to %(conference)s") % {"conference": conference}
    return _write("welcome", language, words, to=row["email"], name=row["name"], subject=subject)


def _write(template: str, language: str, words: Mapping[str, Any], *, to: str, name: str, subject: str) -> Letter:
    paper = _paper(language)
    words = {**words, "language": language, "subject": subject}
    text = paper.get_template(f"{template}.txt").render(words)
    html = paper.get_template(f"{template}.html").render(words)
    return Letter(to=to, name=name, language=language, subject=subject, text=text.strip() + "\n", html=html)


@cache
def _paper(language: str) -> Environment:
    paper = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=lambda name: not (name or "").endswith(".txt"),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    translations = languages.translations(language)
    paper.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    return paper
