"""`python -m realtime`: run a node. `manual`: print the wire's manual. `pass`: print passes for bots and benches."""

import argparse
import os
import sys
import time

from config import log
from config.settings import Misconfigured, read
from realtime import channels, manual, passes, supervisor
from realtime.passes import Pass

BOT_LIFE = 86_400  # seconds; bots and benches run for hours


def main(words: list[str]) -> int:
    """Do what the words say; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m realtime", description=__doc__)
    commands = parser.add_subparsers(dest="command")
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
    if chosen.command == "manual":
        print(manual.text())
        return 0
    try:
        if chosen.command == "pass":
            return _print_passes(chosen, read(os.environ, without=("DATABASE_URL", "REDIS_URL")).secret)
        log.setup("realtime")
        return supervisor.run(read(os.environ, without=("DATABASE_URL",)))
    except (Misconfigured, supervisor.CannotStart) as no:
        print(no, file=sys.stderr)
        return 1


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
