"""A pass is believed when it was signed here and is not over; nothing else is."""

import dataclasses

import jwt
import pytest

from realtime import passes
from realtime.errors import Refused
from realtime.passes import Pass

SECRET = "a secret that nobody can guess, really"
ANNA = Pass(user=7, name="Анна", rooms={"chat:1": frozenset({"say"})}, expires=2000.0, badge="speaker")


def refusal_of(text: str, *, secret: str = SECRET, now: float = 1000.0) -> str:
    with pytest.raises(Refused) as no:
        passes.verify(text, secret=secret, now=now)
    return no.value.code


def test_a_pass_says_what_was_put_in() -> None:
    assert passes.verify(passes.issue(ANNA, secret=SECRET), secret=SECRET, now=1999.9) == ANNA


def test_a_pass_ends() -> None:
    assert refusal_of(passes.issue(ANNA, secret=SECRET), now=2000.0) == "pass.expired"


def test_a_pass_of_another_installation_is_forged() -> None:
    assert refusal_of(passes.issue(ANNA, secret="another secret that nobody can guess")) == "pass.forged"


def test_a_changed_pass_is_forged() -> None:
    head, body, sign = passes.issue(ANNA, secret=SECRET).split(".")
    other = passes.issue(dataclasses.replace(ANNA, user=8), secret=SECRET).split(".")[1]
    assert refusal_of(f"{head}.{other}.{sign}") == "pass.forged"
    assert refusal_of(f"{head}.{body}.") == "pass.forged"


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "....", "é" * 50])
def test_nonsense_is_forged(text: str) -> None:
    assert refusal_of(text) == "pass.forged"


def test_an_unsigned_pass_is_forged() -> None:
    claims = {"aud": passes.AUDIENCE, "sub": "7", "name": "Anna", "badge": "", "rooms": {}, "exp": 2000}
    assert refusal_of(jwt.encode(claims, key="", algorithm="none")) == "pass.forged"


@pytest.mark.parametrize(
    "wrong", [{"sub": "x"}, {"rooms": ["chat:1"]}, {"rooms": {"chat:1": 5}}, {"aud": "mail"}, {"exp": "soon"}]
)
def test_a_signed_pass_of_wrong_shape_is_forged(wrong: dict[str, object]) -> None:
    claims = {"aud": passes.AUDIENCE, "sub": "7", "name": "Anna", "badge": "", "rooms": {}, "exp": 2000, **wrong}
    assert refusal_of(jwt.encode(claims, SECRET, algorithm=passes.ALGORITHM)) == "pass.forged"
