"""Who does what in a conference: what the forms of people mean. Pure."""

from collections.abc import Collection

from config.languages import N_
from web.accounts.rules import REFUSALS, normal_email
from web.conferences.form_rules import REQUIRED, Asked

# role -> what it may do, as people read it
ROLES = {
    "organiser": N_("sets everything up, and may moderate"),
    "moderator": N_("looks after chats and questions"),
    "speaker": N_("answers questions, is marked in chats"),
    "attendee": N_("watches, writes, asks"),
}
SHOWN_AT_ONCE = 100  # people; whoever looks for one of thousands types a name
NO_ACCOUNT = N_("There is no account with this e-mail. Check it, or ask them to register first.")
NO_ROLE = N_("Choose at least one role.")
LAST_ORGANISER = N_("Somebody must organise the conference. Make somebody else an organiser first.")


def newcomer(asked: Asked) -> tuple[str, list[str]]:
    """The e-mail and the roles of somebody to be added; `asked` says what is wrong with them."""
    typed = asked.typed("email")
    email = normal_email(typed) if typed else None
    if not typed:
        asked.refuse("email", REQUIRED)
    elif email is None:
        asked.refuse("email", REFUSALS["email.malformed"][1])
    roles = chosen(asked)
    if not roles:
        asked.refuse("role_attendee", NO_ROLE)
    return email or "", roles


def fields(roles: Collection[str]) -> dict[str, str]:
    """What somebody is, as the row of their form shows it."""
    return {f"role_{role}": "on" if role in roles else "" for role in ROLES}


def chosen(asked: Asked) -> list[str]:
    """The roles that are ticked."""
    return [role for role in ROLES if asked.ticked(f"role_{role}")]


def orphaned(before: Collection[str], after: Collection[str], *, other_organisers: int) -> bool:
    """Whether a change would leave nobody who organises the conference."""
    return "organiser" in before and "organiser" not in after and other_organisers == 0
