"""What is typed into a form and what others saved while it was open are put together, field by field."""

from hypothesis import given
from hypothesis import strategies as st

from web.conferences import merge_rules
from web.conferences.form_rules import Asked

WAS = {"title": "Доклад", "about": "", "starts": "10:00", "ends": "11:00", "ticked": "on"}
TOGETHER = (("starts", "ends"),)


def sent(typed: dict[str, str], *, was: dict[str, str] = WAS, now: dict[str, str]) -> Asked:
    """A form that was opened on `was` and comes back when it is `now`; what is not typed into stays."""
    asked = Asked({**was, **typed, "opened": merge_rules.opened(was)})
    merge_rules.merge(asked, now, together=TOGETHER)
    return asked


def test_what_was_left_alone_takes_what_is_there_now() -> None:
    asked = sent({"title": "Другой доклад"}, now={**WAS, "starts": "10:10", "ends": "11:10", "ticked": ""})
    assert not asked.crossed
    assert (asked.typed("title"), asked.typed("starts"), asked.typed("ends")) == ("Другой доклад", "10:10", "11:10")
    assert not asked.ticked("ticked")


def test_what_both_changed_is_asked_about_and_stays_as_typed() -> None:
    asked = sent({"title": "Моё"}, now={**WAS, "title": "Чужое"})
    assert {name: one.there for name, one in asked.crossed.items()} == {"title": "Чужое"}
    assert asked.typed("title") == "Моё"
    assert asked.refused


def test_what_both_changed_is_named_in_the_order_of_the_form() -> None:
    asked = sent({"ends": "11:30", "title": "Моё"}, now={**WAS, "title": "Чужое", "ends": "11:40"})
    assert list(asked.crossed) == ["title", "ends"], "fields that are one thing are no exception"


def test_the_same_change_made_by_both_is_no_quarrel() -> None:
    assert not sent({"title": "Общее"}, now={**WAS, "title": "Общее"}).crossed


def test_saving_again_is_saving_over_it_knowingly() -> None:
    now = {**WAS, "title": "Чужое"}
    asked = sent({"title": "Моё"}, was=now, now=now)
    assert (asked.typed("title"), asked.refused) == ("Моё", False)


def test_a_ticked_box_takes_theirs() -> None:
    now = {**WAS, "title": "Чужое"}
    asked = sent({"title": "Моё", "take_title": "on"}, was=now, now=now)
    assert (asked.typed("title"), asked.refused) == ("Чужое", False)


def test_fields_that_are_one_thing_stay_whole() -> None:
    asked = sent({"ends": "11:30"}, now={**WAS, "starts": "10:40", "ends": "11:40"})
    assert set(asked.crossed) == {"starts", "ends"}
    assert [one.takes for one in asked.crossed.values()] == [2, 0], "one box takes them all"
    taken = sent({"ends": "11:30", "take_starts": "on"}, now={**WAS, "starts": "10:40", "ends": "11:40"})
    assert (taken.typed("starts"), taken.typed("ends"), taken.refused) == ("10:40", "11:40", False)


def test_a_box_unticked_by_one_and_a_text_changed_by_another_are_both_kept() -> None:
    asked = Asked({"title": "Доклад", "opened": merge_rules.opened(WAS)})  # browsers send no unticked boxes
    merge_rules.merge(asked, {**WAS, "about": "Новое"})
    assert not asked.ticked("ticked")
    assert (asked.typed("about"), asked.refused) == ("Новое", False)


def test_a_field_the_form_did_not_have_stays_as_it_is() -> None:
    asked = sent({"title": "Моё"}, now={**WAS, "title_kk": "Баяндама"})
    assert (asked.typed("title_kk"), asked.refused) == ("Баяндама", False)


def test_a_form_without_marks_loses_nothing_of_others() -> None:
    asked = Asked({"title": "Моё", "about": "Слова"})
    merge_rules.merge(asked, WAS)
    assert set(asked.crossed) == {"title"}
    assert (asked.typed("about"), asked.typed("starts")) == ("Слова", "10:00")


def test_line_ends_and_letters_composed_otherwise_are_no_change() -> None:
    was = {"about": "Раз\nй"}
    asked = sent({"about": "Раз\r\n\u0438\u0306 "}, was=was, now={"about": "Другое"})
    assert (asked.typed("about"), asked.refused) == ("Другое", False)


TEXTS = st.sampled_from(["", "а", "б", "в"])
FORMS = st.fixed_dictionaries({"title": TEXTS, "starts": TEXTS, "ends": TEXTS})


@given(FORMS, FORMS, FORMS)
def test_nothing_anybody_changed_is_ever_lost(
    was: dict[str, str], mine: dict[str, str], theirs: dict[str, str]
) -> None:
    asked = sent(mine, was=was, now=theirs)
    for names in (("title",), ("starts", "ends")):
        old, my, their = ([one[name] for name in names] for one in (was, mine, theirs))
        kept = [asked.typed(name) for name in names]
        crossed = any(name in asked.crossed for name in names)
        assert crossed == (my != old and their != old and my != their)
        assert kept == (their if my == old else my)
        if crossed:
            assert [
                asked.crossed[name].there if name in asked.crossed else asked.typed(name) for name in names
            ] == their
