"""Who may see and do what, as one table."""

import pytest

from web import permissions

ROLES = ("organiser", "moderator", "speaker", "attendee")


def test_a_channel_opens_for_every_role_and_for_nobody_without_one() -> None:
    for role in ROLES:
        assert permissions.enter_channel(signed_in=True, roles=[role]) == "welcome"
    assert permissions.enter_channel(signed_in=True, roles=[]) == "closed"
    assert permissions.enter_channel(signed_in=True, roles=["sales"]) == "closed"
    assert permissions.enter_channel(signed_in=False, roles=["organiser"]) == "sign_in"


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


def test_letters_of_others_are_never_shown_to_strangers() -> None:
    assert permissions.read_mailbox(production=False)
    assert not permissions.read_mailbox(production=True)
