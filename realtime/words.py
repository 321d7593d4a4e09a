"""How a text is compared with a word list: look-alike letters and tricks of spelling aside. Pure."""

import re
import unicodedata

# Letters that look like another, all told as one; Cyrillic ones are the measure, because the house writes Russian and
# Kazakh first, and a Latin word is told in the same way on both sides of the comparison.
ALIKE = str.maketrans(
    {
        **dict(zip("abcehkmoptxyiu", "авсенкмортхуіи", strict=True)),
        **dict(zip("0346@$1", "озчбаsі", strict=True)),
    }
)
# Marks on letters, around them, and characters without width are taken away, not taken for ends of words.
BOW = "\u0306"
MARKS = dict.fromkeys(
    one
    for one in (*range(0x10000), *range(0xE0000, 0xE0200))
    if unicodedata.category(chr(one)) in ("Mn", "Me", "Cf") and chr(one) != BOW
)
BOWED = (("и" + BOW, "й"), ("у" + BOW, "ў"))  # letters of their own, not marked ones
WITHIN = re.compile(r"(?<=\w)!(?=\w)")  # an i; elsewhere it ends a sentence
HIDES = "!"  # before a word: what has it in it is hidden, not held; in no plain text
APART = re.compile(r"[\W_]+")
AGAIN = re.compile(r"(.)\1{2,}")  # sooo is so


def plain(text: str) -> str:
    """The words of a text, each with a space before it, as the list is spelled."""
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = bare.translate(MARKS)  # first of all: another mark may stand between a letter and its bow
    for apart, letter in BOWED:
        bare = bare.replace(apart, letter)
    told = WITHIN.sub("і", bare.replace(BOW, "")).translate(ALIKE)
    return " " + APART.sub(" ", AGAIN.sub(r"\1", told)).strip()


def beginnings(words: tuple[str, ...], hidden: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A word list as write.lua compares it, those that hide with a mark; words that say nothing are left out."""
    held, hides = ({word for word in (plain(one).strip() for one in some) if word} for some in (words, hidden))
    return tuple(sorted(held - hides | {HIDES + word for word in hides}))
