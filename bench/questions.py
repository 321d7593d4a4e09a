"""How a question about targets is asked from the command line, and all of them in a row. It measures nothing."""

import argparse
import asyncio
import resource
import sys
import time
from collections.abc import Sequence
from types import ModuleType

import uvloop

from bench import (
    capacity,
    chat,
    connections,
    fanout,
    faults,
    leaks,
    moderate,
    nodes,
    recovery,
    report,
    slow,
    squeeze,
    swarm,
    targets,
)
from bench.node import CannotStart
from bench.swarm import Broken
from bench.targets import Finding

ASKED: dict[str, ModuleType] = {
    "fanout": fanout,  # F1-F4
    "connections": connections,  # F5-F7
    "recovery": recovery,  # F8
    "slow": slow,  # F9
    "leaks": leaks,  # F10
    "faults": faults,  # F11-F12
    "moderate": moderate,  # F13
    "squeeze": squeeze,  # F14
    "nodes": nodes,  # F15
}
SAVE = "append a row to bench/results.md"
FILES = 16_384  # descriptors: 5,000 sockets on either side and some


def main(name: str, words: Sequence[str]) -> report.Answer:
    """Ask one of them."""
    module = ASKED[name]
    parser = argparse.ArgumentParser(prog=f"python -m bench {name}", description=module.__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes: does it work at all?")
    parser.add_argument("--save", action="store_true", help=SAVE)
    module.arguments(parser)
    asked = parser.parse_args(words)
    if asked.quick:
        module.quick(asked)
    _open_many_files()
    findings, broken = _ask(name, asked)
    return _answer(findings, broken, save=asked.save)


def everything(words: Sequence[str]) -> report.Answer:
    """F1 to F15 side by side with their targets."""
    parser = argparse.ArgumentParser(prog="python -m bench all", description=everything.__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes: does it work at all?")
    parser.add_argument("--save", action="store_true", help=SAVE)
    parser.add_argument("--only", nargs="*", choices=ASKED, default=list(ASKED), metavar="QUESTION")
    chosen = parser.parse_args(words)
    if swarm.compiler() is None:
        sys.stderr.write("No C compiler: the targets need the swarm and the bare loop; asking the slower crowd.\n")
        return chat.main(["--save"] if chosen.save else [])
    _open_many_files()
    findings: list[Finding] = []
    broken: list[str] = []
    for name in chosen.only:
        words = ["--quick"] if chosen.quick else []
        module = ASKED[name]
        asking = argparse.ArgumentParser()
        module.arguments(asking)
        asked = asking.parse_args([])
        if chosen.quick:
            module.quick(asked)
        started = time.monotonic()
        found, why = _ask(name, asked)
        sys.stderr.write(f"{name}: {time.monotonic() - started:.0f} s{': ' + why[0] if why else ''}\n")
        findings += found
        broken += why
    return _answer(findings, broken, save=chosen.save)


def calculate(words: Sequence[str]) -> report.Answer:
    """What an audience needs, from the rows of results.md."""
    parser = argparse.ArgumentParser(prog="python -m bench capacity", description=capacity.__doc__)
    capacity.arguments(parser)
    asked = parser.parse_args(words)
    if min(asked.audience, asked.messages, asked.bytes, asked.cores, asked.rush, asked.uplink) <= 0:
        raise SystemExit("Everything but --saved must be more than nothing.")
    if not 0 <= asked.saved <= 0.9:
        raise SystemExit("--saved is a share between 0 and 0.9.")
    try:
        known = capacity.constants(
            [targets.measured(row) for row in report.rows(report.RESULTS.read_text(), "targets")]
        )
    except capacity.Unmeasured as why:
        return report.Answer(str(why), good=False)
    needed = capacity.need(
        known,
        audience=asked.audience,
        messages=asked.messages,
        letters=asked.bytes,
        cores=asked.cores,
        rush=asked.rush,
        saved=asked.saved,
    )
    title = f"{asked.audience:,} listeners of one room with {asked.messages:g} messages a second of {asked.bytes} bytes"
    return report.Answer(report.table(title, capacity.lines(needed, asked)), good=True)


def _ask(name: str, asked: argparse.Namespace) -> tuple[list[Finding], list[str]]:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            return runner.run(ASKED[name].ask(asked)), []
        except (CannotStart, Broken) as why:
            return [], [f"{name}: {why}"]


def _answer(findings: list[Finding], broken: list[str], *, save: bool) -> report.Answer:
    if save and findings:
        report.save("targets", targets.row(findings))
    text = report.columns(targets.lines(findings)) + "".join(f"\n! {sentence}" for sentence in broken)
    return report.Answer(text, good=not broken)


def _open_many_files() -> None:
    """A socket is a file; what we start inherits the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
