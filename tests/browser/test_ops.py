"""The page for ops in a real browser: it fits, refreshes itself quietly, and its buttons act."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from config import services
from realtime.admin import HERE, TEMPLATES
from realtime.reports import NO_MASTER, NOTHING, SERVING, Rate
from tests.browser.axe import found_by_axe
from tests.browser.test_look import _fits
from tests.realtime.node import RELOADED, Node

TOKEN = "only ops know this"

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("ops")
    with (
        services.start_redis(folder / "redis") as redis,
        Node(redis.url, folder, ADMIN_TOKEN=TOKEN, NODE_NAME="amber.conference.example:8001") as node,
    ):
        yield node


@pytest.fixture
def page(chromium: Browser, node: Node, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Signed in; at the end the page must not have complained."""
    width, dark = getattr(request, "param", (1280, False))
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", locale="en-GB"
    )
    opened = context.new_page()
    broken: list[str] = []
    opened.on("pageerror", lambda error: broken.append(str(error)))
    opened.on("console", lambda said: broken.append(said.text) if "Content Security Policy" in said.text else None)
    opened.goto(f"http://127.0.0.1:{node.admin_port}/")
    _fits(opened, "the form")
    opened.fill("#token", TOKEN)
    opened.press("#token", "Enter")
    expect(opened.locator("#workers tbody tr")).to_have_count(2)
    yield opened
    context.close()
    assert not broken, broken


@pytest.mark.parametrize(
    "page",
    [(width, dark) for width in (360, 768, 1280) for dark in (False, True)],
    indirect=True,
    ids=lambda look: f"{look[0]}-{'dark' if look[1] else 'light'}",
)
def test_the_page_fits_and_axe_finds_nothing(page: Page) -> None:
    expect(page.locator("#state .verdict")).to_have_text("What is said here is heard.")
    _fits(page, "the page for ops")
    assert found_by_axe(page) == []


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_rows_as_wide_as_they_come_fit_and_break_no_button(chromium: Browser, width: int) -> None:
    name, sentence = "n" * 60, f"Redis at /{'a' * 150} cannot be run"
    worker = {**NOTHING, "pid": 4194303, "hears": True, "state": SERVING, "connections": 20_000, "unsent": 10**8}
    node = {"name": name, "version": "4f0c1d2e·5f1d0a", "wrong": [sentence], "silent": 0.0, "workers": 64}
    figures = dict.fromkeys(("connections", "rooms", "deliveries", "rss"), 2**30) | {"cpu": 64.0, "lag": 99.0}
    html = TEMPLATES.get_template("admin.html").render(
        name=name,
        fleet=[node | figures],
        away=sentence,
        master=NO_MASTER,
        workers=[(worker, Rate(deliveries=1e6, events=1e5, cpu=1.0))],
        wrong=[sentence],
        notes=[sentence],
        busiest=[("questions:123456789012345678:desk", 20_000)],
        slowest=[("user 123456789012345678", 63, 4194303, 2**47, 10**8)],
        signed_in=True,
    )
    with chromium.new_context(viewport={"width": width, "height": 800}) as context:
        lone = context.new_page()
        lone.set_content(html)
        lone.add_style_tag(path=HERE / "templates" / "ops.css")
        _fits(lone, "a page of wide rows")
        lines = "one => one.clientHeight / parseFloat(getComputedStyle(one).lineHeight)"
        buttons = lone.get_by_role("button")
        assert buttons.count() == 5
        assert [button.inner_text() for button in buttons.all() if button.evaluate(lines) >= 2] == []


def test_the_figures_refresh_and_what_is_in_use_stays(page: Page) -> None:
    page.evaluate("document.querySelector('#fleet h2').dataset.old = 'yes'; void 0")
    page.evaluate("document.querySelector('#workers h2').dataset.old = 'yes'; void 0")
    page.hover("#workers")
    expect(page.locator("#fleet h2[data-old]")).to_have_count(0)
    expect(page.locator("#workers h2[data-old]")).to_have_count(1)
    page.hover("#fleet")
    expect(page.locator("#workers h2[data-old]")).to_have_count(0)


def test_ops_drain_a_node_take_it_back_and_reload_it(page: Page, node: Node) -> None:
    page.get_by_role("button", name="Drain", exact=True).click()
    expect(page.locator(".said")).to_contain_text("turns red")
    expect(page.locator("#state .verdict")).to_have_text("Drained.")
    expect(page.locator("#fleet")).to_contain_text("drained")
    page.get_by_role("button", name="Serve again", exact=True).click()
    expect(page.locator("#state .verdict")).to_have_text("What is said here is heard.")
    before = page.locator("#workers tbody th").first.inner_text()
    page.get_by_role("button", name="Reload", exact=True).click()
    expect(page.locator(".said")).to_contain_text("is being tried")
    expect(page.locator("#workers tbody tr")).to_have_count(2)
    page.hover("h2 >> nth=0")
    expect(page.locator("#workers")).to_contain_text("1 reloads", timeout=RELOADED * 1000)
    expect(page.locator("#workers tbody")).not_to_contain_text(before)
    assert node.why() == []


def test_a_page_whose_node_is_away_says_that_its_figures_are_old(chromium: Browser, tmp_path: Path) -> None:
    with services.start_redis(tmp_path / "redis") as redis, chromium.new_context() as context:
        lone = context.new_page()
        with Node(redis.url, tmp_path, workers=1) as leaving:
            lone.goto(f"http://127.0.0.1:{leaving.admin_port}/")
            expect(lone.locator("#stale")).to_be_hidden()
        expect(lone.locator("#stale")).to_be_visible()
