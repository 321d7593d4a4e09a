"""`python -m bench <question>`: asks a running product how fast it is. It only knows who answers which question."""

import signal
import sys
from collections.abc import Callable
from functools import partial

from bench import chat, lighthouse, questions, report

QUESTIONS: dict[str, Callable[[list[str]], report.Answer]] = {
    "chat": chat.main,  # one room, many sockets, no compiler needed: cost per delivery, lateness of the last receiver
    "all": questions.everything,  # F1 to F15 beside their targets
    "lighthouse": lighthouse.main,  # landing, channel and schedule on a phone: four marks each
    "capacity": questions.calculate,  # nodes, memory and uplink of an audience
    **{name: partial(questions.main, name) for name in questions.ASKED},
}


def main(words: list[str]) -> int:
    """Ask; the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # being told to leave ends what was started, like Ctrl-C
    if not words or words[0] not in QUESTIONS:
        print(f"python -m bench <question>; the questions are: {', '.join(QUESTIONS)}. Add --help to one.")
        return 0 if words[:1] in ([], ["--help"], ["-h"]) else 2
    try:
        answer = QUESTIONS[words[0]](words[1:])
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    print(answer.text)
    return 0 if answer.good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
