"""What is remembered. Start with schema.sql (one picture of it all), then look at one file of queries/.

    schema.sql            the whole database at a glance; a test compares it with the migrations
    migrations/           how it came to be: NNNN_before_name.sql, NNNN_after_name.sql; landed ones never change
    queries/<domain>.sql  every statement of the program, named, with a sentence and a legend
    loader.py             gives Python those statements by name
    connection.py         the pool everybody asks
    migrate.py            applies migrations, one process at a time
    demo/                 a conference worth looking at, for a database with nothing in it
    `python -m sql`       migrate, status, new NAME, seed

It never decides anything: rules live in web/<domain>/rules.py.
"""

from sql.connection import connect
from sql.loader import Queries, queries

__all__ = ["Queries", "connect", "queries"]
