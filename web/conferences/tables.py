"""A table somebody uploads, read row by row: CSV in the encodings and separators spreadsheets write, or XLSX.

However large or broken the file is, only so many rows and letters of it are ever held. It knows no column.
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain, islice
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from config.languages import N_

ROWS = 3000  # rows with something in them; the largest conference we know has a tenth of that
EMPTY = 20_000  # rows looked at; spreadsheets like to end in thousands of empty ones
COLUMNS = 60
CELL = 20_000  # characters; twice the longest abstract
LETTERS = 12_000_000  # in all cells together; no CSV of the size we take has more
UNPACKED = 100 * 1024 * 1024  # bytes an XLSX may have inside; a bomb has gigabytes
CHUNK = 256 * 1024  # bytes looked at at once
ZIP = b"PK\x03\x04"
SEPARATORS = ";,\t"
LEAD = 20  # empty rows above the names of the columns

TOO_MANY = N_("The file has more than %(rows)s rows. Split it, and import the parts one after another.")
NO_ENCODING = N_("The letters of this file cannot be read. Save it as CSV in UTF-8, or as XLSX.")
BROKEN_CSV = N_("Row %(row)s of the file cannot be read: a quotation mark is opened there and never closed.")
BROKEN_XLSX = N_("This is not a spreadsheet we can open. Save it as XLSX or as CSV again.")
TOO_LARGE = N_("The spreadsheet is too large inside. Delete pictures and other sheets, or save it as CSV.")
EMPTY_FILE = N_("The file is empty.")


class Unreadable(Exception):
    """The file is no table; a sentence (English, translated when shown) and what fills its holes."""

    def __init__(self, sentence: str, **holes: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.holes = holes


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` is the one a spreadsheet shows beside it."""

    number: int
    cells: Sequence[str]


def read(file: IO[bytes], known: Callable[[Sequence[str]], int]) -> list[Row]:
    """The rows that have something in them. Raises Unreadable. It takes a while: call it in a thread.

    `known` says how many names of columns it knows in a first row: so the separator is found.
    """
    file.seek(0)
    found = _xlsx(file) if file.read(len(ZIP)) == ZIP else _csv(file, known)
    rows: list[Row] = []
    letters = 0
    with closing(found):
        for number, cells in islice(enumerate(found, 1), EMPTY):
            clean = [one[:CELL].strip() for one in islice(cells, COLUMNS)]
            while clean and not clean[-1]:
                clean.pop()
            if clean:
                rows.append(Row(number, clean))
            letters += sum(map(len, clean))
            if letters > LETTERS:  # a spreadsheet keeps a text that comes often once
                raise Unreadable(TOO_LARGE)
            if len(rows) > ROWS + 1:  # the first one has the names
                raise Unreadable(TOO_MANY, rows=ROWS)
    if not rows:
        raise Unreadable(EMPTY_FILE)
    return rows


def _csv(file: IO[bytes], known: Callable[[Sequence[str]], int]) -> Generator[list[str], None, None]:
    encoding = _encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        first = [text.readline(CELL)]
        while len(first) < LEAD and first[-1] and not first[-1].strip(f"{SEPARATORS} \r\n"):
            first.append(text.readline(CELL))
        if first[-1].lower().startswith("sep="):  # a word from Excel to itself
            first = [text.readline(CELL)]
        separator = max(SEPARATORS, key=lambda one: known(next(csv.reader(first[-1:], delimiter=one), [])))
        yield from _lines(chain(first, text), separator)
    finally:
        text.detach()


def _lines(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    reader, row = csv.reader(lines, delimiter=separator), 0
    while True:
        row += 1
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell of more than 131,072 letters
            raise Unreadable(BROKEN_CSV, row=row) from None


def _encoding(file: IO[bytes]) -> str:
    """UTF-8 or UTF-16 when the file says so, UTF-8 when it is, else Windows-1251: what Excel in Russia writes."""
    file.seek(0)
    start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _tried(file, "utf-16")
    return _tried(file, "utf-8-sig", "cp1251")


def _tried(file: IO[bytes], *encodings: str) -> str:
    for encoding in encodings:
        file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while chunk := file.read(CHUNK):
                if "\0" in decoder.decode(chunk):
                    break  # no text, whatever it is
            else:
                decoder.decode(b"", final=True)
                return encoding
        except UnicodeError:
            continue
    raise Unreadable(NO_ENCODING)


def _xlsx(file: IO[bytes]) -> Generator[list[str], None, None]:
    try:
        with zipfile.ZipFile(file) as packed:
            if sum(one.file_size for one in packed.infolist()) > UNPACKED:
                raise Unreadable(TOO_LARGE)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what it says of its size is often wrong
            for cells in sheet.iter_rows(values_only=True, max_col=COLUMNS):
                yield [_said(one) for one in cells]
        finally:
            book.close()
    except (
        *(zipfile.BadZipFile, InvalidFileException, ParseError, NotImplementedError),
        *(KeyError, ValueError, IndexError, AttributeError, TypeError, OSError, EOFError),
    ):  # openpyxl's ways to say that something is not as it should be
        raise Unreadable(BROKEN_XLSX) from None


def _said(value: Any) -> str:
    """A cell as somebody would have typed it."""
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="minutes")
        case float() if value.is_integer():
            return str(int(value))
    return str(value)
