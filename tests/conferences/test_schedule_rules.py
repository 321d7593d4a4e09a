"""Warnings, differences, shifts and grids of schedules, in general and in the cases people fear."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.conferences import grid_rules
from web.conferences import schedule_rules as rules
from web.conferences.schedule_desk import Card
from web.conferences.schedule_rules import Difference, Draft, Place

DAY = datetime(2026, 11, 23, 6, tzinfo=UTC)  # 11:00 in Almaty
ZONE = "Asia/Almaty"
DAYS = {"first": date(2026, 11, 23), "last": date(2026, 11, 24)}
ANNA, OLGA = {"id": 1, "name": {"ru": "Анна"}}, {"id": 2, "name": {"ru": "Ольга"}}


def at(begins: int, length: int = 30, channel: int = 1) -> Place:
    """A place so many minutes after the beginning of the day."""
    start = DAY + timedelta(minutes=begins)
    return Place(channel, start, start + timedelta(minutes=length))


def draft(number: int, place: Place | None, *speakers: dict[str, object]) -> Draft:
    return Draft(number, {"ru": str(number)}, place, speakers)


places = st.builds(at, st.integers(0, 600), st.integers(1, 120), st.integers(1, 3))
plans = st.dictionaries(st.integers(1, 12), places, max_size=8)


def overlap(one: Place, other: Place) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


@given(plans)
def test_there_is_a_warning_of_an_overlap_exactly_when_two_sessions_of_a_channel_overlap(
    plan: dict[int, Place],
) -> None:
    warned = rules.warnings([draft(number, place) for number, place in plan.items()], zone=ZONE, **DAYS)
    pairs = [
        {one, other}
        for one, other in combinations(plan, 2)
        if plan[one].channel == plan[other].channel and overlap(plan[one], plan[other])
    ]
    said = [{one.session, one.other} for one in warned if one.kind == "overlap"]
    assert bool(said) == bool(pairs)
    assert all(pair in pairs for pair in said)
    assert {number for pair in pairs for number in pair} >= {number for pair in said for number in pair}


@given(plans, plans)
def test_a_difference_turns_one_version_into_the_other(before: dict[int, Place], after: dict[int, Place]) -> None:
    made = dict(before)
    for one in rules.difference(before, after):
        assert one.steps
        if one.after is None:
            del made[one.session]
        else:
            made[one.session] = one.after
    assert made == after


@given(plans)
def test_nothing_differs_from_itself(plan: dict[int, Place]) -> None:
    assert rules.difference(plan, dict(plan)) == []
    assert rules.version(plan) == rules.version(dict(reversed(plan.items())))


@given(plans, places)
def test_another_schedule_has_another_name(plan: dict[int, Place], place: Place) -> None:
    assert rules.version(plan) != rules.version({**plan, 99: place})


@given(plans, st.integers(-60, 60), st.integers(0, 600))
def test_a_shift_moves_what_is_to_come_in_its_channel_and_nothing_else(
    plan: dict[int, Place], minutes: int, now: int
) -> None:
    moment, by = DAY + timedelta(minutes=now), timedelta(minutes=minutes)
    after = rules.shifted(plan, 1, minutes, now=moment, zone=ZONE, with_current=False)
    for number, place in plan.items():
        if place.channel == 1 and place.starts_at > moment:
            assert after[number] == Place(1, place.starts_at + by, place.ends_at + by)
        else:
            assert after[number] == place


@given(plans, st.integers(1, 60), st.integers(0, 600))
def test_a_shift_is_undone_by_going_back(plan: dict[int, Place], minutes: int, now: int) -> None:
    moment = DAY + timedelta(minutes=now)
    after = rules.shifted(plan, 1, minutes, now=moment, zone=ZONE, with_current=True)
    drafted = {**plan, **rules.in_step(plan, plan, after)}
    assert drafted == after
    assert {**drafted, **rules.in_step(drafted, after, plan)} == plan


def test_what_is_on_ends_later_too_if_wished() -> None:
    plan = {1: at(0, 60), 2: at(60)}
    now = DAY + timedelta(minutes=30)
    assert rules.shifted(plan, 1, 10, now=now, zone=ZONE, with_current=True) == {1: at(0, 70), 2: at(70)}
    assert rules.shifted(plan, 1, 10, now=now, zone=ZONE, with_current=False) == {1: at(0, 60), 2: at(70)}


def test_only_today_is_shifted_in_the_zone_of_the_conference() -> None:
    # The first begins at 23:59 in Almaty, the second after a night.
    plan = {1: at(12 * 60 + 59), 2: at(19 * 60)}
    after = rules.shifted(plan, 1, 5, now=DAY, zone=ZONE, with_current=False)
    assert [one.session for one in rules.difference(plan, after)] == [1]


def test_nothing_can_be_shifted_into_the_past() -> None:
    plan = {1: at(10), 2: at(60), 3: at(3, channel=2)}
    assert rules.earliest(plan, 1, now=DAY, zone=ZONE) == 10
    assert rules.earliest(plan, 9, now=DAY, zone=ZONE) == 0


def test_what_the_organiser_has_planned_elsewhere_stays_planned() -> None:
    before, after = {1: at(60), 2: at(90)}, {1: at(70), 2: at(100)}
    planned = {1: at(60), 2: at(300)}
    assert rules.in_step(planned, before, after) == {1: at(70)}


def test_a_speaker_in_two_places_is_named() -> None:
    there = [draft(1, at(0), ANNA), draft(2, at(10, channel=2), OLGA, ANNA), draft(3, at(30, channel=3), ANNA)]
    (first, second) = rules.warnings(there, zone=ZONE, **DAYS)
    assert (first.kind, first.session, first.other, first.speaker) == ("busy", 2, 1, ANNA["name"])
    assert (second.session, second.other) == (3, 2), "one ends as the other begins: that is no clash, this one is"


def test_a_talk_that_begins_as_another_ends_is_no_overlap() -> None:
    assert rules.warnings([draft(1, at(0, 30)), draft(2, at(30, 30))], zone=ZONE, **DAYS) == []


@pytest.mark.parametrize(("hours", "warned"), [(-12, True), (-11, False), (13 + 23, False), (13 + 24, True)])
def test_a_session_outside_of_the_conferences_days_is_noticed_in_its_zone(hours: int, *, warned: bool) -> None:
    found = rules.warnings([draft(1, at(hours * 60))], zone=ZONE, **DAYS)
    assert [one.kind for one in found] == (["outside"] if warned else [])


def test_what_became_of_a_session_is_said_in_steps() -> None:
    assert Difference(1, None, at(0)).steps == ("added",)
    assert Difference(1, at(0), None).steps == ("cancelled",)
    assert Difference(1, at(0), at(0, channel=2)).steps == ("channel",)
    assert Difference(1, at(0), at(5, channel=2)).steps == ("moved", "channel")


def test_between_a_draft_and_what_is_released_each_session_that_changed_its_channel_is_named_once() -> None:
    released = {1: at(0), 2: at(60), 3: at(120), 4: at(0, channel=2)}
    drafted = {1: at(0, channel=2), 2: at(60), 3: at(150, channel=3), 4: at(0, channel=1)}
    found = rules.difference(released, drafted)
    assert [(one.session, one.steps) for one in found] == [
        (1, ("channel",)),
        (4, ("channel",)),
        (3, ("moved", "channel")),
    ], "two that changed places, and one that went elsewhere later; what stayed is not named"
    assert [(one.before, one.after) for one in found if one.session == 3] == [(at(120), at(150, channel=3))]
    assert rules.difference(drafted, drafted) == [], "once released, nothing is left to tell"


@given(plans, st.integers(1, 3))
def test_a_session_that_only_changed_its_channel_never_counts_as_moved_or_new(plan: dict[int, Place], to: int) -> None:
    after = {number: replace(place, channel=to) for number, place in plan.items()}
    found = {one.session: one.steps for one in rules.difference(plan, after)}
    assert found == {number: ("channel",) for number, place in plan.items() if place.channel != to}


def test_a_shift_follows_a_session_to_the_channel_it_was_released_in_and_not_to_the_one_planned() -> None:
    released, planned = {1: at(60), 2: at(60, channel=2)}, {1: at(60, channel=2), 2: at(60, channel=2)}
    after = rules.shifted(released, 1, 10, now=DAY, zone=ZONE, with_current=False)
    assert rules.difference(released, after) == [Difference(1, at(60), at(70))]
    kept = {**planned, **rules.in_step(planned, released, after)}
    assert kept == planned, "the organiser placed it elsewhere"
    assert [one.steps for one in rules.difference(after, kept)] == [("moved", "channel")], "and is still shown it"


def test_a_shift_can_be_taken_back_for_ten_minutes() -> None:
    for minutes, possible in ((0, True), (10, True), (11, False)):
        now = DAY + timedelta(minutes=minutes)
        assert rules.can_undo(shifted_by=5, released_at=DAY, now=now) is possible
    assert not rules.can_undo(shifted_by=None, released_at=DAY, now=DAY)


@given(plans)
def test_every_session_stands_in_a_grid_once_and_the_grid_has_no_holes(plan: dict[int, Place]) -> None:
    cards = [
        Card(number, {}, (), one.channel, one.starts_at, one.ends_at, (), warned=False) for number, one in plan.items()
    ]
    shown = []
    for grid in grid_rules.grids(cards, [1, 2, 3], zone=ZONE):
        width = sum(columns for _, columns in grid.columns)
        covered = [0] * len(grid.lines)
        for number, line in enumerate(grid.lines):
            for cell in line.cells:
                assert cell.rows >= 1
                assert number + cell.rows <= len(grid.lines)
                for row in range(number, number + cell.rows):
                    covered[row] += 1
                if cell.session:
                    shown.append(cell.session.id)
                    assert line.at == cell.session.starts_at
        assert covered == [width] * len(grid.lines), "a browser would draw a row shorter or longer than the others"
    assert sorted(shown) == sorted(plan)


def test_a_shift_of_an_evening_goes_past_midnight_and_ends_with_the_night() -> None:
    evening = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)  # 23:30 in Moscow

    def place(begins: int, ends: int, channel: int = 1) -> Place:
        return Place(channel, evening + timedelta(minutes=begins), evening + timedelta(minutes=ends))

    plan = {1: place(-30, 10), 2: place(40, 80), 3: place(90, 120), 4: place(9 * 60, 10 * 60), 5: place(40, 80, 2)}
    after = rules.shifted(plan, 1, 5, now=evening, zone="Europe/Moscow", with_current=False)
    assert {one.session for one in rules.difference(plan, after)} == {2, 3}
    assert rules.earliest(plan, 1, now=evening, zone="Europe/Moscow") == 40
    alone = {4: place(9 * 60, 10 * 60)}
    assert rules.shifted(alone, 1, 5, now=evening, zone="Europe/Moscow", with_current=False) == alone
