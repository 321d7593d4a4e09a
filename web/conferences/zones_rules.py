"""Time zones: which one a word means, and what moment a time of day is there. Pure.

Clocks that are changed leave out an hour in spring and have one twice in autumn: the first is no moment at all, the
second is two, and somebody must say which.
"""

from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import get_timezone_location

from config.languages import LANGUAGES

UTC_ZONE = "UTC"
REGIONS = ("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/")
ISLANDS = "Pacific/"
ALIKE = 3  # zones named when none was found
NOTHING = timedelta(0)
MINUTE = timedelta(minutes=1)


@cache
def known() -> tuple[str, ...]:
    """Every zone somebody may choose: by region and city, and UTC; none of the old nicknames."""
    return (*sorted(one for one in available_timezones() if one.startswith((*REGIONS, ISLANDS))), UTC_ZONE)


@cache
def cities(language: str) -> dict[str, str]:
    """Every zone and its city, as a language calls it."""
    return {
        zone: get_timezone_location(ZoneInfo(zone), locale=language, return_city=True) if zone != UTC_ZONE else zone
        for zone in known()
    }


def find(typed: str) -> str | None:
    """The zone a word means: its name, in any case, or its city in one of our languages."""
    word = _folded(typed)
    return _names().get(word) or _cities().get(word)


def like(typed: str) -> list[str]:
    """Names of zones that look like a word that means none."""
    word = _folded(typed)
    near = get_close_matches(word, [*_names(), *_cities()], n=ALIKE * 2, cutoff=0.7)
    found = [_names().get(one) or _cities()[one] for one in near]
    return list(dict.fromkeys(found))[:ALIKE]


def moments(local: datetime, zone: str) -> list[datetime]:
    """The moments, in UTC, at which clocks in a zone show a time: one; none in a gap; two where an hour comes twice."""
    there = ZoneInfo(zone)
    both = (local.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1))
    real = [one for one in both if one.astimezone(there).replace(tzinfo=None) == local]
    return sorted(set(real))


def jump(local: datetime, zone: str) -> tuple[datetime, datetime]:
    """Around a time that clocks leave out: the time at which they are changed, and what they show right after."""
    there = ZoneInfo(zone)
    # Of a time that is none, the two readings lie on the two sides of the gap (PEP 495).
    early, late = (local.replace(tzinfo=there, fold=fold).utcoffset() or NOTHING for fold in (0, 1))
    changed = local
    while not _shown(changed - MINUTE, there):
        changed -= MINUTE
    return changed, changed + (late - early)


def _shown(local: datetime, there: ZoneInfo) -> bool:
    return local.replace(tzinfo=there).astimezone(UTC).astimezone(there).replace(tzinfo=None) == local


@cache
def _names() -> dict[str, str]:
    return {_folded(zone): zone for zone in known()}


@cache
def _cities() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for zone, city in cities(language).items():
            found.setdefault(_folded(city), zone)
    for zone in known():
        found.setdefault(_folded(zone.rpartition("/")[2]), zone)
    return found


def _folded(word: str) -> str:
    return " ".join(word.casefold().replace("_", " ").replace("ё", "е").split())
