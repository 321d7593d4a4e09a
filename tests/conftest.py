"""What every test may ask for: a migrated Postgres and an empty Redis of its own, never those in var/."""

import asyncio
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Generator, Iterator

import asyncpg
import pytest

import sql
from config import cluster, services
from config.cluster import Cluster
from config.services import Service
from sql.connection import Pool
from sql.migrate import migrate
from tests.operator import Operator

TEMPLATE = "migrated"
NO_SKIPS = "VECHE_NO_SKIPS"  # set by .ci/run: a check that was left out is a failure there
REDIS_FIXTURES = ("redis_server", "stores", "own_redis")  # what becomes a cluster with --cluster
numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--cluster`: the same tests, and where they ask for a Redis they get a cluster of three masters."""
    parser.addoption("--cluster", action="store_true", help="run what needs a Redis on a cluster of three masters")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Browser tests come last; without Chromium they say how to get it. On a cluster only what is about Redis runs."""
    if config.getoption("cluster"):
        left_out = [item for item in items if not _is_for_a_cluster(item)]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
    # Playwright's synchronous side keeps an event loop running in this thread for good: none can be started after it.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if shutil.which("chromium"):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="Chromium is missing: apt-get install chromium"))


def _is_for_a_cluster(item: pytest.Item) -> bool:
    asks_for = getattr(item, "fixturenames", ())
    return any(name in asks_for for name in REDIS_FIXTURES) and not item.get_closest_marker("one_server")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where nothing may be skipped, a skipped test fails with the reason it gave."""
    report = yield
    if report.skipped and os.environ.get(NO_SKIPS) and not hasattr(report, "wasxfail"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was left out, and {NO_SKIPS} is set. {why}"
    return report


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One Postgres for all tests of this pytest process."""
    with services.start_postgres(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Service | Cluster]:
    """One Redis, or with --cluster one cluster, for all tests of this pytest process."""
    start = cluster.start_cluster if pytestconfig.getoption("cluster") else services.start_redis
    with start(tmp_path_factory.mktemp("redis"), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres_server: Service) -> str:
    """The name of a migrated database that nobody is connected to, ready to be copied."""

    async def make() -> None:
        connection = await asyncpg.connect(postgres_server.url)
        await connection.execute(f"create database {TEMPLATE}")
        await connection.close()
        connection = await asyncpg.connect(_named(postgres_server.url, TEMPLATE))
        await migrate(connection)
        await connection.close()

    asyncio.run(make())
    return TEMPLATE


@pytest.fixture
async def empty_database_url(postgres_server: Service) -> AsyncIterator[str]:
    """A database with nothing in it, not even tables."""
    async for url in _fresh(postgres_server.url, "template1"):
        yield url


@pytest.fixture
async def database_url(postgres_server: Service, template: str) -> AsyncIterator[str]:
    """A migrated database with no rows, this test's own."""
    async for url in _fresh(postgres_server.url, template):
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Pool]:
    """A pool to `database_url`."""
    async with sql.connect(database_url, at_most=4) as pool:
        yield pool


@pytest.fixture
async def redis(redis_server: Service | Cluster) -> AsyncIterator[Operator]:
    """An empty Redis, as bytes (`decode_responses` False)."""
    async with Operator(redis_server.url) as client:
        await client.flushall()
        yield client


@pytest.fixture
def redis_url(redis: Operator, redis_server: Service | Cluster) -> str:
    """The address of the empty Redis."""
    return redis_server.url


async def _fresh(server: str, template: str) -> AsyncIterator[str]:
    name = f"test_{next(numbers)}"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"create database {name} template {template}")
        yield _named(server, name)
        await connection.execute(f"drop database {name} with (force)")
    finally:
        await connection.close()


def _named(url: str, database: str) -> str:
    return url.replace("@/postgres?", f"@/{database}?")
