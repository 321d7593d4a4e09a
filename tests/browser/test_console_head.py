"""The head of the moderators' console: which channel to look at first, and what was not seen there."""

import pytest
from playwright.sync_api import expect

from tests.browser.console import at_the_console, named
from tests.browser.crowd import Crowd
from tests.browser.people import People

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_channel_on_fire_comes_first_and_says_what_was_not_seen_there(people: People, crowd: Crowd) -> None:
    moderator = at_the_console(people)
    places = moderator.page.locator(".console-channels [data-channel]")
    number = crowd.channels["digital"]
    busy = moderator.page.locator(f".console-channels [data-channel='{number}']")
    moderator.page.locator(f".console-channels [data-channel='{crowd.channels['main']}']").click()
    moderator.page.locator("h1").click()  # while the row of channels is in use it does not move
    crowd.ask("timur", *(named("Горит ли здесь?") for _ in range(7)), channel="digital")
    expect(busy.locator(".channel-fire")).to_be_visible()
    expect(busy.locator(".channel-news")).to_be_visible()
    expect(places.nth(1)).to_have_attribute("data-channel", str(number))  # the first one is for all channels
    busy.click()
    expect(busy.locator(".channel-news")).to_be_hidden()
    expect(busy.locator(".channel-fire")).to_be_visible()
