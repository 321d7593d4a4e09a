"""Recordings: pasted at the desk for many sessions at once, and seen on their pages by participants, after the end."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from sql.connection import Pool
from tests.conferences.stage import session
from tests.conferences.test_meanwhile import crossed, hidden, opened
from tests.web.site import Site, Visitor
from web.conferences import merge_rules, recordings_rules
from web.conferences.form_rules import Asked
from web.conferences.streams_rules import Stream

DESK = "/desk/school/recordings"
VIDEO = "https://youtu.be/dQw4w9WgXcQ"
PLAYER = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"
KEPT = "select session_id, kind, address from recording order by session_id"


@pytest.fixture
async def olga(site: Site, database: Pool) -> Visitor:
    """A browser in which the organiser has signed in, who reads English."""
    await database.execute("update person set language = 'en' where name = 'Olga'")
    return await site.visitor(signed_in="olga@veche.example")


async def over(database: Pool, session: int, *, hours: int = 3) -> None:
    """A session has been on so many hours earlier."""
    earlier = "update slot set starts_at = starts_at - $2::interval, ends_at = ends_at - $2::interval"
    await database.execute(f"{earlier} where session_id = $1", session, timedelta(hours=hours))


async def save(visitor: Visitor, **fields: str) -> tuple[int, str]:
    answer = await visitor.post(DESK, **fields)
    return answer.status, await answer.text()


async def test_several_are_pasted_at_once_and_kept_as_their_players(olga: Visitor, database: Pool) -> None:
    first, second, third = await session(database), await session(database, "Дальше"), await session(database, "Завтра")
    typed = {f"recording_{first}": VIDEO, f"recording_{second}": "https://cdn.example/a.m3u8", f"recording_{third}": ""}
    assert (await save(olga, **typed))[0] == 303
    assert [tuple(row) for row in await database.fetch(KEPT)] == [
        (first, "youtube", PLAYER),
        (second, "hls", "https://cdn.example/a.m3u8"),
    ]
    assert "Now: YouTube" in await olga.read(DESK)
    form = await opened(olga, DESK)
    assert form[f"recording_{first}"] == PLAYER
    assert (await save(olga, **{**form, f"recording_{first}": ""}))[0] == 303
    assert [row["session_id"] for row in await database.fetch(KEPT)] == [second], "the other one was not touched"
    told = "select after ->> 'recording' from change where what = 'session.recording' order by id"
    assert [row[0] for row in await database.fetch(told)] == [PLAYER, "https://cdn.example/a.m3u8", ""]


async def test_one_wrong_address_keeps_the_whole_form_and_saves_nothing(olga: Visitor, database: Pool) -> None:
    first, second = await session(database), await session(database, "Дальше")
    status, page = await save(olga, **{f"recording_{first}": VIDEO, f"recording_{second}": "javascript:alert(1)"})
    assert status == 422
    assert "Addresses that begin with “javascript:” are not allowed." in page
    assert VIDEO in page
    assert await database.fetch(KEPT) == []


async def test_of_two_organisers_the_later_reads_what_the_first_has_put_there(
    olga: Visitor, site: Site, database: Pool
) -> None:
    first, second = await session(database), await session(database, "Дальше")
    await database.execute(
        "insert into role select id, (select id from person where name = 'Vadim'), 'organiser' from conference"
    )
    vadim = await site.visitor(signed_in="vadim@veche.example")
    form, other = await opened(olga, DESK), "https://cdn.example/b.m3u8"
    assert (await save(vadim, **{**form, f"recording_{first}": VIDEO}))[0] == 303
    mine = {**form, f"recording_{first}": other, f"recording_{second}": other}
    page = await crossed(await olga.post(DESK, **mine))
    assert re.search(r"Vadim saved changes here while this form was open, at \d\d:\d\d", page)
    assert f'value="{other}"' in page, "what was typed is kept"
    assert f"<q>{PLAYER}</q>" in page, "and what is there now stands beside it"
    assert f'name="take_recording_{first}"' in page
    assert f'name="take_recording_{second}"' not in page
    assert [row["session_id"] for row in await database.fetch(KEPT)] == [first], "nothing is saved by halves"
    again = {**mine, **hidden(page)}
    assert (await save(olga, **{**again, f"take_recording_{first}": "on"}))[0] == 303
    assert [row["address"] for row in await database.fetch(KEPT)] == [PLAYER, other]
    assert (await save(olga, **again))[0] == 303, "sent once more it is meant"
    assert [row["address"] for row in await database.fetch(KEPT)] == [other, other]


async def test_two_who_paste_for_different_sessions_lose_nothing(olga: Visitor, database: Pool) -> None:
    first, second = await session(database), await session(database, "Дальше")
    form = await opened(olga, DESK)
    for one in (first, second):
        assert (await save(olga, **{**form, f"recording_{one}": VIDEO}))[0] == 303
    assert [row["session_id"] for row in await database.fetch(KEPT)] == [first, second]


async def test_a_recording_that_was_taken_away_meanwhile_is_asked_about(olga: Visitor, database: Pool) -> None:
    first = await session(database)
    await save(olga, **{f"recording_{first}": VIDEO})
    form = await opened(olga, DESK)
    assert (await save(olga, **{**form, f"recording_{first}": ""}))[0] == 303
    page = await crossed(await olga.post(DESK, **{**form, f"recording_{first}": "/a.m3u8"}))
    assert "Empty in what was saved meanwhile." in page


async def test_a_recording_changed_is_no_change_of_the_session_itself(olga: Visitor, database: Pool) -> None:
    number = await session(database)
    address = f"/desk/school/sessions/{number}"
    await database.execute('update session set title = title || \'{"kk": "Қазір"}\'')
    form = await opened(olga, address)
    assert (await olga.post(address, **{**form, "title_en": "Now"})).status == 303
    at = await database.fetchval("update change set made_at = made_at - interval '3 hours' returning made_at")
    await save(olga, **{f"recording_{number}": VIDEO})
    page = await crossed(await olga.post(address, **{**form, "title_en": "Later"}))
    assert f"at {at.astimezone(ZoneInfo('Europe/Moscow')):%H:%M}" in page, "the moment of the title, not of the video"


def test_what_nobody_touched_stays_as_it_is() -> None:
    here, there = Stream("hls", "/b.m3u8"), Stream("hls", "/changed-by-somebody-else.m3u8")
    was = recordings_rules.fields([1, 2, 3], {1: Stream("hls", "/a.m3u8")})
    assert was == {"recording_1": "/a.m3u8", "recording_2": "", "recording_3": ""}

    def wanted(kept: dict[int, Stream]) -> tuple[dict[int, Stream | None], set[str]]:
        asked = Asked({**was, "recording_2": " /b.m3u8 ", "opened": merge_rules.opened(was)})
        merge_rules.merge(asked, recordings_rules.fields([1, 2, 3, 4], kept))
        return recordings_rules.wanted(asked, [1, 2, 3, 4], kept, hosts=(), own_host=""), set(asked.crossed)

    assert wanted({1: there, 2: here, 4: there}) == ({}, set())
    assert wanted({1: there}) == ({2: here}, set())
    assert wanted({2: there}) == ({}, {"recording_2"})


async def test_recordings_are_the_organisers(site: Site, database: Pool) -> None:
    for name in ("anna", "mira", "sergey"):
        other = await site.visitor(signed_in=f"{name}@veche.example")
        assert (await other.get(DESK)).status == 403
        assert (await other.post(DESK, **{f"recording_{await session(database)}": VIDEO})).status == 403
    assert await database.fetch(KEPT) == []


async def test_a_player_in_use_keeps_its_site_on_the_list(olga: Visitor, database: Pool) -> None:
    await database.execute("update conference set frame_hosts = '{player.example}'")
    first = await session(database)
    assert (await save(olga, **{f"recording_{first}": "https://player.example/v/1"}))[0] == 303
    answer = await olga.edit("/desk/school/frames", page="/desk/school", frame_hosts="")
    assert answer.status == 422
    assert "is on player.example. Give the session another recording first." in await answer.text()


async def test_participants_see_it_after_the_end_and_nobody_before(
    site: Site, anna: Visitor, visitor: Visitor, database: Pool
) -> None:
    number = await session(database)
    await database.execute(
        "insert into recording (session_id, kind, address) values ($1, 'youtube', $2)", number, PLAYER
    )
    address = f"/c/school/s/{number}"
    assert PLAYER not in await anna.read(address), "it is still going on"
    await over(database, number)
    page = await anna.get(address)
    assert f'data-address="{PLAYER}?autoplay=1' in await page.text()
    assert "frame-src https://www.youtube-nocookie.com" in page.headers["Content-Security-Policy"]
    for stranger in (visitor, await site.visitor(signed_in="vadim@veche.example")):
        page = await stranger.get(address)
        assert PLAYER not in await page.text()
        assert "frame-src" not in page.headers["Content-Security-Policy"]


async def test_a_playlist_may_load_and_a_session_without_a_recording_says_so(anna: Visitor, database: Pool) -> None:
    number = await session(database)
    await over(database, number)
    english = {"Accept-Language": "en", "Cookie": "language=en"}
    assert "It is not here yet." in await (await anna.get(f"/c/school/s/{number}", headers=english)).text()
    address = "https://cdn.example/a.m3u8"
    await database.execute("insert into recording (session_id, kind, address) values ($1, 'hls', $2)", number, address)
    page = await anna.get(f"/c/school/s/{number}")
    assert "media-src 'self' blob: https: https://cdn.example" in page.headers["Content-Security-Policy"]
    assert "<hls-player" in await page.text()


async def test_the_schedule_leads_to_what_can_be_seen_in_one_step(anna: Visitor, database: Pool) -> None:
    number, other = await session(database), await session(database, "Дальше")
    await over(database, number)
    link = f'class="slot-recording" href="/c/school/s/{number}#recording"'
    assert link not in await anna.read("/c/school/schedule")
    for one in (number, other):
        await database.execute("insert into recording (session_id, kind, address) values ($1, 'hls', '/a.m3u8')", one)
    page = await anna.read("/c/school/schedule")
    assert link in page
    assert f"/s/{other}#recording" not in page, "it has not been on yet"
