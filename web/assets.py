"""Scripts, styles and fonts: an address with the hash of the content may be cached for ever. It changes no file."""

import re
from functools import cache
from hashlib import blake2b
from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"
PACKAGES = Path(__file__).parent.parent / "node_modules"
# Folders of npm packages that browsers may read, by the name in the address: /vendor/<name>/...
VENDORED: dict[str, str] = {"golos-text": "@fontsource-variable/golos-text/files", "hls.js": "hls.js/dist"}

# `import "./x.js";` and `import { y } from "./x.js";`, not import("./x.js"), which waits until it is needed.
IMPORTED = re.compile(r'^(?:import|export)\b[^(;]*?"\./([\w.-]+)";', re.MULTILINE)

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"  # kept, but asked for anew each time; the answer is mostly 304
A_WEEK = "public, max-age=604800"


def routes() -> list[web.StaticDef]:
    """What is served from folders. Packages that are not installed are left out: pages do without them."""
    vendored = ((f"/vendor/{name}", PACKAGES / folder) for name, folder in VENDORED.items())
    return [web.static("/static", STATIC), *(web.static(at, folder) for at, folder in vendored if folder.is_dir())]


def address(name: str, *, remembered: bool) -> str:
    """Address of a file in web/static, with its version. `remembered`: the file is read once per process."""
    version = _version(name) if remembered else _version.__wrapped__(name)
    return f"/static/{name}?v={version}"


@cache
def modules(name: str) -> tuple[str, ...]:
    """The files of web/static that a script needs before it runs, so that a page asks for all of them at once."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        for one in IMPORTED.findall((STATIC / waiting.pop()).read_text(encoding="utf-8")):
            if one not in found and one != name:
                found[one] = None
                waiting.append(one)
    return tuple(found)


def caching(request: web.Request) -> str | None:
    """How long a browser may keep the file it asked for; None when it asked for a page."""
    if request.path.startswith("/vendor/"):
        return A_WEEK
    if request.path.startswith("/static/"):
        return FOR_EVER if "v" in request.query else ASK_AGAIN
    return None


@cache
def _version(name: str) -> str:
    file = STATIC / name
    if not file.is_file():
        raise LookupError(f"A template asks for web/static/{name}, which does not exist.")
    return blake2b(file.read_bytes(), digest_size=6).hexdigest()
