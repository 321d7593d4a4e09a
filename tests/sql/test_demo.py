"""The demo conference: what a newcomer sees in the first minute."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from xml.etree import ElementTree

from argon2 import PasswordHasher

from sql.connection import Connection, Pool
from sql.demo.chat import CHAT
from sql.demo.conference import CHANNELS, LANGUAGES, SCREENS, SESSIONS, STARS
from sql.demo.landing import BLOCKS
from sql.demo.people import PASSWORD, PEOPLE
from sql.demo.portraits import draw
from sql.demo.seed import seed
from sql.demo.speakers import SPEAKERS
from web.conferences import landing_rules
from web.conferences.landing_rules import KINDS

NOW = datetime(2026, 3, 4, 5, 17, 38, tzinfo=UTC)
KAZAKH = set("әғқңөұүһі")


def test_at_any_minute_every_channel_has_a_session_live_and_others_around_it() -> None:
    for minutes, channel in product(range(0, 24 * 60, 7), CHANNELS):
        now = NOW + timedelta(minutes=minutes)
        times = [one.times(now) for one in SESSIONS if one.channel == channel.slug]
        assert sum(starts <= now < ends for starts, ends in times) == 1
        assert any(ends <= now for _, ends in times)
        assert any(starts > now for starts, _ in times)


def test_nobody_is_in_two_places_at_once() -> None:
    places = [one.channel for one in SESSIONS] + [key for one in SESSIONS for key in one.speakers]
    for place in set(places):
        taken = sorted(one.times(NOW) for one in SESSIONS if place in (one.channel, *one.speakers))
        assert all(before[1] <= after[0] for before, after in pairwise(taken)), place


def test_every_text_is_there_in_every_language_and_kazakh_is_kazakh() -> None:
    texts = [one.title for one in SESSIONS] + [one.abstract for one in SESSIONS]
    texts += [one.about for one in SPEAKERS]
    for text in texts:
        assert set(text) == set(LANGUAGES)
        assert KAZAKH & set(text["kk"].lower()), text["kk"]
        assert len(set(text.values())) == len(LANGUAGES), "a text was not translated"


def test_the_landing_page_is_what_its_forms_would_save_and_says_it_in_every_language() -> None:
    for name, content in BLOCKS:
        kind = KINDS[name]
        form = landing_rules.form(kind, content, languages=LANGUAGES)
        draft = landing_rules.read(kind, form.typed, languages=LANGUAGES, pictures=())
        assert not draft.wrong, name
        assert {**draft.content, "rows": draft.content.get("rows", [])} == {"rows": [], **content}, name
        assert not any(landing_rules.missing(draft, LANGUAGES).values()), name


def test_every_portrait_is_a_drawing_of_its_own_without_scripts_or_styles() -> None:
    drawings = [draw(one.features) for one in SPEAKERS]
    assert len(set(drawings)) == len(SPEAKERS)
    for drawing in drawings:
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(drawing).iter()}
        assert tags <= {"svg", "g", "path", "circle", "ellipse", "rect"}
        assert "style" not in drawing
        assert drawing.count("fill=") > 5


def test_the_same_features_are_always_drawn_alike() -> None:
    assert draw(SPEAKERS[0].features) == draw(SPEAKERS[0].features)


async def test_seeding_fills_an_empty_database_and_leaves_it_alone_afterwards(database: Pool) -> None:
    async with database.acquire() as connection:
        assert await seed(connection, now=NOW) is True
        before = await _counts(connection)
        assert await seed(connection, now=NOW) is False
        assert await _counts(connection) == before
    assert before["session"] == len(SESSIONS)
    assert before["person"] == len(PEOPLE)
    assert before["speaker"] == len(SPEAKERS)
    assert before["star"] == len(STARS[1])
    assert before["screen"] == len(SCREENS)


async def test_the_demo_sign_ins_work_and_speakers_are_people(database: Pool) -> None:
    async with database.acquire() as connection:
        await seed(connection, now=NOW)
    for row in await database.fetch("select email, password_hash from person"):
        assert PasswordHasher().verify(row["password_hash"], PASSWORD)
    linked = "select s.name->>'ru' = p.name from speaker s join person p on p.id = s.person_id"
    assert [row[0] for row in await database.fetch(linked)] == [True, True]


async def test_the_chat_and_the_letters_wait_in_the_outbox_in_order(database: Pool) -> None:
    async with database.acquire() as connection:
        await seed(connection, now=NOW)
    rows = await database.fetch("select kind, payload from outbox order by id")
    letters = [row["payload"] for row in rows if row["kind"] == "mail.welcome"]
    words = [row["payload"] for row in rows if row["kind"] == "chat.say"]
    assert len(letters) == sum(one.role == "attendee" for one in PEOPLE)
    assert [one["text"] for one in words] == [text for hall in CHAT.values() for _, _, text in hall]
    assert len({one["key"] for one in words}) == len(words) > 30
    assert set(CHAT) == {one.slug for one in CHANNELS}, "a hall says nothing"
    for channel in {one["channel"] for one in words}:
        said = [datetime.fromisoformat(one["when"]) for one in words if one["channel"] == channel]
        assert said == sorted(said)
        assert NOW - timedelta(hours=1) < said[0] < said[-1] < NOW
    assert {one["badge"] for one in words} == {"", "organiser", "moderator", "speaker"}


async def _counts(connection: Connection) -> dict[str, int]:
    tables = (
        "person",
        "conference",
        "role",
        "channel",
        "speaker",
        "session",
        "session_speaker",
        "star",
        "screen",
        "outbox",
    )
    return {name: await connection.fetchval(f"select count(*) from {name}") for name in tables}
