"""The public schedule, one's own programme and the stars between them, over HTTP."""

import pytest

from sql.connection import Pool
from tests.web.site import Site, Visitor

SCHEDULE = "/c/school/schedule"
RU = {"Accept-Language": "ru"}


async def sessions(database: Pool) -> dict[str, int]:
    """The sessions of the small conference by their Russian titles."""
    return {row["title"]["ru"]: row["id"] for row in await database.fetch("select id, title from session")}


async def test_the_schedule_names_its_zone_and_what_is_live(visitor: Visitor) -> None:
    page = await visitor.read(SCHEDULE, headers=RU)
    assert "Время: Москва, UTC+3" in page
    assert "10:00–11:00" in page
    assert 'class="slot live"' in page
    assert "Понедельник".casefold() in page.casefold()


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("channel=practice", {"Завтра"}),
        ("day=2026-11-23", {"Идёт", "Дальше"}),
        ("day=2026-11-24&channel=main", set()),
        ("language=ru", {"Идёт", "Дальше", "Завтра"}),
        ("language=kk", {"Идёт", "Дальше", "Завтра"}),  # nothing is in Kazakh: an old link shows everything
        ("channel=nowhere&speaker=zzz&day=tomorrow", {"Идёт", "Дальше", "Завтра"}),
        ("speaker=99999999999999999999", {"Идёт", "Дальше", "Завтра"}),
    ],
)
async def test_filters_are_links_that_leave_out_the_rest(
    visitor: Visitor, database: Pool, query: str, kept: set[str]
) -> None:
    page = await visitor.read(f"{SCHEDULE}?{query}", headers=RU)
    shown = {title for title, number in (await sessions(database)).items() if f'id="session-{number}"' in page}
    assert shown == kept


async def test_a_speaker_filters_too(visitor: Visitor, database: Pool) -> None:
    speaker = await database.fetchval("select id from speaker")
    page = await visitor.read(f"{SCHEDULE}?speaker={speaker}", headers=RU)
    assert page.count('id="session-') == 3


async def test_ones_own_zone_stands_beside_the_conferences(visitor: Visitor) -> None:
    chosen = await visitor.get(f"{SCHEDULE}?day=2026-11-23&zone=Asia/Vladivostok")
    assert (chosen.status, chosen.headers["Location"]) == (303, f"{SCHEDULE}?day=2026-11-23")
    page = await visitor.read(SCHEDULE, headers=RU)
    assert "Время: Москва, UTC+3" in page
    assert "Владивосток, UTC+10" in page
    assert "17:00–18:00" in page
    await visitor.get(f"{SCHEDULE}?zone=event")
    assert "17:00–18:00" not in await visitor.read(SCHEDULE, headers=RU)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "%00", "Europe/Moscow", ""])
async def test_an_unknown_zone_and_the_same_one_change_nothing(visitor: Visitor, zone: str) -> None:
    assert (await visitor.get(f"{SCHEDULE}?zone={zone}")).status == 303
    page = await visitor.read(SCHEDULE, headers=RU)
    assert 'class="slot-elsewhere"' not in page


async def test_a_star_needs_neither_an_account_nor_a_script(visitor: Visitor, database: Pool) -> None:
    numbers = await sessions(database)
    answer = await visitor.post("/c/school/star", star=str(numbers["Дальше"]), next=f"{SCHEDULE}?day=2026-11-23")
    assert answer.headers["Location"] == f"{SCHEDULE}?day=2026-11-23#session-{numbers['Дальше']}"
    mine = await visitor.read("/c/school/my", headers=RU)
    assert f'id="session-{numbers["Дальше"]}"' in mine
    assert f'id="session-{numbers["Идёт"]}"' not in mine
    await visitor.post("/c/school/star", unstar=str(numbers["Дальше"]))
    assert 'id="session-' not in await visitor.read("/c/school/my", headers=RU)


async def test_stars_come_along_at_sign_in_and_none_is_there_twice(visitor: Visitor, database: Pool) -> None:
    numbers = await sessions(database)
    anna = await database.fetchval("select id from person where email = 'anna@veche.example'")
    await database.execute("insert into star (person_id, session_id) values ($1, $2)", anna, numbers["Идёт"])
    for title in ("Идёт", "Завтра"):
        await visitor.post("/c/school/star", star=str(numbers[title]))
    assert (await visitor.sign_in()).status == 303
    kept = {row["session_id"] for row in await database.fetch("select session_id from star where person_id = $1", anna)}
    assert kept == {numbers["Идёт"], numbers["Завтра"]}
    mine = await visitor.read("/c/school/my", headers=RU)
    assert mine.count('id="session-') == 2
    await visitor.post("/sign-out")
    assert 'id="session-' not in await visitor.read("/c/school/my", headers=RU), "the browser keeps them no longer"


@pytest.mark.parametrize("brought", ["zzz", "1.2.", "0", "9" * 30, "1..2", "1" * 5000])
async def test_a_cookie_of_somebody_elses_making_stars_nothing(visitor: Visitor, brought: str) -> None:
    page = await visitor.read("/c/school/my", headers={**RU, "Cookie": f"stars={brought}"})
    assert 'id="session-' not in page


@pytest.mark.parametrize("typed", ["", "x", "0", "999999", "9" * 40, "-1"])
async def test_a_session_that_is_not_there_cannot_be_starred(visitor: Visitor, typed: str) -> None:
    answer = await visitor.post("/c/school/star", star=typed)
    assert (answer.status, answer.headers["X-Refusal"]) == (404, "session.unknown")


async def test_a_star_leads_back_to_no_other_site(visitor: Visitor, database: Pool) -> None:
    number = (await sessions(database))["Идёт"]
    answer = await visitor.post("/c/school/star", star=str(number), next="https://elsewhere.example/")
    assert answer.headers["Location"] == f"/#session-{number}"


async def test_a_programme_says_what_goes_on_at_the_same_time(anna: Visitor, database: Pool) -> None:
    numbers = await sessions(database)
    release = await database.fetchval("select id from release")
    await database.execute(
        "update slot set starts_at = (select starts_at from slot where session_id = $1),"
        " ends_at = (select ends_at from slot where session_id = $1) where session_id = $2 and release_id = $3",
        numbers["Дальше"],
        numbers["Завтра"],
        release,
    )
    for title in ("Дальше", "Завтра"):
        await anna.post("/c/school/star", star=str(numbers[title]))
    page = await anna.read("/c/school/my", headers=RU)
    assert "2 сессии идут одновременно с другими." in page
    assert page.count('class="slot-clash"') == 2


async def test_a_cancelled_session_stays_in_the_programme_as_cancelled(anna: Visitor, database: Pool) -> None:
    number = (await sessions(database))["Дальше"]
    await anna.post("/c/school/star", star=str(number))
    await database.execute("insert into release (conference_id, number) select conference_id, 2 from release")
    page = await anna.read("/c/school/my", headers=RU)
    assert "Отменены" in page
    assert f'id="session-{number}"' in page


async def test_a_conference_without_a_schedule_says_so(visitor: Visitor, database: Pool) -> None:
    await database.execute("delete from release")
    assert "Расписание" in await visitor.read(SCHEDULE, headers=RU)
    assert 'class="empty"' in await visitor.read(SCHEDULE, headers=RU)
    assert 'class="empty"' in await visitor.read("/c/school/my", headers=RU)


async def test_a_conference_that_is_not_public_has_no_schedule_for_strangers(site: Site, database: Pool) -> None:
    await database.execute("update conference set published_at = null")
    stranger, olga = await site.visitor(), await site.visitor(signed_in="olga@veche.example")
    for path in (SCHEDULE, "/c/school/my", "/c/school/schedule.ics"):
        assert (await stranger.get(path)).status == 404
        assert (await olga.get(path)).status == 200
