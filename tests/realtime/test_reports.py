"""What a node makes of its processes' reports; and every metric is documented and drawn."""

import json
import re
from pathlib import Path
from typing import Any

from realtime import metrics
from realtime.reports import LEAP, STALE, Report, Reports, busiest, slowest

ROOT = Path(__file__).parents[2]


def told(slot: int, **more: Any) -> Report:
    return {"slot": slot, "pid": 100 + slot, "state": "serving", "hears": True, "writes": True, **more}


def node(*reports: Report, now: float = 10.0) -> Reports:
    heard = Reports(2)
    for report in reports:
        heard.take(report, now=now)
    return heard


def test_a_node_whose_workers_hear_and_write_is_well() -> None:
    assert node(told(0), told(1)).wrong(10.0) == []


def test_a_silent_worker_is_named_within_seconds() -> None:
    heard = node(told(0), told(1))
    heard.take(told(1), now=10.0 + STALE)
    assert heard.wrong(10.0 + STALE) == []
    assert heard.wrong(10.1 + STALE) == ["Worker 0 does not report."]


def test_nobody_counts_as_silent_while_the_master_loads_new_code() -> None:
    heard = node(told(0), told(1))
    heard.take({"master": {"leaping": True}}, now=10.0)
    assert heard.wrong(10.0 + 2 * STALE) == []
    assert len(heard.wrong(10.1 + STALE + LEAP)) == 2
    heard.take({"master": {}}, now=10.0 + 2 * STALE)
    assert len(heard.wrong(10.0 + 2 * STALE)) == 2


def test_a_deaf_and_a_mute_worker_say_why() -> None:
    heard = node(told(0, hears=False), told(1, writes=False, mute="MISCONF the disk is full"))
    assert heard.wrong(10.0) == [
        "Worker 0 (pid 100) does not hear Redis.",
        "Worker 1 (pid 101) cannot write to Redis: MISCONF the disk is full.",
    ]


def test_a_worker_that_leaves_is_neither_ill_nor_in_its_seat() -> None:
    leaving = told(0, state="leaving", hears=False)
    assert node(leaving, told(1)).wrong(10.0) == ["Worker 0 does not report."]
    assert node(leaving, told(0, pid=200), told(1)).wrong(10.0) == []


def test_the_dead_are_forgotten_when_their_master_has_buried_them() -> None:
    heard = node(told(0), told(1))
    heard.take({"master": {"living": [101]}}, now=12.0)
    assert [report["pid"] for report in heard.fresh(12.0)] == [101]


def test_a_drained_node_is_well_and_takes_nobody() -> None:
    heard = node(told(0, state="drained"), told(1, state="drained"), {"master": {"drained": True}})
    assert (heard.wrong(10.0), heard.ready(10.0)) == ([], 0)
    assert "drained" in heard.notes()[0]


def test_a_stopping_node_takes_nobody() -> None:
    assert node(told(0), told(1)).ready(10.0) == 2
    assert node(told(0), told(1), {"master": {"stopping": True}}).ready(10.0) == 0


def test_rates_are_what_came_between_two_reports() -> None:
    heard = node(told(0, deliveries=100, cpu=1.0), told(1))
    heard.take(told(0, deliveries=400, cpu=1.5), now=12.0)
    row = heard.summary(12.0)
    assert (row["deliveries"], row["cpu"], row["workers"]) == (150.0, 0.25, 2)


def test_a_report_of_older_code_is_understood() -> None:
    heard = node({"slot": 0, "pid": 7, "hears": True})
    assert heard.fresh(10.0)[0]["connections"] == 0


def test_rooms_and_slow_ones_of_all_workers_come_together() -> None:
    first = told(0, busiest=[["chat:1", 5], ["chat:2", 1]], slowest=[["user 7", 100, 11]])
    second = told(1, busiest=[["chat:1", 3]], slowest=[["user 8", 900, 12]])
    workers = node(first, second).fresh(10.0)
    assert busiest(workers) == [("chat:1", 8), ("chat:2", 1)]
    assert slowest(workers) == [("user 8", 1, 101, 12, 900), ("user 7", 0, 100, 11, 100)]


def test_every_metric_stands_in_the_readme() -> None:
    assert metrics.table() in (ROOT / "realtime" / "README.md").read_text("utf-8")


def test_every_metric_that_is_drawn_exists() -> None:
    board = json.loads((ROOT / "config" / "grafana.json").read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    used = {name for expression in asked for name in re.findall(r"veche_\w+", expression)}
    assert used - set(metrics.names()) == set()
    assert len(used) > 20
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
