"""How many have watched the demo so far: people come before a session, stay, and go at its end. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import sin, tanh

HALL = {"main": 240, "practice": 90, "digital": 130}  # who finds room in a session of a channel
A_MINUTE = timedelta(minutes=1)
COMING, GOING = 7.0, 9.0  # minutes in which most have come, and most have left


def watched(
    channel: str, sessions: Iterable[tuple[datetime, datetime]], now: datetime
) -> Iterator[tuple[datetime, int]]:
    """(minute, viewers) until now; `sessions` are (begins, ends)."""
    spans = list(sessions)
    if not spans:
        return
    minute = min(begins for begins, _ in spans).replace(second=0, microsecond=0) - 15 * A_MINUTE
    until = min(now, max(ends for _, ends in spans) + 20 * A_MINUTE)
    while minute < until:
        here = max(_drawn(begins, ends, minute) for begins, ends in spans)
        wave = 1 + 0.06 * sin(minute.timestamp() / 400) + 0.03 * sin(minute.timestamp() / 97)
        viewers = round(HALL[channel] * here * wave)
        if viewers > 0:
            yield minute, viewers
        minute += A_MINUTE


def _drawn(begins: datetime, ends: datetime, minute: datetime) -> float:
    """Which part of its hall a session holds at a moment."""
    come = (1 + tanh((minute - begins) / A_MINUTE / COMING)) / 2
    gone = (1 + tanh((minute - ends) / A_MINUTE / GOING)) / 2
    return come * (1 - gone)
