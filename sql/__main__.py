"""`python -m sql`: migrate, status, new NAME, seed. It only reads arguments and speaks to the terminal."""

import argparse
import asyncio
import os
import sys
from datetime import UTC, datetime

import asyncpg

from sql.connection import Connection, speak_json
from sql.demo.conference import SLUG
from sql.demo.people import PASSWORD, PEOPLE
from sql.demo.seed import seed
from sql.loader import queries
from sql.migrate import CannotMigrate, migrate, new, status

SQL = queries("demo")


def main() -> int:
    """Do what the command line says; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sql", description="What is remembered (DATABASE_URL says where).")
    commands = parser.add_subparsers(dest="command", required=True)
    apply = commands.add_parser("migrate", help="apply pending migrations; `before` or `after`: only those")
    apply.add_argument("only", nargs="?", choices=("before", "after"))
    commands.add_parser("status", help="list migrations and when each was applied")
    fresh = commands.add_parser("new", help="begin a migration")
    fresh.add_argument("name", metavar="NAME", help="small letters and _: add_seat_hold")
    fresh.add_argument("--after", action="store_true", help="run when the old program is gone, not before the new one")
    commands.add_parser("seed", help="put the demo conference into an empty database")
    asked = parser.parse_args()
    try:
        if asked.command == "new":
            print(new(asked.name, when="after" if asked.after else "before"))
        else:
            asyncio.run(_on_database(asked))
    except CannotMigrate as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0


async def _on_database(asked: argparse.Namespace) -> None:
    connection = await _connection()
    try:
        match asked.command:
            case "migrate":
                applied = await migrate(connection, only=asked.only)
                print("\n".join(applied) or "Nothing to migrate.")
            case "status":
                for name, applied_at in await status(connection):
                    print(f"{name:<48} {applied_at:%Y-%m-%d %H:%M} UTC" if applied_at else f"{name:<48} pending")
            case "seed":
                await seed(connection, now=datetime.now(UTC))
                print(await _sign_ins(connection) or "The database is not empty: nothing was added.")
    finally:
        await connection.close()


async def _sign_ins(connection: Connection) -> str:
    """How to get into the demo; empty when this database holds something else."""
    if not await connection.fetchval(SQL.is_demo, SLUG, PEOPLE[0].email):
        return ""
    rows = [f"  {one.email:<22} {one.role:<10} {one.name}" for one in PEOPLE]
    return "\n".join([f"The demo is in place. Sign in with the password {PASSWORD} as", *rows])


async def _connection() -> Connection:
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise CannotMigrate("DATABASE_URL is missing: it says which database to work on.")
    try:
        connection: Connection = await asyncpg.connect(url, timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, TimeoutError) as wrong:
        raise CannotMigrate(f"The database does not answer: {wrong or 'no answer within 10 s'}.") from None
    await speak_json(connection)
    return connection


if __name__ == "__main__":
    sys.exit(main())
