"""The handshake with whoever is not ordinary, by websockets' Sans-I/O protocol. It opens nothing itself."""

import json
import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from websockets.exceptions import InvalidMessage, NegotiationError
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import ExtensionParameter, Subprotocol

from realtime import messages
from realtime.errors import Refused

NOT_HTTP = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
END = b"\r\n\r\n"

# Whom to refuse, by path and origins: HTTP status and reason.
Judge = Callable[[str, Sequence[str]], tuple[int, Refused] | None]

# The library tells every opened and refused handshake; our stats count them.
library_log = logging.getLogger("realtime.websockets")
library_log.setLevel(logging.CRITICAL)


class Outcome(NamedTuple):
    """How it ended."""

    answer: bytes
    refused: str  # the code; empty: the socket is open
    deflate: bool
    rest: bytes  # what came behind the handshake


class Ceremony:
    """One handshake."""

    def __init__(self) -> None:
        self._protocol = ServerProtocol(
            subprotocols=[Subprotocol(messages.SUBPROTOCOL)], extensions=[_OneForAll()], logger=library_log
        )
        self._last = b""  # the end of the request may come in two reads

    def read(self, came: bytes, judge: Judge) -> Outcome | None:
        """The outcome; None while the request is not all there."""
        end = (self._last + came).find(END)
        size = len(came) if end < 0 else end + len(END) - len(self._last)
        self._last = (self._last + came)[-len(END) + 1 :]
        self._protocol.receive_data(came[:size])
        refused, deflate = "handshake.wrong", False
        for request in self._protocol.events_received():
            if isinstance(request, Request):
                refused = self._answer(request, judge)
                deflate = bool(self._protocol.extensions)
        if isinstance(self._protocol.handshake_exc, InvalidMessage):
            return Outcome(NOT_HTTP, refused, deflate=False, rest=b"")  # the library would hang up without a word
        if self._protocol.state is State.CONNECTING and not self._protocol.eof_sent:
            return None
        return Outcome(b"".join(self._protocol.data_to_send()), refused, deflate, came[size:])

    def _answer(self, request: Request, judge: Judge) -> str:
        no = judge(request.path.partition("?")[0], request.headers.get_all("Origin"))
        if no is not None:
            status, refused = no
            response = self._protocol.reject(status, json.dumps(refused.wire()))
            del response.headers["Content-Type"]
            response.headers["Content-Type"] = "application/json"
        else:
            response = self._protocol.accept(request)
        self._protocol.send_response(response)
        if no is not None:
            return refused.code
        return "" if self._protocol.state is State.OPEN else "handshake.wrong"


class _OneForAll(ServerPerMessageDeflateFactory):
    """Compression by which one frame serves a whole room: as handshake.py agrees to, or none."""

    def __init__(self) -> None:
        super().__init__(client_no_context_takeover=True)

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        """Decline who wants a smaller window, or none from message to message."""
        agreed, extension = super().process_request_params(params, accepted_extensions)
        if any(name.startswith("server_") for name, _ in agreed):
            raise NegotiationError("compressed frames are shared by all")
        return agreed, extension
