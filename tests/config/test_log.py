"""What every process writes: one line for one thing, whatever happened."""

import logging
from collections.abc import Iterator

import pytest

from config import log


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging as pytest had it."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before, level
    logging.captureWarnings(capture=False)
    for name in log.QUIET:
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_a_record_is_one_line_that_says_who_speaks(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup("web")
    logging.getLogger("web.accounts").warning("a door\nwith two lines")
    assert capsys.readouterr().out == "WARNING web web.accounts: a door ⏎ with two lines\n"


def test_a_traceback_is_folded_into_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup("workers")
    try:
        raise ValueError("no such letter")
    except ValueError:
        logging.getLogger("workers.mail").exception("not sent")
    written = capsys.readouterr().out
    assert written.count("\n") == 1
    assert written.startswith("ERROR   workers workers.mail: not sent ⏎ Traceback")
    assert written.endswith("ValueError: no such letter\n")


def test_every_request_that_went_well_is_not_worth_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup("web")
    logging.getLogger("aiohttp.access").info("GET / 200")
    assert capsys.readouterr().out == ""
