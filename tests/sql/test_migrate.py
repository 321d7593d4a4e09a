"""Migrations: each once, in order, never half; a landed one that changed is refused."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from sql.connection import Connection
from sql.migrate import CannotMigrate, migrate, migrations, new, status

ROOT = Path(__file__).parents[2]
Opener = Callable[[], Coroutine[Any, Any, Connection]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Migrations of a small house: two releases, each with a before and an after."""
    files = {
        "0001_before_people.sql": "create table person (id int, nick text);",
        "0002_after_nicks.sql": "alter table person drop column nick;",
        "0003_before_names.sql": "alter table person add column name text;",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
async def connect(empty_database_url: str) -> AsyncIterator[Opener]:
    """Opens connections to a database with nothing in it."""
    opened: list[Connection] = []

    async def connection() -> Connection:
        opened.append(await asyncpg.connect(empty_database_url))
        return opened[-1]

    yield connection
    for one in opened:
        await one.close()


async def test_what_is_pending_is_applied_once_and_in_order(connect: Opener, folder: Path) -> None:
    connection = await connect()
    names = ["0001_before_people.sql", "0002_after_nicks.sql", "0003_before_names.sql"]
    assert [name for name, applied_at in await status(connection, folder=folder) if applied_at is None] == names
    assert await migrate(connection, folder=folder) == names
    assert await migrate(connection, folder=folder) == []
    assert all(applied_at for _, applied_at in await status(connection, folder=folder))


async def test_a_landed_migration_that_changed_is_refused(connect: Opener, folder: Path) -> None:
    connection = await connect()
    await migrate(connection, folder=folder)
    (folder / "0001_before_people.sql").write_text("create table person (id bigint);")
    with pytest.raises(CannotMigrate, match=r"0001_before_people\.sql has changed since it was applied\."):
        await migrate(connection, folder=folder)


async def test_one_that_fails_leaves_nothing_and_stops_those_after_it(connect: Opener, folder: Path) -> None:
    (folder / "0002_after_nicks.sql").write_text("create table half (id int); select no_such_column from person;")
    connection = await connect()
    with pytest.raises(CannotMigrate, match=r"0002_after_nicks\.sql was not applied: column .* does not exist"):
        await migrate(connection, folder=folder)
    assert await connection.fetchval("select to_regclass('half')") is None
    assert [bool(applied_at) for _, applied_at in await status(connection, folder=folder)] == [True, False, False]


async def test_before_stops_where_the_last_release_is_not_finished(connect: Opener, folder: Path) -> None:
    connection = await connect()
    with pytest.raises(CannotMigrate, match=r"0003_before_names\.sql has to wait for 0002_after_nicks\.sql"):
        await migrate(connection, only="before", folder=folder)
    (folder / "0003_before_names.sql").unlink()
    assert await migrate(connection, only="before", folder=folder) == ["0001_before_people.sql"]
    assert await migrate(connection, only="after", folder=folder) == ["0002_after_nicks.sql"]


async def test_two_at_once_take_turns(connect: Opener, folder: Path) -> None:
    connections = [await connect() for _ in range(4)]

    async def turn(connection: Connection) -> list[str]:
        applied = await migrate(connection, folder=folder)
        await connection.close()
        return applied

    done = await asyncio.gather(*(turn(one) for one in connections))
    assert sorted(len(applied) for applied in done) == [0, 0, 0, 3]


async def test_a_migration_from_a_newer_program_is_listed_and_left_alone(connect: Opener, folder: Path) -> None:
    connection = await connect()
    await migrate(connection, folder=folder)
    (folder / "0003_before_names.sql").unlink()
    assert await migrate(connection, folder=folder) == []
    assert [name for name, _ in await status(connection, folder=folder)][-1] == "0003_before_names.sql"


def test_a_new_migration_gets_the_next_number(folder: Path) -> None:
    assert new("add_seat_hold", folder=folder).name == "0004_before_add_seat_hold.sql"
    assert new("drop_old_hold", when="after", folder=folder).name == "0005_after_drop_old_hold.sql"
    assert [one.number for one in migrations(folder)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", ["Add Seats", "", "../out", "мест"])
def test_a_name_that_makes_no_file_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(CannotMigrate, match="cannot name a migration"):
        new(name, folder=folder)


@pytest.mark.parametrize(
    ("name", "sentence"), [("0004_names.sql", "is not named like"), ("0003_after_other.sql", "have the same number")]
)
def test_a_misnamed_file_is_refused(folder: Path, name: str, sentence: str) -> None:
    (folder / name).touch()
    with pytest.raises(CannotMigrate, match=sentence):
        migrations(folder)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "DATABASE_URL is missing"),
        ("postgresql://127.0.0.1:1/none", "The database does not answer"),
        ("nonsense", "The database does not answer"),
    ],
)
def test_a_database_out_of_reach_gets_a_sentence(url: str, sentence: str) -> None:
    command = [sys.executable, "-m", "sql", "migrate"]
    environ = {"PATH": os.environ["PATH"], "DATABASE_URL": url}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1
