"""Replay one seed, or look for one that breaks: `python -m tests.simulator --seed N [--steps M] [--seeds K] [-v]`."""

import argparse
import sys
import time

from tests.simulator.story import STEPS, Broken, run


def main() -> int:
    """Run the seeds; the exit code says whether a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, one after the other")
    parser.add_argument("--steps", type=int, default=STEPS, help="how long the story is")
    parser.add_argument("-v", "--verbose", action="store_true", help="print everything that happens")
    asked = parser.parse_args()
    began, broken = time.process_time(), 0
    for seed in range(asked.seed, asked.seed + asked.seeds):
        try:
            trace = run(seed, asked.steps)
        except Broken as found:
            broken += 1
            trace = found.trace
            print(found, file=sys.stderr)
        if asked.verbose:
            print("\n".join(trace))
    print(f"{asked.seeds} seeds, {broken} broken, {time.process_time() - began:.1f} s of CPU")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
