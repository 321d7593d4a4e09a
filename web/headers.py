"""What every response carries besides its content: security headers, caching, compression. It never reads a form."""

from collections.abc import Awaitable, Callable, Collection
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from config.settings import Settings
from web import assets

# Below this many bytes a compressed answer is hardly smaller; a page is never.
WORTH_COMPRESSING = 1024
COMPRESSED = ("text/html", "text/plain", "text/css", "text/javascript", "application/json", "image/svg+xml")
COMPRESSED_FILES = (".js", ".mjs")  # of packages; ours come packed (assets.py)
A_YEAR = 365 * 24 * 3600
# What says nothing of our scripts and styles: a page that loads forty of them would load it forty times. (Of /vendor/
# it does: the answer that brings a worker brings its policy.)
SPARED = "/static/"
OF_PAGES = ("Content-Security-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy")


def protect(settings: Settings) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """A signal that puts the security headers on each response which has not set its own."""
    headers = {
        "Content-Security-Policy": content_policy(settings.realtime_url),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "X-Frame-Options": "DENY",
    }
    if settings.production:
        headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"

    async def put(request: web.Request, response: web.StreamResponse) -> None:
        spared = OF_PAGES if request.path.startswith(SPARED) else ()
        for name, value in headers.items():
            if name not in spared:
                response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")  # of whatever does not say how long it lives
        kept = assets.caching(request)
        if kept and response.status in (200, 206, 304):
            response.headers["Cache-Control"] = kept
        response.headers.popall("Server", None)  # which software answers is nobody's business

    return put


def content_policy(
    realtime_url: str, *, frames: Collection[str] = (), framed: bool = False, media: Collection[str] = ()
) -> str:
    """What a page may load: its own things, and the socket. No inline script or style.

    `frames`: whose pages may stand in it ("'self'", "https://player.example"); `framed`: it may stand in one of ours;
    `media`: where sound and picture come from, besides here.
    """
    socket = urlsplit(realtime_url)
    return "; ".join((
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        " ".join(("media-src 'self' blob:", *media)),
        " ".join((f"connect-src 'self' {socket.scheme}://{socket.netloc}", *media)),
        "form-action 'self'",
        "base-uri 'none'",
        *([f"frame-src {' '.join(frames)}"] if frames else []),
        "frame-ancestors 'self'" if framed else "frame-ancestors 'none'",
    ))  # fmt: skip


@web.middleware
async def compress(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Compress what shrinks, for browsers that understand it."""
    response = await handler(request)
    # aiohttp compresses even the empty body of HEAD and of a range, which is then no body.
    plain = request.method != "GET" or "Range" in request.headers or "If-None-Match" in request.headers
    if "gzip" in request.headers.get("Accept-Encoding", "") and not plain and _shrinks(request, response):
        response.enable_compression(web.ContentCoding.gzip)
    return response


def _shrinks(request: web.Request, response: web.StreamResponse) -> bool:
    if isinstance(response, web.FileResponse):
        return request.path.endswith(COMPRESSED_FILES)
    if "Content-Encoding" in response.headers:
        return False
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return False
    return response.content_type in COMPRESSED and len(response.body) >= WORTH_COMPRESSING
