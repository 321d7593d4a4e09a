"""Who may see and do what: the only place that knows. Pure; it asks nobody and remembers nothing."""

from collections.abc import Collection
from typing import Literal

from realtime.passes import MODERATE, SAY

# role in a conference -> what it may do in the rooms of its channels
RIGHTS = {
    "organiser": frozenset({SAY, MODERATE}),
    "moderator": frozenset({SAY, MODERATE}),
    "speaker": frozenset({SAY}),
    "attendee": frozenset({SAY}),
}
BADGES = ("organiser", "moderator", "speaker")  # shown beside a name in the chat; the first one held wins


def enter_channel(*, signed_in: bool, roles: Collection[str]) -> Literal["welcome", "sign_in", "closed"]:
    """Whether somebody may open a channel's page and get a pass to its chat: anyone with a role in the conference."""
    if not signed_in:
        return "sign_in"
    return "welcome" if any(role in RIGHTS for role in roles) else "closed"


def rights(roles: Collection[str]) -> frozenset[str]:
    """What somebody with these roles may do in a channel's chat."""
    return frozenset[str]().union(*(RIGHTS.get(role, frozenset()) for role in roles))


def badge(roles: Collection[str]) -> str:
    """The word shown beside the name, or nothing."""
    return next((role for role in BADGES if role in roles), "")


def read_mailbox(*, production: bool) -> bool:
    """Whether letters that were laid aside may be read: they are everybody's, so only where no strangers are."""
    return not production
