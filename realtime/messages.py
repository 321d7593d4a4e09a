"""Messages are parsed and encoded here and nowhere else. Pure.

What there is to say and to hear: commands.py, *events.py; `python -m realtime manual` prints the wire's manual of them.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from typing import Any

import orjson

from realtime.commands import COMMANDS, After, Command
from realtime.errors import Refused
from realtime.events import (
    Event,
    Gone,
    Hint,
    Looker,
    Looking,
    Notice,
    Reacted,
    Somebody,
    Tally,
    Typing,
    Viewers,
)
from realtime.own_events import DroppedText, WaitingText

SUBPROTOCOL = "veche.1"
PATH = "/ws"
TEXT_LIMIT = 2000  # characters of one chat message
KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")  # an idempotency key; a UUID has 36 characters
ID = re.compile(rb'\s*\{\s*"id"\s*:\s*([0-9]{1,15})\s*[,}]')  # where every client of ours puts it: in front
WORDS_LIMIT = 500  # of a room's word list; Redis compares every message with each
WHISPER = b"~"  # before what is not stored, between workers
EMOJI_LIMIT = 16  # characters; families have many
LANGUAGES_LIMIT = 20  # of one text
CODE_LIMIT = 16  # characters of a language's code
LINK_LIMIT = 500  # characters of an address within the site
NAME_LIMIT = 64  # characters of a room's name or an epoch
TOKEN_LIMIT = 8192  # characters of a pass; some hundred rooms fit
NUMBER_LIMIT = 2**53  # JavaScript counts exactly up to here


def parse(text: str | bytes) -> Command:
    """One message of a client. Raises Refused message.malformed, message.unknown or message.field."""
    try:
        raw = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Refused("message.malformed") from None
    if not isinstance(raw, dict):
        raise Refused("message.malformed")
    name = raw.get("do")
    kind = COMMANDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise Refused("message.unknown")
    return kind(**_take(kind, raw))


def number(text: bytes) -> int | None:
    """The id of a message that parse refused, so that the refusal finds its sender; None when it has none."""
    try:
        return _number(orjson.loads(text)["id"])
    except orjson.JSONDecodeError:
        # Half a character in a text breaks the whole message, but whoever sent it must hear which one it was.
        found = ID.match(text)
        return int(found[1]) if found else None
    except (TypeError, KeyError, ValueError):
        return None


def event(what: Event) -> bytes:
    """An event as JSON without its place: the log puts `"room"` and `"at"` in front when it has one."""
    return _tagged(what)


def renamed(body: bytes, kind: type[Event], *, item: str) -> bytes:
    """The same event as another kind, which has its fields and `item`: each message could be held, hardly one is."""
    return b'{"is":"%s","item":"%s",' % (kind.tag.encode(), item.encode()) + body[body.index(b",") + 1 :]


def placed(room: str, at: int, body: bytes) -> bytes:
    """An event in its final form; write.lua does the same inside Redis."""
    return b'{"room":"%s","at":%d,' % (room.encode(), at) + body[1:]


def gone(room: str, at: int) -> bytes:
    """The place of an event that nobody will hear."""
    return placed(room, at, event(Gone()))


def notice(what: Notice) -> bytes:
    """A notice as it travels: an array, as events do."""
    return b"[" + _tagged(what) + b"]"


def hint(what: Hint) -> bytes:
    """A hint as it travels, beside events."""
    return _tagged(what)


def whispered(what: Hint) -> bytes:
    """A hint as workers tell it to each other; no event begins like this (history.heard)."""
    return WHISPER + hint(what)


def uncounted(room: str) -> bytes:
    """The same of a number of viewers, up to the number: viewers.lua writes it, and a bracket, behind this."""
    return whispered(Viewers(room, 0)).removesuffix(b"0}")


def hinted(payload: bytes) -> Hint | None:
    """What `whispered` made; None: a hint of another version of this program."""
    match orjson.loads(payload.removeprefix(WHISPER)):
        case {"is": Viewers.tag, "room": str(room), "count": int(count)}:
            return Viewers(room, count)
        case {"is": Reacted.tag, "room": str(room), "counts": dict(counts)}:
            return Reacted(room, counts)
        case {"is": Typing.tag, "room": str(room), "who": list(who), "count": int(count)}:
            return Typing(room, tuple(Somebody(one["user"], one["name"]) for one in who), count)
        case {"is": Tally.tag, "room": str(room), "counts": dict(counts)}:
            return Tally(room, counts)
        case {"is": Looking.tag, "room": str(room), "who": list(who)}:
            return Looking(room, tuple(Looker(one["user"], one["name"], one["item"]) for one in who))
    return None


def joined(events: Iterable[bytes]) -> bytes:
    """Events that travel together: one JSON array."""
    return b"[" + b",".join(events) + b"]"


def json(plain: dict[str, Any]) -> bytes:
    """A plain answer's `ok`."""
    return orjson.dumps(plain)


def answer(re: int, ok: bytes) -> bytes:
    """The answer to the message with that id; `ok` is JSON already, because many may share it."""
    return b'{"re":%d,"ok":' % re + ok + b"}"


def entered(
    re: int,
    state: bytes,
    viewers: int | None,
    *,
    waits: Sequence[WaitingText] = (),
    dropped: Sequence[DroppedText] = (),
) -> bytes:
    """The answer to a join: a room's state, which many share, and how many are there now, if they are counted.

    `waits` and `dropped` are of nobody but who joins.
    """
    own = b',"waits":' + orjson.dumps(waits) if waits else b""
    own += b',"dropped":' + orjson.dumps(dropped) if dropped else b""
    if viewers is None:
        return answer(re, state[:-1] + own + b"}" if own else state)
    return b'{"re":%d,"ok":' % re + state[:-1] + own + b',"viewers":%d}}' % viewers


def refusal(re: int | None, refused: Refused) -> bytes:
    """The refusal of the message with that id, or of one that had none."""
    return orjson.dumps({"re": re, "no": refused.wire()})


def room_state(room: str, *, epoch: str, offset: int, resumed: bool, events: Iterable[bytes]) -> bytes:
    """The `ok` of a join."""
    head = orjson.dumps({"room": room, "epoch": epoch, "offset": offset, "resumed": resumed})
    return head[:-1] + b',"events":' + joined(events) + b"}"


def _tagged(what: Event | Notice | Hint) -> bytes:
    """Its fields as JSON, and in front of them what it is."""
    fields = orjson.dumps(what)
    return b'{"is":"%s"%s' % (what.tag.encode(), b"," + fields[1:] if len(fields) > len(b"{}") else b"}")


def _take(kind: type[Command], raw: dict[str, Any]) -> dict[str, Any]:
    """The fields of one command, each picked by name and checked; what else the client sent is left behind."""
    taken = {}
    for name, shape, optional in FIELDS[kind]:
        value = raw.get(name)
        if value is None and optional:
            continue
        try:
            taken[name] = shape(value)
        except (TypeError, ValueError, KeyError):
            raise Refused("message.field", field=name) from None
    return taken


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= NUMBER_LIMIT:
        raise ValueError
    return value


def _text(limit: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > limit:
            raise ValueError
        return value

    return check


def _key(value: Any) -> str:
    if not KEY.fullmatch(value):
        raise ValueError
    return str(value)


def _texts(most: int, limit: int) -> Callable[[Any], tuple[str, ...]]:
    def check(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or len(value) > most:
            raise ValueError
        return tuple(map(_text(limit), value))

    return check


def _by_language(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict) or not 0 < len(value) <= LANGUAGES_LIMIT:
        raise ValueError
    return {_text(CODE_LIMIT)(code): _text(TEXT_LIMIT * 4)(said) for code, said in value.items()}


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _after(value: Any) -> After:
    return After(epoch=_text(NAME_LIMIT)(value["epoch"]), offset=_number(value["offset"]))


# A field of one name has one shape wherever it stands.
SHAPES: dict[str, Callable[[Any], Any]] = {
    "id": _number,
    "room": _text(NAME_LIMIT),
    "token": _text(TOKEN_LIMIT),
    "key": _key,
    "text": _text(TEXT_LIMIT * 4),  # the chat refuses what is over TEXT_LIMIT with a sentence of its own
    "target": _number,
    "seen": _number,
    "after": _after,
    "emoji": _text(EMOJI_LIMIT),
    "to": _number,
    "epoch": _text(NAME_LIMIT),
    "user": _number,
    "seconds": _number,
    "on": _truth,
    "release": _truth,
    "anonymous": _truth,
    "item": _text(NAME_LIMIT),
    "into": _text(NAME_LIMIT),
    "verb": _text(NAME_LIMIT),
    "thread": _text(NAME_LIMIT),
    "said": _key,
    "upto": _number,
    "until": _number,
    "language": _text(CODE_LIMIT),
    "others": _by_language,
    "urgent": _truth,
    "link": _text(LINK_LIMIT),
    "place": _by_language,
    "instead": _text(NAME_LIMIT),
    "words": _texts(WORDS_LIMIT, NAME_LIMIT),
    "hidden": _texts(WORDS_LIMIT, NAME_LIMIT),
}


def is_optional(field: Field[Any]) -> bool:
    """Whether a command may come without this field."""
    return field.default is not MISSING or field.default_factory is not MISSING


# What is taken of each command: field, shape, whether it may be left out.
FIELDS = {
    kind: tuple((one.name, SHAPES[one.name], is_optional(one)) for one in fields(kind)) for kind in COMMANDS.values()
}
