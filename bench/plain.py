"""What somebody would write with the websockets library in an afternoon: one room, `broadcast`, nothing else.

`python -m bench.plain` prints its port. It stands beside our server in every run and keeps no promises.
"""

import itertools
import resource
import sys

import orjson
import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

ROOM = "chat:1"


async def main() -> None:
    """Serve until killed."""
    members: set[ServerConnection] = set()
    offsets = itertools.count(1)
    told = 0

    async def meet(socket: ServerConnection) -> None:
        nonlocal told
        members.add(socket)
        try:
            async for text in socket:
                wish = orjson.loads(text)
                if wish["do"] == "chat.say":
                    told = next(offsets)
                    event = {"room": ROOM, "at": told, "is": "chat.said", "user": 1, "name": "Stranger", "badge": ""}
                    event |= {"when": 1_700_000_000_000, "key": wish["key"], "text": wish["text"]}
                    broadcast(members, orjson.dumps([event]).decode())
                state = {"room": ROOM, "epoch": "plain", "at": told, "offset": told, "resumed": False, "events": []}
                await socket.send(orjson.dumps({"re": wish["id"], "ok": state}).decode())
        except ConnectionClosed:
            pass  # they left without a word
        finally:
            members.discard(socket)

    subprotocols = [Subprotocol("veche.1")]
    async with serve(
        meet, "127.0.0.1", 0, subprotocols=subprotocols, compression=None, ping_interval=None, backlog=4096
    ) as server:
        sys.stdout.write(f"{next(iter(server.sockets)).getsockname()[1]}\n")
        sys.stdout.flush()
        await server.serve_forever()


if __name__ == "__main__":
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    uvloop.run(main())
