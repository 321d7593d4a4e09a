"""What the scripts of a channel's page say in the reader's language, besides the chat's own words. Pure."""

from functools import cache

from config.languages import N_, NN_, plural_forms, translations

WORDS = {
    # the chat
    "edited": N_("edited"),
    "not_edited": N_("The message stays as it was"),
    "edit_held": N_("A moderator looks at the new text first; until then the old one stays"),
    "dropped": N_("The moderators did not publish this message. Only you see it."),
    "edit_dropped": N_("The moderators did not publish this new text: the message stays as it was."),
    "rewrite": N_("Rewrite"),
    "react_too": N_("React like this, too"),
    "react_back": N_("Take your reaction back"),
    "reported": N_("The moderators will look at this message. Thank you."),
    "not_reported": N_("The report was not sent"),
    "vote_failed": N_("No answer from the site: your choice was not counted. Try again."),
    "room_closed": N_("The moderators have closed the chat for a while: you may read it."),
    "typing_one": N_("{name} is typing…"),
    "typing_more": N_("{name} and others are typing…"),
    # the questions
    "anonymous": N_("Without a name"),
    "support": N_("Support the question “{text}”."),
    "question_sent": N_("The question is with the moderators. When they approve it, everybody sees it."),
    "answered_live": N_("Answered live"),
    "answered_in_writing": N_("Answered in writing"),
    "own_sending": N_("Being sent…"),
    "own_refused": N_("Not sent"),
    "own_asked": N_("Awaiting approval: only you and the moderators see it"),
    "own_rejected": N_("The moderators did not take it"),
    "own_merged": N_("Joined with another question that asks the same"),
    # the polls
    "poll_choose": N_("Choose an answer first."),
    # the picture, the inbox
    "broadcast": N_("Broadcast"),
    "notices": N_("Notices"),
}

# counted, with {n} for the number
COUNTED = {
    "slow": NN_("Slow mode: one message in {n} second", "Slow mode: one message in {n} seconds"),
    "slow_left": NN_("Your turn in {n} second", "Your turn in {n} seconds"),
    "votes": NN_("{n} vote", "{n} votes"),
    "voted": NN_("{n} person voted", "{n} people voted"),
    "notices_unread": NN_("{n} new notice", "{n} new notices"),
}


@cache
def of_the_bell(language: str) -> dict[str, str | dict[str, str]]:
    """Those of the inbox' bell alone, for pages that have no more of a channel."""
    return {name: words(language)[name] for name in ("notices", "notices_unread")}


@cache
def words(language: str) -> dict[str, str | dict[str, str]]:
    """The words; a counted one is a dict by plural category, with {n} for the number."""
    said = translations(language)
    plain = {name: said.gettext(sentence) for name, sentence in WORDS.items()}
    return plain | {name: plural_forms(*forms, language) for name, forms in COUNTED.items()}
