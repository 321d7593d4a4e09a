"""What differs between two versions of a text, short enough to be read. Pure; it shows nothing."""

import re

WHOLE = 160  # characters; what is not longer is shown as it is
AROUND = 5  # words before and after what differs
LONGEST = 400  # characters of what differs
WORD = re.compile(r"\s*\S+\s*")


def differing(before: str, after: str) -> tuple[str, str]:
    """Both versions; of long ones the part that differs, among some words around it."""
    if max(len(before), len(after)) <= WHOLE or not before or not after:
        return _cut(before), _cut(after)
    old, new = WORD.findall(before), WORD.findall(after)
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    return _part(old, head, tail), _part(new, head, tail)


def _alike(one: list[str], other: list[str]) -> int:
    """With how many of the same words both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))


def _part(words: list[str], head: int, tail: int) -> str:
    first, last = max(0, head - AROUND), min(len(words), len(words) - tail + AROUND)
    text = _cut("".join(words[first:last]).strip())
    return f"{'… ' if first else ''}{text}{' …' if last < len(words) and not text.endswith('…') else ''}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()} …"
