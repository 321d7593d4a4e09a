"""What an imported row asks of a session that is there: which one it is, what stays, and what two people changed."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from web.conferences import import_cells_rules as cells_rules
from web.conferences import import_places_rules as places_rules
from web.conferences import import_rules, import_words, lists_rules, tables
from web.conferences.differences_rules import differing
from web.conferences.form_rules import clean
from web.conferences.import_cells_rules import Known, World
from web.conferences.import_rules import Change, Item
from web.conferences.schedule_rules import Place

NINE = datetime(2026, 3, 28, 8, tzinfo=UTC)  # in Berlin
HOUR = timedelta(hours=1)
ANNA, JAN, OTHER_JAN = 5, 6, 8
TALK = Known(
    *(7, {"ru": "Доклад", "en": "Talk"}, Place(1, NINE, NINE + HOUR), [{"id": ANNA}, {"id": OTHER_JAN}]),
    abstract={"ru": "Что было", "en": "What was"},
    language="en",
)


def world(*sessions: Known, zone: str = "Europe/Berlin") -> World:
    channels = {1: {"slug": "main", "name": {"ru": "Главный зал"}}, 2: {"slug": "attic", "name": {"ru": "main"}}}
    names = {ANNA: {"ru": "Анна Ким", "en": "Anna Kim"}, JAN: {"ru": "Ян"}, OTHER_JAN: {"ru": "Ян"}}
    return World(zone, date(2026, 3, 28), date(2026, 3, 29), "ru", channels, sessions or (TALK,), names)


def row(there: World | None = None, /, **cells: str) -> Item:
    (found,) = rows(list(cells), list(cells.values()), there=there)
    return found


def rows(head: Sequence[str], *lines: Sequence[str], there: World | None = None) -> list[Item]:
    names = [one.replace("_", " ") for one in head]
    return import_rules.items(enumerate(lines, 2), import_words.columns(names), there or world())


def changes(item: Item) -> dict[str, tuple[object, object]]:
    assert [one.sentence for one in item.wrong] == []
    return {one.field: (one.before, one.after) for one in item.changes}


def test_a_code_is_its_session_under_any_title() -> None:
    found = row(session_code="S7", title_ru="Совсем другое")
    assert (found.session, found.coded, found.act) == (7, True, "changes")
    assert changes(found) == {"title_ru": ("Доклад", "Совсем другое")}
    assert found.title == {"ru": "Совсем другое", "en": "Talk"}


@pytest.mark.parametrize("typed", ["s7", "7", "С7", "с7"])
def test_a_code_may_be_typed_by_hand(typed: str) -> None:
    assert row(session_code=typed, title="Доклад").act == "same"


@pytest.mark.parametrize("typed", ["s8", "x", "s", "s7.5", "-7", "s" + "9" * 40])
def test_a_code_of_no_session_here_is_refused(typed: str) -> None:
    found = row(session_code=typed, title="Доклад", start="25:99")
    assert [one.sentence for one in found.wrong] == [import_rules.NO_CODE]
    assert found.session == 0


def test_one_session_is_not_two_rows() -> None:
    first, second = rows(["session_code", "title"], ["s7", "Доклад"], ["s7", "Ещё один"])
    assert first.wrong == []
    assert [(one.sentence, one.holes) for one in second.wrong] == [(import_rules.SAME_CODE, {"row": 2})]


def test_a_title_does_not_find_what_another_row_is_by_its_code() -> None:
    head = ["title", "session_code", "channel", "date", "start", "end"]
    place = ["main", "28.03.2026", "15:00", "16:00"]
    new, coded = rows(head, ["Доклад", "", *place], ["Уже не доклад", "s7", *place])
    assert (new.act, new.session) == ("new", 0)
    assert (coded.act, coded.session) == ("changes", 7)


def test_the_columns_that_are_not_there_leave_everything_as_it_is() -> None:
    assert row(session_code="s7").act == "same"
    assert row(title="Доклад", language="").act == "same"
    for typed in ("ru", ""):  # without one it is the conference's own
        assert changes(row(session_code="s7", language=typed)) == {"language": ("en", "ru")}


def test_an_empty_cell_empties_in_a_row_with_a_code_and_says_nothing_in_one_without() -> None:
    head = ["session_code", "title_ru", "title_en", "description", "channel", "date", "start", "end", "speakers"]
    (coded,) = rows(head, ["s7", "Доклад", "", "", "", "", "", "", ""])
    assert changes(coded) == {
        "title_en": ("Talk", ""),
        "abstract_ru": ("Что было", ""),
        "place": (TALK.place, None),
        "speakers": ((ANNA, OTHER_JAN), ()),
    }
    assert (coded.title, coded.abstract) == ({"ru": "Доклад"}, {"en": "What was"})
    assert coded.moved
    assert coded.moved.steps == ("cancelled",)
    (called,) = rows(head, ["", "Доклад", "", "", "", "", "", "", ""])
    assert (called.session, called.coded, called.act) == (7, False, "same")


def test_a_session_keeps_a_title_and_all_of_its_place_or_none() -> None:
    assert [one.sentence for one in row(session_code="s7", title_ru="", title_en="").wrong] == [cells_rules.NO_TITLE]
    for column in ("channel", "date", "start", "end"):
        found = row(session_code="s7", **{column: ""})
        assert [one.sentence for one in found.wrong] == [places_rules.HALF[column]]
    found = row(session_code="s7", channel="main", date="28.03.2026", start="09:00", end="")
    assert [one.sentence for one in found.wrong] == [places_rules.HALF["end"]]


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ({"start": "11:30"}, Place(1, NINE + 2.5 * HOUR, NINE + 3.5 * HOUR)),
        ({"end": "09:30"}, Place(1, NINE, NINE + HOUR / 2)),
        ({"duration": "90"}, Place(1, NINE, NINE + 1.5 * HOUR)),
        # That night clocks are put forward: the same hour of the day comes 23 hours later.
        ({"date": "29.03.2026"}, Place(1, NINE + 23 * HOUR, NINE + 24 * HOUR)),
        ({"channel": "attic", "start": "10:00"}, Place(2, NINE + HOUR, NINE + 2 * HOUR)),
    ],
)
def test_what_a_row_does_not_say_of_a_place_stays(cells: dict[str, str], place: Place) -> None:
    for found in (row(session_code="s7", **cells), row(title="Доклад", **cells)):
        assert changes(found) == {"place": (TALK.place, place)}


def test_an_address_of_a_channel_comes_before_a_name() -> None:
    found = row(session_code="s7", channel="main", start="10:00")
    assert found.place
    assert found.place.channel == 1, "though the other channel is called so"


def test_a_text_without_a_language_that_another_language_has_says_nothing_new() -> None:
    kazakh = replace(world(), language="kk")
    assert row(kazakh, title="Доклад", description="What was").act == "same"
    assert changes(row(kazakh, session_code="s7", title="Баяндама")) == {"title_kk": ("", "Баяндама")}


def test_a_title_of_several_says_which_is_meant_by_its_place_or_not_at_all() -> None:
    there = world(TALK, replace(TALK, id=9, place=Place(2, NINE, NINE + HOUR)))
    found = row(there, title="Доклад", description="Новое")
    assert [(one.sentence, one.holes["codes"]) for one in found.wrong] == [(import_rules.SEVERAL, "s7, s9")]
    found = row(there, title="Доклад", channel="attic", date="28.03", start="09:00", end="10:00", description="Новое")
    assert (found.session, list(changes(found))) == (9, ["abstract_ru"])
    found = row(there, title="Доклад", channel="attic", date="28.03", start="19:00", end="20:00")
    assert (found.act, [one.sentence for one in found.noted]) == ("new", [import_rules.CALLED_SO])


def test_speakers_come_in_order_and_namesakes_are_those_who_speak_here() -> None:
    assert row(session_code="s7", speakers="Anna Kim; Ян").act == "same"
    assert changes(row(session_code="s7", speakers="Ян, Анна Ким")) == {
        "speakers": ((ANNA, OTHER_JAN), (OTHER_JAN, ANNA))
    }
    assert changes(row(session_code="s7", speakers="Ян; Ян"))["speakers"][1] == (OTHER_JAN, JAN)
    found = row(session_code="s7", speakers="Анна Ким; Новый Человек; новый  человек")
    assert (changes(found)["speakers"][1], found.added) == ((ANNA, "Новый Человек"), ["Новый Человек"])


def test_of_namesakes_who_do_not_speak_here_the_first_is_meant_and_that_is_said() -> None:
    found = row(title="Новое", speakers="Ян")
    assert (found.speakers, [one.sentence for one in found.noted]) == ([JAN], [cells_rules.NAMESAKES])


def test_letters_that_got_lost_in_the_file_are_not_taken_for_a_correction() -> None:
    title, name = "Қазақ тіліндегі әңгіме?", {"kk": "Айгүл Ермекова"}
    there = replace(world(replace(TALK, title={"kk": title}, speakers=[{"id": 5}])), speakers={5: name})
    typed = [text.encode("cp1251", "replace").decode("cp1251") for text in (title, name["kk"])]
    assert typed == ["?аза? тіліндегі ??гіме?", "Айг?л Ермекова"]
    found = row(there, session_code="s7", title_kk=typed[0], speakers=typed[1])
    assert [one.sentence for one in found.wrong] == [cells_rules.LOST, cells_rules.LOST]
    found = row(there, session_code="s7", title_kk="Қазақ тіліндегі әңгіме", speakers="Айгүл Ермекова?")
    assert list(changes(found)) == ["title_kk", "speakers"], "a question mark of one's own"


# What somebody else saves between the preview and the import


def crossing(before: Known, theirs: Known, /, **cells: str) -> tuple[Item, Item]:
    """A row when it is looked at, and when it is imported: `theirs` is the session by then."""
    line, columns = [(2, list(cells.values()))], import_words.columns([one.replace("_", " ") for one in cells])
    (first,) = import_rules.items(line, columns, world(before))
    (second,) = import_rules.items(line, columns, world(theirs), opened={7: first.opened})
    return first, second


def test_what_the_row_left_alone_stays_as_somebody_else_saved_it() -> None:
    mine = replace(TALK, speakers=[{"id": ANNA}])
    theirs = replace(mine, abstract={"ru": "Их слова"}, place=Place(2, NINE, NINE + HOUR), speakers=[{"id": JAN}])
    before, after = crossing(
        mine,
        theirs,
        session_code="s7",
        title_ru="Моё",
        description_ru="Что было",
        channel="main",
        date="28.03.2026",
        start="09:00",
        end="10:00",
        speakers="Анна Ким",
    )
    assert changes(after) == changes(before) == {"title_ru": ("Доклад", "Моё")}
    assert (after.abstract, after.place, after.speakers) == (theirs.abstract, theirs.place, [JAN])
    assert import_rules.version([after]) == import_rules.version([before]), "it is what was previewed"


def test_what_both_changed_is_asked_about_and_then_meant() -> None:
    theirs = replace(TALK, title={"ru": "Их", "en": "Talk"})
    _, after = crossing(TALK, theirs, session_code="s7", title_ru="Моё", title_en="My talk")
    assert after.changes == [Change("title_ru", "Их", "Моё", crossed=True), Change("title_en", "Talk", "My talk")]
    line, columns = [(2, ["s7", "Моё", "My talk"])], import_words.columns(["session code", "title ru", "title en"])
    (again,) = import_rules.items(line, columns, world(theirs), opened={7: after.opened})
    assert [one.crossed for one in again.changes] == [False, False], "whoever looked and imports again means it"
    (taken,) = import_rules.items(line, columns, world(theirs), opened={7: after.opened}, takes=["7_title_ru"])
    assert [one.field for one in taken.changes] == ["title_en"]
    assert taken.title["ru"] == "Их"


def test_what_both_changed_alike_is_no_question() -> None:
    _, after = crossing(TALK, replace(TALK, language="kk"), session_code="s7", language="kk")
    assert after.act == "same"


# Out through our own table, and back


LETTERS = st.characters(codec="utf-8")
WORDS = st.text(LETTERS, max_size=40)
TEXT = st.dictionaries(st.sampled_from(["ru", "kk", "en"]), WORDS.map(clean).filter(bool))
CLOCKS_ARE_PUT_BACK = datetime(2026, 10, 25, 1, tzinfo=UTC)
MOMENTS = st.integers(-24 * 3600, 24 * 3600).map(lambda seconds: CLOCKS_ARE_PUT_BACK + timedelta(seconds=seconds))


@st.composite
def sessions(draw: st.DrawFn) -> list[dict[str, Any]]:
    people = [{"id": number, "name": draw(TEXT.filter(bool))} for number in (1, 2, 3)]
    found: list[dict[str, Any]] = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        starts = draw(st.none() | MOMENTS)
        placed = {"channel_id": 1, "channel_slug": "main", "starts_at": starts} if starts else {}
        ends = {"ends_at": starts + timedelta(minutes=draw(st.integers(1, 1500)))} if starts else {}
        texts = {"title": draw(TEXT.filter(bool)), "abstract": draw(TEXT)}
        nowhere = {"channel_id": None, "channel_slug": None, "starts_at": None, "ends_at": None}
        speakers = draw(st.lists(st.sampled_from(people), unique_by=lambda one: str(one["id"])))
        rest = {"language": draw(st.sampled_from(["ru", "kk", "en"])), "speakers": speakers}
        found.append({"id": number, **texts, **nowhere, **placed, **ends, **rest})
    return found


def known(one: Mapping[str, Any]) -> Known:
    return Known(
        *(one["id"], one["title"], Place(1, one["starts_at"], one["ends_at"]) if one["starts_at"] else None),
        *(one["speakers"], one["abstract"], one["language"]),
    )


@pytest.mark.parametrize("kind", list(lists_rules.TYPES))
@settings(deadline=None, max_examples=60)
@given(sessions(), st.sampled_from(["ru", "kk", "en"]))
def test_whatever_a_schedule_holds_comes_back_as_it_went(kind: str, there: list[dict[str, Any]], language: str) -> None:
    table = lists_rules.schedule(there, languages=["ru", "kk"], zone="Europe/Berlin", language=language, word=str)
    read = tables.read(io.BytesIO(lists_rules.written(kind, "Schedule", table)), import_words.known)
    names = {who["id"]: who["name"] for one in there for who in one["speakers"]}
    day = date(2026, 10, 24)
    channels = {1: {"slug": "main", "name": {"ru": "Зал"}}}
    found = import_rules.items(
        ((one.number, one.cells) for one in read[1:]),
        import_words.columns(read[0].cells),
        World("Europe/Berlin", day, day, "ru", channels, [known(one) for one in there], names),
    )
    assert [(one.session, one.act, one.wrong) for one in found] == [(one["id"], "same", []) for one in there]


# How a difference is shown


def test_of_long_texts_only_what_differs_is_shown() -> None:
    words = [f"слово{number}" for number in range(100)]
    before, after = differing(" ".join(words), " ".join([*words[:50], "ДРУГОЕ", *words[51:]]))
    assert before == "… слово45 слово46 слово47 слово48 слово49 слово50 слово51 слово52 слово53 слово54 слово55 …"
    assert after == before.replace("слово50", "ДРУГОЕ")


def test_short_texts_are_shown_whole_and_endless_ones_are_cut() -> None:
    assert differing("было", "стало") == ("было", "стало")
    assert differing("", "a" * 500) == ("", "a" * 400 + " …")


@given(st.text(max_size=600), st.text(max_size=600))
def test_no_texts_break_a_difference(before: str, after: str) -> None:
    was, now = differing(before, after)
    assert before == after or not (before.strip() and after.strip()) or was or now
