"""What a landing page is made of: the kinds of blocks, what each holds, how its form is read and shown. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from config.languages import LANGUAGES, N_
from web.conferences.form_rules import Crossing, Wrong, clean, number

THEMES = ("paper", "steppe", "birch", "river")
Shape = Literal["line", "lines", "markdown", "address", "picture"]
Text = Mapping[str, str]  # by language
Content = dict[str, Any]

BLOCKS_AT_MOST = 40  # on one page; nobody scrolls further
ROWS_AT_MOST = 40  # prices, partners or answers in one block
LINE, LINES, MARKDOWN = 140, 400, 10_000  # characters
ADDRESS = 500
SCHEMES = ("http", "https", "mailto", "tel")
# What has a scheme or a host of its own; "example.org/path" is meant as one.
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d+(?:/|$))")
BARE_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?(?:[/?#].*)?")
HIDDEN_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
TOO_LONG = N_("At most %(most)s characters, please; there are %(has)s now.")
NO_LINK = N_("A link begins with https://, or with / when it leads to a page of this site.")
NO_PICTURE = N_("This picture is not here any more. Choose another one.")
NO_NAME = N_("This line is empty, and without it nobody would understand the rest.")
ROW = re.compile(r"rows-(\d{1,2})-")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a form asks for; `label` and `hint` are English and translated when shown."""

    name: str
    label: str
    shape: Shape = "line"
    hint: str = ""
    needed: bool = False  # a row without it is none

    @property
    def by_language(self) -> bool:
        """Whether each language has its own."""
        return self.shape in ("line", "lines", "markdown")

    @property
    def at_most(self) -> int:
        """Characters it may have."""
        return {"line": LINE, "lines": LINES, "markdown": MARKDOWN, "address": ADDRESS, "picture": 128}[self.shape]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of block: what it is called, what it is for, what it holds, and what each of its rows holds."""

    name: str
    label: str
    purpose: str
    fields: tuple[Field, ...]
    rows: tuple[Field, ...] = ()
    row: str = ""  # what one row is called
    add_row: str = ""
    once: bool = False  # one on a page is enough


TITLE = Field("title", N_("Heading"))
LEAD = Field("lead", N_("A line under the heading"), "lines")
PICTURE = Field("picture", N_("Picture"), "picture")

# The heading over what organisers say about a conference, until they write their own.
ABOUT: Text = {"ru": "О конференции", "en": "About the conference", "kk": "Конференция туралы"}

KINDS = {
    one.name: one
    for one in (
        Kind(
            "hero",
            N_("Opening"),
            N_("The name in large letters, the dates and the first button"),
            (
                Field("title", N_("Heading"), hint=N_("Empty: the name of the conference.")),
                Field("lead", N_("A line under the heading"), "lines", N_("Empty: the tagline of the conference.")),
                Field("button", N_("What the button says"), hint=N_("For example: Take part")),
                Field("address", N_("Where the button leads"), "address"),
                PICTURE,
            ),
            once=True,
        ),
        Kind(
            "text",
            N_("Text"),
            N_("A heading and paragraphs, with a picture if you like"),
            (
                TITLE,
                Field(
                    "body",
                    N_("Words"),
                    "markdown",
                    N_("An empty line begins a paragraph. **bold**, *italic*, [a link](https://…), - a list."),
                ),
                PICTURE,
            ),
        ),
        Kind(
            "speakers",
            N_("Speakers"),
            N_("Whoever speaks in the released schedule or is shown already"),
            (TITLE, LEAD),
            once=True,
        ),
        Kind(
            "programme",
            N_("Programme"),
            N_("What is on and what comes next, from the released schedule"),
            (TITLE, LEAD),
            once=True,
        ),
        Kind(
            "prices",
            N_("Prices"),
            N_("What taking part costs, by hand"),
            (TITLE, LEAD),
            (
                Field("name", N_("What it is"), hint=N_("For example: Two days online"), needed=True),
                Field("price", N_("Price"), hint=N_("As it is to be read: 4,900 ₽ or free")),
                Field("about", N_("What is included"), "lines"),
                Field("address", N_("Where to get it"), "address"),
            ),
            N_("Way of taking part"),
            N_("One more way of taking part"),
        ),
        Kind(
            "partners",
            N_("Partners"),
            N_("Names, links and pictures of those who help"),
            (TITLE, LEAD),
            (
                Field("name", N_("Name"), needed=True),
                Field("address", N_("Link"), "address"),
                PICTURE,
            ),
            N_("Partner"),
            N_("One more partner"),
        ),
        Kind(
            "faq",
            N_("Questions and answers"),
            N_("What everybody asks before they come"),
            (TITLE, LEAD),
            (
                Field("question", N_("Question"), needed=True),
                Field("answer", N_("Answer"), "markdown"),
            ),
            N_("Question"),
            N_("One more question"),
        ),
    )
}


@dataclass(slots=True)
class Draft:
    """A block as a form describes it: what may be kept, what was typed, what is wrong and what others changed, too."""

    kind: Kind
    content: Content
    typed: dict[str, str]
    rows: int  # that the form shows
    wrong: dict[str, Wrong] = field(default_factory=dict)
    crossed: dict[str, Crossing] = field(default_factory=dict)


def read(kind: Kind, form: Mapping[str, str], *, languages: Sequence[str], pictures: Collection[str]) -> Draft:
    """The block of a posted form. `pictures` are the digests this conference has."""
    count = min(rows_of(form), ROWS_AT_MOST) if kind.rows else 0
    typed = {name: _text(form, name, one) for name, one, _ in _spelled(kind, languages, count)}
    draft = Draft(kind, {}, typed, count)
    for name, one, _ in _spelled(kind, languages, count):
        _judge(draft, name, one, pictures)
    draft.content = _content(kind.fields, typed, "", languages)
    if kind.rows:
        rows = [_content(kind.rows, typed, f"rows-{number}-", languages) for number in range(count)]
        for number, row in enumerate(rows):
            _judge_row(draft, row, number, languages[0])
        draft.content["rows"] = [row for row in rows if row]
    return draft


def form(kind: Kind, content: Content, *, languages: Sequence[str], more: int = 0) -> Draft:
    """A kept block as its form shows it, with so many empty rows at the end."""
    rows = content.get("rows", []) if kind.rows else []
    count = min(len(rows) + more, ROWS_AT_MOST) if kind.rows else 0
    typed = {}
    for name, one, language in _spelled(kind, languages, count):
        number = ROW.match(name)
        holder = content if number is None else _at(rows, int(number[1]))
        kept = holder.get(one.name, {} if one.by_language else "")
        typed[name] = kept.get(language, "") if one.by_language else kept
    return Draft(kind, content, typed, count)


def rearranged(draft: Draft, act: str) -> Draft:
    """The same with a row more ("more"), fewer ("drop:2") or elsewhere ("up:2", "down:2"). Nothing is kept by this."""
    what, _, at = act.partition(":")
    order = list(range(draft.rows))
    place = number(at)
    if what == "more" and draft.rows < ROWS_AT_MOST:
        order.append(draft.rows)
    elif place is not None and place < len(order):
        order.pop(place)
        if what != "drop":
            order.insert(max(0, place + {"up": -1, "down": 1}.get(what, 0)), place)
    return Draft(draft.kind, draft.content, _renumbered(draft.typed, order), len(order))


def rows_of(form: Iterable[str]) -> int:
    """How many rows a form with these fields has."""
    return max((int(found[1]) + 1 for found in map(ROW.match, form) if found), default=0)


def picture_fields(kind: Kind, form: Mapping[str, str]) -> list[str]:
    """The names of the fields in which a posted form chooses a picture."""
    return [name for name, one, _ in _spelled(kind, (), min(rows_of(form), ROWS_AT_MOST)) if one.shape == "picture"]


def address(text: str) -> str | None:
    """An address that may stand in a link, mended where it is plain what was meant; None when it may not."""
    text = text.strip()
    if HIDDEN_IN_ADDRESS.search(text) or text.startswith("//"):
        return None
    if text.startswith(("/", "#")):
        return text
    if BARE_HOST.fullmatch(text):
        text = f"https://{text}"
    if not SCHEME.match(text):
        return None
    try:
        found = urlsplit(text)
        host = found.hostname
    except ValueError:  # brackets of an IPv6 address that do not close
        return None
    if found.scheme not in SCHEMES or (found.scheme in ("http", "https") and not host):
        return None
    return text


def spoken(text: Text | None, language: str, default: str) -> str:
    """The reader's language of a text, or the conference's, or whichever there is."""
    held = text or {}
    return next((held[one] for one in (language, default, *LANGUAGES, *held) if held.get(one)), "")


def shown(kind: Kind, content: Content, *, language: str, default: str) -> dict[str, Any]:
    """A block's words as one reader reads them; an address that may not stand in a link is left out."""

    def said(fields: Iterable[Field], holder: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in fields:
            kept = holder.get(one.name)
            if one.by_language:
                found[one.name] = spoken(kept, language, default)
            else:
                found[one.name] = (address(kept) if kept and one.shape == "address" else kept) or ""
        return found

    return {**said(kind.fields, content), "rows": [said(kind.rows, row) for row in content.get("rows", [])]}


def page_of(blocks: Sequence[Mapping[str, Any]], about: Text) -> list[Mapping[str, Any]]:
    """What visitors see of these blocks; a page of which nothing would be left is the one by itself."""
    visible = [one for one in blocks if not one["hidden"]]
    return visible or [{"id": 0, "kind": kind, "content": content, "hidden": False} for kind, content in itself(about)]


def itself(about: Text) -> list[tuple[str, Content]]:
    """The page that a conference has by itself, from what its organisers said elsewhere: kinds and contents."""
    said = [("text", {"title": ABOUT, "body": dict(about)})] if any(about.values()) else []
    return [("hero", {}), *said, ("speakers", {}), ("programme", {})]


def tried(blocks: Sequence[Mapping[str, Any]], block: str, draft: Draft) -> list[Mapping[str, Any]]:
    """The page with a block as its form has it now, in its place, or at the end when it is new."""
    typed = {"id": 0, "kind": draft.kind.name, "content": draft.content, "hidden": False}
    if block not in {str(one["id"]) for one in blocks}:
        return [*blocks, typed]
    return [{**typed, "id": one["id"]} if str(one["id"]) == block else one for one in blocks]


def may_add(kinds: Collection[str], name: str) -> bool:
    """Whether a page with blocks of these kinds may have one more of this kind."""
    kind = KINDS.get(name)
    return kind is not None and len(kinds) < BLOCKS_AT_MOST and not (kind.once and name in kinds)


def moved(order: Sequence[int], block: int, act: str) -> list[int]:
    """The order after a block went one place up or down."""
    if block not in order:
        return list(order)
    place = order.index(block)
    rest = [one for one in order if one != block]
    rest.insert(max(0, place + (-1 if act == "up" else 1)), block)
    return rest


def together(*forms: Mapping[str, str]) -> list[list[str]]:
    """The fields of these forms that are one thing: the rows, whose numbers mean nothing by themselves."""
    return [sorted({name for form in forms for name in form if ROW.match(name)})]


def missing(draft: Draft, languages: Sequence[str]) -> dict[str, int]:
    """By language, how many texts other languages have and it has not."""
    stems = {name.rpartition("-")[0] for name, one, _ in _spelled(draft.kind, languages, draft.rows) if one.by_language}
    said = {stem for stem in stems if any(draft.typed.get(f"{stem}-{one}") for one in languages)}
    return {one: sum(not draft.typed.get(f"{stem}-{one}") for stem in said) for one in languages}


def _spelled(kind: Kind, languages: Sequence[str], rows: int) -> Iterator[tuple[str, Field, str]]:
    """Every field of a form: its name, what it is, and its language ("" when it has none)."""
    of_rows = ((f"rows-{number}-", one) for number in range(rows) for one in kind.rows)
    for prefix, one in (*(("", one) for one in kind.fields), *of_rows):
        if not one.by_language:
            yield f"{prefix}{one.name}", one, ""
        else:
            yield from ((f"{prefix}{one.name}-{language}", one, language) for language in languages)


def _text(form: Mapping[str, str], name: str, one: Field) -> str:
    text = clean(form.get(name, ""))
    return " ".join(text.split()) if one.shape == "line" else text


def _judge(draft: Draft, name: str, one: Field, pictures: Collection[str]) -> None:
    text = draft.typed[name]
    if len(text) > one.at_most:
        draft.wrong[name] = Wrong(TOO_LONG, {"most": one.at_most, "has": len(text)})
    elif one.shape == "address" and text:
        mended = address(text)
        if mended is None:
            draft.wrong[name] = Wrong(NO_LINK)
        draft.typed[name] = mended or text
    elif one.shape == "picture" and text and text not in pictures:
        draft.wrong[name] = Wrong(NO_PICTURE)


def _judge_row(draft: Draft, row: Content, number: int, language: str) -> None:
    for one in draft.kind.rows:
        if one.needed and row and one.name not in row:
            draft.wrong[f"rows-{number}-{one.name}-{language}"] = Wrong(NO_NAME)


def _content(fields: Iterable[Field], typed: Mapping[str, str], prefix: str, languages: Sequence[str]) -> Content:
    """What was typed as it is kept: without what is empty."""
    found: Content = {}
    for one in fields:
        if one.by_language:
            texts = {language: typed[f"{prefix}{one.name}-{language}"] for language in languages}
            kept: Any = {language: text for language, text in texts.items() if text}
        else:
            kept = typed[f"{prefix}{one.name}"]
        if kept:
            found[one.name] = kept
    return found


def _renumbered(typed: Mapping[str, str], order: Sequence[int]) -> dict[str, str]:
    places = {before: after for after, before in enumerate(order)}
    found = {}
    for name, text in typed.items():
        number = ROW.match(name)
        if number is None:
            found[name] = text
        elif int(number[1]) in places:
            found[f"rows-{places[int(number[1])]}-{name[number.end() :]}"] = text
    return found


def _at(rows: Sequence[Mapping[str, Any]], number: int) -> Mapping[str, Any]:
    return rows[number] if number < len(rows) else {}
