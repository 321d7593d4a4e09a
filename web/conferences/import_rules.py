"""What the rows of an imported schedule ask for, row by row. Pure; it reads no file and saves nothing.

A row with a code is that session; another is the session with its title. What it says of a session that is there is
put together by field with what was saved since its preview (merge_rules.py).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal

from config.languages import N_
from web.conferences import import_places_rules, merge_rules
from web.conferences import import_words as words
from web.conferences.form_rules import Asked, Wrong, clean
from web.conferences.import_cells_rules import LONGEST, NO_TITLE, Cells, Known, Who, World
from web.conferences.schedule_rules import Difference, Draft, Place

NO_CODE = N_("No session here has the code “%(typed)s”. Empty this cell, and the session is looked for by its title.")
SAME_CODE = N_("Row %(row)s has the same code. One of the two is another session: empty this cell there.")
REPEATED = N_("Row %(row)s says the same.")
SEVERAL = N_("Several sessions are called so: %(codes)s. Write which of them is meant into the column “Session code”.")
CALLED_SO = N_("Another session is called so, too: %(codes)s. If that is meant, write its code.")
CODES_SHOWN = 5

Value = str | Place | tuple[Who, ...] | None


@dataclass(frozen=True, slots=True)
class Change:
    """What a row changes in one field of a session that is there: "title_ru", "language", "speakers", "place"."""

    field: str
    before: Value
    after: Value
    crossed: bool = False  # somebody else has changed the same field since the preview

    @property
    def name(self) -> str:
        """Of the field, in whatever language."""
        return self.field.partition("_")[0]

    @property
    def language(self) -> str:
        """Of a text."""
        return self.field.partition("_")[2]


@dataclass(slots=True)
class Item:
    """What one row asks for: its session as it would be. With `wrong` nothing of the file is saved."""

    row: int
    title: dict[str, str] = field(default_factory=dict)
    abstract: dict[str, str] = field(default_factory=dict)
    language: str = ""
    place: Place | None = None
    speakers: Sequence[Who] = ()  # a number: known; a name: to be added
    session: int = 0  # the one that is there already
    coded: bool = False  # by its code, not by its title
    act: Literal["new", "changes", "same"] = "new"
    changes: Sequence[Change] = ()
    opened: str = ""  # the marks of what its fields held when the row was looked at
    wrong: list[Wrong] = field(default_factory=list)
    noted: list[Wrong] = field(default_factory=list)

    @property
    def moved(self) -> Difference | None:
        """What becomes of the place of a session that is there, if anything does."""
        for one in self.changes:
            if one.field == "place":
                before, after = (it if isinstance(it, Place) else None for it in (one.before, one.after))
                return Difference(self.session, before, after)
        return None

    @property
    def added(self) -> list[str]:
        """Speakers nobody knew until now; those of a row that leaves the speakers alone are none."""
        if self.act == "new" or any(one.field == "speakers" for one in self.changes):
            return [who for who in self.speakers if isinstance(who, str)]
        return []


def items(
    rows: Iterable[tuple[int, Sequence[str]]],
    columns: Mapping[int, words.Column],
    world: World,
    *,
    opened: Mapping[int, str] | None = None,
    takes: Collection[str] = (),
) -> list[Item]:
    """What each row (its number, its cells) asks for.

    `opened` are the marks of earlier: what rows left alone then they leave alone now, and what both the row and
    somebody else changed is a crossed change, unless `takes` has it ("12_title_ru": as it is there now).
    """
    named = world.by_name()
    read = [(number, Cells(cells, columns, world, named)) for number, cells in rows]
    found = [Item(number) for number, _ in read]
    pairs = [(item, cells) for item, (_, cells) in zip(found, read, strict=True)]
    sessions = _by_code(pairs, world)
    for item, cells in pairs:
        if item.coded:
            _read(item, cells, sessions[item.row], opened or {}, takes)
    _by_title(pairs, sessions, world, opened or {}, takes)
    _repeated(pairs)
    return found


def version(found: Iterable[Item]) -> str:
    """A name for what these rows would do: what was previewed is what is imported."""
    spelled = "\n".join(
        repr((one.row, one.session, one.act, [(it.field, it.after) for it in one.changes], _whole(one)))
        for one in found
    )
    return blake2b(spelled.encode(errors="replace"), digest_size=8).hexdigest()


def _whole(one: Item) -> object:
    return one.act == "new" and (one.title, one.abstract, one.language, one.place, one.speakers)


def outcome(found: Iterable[Item], world: World) -> list[Draft]:
    """The draft as it would be. A new session has the number of its row, below zero."""
    ours = {one.session or -one.row: one for one in found}
    after: list[Draft] = [one for one in world.sessions if one.id not in ours]
    for number, one in ours.items():
        known = [{"id": who, "name": world.speakers[who]} for who in one.speakers if isinstance(who, int)]
        after.append(Draft(number, one.title, one.place, known))
    return after


def _by_code(pairs: Sequence[tuple[Item, Cells]], world: World) -> dict[int, Known]:
    """The sessions of the rows that have a code, by row."""
    known = {session.id: session for session in world.sessions}
    found: dict[int, Known] = {}
    rows: dict[int, int] = {}
    for item, cells in pairs:
        typed = cells.typed("code")
        if not typed:
            continue
        session = known.get(words.coded(typed) or 0)
        if not session:
            _refuse(item, cells, NO_CODE, typed=typed[:60])
        elif session.id in rows:
            _refuse(item, cells, SAME_CODE, row=rows[session.id])
        else:
            rows[session.id] = item.row
            found[item.row] = session
            item.coded = True
    return found


def _refuse(item: Item, cells: Cells, sentence: str, **holes: str | int) -> None:
    """A row of which nobody knows what it is about: what else it says is not looked at."""
    cells.refuse(sentence, **holes)
    item.wrong, item.title = cells.wrong, cells.titles()


def _by_title(
    pairs: Sequence[tuple[Item, Cells]],
    sessions: Mapping[int, Known],
    world: World,
    opened: Mapping[int, str],
    takes: Collection[str],
) -> None:
    """The other rows: by their title, and where several are called the same, by title and place."""
    called: dict[str, list[Known]] = {}
    for session in world.sessions:
        for name in _folded(session.title):
            called.setdefault(name, []).append(session)
    without = [(item, cells) for item, cells in pairs if not cells.typed("code")]
    times = Counter(name for _, cells in without for name in _folded(cells.titles()))
    taken = {session.id for session in sessions.values()}  # sessions that another row is
    for item, cells in without:
        names = _folded(cells.titles())
        known = {it.id: it for name in names for it in called.get(name, [])}
        alone = len(known) == 1 and all(times[name] == 1 for name in names)
        meant = _meant(cells, [it for it in known.values() if it.id not in taken], alone=alone)
        if meant:
            taken.add(meant.id)
        _read(item, cells, meant, opened, takes)


def _meant(cells: Cells, known: Sequence[Known], *, alone: bool) -> Known | None:
    """Of several that it may be, it is the one that has the same title in every language, or else the oldest."""
    if not known or alone:
        return known[0] if known else None
    own = cells.anew()
    place = import_places_rules.place(own)
    there = None if place == import_places_rules.UNSAID else place
    fitting = [it for it in known if it.place == there and not own.wrong]
    if fitting:
        return min(fitting, key=lambda it: (it.title != cells.titles(), it.id))
    codes = ", ".join(words.code(it.id) for it in sorted(known, key=lambda it: it.id)[:CODES_SHOWN])
    if there is None and not own.wrong:
        cells.refuse(SEVERAL, codes=codes)
    elif there is not None:
        cells.noted.append(Wrong(CALLED_SO, {"codes": codes}))
    return None


def _repeated(pairs: Sequence[tuple[Item, Cells]]) -> None:
    """A new session that another row is already is one too many."""
    seen: dict[object, int] = {}
    for item, cells in pairs:
        title = cells.titles() or item.title
        identity = (tuple(sorted(title.items())), item.place)
        if cells.wrong:
            continue
        if item.act == "new" and identity in seen:
            cells.refuse(REPEATED, row=seen[identity])
        seen.setdefault(identity, item.row)


def _read(item: Item, cells: Cells, session: Known | None, opened: Mapping[int, str], takes: Collection[str]) -> None:
    """Fill in what a row makes of its session, or of a new one."""
    item.wrong, item.noted = cells.wrong, cells.noted
    wanted = _wanted(cells, session)
    now = {name: value(session, name) for name in wanted}
    if session is None:
        changes = [Change(name, None, after) for name, after in wanted.items()]
    else:
        item.session = session.id
        changes = _merge(item, wanted, now, opened.get(session.id), takes)
        item.changes, item.act = changes, "changes" if changes else "same"
    _fill(item, session or Known(0, {}, None, language=cells.world.language), changes)
    if not any(item.title.values()):
        cells.refuse(NO_TITLE)


def _wanted(cells: Cells, session: Known | None) -> dict[str, Value]:
    """What a row says, by field; a field it does not speak of is left out."""
    there = session or Known(0, {}, None)
    wanted: dict[str, Value] = {}
    for name, longest in LONGEST.items():
        texts = cells.texts(name, getattr(there, name), longest=longest)
        wanted |= {f"{name}_{language}": text for language, text in texts.items()}
    if language := cells.language():
        wanted["language"] = language
    place = import_places_rules.place(cells, there.place)
    if place != import_places_rules.UNSAID:
        wanted["place"] = place
    if cells.says("speakers"):
        wanted["speakers"] = cells.speakers(there.speakers)
    return wanted


def value(session: Known | None, name: str) -> Value:
    """What a session has in a field."""
    if session is None:
        return None
    text, _, language = name.partition("_")
    match text:
        case "title" | "abstract":
            return str(getattr(session, text).get(language, ""))
        case "language":
            return session.language
        case "place":
            return session.place
    return tuple(int(one["id"]) for one in session.speakers)


def _merge(
    item: Item, wanted: Mapping[str, Value], now: Mapping[str, Value], opened: str | None, takes: Collection[str]
) -> list[Change]:
    """What is to change when a row meets what somebody else has saved since it was looked at."""
    there = {name: spelled(one) for name, one in now.items()}
    marks = merge_rules.opened(there) if opened is None else opened
    taken = {f"{merge_rules.TAKE}{name}": "on" for name in wanted if f"{item.session}_{name}" in takes}
    asked = Asked({**{name: spelled(one) for name, one in wanted.items()}, merge_rules.OPENED: marks, **taken})
    merge_rules.merge(asked, there)
    crossed = {name: there[name] for name in asked.crossed}
    item.opened = " ".join(filter(None, (marks, merge_rules.opened(crossed))))  # of one field the last mark counts
    return [
        Change(name, now[name], after, name in crossed)
        for name, after in wanted.items()
        if clean(asked.fields[name]) != clean(there[name])
    ]


def spelled(one: Value) -> str:
    """The value of a field as merge_rules compares it."""
    match one:
        case Place():
            return f"{one.channel} {one.starts_at.timestamp()} {one.ends_at.timestamp()}"
        case tuple():
            return "\n".join(str(who) for who in one)
    return one or ""


def _fill(item: Item, there: Known, changes: Iterable[Change]) -> None:
    item.title, item.abstract, item.language = dict(there.title), dict(there.abstract), there.language
    item.place, item.speakers = there.place, [int(one["id"]) for one in there.speakers]
    for one in changes:
        match one.after:
            case tuple() as speakers:
                item.speakers = list(speakers)
            case Place() | None:
                item.place = one.after
            case str() as text if one.field == "language":
                item.language = text
            case str() as text:
                texts = item.title if one.field.startswith("title") else item.abstract
                texts[one.language] = text
    item.title, item.abstract = ({k: v for k, v in it.items() if v} for it in (item.title, item.abstract))


def _folded(title: Mapping[str, str]) -> set[str]:
    return {text.casefold() for text in title.values()}
