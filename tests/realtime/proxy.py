"""A network for tests, that can be cut, or swallow everything without a word."""

import asyncio
import contextlib
import random
from collections.abc import Callable


class Proxy:
    """Carries TCP on this machine to a unix socket or a port. Leave the `async with` and every wire is gone."""

    def __init__(self, door: str | int) -> None:
        self._door = door
        self._wires: dict[asyncio.Task[None], _Wire] = {}
        self._server: asyncio.Server

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        tasks = tuple(self._wires)
        self.cut()
        await asyncio.gather(*tasks)

    @property
    def port(self) -> int:
        """Where this side of the network listens."""
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        """Redis, as seen from the other side."""
        return f"redis://127.0.0.1:{self.port}/0"

    def cut(self) -> None:
        """Drop every connection at once."""
        for wire in self._wires.values():
            wire.cut()

    def cut_one(self) -> None:
        """Drop one connection, whichever."""
        if self._wires:
            random.choice(tuple(self._wires.values())).cut()

    def swallow(self, chosen: Callable[[bytes], bool] = lambda _: True) -> int:
        """Carry nothing on the present connections any more, and let nobody know; their number.

        `chosen` gets the last bytes that went inwards, to tell connections apart.
        """
        deaf = [wire for wire in self._wires.values() if chosen(wire.inwards)]
        for wire in deaf:
            wire.swallows = True
        return len(deaf)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner = await _open(self._door)
        except ConnectionError:
            writer.transport.abort()  # as a network does where nobody listens
            return
        task = asyncio.current_task()
        assert task is not None
        wire = self._wires[task] = _Wire(writer, inner[1])
        await asyncio.gather(wire.carry(reader, inner[1], inwards=True), wire.carry(inner[0], writer, inwards=False))
        wire.cut()  # both sides of a wire that swallowed hung up, and were not told of each other
        del self._wires[task]


class _Wire:
    """One connection through the proxy."""

    def __init__(self, *ends: asyncio.StreamWriter) -> None:
        self._ends = ends
        self.inwards = b""
        self.swallows = False

    def cut(self) -> None:
        for end in self._ends:
            end.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, inwards: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while some := await reader.read(65_536):
                if inwards:
                    self.inwards = some[-200:]
                if not self.swallows:
                    writer.write(some)
                    await writer.drain()
        if self.swallows:
            return  # nobody is told that the other side hung up
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def _open(door: str | int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(door, str):
        return await asyncio.open_unix_connection(door)
    return await asyncio.open_connection("127.0.0.1", door)
