"""Two organisers at one session: what one shifts, the other does not undo; what both changed, one of them decides."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.axe import found_by_axe
from tests.browser.people import People, Someone

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DESK = "/desk/uchitel"
HALL = "Главный зал"
NEXT = re.compile(r"Следующая в (\d\d:\d\d): (.*)")
THEIRS = "#title_ru-theirs"


@pytest.fixture(params=[360, 1440], ids=["phone", "desktop"])
def width(request: pytest.FixtureRequest) -> int:
    """Of both screens, in px."""
    return int(request.param)


@pytest.fixture(params=[False, True], ids=["without-scripts", "with-scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Whether both browsers run them."""
    return bool(request.param)


@pytest.fixture
def natalya(people: People, width: int, scripts: bool) -> Someone:
    """The organiser of the demo."""
    organiser = people.new(width=width, height=900, scripts=scripts)
    organiser.sign_in("organiser", then=f"{DESK}/now")
    return organiser


@pytest.fixture
def vera(people: People, natalya: Someone, width: int, scripts: bool) -> Iterator[Someone]:
    """Another organiser, as long as the test lasts."""
    _make_an_organiser(natalya, "vera", is_one=True)
    other = people.new(width=width, height=900, scripts=scripts)
    other.sign_in("vera", then=DESK)
    yield other
    _make_an_organiser(natalya, "vera", is_one=False)


def test_a_title_saved_while_the_channel_is_shifted_keeps_the_shift(natalya: Someone, vera: Someone) -> None:
    planned, title = _coming(natalya)
    _open(vera, title)
    starts = vera.page.locator("#starts")
    expect(starts).to_have_value(planned)

    natalya.page.locator(".now-channel", has_text=HALL).get_by_role("button", name="+5", exact=True).click()
    expect(natalya.page.locator(".desk-said")).to_contain_text("Канал сдвинут")
    shifted, _ = _coming(natalya)
    assert shifted != planned

    vera.page.fill("#title_ru", f"{title}, но лучше")
    _save(vera)
    expect(vera.page.locator("#title_ru")).to_have_value(f"{title}, но лучше")
    expect(starts).to_have_value(shifted)
    assert _coming(natalya) == (shifted, f"{title}, но лучше")

    natalya.page.get_by_role("button", name="Отменить сдвиг").click()
    expect(natalya.page.locator(".desk-said")).to_contain_text("Сдвиг отменён")
    vera.page.fill("#title_ru", title)
    _save(vera)
    expect(starts).to_have_value(planned)


def test_what_both_changed_is_shown_by_name_and_hour_and_decided(
    natalya: Someone, vera: Someone, scripts: bool
) -> None:
    title = _coming(natalya)[1]
    mine, theirs = f"{title}: разбор", f"{title}: практика"
    _cross(natalya, vera, title, theirs, mine)
    alert = vera.page.locator("#wrong")
    expect(alert).to_contain_text(re.compile(r"Наталья Корнеева.* \d\d:\d\d"))
    expect(vera.page.locator("#title_ru")).to_have_value(mine)
    expect(vera.page.locator(THEIRS)).to_contain_text(theirs)
    _stand_beside_each_other(vera)
    if scripts:  # axe is one
        expect(alert).to_be_focused()
        assert not found_by_axe(vera.page)
    vera.page.get_by_label("Взять это вместо моего").check()
    _save(vera)
    expect(vera.page.locator("#title_ru")).to_have_value(theirs)

    _cross(natalya, vera, theirs, title, mine)
    vera.page.get_by_role("link", name="Взять всё сохранённое, без моих правок").click()
    expect(vera.page.locator("#title_ru")).to_have_value(title)
    expect(vera.page.locator("#wrong")).to_have_count(0)

    _cross(natalya, vera, title, theirs, mine)
    _save(vera)
    expect(vera.page.locator("#title_ru")).to_have_value(mine)
    _open(natalya, mine)
    natalya.page.fill("#title_ru", title)
    _save(natalya)


def _make_an_organiser(natalya: Someone, name: str, *, is_one: bool) -> None:
    natalya.open(f"{DESK}/people?q={name}@demo.veche")
    row = natalya.page.locator(".person-row")
    row.get_by_label("Организатор").set_checked(is_one)
    row.get_by_role("button").click()
    expect(natalya.page.get_by_role("status")).to_have_text("Сохранено.")
    natalya.open(f"{DESK}/now")


def _coming(natalya: Someone) -> tuple[str, str]:
    """When the next session of the main hall begins, and what it is called."""
    natalya.open(f"{DESK}/now")
    said = natalya.page.locator(".now-channel", has_text=HALL).locator(".now-shift .meta").first.inner_text()
    found = NEXT.search(said)
    assert found, said
    return found[1], found[2]


def _open(organiser: Someone, title: str) -> None:
    organiser.open(f"{DESK}/sessions?q={title}")
    organiser.page.locator("main").get_by_role("link", name=title, exact=True).click()
    expect(organiser.page.locator("#title_ru")).to_have_value(title)


def _press(organiser: Someone) -> None:
    organiser.page.locator("main").get_by_role("button", name="Сохранить сессию", exact=True).click()


def _save(organiser: Someone) -> None:
    _press(organiser)
    expect(organiser.page.get_by_role("status")).to_have_text("Сохранено.")


def _cross(first: Someone, second: Someone, title: str, theirs: str, mine: str) -> None:
    """Both open the form, both change the title, the first is quicker."""
    _open(first, title)
    _open(second, title)
    first.page.fill("#title_ru", theirs)
    _save(first)
    second.page.fill("#title_ru", mine)
    with second.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        _press(second)
    assert answered.value.status == 409


def _stand_beside_each_other(someone: Someone) -> None:
    """Nothing is between what was typed and what was saved, and nothing is wider than the screen."""
    typed, there = (someone.page.locator(one).bounding_box() for one in ("#title_ru", THEIRS))
    assert typed
    assert there
    assert 0 <= there["y"] - typed["y"] - typed["height"] <= 24, (typed, there)
    assert (there["x"], there["width"]) == pytest.approx((typed["x"], typed["width"]), abs=1), (typed, there)
    wide, screen = someone.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen
