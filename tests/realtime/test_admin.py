"""The page for ops over real sockets: who gets in, what the buttons do, and what it knows of the other nodes."""

import http.cookiejar
import json
import re
import signal
import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from config import services
from tests.realtime.crowd import ROOM
from tests.realtime.node import Node, until, until_reloaded
from tests.realtime.person import Person
from tests.realtime.test_faults import frozen_phone
from tests.store import Store

TOKEN = "only ops know this"


@pytest.fixture
def guarded(own_redis: Store, tmp_path: Path) -> Iterator[Node]:
    with Node(own_redis.url, tmp_path, ADMIN_TOKEN=TOKEN) as node:
        yield node
    assert "Traceback" not in node.logged, node.logged


def hear_out(wire: ClientConnection) -> None:
    """Everything, until the server hangs up."""
    while True:
        wire.recv(timeout=15)


class Browser:
    """Somebody's browser: it keeps cookies and follows redirects."""

    def __init__(self, node: Node) -> None:
        self._url = f"http://127.0.0.1:{node.admin_port}"
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str = "/") -> tuple[int, str]:
        return self._ask(urllib.request.Request(f"{self._url}{path}", headers={"Accept": "text/html"}))

    def post(self, path: str, **form: object) -> tuple[int, str]:
        body = urllib.parse.urlencode(form).encode()
        return self._ask(urllib.request.Request(f"{self._url}{path}", data=body, headers={"Accept": "text/html"}))

    def mark(self) -> str:
        """What the page puts into its forms."""
        found = re.search(r'name="mark" value="(\w+)"', self.get()[1])
        assert found
        return found[1]

    def _ask(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self._opener.open(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as no:
            with no:
                return no.code, no.read().decode()


def test_a_browser_signs_in_and_out(guarded: Node) -> None:
    browser = Browser(guarded)
    status, page = browser.get()
    assert (status, 'name="token"' in page, "Workers" in page) == (403, True, False)
    status, page = browser.post("/sign-in", token="guessed")
    assert (status, "This is not the token." in page) == (403, True)
    status, page = browser.post("/sign-in", token=TOKEN)
    assert (status, "Workers of this node" in page) == (200, True)
    [ticket] = browser.cookies
    assert ticket.has_nonstandard_attr("HttpOnly")
    assert ticket.get_nonstandard_attr("SameSite") == "Strict"
    assert TOKEN not in str(ticket.value)
    browser.post("/sign-out", mark=browser.mark())
    assert browser.get()[0] == 403


def test_a_ticket_outlives_a_reload(guarded: Node) -> None:
    browser = Browser(guarded)
    browser.post("/sign-in", token=TOKEN)
    before = set(guarded.workers)
    browser.post("/reload", mark=browser.mark())
    until_reloaded(lambda: before.isdisjoint(guarded.workers), "all workers are new")
    assert browser.get()[0] == 200


@pytest.mark.parametrize("button", ["reload", "drain", "serve", "replace", "cut", "sign-out"])
def test_a_button_on_a_strangers_page_does_nothing(guarded: Node, button: str) -> None:
    browser = Browser(guarded)
    browser.post("/sign-in", token=TOKEN)
    status, body = browser.post(f"/{button}", mark="forged")
    assert (status, json.loads(body)["code"]) == (403, "admin.form")
    assert guarded.admin("/readyz")[0] == 200


def test_without_a_token_a_page_elsewhere_can_neither_look_nor_press(node: Node) -> None:
    assert node.admin("/", Host="evil.example")[0] == 403
    assert node.admin("/metrics", Host="evil.example:8002")[0] == 403
    assert Browser(node).post("/drain")[0] == 403
    assert Browser(node).get()[0] == 200


def test_without_a_token_nobody_looks_from_beyond_the_machine(own_redis: Store, tmp_path: Path) -> None:
    with Node(own_redis.url, tmp_path, ADMIN_HOST="0.0.0.0") as node:
        status, body = node.admin("/")
        assert (status, json.loads(body)["code"]) == (403, "admin.closed")
        assert node.admin("/healthz")[0] == 200


def test_the_page_takes_nothing_from_elsewhere(guarded: Node) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{guarded.admin_port}/", headers=guarded.bearer)
    with urllib.request.urlopen(request, timeout=10) as answer:
        policy, page = answer.headers["Content-Security-Policy"], answer.read().decode()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["data:,", "/ops.css", "/ops.js"]
    assert " style=" not in page


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/cut", {"pid": "1", "visit": "2"}),
        ("/cut", {"pid": "all", "visit": ""}),
        ("/replace", {"pid": "0"}),
        ("/replace", {}),
        ("/cut", {"pid": "9" * 4000, "visit": "9" * 4000}),
    ],
)
def test_a_button_for_nobody_changes_nothing(guarded: Node, path: str, form: dict[str, str]) -> None:
    before = guarded.workers
    assert guarded.press(path.removeprefix("/"), **form) == 303
    until(lambda: guarded.why() == [], "it is well")
    assert guarded.workers == before


def test_half_a_form_holds_up_no_farewell(own_redis: Store, tmp_path: Path) -> None:
    half = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 99\r\n\r\n"
    with Node(own_redis.url, tmp_path, workers=1, ADMIN_TOKEN=TOKEN) as node:
        with socket.create_connection(("127.0.0.1", node.admin_port), timeout=10) as stranger:
            stranger.sendall(half)
            assert b" 100 " in stranger.recv(100)  # it waits for the rest
            node.signal(signal.SIGTERM)
            assert node.process.wait(60) == 0
        assert "did not leave" not in node.logged


async def test_a_slow_socket_is_shown_and_cut(guarded: Node) -> None:
    with frozen_phone(guarded) as slow:
        crowd = [Person(guarded, user, ROOM) for user in range(10, 30)]
        for person in crowd:
            await person.__aenter__()
        for _ in range(5):
            for person in crowd:
                await person.says("ы" * 1900)
        until(lambda: 'aria-label="Cut user 1"' in guarded.admin("/", **guarded.bearer)[1], "the slow one is shown")
        page = guarded.admin("/", **guarded.bearer)[1]
        found = re.search(r'name="pid" value="(\d+)"><input type="hidden" name="visit" value="(\d+)">', page)
        assert found
        assert guarded.press("cut", pid=found[1], visit=found[2]) == 303
        until(lambda: 'code="4413"' in guarded.admin("/metrics", **guarded.bearer)[1], "it is cut")
        with pytest.raises(ConnectionClosed):
            hear_out(slow)
        for person in crowd:
            await person.__aexit__()


def test_every_node_shows_all_nodes_and_the_killed_one_as_silent(own_redis: Store, tmp_path: Path) -> None:
    with (
        Node(own_redis.url, tmp_path, NODE_NAME="amber") as amber,
        Node(own_redis.url, tmp_path, workers=1, NODE_NAME="birch") as birch,
        Node(own_redis.url, tmp_path, workers=1, NODE_NAME="cedar") as cedar,
    ):
        until(
            lambda: all(_named(node) == ["amber", "birch", "cedar"] for node in (amber, birch, cedar)), "all are known"
        )
        assert [row["workers"] for row in _fleet(amber)] == [2, 1, 1]
        until(lambda: all(row["version"] and not row["wrong"] for row in _fleet(amber)), "all are well")
        page = amber.admin("/")[1]
        assert all(name in page for name in ("amber", "birch", "cedar"))
        birch.process.kill()
        cedar.signal(signal.SIGTERM)
        until(lambda: _named(amber) == ["amber", "birch"], "the one that left is gone")
        until(lambda: _fleet(amber)[1]["silent"] > 0, "the killed one is silent")
        assert "silent for" in amber.admin("/")[1]
        assert amber.why() == []


def test_a_fleet_without_redis_is_this_node_alone(tmp_path: Path) -> None:
    redis = services.start_redis(tmp_path / "redis")
    with Node(redis.url, tmp_path) as node:
        redis.kill()
        until(lambda: json.loads(node.admin("/fleet")[1])["away"] != "", "it says so")
        [row] = _fleet(node)
        assert row["here"]
        until(lambda: any("does not hear Redis" in sentence for sentence in node.why()), "health says why")
        until(lambda: any("does not hear Redis" in sentence for sentence in _fleet(node)[0]["wrong"]), "the page, too")
        assert node.admin("/")[0] == 200
    assert "Traceback" not in node.logged, node.logged


def test_a_redis_that_hands_on_but_takes_no_writes_is_red_with_its_own_words(tmp_path: Path) -> None:
    """As on a full disk: probes still come through, and every message is refused."""
    with (
        services.start_redis(tmp_path / "redis") as redis,
        Node(redis.url, tmp_path) as node,
        Redis.from_url(redis.url) as operator,
    ):
        operator.config_set("min-replicas-to-write", 1)  # there are none
        until(lambda: any("cannot write to Redis: NOREPLICAS" in why for why in node.why()), "health says why")
        assert node.metric("veche_hears_redis") == 2
        operator.config_set("min-replicas-to-write", 0)
        until(lambda: node.why() == [], "it is well again")


def _fleet(node: Node) -> list[dict[str, Any]]:
    return list(json.loads(node.admin("/fleet")[1])["nodes"])


def _named(node: Node) -> list[str]:
    return [str(row["name"]) for row in _fleet(node)]
