"""A statement that is asked wrongly is a fault of ours: asyncpg says it in the words it has for a lost connection."""

from typing import Any

import pytest

from sql.connection import Pool
from tests.web.site import Site
from web.keys import POOL


async def test_a_statement_asked_wrongly_is_a_fault_of_ours_and_not_of_postgres(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pool = site.server.app[POOL]
    fetch = type(pool).fetch

    async def wrongly(self: Pool, query: str, *given: object, **how: Any) -> Any:
        return await fetch(self, query, *given, "one too many", **how)

    monkeypatch.setattr(type(pool), "fetch", wrongly)
    answer = await (await site.visitor()).get("/")
    assert (answer.status, answer.headers["X-Refusal"]) == (500, "page.broken")
    assert "the server expects 0 arguments for this query, 1 was passed" in caplog.text
    assert "Traceback" in caplog.text
