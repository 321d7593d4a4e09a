"""A cluster of three masters, a node on it, and a room on each master."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.cluster import MASTERS
from realtime import channels
from tests.realtime.node import Node
from tests.store import Store


@pytest.fixture
def masters(tmp_path: Path) -> Iterator[Store]:
    """A cluster with the shipped durability that a test may do things to."""
    with Store(tmp_path / "redis", clustered=True) as masters:
        yield masters


@pytest.fixture
def node(masters: Store, tmp_path: Path) -> Iterator[Node]:
    """Two workers on the cluster."""
    with Node(masters.url, tmp_path) as node:
        yield node
    assert "Traceback" not in node.logged, node.logged


@pytest.fixture
def rooms(masters: Store) -> list[str]:
    """A room on each master, in the masters' order."""
    found: dict[int, str] = {}
    for room in map(channels.chat, range(1, 100)):
        found.setdefault(masters.number(channels.log(room)), room)
    return [found[master] for master in range(MASTERS)]
