"""One number remembers what is left of a rate, and says the same as a bucket of credits that refills would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.limits import UNUSED, Rate, spend

RATE = Rate(burst=5, per_second=2)
NOW = 1_800_000_000.0


class Bucket:
    """The plain telling of it: credits and a time."""

    def __init__(self, now: float) -> None:
        self.left, self.seen = RATE.burst, now

    def take(self, now: float) -> float:
        self.left = min(RATE.burst, self.left + (now - self.seen) * RATE.per_second)
        self.seen = now
        if self.left >= 1:
            self.left -= 1
            return 0.0
        return (1 - self.left) / RATE.per_second


@given(st.lists(st.integers(0, 24).map(lambda eighths: eighths / 8), max_size=80))
def test_it_lets_through_what_a_bucket_lets_through(pauses: list[float]) -> None:
    now, spent, bucket = NOW, UNUSED, Bucket(NOW)
    for pause in pauses:
        now += pause
        spent, wait = spend(RATE, spent, now)
        assert wait == pytest.approx(bucket.take(now), abs=1e-5)


def test_who_waits_as_long_as_told_is_let_through() -> None:
    spent = UNUSED
    for _ in range(5):
        spent, wait = spend(RATE, spent, NOW)
        assert wait == 0.0
    spent, wait = spend(RATE, spent, NOW)
    assert wait == pytest.approx(0.5)
    assert spend(RATE, spent, NOW + wait)[1] == 0.0


def test_refusals_cost_nothing() -> None:
    spent = UNUSED
    for _ in range(100):
        spent, wait = spend(RATE, spent, NOW)
    assert wait == pytest.approx(0.5)


def test_a_clock_that_is_set_back_gives_credits_rather_than_taking_them() -> None:
    spent = UNUSED
    for _ in range(5):
        spent, _ = spend(RATE, spent, NOW)
    assert spend(RATE, spent, NOW - 3600)[1] == 0.0
