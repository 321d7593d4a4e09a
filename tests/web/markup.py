"""What browsers forgive without a word in a page: elements that end where another one should, a name given twice."""

from html.parser import HTMLParser

VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.names: set[str] = set()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("id")
        if name is not None:
            if name in self.names:
                self.wrong.append(f"line {self.getpos()[0]}: a second id={name}")
            self.names.add(name)

    def handle_endtag(self, tag: str) -> None:
        began = self.open.pop() if self.open else "nothing"
        if began != tag:
            self.wrong.append(f"line {self.getpos()[0]}: </{tag}> ends <{began}>")


def forgiven(page: str) -> list[str]:
    """What is wrong with the markup of a page, the first fault first; empty when it is as it should be."""
    reading = _Reading()
    reading.feed(page)
    reading.close()
    return reading.wrong + [f"<{tag}> never ends" for tag in reading.open]
