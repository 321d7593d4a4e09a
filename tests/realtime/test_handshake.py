"""The quick handshake against websockets' own: what it lets in, the library lets in alike, with the same answer."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime import handshake
from realtime.ceremony import Ceremony, Outcome
from realtime.errors import Refused

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
CHROMIUM = (
    b"GET /ws HTTP/1.1\r\nHost: veche.example\r\nConnection: Upgrade\r\nPragma: no-cache\r\n"
    b"Cache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nUpgrade: websocket\r\n"
    b"Origin: https://veche.example\r\nSec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br\r\n"
    b"Accept-Language: ru,en;q=0.9\r\nSec-WebSocket-Key: " + KEY + b"\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    b"Sec-WebSocket-Protocol: veche.1\r\n\r\n"
)


class Judge:
    """Refuses nobody and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: tuple[str, tuple[str, ...]] | None = None

    def __call__(self, path: str, origins: Sequence[str]) -> tuple[int, Refused] | None:
        self.asked = path, tuple(origins)
        return None


def theirs(request: bytes) -> tuple[Outcome | None, Judge]:
    judge = Judge()
    return Ceremony().read(request, judge), judge


def undated(answer: bytes) -> bytes:
    return re.sub(rb"Date: [^\r]*\r\n", b"", answer)


def the_same(request: bytes) -> bool:
    """Whether the quick handshake takes this; then the library must agree with every byte of it."""
    ours = handshake.read(request)
    if ours is None:
        return False
    wish, end = ours
    outcome, judge = theirs(request)
    assert outcome is not None
    assert outcome.refused == ""
    assert judge.asked == (wish.path.partition("?")[0], wish.origins)
    assert undated(outcome.answer) == handshake.welcome(wish)
    assert outcome.deflate == wish.deflate
    assert outcome.rest == request[end:]
    return True


def test_a_browser_is_let_in_at_once() -> None:
    assert the_same(CHROMIUM)
    assert the_same(CHROMIUM.replace(b"Connection: Upgrade", b"Connection: keep-alive, Upgrade"))
    assert the_same(CHROMIUM + b"and more")


@pytest.mark.parametrize(
    ("from_", "to"),
    [
        (b"GET", b"POST"),
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"Upgrade: websocket", b"Upgrade: h2c"),
        (b"Connection: Upgrade\r\n", b""),
        (b"Connection: Upgrade\r\n", b"Connection: Upgrade\r\nConnection: close\r\n"),
        (b"Version: 13", b"Version: 8"),
        (KEY, b"c2hvcnQ="),
        (KEY, KEY + b", " + KEY),
        (b"veche.1", b"veche.2"),
        (b"veche.1", b"veche.2, veche.1"),
        (b"client_max_window_bits", b"client_max_window_bits=3"),
        (b"client_max_window_bits", b"server_no_context_takeover"),
        (b"Origin:", b"Origin :"),
        (b"Pragma: no-cache", b"Pragma: no\x00cache"),
        (b"Pragma: no-cache", b"Content-Length: 5"),
        (b"Pragma: no-cache\r\n", b"Pragma: no-cache\n"),
        (b"Pragma: no-cache\r\n", b" folded\r\n"),
        (b"\r\n\r\n", b"\r\n"),
    ],
)
def test_what_is_odd_is_left_to_the_library(from_: bytes, to: bytes) -> None:
    request = CHROMIUM.replace(from_, to)
    assert request != CHROMIUM
    assert handshake.read(request) is None


HEADERS = [line for line in CHROMIUM.split(b"\r\n")[1:] if line]
lines = st.one_of(
    st.sampled_from(HEADERS),
    st.sampled_from(
        [
            *(b"Connection: keep-alive, Upgrade", b"connection: UPGRADE", b"upgrade:websocket\t", b"X: \xe9", b"X:"),
            *(b"Sec-WebSocket-Extensions: permessage-deflate", b"Origin: null", b"Content-Length: 0", b"Y Z: 1"),
            *(b"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10", b"Transfer-Encoding: x"),
        ]
    ),
    st.binary(max_size=20),
)


@settings(max_examples=500)
@given(st.lists(lines, max_size=6), st.sets(st.integers(0, len(HEADERS) - 1), max_size=2), st.integers(0, 20))
def test_whatever_is_let_in_at_once_the_library_lets_in_alike(more: list[bytes], less: set[int], place: int) -> None:
    kept = [line for i, line in enumerate(HEADERS) if i not in less]
    kept[place:place] = more
    the_same(b"\r\n".join((b"GET /ws?x=1 HTTP/1.1", *kept, b"", b"")))


@settings(max_examples=500)
@given(st.integers(0, len(CHROMIUM) - 1), st.binary(max_size=3))
def test_a_request_with_a_changed_place_is_never_let_in_against_the_library(at: int, new: bytes) -> None:
    the_same(CHROMIUM[:at] + new + CHROMIUM[at + 1 :])


@pytest.mark.parametrize("cut", [1, 100, len(CHROMIUM) - 3, len(CHROMIUM) - 1])
def test_a_request_may_come_in_two_parts_with_something_behind(cut: int) -> None:
    assert handshake.read(CHROMIUM[:cut]) is None
    ceremony, judge = Ceremony(), Judge()
    assert ceremony.read(CHROMIUM[:cut], judge) is None
    outcome = ceremony.read(CHROMIUM[cut:] + b"rest", judge)
    assert outcome is not None
    assert (outcome.refused, outcome.deflate, outcome.rest) == ("", True, b"rest")


@pytest.mark.parametrize("offer", [b"server_no_context_takeover", b"server_max_window_bits=10"])
def test_who_cannot_share_compressed_frames_gets_plain_ones(offer: bytes) -> None:
    outcome, _ = theirs(CHROMIUM.replace(b"client_max_window_bits", offer))
    assert outcome is not None
    assert (outcome.refused, outcome.deflate) == ("", False)
    assert b"permessage-deflate" not in outcome.answer
