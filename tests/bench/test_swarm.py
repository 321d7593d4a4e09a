"""The swarm believes nobody: whoever loses, doubles, swaps or forges is found out, an honest server is measured."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from bench import peers, swarm
from bench.node import CannotStart, Node
from bench.swarm import Broken
from tests.bench.hall import DESK, HALL, LEAKS, LIES, Event, Hall, hall, truth

SOCKETS = 5
MESSAGES = 20
QUESTIONS = 5
SOON = 0.5  # seconds after which a message that did not come is missed
ROOM = "chat:1"


async def test_an_honest_server_is_measured() -> None:
    async with hall(truth) as where:
        seen = await told(where)
    assert seen["trouble_count"] == 0, seen["troubles"]
    assert (seen["acknowledged"], seen["deliveries"]) == (MESSAGES, MESSAGES * SOCKETS)
    assert seen["late"]["count"] == MESSAGES
    assert 0 < seen["late"]["p50"] <= seen["late"]["most"] < 5


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_is_found_out(lie: Callable[[Hall, int, Event], list[Event]]) -> None:
    async with hall(lie) as where:
        seen = await told(where)
    assert seen["troubles"]


async def test_an_approved_question_is_measured_beside_the_chat() -> None:
    async with hall(truth) as where:
        seen = await approved(where)
    assert seen["trouble_count"] == 0, seen["troubles"]
    assert seen["late_questions"]["count"] == QUESTIONS
    assert seen["late_approvals"]["count"] == QUESTIONS - 1  # the last one waits for ever
    assert seen["late"]["count"] == MESSAGES
    assert seen["deliveries"] == QUESTIONS + (QUESTIONS - 1 + MESSAGES) * SOCKETS
    assert 0 < seen["late_approvals"]["p50"] <= seen["late_approvals"]["most"] < 5


@pytest.mark.parametrize(("lie", "sentence"), LEAKS)
async def test_a_question_heard_before_its_approval_is_found_out(
    lie: Callable[[Hall, int, Event], list[Event]], sentence: str
) -> None:
    async with hall(lie) as where:
        seen = await approved(where)
    assert any(sentence in trouble for trouble in seen["troubles"]), seen["troubles"]


async def test_nobody_approves_without_a_seat_at_the_desk() -> None:
    async with hall(truth) as where, swarm.swarm(where, ["pass"]) as crowd:
        await crowd.enter(SOCKETS, HALL)
        with pytest.raises(CannotStart, match="nobody sits at the desk"):
            await crowd.order("approve", 1, 1, 20, 1, HALL, DESK)


async def test_a_message_without_an_answer_is_a_trouble() -> None:
    async with hall(truth, acknowledge=False) as where:
        seen = await told(where)
    assert any("was never answered" in sentence for sentence in seen["troubles"])


async def test_a_server_that_hangs_up_is_a_trouble_and_has_no_number() -> None:
    async with hall(truth) as where, swarm.swarm(where, ["pass"]) as crowd:
        await crowd.enter(SOCKETS, ROOM)
        await crowd.order("say", 0.1, 50, 20, SOCKETS, ROOM)
        where.hall.hang_up()
        with pytest.raises(Broken, match=r"Socket \d was closed"):
            await crowd.settle(SOON)


async def test_nobody_there_is_a_sentence() -> None:
    async with swarm.swarm(Node("127.0.0.1", 1, "/ws", None, {}), ["pass"]) as crowd:
        with pytest.raises(CannotStart, match="was not let in: Connection refused"):
            await crowd.order("open", 3, 2)


async def test_an_unknown_order_is_refused() -> None:
    async with hall(truth) as where, swarm.swarm(where, ["pass"]) as crowd:
        assert await crowd.try_order("dance") == {"ok": False, "why": "there is no such order"}


async def test_without_a_compiler_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(swarm, "BUILT", tmp_path)
    monkeypatch.setattr(swarm, "compiler", lambda: None)
    with pytest.raises(CannotStart, match="apt-get install gcc"):
        swarm.build("swarm")


@pytest.mark.parametrize("name", [peers.EACH, peers.MERGE, peers.PLAIN])
async def test_a_peer_tells_everybody_everything_at_a_rate_and_flat_out(name: str) -> None:
    async with peers.peer(name) as where, swarm.swarm(where, ["anybody"]) as crowd:
        await crowd.enter(SOCKETS, ROOM)
        for words in (("say", 0.2, 100), ("flat", 0.2, 8)):
            await crowd.order(*words, 50, SOCKETS, ROOM)
            seen = await crowd.settle()
            assert seen["acknowledged"] > 0
            assert seen["deliveries"] == seen["acknowledged"] * SOCKETS


@pytest.mark.parametrize("name", [peers.EACH, peers.MERGE])
async def test_the_bare_loop_speaks_the_protocol_to_strangers_too(name: str) -> None:
    async with peers.peer(name) as where:
        # A library's client makes up its own nonce, which the bare loop does not hash: it refuses the handshake there.
        reader, writer = await asyncio.open_connection(where.host, where.port)
        writer.write(swarm_request())
        assert (await reader.readline()).startswith(b"HTTP/1.1 101 ")
        writer.close()
        await writer.wait_closed()


async def test_the_afternoon_with_a_library_speaks_the_protocol() -> None:
    async with (
        peers.peer(peers.PLAIN) as where,
        connect(f"ws://{where.host}:{where.port}/ws", subprotocols=[Subprotocol("veche.1")]) as socket,
    ):
        await socket.send(json.dumps({"id": 3, "do": "chat.say", "room": ROOM, "key": "12345678", "text": "a"}))
        assert json.loads(await socket.recv())[0]["text"] == "a"
        assert json.loads(await socket.recv())["re"] == 3


def swarm_request() -> bytes:
    """The handshake of RFC 6455, 1.3."""
    return (
        b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )


async def told(where: Node) -> dict[str, Any]:
    """What the swarm saw of a few messages."""
    async with swarm.swarm(where, ["pass"]) as crowd:
        await crowd.enter(SOCKETS, ROOM)
        await crowd.order("say", MESSAGES / 100, 100, 20, SOCKETS, ROOM)
        return await crowd.try_settle(MESSAGES / 100 + SOON)


async def approved(where: Node) -> dict[str, Any]:
    """What the swarm saw of some questions, each approved when the next one is asked, and of a chat meanwhile."""
    async with swarm.swarm(where, ["pass"]) as crowd:
        await crowd.enter(SOCKETS, HALL, ROOM)
        await crowd.order("join", DESK)
        await crowd.order("say", MESSAGES / 100, 100, 20, SOCKETS, ROOM)
        await crowd.order("approve", QUESTIONS / 10, 10, 20, 1, HALL, DESK)
        return await crowd.try_settle(QUESTIONS / 10 + SOON)
