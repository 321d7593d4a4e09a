"""Statements and schema: every query is one Postgres accepts, named, explained and used; nobody hides one in Python."""

import ast
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from sql.connection import Connection, Pool
from sql.loader import HEADER, QUERIES, Queries, queries

ROOT = Path(__file__).parents[1]
ROOMS = ("config", "sql", "realtime", "web", "workers", "bench")
DOMAINS = sorted(path.stem for path in QUERIES.glob("*.sql"))
LEGEND = re.compile(r"\$(\d+) (\S[^$]*)")
# A string that begins the way statements do. Prose begins otherwise, or it is not worth guessing.
STATEMENT = re.compile(
    r"\s*(select\s.+\sfrom\s|select\s+\w+\(|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s+\("
    r"|(create|alter|drop)\s+(table|index|type|view|database|function)\s|truncate\s|(un)?listen\s+\w+$|notify\s+\w+)",
    re.IGNORECASE | re.DOTALL,
)


@pytest.mark.parametrize("domain", DOMAINS)
async def test_every_query_is_one_that_postgres_accepts_with_the_parameters_its_legend_names(
    database: Pool, domain: str
) -> None:
    async with database.acquire() as connection:
        for name, statement in queries(domain):
            try:
                prepared = await connection.prepare(statement)
            except asyncpg.PostgresError as wrong:
                pytest.fail(f"sql/queries/{domain}.sql, {name}: {wrong}")
            expected = list(range(1, len(prepared.get_parameters()) + 1))
            assert [number for number, _ in legend(statement)] == expected, (
                f"{domain}.{name}: legend and parameters differ"
            )


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_query_says_in_a_sentence_what_it_is_for(domain: str) -> None:
    opening = HEADER.split((QUERIES / f"{domain}.sql").read_text(encoding="utf-8"))[0]
    assert not without_comments(opening), f"{domain}: a statement without a name"
    for name, statement in queries(domain):
        purpose = statement.splitlines()[0].partition(": ")[2].partition("  ")[0]
        assert purpose.endswith("."), f"{domain}.{name}: the purpose is a sentence; two spaces and the legend follow it"
        assert statement.splitlines()[0].startswith(f"-- {name}: "), "the header stays in the statement"
        assert ";" not in without_comments(statement), f"{domain}.{name}: more than one statement under one name"


def test_every_statement_python_asks_for_exists_and_every_one_is_asked_for() -> None:
    asked: set[tuple[str, str]] = set()
    for path in [*python_files(), *(ROOT / "tests").rglob("*.py")]:
        asked |= set(statements_asked_for(path.read_text(encoding="utf-8")))
    written = {(domain, name) for domain in DOMAINS for name, _ in queries(domain)}
    assert asked - written == set(), "Python asks for statements that nobody wrote"
    assert written - asked == set(), "nobody asks for these statements"


def test_no_sql_lives_in_python_outside_its_room() -> None:
    for path in python_files():
        if path.relative_to(ROOT).parts[0] != "sql":
            found = list(sql_texts(path.read_text(encoding="utf-8")))
            assert not found, f"{path.relative_to(ROOT)}: {found[0]!r} belongs into sql/queries/"


@pytest.mark.parametrize(
    "planted",
    [
        'ROWS = "select id from person"',
        'def f(): return "INSERT INTO person (name) VALUES ($1)"',
        'TEXT = f"update {table} set name = $1"',
        'async def f(c):\n    await c.execute("""\n        delete from outbox where id = 1""")',
    ],
)
def test_planted_sql_is_found(planted: str) -> None:
    assert list(sql_texts(planted))


@pytest.mark.parametrize(
    "prose",
    ["HINT = 'Select a session.'", '"""select a from b"""', "x = 'Update: the hall is set.'", "x = 'with love'"],
)
def test_prose_and_docstrings_are_not_taken_for_sql(prose: str) -> None:
    assert not list(sql_texts(prose))


async def test_the_picture_of_the_schema_is_what_the_migrations_build(database: Pool, empty_database_url: str) -> None:
    async with database.acquire() as migrated, opened(empty_database_url) as drawn:
        await drawn.execute((ROOT / "sql" / "schema.sql").read_text(encoding="utf-8"))
        assert await catalogue(drawn) == await catalogue(migrated)


async def test_a_column_that_is_missing_in_the_picture_is_noticed(database: Pool, empty_database_url: str) -> None:
    text = (ROOT / "sql" / "schema.sql").read_text(encoding="utf-8").replace("zone       text not null", "zone text")
    async with database.acquire() as migrated, opened(empty_database_url) as drawn:
        await drawn.execute(text)
        assert await catalogue(drawn) != await catalogue(migrated)


async def test_postgres_shows_by_name_what_a_connection_did_last_and_was_asked_nothing_more(database: Pool) -> None:
    async with database.acquire() as connection:
        process = connection.get_server_pid()
        await connection.fetch(queries("conferences").channels, 1)
    async with database.acquire() as one, database.acquire() as other:
        asks = other if one.get_server_pid() == process else one
        last = await asks.fetchval("select query from pg_stat_activity where pid = $1", process)
    assert last.startswith("-- channels:")


async def test_a_transaction_that_was_left_open_ends_with_its_connection(database: Pool) -> None:
    async with database.acquire() as connection:
        process = connection.get_server_pid()
        await connection.transaction().start()
        await connection.fetchval("select pg_try_advisory_xact_lock(5)")
    async with database.acquire() as one, database.acquire() as other:
        asks = other if one.get_server_pid() == process else one
        assert await asks.fetchval("select pg_try_advisory_xact_lock(5)")


def test_an_unknown_statement_names_the_file_to_look_in() -> None:
    with pytest.raises(AttributeError, match=r"There is no statement named nothing in sql/queries/demo\.sql\."):
        getattr(queries("demo"), "nothing")  # noqa: B009  # written plainly it would count as a wish for it


def test_two_statements_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="names two statements alike"):
        Queries("twice", "-- a: one.\nselect 1;\n-- a: two.\nselect 2;\n")


def legend(statement: str) -> list[tuple[int, str]]:
    """The parameters as the header explains them."""
    _, found, text = statement.splitlines()[0].partition("  $")
    return [(int(number), words.strip()) for number, words in LEGEND.findall(f"${text}")] if found else []


def without_comments(statement: str) -> str:
    """The statement with what is not SQL taken out."""
    return re.sub(r"--[^\n]*|'[^']*'", "", statement).strip()


def python_files() -> Iterator[Path]:
    """Everything of ours that runs."""
    for room in ROOMS:
        yield from (ROOT / room).rglob("*.py")


def statements_asked_for(source: str) -> Iterator[tuple[str, str]]:
    """(domain, name) for each `X.name` where X was made by queries("domain") in the same file."""
    tree = ast.parse(source)
    domains: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=variable)],
                value=ast.Call(func=ast.Name(id="queries"), args=[ast.Constant(value=str(domain))]),
            ):
                domains[variable] = domain
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=variable), attr=name) if variable in domains:
                yield domains[variable], name
            case ast.Attribute(
                value=ast.Call(func=ast.Name(id="queries"), args=[ast.Constant(value=str(domain))]), attr=name
            ):
                yield domain, name


def sql_texts(source: str) -> Iterator[str]:
    """Strings that begin like a statement; docstrings and other strings that nobody uses are prose."""
    tree = ast.parse(source)
    unused = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in unused:
            continue
        match node:
            case ast.Constant(value=str(text)) if STATEMENT.match(text):
                yield text
            case ast.JoinedStr(values=parts):
                whole = "".join(str(one.value) if isinstance(one, ast.Constant) else "x" for one in parts)
                if STATEMENT.match(whole):
                    yield whole


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Connection]:
    """One connection, closed at the end."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def catalogue(connection: Connection) -> set[tuple[object, ...]]:
    """All a schema consists of, as Postgres spells it. The order of columns is left out: it only tells history."""
    return {tuple(row) for row in await connection.fetch(CATALOGUE)}


CATALOGUE = """
with ours as (
    select c.oid, c.relname, c.relkind from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relname not like 'migration%'
)
select 'relation', relname::text, relkind::text, '' from ours
union all
select 'column', relname || '.' || attname, format_type(atttypid, atttypmod),
       concat_ws(' ', case when attnotnull then 'not null' end, nullif(attidentity, ''), nullif(attgenerated, ''),
                 pg_get_expr(adbin, adrelid))
from pg_attribute join ours on ours.oid = attrelid left join pg_attrdef on adrelid = attrelid and adnum = attnum
where attnum > 0 and not attisdropped and relkind in ('r', 'p', 'v', 'm')
union all
select 'constraint', relname || '.' || conname, pg_get_constraintdef(pg_constraint.oid), ''
from pg_constraint join ours on ours.oid = conrelid
union all
select 'index', relname::text, pg_get_indexdef(oid), '' from ours where relkind = 'i'
union all
select 'trigger', relname || '.' || tgname, pg_get_triggerdef(pg_trigger.oid), ''
from pg_trigger join ours on ours.oid = tgrelid where not tgisinternal
union all
select 'function', proname::text, pg_get_functiondef(oid), ''
from pg_proc where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')
union all
select 'type', typname::text, string_agg(enumlabel, ',' order by enumsortorder), ''
from pg_type join pg_enum on enumtypid = pg_type.oid where typnamespace = 'public'::regnamespace group by typname
"""
