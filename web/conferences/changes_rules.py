"""How what is changed by forms, or taken away as a table, reads in the log. Pure."""

from collections.abc import Mapping
from typing import Any

from config.languages import N_

SENTENCES = {
    "conference.add": N_("founded the conference"),
    "conference.set": N_("changed the settings of the conference"),
    "conference.theme": N_("gave the conference other colours"),
    "conference.rehearsal": N_("cleared the rehearsal"),
    "channel.add": N_("added a channel"),
    "channel.set": N_("changed a channel"),
    "channel.order": N_("put the channels in another order"),
    "channel.on_air": N_("set what is on in a channel"),
    "channel.delete": N_("deleted a channel"),
    "speaker.add": N_("added a speaker"),
    "speaker.set": N_("changed a speaker"),
    "speaker.delete": N_("deleted a speaker"),
    "session.add": N_("added a session"),
    "session.set": N_("changed a session"),
    "session.delete": N_("deleted a session"),
    "session.recording": N_("changed a session's recording"),
    "schedule.import": N_("imported a table of sessions"),
    "schedule.release": N_("released the schedule"),
    "schedule.shift": N_("shifted a channel's sessions"),
    "schedule.undo": N_("took a shift back"),
    "person.roles": N_("changed somebody's roles"),
    "landing.add": N_("added a block to the landing page"),
    "landing.change": N_("changed a block of the landing page"),
    "landing.hide": N_("hid or showed a block of the landing page"),
    "landing.order": N_("put the blocks of the landing page in another order"),
    "landing.delete": N_("deleted a block of the landing page"),
    "landing.restore": N_("brought a block of the landing page back"),
    "poll.add": N_("added a poll"),
    "poll.change": N_("changed a poll"),
    "poll.open": N_("opened a poll"),
    "poll.close": N_("closed a poll"),
    "poll.recall": N_("made a poll a draft again"),
    "poll.drop": N_("deleted a poll"),
    "screen.add": N_("added a screen"),
    "screen.revoke": N_("ended a screen's address"),
    "words.save": N_("changed the word filter"),
}
# What is written down where a conference becomes public or is hidden; the sentence says which.
PUBLISH = "conference.publish"
PUBLISHED, HIDDEN = N_("published the conference"), N_("hid the conference")
# What was taken away, by its name.
EXPORTS = {
    "export.schedule": N_("saved the schedule as a table"),
    "export.questions": N_("saved the questions as a table"),
    "export.polls": N_("saved the polls as a table"),
    "export.people": N_("saved the list of people as a table"),
    "export.log": N_("saved the log of acts as a table"),
}
OTHER = N_("changed the settings")  # by a form that is there no more
KNOWN = frozenset({*SENTENCES, PUBLISH, *EXPORTS})


def sentence(what: str, after: Mapping[str, Any]) -> str:
    """What was done, in English."""
    if what == PUBLISH:
        return PUBLISHED if after.get("public") else HIDDEN
    return SENTENCES.get(what) or EXPORTS.get(what, OTHER)
