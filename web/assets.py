"""Scripts, styles and fonts, packed once, at addresses that browsers keep for ever. It changes no file."""

import asyncio
import mimetypes
import re
from collections.abc import Callable
from functools import cache, lru_cache, partial
from gzip import compress
from hashlib import blake2b
from pathlib import Path

import brotli
from aiohttp import web
from aiohttp.web_exceptions import HTTPNotFound
from markupsafe import Markup

from web import typeface
from web.keys import SETTINGS

STATIC = Path(__file__).parent / "static"
PACKAGES = Path(__file__).parent.parent / "node_modules"
# Folders of npm packages that browsers may read, by the name in the address: /vendor/<name>/...
VENDORED: dict[str, str] = {"golos-text": "@fontsource-variable/golos-text/files", "hls.js": "hls.js/dist"}

# `import "./x.js";` and `import { y } from "./x.js";`, not import("./x.js"), which waits until it is needed.
IMPORTED = re.compile(r'^(?:import|export)\b[^(;]*?"\./([\w.-]+)";', re.MULTILINE)

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"  # kept, but asked for anew each time; the answer is mostly 304
A_WEEK = "public, max-age=604800"
PACKED = 512  # files of one version in every coding, and what is left of versions before it

# Files by name, with what tells that they were written anew.
Seen = tuple[tuple[str, int, int], ...]


def routes() -> list[web.AbstractRouteDef]:
    """What browsers load besides pages. Packages that are not installed are left out: pages do without them."""
    folders = {f"/vendor/{name}": PACKAGES / folder for name, folder in VENDORED.items()}
    return [
        web.get("/static/{name}", give),
        web.get("/static/{version:[0-9a-f]+}/{name}", give),
        *(web.static(at, folder) for at, folder in folders.items() if folder.is_dir()),
    ]


def address(name: str, *, remembered: bool) -> str:
    """Address of a file in web/static, or of a piece of the typeface, which lives beside them.

    `remembered`: the folder is looked at once per process.
    """
    return _address(name, _seen(remembered=remembered))


def script(name: str, *, remembered: bool) -> Markup:
    """The tags that bring a script and, all at once, every module that it needs before it runs.

    A page is there without them, so they come after what it is painted with.
    """
    return _script(name, _seen(remembered=remembered))


async def give(request: web.Request) -> web.Response:
    """GET /static/{version}/{name}: the file as it is now; for ever, if that is the version which was asked for."""
    seen = _seen(remembered=request.app[SETTINGS].production)
    version, name = _version(seen), request.match_info["name"]
    piece = _pieces(request.app[SETTINGS].var, seen) / name if name in typeface.FILES else None
    if not (piece.is_file() if piece else _is_ours(name, seen)):
        raise HTTPNotFound
    asked = request.match_info.get("version")
    accepted = "" if piece else request.headers.get("Accept-Encoding", "")  # a piece is packed as it is
    coding = next((one for one in PACKERS if one in accepted), "")
    answer = web.Response(content_type=mimetypes.guess_type(name)[0] or "application/octet-stream")
    answer.headers["Cache-Control"] = FOR_EVER if asked == version else ASK_AGAIN
    answer.headers["Vary"] = "Accept-Encoding"
    answer.etag = f"{version}-{coding}"
    if any(tag.value == f"{version}-{coding}" for tag in request.if_none_match or ()):
        answer.set_status(304)
        return answer
    if coding:
        answer.headers["Content-Encoding"] = coding
    answer.body = await asyncio.to_thread(_packed, piece or STATIC / name, version, coding)
    return answer


def caching(request: web.Request) -> str | None:
    """How long a browser may keep the file of a package that it asked for; None when it asked for something else."""
    return A_WEEK if request.path.startswith("/vendor/") else None


def _address(name: str, seen: Seen) -> str:
    if name not in typeface.FILES and not _is_ours(name, seen):
        raise LookupError(f"A template asks for web/static/{name}, which does not exist.")
    return f"/static/{_version(seen)}/{name}"


@lru_cache(64)
def _script(name: str, seen: Seen) -> Markup:
    own = _address(name, seen)
    needed = (_address(one, seen) for one in _needs(name, seen))
    ahead = Markup("").join(
        Markup('<link rel="modulepreload" href="{}" fetchpriority="low">\n  ').format(one) for one in needed
    )
    return ahead + Markup('<script type="module" src="{}" fetchpriority="low"></script>').format(own)


def _is_ours(name: str, seen: Seen) -> bool:
    return name in (one for one, _, _ in seen)


def _seen(*, remembered: bool) -> Seen:
    return _seen_once() if remembered else _look()


def _look() -> Seen:
    files = ((file.name, file.stat()) for file in sorted(STATIC.iterdir()))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in files)


_seen_once = cache(_look)


@lru_cache(4)
def _version(seen: Seen) -> str:
    """Of all files together: modules name each other without a version, so that the folder must carry it."""
    digest = blake2b(typeface.version().encode(), digest_size=6)
    for name, _, _ in seen:
        digest.update(name.encode() + (STATIC / name).read_bytes())
    return digest.hexdigest()


@lru_cache(4)
def _pieces(var: Path, seen: Seen) -> Path:
    """Where the pieces of the typeface are; its package is read for that, so not at each request."""
    return typeface.folder(var)


@lru_cache(64)
def _needs(name: str, seen: Seen) -> tuple[str, ...]:
    """The files that a script imports, and those that these import; what was `seen` says when to look again."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        for one in IMPORTED.findall((STATIC / waiting.pop()).read_text(encoding="utf-8")):
            if one not in found and one != name:
                found[one] = None
                waiting.append(one)
    return tuple(found)


# Best first. These take their time: once.
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.compress,
    "gzip": partial(compress, mtime=0),
}


@lru_cache(PACKED)
def _packed(file: Path, version: str, coding: str) -> bytes:
    """The content of a file in one coding; the version says when to read it again."""
    content = file.read_bytes()
    return PACKERS[coding](content) if coding else content
