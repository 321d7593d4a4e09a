"""Where and when an imported row puts a session. Pure; it finds no session and saves nothing."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from config.languages import N_
from web.conferences.form_rules import Wrong
from web.conferences.import_cells_rules import Cells, World
from web.conferences.schedule_rules import Place

A_DAY = timedelta(days=1)
COLUMNS = ("channel", "date", "start", "end", "duration")

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

DOTTED = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{4}))?\.?")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
MIDNIGHT = re.compile(r"[ T]00:00(?::00)?$")  # a day as spreadsheets keep it
TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?::\d{2})?")
PART_OF_DAY = re.compile(r"0?[.,]\d+")  # a time as spreadsheets keep it
LENGTH = re.compile(r"(\d{1,4})\D{0,6}")

Unsaid = Literal["unsaid"]
UNSAID: Unsaid = "unsaid"


def place(cells: Cells, there: Place | None = None) -> Place | Unsaid | None:
    """The place a row gives its session, which is `there` now; None: it takes it away; UNSAID: it says nothing.

    What the row does not speak of stays as it is: with nothing but a start, the session keeps its channel, its day and
    its length.
    """
    return _Placing(cells, there).place()


class _Placing:
    """One row's place being read."""

    def __init__(self, cells: Cells, there: Place | None) -> None:
        self.cells, self.world, self.now = cells, cells.world, there
        self.zone = ZoneInfo(cells.world.zone)

    def place(self) -> Place | Unsaid | None:
        said = [one for one in COLUMNS if self.cells.says(one)]
        if not any(self.cells.typed(one) for one in said):
            return self._emptied(said)
        channel = self._channel()
        starts = self._starts()
        ends = self._ends(starts) if starts else None
        if starts is None or ends is None or channel is None:
            return None
        found = Place(channel, starts, ends)
        return found if found == self.now or self._sensible(found) else None

    def _emptied(self, said: list[str]) -> Place | Unsaid | None:
        if self.now is None or not said:
            return UNSAID
        if "channel" in said and "start" in said:
            return None
        missing = "end" if said[0] == "duration" else said[0]
        self.cells.refuse(HALF[missing])
        return None

    def _sensible(self, found: Place) -> bool:
        if found.ends_at <= found.starts_at:
            starts, ends = found.starts_at.astimezone(self.zone), found.ends_at.astimezone(self.zone)
            self.cells.refuse(BACKWARDS, starts=f"{starts:%H:%M}", ends=f"{ends:%H:%M}")
        elif found.ends_at - found.starts_at > A_DAY:
            self.cells.refuse(TOO_LONG)
        else:
            return True
        return False

    def _kept(self, *names: str) -> Place | None:
        """Where the session is, if the row says nothing of any of these."""
        return None if any(self.cells.says(one) for one in names) else self.now

    def _channel(self) -> int | None:
        typed, kept = self.cells.typed("channel"), self._kept("channel")
        if kept:
            return kept.channel
        if not typed:
            self.cells.refuse(HALF["channel"])
            return None
        found = _channel(typed.casefold(), self.world)
        if found is None:
            offered = ", ".join(str(one["slug"]) for one in self.world.channels.values())
            self.cells.refuse(NO_CHANNEL, typed=typed[:60], channels=offered or "—")
        return found

    def _starts(self) -> datetime | None:
        typed, kept = self.cells.typed("start"), self._kept("start")
        if not typed and not kept:
            self.cells.refuse(HALF["start"])
            return None
        on, at = _halves(typed) if typed else ("", f"{self._wall(kept.starts_at):%H:%M}" if kept else "")
        day = self._day(on or self.cells.typed("date"))
        return self._moment(day, at, self.now.starts_at if self.now else None) if day else None

    def _ends(self, starts: datetime) -> datetime | None:
        typed, kept = self.cells.typed("end"), self._kept("end", "duration")
        if kept:
            return starts + (kept.ends_at - kept.starts_at)
        if not typed:
            return self._by_length(starts)
        on, at = _halves(typed)
        day = self._day(on) if on else starts.astimezone(self.zone).date()
        return self._moment(day, at, self.now.ends_at if self.now else None) if day else None

    def _by_length(self, starts: datetime) -> datetime | None:
        typed = self.cells.typed("duration")
        if not typed:
            self.cells.refuse(HALF["end"])
            return None
        minutes = LENGTH.fullmatch(typed)
        clock = TIME.fullmatch(typed)
        if clock:
            return starts + timedelta(hours=int(clock[1]), minutes=int(clock[2]))
        if not minutes:
            self.cells.refuse(NO_LENGTH, typed=typed[:60])
            return None
        return starts + timedelta(minutes=int(minutes[1]))

    def _day(self, typed: str) -> date | None:
        if not typed and (kept := self._kept("date")):
            return self._wall(kept.starts_at).date()
        if not typed and self.world.first == self.world.last:
            return self.world.first
        if not typed:
            self.cells.refuse(HALF["date"])
            return None
        found = day(typed, self.world)
        if found is None:
            self.cells.refuse(NO_DATE, typed=typed[:60])
        return found

    def _wall(self, moment: datetime) -> datetime:
        """What clocks there show, as a table writes it."""
        return moment.astimezone(self.zone).replace(second=0, microsecond=0, tzinfo=None, fold=0)

    def _moment(self, on: date, typed: str, there: datetime | None) -> datetime | None:
        minutes = minute_of_day(typed)
        if minutes is None:
            self.cells.refuse(NO_TIME, typed=typed[:60])
            return None
        on, minutes = (on + A_DAY, 0) if minutes == 24 * 60 else (on, minutes)
        wall = datetime.combine(on, time(minutes // 60, minutes % 60))
        if there and self._wall(there) == wall:  # that very moment is meant, also when clocks show it twice
            return there
        local = wall.replace(tzinfo=self.zone)
        if local.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != wall:
            self.cells.refuse(GAP, typed=f"{wall:%H:%M}")
            return None
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            self.cells.noted.append(Wrong(TWICE, {"typed": f"{wall:%H:%M}"}))
        return local.astimezone(UTC)


def _channel(typed: str, world: World) -> int | None:
    """The channel with this address, or with this name in any language."""
    for number, one in world.channels.items():
        if typed == str(one["slug"]).casefold():
            return number
    for number, one in world.channels.items():
        names = one["name"]
        if isinstance(names, dict) and typed in {str(said).casefold() for said in names.values()}:
            return number
    return None


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
