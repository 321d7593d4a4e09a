"""What was measured, as a table for people and as a row of results.md for later. It measures nothing."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import meter

RESULTS = Path(__file__).parent / "results.md"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question was answered with, and whether the product kept its promises."""

    text: str
    good: bool


def table(title: str, lines: Sequence[tuple[str, str, str]]) -> str:
    """Lines of (what, number, remark) under a title."""
    what = max(len(line[0]) for line in lines)
    number = max(len(line[1]) for line in lines)
    rows = [f"  {line[0]:<{what}}  {line[1]:>{number}}  {line[2]}".rstrip() for line in lines]
    return "\n".join([title, meter.machine(), "", *rows])


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows of the same columns, each as wide as it needs to be."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join([machine_and_commit(), "", *(line.rstrip() for line in lines)])


def machine_and_commit() -> str:
    """Where and what was measured."""
    return f"{meter.machine()}; commit {commit()}"


def save(section: str, row: Mapping[str, str]) -> None:
    """Append a row to a section of results.md (made if new), with when, which commit and which machine."""
    row = {"when": f"{datetime.now(UTC):%Y-%m-%d}", "commit": commit(), **row, "machine": meter.machine()}
    text = RESULTS.read_text() if RESULTS.exists() else "# Results\n"
    RESULTS.write_text(with_row(text, section, row))


def with_row(text: str, section: str, row: Mapping[str, str]) -> str:
    """The text of results.md with one row more."""
    heading = f"## {section}"
    head = [f"| {' | '.join(row)} |", f"|{'---|' * len(row)}"]
    line = f"| {' | '.join(row.values())} |"
    lines = text.rstrip().splitlines()
    if heading not in lines:
        return "\n".join([*lines, "", heading, "", *head, line, ""])
    start = lines.index(heading)
    end = next((at for at in range(start + 1, len(lines)) if lines[at].startswith("## ")), len(lines))
    last = max(at for at in range(start, end) if lines[at].startswith("|") or at == start)
    return "\n".join([*lines[: last + 1], line, *lines[last + 1 :], ""])


def rows(text: str, section: str) -> list[dict[str, str]]:
    """The rows of a section of results.md, the newest last."""
    _, _, rest = text.partition(f"## {section}\n")
    table_lines = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table_lines]
    return [dict(zip(cells[0], row, strict=False)) for row in cells[2:]]


def commit() -> str:
    """The commit of this checkout; a plus when its files, this one of results apart, differ from it."""
    try:
        differing = _git("status", "--porcelain", "--untracked-files=no", "--", ":/", f":(exclude){RESULTS.name}")
        return _git("rev-parse", "--short", "HEAD") + ("+" if differing else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*words: str) -> str:
    told = subprocess.run(["git", *words], cwd=RESULTS.parent, capture_output=True, text=True, check=True)
    return told.stdout.strip()


def thousands(value: float) -> str:
    """12345.6 as 12,346."""
    return f"{value:,.0f}"


def milliseconds(seconds: float) -> str:
    """0.01234 as 12.3 ms."""
    return f"{seconds * 1000:.1f} ms"


def share(ordered: Sequence[float], part: float) -> float:
    """The value below which a part of an ordered sequence lies (nearest rank); 0 when there is none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0
