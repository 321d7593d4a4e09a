"""The wire's manual, printed from commands.py, the files of events and errors.py. Pure."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from realtime import commands, errors, events, inbox_events, messages, own_events, question_events, stage_events

IN_ROOMS = (*events.TOLD, *own_events.OWN, *question_events.ASKED, *stage_events.STAGE, *inbox_events.SENT)
EVENTS = {kind.tag: kind for kind in IN_ROOMS}

HEAD = f"""\
The wire of Veche, {messages.SUBPROTOCOL}
================================

One WebSocket at {messages.PATH}, subprotocol {messages.SUBPROTOCOL}, JSON in text frames. The first message
is a hello with a pass. A client numbers its messages; each is answered once, {{"re": id, "ok": ...}} or
{{"re": id, "no": {{"code", "text", "field"?, "retry_after"? seconds}}}}.
Events and notices arrive as arrays, in order.

A client ignores an event whose `at` is not above the offset it has of that room, and joins again with
`after` when `at` skips one. An answered write is stored; an unanswered one is sent again with the same key.
"""


def text(width: int = 16) -> str:
    """The whole manual."""
    parts = [HEAD]
    parts += _section("Commands of a client", {k.do: k for k in commands.COMMANDS.values()}, "do")
    parts += _section('Events of a room: {"room", "at": offset, "is", ...}', EVENTS, "is")
    parts += _section("Hints beside them, without a place; unknown ones are ignored", events.HINTS, "is")
    parts += _section("Notices of the server", events.NOTICES | own_events.NOTICES, "is")
    parts.append(_title("Refusals"))
    parts += [f"  {code:<{width + 6}}{sentence}" for code, sentence in errors.SENTENCES.items()]
    parts.append(_title("Close codes"))
    parts += [
        f"  {getattr(errors, name)}  {name.removeprefix('CLOSED_').replace('_', ' ').lower()}"
        for name in dir(errors)
        if name.startswith("CLOSED_")
    ]
    return "\n".join(parts)


def _section(title: str, kinds: dict[str, type[Any]], word: str) -> list[str]:
    out = [_title(title)]
    for name, kind in kinds.items():
        out.append(f'  {{"{word}": "{name}"{"".join(_fields(kind))}}}')
        out.append(f"      {' '.join((kind.__doc__ or '').split())}")
        if hasattr(kind, "carries"):
            out.append(f'      and "{kind.carries}"')
        if hasattr(kind, "answer"):
            out.append(f"      ok: {kind.answer}")
        out.append("")
    return out


def _fields(kind: type[Any]) -> list[str]:
    hints = get_type_hints(kind)
    return [
        f', "{field.name}"{"?" if messages.is_optional(field) else ""}: {_type(hints[field.name])}'
        for field in fields(kind)
    ]


def _type(hint: Any) -> str:
    if isinstance(hint, UnionType):
        hint = next(one for one in get_args(hint) if one is not type(None))
    if get_origin(hint) is tuple:
        return f"[{_type(get_args(hint)[0])} ...]"
    if get_origin(hint) in (dict, Mapping):
        return "{" + ": ".join(map(_type, get_args(hint))) + "}"
    if isinstance(hint, type) and is_dataclass(hint):
        return "{" + ", ".join(part.lstrip(", ") for part in _fields(hint)) + "}"
    return str(hint.__name__)


def _title(text: str) -> str:
    return f"\n{text}\n{'-' * len(text)}\n"
