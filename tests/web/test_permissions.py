"""Who may see and do what, as one table."""

import pytest

from web import permissions

ROLES = ("organiser", "moderator", "speaker", "attendee")


def test_a_channel_opens_for_every_role_and_for_nobody_without_one() -> None:
    for role in (*ROLES, permissions.ADMIN):
        assert permissions.enter_channel([role])
    assert not permissions.enter_channel([])
    assert not permissions.enter_channel(["sales"])


@pytest.mark.parametrize(
    ("role", "doors"),
    [
        ("attendee", ""),
        ("speaker", "speak"),
        ("moderator", "moderate"),
        ("organiser", "moderate organise speak"),
        (permissions.ADMIN, "moderate organise speak"),
        ("unknown", ""),
    ],
)
def test_each_role_has_its_doors(role: str, doors: str) -> None:
    open_ = {one for one in ("moderate", "organise", "speak") if getattr(permissions, one)([role])}
    assert open_ == set(doors.split())


def test_a_conference_that_is_not_public_is_there_for_its_team_alone() -> None:
    for role in ("organiser", "moderator", "speaker", permissions.ADMIN):
        assert permissions.visit([role], public=False)
    for roles in ([], ["attendee"], ["unknown"]):
        assert permissions.visit(roles, public=True)
        assert not permissions.visit(roles, public=False)


def test_a_speaker_who_is_not_shown_yet_is_seen_by_organisers_alone() -> None:
    for public in (True, False):
        assert permissions.see_speaker(["organiser"], public=public, shown=False)
        for role in ("moderator", "speaker", "attendee"):
            assert not permissions.see_speaker([role], public=public, shown=False)
            assert permissions.see_speaker([role], public=public, shown=True) is (public or role != "attendee")


def test_who_organises_one_conference_or_the_platform_may_found_another() -> None:
    assert permissions.found_a_conference(is_admin=True, organises=False)
    assert permissions.found_a_conference(is_admin=False, organises=True)
    assert not permissions.found_a_conference(is_admin=False, organises=False)


@pytest.mark.parametrize(
    ("roles", "rights"),
    [
        ([], set()),
        (["unknown"], set()),
        (["attendee"], {"say"}),
        (["speaker"], {"say"}),
        (["moderator"], {"say", "moderate"}),
        (["organiser"], {"say", "moderate"}),
        (["attendee", "moderator"], {"say", "moderate"}),
    ],
)
def test_everyone_may_speak_and_who_moderates_may_delete(roles: list[str], rights: set[str]) -> None:
    assert permissions.rights(roles) == rights


@pytest.mark.parametrize(
    ("roles", "badge"),
    [([], ""), (["attendee"], ""), (["speaker", "moderator"], "moderator"), (["moderator", "organiser"], "organiser")],
)
def test_the_mightiest_role_is_shown(roles: list[str], badge: str) -> None:
    assert permissions.badge(roles) == badge


def test_a_session_is_answered_by_its_speakers_and_whoever_helps_them() -> None:
    assert permissions.answer(["attendee"], speaks_here=True)
    assert permissions.answer(["organiser"], speaks_here=False)
    for role in ("speaker", "moderator", "attendee"):
        assert not permissions.answer([role], speaks_here=False)


def test_letters_of_others_are_never_shown_to_strangers() -> None:
    assert permissions.read_mailbox(production=False)
    assert not permissions.read_mailbox(production=True)
