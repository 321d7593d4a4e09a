"""What moderators' forms mean and how their acts read."""

from datetime import UTC, datetime

import pytest

from sql.connection import Pool
from web.conferences.changes import record
from web.moderation import rules, sentences
from web.moderation.rules import Told


def test_a_word_list_is_lines_or_commas_and_says_each_once() -> None:
    assert rules.stems(" казин\nспам*, реклам ;казин\n\n") == ["казин", "спам", "реклам"]


def test_what_would_hold_everything_or_nothing_is_no_beginning_of_a_word() -> None:
    assert rules.wrong_stems(["казин", "a", "!!", "x" * 41]) == ["a", "!!", "x" * 41]


def question(**more: object) -> dict[str, object]:
    return {"status": "asked", "text": "Why?", "pinned": False, "session": 5, "reason": "", "answer": ""} | more


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (question(status="approved"), Told("approved a question", "Why?")),
        (question(status="rejected", reason="twice"), Told("rejected a question", "Why?", "twice")),
        (question(text="Why, really?"), Told("edited a question", "Why?", "Why, really?")),
        (question(pinned=True), Told("pinned a question", "", "Why?")),
        (question(session=6), Told("moved a question to another session", "", "Why?")),
        (question(), Told("confirmed which session a question is about", "", "Why?")),
        (question(status="answered", answer="So."), Told("marked a question as answered", "Why?", "So.")),
    ],
)
def test_a_step_of_a_question_is_told_by_what_it_changed(after: dict[str, object], told: Told) -> None:
    assert rules.tell("question.at_desk", question(), after) == told


def test_a_mute_is_told_with_its_minutes_and_its_end() -> None:
    assert rules.tell("chat.muted", None, {"until": 1_800_000, "when": 0}) == Told("muted a person", "", "30")
    assert rules.tell("chat.muted", None, {"until": 0, "when": 0}) == Told("let a person write again")


def test_a_held_message_is_told_with_its_text_and_where_it_went() -> None:
    held = {"text": "casino"}
    assert rules.tell("chat.settled", held, {"released": True}) == Told("let a held message through", "casino")
    assert rules.tell("chat.settled", held, {"released": False}) == Told("dropped a held message", "casino")


def test_a_change_of_settings_is_told_by_its_fields() -> None:
    told = rules.tell("change.words.save", {"hold": ["a"]}, {"hold": ["a", "b"], "subject": "words"})
    assert told == Told("changed the word filter", "hold: a", "hold: a, b")
    assert rules.tell("change.channel.add", None, {"slug": "main"}) == Told("added a channel", "", "slug: main")
    assert rules.tell("change.conference.publish", {"public": True}, {"public": False}).sentence == "hid the conference"
    assert rules.tell("change.lamp.rub", None, None).sentence == "changed the settings"


async def test_what_the_log_has_no_words_for_is_not_written_down(database: Pool) -> None:
    with pytest.raises(ValueError, match=r"no words for lamp\.rub"):
        async with database.acquire() as connection:
            await record(connection, None, 1, "lamp.rub", "lamp:1", None, {})


def test_an_act_nobody_knows_is_told_by_its_name() -> None:
    assert rules.tell("chat.danced", None, None).sentence == "chat.danced"


def test_a_page_of_the_log_goes_on_where_the_one_before_ended() -> None:
    moment = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    assert rules.after_cursor(rules.cursor(moment, "chat:1 e 5")) == (moment, "chat:1 e 5")
    assert rules.after_cursor("nonsense") == (None, "")
    assert rules.after_cursor("2026-11-23|x") == (None, "")


@pytest.mark.parametrize("text", ["=1+1", "+7", "-x", "@a"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert rules.cell(text) == f"'{text}"
    assert rules.cell("a=b") == "a=b"


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_the_console_has_all_its_words_in_each_language(language: str) -> None:
    words = sentences.words(language)
    assert all(words.values())
    assert len(set(sentences.reasons(language))) == len(sentences.REASONS)
