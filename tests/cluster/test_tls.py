"""Redis behind TLS (rediss://), one server and a cluster: everything goes on as ever, and nobody trusts a stranger."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from redis import Redis
from redis.asyncio import Redis as Plain
from redis.exceptions import ConnectionError

from config import services
from realtime import channels
from realtime.engine import HOME, connect, slot_of
from realtime.line import Line
from tests.cluster.test_masters import key_by_key, nothing
from tests.cluster.tls import Authority, Doors
from tests.realtime.crowd import survive
from tests.realtime.node import Node, until
from tests.store import Store

PASSWORD = "only/the/servers/know/this"
LOGIN = f":{quote(PASSWORD, safe='')}@"

pytestmark = pytest.mark.skipif(
    not (shutil.which("haproxy") and shutil.which("openssl")), reason="HAProxy or openssl is missing: apt-get install"
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "authority")


@pytest.fixture
def single(authority: Authority, tmp_path: Path) -> Iterator[Doors]:
    """One server behind TLS that wants a password."""
    with services.start_redis(tmp_path / "redis") as redis:
        path = unquote(urlsplit(redis.url).path)
        with Redis(unix_socket_path=path) as ops:
            ops.config_set("requirepass", PASSWORD)
        with Doors([f"unix@{path}"], authority.certificate("IP:127.0.0.1"), tmp_path) as doors:
            yield doors


@pytest.fixture
def clustered(masters: Store, authority: Authority, tmp_path: Path) -> Iterator[Doors]:
    """The masters behind TLS; each tells clients of its encrypted port, as one that ends TLS itself does."""
    ports = [urlsplit(url).port or 0 for url in masters.url.split(",")]
    certificate = authority.certificate("IP:127.0.0.1")
    with Doors([f"127.0.0.1:{port}" for port in ports], certificate, tmp_path) as doors:
        for port, door in zip(ports, doors.ports, strict=True):
            with Redis(port=port) as ops:
                ops.config_set("cluster-announce-client-port", door)
        yield doors


async def test_a_node_behind_tls_serves_and_heals(single: Doors, authority: Authority, tmp_path: Path) -> None:
    with Node(single.url(authority.file, login=LOGIN), tmp_path) as node:

        async def cut() -> None:
            await asyncio.to_thread(single.__exit__)
            await asyncio.to_thread(until, lambda: node.why() != [], "the node says that it is deaf")
            await asyncio.to_thread(single.__enter__)

        await survive(node, cut)
        await asyncio.to_thread(until, lambda: node.why() == [], "the node hears Redis again")
        assert "Traceback" not in node.logged


async def test_a_node_on_a_cluster_behind_tls_follows_a_slot(
    clustered: Doors, masters: Store, rooms: list[str], authority: Authority, tmp_path: Path
) -> None:
    url = clustered.url(authority.file).split(",")[0]  # the others are learnt from it
    with Node(url, tmp_path) as node:
        async with behind(masters, rooms[0]) as here, behind(masters, rooms[1]) as there:

            async def move() -> None:
                await key_by_key(slot_of(channels.log(rooms[0])), here, there)

            await asyncio.gather(
                *(survive(node, move if room is rooms[0] else nothing, people=3, room=room) for room in rooms)
            )
        async with connect(url) as engine:
            await engine.learn()
            assert {port for _, port in engine.masters} == set(clustered.ports)
        await asyncio.to_thread(until, lambda: node.why() == [], "the node hears every master")
        assert "Traceback" not in node.logged


async def test_a_server_that_a_stranger_vouches_for_is_not_spoken_to(single: Doors, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger")
    async with connect(single.url(stranger.file, login=LOGIN)) as engine:
        with pytest.raises(ConnectionError, match="certificate verify failed"):
            await engine.get("word")
        line = Line(lambda message: None, lambda told: None)
        with pytest.raises(OSError, match="certificate verify failed"):
            await line.connect(engine.address(HOME))


async def test_a_server_of_another_name_is_not_spoken_to_unless_the_address_says_so(
    single: Doors, authority: Authority
) -> None:
    for more, trusted in (("", False), ("&ssl_check_hostname=false", True)):
        async with connect(single.url(authority.file, login=LOGIN, host="localhost", more=more)) as engine:
            line = Line(lambda message: None, lambda told: None)
            if trusted:
                assert await engine.get("word") is None
                await line.connect(engine.address(HOME))
                await line.pong()
                line.abort()
                continue
            with pytest.raises(ConnectionError, match="certificate is not valid for 'localhost'"):
                await engine.get("word")
            with pytest.raises(OSError, match="certificate is not valid for 'localhost'"):
                await line.connect(engine.address(HOME))


def behind(masters: Store, room: str) -> Any:
    """A plain client of whoever holds a room, past the doors."""
    return Plain.from_url(masters.url.split(",")[masters.number(channels.log(room))])
