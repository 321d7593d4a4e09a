"""CPU seconds and memory of processes, from /proc (proc(5)); what machine this is. It changes nothing."""

import os
import platform
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")  # units of utime and stime per second, 100 on every Linux we met

PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for parent in found:
        for task in (PROC / str(parent) / "task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu(pids: list[int]) -> float:
    """Seconds of CPU, user and system, these processes have used so far."""
    ticks = 0
    for pid in pids:
        # The name in brackets may hold spaces; what follows the last bracket starts with field 3.
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICK


def memory(pids: list[int]) -> int:
    """Bytes of memory these processes hold; a page they share counts once (PSS)."""
    total = 0
    for pid in pids:
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def machine() -> str:
    """Processor, cores and Python, as they stand in a row of results."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines(PROC / "cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    return f"{model}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}"


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines()
