"""A form that was open while somebody else saved: both are put together by field; what both changed is asked. Pure.

A form carries the marks of what its fields held when it was opened. A field that was left alone takes what is there
now; one that was changed stays as typed; only where both changed, differently, somebody must choose. Nothing is saved
until then: the form comes back with what was typed, what is there now beside it, and fresh marks, so that saving it
again is saving over it knowingly.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

from web.conferences.form_rules import Asked, Crossing, clean

OPENED = "opened"  # the field that carries the marks
TAKE = "take_"  # before a field's name: a box that takes what is there now

Together = Sequence[Sequence[str]]  # fields that are one thing and stay whole: a place and its time


def opened(fields: Mapping[str, str]) -> str:
    """What a form carries of the fields it is opened with: a mark of each."""
    return " ".join(f"{name}={_mark(text)}" for name, text in fields.items())


def merge(asked: Asked, now: Mapping[str, str], *, together: Together = ()) -> None:
    """Put what was typed and what is there now into `asked`; `asked.crossed` names what both changed, as in `now`.

    `now` holds every field of the form. A form without marks, of a page from before there were any, is compared with
    empty ones: nothing is lost, but much is asked about.
    """
    marks = _marks(asked.typed(OPENED))
    for names in _things(now, marks, together):
        there = {name: clean(now.get(name, "")) for name in names}
        mine = {name: clean(asked.fields.get(name, "")) for name in names}
        if not any(name in asked.fields or name in marks for name in names):
            asked.fields.update(there)  # the form had no such field: a language came to the conference since
        elif _alone(mine, marks) or any(asked.ticked(f"{TAKE}{name}") for name in names):
            asked.fields.update(there)
        elif there == mine or _alone(there, marks):
            asked.fields.update(mine)
        else:
            differ = [name for name in names if mine[name] != there[name]]
            for name in differ:
                asked.crossed[name] = Crossing(there[name], takes=len(differ) if name == differ[0] else 0)
    asked.crossed = {name: asked.crossed[name] for name in {**now, **marks} if name in asked.crossed}


def _things(now: Mapping[str, str], marks: Mapping[str, str], together: Together) -> Iterable[Sequence[str]]:
    grouped = {name for names in together for name in names}
    return [*together, *((name,) for name in {**now, **marks} if name not in grouped)]


def _alone(texts: Mapping[str, str], marks: Mapping[str, str]) -> bool:
    """Whether these are what the form was opened with."""
    return all(_mark(text) == marks.get(name, EMPTY) for name, text in texts.items())


def _mark(text: str) -> str:
    return blake2b(clean(text).encode(), digest_size=6).hexdigest()


def _marks(text: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in text.split())
    return {name: mark for name, _, mark in pairs}


EMPTY = _mark("")
