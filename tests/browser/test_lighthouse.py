"""Lighthouse on a phone finds nothing to mend besides speed, which only `python -m bench lighthouse` measures."""

import pytest

from bench import lighthouse
from tests.browser.stack import Stack

UNTIMED = ("accessibility", "best-practices", "seo")

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("page", lighthouse.PAGES)
def test_a_page_earns_every_mark_that_no_clock_gives(stack: Stack, page: str) -> None:
    if not lighthouse.PROGRAM.exists():
        pytest.skip("Lighthouse is missing: npm ci")
    cookie = lighthouse.sign_in(stack.url)
    seen = lighthouse.look_at(f"{stack.url}{lighthouse.PAGES[page]}", cookie, categories=UNTIMED)
    assert set(seen.marks) == set(UNTIMED)
    assert seen.good, (seen.marks, seen.why)
