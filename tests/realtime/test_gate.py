"""Who may look at the page for ops, and whose buttons count."""

import pytest

from realtime.gate import TICKET_LIFE, Gate

NOW = 1_800_000_000.0


def gate(*, token: str = "only ops know this", on_loopback: bool = True, secret: str = "s" * 32) -> Gate:
    return Gate(secret=secret, token=token, on_loopback=on_loopback)


def refused(at: Gate, *, host: str = "127.0.0.1", bearer: str = "", ticket: str = "", now: float = NOW) -> str | None:
    no = at.refusal(host=host, bearer=bearer, ticket=ticket, now=now)
    return no[0] if no else None


def test_the_token_opens_as_a_bearer_or_by_a_ticket() -> None:
    door = gate()
    assert refused(door) == "admin.token"
    assert refused(door, bearer="Bearer only ops know this") is None
    assert refused(door, ticket=door.ticket(NOW)) is None


@pytest.mark.parametrize("bearer", ["", "Bearer ", "Bearer only ops know", "Basic b3Bz", "Bearer ключ"])
def test_another_token_does_not_open(bearer: str) -> None:
    assert refused(gate(), bearer=bearer) == "admin.token"


def test_a_ticket_ends_with_the_shift_with_the_token_and_when_it_is_changed() -> None:
    ticket = gate().ticket(NOW)
    assert refused(gate(), ticket=ticket, now=NOW + TICKET_LIFE - 1) is None
    assert refused(gate(), ticket=ticket, now=NOW + TICKET_LIFE + 1) == "admin.token"
    assert refused(gate(token="another"), ticket=ticket) == "admin.token"
    assert refused(gate(secret="t" * 32), ticket=ticket) == "admin.token"
    later = f"{int(NOW) + 10 * TICKET_LIFE}.{ticket.partition('.')[2]}"
    assert refused(gate(), ticket=later) == "admin.token"
    assert refused(gate(), ticket="nonsense") == "admin.token"


def test_without_a_token_the_machine_itself_may_look_by_its_own_name() -> None:
    assert refused(gate(token="")) is None
    assert refused(gate(token=""), host="::1") is None
    assert refused(gate(token=""), host="evil.example") == "admin.host"  # a page that had its name point here
    assert refused(gate(token="", on_loopback=False)) == "admin.closed"


def test_a_button_counts_when_it_stands_on_a_page_of_ours() -> None:
    door = gate()
    ticket = door.ticket(NOW)
    assert door.may_press(bearer="", ticket=ticket, shown=door.mark(ticket))
    assert not door.may_press(bearer="", ticket=ticket, shown="")
    assert not door.may_press(bearer="", ticket=ticket, shown=door.mark(door.ticket(NOW + 1)))
    assert door.may_press(bearer="Bearer only ops know this", ticket="", shown="")
    assert not door.may_press(bearer="Bearer no", ticket="", shown="")


def test_without_a_token_a_button_still_wants_its_mark() -> None:
    door = gate(token="")
    assert door.may_press(bearer="", ticket="", shown=door.mark(""))
    assert not door.may_press(bearer="Bearer ", ticket="", shown="")
