"""A day in figures: scales, curves, hours and what a session came to."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.conferences import figures_rules as rules
from web.conferences.rules import Session, sessions

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)
OVER = rules.Stretch(NOON, NOON + 4 * A_MINUTE)


def talk(number: int, begins: int, ends: int, *, zone: str = "UTC") -> Session:
    """A session of minutes from noon."""
    row = {
        "id": number,
        "title": {},
        "abstract": {},
        "language": "ru",
        "channel_id": 1,
        "channel_slug": "main",
        "starts_at": NOON + begins * A_MINUTE,
        "ends_at": NOON + ends * A_MINUTE,
        "channel_name": {},
        "position": 1,
        "speakers": [],
    }
    return sessions([row], zone=zone, now=NOON)[0]


@pytest.mark.parametrize(
    ("most", "end"), [(0, 5), (5, 5), (6, 10), (11, 20), (21, 30), (99, 100), (101, 200), (5001, 6_000)]
)
def test_a_scale_ends_at_a_round_number_above_everything(most: int, end: int) -> None:
    assert rules.scale({NOON: most}, {}) == end


@given(st.lists(st.integers(0, 10**6), max_size=20))
def test_nothing_is_drawn_above_its_scale(counts: list[int]) -> None:
    series = {NOON + number * A_MINUTE: count for number, count in enumerate(counts)}
    scale = rules.scale(series)
    assert scale >= max(counts, default=0)
    drawn = rules.curve(series, rules.Stretch(NOON, NOON + 20 * A_MINUTE), scale)
    assert drawn.peak == max(counts, default=0)
    assert "-" not in drawn.path, "above the top of the box"


def test_a_curve_falls_to_the_ground_where_nobody_was() -> None:
    drawn = rules.curve({NOON: 5, NOON + 2 * A_MINUTE: 10, NOON - A_MINUTE: 99}, OVER, 10)
    assert drawn.path == "M0 100V50H1V100H2V0H3V100Z"
    assert drawn.peak == 10, "what was before the stretch is not in it"


def test_a_session_has_what_was_between_its_first_and_its_last_moment() -> None:
    viewers = {NOON: 3, NOON + 2 * A_MINUTE: 7}
    messages = {NOON: 1, NOON + A_MINUTE: 4, NOON + 2 * A_MINUTE: 100}
    first, second = rules.bands(
        [talk(2, 2, 4), talk(1, 0, 2)],
        OVER,
        viewers=viewers,
        messages=messages,
        questions={1: {"asked": 6, "answered": 2}},
    )
    assert (first.session.id, first.viewers, first.messages, first.asked, first.answered) == (1, 3, 5, 6, 2)
    assert (second.viewers, second.messages, second.asked) == (7, 100, 0)
    assert (first.left, first.width, second.left) == (0, 50, 50)


def test_channels_together_are_added_minute_by_minute() -> None:
    late = NOON + A_MINUTE
    assert rules.together([{NOON: 1, late: 5}, {NOON: 2}]) == {NOON: 3, late: 5}


def test_a_stretch_begins_before_the_first_session_and_ends_after_the_last() -> None:
    over = rules.stretch([talk(1, 60, 90), talk(2, 0, 45)])
    assert (over.begins, over.ends) == (NOON - rules.MARGIN, NOON + 90 * A_MINUTE + rules.MARGIN)
    assert over.minutes == 150
    assert over.share(over.begins - timedelta(days=1)) == 0
    assert over.share(over.ends + timedelta(days=1)) == 100


def test_hours_are_those_of_the_zone_and_no_more_than_have_room() -> None:
    day = rules.Stretch(NOON, NOON + timedelta(hours=16))
    kolkata = rules.hours(day, "Asia/Kolkata")
    assert [one.starts for one in kolkata][:3] == ["18:00", "20:00", "22:00"]
    assert len(kolkata) <= rules.MOST_HOURS
    assert kolkata[0].left == pytest.approx(100 * 30 / 960, abs=0.001), "half an hour later than here"


def test_the_day_is_the_one_asked_for_or_the_latest_that_has_begun() -> None:
    known = [date(2026, 11, 23), date(2026, 11, 24)]
    assert rules.chosen("2026-11-23", known, date(2026, 11, 30)) == known[0]
    assert rules.chosen("nonsense", known, date(2026, 11, 24)) == known[1]
    assert rules.chosen("", known, date(2026, 11, 1)) == known[0]
    assert rules.chosen("2026-11-23", [], date(2026, 11, 23)) is None
