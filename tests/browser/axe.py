"""What axe-core finds on a page. It asserts nothing."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def found_by_axe(page: Page) -> list[str]:
    """As sentences."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(result => result.violations)")
    return [
        f"{page.url}: {one['id']}: {one['help']}: {[node['target'] for node in one['nodes']][:3]}: "
        f"{one['nodes'][0]['failureSummary']}"
        for one in found
    ]
