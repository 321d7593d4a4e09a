"""What is to be seen in a channel, whoever's player it is, and afterwards on the session's page."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.axe import found_by_axe
from tests.browser.broadcast import BROKEN, PLAYLIST, recorded
from tests.browser.channel import ask, move
from tests.browser.people import CONFERENCE, People, Someone
from tests.conferences.test_desk_programme import drawn

DESK = "/desk/uchitel"
YOUTUBE = "https://youtu.be/dQw4w9WgXcQ"
RUTUBE = "https://rutube.ru/video/1c69be7b3e28cb58368f69473f6c1d96/"
# A player that says that it is there, and shows what it is told.
PLAYER = """<!doctype html><body><p></p><script>
addEventListener("message", ({ data }) => (document.querySelector("p").textContent += JSON.parse(data).type + " "));
parent.postMessage(JSON.stringify({ type: "player:ready", data: {} }), "*");
</script>"""
SAFARI = """
Object.defineProperty(Navigator.prototype, "vendor", { get: () => "Apple Computer, Inc." });
HTMLMediaElement.prototype.canPlayType = (type) => (type.includes("mpegurl") ? "maybe" : "");
"""

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@contextmanager
def streams(people: People, **addresses: str) -> Iterator[None]:
    """The first channel shows this, by language, as long as it is needed."""
    organiser = people.new()
    organiser.sign_in("organiser", then=f"{DESK}/channels")
    organiser.page.locator("main a[href*='/channels/']").first.click()
    form = organiser.page.url

    def save(**typed: str) -> None:
        organiser.page.goto(form.partition("?")[0])
        for language, address in typed.items():
            organiser.page.fill(f"[name=stream_{language}]", address)
        organiser.page.locator("form.form .form-foot button").first.click()
        organiser.page.wait_for_url("**said=saved*")

    save(**addresses)
    try:
        yield
    finally:
        save(**dict.fromkeys(addresses, ""))


@contextmanager
def recording(organiser: Someone, address: str) -> Iterator[str]:
    """The first session of the demo has a recording as long as it is needed; the path of its page."""
    organiser.sign_in("organiser", then=f"{DESK}/recordings")

    def save(address: str) -> None:
        organiser.open(f"{DESK}/recordings")
        organiser.page.locator(".recordings input[type=text]").first.fill(address)
        organiser.page.get_by_role("button", name="Сохранить записи").click()
        organiser.page.wait_for_url("**said=saved*")

    save(address)
    page = organiser.page.locator(".recording-page a").first.get_attribute("href") or ""
    try:
        yield page.partition("#")[0]
    finally:
        save("")


def play(page: Page, site: str, body: str) -> None:
    """What a page of another site is."""
    page.context.route(f"{site}/**", lambda route: route.fulfill(content_type="text/html; charset=utf-8", body=body))


def test_another_language_is_another_player_and_nothing_is_heard_twice(people: People) -> None:
    anna = people.new()
    broadcast = recorded(anna.page)
    broadcast.air(anna.page)
    play(anna.page, "https://www.youtube-nocookie.com", "<p>қазақша</p>")
    with streams(people, ru=PLAYLIST, kk=YOUTUBE):
        anna.come_in("anna")
        player, unmute = anna.page.locator("hls-player"), anna.page.locator(".broadcast-unmute")
        expect(player).to_have_attribute("data-state", "playing")
        unmute.click()
        expect(unmute).to_be_hidden()
        anna.page.get_by_label("Язык трансляции").select_option(label="Қазақша")
        expect(anna.page.frame_locator(".broadcast-frame iframe").locator("p")).to_have_text("қазақша")
        expect(player).to_be_hidden()
        silent = "document.querySelector('video').readyState === 0"
        assert anna.page.evaluate(silent), "the first language is not heard behind it"
        anna.page.get_by_label("Язык трансляции").select_option(label="Русский")
        expect(player).to_have_attribute("data-state", "playing")
        expect(anna.page.locator(".broadcast-frame iframe")).to_have_count(0)


def test_the_sound_is_still_one_press_away_in_another_language(people: People) -> None:
    anna = people.new()
    broadcast = recorded(anna.page)
    broadcast.air(anna.page)
    with streams(people, ru=PLAYLIST, kk=PLAYLIST):
        anna.come_in("anna")
        player, unmute = anna.page.locator("hls-player"), anna.page.locator(".broadcast-unmute")
        expect(player).to_have_attribute("data-state", "playing")
        anna.page.get_by_label("Язык трансляции").select_option(label="Қазақша")
        expect(player).to_have_attribute("data-state", "playing")
        expect(unmute).to_be_visible()


def test_safari_plays_the_playlist_itself(people: People) -> None:
    anna = people.new()
    anna.context.add_init_script(SAFARI)
    asked: list[str] = []

    def heard(request: Request) -> None:
        asked.append(request.url)

    anna.page.on("request", heard)
    anna.context.route("**/live/*", lambda route: route.fulfill(status=404, body="off"))
    with streams(people, ru=PLAYLIST):
        anna.come_in("anna")
        expect(anna.page.locator("hls-player video")).to_have_attribute("src", PLAYLIST)
        assert not [one for one in asked if "hls.js" in one], "hls.js is not even loaded"


def test_a_player_that_cannot_be_told_by_its_address_is_told_to_begin_without_sound(people: People) -> None:
    anna = people.new()
    play(anna.page, "https://rutube.ru", PLAYER)
    with streams(people, ru=RUTUBE):
        anna.come_in("anna")
        told = anna.page.frame_locator(".broadcast-frame iframe").locator("p")
        expect(told).to_have_text("player:mute player:play")
        anna.page.locator(".broadcast-unmute").click()
        expect(told).to_have_text("player:mute player:play player:unMute")
        expect(anna.page.locator(".broadcast-unmute")).to_be_hidden()


def test_without_a_stream_there_is_the_channels_picture_with_the_next_start(people: People) -> None:
    organiser, anna = people.new(), people.new()
    organiser.sign_in("organiser", then=f"{DESK}/channels")
    organiser.page.locator("main a[href*='/channels/']").first.click()
    channel = organiser.page.url
    organiser.page.set_input_files("#picture", {"name": "зал.png", "mimeType": "image/png", "buffer": drawn()})
    organiser.page.locator("form.form .form-foot button").first.click()
    organiser.page.wait_for_url("**said=saved*")
    say(organiser.page, "Ничего не идёт", "Показать вручную")
    try:
        anna.come_in("anna")
        expect(anna.page.locator(".poster-picture")).to_have_js_property("naturalWidth", 640)
        expect(anna.page.locator(".poster-line")).to_have_text(re.compile(r"Трансляция начнётся в \d\d:\d\d"))
        expect(anna.page.locator(".session-now")).to_contain_text("Сейчас никто не выступает.")
        say(organiser.page, None, "Вернуть по часам")
        expect(anna.page.locator(".session-now .live-mark")).to_be_visible()
    finally:
        if organiser.page.locator(".now-channel").first.locator(".mark").inner_text() == "вручную":
            say(organiser.page, None, "Вернуть по часам")
        organiser.page.goto(channel)
        organiser.page.check("[name=no_picture]")
        organiser.page.locator("form.form .form-foot button").first.click()
        organiser.page.wait_for_url("**said=saved*")


def say(organiser: Page, what: str | None, button: str) -> None:
    """What is on in the first channel is said by hand, or goes by the clock again."""
    organiser.goto(f"{organiser.url.partition('/desk')[0]}{DESK}/now")
    card = organiser.locator(".now-channel").first
    if what is not None:
        card.get_by_label("Что показать").select_option(label=what)
    card.get_by_role("button", name=button).click()
    organiser.wait_for_url("**said=on_air*")


def test_a_tab_that_is_not_looked_at_shows_a_dot_until_it_is(people: People) -> None:
    anna, boris, moderator = (people.new().come_in(name) for name in ("anna", "boris", "moderator"))
    questions, chat = (anna.page.locator(f"[data-panel={name}]") for name in ("questions", "chat"))
    asked = ask(boris, "Видно ли точку?")
    expect(boris.page.locator(".own-question", has_text=asked)).to_be_visible()
    expect(questions.locator(".news-dot")).to_be_hidden()
    move(moderator, asked, "approve")
    expect(questions.locator(".news-dot")).to_be_visible()
    expect(questions).to_have_accessible_name(re.compile("Вопросы.*есть новое"))
    anna.show("questions")
    expect(questions.locator(".news-dot")).to_be_hidden()
    boris.show("chat")
    boris.write("А теперь в чате")
    expect(chat.locator(".news-dot")).to_be_visible()


def test_a_recording_is_pasted_after_the_end_and_watched_on_the_sessions_page(people: People) -> None:
    organiser, anna = people.new(), people.new()
    with recording(organiser, PLAYLIST) as session:
        broadcast = recorded(anna.page)
        broadcast.air(anna.page)
        anna.sign_in("anna", then=f"{CONFERENCE}/schedule")
        anna.page.locator(f"a.slot-recording[href*='{session}#']").click()
        anna.page.wait_for_load_state()
        expect(anna.page.locator("#recording")).to_be_in_viewport()
        assert broadcast.asked == 0, "nothing is loaded before somebody wants it"
        anna.page.get_by_role("link", name="Смотреть запись").click()
        expect(anna.page.locator("hls-player")).to_have_attribute("data-state", "playing")
        assert not anna.page.evaluate("document.querySelector('video').muted")
        expect(anna.page.get_by_role("link", name="Смотреть запись")).to_be_hidden()
        expect(anna.page.locator("video")).to_have_js_property("ended", True)
        expect(anna.page.locator("hls-player")).to_have_attribute("data-state", "playing")
        assert broadcast.asked == 1, "at its end it is over, and not asked for again"


def test_a_recording_in_a_player_of_another_site_is_for_participants(people: People) -> None:
    organiser, anna, stranger = people.new(), people.new(), people.new()
    play(anna.page, "https://www.youtube-nocookie.com", "<p>запись</p>")
    with recording(organiser, YOUTUBE) as session:
        anna.sign_in("anna", then=session)
        anna.page.get_by_role("link", name="Смотреть запись").press("Enter")
        expect(anna.page.frame_locator(".recording iframe").locator("p")).to_have_text("запись")
        stranger.open(session)
        expect(stranger.page.locator("#recording")).to_contain_text("Записи доступны участникам")


def test_a_recording_that_does_not_arrive_is_tried_again_and_then_said(people: People) -> None:
    organiser, anna = people.new(), people.new()
    with recording(organiser, PLAYLIST) as session:
        broadcast = recorded(anna.page)
        broadcast.air(anna.page)
        broadcast.on = False
        anna.sign_in("anna", then=session)
        anna.page.wait_for_load_state()
        anna.page.get_by_role("link", name="Смотреть запись").click()
        expect(anna.page.locator(".broadcast-broken")).to_be_visible(timeout=BROKEN)
        broadcast.on = True
        anna.page.locator(".broadcast-again").click()
        expect(anna.page.locator("hls-player")).to_have_attribute("data-state", "playing")
        expect(anna.page.locator(".broadcast-broken")).to_be_hidden()


def test_without_scripts_a_recording_is_a_link(people: People) -> None:
    organiser, anna = people.new(), people.new(scripts=False)
    with recording(organiser, YOUTUBE) as session:
        anna.sign_in("anna", then=session)
        href = anna.page.get_by_role("link", name="Смотреть запись").get_attribute("href") or ""
        assert href.startswith("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ")


@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_around_a_recording_and_everything_fits(people: People, width: int) -> None:
    organiser = people.new(width=width)
    found = []
    with recording(organiser, YOUTUBE) as session:
        for path in (f"{DESK}/recordings", session, f"{CONFERENCE}/schedule"):
            organiser.open(path)
            found += found_by_axe(organiser.page)
            wide = organiser.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, path
    assert found == []
