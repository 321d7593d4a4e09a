"""Passes: what a page signs for its browser, and the socket server believes without a database. Pure; a DOOR.

A pass is a JWT (HS256) that lives for minutes: sub user, name, rooms with the rights in each, grounds, iat, exp.
Its grounds are what it was given for besides the person, `conference:3` and `screen:12`: with each of them it ends.
Source of the format: RFC 7519.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hmac import compare_digest, digest
from sys import intern
from typing import Any

import jwt
import orjson

from realtime import channels
from realtime.errors import Refused
from realtime.events import Revoked
from realtime.writes import OWN

LIFE = 600  # seconds; a page fetches the next one over HTTP and says hello with it
OUTLIVED = 2 * LIFE  # seconds after which a revocation ends nothing any more: every pass it meant is over
GROUPS = 64  # of subjects whose revocations stand together: each is one event, and one look for all of its subjects
GROUP = f"{OWN}passes:"  # before its number
NAMED = 512  # subjects of one group, 10 KB; where more are to be kept out, the whole group fetches new passes
ALGORITHM = "HS256"
AUDIENCE = "veche.realtime"
HEAD = jwt.encode({}, "x" * 32, algorithm=ALGORITHM).partition(".")[0] + "."  # of every pass made here

SAY = "say"  # may write
MODERATE = "moderate"  # may delete what others wrote, and enter the room's desk
SWIFT = "swift"  # a service, not a person: no personal limits of speed
RIGHTS = frozenset({SAY, MODERATE, SWIFT})


@dataclass(frozen=True, slots=True)
class Pass:
    """Who somebody is and which rooms they may enter; `rooms` maps a room's name to the rights in it."""

    user: int
    name: str
    rooms: Mapping[str, frozenset[str]]
    expires: float  # Unix seconds
    badge: str = ""  # a word shown beside the name: moderator, speaker
    issued: float = 0.0  # Unix seconds, by the clock that revocations go by; one ends what was issued before it
    grounds: tuple[str, ...] = ()  # what it was given for besides the person

    def rights(self, room: str) -> frozenset[str] | None:
        """What is allowed in a room; None: not even to enter.

        A desk is open to the moderators of its room, an inbox to nobody but the person.
        """
        found = self.rooms.get(channels.public(room))
        if channels.kind(room) == "inbox" and channels.number(room) != self.user:
            return None
        if found is None or (room.endswith(channels.DESK) and MODERATE not in found):
            return None
        return found

    @property
    def subjects(self) -> tuple[str, ...]:
        """Whatever this pass ends with, as `revoke` names it: its person and its grounds."""
        return (str(self.user), *self.grounds)

    @property
    def swift(self) -> bool:
        """Whether this is a service's pass."""
        return any(SWIFT in rights for rights in self.rooms.values())


def issue(visitor: Pass, *, secret: str) -> str:
    """The signed text of a pass."""
    claims = {
        "aud": AUDIENCE,
        "sub": str(visitor.user),
        "name": visitor.name,
        "badge": visitor.badge,
        "rooms": {room: sorted(rights) for room, rights in visitor.rooms.items()},
        "exp": int(visitor.expires),
        "iat": visitor.issued,
        "grounds": visitor.grounds,
    }
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def of_conference(number: int) -> str:
    """The ground of every pass to a conference's rooms."""
    return f"conference:{number}"


def of_screen(number: int) -> str:
    """The ground of the passes that a screen, and the phones before it, are given."""
    return f"screen:{number}"


def group(subject: str) -> str:
    """The part of the workers' own room that says which passes of a subject and others are over.

    A subject is a person's number or a ground.
    """
    return f"{GROUP}{int(subject.rpartition(':')[2]) % GROUPS}"


def standing(found: bytes | None) -> Revoked:
    """What an event of that part says, if there is one."""
    if not found:
        return Revoked({}, 0.0)
    event = orjson.loads(found)
    return Revoked(event["people"], event["everybody"])


def revoke(before: Revoked, subjects: Iterable[str], until: float) -> Revoked:
    """What a group's event says when passes of some of it end; `before`, too, where nothing is to be added.

    It never grows beyond bounds: who is over forgets, and a group too large to be named ends as a whole. Whoever did
    nothing then gets the next pass for the asking.
    """
    new = {subject: until for subject in subjects if not ends(before, subject, until)}
    if not new:
        return before
    people = {one: when for one, when in before.people.items() if when >= until - OUTLIVED} | new
    everybody = before.everybody if before.everybody >= until - OUTLIVED else 0.0
    if len(people) > NAMED:
        return Revoked({}, max(everybody, *people.values()))
    return Revoked(people, everybody)


def ends(revoked: Revoked, subject: str, issued: float) -> bool:
    """Whether a pass that was issued then is over with a subject of the group."""
    until = max(revoked.everybody, revoked.people.get(subject, 0.0))
    return 0 < until >= issued


def verify(text: str, *, secret: str, now: float) -> Pass:
    """The pass in a signed text. Raises Refused pass.forged or pass.expired."""
    try:
        claims = _usual(text, secret) or _unusual(text, secret)
        visitor = Pass(
            user=int(claims["sub"]),
            name=str(claims["name"]),
            badge=intern(str(claims["badge"])),
            rooms={intern(str(room)): _rights(tuple(rights)) for room, rights in claims["rooms"].items()},
            expires=float(claims["exp"]),
            issued=float(claims.get("iat", 0)),
            grounds=_grounds(tuple(claims.get("grounds", ()))),
        )
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, AttributeError):
        raise Refused("pass.forged") from None
    if visitor.expires <= now:
        raise Refused("pass.expired")
    return visitor


@lru_cache(maxsize=256)
def _grounds(found: tuple[str, ...]) -> tuple[str, ...]:
    """Thousands come for the same conference. Raises ValueError when one of them names nothing that can be revoked."""
    for one in found:
        group(one)
    return found


@lru_cache(maxsize=256)
def _rights(found: tuple[str, ...]) -> frozenset[str]:
    """Thousands have the same rights: one set serves them all."""
    return frozenset(found)


def _usual(text: str, secret: str) -> dict[str, Any] | None:
    """What is in a pass as `issue` makes it, at a tenth of the library's cost; None: let the library judge."""
    signed, _, signature = text.rpartition(".")
    if not signed.startswith(HEAD):
        return None
    ours = urlsafe_b64encode(digest(secret.encode(), signed.encode(), "sha256")).rstrip(b"=")
    if not compare_digest(ours, signature.encode()):
        return None
    body = signed[len(HEAD) :]
    claims = orjson.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    if not isinstance(claims, dict) or claims.get("aud") != AUDIENCE or "nbf" in claims:
        return None
    return claims


def _unusual(text: str, secret: str) -> dict[str, Any]:
    # The clock comes in by the door, so the library must not look at its own.
    return jwt.decode(
        text,
        secret,
        algorithms=[ALGORITHM],
        audience=AUDIENCE,
        options={"verify_exp": False, "verify_iat": False, "require": ["exp", "sub", "aud"]},
    )
