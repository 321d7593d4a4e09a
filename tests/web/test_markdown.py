"""What organisers write in Markdown: shown as text, and never able to do more."""

from html.parser import HTMLParser

import pytest

from web.markdown import TAGS, render


class Seen(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, text or "") for name, text in attrs}


def test_paragraphs_lists_and_links_become_what_they_are() -> None:
    page = render("Первый *абзац*.\n\n- один\n- **два**\n\n[Сайт](https://example.org/a?b=1&c=2)")
    assert "<p>Первый <em>абзац</em>.</p>" in page
    assert "<li><strong>два</strong></li>" in page
    assert '<a href="https://example.org/a?b=1&amp;c=2" rel="noopener nofollow">Сайт</a>' in page


def test_headings_stand_below_the_heading_of_their_block() -> None:
    page = render("# Первый\n\n### Третий\n\n###### Шестой")
    assert "<h3>Первый</h3>" in page
    assert "<h4>Третий</h4>" in page
    assert "<h4>Шестой</h4>" in page


@pytest.mark.parametrize(
    "planted",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[press](javascript:alert(1))",
        "[press](JaVaScRiPt&colon;alert(1))",
        "[press](java\tscript:alert(1))",
        "[press](data:text/html;base64,PHNjcmlwdD4=)",
        "[press](vbscript:msgbox)",
        "<a href='javascript:alert(1)'>press</a>",
        "<javascript:alert(1)>",
        "![x](javascript:alert(1))",
        "[press][1]\n\n[1]: javascript:alert(1)",
        "<svg/onload=alert(1)>",
        "<style>body{display:none}</style>",
        "<iframe src='https://example.org'></iframe>",
        '[a](https://example.org "onmouseover=alert(1)")',
        "```html\n<script>alert(1)</script>\n```",
    ],
)
def test_what_would_act_stays_letters(planted: str) -> None:
    seen = Seen()
    seen.feed(render(planted))
    assert seen.tags <= TAGS
    assert {name for name, _ in seen.attributes} <= {"href", "rel"}
    assert all(text.startswith("https://example.org") for name, text in seen.attributes if name == "href")


def test_a_picture_is_not_loaded_from_elsewhere() -> None:
    assert "<img" not in render("![Пиксель](https://tracker.example/one.gif)")


def test_a_very_deep_text_is_rendered_in_the_end() -> None:
    assert "<blockquote>" in render(">" * 3000 + " глубоко")
    assert render("[" * 3000) == f"<p>{'[' * 3000}</p>\n"
