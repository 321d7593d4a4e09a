"""Screens that open without an account: their addresses, how long they live, what a form says of them. Pure.

A token is the screen's number and a signature over it, so it is kept nowhere and can be shown again. The page on the
wall and the page on the phones of the hall have signatures of their own: neither opens the other.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from config.languages import N_
from web.conferences.form_rules import NOT_OFFERED, Asked

WALL, HALL = "screen", "hall"  # what a token opens
SIGNATURE = 15  # bytes, 20 letters; 120 bits nobody guesses, and the QR stays coarse enough for the last row
TOKEN = re.compile(r"([1-9][0-9]{0,17})-([A-Za-z0-9_-]{20})")
NAME_LIMIT = 60  # characters
LONGEST = timedelta(days=400)  # a screen somebody forgot closes by itself

# What it shows -> whether phones of the hall have a door here
KINDS = {"hall": True, "next": False, "answering": False, "poll": False, "qr": True}

FAR_DAY = N_("The last day is today or later, and within a year.")


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen as a form describes it."""

    channel_id: int
    kind: str
    name: str
    language: str
    expires_at: datetime


def token(purpose: str, screen: int, *, secret: str) -> str:
    """What stands in the address."""
    return f"{screen}-{_sign(purpose, screen, secret)}"


def number(purpose: str, text: str, *, secret: str) -> int | None:
    """The screen that a token names, or None when it was not made here."""
    found = TOKEN.fullmatch(text)
    if found is None or not hmac.compare_digest(_sign(purpose, int(found[1]), secret), found[2]):
        return None
    return int(found[1])


def state(screen: Mapping[str, Any], now: datetime) -> str:
    """open, expired or revoked."""
    if screen["revoked_at"] is not None:
        return "revoked"
    return "open" if now < screen["expires_at"] else "expired"


def screen(
    asked: Asked, *, channels: Collection[int], languages: Collection[str], zone: str, now: datetime
) -> Screen | None:
    """The screen of the form, or None, and `asked` says what is wrong. Its last day counts to its end, in the zone."""
    channel, kind = asked.number("channel"), asked.choice("kind", KINDS)
    name = asked.text("name", longest=NAME_LIMIT, required=True)
    language, last = asked.choice("language", languages), asked.day("until")
    if channel not in channels:
        asked.refuse("channel", NOT_OFFERED)
    expires = None if last is None else _end_of(last, zone)
    if last is not None and (expires is None or not now < expires <= now + LONGEST):
        asked.refuse("until", FAR_DAY)
    if asked.wrong or channel is None or expires is None:
        return None
    return Screen(channel, kind, name, language, expires)


def last_day(screen: Mapping[str, Any], zone: str) -> date:
    """The last day on which a screen works, where the conference is."""
    ends: datetime = screen["expires_at"]
    return (ends - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()


def _end_of(last: date, zone: str) -> datetime | None:
    try:
        return datetime.combine(last + timedelta(days=1), time(), tzinfo=ZoneInfo(zone))
    except OverflowError:
        return None


def _sign(purpose: str, screen: int, secret: str) -> str:
    signature = hmac.digest(secret.encode(), f"{purpose}:{screen}".encode(), "sha256")[:SIGNATURE]
    return urlsafe_b64encode(signature).decode()
