"""Somebody without a mouse. At every stop of theirs the focus must be seen, and it must never be lost."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

MANY = 400  # stops; whoever has not arrived by then is in a trap


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the focus is."""

    what: str  # the element as a selector says it, and its words
    ringed: bool  # it has an outline, or what stands for it has
    seen: bool  # it has a place on the screen
    after: bool  # it comes after the stop before in the document, or is another part of the same field
    first: bool  # it is where the walk began


class Keys:
    """The keyboard of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """One key after another, wherever one is."""
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Type into what has the focus."""
        assert self.here(), "nothing has the focus"
        self.page.keyboard.type(text)

    def to(self, selector: str, *, back: bool = False) -> None:
        """Go on with Tab (with Shift: back) until what this selector says has the focus."""
        passed = []
        for _ in range(MANY):
            self.press("Shift+Tab" if back else "Tab")
            stop = self.here()
            if stop:
                self._check(stop)
                passed.append(stop.what)
                if self.at(selector):
                    return
        raise AssertionError(f"no way to {selector}; the last stops: {passed[-20:]}")

    def walk(self, *, back: bool = False) -> list[Stop]:
        """From one end of the page to the other, once."""
        self.page.evaluate("() => { window.stopFirst = window.stopBefore = null; }")
        stops: list[Stop] = []
        for _ in range(MANY):
            self.press("Shift+Tab" if back else "Tab")
            stop = self.here()
            if not stop or (stop.first and len(stops) > 1):
                return stops
            self._check(stop)
            stops.append(stop)
        raise AssertionError(f"a trap, or a page without an end: {[stop.what for stop in stops[-20:]]}")

    def at(self, selector: str) -> bool:
        """Whether this has the focus."""
        found: bool = self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector)
        return found

    def here(self) -> Stop | None:
        """Where the focus is; None: at no element of the page."""
        found: dict[str, Any] | None = self.page.evaluate(HERE)
        return Stop(**found) if found else None

    def _check(self, stop: Stop) -> None:
        assert stop.ringed, f"{self.page.url}: the focus is not seen at {stop.what}"
        assert stop.seen, f"{self.page.url}: off the screen: {stop.what}"


# What stands for a field that is not seen itself is its label or what comes next; a composer has its ring around the
# form, a row around what is in it. Of a page within the page its own focus counts.
HERE = """() => {
  let here = document.activeElement;
  while (here?.tagName === "IFRAME" && here.contentDocument) here = here.contentDocument.activeElement;
  if (!here || here === document.body || here === document.documentElement) return null;
  const rings = (one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && !/, 0\\)$/.test(style.outlineColor);
  };
  const around = [here.parentElement, here.parentElement?.parentElement, here.ownerDocument.defaultView.frameElement];
  const places = [here, here.firstElementChild, here.nextElementSibling, ...around].filter(Boolean);
  const box = here.getBoundingClientRect();
  const { innerHeight, innerWidth } = here.ownerDocument.defaultView;
  const named = here.id ? `#${here.id}` : [here.tagName.toLowerCase(), ...here.classList].join(".");
  const words = (here.getAttribute("aria-label") ?? here.innerText ?? "").trim().replace(/\\s+/g, " ").slice(0, 40);
  const before = window.stopBefore;
  window.stopBefore = here;
  window.stopFirst ??= here;
  const comparable = before?.isConnected && before.ownerDocument === here.ownerDocument;
  const order = comparable ? before.compareDocumentPosition(here) : 0;
  return {
    what: `${named} ${words}`.trim(),
    ringed: places.some(rings),
    seen: Math.min(box.width, box.height, box.bottom, box.right, innerHeight - box.top, innerWidth - box.left) > 0,
    after: order === 0 || Boolean(order & Node.DOCUMENT_POSITION_FOLLOWING),
    first: here === window.stopFirst && before !== null && before !== here,
  };
}"""
