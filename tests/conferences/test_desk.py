"""The organiser's desk over HTTP: a conference is founded, set up and published by forms, and nobody else may."""

import re
from typing import Any
from uuid import uuid4

import pytest

from sql.connection import Pool
from tests.web.site import Site, Visitor

DESK = "/desk/school"
FORM = {
    "name_ru": "Осенний слёт",
    "name_en": "Autumn Camp",
    "slug": "autumn-camp",
    "tagline_ru": "Три дня",
    "zone": "Алматы",
    "language_ru": "on",
    "language_kk": "on",
    "language": "ru",
    "starts_on": "2027-10-01",
    "ends_on": "2027-10-03",
    "theme": "birch",
}


@pytest.fixture
async def olga(site: Site, database: Pool) -> Visitor:
    """A browser in which the organiser has signed in, who reads English."""
    await database.execute("update person set language = 'en' where name = 'Olga'")
    return await site.visitor(signed_in="olga@veche.example")


async def refusal(visitor: Visitor, path: str, *, page: str = "", **fields: str) -> str:
    """The page that says what is wrong with a form; `page` is where it stands if it is of something that is there."""
    answer = await (visitor.edit(path, page=page, **fields) if page else visitor.post(path, **fields))
    assert (answer.status, answer.headers["X-Refusal"]) == (422, "form.wrong")
    return await answer.text()


async def changed(database: Pool) -> list[str]:
    """What was written down, in order."""
    return [row["what"] for row in await database.fetch("select what from change order by id")]


async def test_a_conference_is_founded_and_seen_by_its_founder_alone(
    site: Site, olga: Visitor, database: Pool, visitor: Visitor
) -> None:
    answer = await olga.post("/desk/new", **FORM)
    assert (answer.status, answer.headers["Location"]) == (303, "/desk/autumn-camp?said=added")
    row = await database.fetchrow("select * from conference where slug = 'autumn-camp'")
    assert row
    assert row["zone"] == "Asia/Almaty"
    assert row["languages"] == ["ru", "kk"]
    assert row["name"] == {"ru": "Осенний слёт"}, "a text in a language that was not chosen is not kept"
    assert row["theme"] == "birch"
    assert row["published_at"] is None
    assert (await visitor.get("/c/autumn-camp")).status == 404
    assert (await (await site.visitor(signed_in="mira@veche.example")).get("/c/autumn-camp")).status == 404
    assert "Осенний слёт" in await olga.read("/desk")
    assert "Осенний слёт" in await olga.read("/desk/autumn-camp")
    assert await changed(database) == ["conference.add"]


async def test_a_form_sent_twice_founds_one_conference(olga: Visitor, database: Pool) -> None:
    key = str(uuid4())
    first = await olga.post("/desk/new", **FORM, form_key=key)
    again = await olga.post("/desk/new", **FORM, form_key=key)
    assert (first.status, again.status) == (303, 303)
    assert again.headers["Location"] == first.headers["Location"] == "/desk/autumn-camp?said=added"
    assert await database.fetchval("select count(*) from conference where slug = 'autumn-camp'") == 1


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("ends_on", "2027-09-30", "The last day is before the first one."),
        ("ends_on", "2029-10-01", "Check the year"),
        ("starts_on", "вчера", "Choose a day."),
        ("zone", "Mars/Olympus", "We know no time zone “Mars/Olympus”"),
        ("zone", "Asia/Almata", "Did you mean Asia/Almaty"),
        ("zone", "", "We know no time zone"),
        ("name_ru", "  ", "Fill this in."),
        ("name_ru", "я" * 201, "200 characters are allowed"),
        ("slug", "Осень!", "Latin letters"),
        ("slug", "new", "a meaning of its own"),
        ("slug", "school", "Another conference has this address"),
        ("language", "en", "must be one of those chosen"),
        ("theme", "neon", "Choose one of those offered."),
    ],
)
async def test_what_is_wrong_with_a_conference_is_said_and_nothing_is_kept(
    olga: Visitor, database: Pool, field: str, typed: str, sentence: str
) -> None:
    page = await refusal(olga, "/desk/new", **{**FORM, field: typed})
    assert sentence in page
    assert f'href="#{field}"' in page, "the summary leads to the field"
    assert 'value="2027-10-01"' in page or field == "starts_on", "what was typed is still there"
    assert await database.fetchval("select count(*) from conference") == 1
    assert await changed(database) == []


async def test_a_conference_without_a_language_is_refused(olga: Visitor) -> None:
    page = await refusal(olga, "/desk/new", **{**FORM, "language_ru": "", "language_kk": ""})
    assert "Choose at least one language." in page


async def test_who_organises_nothing_founds_nothing(site: Site, anna: Visitor, database: Pool) -> None:
    assert (await anna.get("/desk/new")).status == 403
    answer = await anna.post("/desk/new", **FORM)
    assert (answer.status, answer.headers["X-Refusal"]) == (403, "conference.may_not_found")
    assert "/desk/new" not in await anna.read("/desk")
    await database.execute("update person set is_admin = true where email = 'anna@veche.example'")
    assert (await anna.post("/desk/new", **FORM)).status == 303, "an admin of the platform may"


@pytest.mark.parametrize(
    "path", ["", "/channels", "/channels/1", "/speakers", "/speakers/new", "/sessions", "/sessions/new", "/people"]
)
async def test_the_desk_is_for_organisers(site: Site, visitor: Visitor, path: str) -> None:
    answer = await visitor.get(f"{DESK}{path}")
    assert (answer.status, answer.headers["Location"][:8]) == (303, "/sign-in")
    for somebody in ("anna", "mira", "sergey", "vadim"):
        other = await (await site.visitor(signed_in=f"{somebody}@veche.example")).get(f"{DESK}{path}")
        assert (other.status, other.headers["X-Refusal"]) == (403, "desk.closed")


async def test_the_organiser_of_one_conference_changes_no_other(site: Site, olga: Visitor, database: Pool) -> None:
    assert (await olga.post("/desk/new", **FORM)).status == 303
    await database.execute(
        "update role set role = 'organiser' where person_id = (select id from person where name = 'Mira')"
    )
    mira = await site.visitor(signed_in="mira@veche.example")
    assert (await mira.post("/desk/autumn-camp", **FORM)).status == 404, "it is not even there for her"
    channel = await database.fetchval("select id from channel where slug = 'main'")
    await olga.post("/desk/autumn-camp/channels", name_ru="Зал")
    foreign = await olga.post(f"/desk/autumn-camp/channels/{channel}", name_ru="Чужой")
    assert foreign.status == 404
    assert await database.fetchval("select name ->> 'ru' from channel where id = $1", channel) == "Канал 1"


async def test_settings_are_saved_and_other_languages_kept(olga: Visitor, database: Pool) -> None:
    page = await olga.read(DESK)
    assert 'value="Школа"' in page
    answer = await olga.edit(DESK, **{**FORM, "slug": "camp", "name_ru": "Слёт"})
    assert (answer.status, answer.headers["Location"]) == (303, "/desk/camp?said=saved")
    row = await database.fetchrow("select * from conference")
    assert row
    assert row["name"] == {"ru": "Слёт", "en": "School"}, "English is not offered any more, and not lost"
    assert row["published_at"] is not None
    written = await database.fetchrow("select before, after from change")
    assert written
    assert written["before"]["slug"] == "school"
    assert written["after"]["slug"] == "camp"
    assert "Saved." in await olga.read("/desk/camp?said=saved")


async def test_in_another_zone_sessions_keep_their_time_of_day(olga: Visitor, database: Pool) -> None:
    before = await database.fetch("select id, starts_at at time zone 'Europe/Moscow' as clock from session order by id")
    assert (await olga.edit(DESK, **{**FORM, "slug": "school"})).status == 303
    after = await database.fetch("select id, starts_at at time zone 'Asia/Almaty' as clock from session order by id")
    assert [tuple(one) for one in before] == [tuple(one) for one in after]
    released = await database.fetchval("select min(starts_at at time zone 'Europe/Moscow')::time::text from slot")
    assert released == "10:00:00", "what is released stays until the next release"


async def test_it_is_published_and_hidden_again(olga: Visitor, visitor: Visitor, database: Pool) -> None:
    assert (await olga.post(f"{DESK}/unpublish")).status == 303
    assert (await visitor.get("/c/school")).status == 404
    assert "Publish the conference" in await olga.read(DESK)
    assert (await olga.post(f"{DESK}/publish")).status == 303
    assert (await olga.post(f"{DESK}/publish")).status == 303
    promised = [row["kind"] for row in await database.fetch("select kind from outbox order by id")]
    assert promised == ["passes.revoke", "schedule.tell"]
    assert (await visitor.get("/c/school")).status == 200
    assert await changed(database) == ["conference.publish", "conference.publish"], "no change, nothing written"


async def test_sites_with_players_are_listed_and_one_in_use_stays(olga: Visitor, database: Pool) -> None:
    listed = "https://Player.example/embed\n*.kinescope.io player.example"
    assert (await olga.edit(f"{DESK}/frames", page=DESK, frame_hosts=listed)).status == 303
    assert await database.fetchval("select frame_hosts from conference") == ["player.example", "*.kinescope.io"]
    channel = await database.fetchval("select id from channel where slug = 'main'")
    await olga.edit(
        f"{DESK}/channels/{channel}", name_kk="Арна", slug="main", stream_ru="https://player.example/embed/7"
    )
    page = await refusal(olga, f"{DESK}/frames", page=DESK, frame_hosts="*.kinescope.io")
    assert "still shows player.example" in page
    for typed in ("javascript:alert(1)", "*.com", "localhost", "a b"):
        assert "is not the name of a site" in await refusal(olga, f"{DESK}/frames", page=DESK, frame_hosts=typed)
    assert len(await database.fetchval("select frame_hosts from conference")) == 2


async def test_people_get_roles_by_their_email(site: Site, olga: Visitor, database: Pool) -> None:
    fields = {"email": " Vadim@veche.example", "role_moderator": "on", "role_speaker": "on"}
    assert (await olga.post(f"{DESK}/people", **fields)).status == 303
    vadim = await database.fetchval("select id from person where name = 'Vadim'")
    roles = "select array_agg(role order by role) from role where person_id = $1"
    assert await database.fetchval(roles, vadim) == ["moderator", "speaker"]
    assert (await olga.edit(f"{DESK}/people/{vadim}", page=f"{DESK}/people", role_attendee="on")).status == 303
    assert await database.fetchval(roles, vadim) == ["attendee"]
    assert (await olga.edit(f"{DESK}/people/{vadim}", page=f"{DESK}/people")).status == 303
    assert await database.fetchval(roles, vadim) is None
    assert (await olga.post(f"{DESK}/people/{vadim}", role_speaker="on")).status == 404
    assert await changed(database) == ["person.roles"] * 3


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "nobody@veche.example", "role_speaker": "on"}, "There is no account with this e-mail."),
        ({"email": "vadim", "role_speaker": "on"}, "looks like name@example.com"),
        ({"email": "", "role_speaker": "on"}, "Fill this in."),
        ({"email": "vadim@veche.example"}, "Choose at least one role."),
        ({"email": "vadim@veche.example", "role_admin": "on"}, "Choose at least one role."),
    ],
)
async def test_nobody_is_added_by_a_wrong_form(
    olga: Visitor, database: Pool, fields: dict[str, Any], sentence: str
) -> None:
    before = await database.fetchval("select count(*) from role")
    assert sentence in await refusal(olga, f"{DESK}/people", **fields)
    assert await database.fetchval("select count(*) from role") == before


async def test_the_last_organiser_stays(olga: Visitor, database: Pool) -> None:
    number = await database.fetchval("select id from person where name = 'Olga'")
    people = f"{DESK}/people"
    assert "Somebody must organise" in await refusal(olga, f"{people}/{number}", page=people, role_attendee="on")
    assert (await olga.get(DESK)).status == 200
    await olga.post(f"{DESK}/people", email="vadim@veche.example", role_organiser="on")
    assert (await olga.edit(f"{people}/{number}", page=people, role_attendee="on")).status == 303
    assert (await olga.get(DESK)).status == 403


async def test_people_are_found_by_name_and_by_role(olga: Visitor) -> None:
    assert "mira@veche.example" in await olga.read(f"{DESK}/people")
    found = await olga.read(f"{DESK}/people?q=ANN")
    assert "anna@veche.example" in found
    assert "mira@veche.example" not in found
    found = await olga.read(f"{DESK}/people?role=moderator")
    assert re.findall(r"(\w+)@veche\.example", found.split("desk-search")[1]) == ["mira"]
    assert "Nobody is like that" in await olga.read(f"{DESK}/people?q=100%25")
