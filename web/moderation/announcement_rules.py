"""What the form of an announcement means, and where one may lead. Pure; realtime/announcements.py goes on from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from config.languages import N_, pick
from web.conferences.form_rules import Asked
from web.conferences.rules import Session, Text

LONGEST = 400  # characters; more fits over no page
MINUTES = (0, 5, 15, 60)  # offered; 0: until it is withdrawn
SAME = "same"  # until then, as the one before
NO_LONGER = N_("It was withdrawn or changed meanwhile. Look at what stands now; yours is below and was not announced.")
NO_LINK = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere an announcement leads to: `link` is its address within the site, `time` when it begins or None."""

    link: str
    name: Text
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form says: the text in the main language, in others, and until when it stands (None: no end)."""

    text: str
    others: dict[str, str]
    urgent: bool
    until: datetime | None
    place: Place | None


def places(slug: str, channels: Iterable[Mapping[str, Any]], schedule: Iterable[Session]) -> dict[str, Place]:
    """Where one may lead, by what the form calls it: every channel, and each session that is not over."""
    here = f"/c/{quote(slug)}"
    found = {f"channel:{one['id']}": Place(f"{here}/{quote(one['slug'])}", one["name"]) for one in channels}
    for one in schedule:
        if one.state != "past":
            found[f"session:{one.id}"] = Place(f"{here}/s/{one.id}", one.title, one.starts)
    return found


def draft(
    asked: Asked,
    conference: Mapping[str, Any],
    offered: Mapping[str, Place],
    *,
    now: datetime,
    before: Mapping[str, Any] | None,
) -> Draft | None:
    """The announcement of the form, or None, and `asked` says what is wrong.

    `before` is the one it replaces, None when it replaces none or that stands no more, as when the form is sent twice.
    """
    main = conference["language"]
    texts = asked.texts("text", conference["languages"], longest=LONGEST, required=main)
    lasting = before["until"] if before else asked.typed("instead")
    lasts = asked.choice("minutes", [*map(str, MINUTES), *([SAME] if lasting else [])])
    link = asked.choice("link", [NO_LINK, *offered])
    if asked.wrong:
        return None
    others = {language: text for language, text in texts.items() if language != main}
    return Draft(texts[main], others, asked.ticked("urgent"), _until(lasts, now, before), offered.get(link))


def _until(lasts: str, now: datetime, before: Mapping[str, Any] | None) -> datetime | None:
    if lasts == SAME:
        return ends(before) if before else None
    return now + timedelta(minutes=int(lasts)) if int(lasts) else None


def ends(announced: Mapping[str, Any]) -> datetime:
    """When an announcement that has an end is over."""
    return datetime.fromtimestamp(announced["until"] / 1000, UTC)


def filled(announced: Mapping[str, Any] | None, offered: Mapping[str, Place]) -> dict[str, Any]:
    """The form of an announcement that stands, so that it may be worded anew; of none: an empty one."""
    if announced is None:
        return {"text": {}, "urgent": False, "minutes": "0", "link": NO_LINK, "instead": ""}
    link = next((name for name, one in offered.items() if one.link == announced["link"]), NO_LINK)
    return {
        "text": {announced["language"]: announced["text"]} | dict(announced["others"]),
        "urgent": announced["urgent"],
        "minutes": SAME if announced["until"] else "0",
        "link": link,
        "instead": announced["item"],
    }


def options(offered: Mapping[str, Place], language: str) -> list[tuple[str, str]]:
    """The places of a form, as it offers them in the reader's language."""
    named = ((name, one, pick(one.name, language)) for name, one in offered.items())
    return [(name, f"{one.time} · {said}" if one.time else said) for name, one, said in named]
