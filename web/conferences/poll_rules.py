"""What a poll may be, who sees how it stands, and what may be done with it. Pure: it counts no ballot."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.languages import N_, pick
from web.conferences.form_rules import Asked, clean, spelled

QUESTION_LIMIT = 200  # characters; what a hall reads from twenty metres
OPTION_LIMIT = 80
FEWEST, MOST = 2, 10  # options
KINDS = ("single", "multiple")
SHOWN_AT_ONCE = 20  # polls of a channel; more than a day has

# What a moderator may do with a poll in a status, and its status from then on.
MOVES = {
    ("draft", "open"): "open",
    ("draft", "drop"): "",
    ("open", "close"): "closed",
    ("closed", "open"): "open",
    ("closed", "recall"): "draft",
}
LEADS_TO = {verb: status for (_, verb), status in MOVES.items()}

NO_CHANNEL = N_("Choose the channel in which people vote.")
FOREIGN_SESSION = N_("This session is not in the chosen channel.")
OPTIONS = N_("From %(fewest)s to %(most)s options, each on a line of its own.")
UNEVEN = N_("The main language has %(there)s options, this one %(here)s. Write as many, in the same order, or none.")
ALIKE = N_("Two options are the same.")
LONG_OPTION = N_("An option has at most %(most)s characters.")

Text = Mapping[str, str]  # by language


@dataclass(frozen=True, slots=True)
class Draft:
    """A poll as a form describes it."""

    channel_id: int
    session_id: int | None
    question: Text
    options: Sequence[Text]
    kind: str
    secret: bool


def draft(
    asked: Asked,
    *,
    languages: Sequence[str],
    language: str,
    channels: Collection[int],
    sessions: Mapping[int, int],
) -> Draft | None:
    """The poll of the form, or None, and `asked` says what is wrong. `language` is the conference's own.

    `sessions` has the channel of each session. An option is a line; where a language has lines, it has one for each.
    """
    channel, session = asked.number("channel"), asked.number("session")
    if channel is None or channel not in channels:
        asked.refuse("channel", NO_CHANNEL)
    if session and sessions.get(session) != channel:
        asked.refuse("session", FOREIGN_SESSION)
    question = asked.texts("question", languages, longest=QUESTION_LIMIT, required=language)
    options = {one: _lines(asked.fields.get(f"options_{one}", "")) for one in languages}
    for one in languages:
        _judge(asked, one, options, language)
    kind = asked.choice("kind", KINDS)
    if asked.wrong or channel is None:
        return None
    there = [one for one in languages if options[one]]
    texts = [{one: options[one][place] for one in there} for place in range(len(options[language]))]
    return Draft(channel, session or None, question, texts, kind, asked.ticked("secret"))


def fields(poll: Mapping[str, Any] | None, languages: Sequence[str]) -> dict[str, str]:
    """A poll as its form shows it, field by field; None: a new one."""
    blank: Mapping[str, Any] = {"question": {}, "options": (), "channel_id": "", "session_id": None}
    one: Mapping[str, Any] = poll or {**blank, "kind": KINDS[0], "secret": True}
    return {
        **spelled("question", one["question"], languages),
        **spelled("options", _by_language(one["options"], languages), languages),
        "channel": str(one["channel_id"]),
        "session": str(one["session_id"] or ""),
        "kind": one["kind"],
        "secret": "on" if one["secret"] else "",
    }


def together(languages: Iterable[str]) -> list[tuple[str, ...]]:
    """Fields of a poll that are one thing."""
    return [("channel", "session"), tuple(f"options_{one}" for one in languages)]


def _by_language(options: Iterable[Mapping[str, Any]], languages: Iterable[str]) -> dict[str, str]:
    rows = list(options)
    return {one: "\n".join(row["text"][one] for row in rows if one in row["text"]) for one in languages}


def verbs(status: str) -> list[str]:
    """What may be done with a poll now."""
    return [verb for before, verb in MOVES if before == status]


def chosen(fields: Iterable[str]) -> list[int]:
    """The options that a ballot names, each once; what is no number of an option is left out."""
    return sorted({int(one) for one in fields if one.isascii() and one.isdigit() and len(one) < 19})


def shown(poll: Mapping[str, Any], *, language: str, vote: str) -> dict[str, Any]:
    """A poll as one voter may see it. Counts are there for all when it is over, before that if nothing forbids it."""
    results = not poll["secret"] or poll["status"] == "closed" or bool(poll["mine"])
    return {
        "id": poll["id"],
        "status": poll["status"],
        "kind": poll["kind"],
        "secret": poll["secret"],
        "question": pick(poll["question"], language),
        "session": poll["session_id"],
        "options": [
            {
                "id": one["id"],
                "text": pick(one["text"], language),
                "count": one["count"] if results else None,
                "share": share(one["count"], poll["votes"]) if results else None,
            }
            for one in poll["options"]
        ],
        "votes": poll["votes"],
        "results": results,
        "mine": list(poll["mine"]),
        "vote": vote,
    }


def share(count: int, votes: int) -> int:
    """Of how many in a hundred voters an option is; a half goes up, as scripts round it."""
    return (200 * count + votes) // (2 * votes) if votes else 0


def _judge(asked: Asked, language: str, options: Mapping[str, Sequence[str]], main: str) -> None:
    name, lines, needed = f"options_{language}", options[language], len(options[main])
    if language == main and not FEWEST <= len(lines) <= MOST:
        asked.refuse(name, OPTIONS, fewest=FEWEST, most=MOST)
    if lines and len(lines) != needed:
        asked.refuse(name, UNEVEN, there=needed, here=len(lines))
    if len({line.casefold() for line in lines}) < len(lines):
        asked.refuse(name, ALIKE)
    if any(len(line) > OPTION_LIMIT for line in lines):
        asked.refuse(name, LONG_OPTION, most=OPTION_LIMIT)


def _lines(text: str) -> list[str]:
    return [line for line in (" ".join(one.split()) for one in clean(text).splitlines()) if line]
