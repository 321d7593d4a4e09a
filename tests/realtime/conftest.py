"""A node for every module that asks, and no test that lets it speak in tracebacks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.realtime.node import Node
from tests.store import Store


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Store]:
    """A Redis with the shipped durability, shared by one module's tests."""
    with Store(tmp_path_factory.mktemp("redis"), clustered=pytestconfig.getoption("cluster")) as redis:
        yield redis


@pytest.fixture(scope="module")
def shared_node(stores: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Two workers, shared by one module's tests; each test takes a room of its own."""
    with Node(stores.url, tmp_path_factory.mktemp("node")) as node:
        yield node
    assert node.process.returncode == 0, node.logged
    assert "Traceback" not in node.logged, node.logged


@pytest.fixture
def own_redis(tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[Store]:
    """A Redis with the shipped durability that a test may kill."""
    with Store(tmp_path / "redis", clustered=pytestconfig.getoption("cluster")) as redis:
        yield redis


@pytest.fixture
def node(own_redis: Store, tmp_path: Path) -> Iterator[Node]:
    """Two workers that a test may kill."""
    with Node(own_redis.url, tmp_path) as node:
        yield node
    assert "Traceback" not in node.logged, node.logged
