"""Every theme of a conference can be read: each pair of colours that meets on a page is measured, in light and dark."""

import re
from collections.abc import Iterator
from itertools import product

import pytest

from web.assets import STATIC
from web.conferences.landing_rules import THEMES

TOKEN = re.compile(r"--([a-z-]+):\s*(#[0-9a-f]{6});")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
MODES = ("light", "dark")

PAPERS = ("paper", "paper-raised", "paper-sunk")
# (what is written, on what, and the contrast it needs: WCAG 2.2, 1.4.3, 1.4.6 and 1.4.11)
PAIRS = [
    *((ink, paper, 7.0) for ink, paper in product(("ink",), PAPERS)),
    *((ink, paper, 4.5) for ink, paper in product(("ink-soft", "live", "ok", "warn"), PAPERS)),
    *((line, paper, 3.0) for line, paper in product(("line-strong", "focus"), PAPERS)),
    ("ink", "warn-paper", 7.0),
    ("warn", "warn-paper", 4.5),
    ("ground-ink", "ground", 7.0),
    ("ground-soft", "ground", 4.5),
    ("ground-live", "ground", 4.5),
    ("ground-line", "ground", 3.0),
]


def rules() -> Iterator[tuple[list[str], dict[str, str]]]:
    """Each rule of the stylesheet that sets colours: its selectors and the tokens it sets."""
    text = re.sub(r"/\*.*?\*/", "", (STATIC / "site.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    for selectors, body in RULE.findall(text.replace("@media (prefers-color-scheme: dark) {", "")):
        tokens = dict(TOKEN.findall(body))
        if tokens:
            yield [one.strip() for one in selectors.split(",")], tokens


def tokens(theme: str, mode: str, *, by_hand: bool) -> dict[str, str]:
    """The colours in force on a page of this theme; `by_hand`: dark was chosen with the switch, not by the system."""
    look = f'[data-look="{theme}"]'
    dark = ':root[data-theme="dark"]' if by_hand else ':root:not([data-theme="light"])'
    wanted = [":root", look, *([dark, f"{dark}{look}"] if mode == "dark" else [])]
    found: dict[str, str] = {}
    for selector in wanted:
        for selectors, set_here in rules():
            if selector in selectors:
                found |= set_here
    return found


def luminance(colour: str) -> float:
    """How light a colour is, 0 to 1 (WCAG 2.2, relative luminance)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1, the same, to 21, black on white."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_the_one_everybody_uses() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("by_hand", [False, True], ids=["by the system", "by hand"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("theme", THEMES)
def test_everything_written_can_be_read(theme: str, mode: str, by_hand: bool) -> None:
    colours = tokens(theme, mode, by_hand=by_hand)
    poor = [
        f"{ink} on {paper}: {contrast(colours[ink], colours[paper]):.2f}, at least {least}"
        for ink, paper, least in PAIRS
        if contrast(colours[ink], colours[paper]) < least
    ]
    assert not poor


@pytest.mark.parametrize("theme", THEMES)
def test_dark_is_the_same_whether_the_system_or_a_hand_chose_it(theme: str) -> None:
    assert tokens(theme, "dark", by_hand=True) == tokens(theme, "dark", by_hand=False)


def test_every_theme_is_one_of_its_own() -> None:
    for mode in MODES:
        seen = [tuple(sorted(tokens(theme, mode, by_hand=True).items())) for theme in THEMES]
        assert len(set(seen)) == len(THEMES)
