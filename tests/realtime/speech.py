"""A well-formed message of every command, built from the commands' own dataclasses. Pure."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from realtime.commands import COMMANDS, Command
from realtime.messages import is_optional

Json = dict[str, Any]
NAMED: Mapping[str, Any] = {"said": "an-earlier-key"}  # what is not any value of its type
PLAIN: Mapping[Any, Any] = {int: 1, bool: True, str: "some text", float: 1.0}


def message(kind: type[Command], **known: Any) -> Json:
    """One message with every field it may have; `known` are values of fields by name, where it has them."""
    hints = get_type_hints(kind)
    said = {field.name: ({**NAMED, **known}).get(field.name, _value(hints[field.name])) for field in fields(kind)}
    return {"id": known.get("id", 1), "do": kind.do, **said}


def field_names(kind: type[Command], *, needed: bool = False) -> list[str]:
    """The fields of a command; only those without which it is refused, if `needed`."""
    return [field.name for field in fields(kind) if not needed or not is_optional(field)]


def fields_of_all() -> list[tuple[type[Command], str]]:
    """Every field of every command."""
    return [(kind, name) for kind in COMMANDS.values() for name in field_names(kind)]


def _value(hint: Any) -> Any:
    """Something of a type, as JSON has it."""
    if isinstance(hint, UnionType):
        return _value(next(one for one in get_args(hint) if one is not NoneType))
    if get_origin(hint) is Literal:
        return get_args(hint)[0]
    if get_origin(hint) in (tuple, list):
        return [_value(get_args(hint)[0])]
    if get_origin(hint) is Mapping:
        return {"ru": _value(get_args(hint)[1])}
    if is_dataclass(hint):
        parts = get_type_hints(hint)
        return {field.name: _value(parts[field.name]) for field in fields(hint)}
    return PLAIN[hint]
