"""What a sign-in form means, decided without a server."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from web.accounts import rules


@pytest.mark.parametrize(
    ("typed", "email"),
    [
        ("Anna@Example.com", "anna@example.com"),
        (" anna@example.com\n", "anna@example.com"),
        ("anna@ПРИМЕР.рф", "anna@пример.рф"),
        ("ａｎｎａ@example.com", "anna@example.com"),
        ("anna@demo.veche", "anna@demo.veche"),
        ("anna", None),
        ("", None),
        ("anna@", None),
        ("anna@example.com, boris@example.com", None),
        ("anna @example.com", None),
        ("anna@example.com\0", None),
        ("a" * 300 + "@example.com", None),
    ],
)
def test_an_email_is_one_address_however_it_is_typed(typed: str, email: str | None) -> None:
    assert rules.normal_email(typed) == email


@given(st.text())
def test_no_typed_text_breaks_the_form(typed: str) -> None:
    rules.acceptable(rules.normal_email(typed), typed)


@given(st.text())
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("/\u2028/evil.example")
@example("https:/evil.example")
@example("javascript:alert(1)")
@example("/%2f/evil.example")
@example("//[evil")
def test_a_sign_in_leads_nowhere_but_to_this_site(address: str) -> None:
    safe = rules.local(address)
    assert safe == "/" or safe == address
    assert URL("https://veche.example").join(URL(safe)).host == "veche.example"


@pytest.mark.parametrize("address", ["/", "/c/school/main?tab=chat#now", "/c/школа", "/sign-in?next=/c/x"])
def test_addresses_of_this_site_are_kept(address: str) -> None:
    assert rules.local(address) == address


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 1), (1, 1), (60, 1), (61, 2), (900, 15)])
def test_a_wait_is_never_told_too_short(seconds: int, minutes: int) -> None:
    assert rules.minutes(seconds) == minutes
