"""What axe-core finds on a page. It asserts nothing."""

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LIGHTS: tuple[Literal["dark", "light"], ...] = ("dark", "light")


def found_in_both_lights(page: Page) -> list[str]:
    """What is open is looked at by day and by night; its colours follow the system's, here at once."""
    found = []
    for light in LIGHTS:
        page.emulate_media(color_scheme=light, reduced_motion="reduce")
        found += [f"{light}: {one}" for one in found_by_axe(page)]
    page.emulate_media(color_scheme="null", reduced_motion="null")
    return found


def found_by_axe(page: Page) -> list[str]:
    """As sentences."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(result => result.violations)")
    return [
        f"{page.url}: {one['id']}: {one['help']}: {[node['target'] for node in one['nodes']][:3]}: "
        f"{one['nodes'][0]['failureSummary']}"
        for one in found
    ]
