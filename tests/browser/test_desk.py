"""A second conference is set up from nothing through forms alone, without JavaScript, and is live."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from tests.browser.axe import found_in_both_lights
from tests.browser.people import People, Someone

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ZONE = ZoneInfo("Asia/Tashkent")  # another one than the demo's
PLAYER = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"
ALERT = "#wrong"


class Organiser:
    """Somebody at the desk who fills in forms and presses buttons, as their labels say."""

    def __init__(self, someone: Someone, conference: str) -> None:
        self.page = someone.page
        self._someone = someone
        self._conference = conference

    def open(self, path: str) -> None:
        """A page of the desk of the conference."""
        self._someone.open(f"/desk/{self._conference}{path}")

    def fill(self, **fields: str) -> None:
        """Type into fields by their names."""
        for name, text in fields.items():
            self.page.fill(f"#{name}", text)

    def press(self, label: str) -> None:
        """Press a button of the page's content, and wait for what comes."""
        self.page.locator("main").get_by_role("button", name=label, exact=True).click()

    def done(self, said: str) -> None:
        """The page says that it was done."""
        expect(self.page.get_by_role("status")).to_have_text(said)

    def refused(self, sentence: str) -> None:
        """The page says on top what is wrong."""
        expect(self.page.locator(ALERT)).to_contain_text(sentence)


@pytest.mark.parametrize("scripts", [False, True], ids=["without-scripts", "with-scripts"])
def test_a_conference_is_set_up_from_nothing_and_is_live(people: People, scripts: bool) -> None:
    slug = f"osenniy-slet-{'js' if scripts else 'plain'}"
    now = datetime.now(UTC).astimezone(ZONE)
    organiser = people.new(scripts=scripts)
    organiser.sign_in("organiser", then="/desk")
    desk = Organiser(organiser, slug)

    _found(desk, organiser, slug, now)
    _add_a_channel(desk)
    _add_a_speaker(desk)
    _add_a_session(desk, now)
    _add_a_participant(desk)

    stranger = people.new()
    stranger.open(f"/c/{slug}")
    expect(stranger.page.locator(".error-status")).to_have_text("404")

    desk.open("/schedule")
    desk.page.locator("#release button").click()
    desk.open("")
    desk.press("Открыть для всех")
    desk.done("Теперь конференция открыта для всех.")

    stranger.open(f"/c/{slug}/schedule")
    expect(stranger.page.locator("main")).to_contain_text("Первый урок под открытым небом")
    _watch(people.new(), slug)


def test_channels_are_dragged_into_an_order(people: People) -> None:
    organiser = people.new()
    organiser.sign_in("organiser", then="/desk/uchitel/channels")
    names = organiser.page.locator("[data-order] h2")
    before = names.all_inner_texts()
    rows = organiser.page.locator("[data-id]")
    rows.last.drag_to(rows.first, target_position={"x": 40, "y": 4})
    expect(organiser.page.get_by_role("status")).to_have_text("Новый порядок сохранён.")
    expect(names).to_have_text([before[-1], *before[:-1]])
    for _ in before[1:]:  # and with the keys back where it was
        button = organiser.page.get_by_role("button", name=f"Опустить: {before[-1]}")
        button.focus()
        button.press("Enter")
        expect(organiser.page.get_by_role("status")).to_have_text("Новый порядок сохранён.")
        organiser.open("/desk/uchitel/channels")
    expect(names).to_have_text(before)


@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_at_a_form_that_was_refused(people: People, width: int) -> None:
    organiser = people.new(width=width, height=900, language="kk-KZ")
    organiser.sign_in("organiser", then="/desk/uchitel/sessions/new")
    organiser.page.locator("form[action$='/sessions'] .form-foot .button").last.click()  # empty: what is wrong is said
    expect(organiser.page.locator(ALERT)).to_be_focused()
    found = found_in_both_lights(organiser.page)
    assert not found, "\n".join(found)


def _found(desk: Organiser, organiser: Someone, slug: str, now: datetime) -> None:
    organiser.page.get_by_role("link", name="Новая конференция").click()
    desk.fill(name_ru="Осенний слёт", slug=slug, zone="Атлантида")
    desk.fill(starts_on=str(now.date() - timedelta(days=1)), ends_on=str(now.date() - timedelta(days=3)))
    desk.press("Создать конференцию")
    desk.refused("Часовой пояс «Атлантида» нам неизвестен.")
    desk.refused("Последний день раньше первого.")
    desk.fill(zone="Ташкент", ends_on=str(now.date() + timedelta(days=2)))
    desk.page.check("#language_kk")
    desk.page.check("input[name=theme][value=steppe]")
    desk.press("Создать конференцию")
    desk.done("Добавлено.")
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Осенний слёт")


def _add_a_channel(desk: Organiser) -> None:
    desk.open("/channels")
    desk.fill(name_ru="Поляна", name_kk="Алаң")
    desk.press("Добавить канал")
    desk.done("Добавлено.")
    desk.page.get_by_role("link", name="Поляна").click()
    desk.fill(stream_ru="javascript:alert(1)")
    desk.press("Сохранить канал")
    desk.refused("Адреса, начинающиеся с «javascript:», не принимаются.")
    desk.fill(stream_ru="https://youtu.be/dQw4w9WgXcQ?si=share")
    desk.page.set_input_files("#picture", {"name": "зал.png", "mimeType": "image/png", "buffer": _picture()})
    desk.press("Сохранить канал")
    desk.done("Сохранено.")
    expect(desk.page.locator("#stream_ru")).to_have_value(PLAYER)
    expect(desk.page.locator(".picture-now")).to_have_js_property("naturalWidth", 640)


def _add_a_speaker(desk: Organiser) -> None:
    desk.open("/speakers/new")
    desk.fill(name_ru="Ерлан Байжанов", about_ru="Директор сельской школы.", email="speaker2@demo.veche")
    desk.page.set_input_files("#picture", {"name": "я.png", "mimeType": "image/png", "buffer": _picture()})
    desk.press("Добавить спикера")
    desk.done("Добавлено.")


def _add_a_session(desk: Organiser, now: datetime) -> None:
    starts, ends = now - timedelta(minutes=20), now + timedelta(minutes=90)
    desk.open("/sessions/new")
    desk.fill(title_ru="Первый урок под открытым небом", abstract_ru="Без доски и без стен.")
    desk.page.select_option("#speaker_1", label="Ерлан Байжанов")
    desk.page.select_option("#channel", label="Поляна")
    desk.fill(day=str(starts.date()), starts=f"{starts:%H:%M}", ends="00:00")
    desk.press("Добавить сессию")
    expect(desk.page.locator("#ends-wrong")).to_have_text(re.compile("Конец раньше начала|в ту же минуту"))
    desk.fill(ends=f"{ends:%H:%M}")
    desk.page.set_checked("#next_day", ends.date() > starts.date())
    desk.press("Добавить сессию")
    desk.done("Добавлено.")


def _add_a_participant(desk: Organiser) -> None:
    desk.open("/people")
    desk.fill(email="nobody@demo.veche")
    desk.press("Добавить")
    desk.refused("Учётной записи с такой почтой нет.")
    desk.fill(email="anna@demo.veche")
    desk.press("Добавить")
    desk.done("Добавлено.")


def _watch(anna: Someone, slug: str) -> None:
    """A participant sees what is on, with the player in its frame, and writes in the chat."""
    anna.page.route("https://www.youtube-nocookie.com/**", _play)
    anna.sign_in("anna", then=f"/c/{slug}/polyana")
    expect(anna.page.locator("main")).to_contain_text("Первый урок под открытым небом")
    expect(anna.page.frame_locator("iframe").locator("#playing")).to_have_text("идёт")
    anna.expect_state("live")
    said = anna.write("Слышно!")
    anna.expect_once(said)


def _play(route: Route) -> None:
    route.fulfill(content_type="text/html; charset=utf-8", body="<p id=playing>идёт</p>")


def _picture() -> bytes:
    printed = BytesIO()
    Image.new("RGB", (640, 480), (40, 90, 70)).save(printed, "PNG")
    return printed.getvalue()
