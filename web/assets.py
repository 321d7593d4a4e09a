"""Scripts, styles and fonts: an address with the hash of the content may be cached for ever. It changes no file."""

from functools import cache
from hashlib import blake2b
from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"
PACKAGES = Path(__file__).parent.parent / "node_modules"
# Folders of npm packages that browsers may read, by the name in the address: /vendor/<name>/...
VENDORED: dict[str, str] = {"golos-text": "@fontsource-variable/golos-text/files"}

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
