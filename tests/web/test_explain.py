"""Whatever goes wrong, people get a page and never a traceback."""

import logging
import shutil
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from aiohttp import web
from redis.asyncio import Redis

from config import services
from config.settings import Settings
from sql.migrate import migrate
from tests.web.site import NOW, Site, Visitor, opened
from web.keys import CLOCK
from web.page import TEMPLATES


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "POST"])
async def test_a_method_nobody_answers_names_those_that_are(visitor: Visitor, method: str) -> None:
    answer = await visitor.ask(method, "/c/school")
    assert (answer.status, answer.headers["X-Refusal"]) == (405, "method.unknown")
    assert answer.headers["Allow"] == "GET,HEAD"


async def test_an_unknown_address_is_unknown_for_forms_too(visitor: Visitor) -> None:
    assert (await visitor.ask("POST", "/nowhere", data={"a": "b"})).status == 404


@pytest.mark.parametrize(
    "cookie",
    ["veche=nonsense", "veche=" + "x" * 4000, "veche=\x01;;=;", "veche=", "language=../../etc", "language=xx; veche=*"],
)
async def test_a_malformed_cookie_is_a_stranger(site: Site, cookie: str) -> None:
    visitor = await site.visitor(headers={"Cookie": cookie} if cookie.isprintable() else {})
    assert (await visitor.get("/c/school")).status == 200
    assert (await visitor.get("/c/school/main")).status == 303


async def test_a_cookie_of_bytes_that_are_no_text_is_a_stranger(site: Site) -> None:
    from tests.web.test_headers import raw

    for name in ("veche", "veche-form", "language"):
        asked = f"GET /c/school HTTP/1.1\r\nHost: x\r\nCookie: {name}=\xff\xfe\r\nConnection: close\r\n\r\n"
        assert (await raw(site, asked)).split()[1] == b"200"


@pytest.mark.parametrize("kept", [b"not json", b'"text"', b"{}", b'{"session": {"person": "7"}}', b'{"session": {}}'])
async def test_a_damaged_session_is_a_stranger(site: Site, redis: Redis, kept: bytes) -> None:
    await redis.set("veche_damaged", kept)
    visitor = await site.visitor(headers={"Cookie": "veche=damaged"})
    assert (await visitor.get("/c/school/main")).status == 303


async def test_a_page_that_breaks_is_logged_whole_and_shown_as_a_sentence(
    settings: Settings, world: None, quiet: None, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(settings) as site:
        visitor = await site.visitor()
        site.server.app._state[CLOCK] = lambda: NOW / 0  # type: ignore[operator]  # a fault on purpose
        with caplog.at_level(logging.ERROR):
            answer = await visitor.get("/c/school", headers={"Accept-Language": "en"})
    page = await answer.text()
    assert (answer.status, answer.headers["X-Refusal"]) == (500, "page.broken")
    assert "TypeError" not in page
    assert "Traceback" not in page
    assert "TypeError" in caplog.text


async def test_a_page_without_its_template_is_a_fault_of_ours(
    settings: Settings, world: None, quiet: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    (tmp_path / "templates" / "accounts" / "sign_in.html").unlink()
    async with opened(settings, templates=tmp_path / "templates") as site:
        answer = await (await site.visitor()).get("/sign-in")
    assert (answer.status, answer.headers["X-Refusal"]) == (500, "page.broken")
    assert "sign_in.html" not in await answer.text()
    assert "sign_in.html" in caplog.text


async def test_without_redis_pages_say_so_and_come_back_with_it(
    settings: Settings, world: None, quiet: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = services.start_redis(tmp_path / "own")
    async with opened(replace(settings, redis_url=server.url)) as site:
        visitor = await site.visitor()
        anna = await site.visitor(signed_in="anna@veche.example")
        assert (await anna.get("/c/school/main")).status == 200
        server.kill()
        for path in ("/c/school", "/c/school/main", "/sign-in", "/nowhere"):
            answer = await anna.get(path)
            assert (answer.status, answer.headers["X-Refusal"]) in [(503, "service.unreachable"), (404, "page.unknown")]
            assert 'class="button"' in await answer.text()
        assert (await visitor.get("/c/school")).status == 200, "a stranger's page needs no Redis"
        health = await visitor.get("/healthz")
        assert (health.status, await health.json()) == (503, {"ok": False, "postgres": True, "redis": False})
        with services.start_redis(tmp_path / "own"):
            assert (await anna.get("/c/school")).status == 200
    assert "Traceback" not in caplog.text


async def test_a_redis_that_keeps_nothing_is_a_sentence_too(site: Site, redis: Redis) -> None:
    """A replica, or a full disk: what is there can be read, nothing can be kept."""
    visitor = await site.visitor()
    token = await visitor.token()
    await redis.config_set("maxmemory", "1")
    try:
        answer = await visitor.sign_in(csrf=token)
    finally:
        await redis.config_set("maxmemory", "0")
    assert (answer.status, answer.headers["X-Refusal"]) == (503, "service.unreachable")


async def test_without_postgres_pages_say_so_and_come_back_with_it(
    settings: Settings, quiet: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = services.start_postgres(tmp_path / "own")
    connection = await asyncpg.connect(server.url)
    await migrate(connection)
    await connection.close()
    async with opened(replace(settings, database_url=server.url)) as site:
        visitor = await site.visitor()
        assert (await visitor.get("/")).status == 200
        server.kill()
        answer = await visitor.get("/")
        assert (answer.status, answer.headers["X-Refusal"]) == (503, "service.unreachable")
        assert answer.headers["Retry-After"] == "60"
        assert 'class="button"' in await answer.text()
        health = await visitor.get("/healthz")
        assert (health.status, await health.json()) == (503, {"ok": False, "postgres": False, "redis": True})
        with services.start_postgres(tmp_path / "own"):
            assert (await visitor.get("/")).status == 200
    assert not any(record.exc_info for record in caplog.records if record.name.startswith("web"))


async def test_health_is_asked_of_both_storages(visitor: Visitor) -> None:
    answer = await visitor.get("/healthz")
    assert (answer.status, await answer.json()) == (200, {"ok": True, "postgres": True, "redis": True})
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "request_",
    [
        "GET / HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
        "nonsense\r\n\r\n",
        "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "GET /" + "a" * 20_000 + " HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /c/%ff%fe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
)
async def test_bytes_that_are_no_request_get_an_answer_and_no_traceback(
    site: Site, caplog: pytest.LogCaptureFixture, request_: str
) -> None:
    from tests.web.test_headers import raw

    answer = await raw(site, request_)
    assert answer.split()[1] in {b"400", b"404"}
    assert b"Traceback" not in answer
    assert all(record.exc_info is None for record in caplog.records if record.levelno >= logging.WARNING)


async def test_an_error_page_after_a_form_leads_to_an_address_that_can_be_opened(visitor: Visitor) -> None:
    answer = await visitor.post("/language", language="xx")
    assert 'name="next" value="/"' in await answer.text()


def test_every_title_is_said_for_a_status_http_knows() -> None:
    from web.explain import TITLES

    assert all(web.Response(status=status).reason for status in TITLES)
