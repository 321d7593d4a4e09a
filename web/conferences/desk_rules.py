"""What the form of a conference means: its address, days, zone, languages, whose players it lets in. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from config.languages import LANGUAGES, N_
from web.conferences import zones_rules
from web.conferences.form_rules import LONG, Asked, spelled

THEMES = {"paper": N_("Paper"), "steppe": N_("Steppe"), "birch": N_("Birch"), "river": N_("River")}
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
LONGEST_SLUG = 63
RESERVED = frozenset({"new"})  # /desk/new
LONGEST_EVENT = timedelta(days=366)
TOGETHER = (("starts_on", "ends_on"), (*(f"language_{one}" for one in LANGUAGES), "language"))  # one thing each
HOSTS_AT_MOST = 30  # each stands in a header of every channel's page
# A name of the DNS, or with a star for whatever stands before it; a star for a whole country is none of ours.
HOST = re.compile(r"(?:\*\.(?=[^.]+\.))?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")

# As passports spell them (ICAO 9303) where that reads well; Kazakh by the alphabet of its own letters.
LETTERS = str.maketrans(
    dict(zip("абвгдеёзийклмнопрстуфыэ", "abvgdeeziyklmnoprstufye", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}
    | dict(zip("әғқңөұүһі", "agqnouuhi", strict=True))
)

NO_SLUG = N_("An address is made of Latin letters, digits and hyphens, two at least: spring-2027.")
RESERVED_SLUG = N_("This word has a meaning of its own in addresses. Choose another one.")
ENDS_FIRST = N_("The last day is before the first one.")
TOO_LONG_EVENT = N_("A conference lasts a year at most. Check the year.")
NO_ZONE = N_("We know no time zone “%(typed)s”. Type a city or a name like Asia/Almaty.")
MEANT_ZONE = N_("We know no time zone “%(typed)s”. Did you mean %(meant)s?")
NO_LANGUAGE = N_("Choose at least one language.")
FOREIGN_DEFAULT = N_("The main language must be one of those chosen.")
NO_HOST = N_("“%(typed)s” is not the name of a site. Write one name on each line, like player.example.com.")
TOO_MANY_HOSTS = N_("%(most)s sites are allowed at most.")


@dataclass(frozen=True, slots=True)
class Conference:
    """What a form says of a conference."""

    slug: str
    name: dict[str, str]
    tagline: dict[str, str]
    about: dict[str, str]
    zone: str
    languages: list[str]
    language: str
    starts_on: date
    ends_on: date
    theme: str


def conference(asked: Asked, *, before: Mapping[str, object] | None = None) -> Conference | None:
    """The conference of the form, or None, and `asked` says what is wrong. `before`: what it is now, unless it is new.

    Texts in languages that were taken out are kept, so that nothing is lost when they come back.
    """
    languages = [one for one in LANGUAGES if asked.ticked(f"language_{one}")]
    language = asked.typed("language")
    if not languages:
        asked.refuse("language_ru", NO_LANGUAGE)
    elif language not in languages:
        asked.refuse("language", FOREIGN_DEFAULT)
    name = asked.texts("name", languages or LANGUAGES, required=language)
    tagline = asked.texts("tagline", languages or LANGUAGES)
    about = asked.texts("about", languages or LANGUAGES, longest=LONG)
    starts_on, ends_on = _days(asked)
    zone = _zone(asked)
    slug = _slug(asked, propose(name.get("en") or name.get(language, "")) if name else None)
    theme = asked.choice("theme", THEMES)
    if asked.wrong or starts_on is None or ends_on is None:
        return None
    name, tagline, about = (
        _kept(before, part, languages) | texts
        for part, texts in (("name", name), ("tagline", tagline), ("about", about))
    )
    return Conference(slug, name, tagline, about, zone, languages, language, starts_on, ends_on, theme)


def fields(conference: Mapping[str, Any]) -> dict[str, str]:
    """A conference as the form of its settings shows it, field by field."""
    return {
        **spelled("name", conference["name"], LANGUAGES),
        "slug": conference["slug"],
        **spelled("tagline", conference["tagline"], LANGUAGES),
        **spelled("about", conference["about"], LANGUAGES),
        "starts_on": conference["starts_on"].isoformat(),
        "ends_on": conference["ends_on"].isoformat(),
        "zone": conference["zone"],
        **{f"language_{one}": "on" if one in conference["languages"] else "" for one in LANGUAGES},
        "language": conference["language"],
        "theme": conference["theme"],
    }


def blank(language: str) -> dict[str, str]:
    """The form of a new conference, for somebody who reads this language."""
    return {f"language_{language}": "on", "language": language, "theme": next(iter(THEMES))}


def framing(conference: Mapping[str, Any]) -> dict[str, str]:
    """The sites whose players a conference lets in, as their form shows them."""
    return {"frame_hosts": "\n".join(conference["frame_hosts"])}


def propose(name: str) -> str:
    """An address made from a name: "Весенняя школа" becomes vesennyaya-shkola; "" when no letter can be spelled."""
    latin = unicodedata.normalize("NFKD", name.lower().translate(LETTERS))
    plain = "".join(one for one in latin if not unicodedata.combining(one))
    words = re.findall(r"[a-z0-9]+", plain)
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:LONGEST_SLUG]
        if len(longer) > LONGEST_SLUG:
            break
        slug = longer
    return slug if SLUG.fullmatch(slug) else ""


def hosts(asked: Asked, name: str) -> list[str]:
    """The sites whose players may stand in pages: one on each line, also as an address that was pasted."""
    found: list[str] = []
    for line in asked.fields.get(name, "").split():
        host = _host(line)
        if host is None:
            asked.refuse(name, NO_HOST, typed=line[:80])
        elif host not in found:
            found.append(host)
    if len(found) > HOSTS_AT_MOST:
        asked.refuse(name, TOO_MANY_HOSTS, most=HOSTS_AT_MOST)
    return found


def allowed(host: str, hosts: Iterable[str]) -> bool:
    """Whether a site is on the list: by its name, or under a star."""
    return any(host == one or (one.startswith("*.") and host.endswith(one[1:])) for one in hosts)


def _host(line: str) -> str | None:
    bare = re.sub(r"^https?://", "", line.strip().lower()).partition("/")[0].rstrip(".")
    try:
        latin = bare.encode("idna").decode() if not bare.isascii() else bare
    except UnicodeError:
        return None
    return latin if HOST.fullmatch(latin) and len(latin) <= 253 else None


def _days(asked: Asked) -> tuple[date | None, date | None]:
    starts_on, ends_on = asked.day("starts_on"), asked.day("ends_on")
    if starts_on and ends_on:
        if ends_on < starts_on:
            asked.refuse("ends_on", ENDS_FIRST)
        elif ends_on - starts_on > LONGEST_EVENT:
            asked.refuse("ends_on", TOO_LONG_EVENT)
    return starts_on, ends_on


def _zone(asked: Asked) -> str:
    typed = asked.typed("zone")
    zone = zones_rules.find(typed)
    if zone is None:
        meant = ", ".join(zones_rules.like(typed))
        if meant:
            asked.refuse("zone", MEANT_ZONE, typed=typed[:80], meant=meant)
        else:
            asked.refuse("zone", NO_ZONE, typed=typed[:80])
    return zone or ""


def _slug(asked: Asked, proposed: str | None) -> str:
    """The address; nothing is said of it while there is no name to make it of."""
    slug = asked.typed("slug").lower() or proposed
    if slug is None:
        return ""
    if not SLUG.fullmatch(slug):
        asked.refuse("slug", NO_SLUG)
    elif slug in RESERVED:
        asked.refuse("slug", RESERVED_SLUG)
    return slug


def _kept(before: Mapping[str, object] | None, part: str, languages: list[str]) -> dict[str, str]:
    texts = before[part] if before else {}
    return {one: text for one, text in texts.items() if one not in languages} if isinstance(texts, dict) else {}
