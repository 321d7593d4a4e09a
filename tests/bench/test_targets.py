"""Targets and what was measured, side by side; each question answers for its own at toy size, against real nodes."""

import math
from argparse import ArgumentParser
from collections.abc import Iterable

import pytest

from bench import questions, report, targets
from bench.targets import BARE_EACH, BY_NAME, Finding

# question -> its targets, and the words that make it small
TOYS = {
    "fanout": ("F1 F2 F3 F4 C", "--small 20 --big 40 --seconds 0.3 --rounds 1"),
    "connections": ("F5 F6 F7", "--clients 30 --idle 0.5 --within 0.5"),
    "recovery": ("F8", "--clients 30 --disconnects 60 --pace 60"),
    "slow": ("F9", "--clients 30 --deaf 5 --seconds 0.5 --calm 0.2"),
    "leaks": ("F10", "--clients 20 --cycles 100 --calm 0.2"),
    "faults": ("F11 F12", "--clients 20 --rounds 1 --reloading 2"),
    "moderate": ("F13", "--clients 20 --approving 1.6 --seconds 1 --tangled 100"),
    "squeeze": ("F14", "--clients 20 --seconds 0.5 --rounds 1"),
    "nodes": ("F15", "--clients 10 --seconds 0.5 --rounds 1"),
}
NEVER = ("F7.missed", "F8.lost", "F9.lost", "F11.lost", "F12.refused", "F13.later")  # at any size, on any machine


@pytest.mark.parametrize("name", TOYS)
async def test_a_question_answers_for_its_targets(name: str) -> None:
    rows, words = TOYS[name]
    parser = ArgumentParser()
    questions.ASKED[name].arguments(parser)
    findings: list[Finding] = await questions.ASKED[name].ask(parser.parse_args(words.split()))
    assert sorted(one.target for one in findings) == sorted(named(rows.split()))
    assert all(math.isfinite(one.value) for one in findings)  # a difference of two small ones may be below zero
    assert [one for one in findings if one.target in NEVER and not one.met] == []


def test_every_question_and_every_target_is_asked_for() -> None:
    assert set(TOYS) == set(questions.ASKED)
    assert sorted(named(row for rows, _ in TOYS.values() for row in rows.split())) == sorted(BY_NAME)
    assert {target.row for target in targets.TARGETS} == {"C", *(f"F{number}" for number in range(1, 16))}


def test_a_missed_target_says_so_and_why_and_a_reached_one_does_not() -> None:
    lines = targets.lines([Finding("F1.bare", 0.9, "of all"), Finding("F1.bare", 0.5, "of all")])
    assert [line[2:5] for line in lines] == [("≥ 0.85", "0.90", "reached"), ("≥ 0.85", "0.50", "MISSED")]
    assert lines[0][5] == "of all"
    assert lines[1][5] == f"of all; {targets.why_missed(Finding('F1.bare', 0.5))}"


def test_ahead_of_a_peer_is_a_ratio_to_the_bare_loop() -> None:
    assert targets.best_peer(0, BARE_EACH) == pytest.approx(135 / 147)


def test_a_row_of_results_marks_what_was_missed_and_can_be_read_again() -> None:
    row = targets.row([Finding("F4.p50", 0.004), Finding("F4.p99", 0.0303), Finding("F6.entries", 3456)])
    assert row["F4"] == "p50 4.0 ms; p99 30.3 ms (!)"
    assert row["F15"] == "-"
    assert list(row) == list(dict.fromkeys(target.row for target in targets.TARGETS))
    text = report.with_row("# Results\n", "targets", {"when": "today", **row})
    (again,) = report.rows(text, "targets")
    assert targets.measured(again)["F6.entries"] == "3,456"


def named(rows: Iterable[str]) -> list[str]:
    """All targets of these rows."""
    wanted = set(rows)
    return [target.name for target in targets.TARGETS if target.row in wanted]
