"""The face of a speaker who has sent no picture: initials on a disc, an SVG. Pure."""

from hashlib import blake2b
from html import escape

# paper and ink of discs, of one family with the product's colours; each pair is read easily (contrast above 4.5)
DISCS = (
    ("#ece2d0", "#5a4a33"),
    ("#dfe3e1", "#37494b"),
    ("#f2e3d5", "#7a3f22"),
    ("#e3e6dd", "#43532f"),
    ("#e9ddd3", "#6b3a35"),
    ("#dcdfe2", "#38485a"),
)


def monogram(name: str) -> str:
    """An SVG with the initials of a name; the same name has the same colours."""
    written = name.strip() or "?"
    words = [word for word in written.split() if word[0].isalpha()] or [written]
    initials = "".join(word[0] for word in (words if len(words) == 1 else [words[0], words[-1]])).upper()
    paper, ink = DISCS[blake2b(written.encode(), digest_size=1).digest()[0] % len(DISCS)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">'
        f'<rect width="96" height="96" fill="{paper}"/>'
        f'<text x="48" y="50" fill="{ink}" font-family="Golos Text, Arial, sans-serif" font-size="36" '
        f'font-weight="600" text-anchor="middle" dominant-baseline="central">{escape(initials)}</text></svg>'
    )
