"""How often one visitor may speak: credits that refill with time. Pure: the clock comes in by the door."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many a second in the long run."""

    burst: float
    per_second: float


CHAT = Rate(burst=5, per_second=1)  # a lively person types a line a second at most
ACTS = Rate(burst=20, per_second=5)  # what moderators do, one key stroke each
LOOKS = Rate(burst=30, per_second=6)  # each act is followed by a look at the next row; they do not spend acts
REPORTS = Rate(burst=5, per_second=1 / 30)  # whoever finds more of it in a minute makes a game of it
REACTIONS = Rate(burst=10, per_second=3)  # an enthusiast's thumb
TYPING = Rate(burst=3, per_second=0.5)  # a page says it every three seconds
READING = Rate(burst=10, per_second=1)  # threads opened; each may count what is left in Redis
COMMANDS = Rate(burst=60, per_second=20)  # joins, leaves, pings: a page that moves between channels
FRAMES = Rate(burst=400, per_second=60)  # of any kind, pings and fragments too
MISTAKES = Rate(burst=10, per_second=0.1)  # bad input; whoever is out of these is closed


UNUSED = 0.0  # what a newcomer has spent
BLUR = 1e-6  # seconds; Unix time as a float is not finer


def spend(rate: Rate, whole_at: float, now: float) -> tuple[float, float]:
    """Spend one credit: the time at which all credits will be back, and 0.0, or the seconds to wait for one.

    That one time is all there is to remember of a visitor and a rate; it starts as UNUSED. Seconds of any clock.
    """
    refill = rate.burst / rate.per_second
    if not now < whole_at <= now + refill + BLUR:
        whole_at = now  # all are back; or the clock was set back, which must not take credits away
    after = whole_at + 1 / rate.per_second
    wait = after - now - refill
    return (whole_at, wait) if wait > BLUR else (after, 0.0)
