"""What a channel's page shows of its streams: a player of ours, or a frame of somebody else's. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

YOUTUBE = re.compile(
    r"https://(?:www\.|m\.)?(?:youtube\.com/(?:watch\?(?:.*&)?v=|live/|embed/|shorts/)|youtu\.be/"
    r"|youtube-nocookie\.com/embed/)([\w-]{6,20})"
)
VK = re.compile(r"https://(?:www\.|m\.)?(?:vk\.com|vk\.ru|vkvideo\.ru)/(?:video/@?[\w.]+/)?(?:video|clip)(-?\d+)_(\d+)")
RUTUBE = re.compile(r"https://rutube\.ru/(?:video/(?:private/)?|play/embed/|live/video/(?:private/)?)([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Stream:
    """One thing to be seen in a channel, in one language. `kind`: hls, or whose player stands in the frame."""

    language: str
    kind: str
    address: str  # of the playlist, or of what the frame shows


def streams(rows: Iterable[Mapping[str, Any]]) -> list[Stream]:
    """A channel's streams (sql/queries/conferences.sql: streams) as its page shows them."""
    return [Stream(row["language"], row["kind"], shown(row["kind"], row["address"])) for row in rows]


def first(streams: Sequence[Stream], wanted: str) -> int:
    """The number of the stream to begin with: in the reader's language if there is one."""
    return next((number for number, one in enumerate(streams) if one.language == wanted), 0)


def origins(streams: Iterable[Stream], *, kind: str = "frame") -> list[str]:
    """Where streams come from, for the content policy: those in frames, or those of HLS."""
    found = (urlsplit(one.address) for one in streams if (one.kind == "hls") is (kind == "hls"))
    return sorted({f"{one.scheme}://{one.netloc}" for one in found})


def shown(kind: str, address: str) -> str:
    """The address that is opened: of a video on a known site, its player, which starts by itself and without sound."""
    match kind:
        case "youtube":
            return _youtube(address)
        case "vk":
            return _vk(address)
        case "rutube":
            found = RUTUBE.match(address)
            return _with(f"https://rutube.ru/play/embed/{found[1]}", address, keep=("p",)) if found else address
    return address


def _youtube(address: str) -> str:
    found = YOUTUBE.match(address)
    if found is None:
        return address
    asked = {"autoplay": "1", "mute": "1", "playsinline": "1", "rel": "0", "enablejsapi": "1"}
    return f"https://www.youtube-nocookie.com/embed/{found[1]}?{urlencode(asked)}"


def _vk(address: str) -> str:
    found = VK.match(address)
    if found is None:
        parts = urlsplit(address)
        return _with(urlunsplit((*parts[:3], "", "")), address, keep=("oid", "id", "hash", "hd"), autoplay="1")
    return (
        f"https://vkvideo.ru/video_ext.php?{urlencode({'oid': found[1], 'id': found[2], 'hd': '2', 'autoplay': '1'})}"
    )


def _with(base: str, address: str, *, keep: tuple[str, ...], **more: str) -> str:
    asked = {name: value for name, value in parse_qsl(urlsplit(address).query) if name in keep} | more
    return f"{base}?{urlencode(asked)}" if asked else base
