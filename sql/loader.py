"""Reads queries/<domain>.sql into statements with names. It never changes a statement and never runs one.

    -- name: what it does.  $1 meaning  $2 meaning
    select ...

A line `-- name: ...` at the left edge opens a statement and stays in it, so Postgres' activity view shows the name.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

QUERIES = Path(__file__).parent / "queries"
HEADER = re.compile(r"^-- ([a-z][a-z0-9_]*): (.+)$", re.MULTILINE)


class Queries:
    """The statements of one domain as attributes: `queries("accounts").person_by_email`."""

    def __init__(self, domain: str, text: str) -> None:
        self.domain = domain
        headers = list(HEADER.finditer(text))
        ends = [one.start() for one in headers[1:]] + [len(text)]
        self._statements = {
            one[1]: text[one.start() : end].strip().rstrip(";") for one, end in zip(headers, ends, strict=True)
        }
        if len(self._statements) != len(headers):
            raise ValueError(f"sql/queries/{domain}.sql names two statements alike.")

    def __getattr__(self, name: str) -> str:
        try:
            return self._statements[name]
        except KeyError:
            raise AttributeError(f"There is no statement named {name} in sql/queries/{self.domain}.sql.") from None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Every (name, statement)."""
        return iter(self._statements.items())


@cache
def queries(domain: str) -> Queries:
    """The statements of sql/queries/<domain>.sql."""
    return Queries(domain, (QUERIES / f"{domain}.sql").read_text(encoding="utf-8"))
