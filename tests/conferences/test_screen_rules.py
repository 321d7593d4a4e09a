"""Addresses of screens: made again, never guessed; and what a form says of a screen."""

from datetime import UTC, date, datetime, timedelta

import pytest

from web.conferences import screen_rules
from web.conferences.form_rules import Asked
from web.conferences.screen_rules import HALL, WALL

SECRET = "a secret of thirty-two characters"
NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
FORM = {"channel": "3", "kind": "hall", "name": "Фойе", "language": "ru", "until": "2026-11-24"}


def read(**changed: str) -> tuple[screen_rules.Screen | None, Asked]:
    asked = Asked({**FORM, **changed})
    screen = screen_rules.screen(asked, channels={3}, languages=("ru", "kk"), zone="Europe/Moscow", now=NOW)
    return screen, asked


def test_a_token_is_the_same_each_time_and_opens_one_door() -> None:
    token = screen_rules.token(WALL, 12, secret=SECRET)
    assert token == screen_rules.token(WALL, 12, secret=SECRET)
    assert screen_rules.number(WALL, token, secret=SECRET) == 12
    assert screen_rules.number(HALL, token, secret=SECRET) is None
    assert screen_rules.number(WALL, token, secret="another secret of thirty-two chars") is None


@pytest.mark.parametrize(
    "change",
    [lambda one: one.replace("12-", "13-"), lambda one: one[:-1], lambda one: one + "A", lambda one: "", str.upper],
)
def test_a_changed_token_opens_nothing(change: object) -> None:
    token = screen_rules.token(WALL, 12, secret=SECRET)
    assert callable(change)
    assert screen_rules.number(WALL, change(token), secret=SECRET) is None


def test_the_last_day_counts_to_its_end_where_the_conference_is() -> None:
    screen, _ = read()
    assert screen is not None
    assert screen.expires_at == datetime(2026, 11, 24, 21, tzinfo=UTC)
    row = {"expires_at": screen.expires_at, "revoked_at": None}
    assert screen_rules.last_day(row, "Europe/Moscow") == date(2026, 11, 24)
    assert screen_rules.state(row, screen.expires_at - timedelta(seconds=1)) == "open"
    assert screen_rules.state(row, screen.expires_at) == "expired"
    assert screen_rules.state({**row, "revoked_at": NOW}, NOW) == "revoked"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("channel", "4"),
        ("kind", "clock"),
        ("language", "de"),
        ("name", ""),
        ("name", "я" * 61),
        ("until", "2026-11-22"),
        ("until", "2028-11-22"),
        ("until", "9999-12-31"),
        ("until", "tomorrow"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(field: str, text: str) -> None:
    screen, asked = read(**{field: text})
    assert screen is None
    assert list(asked.wrong) == [field]
