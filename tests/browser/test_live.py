"""What a channel page does with the finer words of the wire: counts, pins, purges, and a network that says nothing."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Route, expect

from tests.browser.channel import act, refusal, waiting
from tests.browser.people import CHANNEL, People
from tests.realtime.proxy import Proxy

SILENT = 25  # seconds within which a page finds out that its socket is dead

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@contextmanager
def network(port: int) -> Iterator[tuple[Proxy, asyncio.AbstractEventLoop]]:
    """A way to a port of this machine that can fall silent; it lives in a thread, and its loop is handed out."""
    ready: list[tuple[Proxy, asyncio.AbstractEventLoop]] = []
    up, over = threading.Event(), asyncio.Event()

    async def live() -> None:
        async with Proxy(port) as proxy:
            ready.append((proxy, asyncio.get_running_loop()))
            up.set()
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(live(),))
    thread.start()
    up.wait()
    try:
        yield ready[0]
    finally:
        ready[0][1].call_soon_threadsafe(over.set)
        thread.join()


def test_a_socket_that_died_without_a_word_is_found_and_nothing_is_missed(people: People) -> None:
    anna, boris = people.new(), people.new().come_in("boris")
    url = json.loads(boris.page.locator("#live").inner_text())["url"]
    port = int(url.rpartition(":")[2].partition("/")[0])
    with network(port) as (proxy, loop):

        def elsewhere(route: Route) -> None:
            answer = route.fetch()
            policy = answer.headers["content-security-policy"].replace(f":{port}", f":{proxy.port}")
            body = answer.text().replace(url, url.replace(f":{port}", f":{proxy.port}"))
            route.fulfill(response=answer, body=body, headers={**answer.headers, "content-security-policy": policy})

        # A page that a test answered for is of no network; Chromium asks before such a page may speak to this machine.
        anna.context.grant_permissions(["local-network-access"])
        anna.page.clock.install()
        anna.sign_in("anna", then="/c/uchitel")
        anna.page.route(f"**{CHANNEL}", elsewhere)
        anna.open(CHANNEL)
        anna.expect_state("live")
        heard = boris.write("Пока связь ещё есть")
        anna.expect_once(heard)

        loop.call_soon_threadsafe(proxy.swallow)
        missed = boris.write("Этого уже не слышно")
        kept = anna.write("А это ушло в пустоту")
        boris.expect_once(missed)
        anna.page.wait_for_timeout(300)
        anna.expect_gone(missed)
        anna.page.clock.run_for(SILENT * 1000)
        for text in (heard, missed, kept):
            anna.expect_once(text)
            boris.expect_once(text)


def test_the_page_says_how_many_are_there(people: People) -> None:
    anna, boris = people.new(), people.new(width=360, height=740)
    anna.come_in("anna")
    viewers = anna.page.locator(".viewers .unseen")
    expect(viewers).to_have_text("1 зритель", timeout=30_000)  # whoever left the tests before is still leaving
    boris.come_in("boris")
    expect(viewers).to_have_text("2 зрителя")
    expect(boris.page.locator(".viewers .unseen")).to_have_text("2 зрителя")
    expect(boris.page.locator(".viewers")).to_be_in_viewport(ratio=1)
    people.new().come_in("boris")  # another device of his
    boris.page.wait_for_timeout(2000)
    expect(viewers).to_have_text("2 зрителя")


def test_a_purged_person_vanishes_and_a_restored_message_comes_back(people: People) -> None:
    aigerim, moderator = people.new().come_in("aigerim"), people.new().come_in("moderator")
    rude, fine = aigerim.write("Грубость"), aigerim.write("Не грубость")
    moderator.expect_once(fine)
    user = json.loads(aigerim.page.locator("#live").inner_text())["user"]
    at = int(moderator.message(fine).get_attribute("data-at") or "0")
    act(moderator, "chat.purge", user=user)
    for one in (aigerim, moderator):
        one.expect_gone(rude)
        one.expect_gone(fine)
    act(moderator, "chat.restore", target=at)
    for one in (aigerim, moderator):
        one.expect_once(fine)
        one.expect_gone(rude)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_pinned_message_stands_on_top_for_whoever_comes(people: People, width: int) -> None:
    moderator = people.new().come_in("moderator")
    text = moderator.write("Ссылки на материалы: https://example.org/materials")
    moderator.expect_once(text)
    at = int(moderator.message(text).get_attribute("data-at") or "0")
    act(moderator, "chat.pin", target=at)
    anna = people.new(width=width, height=740).come_in("anna")
    pinned = anna.page.locator(".chat-pinned")
    expect(pinned).to_contain_text(text)
    expect(pinned.locator("a")).to_have_attribute("href", "https://example.org/materials")
    wide, screen = anna.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen
    act(moderator, "chat.unpin")
    expect(pinned).to_be_hidden()


def test_a_message_with_a_word_of_the_list_waits_for_a_moderator(people: People) -> None:
    moderator, anna, boris = (people.new().come_in(name) for name in ("moderator", "anna", "boris"))
    act(moderator, "chat.words", words=["абракадабр"])
    try:
        held = anna.write("Абракадабра какая-то")
        expect(anna.message(held)).to_have_attribute("data-state", "held")
        expect(anna.message(held).locator(".message-note")).to_contain_text("посмотрит модератор")
        after = anna.write("А это без неё")
        boris.expect_once(after)
        boris.expect_gone(held)
        anna.message(held).locator(".message-remove").click()
        anna.expect_gone(held)
    finally:
        act(moderator, "chat.words", words=[])


def test_what_moderators_did_not_publish_stays_with_its_author_to_be_written_anew(people: People) -> None:
    moderator, anna, boris = (people.new().come_in(name) for name in ("moderator", "anna", "boris"))
    tab = anna.another_tab()
    act(moderator, "chat.words", words=["абракадабр"])
    try:
        text = anna.write("Абракадабра какая-то")
        expect(anna.message(text)).to_have_attribute("data-state", "held")
        act(moderator, "chat.settle", item=waiting(moderator, text), release=False)
        for here in (anna, tab):
            expect(here.message(text)).to_have_attribute("data-state", "dropped")
            expect(here.message(text).locator(".message-note")).to_contain_text("Модераторы не опубликовали")
        anna.page.reload()
        expect(anna.message(text)).to_have_count(1)
        expect(anna.message(text)).to_have_attribute("data-state", "dropped")
        anna.message(text).locator(".message-rewrite").evaluate("(button) => (button.click(), button.click())")
        expect(anna.page.locator("#composer")).to_have_value(text)
        for here in (anna, tab):
            here.expect_gone(text)
        anna.page.fill("#composer", kinder := text.replace("Абракадабра", "Мысль"))
        anna.page.press("#composer", "Enter")
        boris.expect_once(kinder)
        boris.expect_gone(text)
    finally:
        act(moderator, "chat.words", words=[])


def test_a_message_that_nobody_else_sees_is_taken_back_and_changed_by_its_author(people: People) -> None:
    moderator, anna, boris = (people.new().come_in(name) for name in ("moderator", "anna", "boris"))
    act(moderator, "chat.words", words=[], hidden=["абракадабр"])
    try:
        text, other = anna.write("Абракадабра раз"), anna.write("Абракадабра два")
        for one in (text, other):
            anna.expect_once(one)
        items = [waiting(moderator, one) for one in (text, other)]
        anna.delete(text)
        anna.expect_gone(text)
        anna.tool(other, "edit").click()
        anna.page.fill("#composer", kinder := other.replace("Абракадабра", "Мысль"))
        anna.page.press("#composer", "Enter")
        boris.expect_once(kinder)
        anna.expect_once(kinder)
        anna.expect_gone(other)
        expect(anna.page.locator(".chat .chat-notice")).not_to_contain_text("не удалено")
        for item in items:  # whoever took it back does not find it published
            no = refusal(moderator, "chat.settle", item=item, release=True)
            assert no["code"] == "desk.changed"
    finally:
        act(moderator, "chat.words", words=[])


def test_a_muted_person_is_told_until_when(people: People) -> None:
    moderator, vera = people.new().come_in("moderator"), people.new().come_in("vera")
    user = json.loads(vera.page.locator("#live").inner_text())["user"]
    act(moderator, "chat.mute", user=user, seconds=600)
    expect(vera.page.locator(".chat-turn")).to_contain_text("можете читать, но не писать")
    expect(vera.page.locator(".composer").first).to_be_hidden()
    act(moderator, "chat.mute", user=user, seconds=0)
    expect(vera.page.locator(".chat .chat-notice")).to_contain_text("снова можете писать")
    expect(vera.page.locator("#composer")).to_be_visible()
