"""What the form of a channel means, and the order of channels. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.languages import LANGUAGES, N_
from web.conferences import desk_rules, rules, streams_rules
from web.conferences.form_rules import Asked, Wrong, numbers, spelled
from web.conferences.streams_rules import Stream

RESERVED_SLUG = N_("This word has a meaning of its own in addresses. Choose another one.")
NO_SLUG = N_("An address is made of Latin letters, digits and hyphens: main.")
REORDERED = N_("Somebody has changed the order meanwhile. This is how it is now; move what you wanted to move again.")
HANGS = N_("It cannot be deleted: sessions, messages, polls or screens belong to it. Give it another name instead.")


@dataclass(frozen=True, slots=True)
class Channel:
    """What a form says of a channel; `streams` by language."""

    slug: str
    name: dict[str, str]
    streams: dict[str, Stream]


def channel(
    asked: Asked, conference: Mapping[str, Any], *, own_host: str, before: Mapping[str, Any] | None = None
) -> Channel | None:
    """The channel of the form, or None, and `asked` says what is wrong. `before`: what it is now, unless it is new."""
    main = conference["language"]
    name = asked.texts("name", conference["languages"], required=main)
    slug = asked.typed("slug").lower() or desk_rules.propose(name.get("en") or name.get(main, ""))
    if not (name or slug):
        slug = ""  # there is no name yet to make it of, which is said already
    elif not desk_rules.SLUG.fullmatch(slug):
        asked.refuse("slug", NO_SLUG)
    elif slug in rules.RESERVED:
        asked.refuse("slug", RESERVED_SLUG)
    streams = {}
    for language in spoken(conference, before["streams"] if before else ()):
        field = f"stream_{language}"
        pasted = asked.typed(field)
        found = streams_rules.read(pasted, hosts=conference["frame_hosts"], own_host=own_host) if pasted else None
        if isinstance(found, Wrong):
            asked.refuse(field, found.sentence, **found.holes)
        elif found:
            streams[language] = found
    if asked.wrong:
        return None
    kept = {one: text for one, text in (before["name"] if before else {}).items() if one not in conference["languages"]}
    return Channel(slug, kept | name, streams)


def fields(channel: Mapping[str, Any], conference: Mapping[str, Any]) -> dict[str, str]:
    """A channel as its form shows it, field by field."""
    streams = channel["streams"]
    return {
        **spelled("name", channel["name"], conference["languages"]),
        "slug": channel["slug"],
        **{f"stream_{one}": streams[one]["address"] if one in streams else "" for one in spoken(conference, streams)},
        "picture": channel["picture"] or "",
    }


def spoken(conference: Mapping[str, Any], streaming: Sequence[str] | Mapping[str, Any]) -> list[str]:
    """The languages a channel may be heard in: those of the conference, and those it is heard in already."""
    offered = {*conference["languages"], *streaming}
    return sorted((one for one in LANGUAGES if one in offered), key=lambda one: one != conference["language"])


def moved(order: Sequence[int], number: int, by: int) -> list[int]:
    """The order with one moved up (-1) or down (1); the same at its ends."""
    place = order.index(number) if number in order else -1
    there = place + by
    if place < 0 or not 0 <= there < len(order):
        return list(order)
    new = list(order)
    new[place], new[there] = new[there], new[place]
    return new


def ordered(order: Sequence[int], wanted: str) -> list[int]:
    """The order a script asks for ("3,1,2"); the present one when it names others than those that are there."""
    new = numbers(wanted)
    return new if sorted(new) == sorted(order) else list(order)
