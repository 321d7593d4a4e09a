"""What the cells of an imported row say of a session's words and people. Pure; it finds no session."""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date

from config.languages import LANGUAGES, N_, pick
from web.conferences import import_words as words
from web.conferences.form_rules import LONG, SHORT, Wrong, clean
from web.conferences.lists_rules import LIST_OF_NAMES, as_cell
from web.conferences.schedule_rules import Draft, Text
from web.moderation.rules import uncelled

SPEAKERS = 20  # of one session
SHOWN = 30  # characters of a text that is wrong

NO_TITLE = N_("The title is missing.")
LONG_TEXT = N_("“%(column)s” is longer than %(longest)s characters.")
NO_LANGUAGE = N_("“%(typed)s” is no language of ours. Write ru, kk or en.")
LOST = N_(
    "“%(typed)s” stands in the file for “%(there)s”: it was saved without these letters. Save it as XLSX, or as CSV in "
    "UTF-8."
)
NAMESAKES = N_("Several speakers are called %(name)s; the one who was added first is meant.")
MANY_SPEAKERS = N_("More than %(most)s speakers.")

SEVERAL = re.compile(r"[;\n]")

Who = int | str  # a speaker who is known, or the name of one to be added


@dataclass(frozen=True, slots=True)
class Known(Draft):
    """A session that is there already, with its words."""

    abstract: Text = field(default_factory=dict)
    language: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """What there is already, which rows refer to."""

    zone: str
    first: date
    last: date
    language: str  # the default one
    channels: Mapping[int, Mapping[str, object]]  # {"slug", "name"} by id
    sessions: Sequence[Known]
    speakers: Mapping[int, Mapping[str, str]]  # names by id

    def by_name(self) -> dict[str, list[int]]:
        """The speakers by each of their names."""
        found: dict[str, list[int]] = {}
        for who, names in self.speakers.items():
            for name in {folded(one) for one in names.values()}:
                found.setdefault(name, []).append(who)
        return found


class Cells:
    """The cells of one row by column: a column that is not there has no entry, an empty cell says nothing.

    With `empties` the row is one of ours come back, and its empty cells say that there is nothing. What is wrong is
    added to `wrong`, what is only to be known to `noted`.
    """

    def __init__(
        self,
        cells: Sequence[str],
        columns: Mapping[int, words.Column],
        world: World,
        named: Mapping[str, Sequence[int]],  # World.by_name
    ) -> None:
        self.world, self.named = world, named
        self.said = {column: clean(cells[at]) if at < len(cells) else "" for at, column in columns.items()}
        self.empties = bool(self.typed("code"))
        self.wrong: list[Wrong] = []
        self.noted: list[Wrong] = []

    def anew(self) -> "Cells":
        """The same row, of which nothing is wrong or noted yet."""
        other = copy(self)
        other.wrong, other.noted = [], []
        return other

    def refuse(self, sentence: str, **holes: str | int) -> None:
        """Say one thing that is wrong."""
        self.wrong.append(Wrong(sentence, holes))

    def typed(self, name: str) -> str:
        """What a column without a language says; nothing when it is not there."""
        return uncelled(self.said.get(words.Column(name), ""))

    def says(self, name: str) -> bool:
        """Whether a column is there and means something in this row."""
        return words.Column(name) in self.said and (self.empties or bool(self.typed(name)))

    def titles(self) -> dict[str, str]:
        """The titles that are typed, by language."""
        return {
            column.language or self.world.language: uncelled(typed)
            for column, typed in self.said.items()
            if column.name == "title" and typed
        }

    def texts(self, name: str, there: Text, *, longest: int) -> dict[str, str]:
        """What the row says of a text, by language: of those languages only that it speaks of.

        A text that is `there` already is given back as it is there: on its way through a table it may lose letters
        that no table holds. Without a language the conference's own is meant, unless another one says just this.
        """
        found: dict[str, str] = {}
        for column, typed in self.said.items():
            if column.name != name or not (typed or self.empties):
                continue
            language = column.language or self.world.language
            if _same(typed, there.get(language, "")):
                found.setdefault(language, there.get(language, ""))
            elif column.language or not any(_same(typed, text) for text in there.values()):
                self._check_letters(typed, there.get(language, ""))
                found[language] = self._text(typed, longest) or found.get(language, "")
        return found

    def language(self) -> str:
        """The language that is typed; nothing when none is said."""
        typed = self.typed("language") or (self.world.language if self.says("language") else "")
        found = words.LANGUAGE_NAMES.get(typed.casefold(), "")
        if typed and found not in LANGUAGES:
            self.refuse(NO_LANGUAGE, typed=typed[:60])
        return found

    def speakers(self, there: Sequence[Mapping[str, object]]) -> tuple[Who, ...]:
        """Who speaks, in order. Of several people with one name those are meant who are `there`."""
        present = [int(str(one["id"])) for one in there]
        typed = self.said.get(words.Column("speakers"), "")
        listed = [self._listed(present, language) for language in LANGUAGES]
        if typed and any(_same(typed, one) for one in listed):
            return tuple(present)
        for one in dict.fromkeys(listed):
            self._check_letters(typed, one)
        found: list[Who] = []
        for name in _names(uncelled(typed), self.named):
            called = sorted(self.named.get(folded(name), ()), key=lambda one: (one not in present, one))
            meant: Who = next((one for one in called if one not in found), called[0]) if called else name
            if len(called) > 1 and meant not in present:
                self.noted.append(Wrong(NAMESAKES, {"name": name[:60]}))
            if not any(_alike(one, meant) for one in found):
                found.append(meant)
            if len(name) > SHORT:
                self.refuse(LONG_TEXT, column=_start(name), longest=SHORT)
        if len(found) > SPEAKERS:
            self.refuse(MANY_SPEAKERS, most=SPEAKERS)
        return tuple(found)

    def _text(self, typed: str, longest: int) -> str:
        text = uncelled(typed)
        if len(text) > longest:
            self.refuse(LONG_TEXT, column=_start(text), longest=longest)
        return text

    def _check_letters(self, typed: str, there: str) -> None:
        """Spreadsheets save CSV in Windows-1251 if they are let; a Kazakh letter becomes a question mark there."""
        if "?" in typed and typed == there.encode("cp1251", "replace").decode("cp1251"):
            self.refuse(LOST, typed=_start(typed), there=_start(there))

    def _listed(self, present: Sequence[int], language: str) -> str:
        """Speakers as our own table lists them."""
        return LIST_OF_NAMES.join(pick(self.world.speakers.get(who), language) for who in present)


LONGEST = {"title": SHORT, "abstract": LONG}  # characters


def _same(typed: str, text: str) -> bool:
    """Whether a cell is what our own table says of a text."""
    return typed in (clean(text), clean(as_cell(text)))


def _start(text: str) -> str:
    """The beginning of a text, to know it by."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def folded(name: str) -> str:
    """A name as it is compared."""
    return " ".join(name.casefold().split())


def _alike(one: Who, other: Who) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return folded(one) == folded(other)
    return one == other


def _names(typed: str, known: Mapping[str, Sequence[int]]) -> Iterator[str]:
    """The names of a cell; a comma parts them, unless it is part of a name that is known."""
    for one in SEVERAL.split(typed):
        for name in [one] if folded(one) in known else one.split(","):
            if name.strip():
                yield " ".join(name.split())
