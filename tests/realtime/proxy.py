"""A network between a node and its Redis that can be cut, for tests."""

import asyncio
import contextlib


class Proxy:
    """Carries TCP on this machine to a unix socket. Leave the `async with` and every wire is gone."""

    def __init__(self, door: str) -> None:
        self._door = door
        self._wires: dict[asyncio.Task[None], tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = {}
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
    def url(self) -> str:
        """Redis, as seen from the other side."""
        return f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/0"

    def cut(self) -> None:
        """Drop every connection at once."""
        for wires in self._wires.values():
            for wire in wires:
                wire.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(self._door)
        task = asyncio.current_task()
        assert task is not None
        self._wires[task] = (writer, inner_writer)
        await asyncio.gather(_carry(reader, inner_writer), _carry(inner_reader, writer))
        del self._wires[task]


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
