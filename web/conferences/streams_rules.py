"""Addresses of streams as people paste them: a page to watch, a link to share, a code to embed. Pure.

What is kept is the address of the player or the playlist itself, on a site that is known or allowed, always by https;
only a playlist of this very site may be a plain path. Reading what is kept gives it again.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit, urlunsplit

from config.languages import N_
from web.conferences import desk_rules
from web.conferences.form_rules import Wrong

LONGEST = 2000  # characters; an embed code with all its attributes
# kind of a stream -> what it is called
KINDS = {
    "hls": N_("HLS playlist"),
    "youtube": "YouTube",
    "vk": "VK",
    "rutube": "Rutube",
    "frame": N_("Player of another site"),
}
VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")  # of YouTube
NO_VIDEOS = ("videoseries", "live_stream")  # words of as many letters, which stand where a video does
VK_VIDEO = re.compile(r"(?:video|clip)(-?\d{1,20})_(\d{1,20})")
VK_LIVE = re.compile(r"/(?:app/embed/)?([a-z0-9_.-]{1,64})/?", re.IGNORECASE)
RUTUBE_VIDEO = re.compile(
    r"/(?:video/(?:private/)?|live/video/(?:private/)?|play/embed/|shorts/|embed/)([0-9a-f]{32})(?:/|$)"
)
KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")  # of a video that only those with the link may see
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")  # host:443 is none
PATH = re.compile(r"/[A-Za-z0-9/._~-]+\.m3u8")
NUMBER = re.compile(r"-?\d{1,20}")

YOUTUBE_SITES = ("youtube.com", "youtu.be", "youtube-nocookie.com")
VK_SITES = ("vk.com", "vk.ru", "vkvideo.ru")
RUTUBE_SITES = ("rutube.ru",)

MALFORMED = N_("This is not an address. Paste the link of the broadcast or its embed code.")
TOO_LONG = N_("This address is too long.")
SCHEMED = N_("Addresses that begin with “%(scheme)s:” are not allowed. Paste one that begins with https://.")
INSECURE = N_("%(host)s is asked without encryption (http). Browsers refuse that; paste an address with https://.")
FOREIGN = N_(
    "Players of %(host)s are not on the list of this conference. Add the site in the settings, under “Players of other "
    "sites”, or paste a link from YouTube, VK or Rutube."
)
NO_YOUTUBE = N_("This YouTube address names no video. Open the broadcast itself and copy the link from “Share”.")
NO_VK = N_("This VK address names no video. Open the video itself and copy its link.")
NO_RUTUBE = N_("This Rutube address names no video. Open the video itself and copy its link.")
NO_FRAME = N_("There is no address in this code. Copy the whole embed code, with its src.")


@dataclass(frozen=True, slots=True)
class Stream:
    """What is to be seen: a kind of KINDS, and the address of the player or the playlist."""

    kind: str
    address: str


def read(pasted: str, *, hosts: Iterable[str], own_host: str) -> Stream | Wrong:
    """The stream of an address or an embed code. `hosts`: sites the conference allows; `own_host`: of this site."""
    if len(pasted) > LONGEST:
        return Wrong(TOO_LONG)
    address = _address(pasted)
    if isinstance(address, Wrong):
        return address
    if PATH.fullmatch(address) and "//" not in address:
        return Stream("hls", address)
    parts = _parts(address)
    if isinstance(parts, Wrong):
        return parts
    host = parts.hostname or ""
    for sites, reader in READERS:
        if _on(host, sites):
            return reader(parts)
    return _elsewhere(parts, hosts, own_host)


def _address(pasted: str) -> str | Wrong:
    """The address in what was pasted: itself, or the src of the first frame in a piece of HTML."""
    text = pasted.strip()
    if "<" in text:
        code = _Frames()
        code.feed(text)
        code.close()
        return code.found.strip() if code.found else Wrong(NO_FRAME)
    return text


def _parts(address: str) -> SplitResult | Wrong:
    if not address or any(one.isspace() or not one.isprintable() for one in address) or "\\" in address:
        return Wrong(MALFORMED)
    scheme = SCHEME.match(address)
    if scheme and scheme[1].lower() not in ("http", "https"):
        return Wrong(SCHEMED, {"scheme": scheme[1][:20]})
    whole = address if scheme else f"https:{address}" if address.startswith("//") else f"https://{address}"
    try:
        parts = urlsplit(whole)
        latin = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except (ValueError, UnicodeError):
        return Wrong(MALFORMED)
    ours = latin == "localhost" or re.fullmatch(r"[0-9.]+", latin)
    if parts.username is not None or not latin or not (ours or desk_rules.HOST.fullmatch(latin)):
        return Wrong(MALFORMED)
    return parts._replace(scheme=parts.scheme.lower(), netloc=f"{latin}:{port}" if port else latin, fragment="")


def _youtube(parts: SplitResult) -> Stream | Wrong:
    asked = parse_qs(parts.query)
    steps = [one for one in parts.path.split("/") if one]
    video = asked.get("v", [""])[0] if steps[:1] == ["watch"] else ""
    if steps[:1] and steps[0] in ("live", "embed", "shorts", "v", "e"):
        video = steps[1] if len(steps) > 1 else ""
    elif _on(parts.hostname or "", ("youtu.be",)):
        video = steps[0] if steps else ""
    if not VIDEO.fullmatch(video) or video in NO_VIDEOS:
        return Wrong(NO_YOUTUBE)
    return Stream("youtube", f"https://www.youtube-nocookie.com/embed/{video}")


def _vk(parts: SplitResult) -> Stream | Wrong:
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if (parts.hostname or "").startswith("live."):
        live = VK_LIVE.fullmatch(parts.path)
        return Stream("vk", f"https://live.vkvideo.ru/app/embed/{live[1]}") if live else Wrong(NO_VK)
    owner, video = asked.get("oid", ""), asked.get("id", "")
    if parts.path.rstrip("/") != "/video_ext.php":
        # A video opened over another page is named in the query: ?z=video-1_2.
        found = VK_VIDEO.search(parts.path) or VK_VIDEO.match(asked.get("z", ""))
        owner, video = (found[1], found[2]) if found else ("", "")
    if not (NUMBER.fullmatch(owner) and NUMBER.fullmatch(video)):
        return Wrong(NO_VK)
    named = {"oid": owner, "id": video}
    if KEY.fullmatch(asked.get("hash", "")):
        named["hash"] = asked["hash"]
    return Stream("vk", f"https://vkvideo.ru/video_ext.php?{urlencode(named)}")


def _rutube(parts: SplitResult) -> Stream | Wrong:
    found = RUTUBE_VIDEO.match(parts.path)
    if found is None:
        return Wrong(NO_RUTUBE)
    key = parse_qs(parts.query).get("p", [""])[0]
    private = f"?{urlencode({'p': key})}" if KEY.fullmatch(key) else ""
    return Stream("rutube", f"https://rutube.ru/play/embed/{found[1]}{private}")


def _elsewhere(parts: SplitResult, hosts: Iterable[str], own_host: str) -> Stream | Wrong:
    own = parts.netloc == own_host
    playlist = parts.path.lower().endswith(".m3u8")
    if own and playlist:
        return read(parts.path, hosts=(), own_host="") if not parts.query else Wrong(MALFORMED)
    host = parts.hostname or ""
    if parts.scheme == "http":
        return Wrong(INSECURE, {"host": host})
    if not playlist and not (desk_rules.allowed(host, hosts) and parts.port is None):
        return Wrong(FOREIGN, {"host": host})
    return Stream("hls" if playlist else "frame", urlunsplit(parts))


def _on(host: str, sites: Iterable[str]) -> bool:
    return any(host == one or host.endswith(f".{one}") for one in sites)


class _Frames(HTMLParser):
    """The src of the first frame in a piece of HTML."""

    found = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by HTMLParser."""
        if tag == "iframe" and not self.found:
            self.found = dict(attrs).get("src") or ""


READERS: tuple[tuple[tuple[str, ...], Callable[[SplitResult], Stream | Wrong]], ...] = (
    (YOUTUBE_SITES, _youtube),
    (VK_SITES, _vk),
    (RUTUBE_SITES, _rutube),
)
