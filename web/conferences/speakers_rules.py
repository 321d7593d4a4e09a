"""What the form of a speaker means. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.languages import N_
from web.accounts.rules import REFUSALS, normal_email
from web.conferences.form_rules import LONG, Asked, spelled

NO_ACCOUNT = N_("There is no account with this e-mail. Ask them to register first, or leave the field empty.")
SPEAKS = N_("They speak in a session. Take them out of it first.")


@dataclass(frozen=True, slots=True)
class Speaker:
    """What a form says of a speaker; `email` of their account, or None.

    `announced`: visitors see them before a session of theirs is released.
    """

    name: dict[str, str]
    about: dict[str, str]
    email: str | None
    announced: bool


def speaker(asked: Asked, conference: Mapping[str, Any], *, before: Mapping[str, Any] | None = None) -> Speaker | None:
    """The speaker of the form, or None, and `asked` says what is wrong. `before`: what they are now, unless new."""
    languages = conference["languages"]
    name = asked.texts("name", languages, required=conference["language"])
    about = asked.texts("about", languages, longest=LONG)
    typed = asked.typed("email")
    email = normal_email(typed) if typed else None
    if typed and email is None:
        asked.refuse("email", REFUSALS["email.malformed"][1])
    if asked.wrong:
        return None
    texts = (kept(before, "name", languages) | name, kept(before, "about", languages) | about)
    return Speaker(*texts, email, announced=asked.ticked("announced"))


def fields(speaker: Mapping[str, Any] | None, conference: Mapping[str, Any]) -> dict[str, str]:
    """A speaker as their form shows them, field by field; None: a new one."""
    blank: Mapping[str, Any] = {"name": {}, "about": {}, "email": None, "picture": None, "announced": False}
    one = speaker or blank
    return {
        **spelled("name", one["name"], conference["languages"]),
        **spelled("about", one["about"], conference["languages"]),
        "email": one["email"] or "",
        "picture": one["picture"] or "",
        "announced": "on" if one["announced"] else "",
    }


def kept(before: Mapping[str, Any] | None, part: str, languages: list[str]) -> dict[str, str]:
    """Texts in languages that a form does not ask for: they are kept, so that nothing is lost when those come back."""
    texts = before[part] if before else {}
    return {one: text for one, text in texts.items() if one not in languages}
