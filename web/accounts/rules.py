"""What a sign-in form means, and where it may lead. Pure; it knows no database and no clock."""

import unicodedata
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from config.languages import N_

LONGEST_ADDRESS = 2000  # characters of an address inside the site; browsers and proxies stop soon after
LONGEST_PASSWORD = 1000  # characters; nobody types more

# code -> status and what people read
REFUSALS = {
    "email.malformed": (400, N_("An e-mail address looks like name@example.com. Check yours.")),
    "password.missing": (400, N_("Type your password.")),
    "password.wrong": (401, N_("The e-mail or the password is wrong. Check both and try again.")),
    "sign_in.busy": (503, N_("Very many people are signing in right now. Try again in a few seconds.")),
}
# A role in a conference, as people read it
ROLES = {
    "organiser": N_("Organiser"),
    "moderator": N_("Moderator"),
    "speaker": N_("Speaker"),
    "attendee": N_("Participant"),
}
# How long to wait needs a plural: see pages.py.
THROTTLED = ("password.throttled", 429)


def normal_email(typed: str) -> str | None:
    """The e-mail as it is looked up, however it was typed; None when it is none."""
    text = unicodedata.normalize("NFKC", typed).strip()
    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return found.normalized.lower()


def acceptable(email: str | None, password: str) -> str | None:
    """The code of what is wrong with the form before anything is looked up, or None."""
    if email is None:
        return "email.malformed"
    if not password:
        return "password.missing"
    return "password.wrong" if len(password) > LONGEST_PASSWORD else None


def of_the_demo(email: str) -> bool:
    """Whether this e-mail, as normal_email gives it, belongs to one of the demo's people (sql/demo/people.py)."""
    return email.endswith("@demo.veche")


def local(address: str) -> str:
    """The address when it stays on this site, else the front page: a stranger's link must not lead away."""
    # Browsers drop tabs and line ends and read a backslash as a slash, so `/\t/elsewhere` leaves the site.
    strange = any(not character.isprintable() for character in address) or "\\" in address
    if strange or len(address) > LONGEST_ADDRESS or not address.startswith("/") or address.startswith("//"):
        return "/"
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else address


def minutes(seconds: int) -> int:
    """How many minutes to tell people to wait: never too few."""
    return max(1, -(-seconds // 60))
