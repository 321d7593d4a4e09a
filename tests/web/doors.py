"""Every address of the site and who may come in by it: one row each. It knocks at none of them."""

from collections.abc import Callable

PEOPLE = {
    "stranger": "",
    "participant of another conference": "timur@veche.example",
    "organiser of another conference": "other@veche.example",
    "attendee": "anna@veche.example",
    "speaker": "sergey@veche.example",
    "moderator": "mira@veche.example",
    "organiser": "olga@veche.example",
}
TEAM = ("speaker", "moderator", "organiser")
SIGN_IN = "sign in"

Outcome = int | str | None  # a status, SIGN_IN, or None: they come in


# Doors: what becomes of somebody before the page itself is asked; None: nothing, they are in.


def everybody(who: str, *, public: bool) -> Outcome:
    """The conference, if there is one, does not matter."""
    return None


def page(who: str, *, public: bool) -> Outcome:
    """What visitors see; before the conference is public, its team."""
    return None if public or who in TEAM else 404


def signed_in(who: str, *, public: bool) -> Outcome:
    """Whoever sees the page and has an account."""
    return page(who, public=public) or (SIGN_IN if who == "stranger" else None)


def participants(who: str, *, public: bool) -> Outcome:
    """Whoever has a role in the conference."""
    if (shut := page(who, public=public)) is not None:
        return shut
    return SIGN_IN if who == "stranger" else 403 if "another" in who else None


def speakers(who: str, *, public: bool) -> Outcome:
    """Participants who speak, and organisers, who help them."""
    shut = participants(who, public=public)
    return shut if shut is not None or who in ("speaker", "organiser") else 403


def moderators(who: str, *, public: bool) -> Outcome:
    """Whoever moderates; others are led to signing in before they are told anything."""
    if who == "stranger":
        return SIGN_IN
    return page(who, public=public) or (None if who in ("moderator", "organiser") else 403)


def organisers(who: str, *, public: bool) -> Outcome:
    """Whoever sets the conference up."""
    if who == "stranger":
        return SIGN_IN
    return page(who, public=public) or (None if who == "organiser" else 403)


def before_the_public(who: str, *, public: bool) -> Outcome:
    """Organisers, as long as nobody else is there."""
    return organisers(who, public=public) or (409 if public else None)


def somebody(who: str, *, public: bool) -> Outcome:
    """Whoever is signed in."""
    return SIGN_IN if who == "stranger" else None


def not_signed_in(who: str, *, public: bool) -> Outcome:
    """Strangers; others are taken where they were going."""
    return None if who == "stranger" else 303


def founders(who: str, *, public: bool) -> Outcome:
    """Whoever organises a conference, whichever."""
    return somebody(who, public=public) or (None if "organiser" in who else 403)


Door = Callable[..., Outcome]

# address -> the door, and what whoever came in by it is answered to an empty form, or the page
ROWS: dict[str, tuple[Door, int]] = {
    "GET /": (everybody, 200),
    "GET /sign-in": (not_signed_in, 200),
    "POST /sign-in": (everybody, 400),
    "POST /sign-out": (everybody, 303),
    "POST /language": (everybody, 400),
    "GET /c/{slug}": (page, 200),
    "GET /c/{slug}/schedule": (page, 200),
    "GET /c/{slug}/schedule.ics": (page, 200),
    "GET /c/{slug}/my": (page, 200),
    "POST /c/{slug}/star": (page, 303),
    "GET /calendar/{key}.ics": (everybody, 200),
    "POST /calendar/renew": (somebody, 303),
    "GET /c/{slug}/speak": (speakers, 200),
    "POST /c/{slug}/speak": (speakers, 403),
    "POST /c/{slug}/speak.json": (speakers, 403),
    "GET /c/{slug}/s/{session}": (page, 200),
    "POST /c/{slug}/s/{session}/answer": (speakers, 404),
    "GET /c/{slug}/moderate": (moderators, 200),
    "GET /c/{slug}/moderate/pass": (moderators, 200),
    "GET /c/{slug}/moderate/plain": (moderators, 200),
    "POST /c/{slug}/moderate/act": (moderators, 400),
    "GET /c/{slug}/moderate/people/{person}": (moderators, 200),
    "POST /c/{slug}/moderate/people/{person}": (moderators, 422),
    "GET /c/{slug}/moderate/log": (moderators, 200),
    "GET /c/{slug}/moderate/log.csv": (moderators, 200),
    "GET /desk/{slug}/words": (moderators, 200),
    "POST /desk/{slug}/words": (moderators, 303),
    "GET /c/{slug}/{channel}": (participants, 200),
    "GET /c/{slug}/{channel}/chat": (participants, 200),
    "GET /c/{slug}/{channel}/pass": (participants, 200),
    "GET /c/{slug}/{channel}/card": (participants, 200),
    "GET /c/{slug}/{channel}/tally": (participants, 200),
    "POST /c/{slug}/{channel}/vote": (participants, 404),
    "GET /c/{slug}/{channel}/polls": (participants, 200),
    "GET /c/{slug}/{channel}/polls.json": (participants, 200),
    "POST /c/{slug}/{channel}/polls/{poll}/vote": (participants, 422),
    "POST /c/{slug}/{channel}/polls/{poll}/vote.json": (participants, 422),
    "GET /screen/{token}": (page, 200),
    "GET /screen/{token}/now": (page, 200),
    "GET /screen/{token}/pass": (page, 200),
    "GET /hall/{token}": (page, 200),
    "GET /hall/{token}/pass": (page, 200),
    "POST /hall/{token}/ask": (page, 422),
    "POST /hall/{token}/up": (page, 303),
    "POST /hall/{token}/polls/{poll}/vote": (page, 422),
    "GET /portraits/{speaker}.svg": (page, 200),
    "GET /pictures/{digest}": (page, 200),
    "GET /desk": (somebody, 200),
    "GET /desk/new": (founders, 200),
    "POST /desk/new": (founders, 422),
    "GET /desk/{slug}": (organisers, 200),
    "POST /desk/{slug}": (organisers, 303),
    "POST /desk/{slug}/publish": (organisers, 303),
    "POST /desk/{slug}/unpublish": (organisers, 303),
    "POST /desk/{slug}/rehearsal/clear": (before_the_public, 303),
    "POST /desk/{slug}/frames": (organisers, 303),
    "GET /desk/{slug}/recordings": (organisers, 200),
    "POST /desk/{slug}/recordings": (organisers, 303),
    "POST /put-away": (everybody, 303),
    "GET /c/{slug}/pass": (signed_in, 200),
    "GET /desk/{slug}/announcements": (moderators, 200),
    "POST /desk/{slug}/announcements": (moderators, 422),
    "POST /desk/{slug}/announcements.json": (moderators, 422),
    "POST /desk/{slug}/announcements/withdraw": (moderators, 303),
    "POST /desk/{slug}/announcements/withdraw.json": (moderators, 200),
    "GET /desk/{slug}/lists": (organisers, 200),
    "GET /desk/{slug}/lists/{name}.{kind}": (organisers, 200),
    "GET /desk/{slug}/people": (organisers, 200),
    "POST /desk/{slug}/people": (organisers, 422),
    "POST /desk/{slug}/people/{person}": (organisers, 303),
    "GET /desk/{slug}/channels": (organisers, 200),
    "POST /desk/{slug}/channels": (organisers, 422),
    "POST /desk/{slug}/channels/order": (organisers, 422),
    "GET /desk/{slug}/channels/{id}": (organisers, 200),
    "POST /desk/{slug}/channels/{id}": (organisers, 422),
    "POST /desk/{slug}/channels/{id}/delete": (organisers, 422),
    "GET /desk/{slug}/speakers": (organisers, 200),
    "POST /desk/{slug}/speakers": (organisers, 422),
    "GET /desk/{slug}/speakers/new": (organisers, 200),
    "GET /desk/{slug}/speakers/{id}": (organisers, 200),
    "POST /desk/{slug}/speakers/{id}": (organisers, 422),
    "POST /desk/{slug}/speakers/{id}/delete": (organisers, 422),
    "GET /desk/{slug}/sessions": (organisers, 200),
    "POST /desk/{slug}/sessions": (organisers, 422),
    "GET /desk/{slug}/sessions/new": (organisers, 200),
    "GET /desk/{slug}/sessions/{id}": (organisers, 200),
    "POST /desk/{slug}/sessions/{id}": (organisers, 422),
    "POST /desk/{slug}/sessions/{id}/delete": (organisers, 422),
    "POST /desk/{slug}/pictures": (organisers, 422),
    "GET /desk/{slug}/landing": (organisers, 200),
    "POST /desk/{slug}/landing/begin": (organisers, 303),
    "POST /desk/{slug}/landing/order": (organisers, 409),
    "POST /desk/{slug}/landing/theme": (organisers, 422),
    "GET /desk/{slug}/landing/preview": (organisers, 200),
    "POST /desk/{slug}/landing/preview": (organisers, 200),
    "GET /desk/{slug}/landing/new/{kind}": (organisers, 200),
    "POST /desk/{slug}/landing/new/{kind}": (organisers, 303),
    "GET /desk/{slug}/landing/{block}": (organisers, 200),
    "POST /desk/{slug}/landing/{block}": (organisers, 303),
    "POST /desk/{slug}/landing/{block}/hide": (organisers, 303),
    "POST /desk/{slug}/landing/{block}/delete": (organisers, 303),
    "POST /desk/{slug}/landing/{block}/restore": (organisers, 303),
    "GET /desk/{slug}/polls": (moderators, 200),
    "GET /desk/{slug}/polls/new": (moderators, 200),
    "POST /desk/{slug}/polls/new": (moderators, 422),
    "GET /desk/{slug}/polls/{poll}": (moderators, 200),
    "POST /desk/{slug}/polls/{poll}": (moderators, 409),
    "POST /desk/{slug}/polls/{poll}/move": (moderators, 409),
    "GET /desk/{slug}/screens": (organisers, 200),
    "POST /desk/{slug}/screens": (organisers, 422),
    "POST /desk/{slug}/screens/{screen}/revoke": (organisers, 303),
    "GET /desk/{slug}/screens/{screen}/sheet": (organisers, 200),
    "GET /desk/{slug}/schedule": (organisers, 200),
    "POST /desk/{slug}/schedule": (organisers, 422),
    "GET /desk/{slug}/import": (organisers, 200),
    "POST /desk/{slug}/import": (organisers, 422),
    "POST /desk/{slug}/import/take": (organisers, 422),
    "GET /desk/{slug}/import/sample.csv": (organisers, 200),
    "GET /desk/{slug}/figures": (organisers, 200),
    "GET /desk/{slug}/now": (organisers, 200),
    "POST /desk/{slug}/now": (organisers, 422),
    "POST /desk/{slug}/now/shift": (organisers, 422),
    "POST /desk/{slug}/now/undo": (organisers, 422),
    "GET /mailbox": (everybody, 200),
    "GET /mailbox/{name}": (everybody, 404),
    "GET /healthz": (everybody, 200),
}
