"""Passes: what a page signs for its browser, and the socket server believes without a database. Pure; a DOOR.

A pass is a JWT (HS256) that lives for minutes: sub user, name, rooms with the rights in each, exp.
Source of the format: RFC 7519.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import jwt

from realtime.errors import Refused

LIFE = 600  # seconds; a page fetches the next one over HTTP and says hello with it
ALGORITHM = "HS256"
AUDIENCE = "veche.realtime"

SAY = "say"  # may write
MODERATE = "moderate"  # may delete what others wrote


@dataclass(frozen=True, slots=True)
class Pass:
    """Who somebody is and which rooms they may enter; `rooms` maps a room's name to the rights in it."""

    user: int
    name: str
    rooms: Mapping[str, frozenset[str]]
    expires: float  # Unix seconds
    badge: str = ""  # a word shown beside the name: moderator, speaker


def issue(visitor: Pass, *, secret: str) -> str:
    """The signed text of a pass."""
    claims = {
        "aud": AUDIENCE,
        "sub": str(visitor.user),
        "name": visitor.name,
        "badge": visitor.badge,
        "rooms": {room: sorted(rights) for room, rights in visitor.rooms.items()},
        "exp": int(visitor.expires),
    }
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def verify(text: str, *, secret: str, now: float) -> Pass:
    """The pass in a signed text. Raises Refused pass.forged or pass.expired."""
    try:
        # The clock comes in by the door, so the library must not look at its own.
        claims = jwt.decode(
            text,
            secret,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            options={"verify_exp": False, "require": ["exp", "sub", "aud"]},
        )
        visitor = Pass(
            user=int(claims["sub"]),
            name=str(claims["name"]),
            badge=str(claims["badge"]),
            rooms={str(room): frozenset(rights) for room, rights in claims["rooms"].items()},
            expires=float(claims["exp"]),
        )
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, AttributeError):
        raise Refused("pass.forged") from None
    if visitor.expires <= now:
        raise Refused("pass.expired")
    return visitor
