"""One stack and one Chromium for all browser tests; every test gets people with browsers of their own."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.crowd import Crowd
from tests.browser.people import People
from tests.browser.stack import Stack

# The same engine without the browser's own windows, each of which is a process more: a new person costs a sixth.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium"
# Chromium asks nobody on the network for anything while it is tested.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    # A page that shows another site's player is loaded once that one is: here it is nowhere, and that at once.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stack(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything `make up` starts; not even tried without a Chromium."""
    # A short folder: the socket of Postgres lies in it, and its path may have 107 bytes only.
    with Stack(tmp_path_factory.mktemp("up")) as running:
        yield running


@pytest.fixture
def people(chromium: Browser, stack: Stack) -> Iterator[People]:
    """Whoever the test needs; at the end none of their pages may have broken."""
    with People(chromium, stack.url) as invited:
        yield invited


@pytest.fixture(scope="module")
def crowd(stack: Stack) -> Crowd:
    """People who ask and write without a browser."""
    return Crowd(stack)
