"""Lists of a conference as tables for other programs: which there are, and how their bytes look. Pure."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook

from config.languages import N_, pick
from web.conferences import import_words
from web.moderation.rules import cell

Value = str | int | datetime | date | time | None
# name -> what it is called
LISTS = {
    "schedule": N_("Schedule"),
    "questions": N_("Questions"),
    "polls": N_("Polls"),
    "people": N_("People and roles"),
}
QUESTIONS = (
    *(N_("When it was asked"), N_("Channel"), N_("Session"), N_("Who asked"), N_("Question"), N_("Votes")),
    *(N_("Status"), N_("Answer"), N_("Reason")),
)
POLLS = (*(N_("Channel"), N_("Session"), N_("Poll"), N_("Status"), N_("People who voted"), N_("Option"), N_("Votes")),)
PEOPLE = (N_("Name and surname"), N_("E-mail"), N_("Roles"))
STATUSES = {
    "asked": N_("waiting"),
    "approved": N_("approved"),
    "answering": N_("being answered"),
    "answered": N_("answered"),
    "rejected": N_("rejected"),
    "merged": N_("merged with another"),
    "draft": N_("draft"),
    "open": N_("open"),
    "closed": N_("closed"),
}
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


# What no file of XML may hold, and so no spreadsheet.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LIST_OF_NAMES = "; "  # between the names of one cell


def schedule(
    sessions: Iterable[Mapping[str, Any]],
    *,
    languages: Sequence[str],
    zone: str,
    language: str,
    word: Callable[[str], str],
) -> list[list[Value]]:
    """The draft under the names that import_words.py knows: imported again as it is, it changes nothing.

    The code says which session a row is, whatever becomes of its title. A text has a column for each of the
    conference's `languages` and of those it is written in besides; names of speakers come in the reader's `language`,
    which `word` speaks.
    """
    rows = list(sessions)
    used = {one for row in rows for text in (row["title"], row["abstract"]) for one in text}
    columns = [*languages, *sorted(used.difference(languages))]
    middle = (N_("Channel"), N_("Date"), N_("Start"), N_("End"), N_("Language"), N_("Speakers"))
    heads: list[Value] = [
        word(N_("Session code")),
        *(f"{word(N_('Title'))} ({one})" for one in columns),
        *map(word, middle),
        *(f"{word(N_('Description'))} ({one})" for one in columns),
    ]
    return [heads] + [
        [
            import_words.code(row["id"]),
            *(row["title"].get(one) for one in columns),
            *(row["channel_slug"], *_place(row["starts_at"], row["ends_at"], ZoneInfo(zone)), row["language"]),
            LIST_OF_NAMES.join(pick(one["name"], language) for one in row["speakers"]),
            *(row["abstract"].get(one) for one in columns),
        ]
        for row in rows
    ]


def _place(starts_at: datetime | None, ends_at: datetime | None, zone: ZoneInfo) -> tuple[Value, Value, Value]:
    """Day, start and end; what ends on another day than it began says on which."""
    if starts_at is None or ends_at is None:
        return None, None, None
    starts, ends = (one.astimezone(zone).replace(tzinfo=None) for one in (starts_at, ends_at))
    return starts.date(), starts.time(), ends.time() if ends.date() == starts.date() else ends


def written(kind: str, name: str, rows: Iterable[Sequence[Value]]) -> bytes:
    """The file of a kind of TYPES. Times come without a zone, as clocks show them; no text is a formula."""
    safe = [[as_cell(one) if isinstance(one, str) else one for one in row] for row in rows]
    return _xlsx(name, safe) if kind == "xlsx" else _csv(safe)


def as_cell(text: str) -> str:
    """A text as every file of ours has it."""
    return cell(UNWRITABLE.sub("", text))


def _csv(rows: Iterable[Sequence[Value]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([_said(one) for one in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()  # the mark by which Excel knows UTF-8


def _said(value: Value) -> str | int | None:
    match value:
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
    return value


def _xlsx(name: str, rows: Iterable[Sequence[Value]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
