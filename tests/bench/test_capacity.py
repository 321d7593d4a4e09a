"""The calculator's arithmetic, done once by hand."""

import math
from argparse import ArgumentParser

import pytest

from bench import capacity, report, targets
from bench.capacity import Constants, Unmeasured
from bench.targets import Finding

KNOWN = Constants(at_50=100_000, at_200=400_000, envelope=150, memory=4096, entries=2000)


def test_an_audience_needs_what_was_calculated_by_hand() -> None:
    need = capacity.need(KNOWN, audience=10_000, messages=50, letters=50, cores=4, rush=10)
    assert need.deliveries == 500_000
    assert need.talking == pytest.approx(5.0)
    assert need.entering == pytest.approx(0.5)
    assert need.cores == math.ceil(5.5 / 0.6) == 10
    assert need.nodes == 3
    assert need.memory == 10_000 * 4096
    assert need.uplink == pytest.approx(500_000 * (200 + 52) * 8)


@pytest.mark.parametrize(("messages", "cpu"), [(0, 0.0), (25, 0.00025), (50, 0.0005), (200, 0.0005), (350, 0.0005)])
def test_what_is_merged_costs_less_and_lies_on_a_line(messages: float, cpu: float) -> None:
    assert capacity.cpu_of_a_socket(KNOWN, messages) == pytest.approx(cpu)


def test_what_travels_together_shares_its_packets() -> None:
    apart = capacity.need(KNOWN, audience=1, messages=100, letters=50, cores=1, rush=1)
    together = capacity.need(KNOWN, audience=1, messages=400, letters=50, cores=1, rush=1)
    assert together.uplink == pytest.approx(100 * (4 * 200 + 52) * 8)
    assert together.uplink < 4 * apart.uplink


def test_compression_saves_bytes_of_messages_and_none_of_packets() -> None:
    need = capacity.need(KNOWN, audience=1, messages=1, letters=50, cores=1, rush=1, saved=0.5)
    assert need.uplink == pytest.approx((100 + 52) * 8)


def test_it_is_said_when_the_uplink_ends_first() -> None:
    parser = ArgumentParser()
    capacity.arguments(parser)
    asked = parser.parse_args(["--audience", "10000", "--messages", "50", "--uplink", "0.1", "--cores", "64"])
    need = capacity.need(KNOWN, audience=10_000, messages=50, letters=50, cores=64, rush=60)
    assert ("nodes", "17", "the uplink ends first") in capacity.lines(need, asked)


def test_the_constants_come_from_the_newest_row_that_has_them() -> None:
    first = [Finding("C.at_50", 111_000), Finding("C.at_200", 444_000), Finding("C.envelope", 150)]
    second = [Finding("C.at_50", 123_456), Finding("F5.memory", 8.25 * 1024), Finding("F6.entries", 3333)]
    text = report.with_row("# Results\n", "targets", targets.row(first))
    text = report.with_row(text, "targets", targets.row(second))
    rows = [targets.measured(row) for row in report.rows(text, "targets")]
    assert capacity.constants(rows) == Constants(123_456, 444_000, 150, 8.2 * 1024, 3333)


def test_what_was_never_measured_is_said() -> None:
    with pytest.raises(Unmeasured, match=r"knows C.at_50: run python -m bench all --save"):
        capacity.constants([])
