"""A day as a table: channels are columns, moments are rows, a session is a cell as high as it is long. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise
from typing import Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

QUARTER = 15 * 60  # seconds; the height of a row is counted in them
TALLEST = 8  # quarters; two empty hours say as much as ten


class Timed(Protocol):
    """What stands in a grid."""

    @property
    def id(self) -> int: ...
    @property
    def channel_id(self) -> int: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


One = TypeVar("One", bound=Timed)


@dataclass(frozen=True, slots=True)
class Cell(Generic[One]):
    """Some rows of one column: a session, or nothing."""

    session: One | None
    rows: int


@dataclass(frozen=True, slots=True)
class Line(Generic[One]):
    """One row: from a moment at which something begins or ends to the next."""

    at: datetime  # in the conference's zone
    begins: bool  # something begins here, so the time is worth saying
    quarters: int  # how high it is
    cells: Sequence[Cell[One]]  # that begin in this row


@dataclass(frozen=True, slots=True)
class Grid(Generic[One]):
    """One day. A channel is as many columns wide as it has sessions at once."""

    date: date
    columns: Sequence[tuple[int, int]]  # (channel, width)
    lines: Sequence[Line[One]]


def grids(sessions: Iterable[One], channels: Sequence[int], *, zone: str) -> list[Grid[One]]:
    """The days that have sessions. `channels` are the columns from left to right; one without sessions stays."""
    there = ZoneInfo(zone)

    def begins_on(one: One) -> date:
        return one.starts_at.astimezone(there).date()

    ordered = sorted(sessions, key=lambda one: (one.starts_at, one.id))
    return [_grid(on, list(day), channels, there) for on, day in groupby(ordered, key=begins_on)]


def _grid(on: date, day: Sequence[One], channels: Sequence[int], there: ZoneInfo) -> Grid[One]:
    moments = sorted({moment for one in day for moment in (one.starts_at, one.ends_at)})
    row = {moment: number for number, moment in enumerate(moments)}
    lanes = {channel: _lanes([one for one in day if one.channel_id == channel]) for channel in channels}
    cells: list[list[Cell[One]]] = [[] for _ in moments[1:]]
    for channel in channels:
        for lane in lanes[channel]:
            _fill(cells, lane, row)
    beginnings = {one.starts_at for one in day}
    lines = [
        Line(begin.astimezone(there), begin in beginnings, _quarters(begin, end), cells[number])
        for number, (begin, end) in enumerate(pairwise(moments))
    ]
    return Grid(on, [(channel, len(lanes[channel])) for channel in channels], lines)


def _lanes(sessions: Iterable[One]) -> list[list[One]]:
    """The sessions of a channel, in order, without an overlap in any lane; there is always one lane."""
    lanes: list[list[One]] = [[]]
    for one in sessions:
        free = next((lane for lane in lanes if not lane or lane[-1].ends_at <= one.starts_at), None)
        if free is None:
            lanes.append([one])
        else:
            free.append(one)
    return lanes


def _fill(cells: list[list[Cell[One]]], lane: Iterable[One], row: dict[datetime, int]) -> None:
    at = 0
    for one in lane:
        begins, ends = row[one.starts_at], row[one.ends_at]
        if begins > at:
            cells[at].append(Cell(None, begins - at))
        cells[begins].append(Cell(one, ends - begins))
        at = ends
    if at < len(cells):
        cells[at].append(Cell(None, len(cells) - at))


def _quarters(begin: datetime, end: datetime) -> int:
    return max(1, min(TALLEST, round((end - begin).total_seconds() / QUARTER)))
