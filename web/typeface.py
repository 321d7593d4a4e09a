"""The typeface cut down to what our languages write, from its npm package into var/, once. It serves nothing.

What else people write comes from the files of the package, which a browser asks for when it meets such a letter:
site.css names both.
"""

import tempfile
from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

PACKAGE = Path(__file__).parent.parent / "node_modules" / "@fontsource-variable" / "golos-text" / "files"
WEIGHTS = (400, 700)  # what site.css asks for, and the bold of people's own words
FEATURES = ["ccmp", "kern", "mark", "mkmk", "tnum"]  # accents, pairs, digits of one width


@dataclass(frozen=True, slots=True)
class Piece:
    """One file that is served: letters of one file of the package."""

    source: str
    letters: str


ASCII = "".join(map(chr, range(0x20, 0x7F)))
PIECES = {
    "latin": Piece("latin", f"{ASCII}\N{NO-BREAK SPACE}«»·×–—‘’“”„•…−"),
    "cyrillic": Piece("cyrillic", "\N{COMBINING ACUTE ACCENT}ЁІ" + "".join(map(chr, range(0x410, 0x450))) + "ёіҰұ№"),
    "kazakh": Piece("cyrillic-ext", "ҒғҚқҢңҮүҺһӘәӨө"),
    "money": Piece("latin-ext", "₸₽"),
}
FILES = frozenset(f"{name}.woff2" for name in PIECES)
# What a page in each language begins with; a browser need not read the stylesheet first to ask for it.
FIRST = {"ru": ("latin", "cyrillic"), "kk": ("latin", "cyrillic", "kazakh"), "en": ("latin",)}


def folder(var: Path) -> Path:
    """Where this version of the pieces is, or would be."""
    return var / "typeface" / version()


def cut(var: Path) -> None:
    """Make the pieces if they are not there yet (a second or two). Without the package nothing is made."""
    ready = folder(var)
    if ready.is_dir() or not PACKAGE.is_dir():
        return
    ready.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ready.parent) as made:
        whole = Path(made) / "whole"  # complete before it gets its name
        whole.mkdir()
        for name, piece in PIECES.items():
            (whole / f"{name}.woff2").write_bytes(_cut(PACKAGE / _file(piece.source), piece.letters))
        try:
            whole.rename(ready)
        except OSError:  # another process was faster
            if not ready.is_dir():
                raise


def _file(source: str) -> str:
    return f"golos-text-{source}-wght-normal.woff2"


def version() -> str:
    """Of the package's files and of what is made of them."""
    digest = blake2b(repr((WEIGHTS, FEATURES, PIECES)).encode(), digest_size=6)
    for piece in PIECES.values():
        file = PACKAGE / _file(piece.source)
        digest.update(file.read_bytes() if file.is_file() else b"")
    return digest.hexdigest()


def _cut(file: Path, letters: str) -> bytes:
    # Needed once in the life of an installation, and slow to import.
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    font = TTFont(file)
    lightest, heaviest = WEIGHTS
    font = instantiateVariableFont(font, {"wght": (lightest, lightest, heaviest)})
    font.flavor = None
    font = TTFont(BytesIO(_saved(font)))  # the subsetter reads tables as they are in a file
    options = Options(hinting=False, layout_features=FEATURES, name_IDs=[], notdef_outline=True)
    options.drop_tables += ["STAT", "vhea", "vmtx", "VVAR"]  # menus of editors; nobody writes from top to bottom
    subsetter = Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    font.flavor = "woff2"
    return _saved(font)


def _saved(font: "TTFont") -> bytes:
    saved = BytesIO()
    font.save(saved)
    return saved.getvalue()


def shown(letters: str) -> list[str]:
    """Letters as CSS names them, runs together: ["U+20-7E", "U+A0"]."""
    runs: list[list[int]] = []
    for code in sorted(map(ord, letters)):
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return [f"U+{first:X}" if first == last else f"U+{first:X}-{last:X}" for first, last in runs]
