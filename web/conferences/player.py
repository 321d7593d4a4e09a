"""What a channel's page shows of its streams: a player of ours, or a frame of somebody else's. Pure.

What addresses may be kept, streams_rules.py decides: of a video on a known site it is its player's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

# How players of known sites are asked to begin: by themselves, without sound, in their place on the page.
ASKED = {
    "youtube": {"autoplay": "1", "mute": "1", "playsinline": "1", "rel": "0", "enablejsapi": "1"},
    "vk": {"autoplay": "1"},
}


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


def origins(streams: Iterable[Stream], *, frames: bool) -> list[str]:
    """Where streams come from besides this site, for the content policy: those in frames, or those of HLS."""
    found = [urlsplit(one.address) for one in streams if (one.kind != "hls") is frames]
    return sorted({f"{one.scheme}://{one.netloc}" for one in found if one.netloc})


def shown(kind: str, address: str) -> str:
    """The address that is opened."""
    asked = urlencode(ASKED.get(kind, {}))
    if not asked:
        return address
    return f"{address}{'&' if urlsplit(address).query else '?'}{asked}"
