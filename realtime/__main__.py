"""`python -m realtime`: run a node. `check`: would it start? `manual`, `metrics`, `pass`: print what they say."""

import argparse
import os
import sys
import time
from pathlib import Path

from config import log
from config.settings import Misconfigured, Settings, lines, read
from realtime import channels, manual, metrics, passes, supervisor
from realtime.doors import CannotStart
from realtime.passes import Pass

PRINTED = {"manual": manual.text, "metrics": metrics.table}
BOT_LIFE = 86_400  # seconds; bots and benches run for hours


def main(words: list[str]) -> int:
    """Do what the words say; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m realtime", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    parser.add_argument("--settings", type=Path, help="a file of NAME=value lines, read anew at each reload")
    commands.add_parser("check", help="say why a node, or a reload, would not start; do nothing else")
    commands.add_parser("metrics", help="print what Prometheus is told, as a table")
    commands.add_parser("manual", help="print the wire's manual")
    making = commands.add_parser("pass", help="print passes, one a line")
    making.add_argument("--user", type=int, required=True, help="number of the person; the first one of --count")
    making.add_argument("--name", required=True)
    making.add_argument("--room", action="append", required=True, help="chat:1; may be given several times")
    making.add_argument(
        "--may", default="say", help=f"rights in these rooms, with commas: {', '.join(sorted(passes.RIGHTS))}"
    )
    making.add_argument("--badge", default="", help="a word shown beside the name")
    making.add_argument("--life", type=int, default=BOT_LIFE, help="seconds")
    making.add_argument("--count", type=int, default=1, help="so many, for persons with numbers in a row")
    chosen = parser.parse_args(words)
    if chosen.command in PRINTED:
        print(PRINTED[chosen.command]())
        return 0
    try:
        if chosen.command == "pass":
            return _print_passes(chosen, read(os.environ, without=("DATABASE_URL", "REDIS_URL")).secret)
        settings = _settings(chosen.settings)
        if chosen.command == "check":
            return 0
        log.setup("realtime")
        return supervisor.run(settings)
    except (Misconfigured, CannotStart) as no:
        print(no, file=sys.stderr)
        return 1


def _settings(file: Path | None) -> Settings:
    """From the environment and, before it, a file."""
    try:
        written = lines(file.read_text("utf-8")) if file is not None else {}
    except (OSError, UnicodeDecodeError) as wrong:
        raise Misconfigured(f"The settings in {file} cannot be read: {wrong}.") from None
    return read({**os.environ, **written}, without=("DATABASE_URL",))


def _print_passes(chosen: argparse.Namespace, secret: str) -> int:
    rights = frozenset(filter(None, chosen.may.split(",")))
    unknown = [*(rights - passes.RIGHTS), *(r for r in chosen.room if channels.kind(r) is None)]
    if unknown:
        print(f"There is no such right or room: {', '.join(unknown)}.", file=sys.stderr)
        return 2
    for user in range(chosen.user, chosen.user + chosen.count):
        visitor = Pass(
            user=user,
            name=chosen.name,
            badge=chosen.badge,
            rooms=dict.fromkeys(chosen.room, rights),
            expires=time.time() + chosen.life,
            issued=time.time(),
        )
        print(passes.issue(visitor, secret=secret))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
