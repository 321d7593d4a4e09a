"""The channel page with everything on it: picture, questions, votes, reactions, announcements, and what it weighs."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.axe import found_in_both_lights
from tests.browser.broadcast import BROKEN, PLAYLIST, recorded
from tests.browser.channel import act, ask, given, move, question
from tests.browser.people import CHANNEL, LATER, People
from tests.browser.stack import until

FIRST_LOAD = 150_000  # bytes, compressed, without the player, with the typeface
REWRAPPED = 0.001  # of layout shift: a line may break elsewhere when the typeface is late; what jumps is a hundredfold

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def stream(people: People, address: str) -> None:
    """The organiser says what is to be seen in the first channel; nothing, if there is no address."""
    organiser = people.new()
    organiser.sign_in("organiser", then="/desk/uchitel/channels")
    organiser.page.locator("main a[href*='/channels/']").first.click()
    organiser.page.fill("[name=stream_ru]", address)
    organiser.page.locator("form.form .form-foot button").first.click()
    organiser.page.wait_for_url("**said=saved*")


def test_a_broadcast_begins_without_sound_and_one_press_turns_it_on(people: People) -> None:
    stream(people, PLAYLIST)
    try:
        anna = people.new()
        broadcast = recorded(anna.page)
        broadcast.air(anna.page)
        anna.come_in("anna")
        expect(anna.page.locator("hls-player")).to_have_attribute("data-state", "playing")
        assert anna.page.evaluate("document.querySelector('video').muted")
        unmute = anna.page.locator(".broadcast-unmute")
        unmute.click()
        expect(unmute).to_be_hidden()
        assert not anna.page.evaluate("document.querySelector('video').muted")
    finally:
        stream(people, "")


def test_a_broadcast_that_does_not_arrive_is_tried_again_in_silence_and_then_said(people: People) -> None:
    stream(people, PLAYLIST)
    try:
        anna = people.new()
        broadcast = recorded(anna.page)
        broadcast.air(anna.page)
        broadcast.on = False
        anna.come_in("anna")
        broken = anna.page.locator(".broadcast-broken")
        expect(broken).to_be_hidden()
        expect(anna.page.locator(".poster-title")).to_be_visible()
        expect(broken).to_be_visible(timeout=BROKEN)
        assert broadcast.asked > 3
        broadcast.on = True
        anna.page.locator(".broadcast-again").click()
        expect(anna.page.locator("hls-player")).to_have_attribute("data-state", "playing")
        expect(broken).to_be_hidden()
    finally:
        stream(people, "")


def test_a_player_of_another_site_stands_in_a_frame_that_the_page_allows(people: People) -> None:
    stream(people, "https://youtu.be/dQw4w9WgXcQ")
    try:
        anna = people.new()
        anna.context.route("https://www.youtube-nocookie.com/**", lambda route: route.fulfill(body="a player"))
        anna.come_in("anna")
        player = anna.page.frame_locator(".broadcast-frame iframe").locator("body")
        expect(player).to_have_text("a player")
        expect(anna.page.locator(".broadcast-unmute")).to_be_visible()
    finally:
        stream(people, "")


def test_a_question_waits_for_approval_and_nobody_else_hears_it_before(people: People) -> None:
    moderator, anna, boris = (people.new() for _ in range(3))
    heard: list[str] = []
    boris.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))
    for one, name in ((moderator, "moderator"), (anna, "anna"), (boris, "boris")):
        one.come_in(name)
    text = ask(anna, "Как быть с отметками?", anonymous=True)
    own = anna.page.locator(".own-question", has_text=text)
    expect(own).to_have_attribute("data-status", "asked")
    expect(own).to_contain_text("Ждёт одобрения")
    anna.page.reload()
    anna.expect_state("live")
    anna.show("questions")
    expect(own).to_contain_text("Ждёт одобрения")
    assert not [frame for frame in heard if text in frame]
    move(moderator, text, "approve")
    expect(boris.page.locator("[data-panel=questions]")).to_have_attribute("data-news", "yes")
    boris.show("questions")
    expect(question(boris, text)).to_contain_text("Без имени")
    expect(question(anna, text).locator(".question-own")).to_be_visible()
    expect(own).to_have_count(0)
    move(moderator, text, "answering")
    expect(boris.page.locator(".questions-answering")).to_contain_text(text)
    move(moderator, text, "answered", text="Отметки подождут.")
    boris.page.locator(".questions-answered summary").click()
    expect(question(boris, text)).to_contain_text("Отметки подождут.")


def test_a_question_is_supported_once_by_each_person_and_both_see_the_count(people: People) -> None:
    moderator, anna, boris = (people.new().come_in(name) for name in ("moderator", "anna", "boris"))
    text = ask(anna, "Будет ли запись?")
    expect(anna.page.locator(".own-question", has_text=text)).to_have_attribute("data-status", "asked")
    move(moderator, text, "approve")
    for one in (anna, boris):
        one.show("questions")
        question(one, text).locator(".question-vote").click()
    for one in (anna, boris):
        expect(question(one, text).locator(".question-votes")).to_have_text("2")
    again = people.new().come_in("boris")  # another device of his
    again.show("questions")
    vote = question(again, text).locator(".question-vote")
    expect(vote).to_have_attribute("aria-pressed", "true")
    vote.click()
    expect(question(anna, text).locator(".question-votes")).to_have_text("1")
    vote.click()
    for one in (anna, boris, again):
        expect(question(one, text).locator(".question-votes")).to_have_text("2")


def test_an_announcement_stands_on_the_page_until_it_is_put_away(people: People) -> None:
    moderator, anna = people.new().come_in("moderator"), people.new().come_in("anna")
    room, text = given(moderator, "announcements"), f"Обед перенесён {uuid4().hex[:8]}"
    item = act(moderator, "announce", room=room, text=text)["item"]
    bar = anna.page.locator("announcement-bar .announcement", has_text=text)
    expect(bar).to_contain_text(text)
    bar.get_by_role("button").click()
    expect(bar).to_be_hidden()
    anna.page.reload()
    anna.expect_state("live")
    expect(bar).to_be_hidden()
    act(moderator, "withdraw", room=room, item=item)


def test_reactions_rise_over_the_picture_and_stay_away_from_who_wants_no_motion(people: People) -> None:
    anna, boris = people.new().come_in("anna"), people.new()
    boris.page.emulate_media(reduced_motion="reduce")
    boris.come_in("boris")
    anna.page.evaluate(COUNT_RISING)
    boris.page.evaluate(COUNT_RISING)
    anna.page.locator(".reactions [data-emoji='👏']").click()
    until(lambda: anna.page.evaluate("window.risen") > 0, "an emoji rises")
    after = anna.write("После аплодисментов")
    boris.expect_once(after)
    assert boris.page.evaluate("window.risen") == 0


COUNT_RISING = """() => {
  window.risen = 0;
  new MutationObserver(() => (window.risen += 1)).observe(document.querySelector(".sky"), { childList: true });
}"""


@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_in_any_panel(people: People, width: int) -> None:
    moderator = people.new(width=width, height=900).come_in("moderator")
    text = moderator.write("На это посмотрит axe")
    moderator.expect_once(text)
    moderator.message(text).focus()
    asked = ask(moderator, "Видно ли это?")
    expect(moderator.page.locator(".own-question", has_text=asked)).to_have_attribute("data-status", "asked")
    found = []
    for panel in ("chat", "questions", "polls", "session")[: 3 if width > 900 else 4]:
        moderator.show(panel)
        moderator.page.wait_for_timeout(300)
        found += found_in_both_lights(moderator.page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1440, 900)], ids=["phone", "desktop"])
def test_the_first_load_is_light_and_nothing_jumps(people: People, width: int, height: int) -> None:
    anna = people.new(width=width, height=height)
    anna.sign_in("anna", then="/c/uchitel")
    fresh = anna.context.new_page()
    fresh.add_init_script(COUNT_SHIFTS)
    weighed = fresh.context.new_cdp_session(fresh)
    weighed.send("Network.enable")
    weighed.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, str] = {}
    weights: dict[str, float] = {}
    weighed.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    weighed.on(
        "Network.loadingFinished", lambda event: weights.update({event["requestId"]: event["encodedDataLength"]})
    )
    fresh.goto(f"{anna.url}{CHANNEL}")
    expect(fresh.locator("live-chat")).to_have_attribute("data-state", "live", timeout=LATER)
    expect(fresh.locator(".message").first).to_be_attached()
    fresh.evaluate("document.fonts.ready.then(() => true)")
    fresh.wait_for_timeout(1000)
    assert "Font" in {kinds.get(request) for request in weights}
    assert 0 < sum(weights.values()) < FIRST_LOAD, f"{sum(weights.values()):.0f} bytes in {len(weights)} answers"
    shifts = fresh.evaluate("window.shifts")
    assert sum(one["value"] for one in shifts) < REWRAPPED, shifts
    fresh.close()


# Each is said with what moved.
COUNT_SHIFTS = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const moved = entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? node?.textContent);
      window.shifts.push({ value: entry.value, moved: moved.join(", ") });
    }
  }).observe({ type: "layout-shift", buffered: true });
"""


def test_a_link_leads_to_a_panel(people: People) -> None:
    anna = people.new(width=360, height=740)
    anna.sign_in("anna", then="/c/uchitel")
    anna.open(f"{CHANNEL}#questions")
    expect(anna.page.locator("#question")).to_be_visible()
    expect(anna.page.locator("[data-panel=questions]")).to_have_attribute("aria-pressed", "true")
    expect(anna.page.locator(".stage")).to_be_in_viewport(ratio=1)
    expect(anna.page).to_have_url(re.compile("#questions$"))
