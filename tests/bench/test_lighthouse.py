"""What is kept of Lighthouse's answers; that pages earn their marks is in tests/browser/test_lighthouse.py."""

from dataclasses import replace

from bench import lighthouse, report
from bench.lighthouse import Seen, in_a_cell, middle, read

GOOD = Seen({"performance": 97, "accessibility": 100, "best-practices": 100, "seo": 100}, 1.84, 0.0, 30.0, 96_400, ())


def test_marks_numbers_and_what_cost_marks_are_read() -> None:
    told = {
        "categories": {
            "performance": {
                "score": 0.934,
                "auditRefs": [
                    {"id": "total-blocking-time", "weight": 30},
                    {"id": "largest-contentful-paint", "weight": 25},
                    {"id": "unused-css-rules", "weight": 0},
                ],
            },
            "seo": {"score": 1, "auditRefs": [{"id": "meta-description", "weight": 1}]},
        },
        "audits": {
            "largest-contentful-paint": {
                "score": 0.8,
                "numericValue": 2412.3,
                "title": "Largest Contentful Paint",
                "displayValue": "2.4 s",
            },
            "total-blocking-time": {"score": 0.5, "numericValue": 231.0, "title": "Total Blocking Time"},
            "total-byte-weight": {"score": 1, "numericValue": 121_000.4, "title": "Weight"},
            "unused-css-rules": {"score": 0, "title": "Unused CSS"},
            "meta-description": {"score": None, "title": "Not for this page"},
        },
    }
    assert read(told) == Seen(
        {"performance": 93, "seo": 100},
        *(2.4123, 0.0, 231.0, 121_000),
        ("Total Blocking Time", "Largest Contentful Paint 2.4 s"),
    )


def test_the_middle_of_several_runs_counts_and_the_worst_says_why() -> None:
    slow = replace(GOOD, marks={**GOOD.marks, "performance": 80}, tbt=900.0, why=("Total Blocking Time",))
    fast = replace(GOOD, marks={**GOOD.marks, "performance": 99}, tbt=10.0)
    assert middle([slow, fast, GOOD]) == replace(GOOD, why=("Total Blocking Time",))


def test_a_mark_below_the_target_is_marked_in_the_results() -> None:
    poor = replace(GOOD, marks={**GOOD.marks, "seo": lighthouse.TARGET - 1})
    assert (GOOD.good, poor.good) == (True, False)
    assert in_a_cell(GOOD) == "97 100 100 100; LCP 1.8 s; CLS 0.00; TBT 30 ms; 96 KB"
    assert in_a_cell(poor) == "97 100 100 94; LCP 1.8 s; CLS 0.00; TBT 30 ms; 96 KB (!)"
    row = {"when": "today", "landing": in_a_cell(GOOD)}
    assert report.rows(report.with_row("# Results\n", "lighthouse", row), "lighthouse") == [row]
