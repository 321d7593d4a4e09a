"""What a channel's page shows of its streams: a player of ours, or a frame of somebody else's. Pure.

What addresses may be kept, streams_rules.py decides: of a video on a known site it is its player's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

# Playlists lead to segments on servers that nobody knows beforehand, so whoever shows HLS may load sound and picture
# from anywhere that is not spied upon.
ANYWHERE = "https:"
# How players of known sites are asked to begin: by themselves, without sound, in their place on the page.
ASKED = {
    "youtube": {"autoplay": "1", "mute": "1", "playsinline": "1", "rel": "0", "enablejsapi": "1"},
    "vk": {"autoplay": "1"},
}
# A recording stands there when somebody has pressed for it: it begins at once, and is heard.
RECORDED = {"youtube": {"autoplay": "1", "playsinline": "1", "rel": "0"}, "vk": {"autoplay": "1"}}


@dataclass(frozen=True, slots=True)
class Stream:
    """One thing to be seen in a channel, in one language. `kind`: hls, or whose player stands in the frame."""

    language: str
    kind: str
    address: str  # of the playlist, or of what the frame shows


def streams(rows: Iterable[Mapping[str, Any]]) -> list[Stream]:
    """A channel's streams (sql/queries/conferences.sql: streams) as its page shows them."""
    return [Stream(row["language"], row["kind"], shown(row["kind"], row["address"], ASKED)) for row in rows]


def recording(row: Mapping[str, Any], language: str) -> Stream:
    """A session's recording (sql/queries/stage.sql: recording) as its page shows it."""
    return Stream(language, row["kind"], shown(row["kind"], row["address"], RECORDED))


def first(streams: Sequence[Stream], wanted: str) -> int:
    """The number of the stream to begin with: in the reader's language if there is one."""
    return next((number for number, one in enumerate(streams) if one.language == wanted), 0)


def frames(streams: Iterable[Stream]) -> list[str]:
    """Whose pages stand in the page, for its content policy."""
    return _origins(one for one in streams if one.kind != "hls")


def media(streams: Sequence[Stream]) -> list[str]:
    """Where sound and picture come from, for the content policy."""
    plays = [one for one in streams if one.kind == "hls"]
    return [ANYWHERE, *_origins(plays)] if plays else []


def shown(kind: str, address: str, how: Mapping[str, Mapping[str, str]]) -> str:
    """The address that is opened; `how`: what players are asked, by the kind."""
    asked = urlencode(how.get(kind, {}))
    if not asked:
        return address
    return f"{address}{'&' if urlsplit(address).query else '?'}{asked}"


def _origins(streams: Iterable[Stream]) -> list[str]:
    found = [urlsplit(one.address) for one in streams]
    return sorted({f"{one.scheme}://{one.netloc}" for one in found if one.netloc})
