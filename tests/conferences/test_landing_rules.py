"""Blocks of a landing page: what a form says, what is refused, what a reader sees."""

from datetime import timedelta
from typing import Any

import pytest

from tests.web.site import NOW
from web.conferences import glance_rules, landing_rules, rules
from web.conferences.landing_rules import KINDS, Draft

LANGUAGES = ["ru", "kk", "en"]
DIGEST = "0123456789abcdef0123456789abcdef"


def read(kind: str, **fields: str) -> Draft:
    form = {name.replace("__", "-"): text for name, text in fields.items()}
    return landing_rules.read(KINDS[kind], form, languages=LANGUAGES, pictures={DIGEST})


def test_what_is_empty_is_not_kept() -> None:
    draft = read("text", title__ru="  Зачем  это ", title__kk="", body__en="Why\r\n\r\nthis\u0000")
    assert draft.content == {"title": {"ru": "Зачем это"}, "body": {"en": "Why\n\nthis"}}
    assert not draft.wrong


def test_rows_keep_their_order_and_empty_ones_fall_out() -> None:
    draft = read(
        "faq",
        rows__0__question__ru="Первый?",
        rows__1__question__ru="",
        rows__1__answer__ru="",
        rows__2__question__ru="Третий?",
        rows__2__answer__ru="Да.",
    )
    assert draft.content["rows"] == [
        {"question": {"ru": "Первый?"}},
        {"question": {"ru": "Третий?"}, "answer": {"ru": "Да."}},
    ]


def test_a_row_without_its_name_is_refused_beside_the_field_and_stays_typed() -> None:
    draft = read("prices", rows__0__price__ru="4 900 ₽")
    assert list(draft.wrong) == ["rows-0-name-ru"]
    assert draft.typed["rows-0-price-ru"] == "4 900 ₽"


def test_a_text_that_is_too_long_is_refused_with_both_numbers() -> None:
    draft = read("hero", title__kk="ә" * (landing_rules.LINE + 1))
    assert draft.wrong["title-kk"].holes == {"most": landing_rules.LINE, "has": landing_rules.LINE + 1}
    assert not read("hero", title__kk="ә" * landing_rules.LINE).wrong


def test_rows_beyond_the_limit_are_not_read() -> None:
    fields = {f"rows__{number}__name__ru": "Партнёр" for number in range(100)}
    assert len(read("partners", **fields).content["rows"]) == landing_rules.ROWS_AT_MOST


def test_fields_a_kind_does_not_know_are_left_out() -> None:
    assert read("speakers", body__ru="чужое", rows__0__name__ru="чужое", version="7").content == {}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("https://example.org/a?b#c", "https://example.org/a?b#c"),
        ("  http://пример.рф/путь ", "http://пример.рф/путь"),
        ("example.org", "https://example.org"),
        ("example.org:8443/x", "https://example.org:8443/x"),
        ("www.example.kz/билеты?a=1", "https://www.example.kz/билеты?a=1"),
        ("/c/uchitel/schedule", "/c/uchitel/schedule"),
        ("#programme", "#programme"),
        ("mailto:team@example.org", "mailto:team@example.org"),
        ("tel:+77010000000", "tel:+77010000000"),
    ],
)
def test_addresses_that_may_stand_in_a_link(typed: str, meant: str) -> None:
    assert landing_rules.address(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "javascript\u200b:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://",
        "https:///path",
        "http://[::1",
        "просто слова",
        "https://example.org/\u202egpj.exe",
        "https://example.org/a b",
    ],
)
def test_addresses_that_may_not(typed: str) -> None:
    assert landing_rules.address(typed) is None
    draft = read("hero", address=typed)
    if draft.typed["address"]:
        assert "address" in draft.wrong or landing_rules.address(draft.typed["address"])


def test_an_address_that_slipped_into_the_database_is_still_no_link() -> None:
    content = {"rows": [{"name": {"ru": "Партнёр"}, "address": "javascript:alert(1)"}]}
    shown = landing_rules.shown(KINDS["partners"], content, language="ru", default="ru")
    assert shown["rows"][0]["address"] == ""


def test_a_picture_must_be_one_of_the_conferences() -> None:
    assert read("hero", picture=DIGEST).content == {"picture": DIGEST}
    assert "picture" in read("hero", picture="f" * 32).wrong


def test_a_kept_block_comes_back_from_its_own_form_unchanged() -> None:
    content = {
        "title": {"ru": "Ответы", "kk": "Жауаптар"},
        "rows": [{"question": {"ru": "Да?"}, "answer": {"ru": "Нет.\n\nИ ещё."}}, {"question": {"en": "Why?"}}],
    }
    form = landing_rules.form(KINDS["faq"], content, languages=["en", "ru", "kk"])
    again = landing_rules.read(KINDS["faq"], form.typed, languages=["en", "ru", "kk"], pictures=())
    assert again.content["title"] == content["title"]
    assert again.content["rows"] == content["rows"]


def test_rows_are_added_dropped_and_moved_with_all_that_was_typed() -> None:
    draft = read("faq", **{f"rows__{number}__question__ru": f"{number}?" for number in range(3)})

    def order(act: str) -> list[str]:
        after = landing_rules.rearranged(draft, act)
        return [after.typed.get(f"rows-{number}-question-ru", "") for number in range(after.rows)]

    assert order("up:2") == ["0?", "2?", "1?"]
    assert order("up:0") == ["0?", "1?", "2?"]
    assert order("down:0") == ["1?", "0?", "2?"]
    assert order("down:2") == ["0?", "1?", "2?"]
    assert order("drop:1") == ["0?", "2?"]
    assert order("more") == ["0?", "1?", "2?", ""]
    for nonsense in ("drop:9", "up:x", "up:-1", "up:²", "", "fly:1:2"):
        assert order(nonsense) == ["0?", "1?", "2?"]


def test_words_come_in_the_readers_language_or_the_conferences_or_any() -> None:
    text = {"en": "Hello", "kk": "Сәлем"}
    assert landing_rules.spoken(text, "en", "kk") == "Hello"
    assert landing_rules.spoken(text, "ru", "kk") == "Сәлем"
    assert landing_rules.spoken(text, "ru", "ru") == "Hello"
    assert landing_rules.spoken(None, "ru", "ru") == ""


def test_a_page_is_never_blank() -> None:
    hidden = {"id": 1, "kind": "text", "content": {}, "hidden": True}
    for blocks in ([], [hidden]):
        assert [one["kind"] for one in landing_rules.page_of(blocks, {})] == ["hero", "speakers", "programme"]
    assert landing_rules.page_of([hidden, {**hidden, "hidden": False}], {}) == [{**hidden, "hidden": False}]


def test_what_was_said_about_the_conference_stands_in_the_page_it_has_by_itself() -> None:
    about = {"kk": "Туралы"}
    text = landing_rules.page_of([], about)[1]
    assert (text["kind"], text["content"]["body"]) == ("text", about)
    assert set(text["content"]["title"]) == set(LANGUAGES)


def test_some_blocks_are_on_a_page_once_and_a_page_has_an_end() -> None:
    assert landing_rules.may_add(["text"], "hero")
    assert not landing_rules.may_add(["hero"], "hero")
    assert landing_rules.may_add(["text", "faq"], "text")
    assert not landing_rules.may_add(["text"] * landing_rules.BLOCKS_AT_MOST, "text")
    assert not landing_rules.may_add([], "slideshow")


def test_a_block_goes_one_place_up_or_down_and_stops_at_the_ends() -> None:
    assert landing_rules.moved([1, 2, 3], 3, "up") == [1, 3, 2]
    assert landing_rules.moved([1, 2, 3], 1, "down") == [2, 1, 3]
    assert landing_rules.moved([1, 2, 3], 1, "up") == [1, 2, 3]
    assert landing_rules.moved([1, 2, 3], 3, "down") == [1, 2, 3]
    assert landing_rules.moved([1, 2, 3], 9, "up") == [1, 2, 3]


def test_the_rows_of_a_block_are_one_thing() -> None:
    mine, kept = {"title-ru": "", "rows-1-question-ru": "?"}, {"rows-0-question-ru": "?", "rows-1-question-ru": "!"}
    assert landing_rules.together(mine, kept) == [["rows-0-question-ru", "rows-1-question-ru"]]


def test_a_language_is_told_how_many_texts_it_lacks() -> None:
    draft = read("text", title__ru="Заголовок", body__ru="Слова", title__kk="Тақырып")
    assert landing_rules.missing(draft, LANGUAGES) == {"ru": 0, "kk": 1, "en": 2}


def session(number: int, hours: float, **more: Any) -> rules.Session:
    row = {
        "id": number,
        "title": {"ru": f"{number}"},
        "abstract": {},
        "language": "ru",
        "starts_at": NOW + timedelta(hours=hours),
        "ends_at": NOW + timedelta(hours=hours + 1),
        "channel_id": 1,
        "channel_slug": "main",
        "channel_name": {},
        "position": 1,
        "speakers": [],
        **more,
    }
    return rules.sessions([row], zone="Asia/Almaty", now=NOW)[0]


def test_the_short_view_begins_with_what_is_on_and_says_how_much_is_left() -> None:
    schedule = [session(number, number - 2.5) for number in range(12)]
    seen = glance_rules.glance(schedule, at_most=4)
    assert [one.id for day in seen.days for slot in day.slots for one in slot.sessions] == [2, 3, 4, 5]
    assert (seen.total, seen.left) == (12, 8)


def test_after_the_end_the_short_view_remembers_the_beginning() -> None:
    schedule = [session(number, number - 100) for number in range(3)]
    assert glance_rules.glance(schedule).days[0].slots[0].sessions[0].id == 0
    assert glance_rules.glance([]).days == []


def test_the_first_door_is_the_one_people_come_for() -> None:
    live, silent = {"slug": "main", "live": True}, {"slug": "main", "live": False}

    def hrefs(button: str, address: str, channel: dict[str, Any], *, programme: bool) -> list[str]:
        return [one["href"] for one in glance_rules.doors("x", button, address, [channel], programme=programme)]

    assert hrefs("Билеты", "/buy", live, programme=True) == ["/c/x/main", "/buy"]
    assert hrefs("Билеты", "/buy", silent, programme=True) == ["/buy", "#programme"]
    assert hrefs("Билеты", "", silent, programme=False) == []
