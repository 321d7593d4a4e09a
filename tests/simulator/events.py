"""What an event means to whoever shows a room: the manual of the wire, once more and independently."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

# What has a name: which kind of part it is, and whether this begins or ends it.
ITEMS = {
    **dict.fromkeys(("question.at_desk", "question.shown"), ("q", True)),
    **dict.fromkeys(("question.hidden", "question.left"), ("q", False)),
    "chat.held": ("held", True),
    **dict.fromkeys(("chat.settled", "chat.withdrawn"), ("held", False)),
    "chat.reported": ("report", True),
    "chat.dismissed": ("report", False),
}


def name_of(event: Json) -> int:
    """What a message is called in wishes about it."""
    return int(event["target"] if event["is"] == "chat.edited" else event["at"])


def written_by(event: Json) -> int | None:
    said = event.get("said", event)
    return int(said["user"]) if said["is"] == "chat.said" else None


def part_of(event: Json) -> tuple[str, bool] | None:
    """Which part of a room's state an event begins or ends."""
    if event["is"] in ITEMS:
        kind, begins = ITEMS[event["is"]]
        return f"{kind}:{event['item']}", begins
    match event["is"]:
        case "chat.pinned" | "chat.unpinned":
            return "pin", event["is"] == "chat.pinned"
        case "chat.slowed":
            return "slow", bool(event["seconds"])
        case "chat.closed":
            return "closed", event["on"]
        case "chat.muted":
            return f"mute:{event['user']}", bool(event["until"])
        case "chat.banned":
            return f"ban:{event['user']}", event["on"]
        case "chat.worded":
            return "words", True
    return None


def forgets_of(event: Json, shown: Mapping[int, Json]) -> list[int]:
    """What of that which was shown before is to be forgotten."""
    at, what = event["at"], event["is"]
    if what in ("chat.retracted", "chat.edited"):
        gone = {event["target"]}
        for one, it in shown.items():  # what repeats it, or gave it another text, stands behind it
            if it["is"] in ("chat.pinned", "chat.edited") and it["target"] in gone and one < at:
                gone.add(one)
        return [one for one in shown if one in gone]
    if what == "chat.purged":
        return [one for one, it in shown.items() if one < at and written_by(it) == event["user"]]
    if what in ("question.shown", "question.hidden"):
        of = {one: it for one, it in shown.items() if one < at and it["is"] == "question.shown"}
        return [one for one, it in of.items() if it["item"] == event["item"]]
    return []


def is_published(waits: Json, event: Json, user: int) -> bool:
    """Whether this is what waited of a person, published."""
    match event["is"]:
        case "chat.said":
            return bool(event["user"] == user and event["key"] == waits["key"])
        case "chat.edited":
            return bool(event["target"] == waits["target"] and event["said"]["text"] == waits["text"])
    return False
