"""What a poll may be, and who sees how it stands."""

from typing import Any

import pytest

from web.conferences import poll_rules
from web.conferences.form_rules import Asked

LANGUAGES = ("ru", "kk")
FORM = {
    "channel": "3",
    "session": "7",
    "question_ru": "Куда  поедем?",
    "options_ru": "В горы\r\n  К   морю \n\nДомой",
    "kind": "single",
    "secret": "on",
}


def read(**changed: str) -> tuple[poll_rules.Draft | None, Asked]:
    asked = Asked({**FORM, **changed})
    draft = poll_rules.draft(asked, languages=LANGUAGES, language="ru", channels={3}, sessions={7: 3, 8: 4})
    return draft, asked


def test_an_option_is_a_line_and_empty_lines_are_none() -> None:
    draft, _ = read()
    assert draft is not None
    assert [one["ru"] for one in draft.options] == ["В горы", "К морю", "Домой"]
    assert (draft.channel_id, draft.session_id, draft.kind, draft.secret) == (3, 7, "single", True)


def test_a_language_without_lines_falls_back_and_one_with_lines_has_one_for_each() -> None:
    draft, _ = read()
    assert draft is not None
    assert all(set(one) == {"ru"} for one in draft.options)
    draft, _ = read(options_kk="Тауға\nТеңізге\nҮйге", question_kk="Қайда барамыз?")
    assert draft is not None
    assert draft.options[1] == {"ru": "К морю", "kk": "Теңізге"}
    assert read(options_kk="Тауға\nТеңізге")[1].wrong.keys() == {"options_kk"}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("channel", ""),
        ("channel", "4"),
        ("channel", "3; drop table poll"),
        ("session", "8"),
        ("session", "99"),
        ("question_ru", "  "),
        ("question_ru", "я" * 201),
        ("options_ru", "один"),
        ("options_ru", "\n".join(str(one) for one in range(11))),
        ("options_ru", "Да\nда"),
        ("options_ru", "Да\n" + "я" * 81),
        ("kind", "all"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(field: str, text: str) -> None:
    draft, asked = read(**{field: text})
    assert draft is None
    assert field in asked.wrong


def test_ten_options_are_allowed_and_no_session() -> None:
    draft, _ = read(options_ru="\n".join(f"Вариант {one}" for one in range(10)), session="")
    assert draft is not None
    assert (len(draft.options), draft.session_id) == (10, None)


def test_a_form_shows_the_lines_that_were_written() -> None:
    draft, _ = read(options_kk="Тауға\nТеңізге\nҮйге")
    assert draft is not None
    poll = {"options": [{"text": one} for one in draft.options], "question": draft.question, "channel_id": 1}
    fields = poll_rules.fields({**poll, "session_id": None, "kind": "single", "secret": True}, LANGUAGES)
    assert fields["options_ru"] == "В горы\nК морю\nДомой"
    assert fields["options_kk"] == "Тауға\nТеңізге\nҮйге"


@pytest.mark.parametrize(
    ("secret", "status", "mine", "results"),
    [
        (True, "open", [], False),
        (True, "open", [31], True),
        (True, "closed", [], True),
        (False, "open", [], True),
    ],
)
def test_how_it_stands_is_seen_by_whom_it_may(secret: bool, status: str, mine: list[int], results: bool) -> None:
    row: dict[str, Any] = {
        "id": 5,
        "status": status,
        "kind": "single",
        "secret": secret,
        "question": {"ru": "Куда?"},
        "session_id": None,
        "options": [{"id": 31, "text": {"ru": "В горы"}, "count": 2}, {"id": 32, "text": {"ru": "К морю"}, "count": 1}],
        "votes": 3,
        "mine": mine,
    }
    shown = poll_rules.shown(row, language="ru", vote="/v")
    assert shown["results"] is results
    assert [one["count"] for one in shown["options"]] == ([2, 1] if results else [None, None])
    assert [one["share"] for one in shown["options"]] == ([67, 33] if results else [None, None])
    assert shown["votes"] == 3


@pytest.mark.parametrize(
    ("count", "votes", "share"), [(1, 8, 13), (3, 8, 38), (1, 3, 33), (2, 3, 67), (1, 200, 1), (5, 5, 100), (0, 0, 0)]
)
def test_half_of_a_percent_goes_up_as_in_a_browser(count: int, votes: int, share: int) -> None:
    assert poll_rules.share(count, votes) == share


def test_a_ballot_names_each_option_once_and_nothing_else() -> None:
    assert poll_rules.chosen(["7", "5", "7", "x", "-1", "9" * 30, "٣"]) == [5, 7]


def test_what_may_be_done_depends_on_where_it_stands() -> None:
    assert poll_rules.verbs("draft") == ["open", "drop"]
    assert poll_rules.verbs("open") == ["close"]
    assert poll_rules.verbs("closed") == ["open", "recall"]
    assert poll_rules.verbs("gone") == []
