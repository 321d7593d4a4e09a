"""Uploaded pictures made small and clean: decoded, turned upright, shrunk, and encoded anew. Bytes in, bytes out.

What is kept was drawn by this program from pixels alone: no metadata, no second file hidden behind the first, no page
that a browser might run.
"""

import warnings
from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from config.languages import N_
from web.conferences.form_rules import Wrong

FILE_AT_MOST = 10 * 1024 * 1024  # bytes; what phones make is smaller
PIXELS_AT_MOST = 50_000_000  # decoded at four bytes each; a bomb says that it has many more
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
QUALITY = 85  # of what loses; the eye finds nothing at twice a screen's resolution
PNG_AT_MOST = 600_000  # bytes; a photograph sent as a PNG becomes a WebP
DIGEST = 16  # bytes

NO_PICTURE = N_("This file is no PNG, JPEG or WebP picture.")
TOO_LARGE_FILE = N_("The picture is larger than %(most)s MB. Make it smaller and send it again.")
TOO_MANY_PIXELS = N_("The picture has more than %(most)s million pixels. Make it smaller and send it again.")
BROKEN = N_("The picture is damaged: it could not be read to its end.")


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a picture may be, in pixels; `square`: its middle is cut out."""

    width: int
    height: int
    square: bool = False


PORTRAIT = Shape(512, 512, square=True)
WIDE = Shape(1920, 1920)


@dataclass(frozen=True, slots=True)
class Picture:
    """A clean picture; its name is what is in it."""

    digest: str
    type: str
    width: int
    height: int
    content: bytes


def clean(content: bytes, shape: Shape) -> Picture | Wrong:
    """The picture in a file, made to fit, or what is wrong with the file. Slow: half a second for a large one."""
    if len(content) > FILE_AT_MOST:
        return Wrong(TOO_LARGE_FILE, {"most": FILE_AT_MOST // 1024 // 1024})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is below, and it refuses
            return _developed(content, shape)
    except UnidentifiedImageError:
        return Wrong(NO_PICTURE)
    except Image.DecompressionBombError:
        return Wrong(TOO_MANY_PIXELS, {"most": PIXELS_AT_MOST // 1_000_000})
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, OverflowError, MemoryError):
        return Wrong(BROKEN)  # what Pillow raises for files that lie about themselves


def _developed(content: bytes, shape: Shape) -> Picture | Wrong:
    with Image.open(BytesIO(content), formats=tuple(TYPES)) as film:
        if film.width * film.height > PIXELS_AT_MOST:  # said by the header; nothing was decoded yet
            return Wrong(TOO_MANY_PIXELS, {"most": PIXELS_AT_MOST // 1_000_000})
        kind = film.format or "JPEG"
        film.draft("RGB", (shape.width, shape.height))  # a JPEG is decoded no larger than needed
        film.load()
        seen = ImageOps.exif_transpose(film)
        seen = seen.convert("RGBA" if _is_transparent(seen) and kind != "JPEG" else "RGB")
    if shape.square:
        side = min(seen.width, seen.height, shape.width)
        seen = ImageOps.fit(seen, (side, side))
    else:
        seen.thumbnail((shape.width, shape.height))
    kind, encoded = _encoded(seen, kind)
    digest = blake2b(encoded, digest_size=DIGEST).hexdigest()
    return Picture(digest, TYPES[kind], seen.width, seen.height, encoded)


def _is_transparent(seen: Image.Image) -> bool:
    return seen.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in seen.info


def _encoded(seen: Image.Image, kind: str) -> tuple[str, bytes]:
    encoded = _as(seen, kind)
    if kind == "PNG" and len(encoded) > PNG_AT_MOST:
        return "WEBP", _as(seen, "WEBP")
    return kind, encoded


def _as(seen: Image.Image, kind: str) -> bytes:
    printed = BytesIO()
    match kind:
        case "PNG":
            seen.save(printed, "PNG", optimize=True)
        case "WEBP":
            seen.save(printed, "WEBP", quality=QUALITY, method=4)
        case _:
            seen.save(printed, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return printed.getvalue()
