"""A talk of the demo and the moment all of them are laid around. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sql.demo.speakers import Text

STEP = 5  # minutes; sessions begin at times that look like a schedule's


@dataclass(frozen=True, slots=True)
class Session:
    """One talk; `starts` is minutes from the anchor: the present, cut to five minutes."""

    channel: str
    starts: int
    lasts: int
    language: str
    speakers: tuple[str, ...]
    title: Text
    abstract: Text

    def times(self, now: datetime) -> tuple[datetime, datetime]:
        """When it begins and ends, in UTC, seen from the given moment."""
        begins = anchor(now) + timedelta(minutes=self.starts)
        return begins, begins + timedelta(minutes=self.lasts)


def anchor(now: datetime) -> datetime:
    """A moment in UTC, cut to whole steps."""
    now = now.astimezone(UTC)
    return now.replace(minute=now.minute - now.minute % STEP, second=0, microsecond=0)
