"""What is announced, as one reader sees it, and what they have put away. Pure; realtime/announcements.py decides."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from config.languages import pick

PUT_AWAY = "put-away"  # a cookie that announcement-bar.js writes, too: names with dots between, the newest last
REMEMBERED = 40  # names; more than a conference says in a week, and less than a kilobyte in every request
LIFE = 30 * 24 * 3600  # seconds
ITEM = re.compile(r"[0-9a-f]{16}")


def put_away(cookie: str) -> list[str]:
    """The names in a cookie, the newest last."""
    return [item for item in cookie.split(".") if ITEM.fullmatch(item)][-REMEMBERED:]


def with_one_more(cookie: str, item: str) -> str:
    """The cookie that remembers this one, too."""
    if not ITEM.fullmatch(item):
        return cookie
    return ".".join([*(one for one in put_away(cookie) if one != item), item][-REMEMBERED:])


def shown(announced: Mapping[str, Any], language: str, *, here: str = "") -> dict[str, Any]:
    """An announcement in the reader's language, or in the main one. A link to where they are (`here`) is none."""
    said = {announced["language"]: announced["text"]} | dict(announced["others"])
    own = language if said.get(language) else announced["language"]
    link = announced["link"]
    return {
        "item": announced["item"],
        "text": said[own],
        "language": own,
        "urgent": announced["urgent"],
        "link": "" if link == here else link,
        "place": pick(announced["place"], language),
        "said_at": datetime.fromtimestamp(announced["when"] / 1000, UTC),
        "until": datetime.fromtimestamp(announced["until"] / 1000, UTC) if announced["until"] else None,
        "by": announced["by"],
    }


def still_shown(rows: Collection[dict[str, Any]], cookie: str) -> list[dict[str, Any]]:
    """Those that were not put away."""
    away = set(put_away(cookie))
    return [one for one in rows if one["item"] not in away]
