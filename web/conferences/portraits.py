"""A picture for whoever has none yet: their initials in a circle. Pure; it draws no face."""

from html import escape

SIZE = 96  # units of the drawing; it is shown at any size


def draw(name: str) -> str:
    """An SVG with the first letters of the first and the last word of a name."""
    words = [word for word in name.split() if word[0].isalnum()]
    letters = "".join(dict.fromkeys(word[0].upper() for word in (words[:1] + words[-1:]))) if words else "·"
    middle = SIZE // 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">'
        f'<circle cx="{middle}" cy="{middle}" r="{middle}" fill="#e0d8ca"/>'
        f'<text x="{middle}" y="{middle}" dy=".36em" text-anchor="middle" fill="#60584d" '
        f'font-family="system-ui, sans-serif" font-size="34" font-weight="600">{escape(letters)}</text></svg>'
    )
