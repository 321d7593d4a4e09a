"""The console and what stands around it, over HTTP: who may come in, what forms do, what the log says."""

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest

from realtime import passes, publish
from realtime.engine import Engine
from sql.connection import Pool
from tests.web.site import NOW, Site, Visitor
from web.keys import REDIS

LIVE = re.compile(r'<script type="application/json" id="live">(.*?)</script>', re.DOTALL)
SECRET = "a secret of thirty-two characters"
CONSOLE = "/c/school/moderate"
PAGES = [CONSOLE, f"{CONSOLE}/plain", f"{CONSOLE}/log", f"{CONSOLE}/log.csv", "/desk/school/words"]


@pytest.fixture
async def mira(site: Site) -> Visitor:
    """A browser in which a moderator has signed in."""
    return await site.visitor(signed_in="mira@veche.example")


@pytest.fixture
async def main(database: Pool) -> int:
    """The number of the first channel."""
    found: int = await database.fetchval("select id from channel where slug = 'main'")
    return found


def the_engine(site: Site) -> Engine:
    """The Redis of the site."""
    found = site.server.app[REDIS]
    assert isinstance(found, Engine)
    return found


async def person(database: Pool, name: str) -> int:
    found: int = await database.fetchval("select id from person where email = $1", f"{name}@veche.example")
    return found


async def asked(database: Pool, channel: int, item: str, **more: object) -> None:
    """A question as the archive keeps it."""
    row = {"status": "asked", "text": "Почему?", "by": None} | more
    await database.execute(
        'insert into question (room, item, epoch, "offset", person_id, name, badge, anonymous, status, text, asked_at,'
        " changed_at) values ($1, $2, 'e', 1, $3, 'Анна', '', false, $4, $5, $6, $6)",
        f"questions:{channel}",
        item,
        await person(database, "anna"),
        row["status"],
        row["text"],
        NOW,
    )


async def happened(database: Pool, room: str, offset: int, event: dict[str, object]) -> None:
    await database.execute(
        "insert into live_event (room, epoch, \"offset\", person_id, event) values ($1, 'e', $2, $3, $4)",
        room,
        offset,
        1,
        event,
    )


@pytest.mark.parametrize("path", PAGES)
async def test_the_desk_is_for_moderators_alone(site: Site, visitor: Visitor, path: str) -> None:
    stranger = await visitor.get(path)
    assert (stranger.status, stranger.headers["Location"].partition("?")[0]) == (303, "/sign-in")
    for name in ("anna", "sergey", "vadim"):
        answer = await (await site.visitor(signed_in=f"{name}@veche.example")).get(path)
        assert answer.status == 403, name
    for name in ("mira", "olga"):
        assert (await (await site.visitor(signed_in=f"{name}@veche.example")).get(path)).status == 200, name


async def test_the_console_has_a_pass_to_the_rooms_and_desks_of_every_channel(
    mira: Visitor, database: Pool, main: int
) -> None:
    live = json.loads(LIVE.findall(await mira.read(CONSOLE))[0])
    visitor = passes.verify(live["token"], secret=SECRET, now=NOW.timestamp())
    channels = [row["id"] for row in await database.fetch("select id from channel")]
    for number in channels:
        assert "moderate" in (visitor.rights(f"questions:{number}:desk") or ())
        assert "moderate" in (visitor.rights(f"chat:{number}:desk") or ())
    assert [one["id"] for one in live["channels"]] == channels
    assert {"Mira", "Olga"} <= set(live["team"].values())
    assert live["words"]["act_approve"]
    fresh = await mira.get(live["pass_url"])
    assert set(await fresh.json()) == {"token", "expires"}


async def test_moderators_find_the_console_from_a_channel_and_nobody_else_does(mira: Visitor, anna: Visitor) -> None:
    assert f'href="{CONSOLE}"' in await mira.read("/c/school/main")
    assert f'href="{CONSOLE}"' not in await anna.read("/c/school/main")


async def test_moderators_find_what_is_theirs_at_the_desk_and_nothing_that_is_closed_to_them(
    site: Site, mira: Visitor
) -> None:
    console = await mira.read(CONSOLE)
    for path in ("/desk/school/polls", "/desk/school/words"):
        assert f'href="{path}"' in console
        page = await mira.read(path)
        for link in set(re.findall(r'href="(/(?:c|desk)[^"#?]*)"', page)):
            assert (await mira.get(link)).status in (200, 303), f"{path} leads to {link}"
        assert 'href="/desk/school/announcements"' in page
        assert 'href="/desk/school/people"' not in page
    olga = await site.visitor(signed_in="olga@veche.example")
    assert 'href="/desk/school/people"' in await olga.read("/desk/school/polls")


async def test_votes_of_before_are_counted_from_the_start(mira: Visitor, database: Pool, main: int) -> None:
    for voter in ("person:1", "person:2"):
        await database.execute("insert into vote values ($1, 'i', $2)", f"questions:{main}", voter)
    live = json.loads(LIVE.findall(await mira.read(CONSOLE))[0])
    assert live["votes"] == {f"{main}:i": 2}


async def test_without_scripts_a_question_is_approved_by_a_form_once(
    site: Site, mira: Visitor, database: Pool, main: int
) -> None:
    item = await publish.ask(
        the_engine(site),
        channel=main,
        user=await person(database, "anna"),
        name="Анна",
        badge="",
        text="Почему?",
        anonymous=False,
        key="key-00000001",
        when=NOW,
        secret=SECRET,
    )
    await asked(database, main, item)
    page = await mira.read(f"{CONSOLE}/plain")
    assert "Почему?" in page
    form = {"what": "question", "channel": str(main), "item": item, "verb": "approve", "key": str(uuid4())}
    for _ in range(2):
        answer = await mira.post(f"{CONSOLE}/act", **form)
        assert (answer.status, answer.headers["Location"]) == (303, f"{CONSOLE}/plain?done=yes")
    late = await mira.post(f"{CONSOLE}/act", **form | {"key": str(uuid4())})
    assert late.status == 409
    assert "Вернуться в консоль" in unescape(await late.text())


async def test_without_scripts_a_message_is_deleted_by_a_form(
    site: Site, mira: Visitor, database: Pool, main: int
) -> None:
    redis = the_engine(site)
    at = await publish.say_in_chat(
        redis, channel=main, user=9, name="Timur", badge="", key="key-00000002", text="Buy!", when=NOW
    )
    form = {"what": "message", "channel": str(main), "target": str(at), "verb": "delete", "key": str(uuid4())}
    assert (await mira.post(f"{CONSOLE}/act", **form)).status == 303
    stream: Any = await redis.xrange(f"{{chat:{main}}}:log")
    assert b"Buy!" not in b"".join(fields[b"e"] for _, fields in stream)


@pytest.mark.parametrize(
    "broken",
    [
        *({"verb": "dance"}, {"channel": "999999"}, {"channel": "x"}, {"key": "x"}, {"what": "x"}, {"what": "message"}),
        *({"what": "message", "verb": "delete", "target": digits} for digits in ("9" * 5000, "9" * 30)),
    ],
)
async def test_a_form_that_says_nothing_is_refused_with_a_sentence(
    mira: Visitor, main: int, broken: dict[str, str]
) -> None:
    form = {"what": "question", "channel": str(main), "item": "i", "verb": "approve", "key": str(uuid4())} | broken
    answer = await mira.post(f"{CONSOLE}/act", **form)
    assert answer.status == 400
    assert "Загрузите страницу заново" in unescape(await answer.text())


async def test_nobody_else_acts_through_the_form(anna: Visitor, main: int) -> None:
    form = {"what": "message", "channel": str(main), "target": "1", "verb": "delete", "key": str(uuid4())}
    assert (await anna.post(f"{CONSOLE}/act", **form)).status == 403


async def test_notes_on_a_person_are_read_by_every_moderator_and_by_nobody_else(
    site: Site, mira: Visitor, anna: Visitor, database: Pool
) -> None:
    address = f"{CONSOLE}/people/{await person(database, 'anna')}"
    for _ in range(2):  # sent twice, it is one note
        answer = await mira.post(address, text="  Спрашивает <b>по делу</b>.  ")
        assert (answer.status, answer.headers["Location"]) == (303, address)
    olga = await site.visitor(signed_in="olga@veche.example")
    raw = await (await olga.get(address)).text()
    assert raw.count("Спрашивает &lt;b&gt;по делу&lt;/b&gt;.") == 1
    assert "Mira" in raw
    assert (await anna.get(address)).status == 403
    assert (await anna.post(address, text="x")).status == 403


async def test_a_note_that_is_empty_or_too_long_is_kept_in_the_form(mira: Visitor, database: Pool) -> None:
    address = f"{CONSOLE}/people/{await person(database, 'anna')}"
    empty = await mira.post(address, text=" ")
    assert empty.status == 422
    long = await mira.post(address, text="ы" * 1001)
    assert long.status == 422
    assert "ы" * 1001 in await long.text()
    assert await database.fetchval("select count(*) from note") == 0


async def test_a_person_of_elsewhere_has_no_page_here(mira: Visitor, database: Pool) -> None:
    assert (await mira.get(f"{CONSOLE}/people/{await person(database, 'vadim')}")).status == 404
    assert (await mira.get(f"{CONSOLE}/people/999999")).status == 404


async def test_what_a_person_wrote_stands_on_their_page_and_what_was_deleted_does_not(
    mira: Visitor, database: Pool, main: int
) -> None:
    anna = await person(database, "anna")
    for offset, text, gone in ((1, "Здравствуйте", None), (2, None, NOW)):
        await database.execute(
            'insert into chat_message (room, epoch, "offset", person_id, name, text, said_at, retracted_at)'
            " values ($1, 'e', $2, $3, 'Анна', $4, $5, $6)",
            f"chat:{main}",
            offset,
            anna,
            text,
            NOW,
            gone,
        )
    await asked(database, main, "i", status="rejected")
    page = await mira.read(f"{CONSOLE}/people/{anna}")
    assert "Здравствуйте" in page
    assert "Сообщение удалено" in page
    assert "Почему?" in page


async def test_the_log_tells_every_act_with_before_and_after(mira: Visitor, database: Pool, main: int) -> None:
    moderator, anna = await person(database, "mira"), await person(database, "anna")
    desk, when = f"questions:{main}:desk", int(NOW.timestamp() * 1000)
    question = {"is": "question.at_desk", "item": "i", "user": anna, "text": "Зочем?", "when": when, "by": 0}
    await happened(database, desk, 1, question | {"status": "asked", "changed": when})
    edited = question | {"status": "asked", "changed": when + 1000, "by": moderator, "text": "Зачем?"}
    await happened(database, desk, 2, edited)
    await happened(database, desk, 3, edited | {"status": "approved", "changed": when + 2000})
    for number, room in enumerate((f"chat:{main}:desk", f"questions:{main}:desk"), 10):
        muted = {
            "is": "chat.muted",
            "user": anna,
            "until": when + 303_000,
            "by": moderator,
            "when": when + 3000 + number,
        }
        await happened(database, room, number, muted)
    await database.execute(
        'insert into chat_message (room, epoch, "offset", person_id, name, said_at, retracted_at, retracted_by)'
        " values ($1, 'e', 1, $2, 'Анна', $3, $4, $5)",
        f"chat:{main}",
        anna,
        NOW,
        NOW + timedelta(seconds=4),
        moderator,
    )
    page = await mira.read(f"{CONSOLE}/log")
    for sentence in ("вопрос отредактирован", "вопрос одобрен", "человеку временно нельзя писать", "сообщение удалено"):
        assert page.count(sentence) == 1, sentence
    assert page.index("сообщение удалено") < page.index("вопрос одобрен")
    assert "Зочем?" in page
    assert "Mira" in page
    table = list(csv.reader(io.StringIO((await mira.read(f"{CONSOLE}/log.csv")).removeprefix("\ufeff"))))
    assert table[0] == ["Когда", "Кто", "Что", "Где", "О ком", "Было", "Стало"]
    assert [row[2] for row in table[1:]][-1] == "вопрос отредактирован"
    assert table[-1][5:] == ["Зочем?", "Зачем?"]
    only = await mira.read(f"{CONSOLE}/log?kind=question&by={moderator}&about={anna}")
    assert "вопрос одобрен" in only
    assert "сообщение удалено" not in only
    assert "вопрос одобрен" not in await mira.read(f"{CONSOLE}/log?by={anna}&kind=question")


async def test_all_that_a_person_asked_is_one_act_and_no_message(mira: Visitor, database: Pool, main: int) -> None:
    moderator, anna = await person(database, "mira"), await person(database, "anna")
    for channel in (main, main + 1):
        event = {"is": "chat.purged", "user": anna, "by": moderator, "when": 1_000}
        await happened(database, f"questions:{channel}:desk", 1, event)
    page = await mira.read(f"{CONSOLE}/log")
    assert page.count("удалено всё") == 1
    assert "сообщени" not in page[page.index("удалено всё") :].partition("</li>")[0]


async def test_the_log_goes_on_page_by_page(mira: Visitor, database: Pool, main: int) -> None:
    moderator, when = await person(database, "mira"), int(NOW.timestamp() * 1000)
    for number in range(1, 106):
        event = {"is": "chat.closed", "on": True, "by": moderator, "when": when + number * 10_000}
        await happened(database, f"chat:{main}", number, event)
    first = await mira.read(f"{CONSOLE}/log")
    assert first.count('<li class="act">') == 100
    older = re.search(r'href="([^"]*after=[^"]*)"', first)
    assert older
    assert (await mira.read(unescape(older[1]))).count('<li class="act">') == 5


async def test_a_word_list_is_kept_promised_to_the_rooms_and_written_down(mira: Visitor, database: Pool) -> None:
    answer = await mira.post("/desk/school/words", hold="казин\nспам", hide="дурак\nказин", act="save")
    assert (answer.status, answer.headers["Location"]) == (303, "/desk/school/words?said=saved")
    kept = {row["stem"]: row["act"] for row in await database.fetch("select stem, act from word")}
    assert kept == {"казин": "hide", "спам": "hold", "дурак": "hide"}
    assert [dict(one)["kind"] for one in await database.fetch("select kind from outbox")] == ["words.tell"]
    assert await database.fetchval("select after from change where what = 'words.save'") == {
        "hold": ["спам"],
        "hide": ["дурак", "казин"],
    }
    page = await mira.read("/desk/school/words")
    assert "спам" in page


async def test_a_sentence_is_tried_before_the_list_is_kept(mira: Visitor, database: Pool) -> None:
    answer = await mira.post("/desk/school/words", hold="казин", hide="", act="try", tried="Лучшее KAЗИНО!")
    assert "Задержится из-за: казин" in unescape(await answer.text())
    assert await database.fetchval("select count(*) from word") == 0
    answer = await mira.post("/desk/school/words", hold="казин", hide="", act="try", tried="Магазин")
    assert "Пройдёт." in unescape(await answer.text())


async def test_a_list_that_makes_no_sense_is_refused_and_kept_in_the_form(mira: Visitor, database: Pool) -> None:
    await mira.post("/desk/school/words", hold="казин", hide="", act="save")
    answer = await mira.edit("/desk/school/words", hold="а\nспам", hide="", act="save")
    assert answer.status == 422
    assert "Исправьте: а" in unescape(await answer.text())
    many = "\n".join(f"слово{number}" for number in range(501))
    assert (await mira.edit("/desk/school/words", hold=many, hide="", act="save")).status == 422
    assert [row["stem"] for row in await database.fetch("select stem from word")] == ["казин"]


async def test_a_new_channel_watches_for_the_words_of_the_others(site: Site, mira: Visitor, database: Pool) -> None:
    olga = await site.visitor(signed_in="olga@veche.example")
    await olga.post("/desk/school/channels", slug="third", name_ru="Третий", name_en="Third", name_kk="Үшінші")
    assert await database.fetchval("select count(*) from outbox") == 0
    await mira.post("/desk/school/words", hold="казин", hide="", act="save")
    await olga.post("/desk/school/channels", slug="fourth", name_ru="Новый", name_en="New", name_kk="Жаңа")
    assert await database.fetchval("select count(*) from channel") == 4
    assert [row["kind"] for row in await database.fetch("select kind from outbox")] == ["words.tell", "words.tell"]
