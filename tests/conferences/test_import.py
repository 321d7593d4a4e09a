"""A schedule that comes in a file: what is read, what is refused in words, and that nothing is ever half-saved."""

import io
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from datetime import time as clock

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from sql.connection import Pool
from tests.web.site import TOKEN, Site, Visitor
from web.conferences import import_cells_rules as cells_rules
from web.conferences import import_places_rules as places_rules
from web.conferences import import_rules, import_words, tables
from web.conferences.import_cells_rules import Known, World
from web.conferences.import_rules import Item
from web.conferences.schedule_rules import Place
from web.conferences.tables import Unreadable

IMPORT = "/desk/school/import"
RU = {"Accept-Language": "ru"}
HEAD = "Название;Канал;Дата;Начало;Конец;Спикеры\n"
GOOD = (
    HEAD
    + "Первый доклад;main;24.11.2026;09:00;09:45;Айгуль Ермекова, Новый Человек\nВторой;Канал 2;24.11;10.00;10:30;\n"
)


def read(content: bytes) -> list[tuple[int, list[str]]]:
    return [(one.number, list(one.cells)) for one in tables.read(io.BytesIO(content), import_words.known)]


def world(zone: str = "Europe/Berlin", first: date = date(2026, 3, 28), last: date = date(2026, 3, 29)) -> World:
    channels = {1: {"slug": "main", "name": {"ru": "Главный зал", "en": "Main hall"}}}
    there = datetime(2026, 3, 28, 9, tzinfo=UTC)
    known = [Known(7, {"ru": "Открытие"}, Place(1, there, there.replace(hour=10)))]
    return World(zone, first, last, "ru", channels, known, {5: {"ru": "Анна Ким", "en": "Anna Kim"}})


def item(**cells: str) -> Item:
    columns = import_words.columns(list(cells))
    (found,) = import_rules.items([(2, list(cells.values()))], columns, world())
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_found(encoding: str, separator: str) -> None:
    text = f'Название{separator}Канал\n"Ложь; правда, и\tстатистика"{separator}main\n'
    assert read(text.encode(encoding)) == [
        (1, ["Название", "Канал"]),
        (2, ["Ложь; правда, и\tстатистика", "main"]),
    ]


def test_kazakh_letters_and_a_word_from_excel_to_itself() -> None:
    assert read("sep=;\r\nАтауы;Арна\r\nӘңгіме;main\r\n".encode())[1] == (2, ["Әңгіме", "main"])


def test_a_spreadsheet_says_days_and_times_as_people_do() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Title", "Date", "Start", "Duration", "End"])
    sheet.append(
        ["A", datetime.fromisoformat("2026-11-24"), clock(9, 5), 45.0, datetime.fromisoformat("2026-11-24 10:00")]
    )
    sheet.append([None, None, None, None, None])
    sheet.append(["B", None, None, None, None])
    kept = io.BytesIO()
    book.save(kept)
    assert read(kept.getvalue())[1:] == [
        (2, ["A", "2026-11-24 00:00", "09:05", "45", "2026-11-24 10:00"]),
        (4, ["B"]),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", tables.EMPTY_FILE),
        (b"\n\n;;;\n", tables.EMPTY_FILE),
        (b"\x89PNG\r\n\x1a\n\0\0\0", tables.NO_ENCODING),
        (b"title\n\x98\xff", tables.NO_ENCODING),
        (b"\xff\xfet\0i", tables.NO_ENCODING),  # half a letter of UTF-16
        (b"PK\x03\x04 this is no archive", tables.BROKEN_XLSX),
        (b'title\n"' + b"x" * 200_000, tables.BROKEN_CSV),
        (b"title\n" + b"a talk\n" * 3001, tables.TOO_MANY),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable) as no:
        read(content)
    assert no.value.sentence == sentence


def test_a_zip_that_is_no_spreadsheet_and_one_that_is_a_bomb_are_refused() -> None:
    other, bomb = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(other, "w") as packed:
        packed.writestr("[Content_Types].xml", "<x")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", b"\0" * (tables.UNPACKED + 1))
    for content, sentence in ((other, tables.BROKEN_XLSX), (bomb, tables.TOO_LARGE)):
        with pytest.raises(Unreadable) as no:
            read(content.getvalue())
        assert no.value.sentence == sentence


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    try:
        rows = tables.read(io.BytesIO(content), import_words.known)
    except Unreadable:
        return
    columns = import_words.columns(rows[0].cells)
    import_rules.items(((one.number, one.cells) for one in rows[1:]), columns, world())


@given(st.lists(st.text(max_size=30), min_size=6, max_size=6))
def test_no_cells_break_a_row(cells: list[str]) -> None:
    columns = import_words.columns(["Title", "Channel", "Date", "Start", "End", "Speakers"])
    import_rules.items([(2, cells)], columns, world())


def test_a_spreadsheet_that_says_the_same_long_text_everywhere_is_refused() -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["Title"])
    for _ in range(20):
        sheet.append(["я" * tables.CELL] * tables.COLUMNS)
    kept = io.BytesIO()
    book.save(kept)
    assert len(kept.getvalue()) < 100_000
    with pytest.raises(Unreadable) as refused:
        read(kept.getvalue())
    assert refused.value.sentence == tables.TOO_LARGE


def test_ten_megabytes_of_broken_rows_hold_little_memory_and_end_soon() -> None:
    content = io.BytesIO(b"\xef\xbb\xbftitle,start\n" + b'"broken,99:99\n' * 750_000)
    tracemalloc.start()
    with pytest.raises(Unreadable):
        tables.read(content, import_words.known)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * 1024 * 1024


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["Название (ru)", "title_kk", "Тақырыбы"], [("title", "ru"), ("title", "kk"), ("title", "")]),
        (["НАЧАЛО*", "Время окончания", "Duration (min)"], [("start", ""), ("end", ""), ("duration", "")]),
        (["О чём", "Күні:", "  арна  "], [("abstract", ""), ("date", ""), ("channel", "")]),
        (["price", "", "title title title"], []),
    ],
)
def test_columns_are_known_by_their_names_in_three_languages(names: list[str], found: list[tuple[str, str]]) -> None:
    assert [(one.name, one.language) for one in import_words.columns(names).values()] == found


@pytest.mark.parametrize(
    ("cells", "starts", "ends"),
    [
        ({"date": "28.03.2026", "start": "09:00", "end": "09:45"}, "08:00", "08:45"),
        ({"date": "28.03", "start": "9.00", "end": "9:45"}, "08:00", "08:45"),
        ({"date": "2026-03-28 00:00", "start": "09:00:00", "duration": "45"}, "08:00", "08:45"),
        ({"start": "28.03.2026 09:00", "duration": "1:30"}, "08:00", "09:30"),
        ({"start": "2026-03-28T09:00", "end": "2026-03-28 10:00"}, "08:00", "09:00"),
        ({"date": "28/03/2026", "start": "0.375", "duration": "45 мин"}, "08:00", "08:45"),
        ({"date": "28.03.2026", "start": "23:00", "end": "24:00"}, "22:00", "23:00"),
        # The clocks are put forward in this night: from 01:30 to 03:30 is one hour.
        ({"date": "29.03.2026", "start": "01:30", "end": "03:30"}, "00:30", "01:30"),
    ],
)
def test_times_are_read_in_the_zone_of_the_conference(cells: dict[str, str], starts: str, ends: str) -> None:
    found = item(title="Доклад", channel="ГЛАВНЫЙ ЗАЛ", **cells)
    assert found.wrong == []
    assert found.place
    assert (f"{found.place.starts_at:%H:%M}", f"{found.place.ends_at:%H:%M}") == (starts, ends)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"title": ""}, cells_rules.NO_TITLE),
        ({"title": "x" * 201}, cells_rules.LONG_TEXT),
        ({"channel": "attic"}, places_rules.NO_CHANNEL),
        ({"channel": ""}, places_rules.HALF["channel"]),
        ({"date": ""}, places_rules.HALF["date"]),
        ({"start": ""}, places_rules.HALF["start"]),
        ({"end": ""}, places_rules.HALF["end"]),
        ({"date": "31.02.2026"}, places_rules.NO_DATE),
        ({"date": "завтра"}, places_rules.NO_DATE),
        ({"date": "28.03.99999"}, places_rules.NO_DATE),
        ({"start": "25:00"}, places_rules.NO_TIME),
        ({"start": "9"}, places_rules.NO_TIME),
        ({"end": "09:60"}, places_rules.NO_TIME),
        ({"end": "", "duration": "долго"}, places_rules.NO_LENGTH),
        ({"end": "08:00"}, places_rules.BACKWARDS),
        ({"end": "09:00"}, places_rules.BACKWARDS),
        ({"end": "30.03.2026 10:00"}, places_rules.TOO_LONG),
        ({"date": "29.03.2026", "start": "02:30", "end": "04:00"}, places_rules.GAP),
        ({"language": "эльфийский"}, cells_rules.NO_LANGUAGE),
        ({"speakers": ",".join(f"Имя {number}" for number in range(21))}, cells_rules.MANY_SPEAKERS),
    ],
)
def test_what_is_wrong_with_a_row_is_said_in_a_sentence(cells: dict[str, str], sentence: str) -> None:
    good = {"title": "Доклад", "channel": "main", "date": "28.03.2026", "start": "09:00", "end": "10:00"}
    found = item(**{**good, "duration": "", "language": "", "speakers": "", **cells})
    assert [one.sentence for one in found.wrong] == [sentence]


def test_an_hour_that_comes_twice_is_noted() -> None:
    there = world(first=date(2026, 10, 25), last=date(2026, 10, 25))
    columns = import_words.columns(["title", "channel", "start", "duration"])
    (found,) = import_rules.items([(2, ["Ночь", "main", "02:30", "30"])], columns, there)
    assert [one.sentence for one in found.noted] == [places_rules.TWICE]
    assert found.place
    assert found.place.starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_session_that_is_there_moves_and_its_speakers_are_known() -> None:
    found = item(
        title="ОТКРЫТИЕ", channel="main", date="28.03.2026", start="12:00", end="13:00", speakers="anna kim; Ян"
    )
    assert (found.session, found.act, found.speakers) == (7, "changes", [5, "Ян"])


def test_sessions_of_one_name_are_several() -> None:
    columns = import_words.columns(["title", "channel", "date", "start", "end"])
    rows = [(number, ["Открытие", "main", "28.03", f"{number}:00", f"{number}:30"]) for number in (12, 14)]
    assert [one.act for one in import_rules.items(rows, columns, world())] == ["new", "new"]
    twice = import_rules.items([(2, rows[0][1]), (3, rows[0][1])], columns, world())
    assert [one.sentence for one in twice[1].wrong] == [import_rules.REPEATED]


def test_of_several_sessions_of_one_name_each_row_finds_its_own() -> None:
    columns = import_words.columns(["title ru", "title en"])
    drafts = [Known(1, {"ru": "Пауза", "en": "Break"}, None), Known(2, {"ru": "Отдых", "en": "Break"}, None)]
    drafts += [Known(3, {"ru": "Сон"}, None), Known(4, {"ru": "Сон"}, None)]
    there = replace(world(), sessions=drafts)
    rows = [["Отдых", "Break"], ["Пауза", "Break"], ["Сон", ""], ["Сон", ""], ["Сон", ""]]
    found = import_rules.items(enumerate(rows, 2), columns, there)
    assert [one.session for one in found] == [2, 1, 3, 4, 0]
    assert [one.wrong for one in found[:4]] == [[], [], [], []]
    assert [one.sentence for one in found[4].wrong] == [import_rules.REPEATED]


def test_a_comma_in_a_name_that_is_known_parts_nobody() -> None:
    there = replace(world(), speakers={5: {"ru": "Ким, Анна"}, 6: {"ru": "Ян"}})
    columns = import_words.columns(["title", "speakers"])
    for typed, known in (("Ким, Анна; Ян", [5, 6]), ("ким,  анна", [5]), ("Ян, Пётр", [6, "Пётр"])):
        (found,) = import_rules.items([(2, ["Доклад", typed])], columns, there)
        assert found.speakers == known


def test_what_kept_a_cell_from_being_a_formula_is_no_part_of_its_text() -> None:
    assert item(title="'=1+1").title == {"ru": "=1+1"}
    assert item(title="'Кавычка").title == {"ru": "'Кавычка"}


def test_a_row_without_a_time_is_a_session_without_one() -> None:
    found = item(title="Когда-нибудь", channel="", start="")
    assert (found.place, found.wrong, found.act) == (None, [], "new")


# Over HTTP


@pytest.fixture
async def olga(site: Site) -> Visitor:
    """A browser in which the organiser has signed in."""
    return await site.visitor(signed_in="olga@veche.example", headers=RU)


async def upload(visitor: Visitor, content: bytes, name: str = "schedule.csv") -> tuple[int, str]:
    form = aiohttp.FormData()
    found = TOKEN.search(await visitor.read(IMPORT))
    form.add_field("csrf", found[1] if found else "")
    form.add_field("file", io.BytesIO(content), filename=name, content_type="text/csv")
    answer = await visitor.ask("POST", IMPORT, data=form)
    return answer.status, await answer.text()


async def counts(database: Pool) -> tuple[int, int]:
    row = await database.fetchrow("select (select count(*) from session) as a, (select count(*) from speaker) as b")
    assert row is not None
    return row["a"], row["b"]


def version(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]


async def test_a_file_is_previewed_and_then_taken_as_a_whole(olga: Visitor, database: Pool) -> None:
    before = await counts(database)
    status, page = await upload(olga, GOOD.encode("cp1251"))
    assert status == 200
    assert "Новый Человек" in page
    assert await counts(database) == before, "a preview saves nothing"
    answer = await olga.post(f"{IMPORT}/take", seen=version(page))
    assert (answer.status, answer.headers["Location"]) == (303, "/desk/school/schedule?said=imported")
    assert await counts(database) == (before[0] + 2, before[1] + 2)
    row = await database.fetchrow("select starts_at, language from session where title->>'kk' = 'Первый доклад'")
    assert row is not None
    assert row["starts_at"] == datetime(2026, 11, 24, 6, tzinfo=UTC)
    assert "Первый доклад" not in await olga.read("/c/school/schedule"), "nobody sees it before a release"
    status, page = await upload(olga, GOOD.encode())
    assert "Менять нечего: всё из этого файла уже есть в черновике." in page, "the same file again changes nothing"
    assert await counts(database) == (before[0] + 2, before[1] + 2)


async def test_a_file_with_one_broken_row_saves_nothing(olga: Visitor, database: Pool) -> None:
    before = await counts(database)
    status, page = await upload(olga, (GOOD + "Третий;чердак;24.11.2026;12:00;11:00;\n").encode())
    assert status == 422
    assert "Канала «чердак» здесь нет" in page
    assert "Загрузить всё это" not in page
    assert (await olga.post(f"{IMPORT}/take", seen="x")).status == 422
    assert await counts(database) == before


async def test_what_changed_since_the_preview_is_previewed_again(olga: Visitor, database: Pool) -> None:
    before = await counts(database)
    _, page = await upload(olga, GOOD.encode())
    await database.execute("update channel set slug = 'attic', name = '{}' where slug = 'practice'")
    answer = await olga.post(f"{IMPORT}/take", seen=version(page))
    assert answer.status == 422
    assert "Ничего не загружено" in await answer.text()
    assert await counts(database) == before


async def test_a_preview_of_yesterday_is_gone(olga: Visitor) -> None:
    answer = await olga.post(f"{IMPORT}/take", seen="0123456789abcdef")
    assert answer.status == 422
    assert "Предпросмотр устарел" in await answer.text()


async def test_ten_megabytes_of_broken_rows_are_answered_in_a_sentence(olga: Visitor, database: Pool) -> None:
    before = await counts(database)
    row = "Доклад;чердак;99.99.2026;25:00;xx;\n".encode()
    status, page = await upload(olga, HEAD.encode() + row * (10_000_000 // len(row)))
    assert status == 422
    assert "больше 3000 строк" in page
    status, page = await upload(olga, HEAD.encode() + row * 2_900)
    assert status == 422
    assert "2900 строк нужно исправить" in page
    assert "и ещё 2700 строк" in page
    assert await counts(database) == before


async def test_a_file_beyond_ten_megabytes_is_refused(olga: Visitor) -> None:
    status, _ = await upload(olga, b"x" * (11 * 1024 * 1024))
    assert status == 413


async def test_other_forms_stay_small(olga: Visitor) -> None:
    answer = await olga.post("/desk/school/schedule", note="x" * 100_000)
    assert answer.status == 413


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "Файл пуст"), (b"a,b\n1,2\n", "нет знакомых столбцов"), (HEAD.encode(), "Под первой строкой ничего нет")],
)
async def test_a_file_without_a_schedule_is_refused_in_words(olga: Visitor, content: bytes, said: str) -> None:
    status, page = await upload(olga, content)
    assert status == 422
    assert said in page


async def test_no_file_is_said_to_be_none(olga: Visitor) -> None:
    answer = await olga.post(IMPORT)
    assert "Сначала выберите файл" in await answer.text()


async def test_the_sample_can_be_imported(olga: Visitor) -> None:
    answer = await olga.get(f"{IMPORT}/sample.csv")
    status, page = await upload(olga, await answer.read())
    assert status == 200
    assert "Загрузить всё это" in page
