"""A posted form being read: what was typed, what it means, and what is wrong, field by field. Pure."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

from config.languages import N_

SHORT = 200  # characters of a name or a title; longer ones fit no page
LONG = 10_000  # characters of an abstract or a text about somebody
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # Unicode's Cc but for the tab and the end of a line
REQUIRED = N_("Fill this in.")
TOO_LONG = N_("This is too long: %(longest)s characters are allowed.")
NO_DATE = N_("Choose a day.")
NOT_OFFERED = N_("Choose one of those offered.")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a field: a sentence (English, translated when shown) and what fills its holes."""

    sentence: str
    holes: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A field that somebody else changed, too: what is there now, and how many fields its box takes from there."""

    there: str
    takes: int  # 0: another field of the same thing has the box


@dataclass(slots=True)
class Asked:
    """A form as it arrived. Its readers return what they could read; what is wrong is in `wrong`, by field.

    `crossed` has the fields that somebody else changed while the form was open (merge_rules.py).
    """

    fields: dict[str, str] = field(default_factory=dict)
    address: str = ""  # it was sent to
    wrong: dict[str, Wrong] = field(default_factory=dict)
    crossed: dict[str, Crossing] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether it cannot be done as it is."""
        return bool(self.wrong or self.crossed)

    def refuse(self, name: str, sentence: str, **holes: str | int) -> None:
        """Say what is wrong with a field; the first thing said stays."""
        self.wrong.setdefault(name, Wrong(sentence, holes))

    def typed(self, name: str) -> str:
        """What was typed, without spaces around it."""
        return self.fields.get(name, "").strip()

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self.fields.get(name))

    def text(self, name: str, *, longest: int = SHORT, required: bool = False) -> str:
        """A text of one language."""
        said = clean(self.fields.get(name, ""))
        if required and not said:
            self.refuse(name, REQUIRED)
        if len(said) > longest:
            self.refuse(name, TOO_LONG, longest=longest)
        return said

    def texts(
        self, name: str, languages: Iterable[str], *, longest: int = SHORT, required: str | None = None
    ) -> dict[str, str]:
        """A text by language, from fields <name>_<language>; empty ones are left out. `required`: a language."""
        said = {
            language: self.text(f"{name}_{language}", longest=longest, required=language == required)
            for language in languages
        }
        return {language: text for language, text in said.items() if text}

    def choice(self, name: str, offered: Collection[str]) -> str:
        """One of those offered."""
        chosen = self.typed(name)
        if chosen not in offered:
            self.refuse(name, NOT_OFFERED)
        return chosen

    def number(self, name: str) -> int | None:
        """The number of something chosen from a list; None when nothing was."""
        return number(self.typed(name))

    def key(self) -> UUID | None:
        """What this very form is known by: the same when it is sent twice, another when anything in it is."""
        try:
            page = UUID(self.typed("form_key"))
        except ValueError:
            return None
        said = sorted(one for one in self.fields.items() if one[0] != "csrf")  # which is written differently each time
        return uuid5(page, f"{self.address} {said}")

    def day(self, name: str) -> date | None:
        """A day, as a browser's calendar sends it."""
        try:
            return date.fromisoformat(self.typed(name))
        except ValueError:
            self.refuse(name, NO_DATE)
            return None


def number(typed: str) -> int | None:
    """A number of something of ours; None when it is no such, or longer than Postgres counts."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 18 else None


def numbers(typed: str) -> list[int]:
    """An order as a form carries it: "3,1,2"."""
    return [found for one in typed.split(",") if (found := number(one)) is not None]


def spelled(name: str, texts: Mapping[str, str], languages: Iterable[str]) -> dict[str, str]:
    """A text by language as its fields have it; Asked.texts the other way round."""
    return {f"{name}_{language}": texts.get(language, "") for language in languages}


def clean(text: str) -> str:
    """A text as it is kept: composed letters, plain line ends, no control characters, no spaces around it."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return CONTROL.sub("", composed).strip()
