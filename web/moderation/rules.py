"""What moderators' forms mean and how their acts read: word lists, the log, its table. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.languages import N_
from web.conferences import changes_rules

LONGEST_STEM = 40  # characters; longer ones are sentences, and those never match
MOST_STEMS = 500  # of a conference; each message is compared with each of them
LONGEST_NOTE = 1000  # characters
HOLD, HIDE = "hold", "hide"
ACTS = (HOLD, HIDE)
CHANGE = "change."  # what stands before the name of a change that a form made
WRONG_STEMS = N_("Each beginning has two to %(longest)s letters. Mend: %(words)s")
TOO_MANY_STEMS = N_("The lists may have %(most)s beginnings together.")
SAYS_SOMETHING = re.compile(r"\w{2}")

# What a question's step reads like, by what it was and what it became.
STEPS = {
    "asked": N_("put a question back among those that wait"),
    "approved": N_("approved a question"),
    "rejected": N_("rejected a question"),
    "merged": N_("merged a question with another"),
    "answering": N_("called a question up"),
    "answered": N_("marked a question as answered"),
}
LIVE = {
    "chat.retracted": N_("deleted a message"),
    "chat.restored": N_("restored a message"),
    "chat.purged": N_("deleted everything of a person"),
    "chat.pinned": N_("pinned a message"),
    "chat.unpinned": N_("unpinned a message"),
    "chat.dismissed": N_("left a reported message as it is"),
    "announced": N_("made an announcement"),
    "withdrawn": N_("took an announcement back"),
}
# What goes one way or the other, by a field of the event.
SWITCHES = {
    "chat.settled": ("released", N_("let a held message through"), N_("dropped a held message")),
    "chat.muted": ("until", N_("muted a person"), N_("let a person write again")),
    "chat.banned": ("on", N_("banned a person"), N_("let a banned person in again")),
    "chat.slowed": ("seconds", N_("switched the slow mode on"), N_("ended the slow mode")),
    "chat.closed": ("on", N_("made a chat read-only"), N_("opened a chat again")),
}
# Kinds of acts that the log is narrowed to, and what their names are like.
KINDS = {
    "question": N_("Questions"),
    "chat": N_("Chat"),
    "announcements": N_("Announcements"),
    "change": N_("Settings"),
    "export": N_("Tables saved"),
}
NAMED = {
    "question": ("question.%",),
    "chat": ("chat.%",),
    "announcements": ("announced", "withdrawn"),
    "change": ("change.%",),
    "export": ("export.%",),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One act in words: a sentence (English, translated when shown), and what was before and after it."""

    sentence: str
    before: str = ""
    after: str = ""


def stems(text: str) -> list[str]:
    """A field of beginnings of words: one a line, or with commas between. Each once, in the order they came."""
    found = (re.sub(r"\s+", " ", one.strip().rstrip("*")) for one in re.split(r"[\n,;]", text))
    return list(dict.fromkeys(one for one in found if one))


def lists(fields: Mapping[str, str]) -> dict[str, list[str]]:
    """The lists of a form, by what is done with their words."""
    return {act: stems(fields[act]) for act in ACTS}


def wrong_stems(listed: Iterable[str]) -> list[str]:
    """Those that cannot be beginnings of words: too long, or of a single letter, which would hold everything."""
    return [one for one in listed if len(one) > LONGEST_STEM or not SAYS_SOMETHING.search(one)]


def tell(kind: str, before: Any, after: Any) -> Told:
    """What an act was. `before` and `after` are the events or fields that it changed; None where there was none."""
    before, after = before or {}, after or {}
    if kind == "question.at_desk":
        return _question(before, after)
    if kind.startswith(CHANGE):
        return Told(changes_rules.sentence(kind.removeprefix(CHANGE), after), _fields(before), _fields(after))
    if kind in changes_rules.EXPORTS:
        return Told(changes_rules.sentence(kind, after), "", str(after.get("kind", "")).upper())
    if kind in SWITCHES:
        field, on, off = SWITCHES[kind]
        return _switched(kind, before, after, on if after.get(field) else off)
    old, new = before.get("said", before), after.get("said", after)
    return Told(LIVE.get(kind, kind), str(old.get("text", "")), str(new.get("text", "")))


def _switched(kind: str, before: Mapping[str, Any], after: Mapping[str, Any], sentence: str) -> Told:
    """What has two ways, and for how long: minutes of a mute, seconds of the slow mode."""
    if kind == "chat.muted" and after.get("until"):
        return Told(sentence, "", str(minutes(after)))
    if kind == "chat.slowed" and after.get("seconds"):
        return Told(sentence, "", str(after["seconds"]))
    return Told(sentence, str(before.get("text", "")))


def minutes(muted: Mapping[str, Any]) -> int:
    """For how long somebody was muted."""
    return max(1, round((int(muted["until"]) - int(muted["when"])) / 60_000))


def _question(before: Mapping[str, Any], after: Mapping[str, Any]) -> Told:
    text = str(after.get("text", ""))
    if before and before.get("text") != after.get("text"):
        return Told(N_("edited a question"), str(before.get("text", "")), text)
    if before and before.get("status") == after.get("status"):
        if before.get("pinned") != after.get("pinned"):
            return Told(N_("pinned a question") if after.get("pinned") else N_("unpinned a question"), "", text)
        if before.get("session") != after.get("session"):
            return Told(N_("moved a question to another session"), "", text)
        if after.get("status") != "answered":
            return Told(N_("confirmed which session a question is about"), "", text)
    remark = str(after.get("reason") or after.get("answer") or "")
    return Told(STEPS.get(str(after.get("status")), N_("changed a question")), text, remark)


def _fields(found: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {_plain(value)}" for name, value in found.items() if name != "subject")


def _plain(value: Any) -> str:
    match value:
        case dict():
            return " / ".join(str(one) for one in value.values() if one)
        case list():
            return ", ".join(map(str, value))
        case None:
            return "—"
    return str(value)


def cursor(happened_at: datetime, place: str) -> str:
    """Where a page of the log ends, as its address says it."""
    return f"{happened_at.isoformat()}|{place}"


def after_cursor(text: str) -> tuple[datetime | None, str]:
    """The moment and the place in a cursor; (None, "") where it is none."""
    moment, _, place = text.partition("|")
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None, ""
    return (found, place) if found.tzinfo else (None, "")


def cell(text: str) -> str:
    """A text as a table's cell that no program of tables takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def uncelled(cell_text: str) -> str:
    """The text of a cell that cell() wrote."""
    text = cell_text.removeprefix("'")
    return text if cell(text) == cell_text else cell_text
