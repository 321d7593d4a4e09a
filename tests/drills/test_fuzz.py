"""Bent handshakes and frames, many thousands of them, against a real node: it answers, stays up and stays small."""

import asyncio
import contextlib
import os
import random
import socket
import struct

from realtime import channels
from tests.drills.fuzz import Fuzzer
from tests.realtime.node import Node, token, until
from tests.realtime.person import Person

BENT = 10_000  # inputs of one round; 20 rounds are the 200,000 of the target
WARM = 3_000  # inputs after which a worker has what it needs
AT_ONCE = 32  # connections
GROWTH = 8 * 2**20  # bytes a worker may hold more than when it was warm: the allocator's crumbs
SEED = "VECHE_SEED"
ROOMS = [*map(channels.chat, range(1, 9)), *map(channels.questions, range(1, 5)), channels.desk(channels.chat(1))]


async def test_bent_input_harms_nobody(shared_node: Node, rounds: int) -> None:
    node, seed = shared_node, int(os.environ.get(SEED, random.randrange(2**32)))
    print(f"{SEED}={seed} does the same again")  # noqa: T201 - pytest shows it when it matters
    before = node.workers
    everything = [token(user, rights="say moderate", rooms=tuple(ROOMS)) for user in range(1, 20)]
    few = [token(user, rights="", rooms=tuple(ROOMS[:3])) for user in range(20, 25)]
    fuzzer = Fuzzer(seed, tokens=[*everything, *few, "forged", token(1, life=-9)], rooms=ROOMS)
    await _bend(fuzzer, node, WARM)
    warm = await _resting(node)
    assert await _bend(fuzzer, node, BENT * rounds) >= BENT * rounds
    resting = await _resting(node)
    assert {pid: size for pid, size in resting.items() if size > warm[pid] + GROWTH} == {}, warm
    assert node.workers == before
    assert node.why() == []
    assert "Traceback" not in node.logged
    async with Person(node, 1000, "chat:1000") as anna, Person(node, 1001, "chat:1000") as boris:
        await anna.says("Is this still a place to talk?")
        for one in (anna, boris):  # an answer says that it is stored, not that it was heard at every worker
            await one.until(lambda heard=one: heard.texts == ["Is this still a place to talk?"])  # type: ignore[misc]  # bound now


async def _bend(fuzzer: Fuzzer, node: Node, inputs: int) -> int:
    """Hold conversations until so many inputs were bent."""
    bent = 0

    async def talk() -> None:
        nonlocal bent
        while bent < inputs:
            conversation = fuzzer.conversation()
            bent += conversation.bent
            await _say(node.port, conversation.sent, abrupt=bent % 7 == 0)

    async with asyncio.TaskGroup() as talking:
        for _ in range(AT_ONCE):
            talking.create_task(talk())
    return bent


async def _say(port: int, sent: bytes, *, abrupt: bool) -> None:
    """Send it all, hear the server out; or slam the door."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with contextlib.suppress(ConnectionError):
            writer.write(sent)
            await writer.drain()
            if abrupt:
                own = writer.get_extra_info("socket")
                own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            writer.write_eof()
            async with asyncio.timeout(30):
                while await reader.read(65_536):
                    pass
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def _resting(node: Node) -> dict[int, float]:
    """Memory of each worker when everybody has gone."""
    await asyncio.to_thread(until, lambda: node.metric("veche_connections") == 0, "all sockets are gone")
    sizes = {}
    for pid in node.workers:
        with open(f"/proc/{pid}/statm") as found:  # noqa: PTH123 - a pseudo-file
            sizes[pid] = float(found.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return sizes
