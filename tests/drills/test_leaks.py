"""Thousands of visitors come, listen and go in every way there is: afterwards a worker is what it was."""

import asyncio
import contextlib
import json
import os
from pathlib import Path

from websockets.frames import Frame, Opcode

from realtime import channels
from tests.drills.fuzz import HANDSHAKE
from tests.realtime.node import Node, token, until

CYCLES = 5_000  # of one round; 20 rounds are 100,000
WARM = 2_000
AT_ONCE = 32
GROWTH = 4 * 2**20  # bytes a worker may hold more than when it was warm: the allocator's crumbs
WAYS = 4  # to go
ROOMS = 7  # visited
LINES = 8  # to Redis that a busy moment may open and keep: they are shared, a leak of sockets would be thousands


async def test_visitors_who_come_and_go_leave_nothing_behind(shared_node: Node, rounds: int) -> None:
    node, before = shared_node, shared_node.workers
    await _come_and_go(node, WARM)
    warm = await _resting(node)
    await _come_and_go(node, CYCLES * rounds)
    rest = await _resting(node)
    assert node.workers == before
    assert rest.keys() == warm.keys()
    assert node.metric("veche_rooms") <= ROOMS * len(before)
    for pid, (files, size) in rest.items():
        assert files <= warm[pid][0] + LINES
        assert size <= warm[pid][1] + GROWTH, f"worker {pid} was {warm[pid][1]} bytes and is {size}"


async def _come_and_go(node: Node, cycles: int) -> None:
    visits = [_visit(user) for user in range(1, 21)]
    left = iter(range(cycles))

    async def come() -> None:
        for n in left:
            reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
            visit = visits[n % len(visits)]
            if n % 50 == 0:
                writer.write(visit[: n % 700])  # hangs up in the middle
                writer.transport.abort()
                continue
            writer.write(visit)
            with contextlib.suppress(ConnectionError):
                await _go(n % WAYS, reader, writer)

    async with asyncio.TaskGroup() as coming:
        for _ in range(AT_ONCE):
            coming.create_task(come())


async def _go(way: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Each in another way: slam the door at once, or behind the last answer; close, or half of it."""
    if way:
        await reader.readuntil(b'{"re":9,"ok":{}}')
    match way:
        case 0 | 1:
            writer.transport.abort()
        case 2:
            writer.write(Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True))
            await reader.read()
        case 3:
            writer.write_eof()
            await reader.read()
    writer.close()
    await writer.wait_closed()


def _visit(user: int) -> bytes:
    """What one visitor sends: hello, three rooms, out of one of them, and a ping whose answer comes last."""
    rooms = [channels.chat(user % 5 + 1), channels.questions(1), channels.announcements(1)]
    said = [
        {"id": 1, "do": "hello", "token": token(user, rooms=tuple(rooms), life=86_400)},
        *({"id": 2, "do": "join", "room": room} for room in rooms),
        {"id": 3, "do": "leave", "room": rooms[0]},
        {"id": 9, "do": "ping"},
    ]
    frames = [Frame(Opcode.TEXT, json.dumps(one).encode()).serialize(mask=True) for one in said]
    plain = [line for line in HANDSHAKE if b"Extensions" not in line]
    return b"\r\n".join(plain) + b"\r\n\r\n" + b"".join(frames)


async def _resting(node: Node) -> dict[int, tuple[int, int]]:
    """Open files and memory of each worker when everybody has gone."""
    await asyncio.to_thread(until, lambda: node.metric("veche_connections") == 0, "all sockets are gone")
    return {pid: (_files(pid), _size(pid)) for pid in node.workers}


def _files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def _size(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
