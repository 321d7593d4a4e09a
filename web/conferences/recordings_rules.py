"""The form of recordings: an address for each session, or none; what nobody touched stays as it is. Pure."""

from collections.abc import Iterable, Mapping

from config.languages import N_
from web.conferences import streams_rules
from web.conferences.form_rules import Asked, Wrong
from web.conferences.streams_rules import Stream

CROSSED = N_("Somebody else has put another address here meanwhile: %(now)s. Save once more to put yours in its place.")
CROSSED_OUT = N_("Somebody else has taken the recording away meanwhile. Save once more to put yours there.")


def wanted(
    asked: Asked, sessions: Iterable[int], kept: Mapping[int, str], *, hosts: Iterable[str], own_host: str
) -> dict[int, Stream | None]:
    """What is to change, by session; None: its recording goes. What is wrong is in `asked`.

    The form has for each session `recording_<id>`, and `was_<id>`: the address its page came with. `kept`: the
    addresses there are now, so that nobody takes away what somebody else has put there since.
    """
    found: dict[int, Stream | None] = {}
    for one in sessions:
        field = f"recording_{one}"
        typed, was, now = asked.typed(field), asked.typed(f"was_{one}"), kept.get(one, "")
        if field not in asked.fields or typed in (was, now):
            continue
        if was != now:
            asked.refuse(field, CROSSED if now else CROSSED_OUT, now=now)
            continue
        read = streams_rules.read(typed, hosts=hosts, own_host=own_host) if typed else None
        if isinstance(read, Wrong):
            asked.refuse(field, read.sentence, **read.holes)
        elif read is None or read.address != now:
            found[one] = read
    return found
