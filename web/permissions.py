"""Who may see and do what: the only place that knows. Pure; it asks nobody and remembers nothing."""

from collections.abc import Collection, Iterable

from realtime.passes import MODERATE, SAY

ADMIN = "admin"  # of the whole platform; held everywhere
# role in a conference -> what it may do in the rooms of its channels
RIGHTS = {
    ADMIN: frozenset({SAY, MODERATE}),
    "organiser": frozenset({SAY, MODERATE}),
    "moderator": frozenset({SAY, MODERATE}),
    "speaker": frozenset({SAY}),
    "attendee": frozenset({SAY}),
}
GUEST = "guest"  # beside the name of whoever has no account: they may have typed anybody's
BADGES = ("organiser", "moderator", "speaker")  # shown beside a name in the chat; the first one held wins


def visit(roles: Collection[str], *, public: bool) -> bool:
    """Whether somebody may open a conference's pages: everybody a public one, its team also another, to rehearse.

    The pages are the same for all of the team, with the schedule that is released; drafts are the organisers' alone.
    """
    return public or "moderator" in roles or "speaker" in roles or organise(roles)


def see_speaker(roles: Collection[str], *, public: bool, shown: bool) -> bool:
    """Whether somebody may see a speaker's face: whoever visits the conference once it is shown, organisers before."""
    return organise(roles) or (shown and visit(roles, public=public))


def enter_channel(roles: Collection[str]) -> bool:
    """Whether somebody may open a channel's page and get a pass to its rooms: anyone with a role in the conference."""
    return any(role in RIGHTS for role in roles)


def moderate(roles: Collection[str]) -> bool:
    """Whether somebody may open the moderators' console."""
    return MODERATE in rights(roles)


def organise(roles: Collection[str]) -> bool:
    """Whether somebody may set a conference up: everything the organiser's desk shows."""
    return "organiser" in roles or ADMIN in roles


def found_a_conference(*, is_admin: bool, organises: bool) -> bool:
    """Whether somebody may begin a new conference: whoever organises one, anywhere, and the platform's admins."""
    return is_admin or organises


def speak(roles: Collection[str]) -> bool:
    """Whether somebody may open the speaker's view: speakers, and whoever helps them."""
    return "speaker" in roles or organise(roles)


def answer(roles: Collection[str], *, speaks_here: bool) -> bool:
    """Whether somebody may answer a session's questions in writing: its speakers, and whoever helps them."""
    return speaks_here or organise(roles)


def rights(roles: Iterable[str]) -> frozenset[str]:
    """What somebody with these roles may do in a channel's rooms."""
    return frozenset[str]().union(*(RIGHTS.get(role, frozenset()) for role in roles))


def badge(roles: Iterable[str]) -> str:
    """The word shown beside the name, or nothing."""
    held = frozenset(roles)
    return next((role for role in BADGES if role in held), "")


def read_mailbox(*, production: bool) -> bool:
    """Whether letters that were laid aside may be read: they are everybody's, so only where no strangers are."""
    return not production
