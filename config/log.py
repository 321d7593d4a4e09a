"""How every process speaks: one line per record on stdout, for a person or a journal. It never writes files."""

import logging
import sys

QUIET = {  # how loud a thing must be before it is written down
    "aiohttp.access": logging.WARNING,
    "asyncio": logging.WARNING,
    "asyncpg.pool": logging.ERROR,  # an absent database gets a traceback each second; who asks has a sentence
    "fontTools": logging.WARNING,  # two hundred lines about one typeface
    "websockets": logging.WARNING,
}


class OneLine(logging.Formatter):
    """Folds a traceback into its line, so that lines of several processes can be mixed and still be told apart."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        return " ⏎ ".join(line for line in super().format(record).splitlines() if line.strip())


def setup(room: str, *, level: int = logging.INFO) -> None:
    """Let everything this process logs go to stdout; `room` says who speaks."""
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(OneLine(f"%(levelname)-7s {room} %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[lines], force=True)
    logging.captureWarnings(capture=True)
    for name, loudness in QUIET.items():
        logging.getLogger(name).setLevel(loudness)
