"""Writes one frame to many sockets: in Python, or where a compiler is found in one call of C. It makes no frames."""

import ctypes
import hashlib
import logging
import shutil
import subprocess
import tempfile
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

from realtime.room import Listener

SOURCE = Path(__file__).with_suffix(".c")
COMPILE_WITHIN = 30.0  # seconds
PYTHON, C, AUTO = "python", "c", "auto"

# Writes the frame to all listeners; those who were too slow to take any of it.
Broadcast = Callable[[Sequence[Listener], bytes], list[Listener]]

logger = logging.getLogger(__name__)


def choose(way: str, folder: Path) -> Broadcast:
    """The way to write: python, c or auto; what is compiled is kept in the folder. One line in the log says which."""
    if way == PYTHON:
        return in_python
    try:
        found = in_c(_compiled(folder))
    except (OSError, subprocess.SubprocessError, _NoCompiler) as no:
        level = logging.WARNING if way == C else logging.INFO
        logger.log(level, "Broadcasts are written in Python, which is nearly as fast: %s", _said(no))
        return in_python
    logger.info("Broadcasts are written by one call of C.")
    return found


def in_python(listeners: Sequence[Listener], frame: bytes) -> list[Listener]:
    """A write for each."""
    return [listener for listener in listeners if not _deliver(listener, frame)]


def in_c(library: Path) -> Broadcast:
    """One call for all whose descriptors may be written to directly; what is left goes the other way."""
    call = ctypes.CDLL(str(library)).broadcast
    call.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
    call.restype = ctypes.c_int
    which, took = array("i"), array("l")

    def broadcast(listeners: Sequence[Listener], frame: bytes) -> list[Listener]:
        count = len(listeners)
        if count > len(which):
            which.extend([0] * (count - len(which)))
            took.extend([0] * (count - len(took)))
        sockets = array("i", [listener.fd for listener in listeners])
        left = call(
            sockets.buffer_info()[0],
            count,
            frame,
            len(frame),
            which.buffer_info()[0],
            took.buffer_info()[0],
        )
        slow = []
        for place, taken in zip(which[:left], took[:left], strict=True):
            listener = listeners[place]
            if taken:
                _deliver_rest(listener, frame, taken)
            elif not _deliver(listener, frame):
                slow.append(listener)
        return slow

    return broadcast


def _deliver(listener: Listener, frame: bytes) -> bool:
    """One broken socket must not silence all the others."""
    try:
        return listener.deliver(frame)
    except Exception:
        logger.exception("A socket could not be written to.")
        return True


def _deliver_rest(listener: Listener, frame: bytes, taken: int) -> None:
    try:
        listener.deliver_rest(memoryview(frame)[taken:])
    except Exception:
        logger.exception("A socket could not be written to.")


class _NoCompiler(Exception):
    """There is no cc."""


def _compiled(folder: Path) -> Path:
    """The library, compiled if this source was not yet; several nodes may start at once."""
    source = SOURCE.read_bytes()
    library = folder / f"broadcast-{hashlib.sha256(source).hexdigest()[:16]}.so"
    if library.exists():
        return library
    compiler = shutil.which("cc")
    if compiler is None:
        raise _NoCompiler("there is no compiler (cc).")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as own:
        made = Path(own) / "made.so"
        subprocess.run(
            [compiler, "-O2", "-shared", "-fPIC", "-o", str(made), str(SOURCE)],
            check=True,
            capture_output=True,
            timeout=COMPILE_WITHIN,
        )
        made.replace(library)
    return library


def _said(no: Exception) -> str:
    if isinstance(no, subprocess.CalledProcessError):
        return f"cc failed: {no.stderr.decode(errors='replace').strip()[:200]}"
    return str(no)
