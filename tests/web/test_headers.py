"""What every answer carries, and how long it may be kept."""

import re

import pytest
from aiohttp import ClientResponse

from config.settings import Settings
from tests.web.site import Site, Visitor, in_production, opened

PAGES = ["/", "/sign-in", "/c/school", "/c/school/main", "/nowhere", "/static/site.css", "/healthz", "/mailbox"]


@pytest.mark.parametrize("path", PAGES)
async def test_every_answer_carries_the_security_headers(visitor: Visitor, path: str) -> None:
    headers = (await visitor.get(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "aiohttp" not in headers.get("Server", "")


async def test_a_page_loads_its_own_things_and_the_socket_and_nothing_else(site: Site, visitor: Visitor) -> None:
    policy = (await visitor.get("/c/school")).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "connect-src 'self' ws://127.0.0.1:8001;" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/c/school", "/c/school/main", "/sign-in", "/mailbox", "/nowhere"])
async def test_no_page_holds_inline_script_or_style(anna: Visitor, visitor: Visitor, path: str) -> None:
    page = await (await (visitor if path == "/sign-in" else anna).get(path)).text()
    assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))|<style|\sstyle=|\son[a-z]+=", page)


async def test_https_is_insisted_on_in_production_only(settings: Settings, world: None, quiet: None) -> None:
    for given, expected in ((settings, False), (in_production(settings), True)):
        async with opened(given) as site:
            answer = await (await site.visitor()).get("/sign-in")
            assert ("Strict-Transport-Security" in answer.headers) is expected


async def test_pages_are_kept_by_nobody_else(visitor: Visitor) -> None:
    assert (await visitor.get("/sign-in")).headers["Cache-Control"] == "private, no-cache"


async def test_a_file_that_has_not_changed_is_not_sent_again(visitor: Visitor) -> None:
    first = await visitor.get("/static/site.css")
    again = await visitor.get("/static/site.css", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/..%2fapp.py", "/static/", "/static/%00", "/vendor/x"])
async def test_files_outside_the_folders_are_not_there(site: Site, path: str) -> None:
    answer = await raw(site, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.split()[1] in {b"403", b"404"}
    assert b"The application put together" not in answer


@pytest.mark.parametrize("path", ["/sign-in", "/static/site.css"])
async def test_what_shrinks_is_compressed_for_those_who_understand_it(visitor: Visitor, path: str) -> None:
    async def ask(accept: str) -> ClientResponse:
        return await visitor.get(path, headers={"Accept-Encoding": accept})

    assert (await ask("gzip")).headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in (await ask("identity")).headers


@pytest.mark.parametrize("path", ["/sign-in", "/c/school", "/static/site.css", "/healthz", "/nowhere"])
async def test_head_answers_like_get_without_the_body(visitor: Visitor, path: str) -> None:
    head = await visitor.ask("HEAD", path)
    assert head.status == (await visitor.get(path)).status
    assert await head.read() == b""


async def raw(site: Site, request: str) -> bytes:
    """What the server answers to these very bytes."""
    import asyncio

    reader, writer = await asyncio.open_connection("127.0.0.1", site.server.port)
    writer.write(request.encode("latin-1"))
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    return answer
