"""What axe-core finds on a page. It asserts nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
ABOUT_COLOURS = ("color-contrast", "link-in-text-block")


def found_in_both_lights(page: Page) -> list[str]:
    """What is open, by day and by night: its colours follow the system's, here at once, and nothing else does."""
    found = found_by_axe(page)
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    page.emulate_media(color_scheme="light" if dark else "dark", reduced_motion="reduce")
    found += found_by_axe(page, rules=ABOUT_COLOURS)
    page.emulate_media(color_scheme="null", reduced_motion="null")
    return found


def found_by_axe(page: Page, *, rules: Sequence[str] = ()) -> list[str]:
    """As sentences; by these rules, or by all."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    found: list[dict[str, Any]] = page.evaluate("how => axe.run(how).then(result => result.violations)", only)
    return [
        f"{page.url}: {one['id']}: {one['help']}: {[node['target'] for node in one['nodes']][:3]}: "
        f"{one['nodes'][0]['failureSummary']}"
        for one in found
    ]
