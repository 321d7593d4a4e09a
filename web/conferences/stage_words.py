"""What the scripts of screens, of the hall's page and of the speaker's view say in their reader's language. Pure."""

from functools import cache

from config.languages import N_, NN_, plural_forms, translations

SAID = {
    "anonymous": N_("Anonymous"),
    "badge_organiser": N_("Organiser"),
    "badge_moderator": N_("Moderator"),
    "badge_speaker": N_("Speaker"),
    "badge_guest": N_("Guest"),
    "answering": N_("Being answered now"),
    "answered": N_("Answer given"),
    "on": N_("Now"),
    "next": N_("Next"),
    "soon": N_("in {n} min"),
    "begins": N_("begins in {time}"),
    "open": N_("Poll"),
    "closed": N_("Results of the poll"),
    "hidden": N_("The results will be here when the poll is over"),
    "not_sent": N_("Not sent: there is no connection. Try again in a moment."),
}
VOTES = NN_("{n} person voted", "{n} people voted")


@cache
def words(language: str) -> dict[str, str | dict[str, str]]:
    """Every word of theirs; a counted one is a dict by plural category, with {n} for the number."""
    said = translations(language)
    return {
        **{name: said.gettext(sentence) for name, sentence in SAID.items()},
        "votes": plural_forms(*VOTES, language),
    }
