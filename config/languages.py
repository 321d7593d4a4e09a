"""The languages of the product: sentences, plurals, dates and numbers as each one writes them. It never asks who reads.

Sentences in code and templates are English and are the keys of config/locale/<language>/*.po (GNU gettext), a file for
each part of the product; Babel reads them at start, so there is nothing to compile.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_location
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

LANGUAGES = ("ru", "en", "kk")  # in the order a text falls back through
OWN_NAMES = {"ru": "Русский", "en": "English", "kk": "Қазақша"}
LOCALES = Path(__file__).parent / "locale"

# CLDR has intervals with short month names only; a heading wants the long ones.
WITH_YEAR = {"ru": "{days} {year}\u00a0г.", "en": "{days} {year}", "kk": "{year}\u00a0ж. {days}"}

# One entry of Accept-Language (RFC 9110, 12.5.4): a tag and its weight.
ENTRY = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?\s*")


def N_(msgid: str) -> str:
    """Mark a sentence that is translated later, when its reader is known."""
    return msgid


def NN_(singular: str, plural: str) -> tuple[str, str]:
    """Mark a counted sentence that is translated later."""
    return singular, plural


@cache
def translations(language: str) -> Translations:
    """The catalogue of one language; a sentence it lacks comes back in English."""
    whole = Catalog(locale=language)
    for part in sorted((LOCALES / language).glob("*.po")):
        with part.open("rb") as source:
            for message in read_po(source, locale=language):
                if message.id:
                    whole[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return Translations(compiled)


def choose(accept_language: str | None, default: str) -> str:
    """The language of ours that a browser's Accept-Language likes best, or `default` when it likes none."""
    liked: dict[str, float] = {}
    for entry in (accept_language or "").split(","):
        found = ENTRY.fullmatch(entry)
        if found and found[1].lower() in LANGUAGES:
            liked.setdefault(found[1].lower(), float(found[2] or 1))
    best = max(liked, key=lambda language: liked[language], default=default)
    return best if liked.get(best, 1) > 0 else default


def pick(text: Mapping[str, str] | str | None, language: str) -> str:
    """The reader's language of a text kept as {"ru": "...", "en": "..."}, or the first that is there."""
    if text is None or isinstance(text, str):
        return text or ""
    return next((text[one] for one in (language, *LANGUAGES, *text) if text.get(one)), "")


def clock(when: datetime, zone: str, language: str) -> str:
    """The time of day in an event's zone: 09:05. One shape in every language, so that columns align."""
    return format_datetime(when, "HH:mm", tzinfo=ZoneInfo(zone), locale=language)


def day(when: date, language: str) -> str:
    """A day with its weekday: Sunday, 22 November."""
    return format_date(when, "EEEE, d MMMM", locale=language)


def weekday(when: date, language: str) -> str:
    """A day of the week, short: Sun."""
    return format_date(when, "EEE", locale=language)


def short_date(when: date, language: str) -> str:
    """A day, short: Sun, 22 Nov."""
    return format_date(when, "EEE, d MMM", locale=language)


def short_day(when: datetime, zone: str, language: str) -> str:
    """The day a moment belongs to in a zone, short: Sun, 22 Nov."""
    return format_datetime(when, "EEE, d MMM", tzinfo=ZoneInfo(zone), locale=language)


def date_range(start: date, end: date, language: str) -> str:
    """One day or several, saying nothing twice: 22–24 November 2026."""
    if start == end:
        days = _day_month(start, language)
    elif start.year != end.year:
        return f"{date_range(start, start, language)} – {date_range(end, end, language)}"
    elif start.month == end.month:
        days = f"{start.day}–{_day_month(end, language)}"
    else:
        days = f"{_day_month(start, language)} – {_day_month(end, language)}"
    return WITH_YEAR[language].format(days=days, year=end.year)


def moment(when: datetime, zone: str, language: str) -> str:
    """A day and a time in a zone: 22 November 2026, 09:05."""
    there = when.astimezone(ZoneInfo(zone)).date()
    return f"{date_range(there, there, language)}, {clock(when, zone, language)}"


def zone_name(zone: str, when: datetime, language: str) -> str:
    """What to write beside times, so that nobody guesses: Almaty, UTC+5. The offset is the one in force `when`."""
    there = ZoneInfo(zone)
    minutes = round((there.utcoffset(when.astimezone(there)) or when - when).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    offset = f"UTC{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"
    city = get_timezone_location(there, locale=language, return_city=True) if "/" in zone else ""
    return f"{city}, {offset}" if city else offset


def number(value: int, language: str) -> str:
    """A number with the language's own grouping: 12 345."""
    return format_decimal(value, locale=language)


def signed(value: int, language: str) -> str:
    """A number that says whether it is more or less: +5, −5."""
    return f"{'−' if value < 0 else '+'}{number(abs(value), language)}"


def plural_forms(singular: str, plural: str, language: str) -> dict[str, str]:
    """A counted sentence by plural category (one, few, many ...), for a script that learns the number later."""
    category = Locale(language).plural_form
    words = translations(language)
    # Every category of integers in our languages has a member below 20 (CLDR's plural rules).
    return {category(n): words.ngettext(singular, plural, n) for n in range(20)}


def _day_month(when: date, language: str) -> str:
    return format_date(when, "d MMMM", locale=language)
