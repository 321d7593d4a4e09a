"""Our frames are websockets' frames, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from realtime import frames


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_frame_of_any_length_is_what_the_library_would_write(size: int) -> None:
    payload = b"x" * size
    assert frames.text(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)


@given(st.binary(max_size=1000))
def test_a_frame_of_any_content_is_what_the_library_would_write(payload: bytes) -> None:
    assert frames.text(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)
