"""The short view of a programme on a landing page, and which doors its opening offers. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from config.languages import N_
from web.conferences.rules import Day, Session, days

SOON = timedelta(hours=12)  # before a channel begins its doors are shown on top
AT_A_GLANCE = 8  # sessions; the rest is one press away


@dataclass(frozen=True, slots=True)
class Glance:
    """What is on and what comes next, by days; `left` sessions are not in it."""

    days: Sequence[Day]
    total: int
    left: int


def glance(schedule: Sequence[Session], *, at_most: int = AT_A_GLANCE) -> Glance:
    """The nearest sessions; after the last one ended, the first ones, as a memory."""
    ordered = sorted(schedule, key=lambda one: (one.starts_at, one.position))
    nearest = [one for one in ordered if one.state != "past"] or ordered
    chosen = nearest[:at_most]
    return Glance(days(chosen), len(ordered), len(ordered) - len(chosen))


def near(channels: Iterable[Mapping[str, Any]], now: datetime) -> bool:
    """Whether something is on, or begins today: then people come for the channels and not to read."""
    return any(one["live"] or (one["next"] is not None and one["next"].starts_at - now < SOON) for one in channels)


def doors(
    slug: str, button: str, address: str, channels: Iterable[Mapping[str, Any]], *, programme: bool
) -> list[dict[str, Any]]:
    """The links under the opening's words, the most wanted first: {"href", "label" (English) or "text", "live"}."""
    found: list[dict[str, Any]] = []
    on_air = next((one for one in channels if one["live"]), None)
    if on_air is not None:
        found.append({"href": f"/c/{slug}/{on_air['slug']}", "label": N_("Watch live"), "text": "", "live": True})
    if button and address:
        found.append({"href": address, "label": "", "text": button, "live": False})
    if programme and len(found) < 2:
        found.append({"href": "#programme", "label": N_("See the programme"), "text": "", "live": False})
    return found
