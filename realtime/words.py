"""How a text is compared with a word list: look-alike letters and tricks of spelling aside. Pure."""

import re
import unicodedata

# Letters that look like another, all told as one; Cyrillic ones are the measure, because the house writes Russian and
# Kazakh first, and a Latin word is told in the same way on both sides of the comparison.
ALIKE = str.maketrans(
    {
        **dict(zip("abcehkmoptxyiu", "авсенкмортхуіи", strict=True)),
        **dict(zip("0346@$", "озчбас", strict=True)),
        "ё": "е",
        "!": "і",
        "1": "і",
    }
)
APART = re.compile(r"[\W_]+")
AGAIN = re.compile(r"(.)\1{2,}")  # sooo is so


def plain(text: str) -> str:
    """The words of a text, each with a space before it, as the list is spelled."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(ALIKE)
    # Marks on letters and characters without width are taken away, not taken for ends of words.
    kept = "".join(
        one
        for one in unicodedata.normalize("NFD", folded)
        if unicodedata.category(one) not in ("Mn", "Cf") or one == "\u0306"  # the bow of й
    )
    short = AGAIN.sub(r"\1", unicodedata.normalize("NFC", kept))
    return " " + APART.sub(" ", short).strip()


def beginnings(words: tuple[str, ...]) -> tuple[str, ...]:
    """A word list as write.lua compares it; words that say nothing are left out."""
    found = (plain(word).strip() for word in words)
    return tuple(sorted({word for word in found if word}))
