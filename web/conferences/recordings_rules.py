"""The form of recordings: an address for each session, or none; what nobody touched stays as it is. Pure."""

from collections.abc import Iterable, Mapping

from web.conferences import streams_rules
from web.conferences.form_rules import Asked, Wrong
from web.conferences.streams_rules import Stream


def fields(sessions: Iterable[int], kept: Mapping[int, Stream]) -> dict[str, str]:
    """What the form holds: `recording_<id>` for each session, and for each that has a recording already."""
    return {field(one): kept[one].address if one in kept else "" for one in dict.fromkeys([*sessions, *kept])}


def field(session: int) -> str:
    """What the field of a session is called."""
    return f"recording_{session}"


def wanted(
    asked: Asked, sessions: Iterable[int], kept: Mapping[int, Stream], *, hosts: Iterable[str], own_host: str
) -> dict[int, Stream | None]:
    """What is to change, by session, once the form is merged; None: its recording goes. What is wrong is in `asked`."""
    now, found = fields(sessions, kept), dict[int, Stream | None]()
    for one in sessions:
        name, typed = field(one), asked.typed(field(one))
        if name in asked.crossed or typed == now[name]:
            continue
        read = streams_rules.read(typed, hosts=hosts, own_host=own_host) if typed else None
        if isinstance(read, Wrong):
            asked.refuse(name, read.sentence, **read.holes)
        elif read is None or read.address != now[name]:
            found[one] = read
    return found
