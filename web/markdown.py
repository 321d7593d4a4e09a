"""Markdown that organisers write, as HTML that can only be read. Pure; it loads no picture and runs no script."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

# Headings of a text stand under the heading of the block or page that holds it.
LOWER = {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}
TAGS = {"p", "h3", "h4", "ul", "ol", "li", "strong", "em", "a", "blockquote", "code", "pre", "hr", "br"}
ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}
RENDERER = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")
KEPT = 512  # texts; one landing page has a few dozen, in three languages


@lru_cache(maxsize=KEPT)
def render(text: str) -> Markup:
    """A text as HTML: paragraphs, lists, links, emphasis. What is anything else stays the letters it is."""
    tokens = RENDERER.parse(text)
    for token in tokens:
        token.tag = LOWER.get(token.tag, token.tag)
    drawn = RENDERER.renderer.render(tokens, RENDERER.options, {})
    # The renderer lets no markup through; the cleaner is there for the day it does.
    return Markup(nh3.clean(drawn, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener nofollow"))
