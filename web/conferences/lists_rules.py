"""Lists of a conference as tables for other programs: which there are, and how their bytes look. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from openpyxl import Workbook

from config.languages import N_
from web.moderation.rules import cell

Value = str | int | datetime | None
# name -> what it is called, and its columns
LISTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sessions": (
        N_("Sessions"),
        (N_("Title"), N_("Channel"), N_("Start"), N_("End"), N_("Language"), N_("Speakers"), N_("Description")),
    ),
    "questions": (
        N_("Questions"),
        (
            *(
                N_("When it was asked"),
                N_("Channel"),
                N_("Session"),
                N_("Who asked"),
                N_("Question"),
                N_("Votes"),
                N_("Status"),
            ),
            *(N_("Answer"), N_("Reason")),
        ),
    ),
    "polls": (
        N_("Polls"),
        (N_("Channel"), N_("Session"), N_("Poll"), N_("Status"), N_("People who voted"), N_("Option"), N_("Votes")),
    ),
    "people": (N_("People and roles"), (N_("Name and surname"), N_("E-mail"), N_("Roles"))),
}
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


def written(kind: str, name: str, rows: Iterable[Sequence[Value]]) -> bytes:
    """The file of a kind of TYPES. Times come without a zone, as clocks show them; no text is a formula."""
    safe = [[cell(one) if isinstance(one, str) else one for one in row] for row in rows]
    return _xlsx(name, safe) if kind == "xlsx" else _csv(safe)


def _csv(rows: Iterable[Sequence[Value]]) -> bytes:
    out = io.StringIO()
    said = ([f"{one:%Y-%m-%d %H:%M}" if isinstance(one, datetime) else one for one in row] for row in rows)
    csv.writer(out).writerows(said)
    return b"\xef\xbb\xbf" + out.getvalue().encode()  # the mark by which Excel knows UTF-8


def _xlsx(name: str, rows: Iterable[Sequence[Value]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
