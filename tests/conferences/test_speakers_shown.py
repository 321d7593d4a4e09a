"""Whom visitors are shown: who speaks in the released schedule, and whoever organisers show already."""

from hashlib import blake2b

import pytest

from sql.connection import Pool
from tests.web.site import Site, Visitor

NEW = "Тайный Гость"
PRIVATE, PUBLIC = "private, no-cache", "public, max-age=600"


@pytest.fixture
async def olga(site: Site) -> Visitor:
    """A browser in which the organiser has signed in."""
    return await site.visitor(signed_in="olga@veche.example")


@pytest.fixture
async def secret(database: Pool) -> int:
    """A speaker who was just written down."""
    number: int = await database.fetchval(
        "insert into speaker (conference_id, name, about, portrait)"
        " select id, $1, '{}', '<svg xmlns=\"http://www.w3.org/2000/svg\"/>' from conference returning id",
        {"kk": NEW},
    )
    return number


async def seen(visitor: Visitor, speaker: int) -> tuple[bool, int, str]:
    """Whether the landing page names them, and how their face is answered."""
    face = await visitor.get(f"/portraits/{speaker}.svg")
    return NEW in await visitor.read("/c/school"), face.status, face.headers.get("Cache-Control", "")


async def test_a_speaker_without_a_released_session_is_the_organisers_secret(
    site: Site, olga: Visitor, visitor: Visitor, secret: int, database: Pool
) -> None:
    mira = await site.visitor(signed_in="mira@veche.example")
    for one in (visitor, mira):
        assert (await seen(one, secret))[:2] == (False, 404)
    assert await seen(olga, secret) == (False, 200, PRIVATE), "the page is as visitors see it, the desk has the face"
    assert "Посетители пока не видят" in await olga.read("/desk/school/speakers")
    await database.execute(
        "insert into session (conference_id, title, abstract, language) select id, '{}', '{}', 'ru' from conference"
    )
    await database.execute("insert into session_speaker select max(id), $1 from session", secret)
    assert (await seen(visitor, secret))[:2] == (False, 404), "a draft of a session shows nobody"


async def test_organisers_may_show_somebody_before_the_schedule_is_there(
    olga: Visitor, visitor: Visitor, secret: int, database: Pool
) -> None:
    address = f"/desk/school/speakers/{secret}"
    assert (await olga.edit(address, name_kk=NEW, announced="on")).status == 303
    assert await seen(visitor, secret) == (True, 200, PUBLIC)
    after = await database.fetchval("select after from change order by id desc limit 1")
    assert after == {"announced": True}
    assert (await olga.edit(address, name_kk=NEW)).status == 303
    assert (await seen(visitor, secret))[:2] == (False, 404)


async def test_a_released_session_shows_its_speakers(visitor: Visitor, secret: int, database: Pool) -> None:
    await database.execute("insert into session_speaker select min(session_id), $1 from slot", secret)
    assert await seen(visitor, secret) == (True, 200, PUBLIC)
    await database.execute("insert into release (conference_id, number) select id, 2 from conference")
    assert (await seen(visitor, secret))[:2] == (False, 404), "the newest release has no session of theirs"


async def test_faces_and_pictures_of_a_hidden_conference_are_its_teams(
    site: Site, olga: Visitor, visitor: Visitor, database: Pool
) -> None:
    face = await database.fetchval("select id from speaker")
    content = b"a picture"
    digest = blake2b(content, digest_size=16).hexdigest()
    await database.execute(
        "insert into picture (conference_id, digest, type, width, height, bytes)"
        " select id, $1, 'image/png', 1, 1, $2 from conference",
        digest,
        content,
    )
    anna, mira = [await site.visitor(signed_in=f"{one}@veche.example") for one in ("anna", "mira")]
    paths = (f"/portraits/{face}.svg", f"/pictures/{digest}")
    for path in paths:
        answer = await visitor.get(path)
        assert (answer.status, answer.headers["Cache-Control"].split(",")[0]) == (200, "public")
    await database.execute("update conference set published_at = null")
    for path in paths:
        assert [(await one.get(path)).status for one in (visitor, anna, mira, olga)] == [404, 404, 200, 200]
        assert (await mira.get(path)).headers["Cache-Control"] == PRIVATE
    # The same picture in a public conference is everybody's.
    await database.execute(
        "insert into conference (slug, name, tagline, about, zone, languages, language, starts_on, ends_on,"
        " published_at) select 'other', name, tagline, about, zone, languages, language, starts_on, ends_on, now()"
        " from conference"
    )
    await database.execute(
        "insert into picture (conference_id, digest, type, width, height, bytes)"
        " select (select id from conference where slug = 'other'), digest, type, width, height, bytes from picture"
    )
    assert (await visitor.get(paths[1])).status == 200
