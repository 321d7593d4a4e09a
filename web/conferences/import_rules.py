"""What the rows of an imported schedule mean, and what is wrong with each. Pure; it reads no file and saves nothing."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Literal
from zoneinfo import ZoneInfo

from config.languages import LANGUAGES, N_
from web.conferences import import_words as words
from web.conferences.form_rules import LONG, SHORT, Wrong, clean
from web.conferences.schedule_rules import Draft, Place
from web.moderation.rules import uncelled

A_DAY = timedelta(days=1)
SPEAKERS = 20  # of one session

NO_TITLE = N_("The title is missing.")
LONG_TEXT = N_("“%(column)s” is longer than %(longest)s characters.")
NO_CHANNEL = N_("There is no channel “%(typed)s” here. Channels: %(channels)s.")
# A session has all of these or none of them.
HALF = {
    "channel": N_("The channel is missing. A session without a time has neither channel nor times."),
    "date": N_("The day is missing. A session without a time has neither channel nor times."),
    "start": N_("The start is missing. A session without a time has neither channel nor times."),
    "end": N_("The end or the length in minutes is missing."),
}
NO_DATE = N_("“%(typed)s” is no day. Write it like 24.11.2026 or 2026-11-24.")
NO_TIME = N_("“%(typed)s” is no time of day. Write it like 09:30.")
NO_LENGTH = N_("“%(typed)s” is no length in minutes. Write it like 45.")
BACKWARDS = N_("It ends at %(ends)s, and begins only at %(starts)s.")
TOO_LONG = N_("It lasts longer than a day.")
GAP = N_("%(typed)s does not exist on that day in this zone: the clocks are put forward.")
TWICE = N_("%(typed)s comes twice on that day, the clocks are put back: the first one is meant.")
NO_LANGUAGE = N_("“%(typed)s” is no language of ours. Write ru, kk or en.")
REPEATED = N_("Row %(row)s says the same.")
MANY_SPEAKERS = N_("More than %(most)s speakers.")

DOTTED = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{4}))?\.?")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
MIDNIGHT = re.compile(r"[ T]00:00(?::00)?$")  # a day as spreadsheets keep it
TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?::\d{2})?")
PART_OF_DAY = re.compile(r"0?[.,]\d+")  # a time as spreadsheets keep it
LENGTH = re.compile(r"(\d{1,4})\D{0,6}")
SEVERAL = re.compile(r"[;\n]")


@dataclass(frozen=True, slots=True)
class World:
    """What there is already, which rows refer to."""

    zone: str
    first: date
    last: date
    language: str  # the default one
    channels: Mapping[int, Mapping[str, object]]  # {"slug", "name"} by id
    sessions: Sequence[Draft]
    speakers: Mapping[int, Mapping[str, str]]  # names by id


@dataclass(slots=True)
class Item:
    """What one row asks for. With `wrong` nothing of the file is saved; `noted` is only to be known."""

    row: int
    title: dict[str, str] = field(default_factory=dict)
    abstract: dict[str, str] = field(default_factory=dict)
    language: str = ""
    place: Place | None = None
    speakers: list[int | str] = field(default_factory=list)  # a number: known; a name: to be added
    session: int = 0  # the one that is there already
    act: Literal["new", "moves", "same"] = "new"
    wrong: list[Wrong] = field(default_factory=list)
    noted: list[Wrong] = field(default_factory=list)

    def refuse(self, sentence: str, **holes: str | int) -> None:
        """Say one thing that is wrong."""
        self.wrong.append(Wrong(sentence, holes))


def items(rows: Iterable[tuple[int, Sequence[str]]], columns: Mapping[int, words.Column], world: World) -> list[Item]:
    """What each row (its number, its cells) asks for."""
    found = [_Reading(number, cells, columns, world).item for number, cells in rows]
    _match(found, world)
    return found


def version(found: Iterable[Item]) -> str:
    """A name for what these rows would do: what was previewed is what is imported."""
    spelled = "\n".join(
        repr((one.row, one.title, one.abstract, one.language, one.place, one.speakers, one.session, one.act))
        for one in found
    )
    return blake2b(spelled.encode(errors="replace"), digest_size=8).hexdigest()


def outcome(found: Iterable[Item], world: World) -> list[Draft]:
    """The draft as it would be. A new session has the number of its row, below zero."""
    ours = {one.session or -one.row: one for one in found}
    after = [
        Draft(one.id, one.title, ours[one.id].place if one.id in ours else one.place, one.speakers)
        for one in world.sessions
    ]
    for number, one in ours.items():
        if number < 0:
            known = [{"id": who, "name": world.speakers[who]} for who in one.speakers if isinstance(who, int)]
            after.append(Draft(number, one.title, one.place, known))
    return after


class _Reading:
    """One row being read."""

    def __init__(self, number: int, cells: Sequence[str], columns: Mapping[int, words.Column], world: World) -> None:
        self.item = Item(number)
        self.world = world
        self.there = ZoneInfo(world.zone)
        self.cells = {
            column: clean(uncelled(cells[at])) for at, column in columns.items() if at < len(cells) and cells[at]
        }
        self.item.title = self._texts("title", SHORT)
        self.item.abstract = self._texts("abstract", LONG)
        if not self.item.title:
            self.item.refuse(NO_TITLE)
        self.item.language = self._language()
        self.item.place = self._place()
        self._speakers()

    def _typed(self, name: str) -> str:
        return self.cells.get(words.Column(name), "")

    def _texts(self, name: str, longest: int) -> dict[str, str]:
        said = {
            column.language or self.world.language: text for column, text in self.cells.items() if column.name == name
        }
        for column, text in self.cells.items():
            if column.name == name and len(text) > longest:
                self.item.refuse(LONG_TEXT, column=f"{text[:30]}…", longest=longest)
        return said

    def _language(self) -> str:
        typed = self._typed("language")
        if not typed:
            return self.world.language
        found = words.LANGUAGE_NAMES.get(typed.casefold(), "")
        if found not in LANGUAGES:
            self.item.refuse(NO_LANGUAGE, typed=typed[:60])
        return found

    def _speakers(self) -> None:
        known = {name.casefold(): who for who, names in self.world.speakers.items() for name in names.values()}
        names = [
            " ".join(name.split())
            for one in SEVERAL.split(self._typed("speakers"))
            for name in ([one] if " ".join(one.casefold().split()) in known else one.split(","))
        ]
        for name in dict.fromkeys(one for one in names if one):
            self.item.speakers.append(known.get(name.casefold(), name))
            if len(name) > SHORT:
                self.item.refuse(LONG_TEXT, column=f"{name[:30]}…", longest=SHORT)
        if len(self.item.speakers) > SPEAKERS:
            self.item.refuse(MANY_SPEAKERS, most=SPEAKERS)

    def _place(self) -> Place | None:
        if not any(self._typed(one) for one in ("channel", "date", "start", "end", "duration")):
            return None
        channel = self._channel()
        starts = self._starts()
        ends = self._ends(starts) if starts else None
        if starts is None or ends is None:
            return None
        if ends <= starts:
            local = (starts.astimezone(self.there), ends.astimezone(self.there))
            self.item.refuse(BACKWARDS, starts=f"{local[0]:%H:%M}", ends=f"{local[1]:%H:%M}")
            return None
        if ends - starts > A_DAY:
            self.item.refuse(TOO_LONG)
            return None
        return Place(channel, starts, ends) if channel is not None else None

    def _channel(self) -> int | None:
        typed = self._typed("channel")
        if not typed:
            self.item.refuse(HALF["channel"])
            return None
        for number, one in self.world.channels.items():
            name = one["name"]
            names = [*name.values()] if isinstance(name, Mapping) else []
            if typed.casefold() in {str(said).casefold() for said in (one["slug"], *names)}:
                return number
        offered = ", ".join(str(one["slug"]) for one in self.world.channels.values())
        self.item.refuse(NO_CHANNEL, typed=typed[:60], channels=offered or "—")
        return None

    def _starts(self) -> datetime | None:
        typed = self._typed("start")
        if not typed:
            self.item.refuse(HALF["start"])
            return None
        on, at = _halves(typed)
        day = self._day(on or self._typed("date"))
        return self._moment(day, at) if day else None

    def _ends(self, starts: datetime) -> datetime | None:
        typed = self._typed("end")
        if not typed:
            return self._by_length(starts)
        on, at = _halves(typed)
        day = self._day(on) if on else starts.astimezone(self.there).date()
        return self._moment(day, at) if day else None

    def _by_length(self, starts: datetime) -> datetime | None:
        typed = self._typed("duration")
        if not typed:
            self.item.refuse(HALF["end"])
            return None
        minutes = LENGTH.fullmatch(typed)
        clock = TIME.fullmatch(typed)
        if clock:
            return starts + timedelta(hours=int(clock[1]), minutes=int(clock[2]))
        if not minutes:
            self.item.refuse(NO_LENGTH, typed=typed[:60])
            return None
        return starts + timedelta(minutes=int(minutes[1]))

    def _day(self, typed: str) -> date | None:
        if not typed and self.world.first == self.world.last:
            return self.world.first
        if not typed:
            self.item.refuse(HALF["date"])
            return None
        found = day(typed, self.world)
        if found is None:
            self.item.refuse(NO_DATE, typed=typed[:60])
        return found

    def _moment(self, on: date, typed: str) -> datetime | None:
        minutes = minute_of_day(typed)
        if minutes is None:
            self.item.refuse(NO_TIME, typed=typed[:60])
            return None
        on, minutes = (on + A_DAY, 0) if minutes == 24 * 60 else (on, minutes)
        wall = datetime.combine(on, time(minutes // 60, minutes % 60))
        local = wall.replace(tzinfo=self.there)
        if local.astimezone(UTC).astimezone(self.there).replace(tzinfo=None) != wall:
            self.item.refuse(GAP, typed=f"{wall:%H:%M}")
            return None
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            self.item.noted.append(Wrong(TWICE, {"typed": f"{wall:%H:%M}"}))
        return local.astimezone(UTC)


def day(typed: str, world: World) -> date | None:
    """The day somebody typed; without a year the conference's own."""
    text = MIDNIGHT.sub("", typed.strip())
    found = ISO.fullmatch(text)
    if found:
        return _date(int(found[1]), int(found[2]), int(found[3]))
    found = DOTTED.fullmatch(text)
    if not found:
        return None
    if found[3]:
        return _date(int(found[3]), int(found[2]), int(found[1]))
    years = dict.fromkeys((world.first.year, world.last.year))
    found_days = [one for year in years if (one := _date(year, int(found[2]), int(found[1])))]
    return next((one for one in found_days if world.first <= one <= world.last), next(iter(found_days), None))


def minute_of_day(typed: str) -> int | None:
    """The minutes since midnight that somebody typed; 1440 for the end of the day."""
    if PART_OF_DAY.fullmatch(typed):
        return round(float(f"0{typed.replace(',', '.').removeprefix('0')}") * 24 * 60)
    found = TIME.fullmatch(typed)
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2])
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= 24 * 60 else None


def _halves(typed: str) -> tuple[str, str]:
    """The day and the time of a cell that may have both: "24.11.2026 10:00"."""
    on, _, at = typed.replace("T", " ", 1).rpartition(" ")
    return on.strip(), at


def _date(year: int, month: int, day_of_month: int) -> date | None:
    try:
        return date(year, month, day_of_month)
    except ValueError:
        return None


def _match(found: Sequence[Item], world: World) -> None:
    """Find what is there already: by its title, and where several are called the same, by title and place."""
    by_title: dict[str, list[Draft]] = {}
    for session in world.sessions:
        for name in {title.casefold() for title in session.title.values()}:
            by_title.setdefault(name, []).append(session)
    times = Counter(name for one in found for name in {title.casefold() for title in one.title.values()})
    seen: dict[tuple[object, ...], int] = {}
    taken: set[int] = set()  # sessions that an earlier row is
    for one in found:
        identity = (tuple(sorted(one.title.items())), one.place)
        _find(one, by_title, times, taken)
        taken.add(one.session)
        if one.title and one.act == "new" and identity in seen:
            one.refuse(REPEATED, row=seen[identity])
        seen.setdefault(identity, one.row)


def _find(one: Item, by_title: Mapping[str, list[Draft]], times: Mapping[str, int], taken: Collection[int]) -> None:
    """Of several that it may be, it is the one that has the same title in every language, or else the oldest."""
    names = {title.casefold() for title in one.title.values()}
    called = {session.id: session for name in names for session in by_title.get(name, [])}
    alone = len(called) == 1 and all(times[name] == 1 for name in names)
    fitting = [it for it in called.values() if it.id not in taken and (alone or it.place == one.place)]
    if fitting:
        session = min(fitting, key=lambda it: (it.title != one.title, it.id))
        one.session = session.id
        one.act = "same" if session.place == one.place or one.place is None else "moves"
        one.place = one.place or session.place
