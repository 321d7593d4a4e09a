"""What the console says in the moderator's language. Pure; console-*.js has no words of its own."""

from functools import cache
from typing import Any

from config.languages import N_, NN_, plural_forms, translations

# Ready-made reasons, the likeliest first; whoever asked reads the one chosen.
REASONS = (
    N_("This was already asked"),
    N_("It is not about this session"),
    N_("Please ask in one short sentence"),
    N_("It is rude; please put it another way"),
    N_("It is an advertisement"),
    N_("There is no time left for it"),
)

WORDS = {
    "state_connecting": N_("Connecting…"),
    "state_live": N_("Connected"),
    "state_offline": N_("No connection. What you decide is kept and sent when it is back."),
    "state_signed_out": N_("You are signed out. Sign in again; what you decided is kept in this browser."),
    "state_closed": N_("This desk is closed to you."),
    "badge_organiser": N_("Organiser"),
    "badge_moderator": N_("Moderator"),
    "badge_speaker": N_("Speaker"),
    "badge_guest": N_("Guest"),
    "guest": N_("Somebody in the hall"),
    "somebody": N_("Another moderator"),
    "anonymous": N_("anonymous to readers"),
    "deleted": N_("The message is deleted"),
    "no_reason": N_("no reason given"),
    "looking": N_("{name} is looking"),
    "similar": N_("Like: “{text}”"),
    "reported": N_("{name} reports: {reason}"),
    "rejected": N_("Rejected: {reason}"),
    "merged": N_("Merged with another question"),
    "answer": N_("Answer: {text}"),
    "mark_hidden": N_("Hidden; the author is not told"),
    "mark_held": N_("Held by the word filter"),
    "mark_answering": N_("Being answered now"),
    "mark_banned": N_("Banned"),
    "mark_muted": N_("Muted"),
    "mark_suspicious": N_("A word of the list is in it"),
    "mark_pinned": N_("Pinned"),
    "mark_edited": N_("edited"),
    "quicker": N_("{name} was quicker"),
    "quicker_asked": N_("{name} has put it back already"),
    "quicker_approved": N_("{name} has approved it already"),
    "quicker_answering": N_("{name} has called it up already"),
    "quicker_answered": N_("{name} has marked it as answered already"),
    "quicker_rejected": N_("{name} has rejected it already"),
    "quicker_merged": N_("{name} has merged it already"),
    "was_quicker": N_("Somebody else was quicker. The row says who."),
    "choose": N_("Choose a row first: J goes to the next one."),
    "not_here": N_("This row does not offer that."),
    "no_more": N_("There is nothing further in this column."),
    "column_empty": N_("This column is empty."),
    "undone": N_("Taken back."),
    "announced": N_("It stands on every screen now."),
    "not_announced": N_("No answer from the site: nothing was announced yet. Send it again."),
    "nothing_to_undo": N_("There is nothing to take back any more."),
    "new_report": N_("A message was reported."),
    "new_question": N_("A new question is waiting."),
    "undo": N_("Undo"),
    "log_refused": N_("not done"),
    "log_undone": N_("taken back"),
    "log_sent": N_("on its way"),
    "loading": N_("One moment…"),
    "not_loaded": N_("This could not be loaded. Close the panel and open it again."),
    "person_free": N_("May read and write."),
    "person_muted": N_("Muted for {time} more; then it ends by itself."),
    "person_banned": N_("Banned from every room of this conference."),
    # Buttons of a row
    "act_approve": N_("Approve"),
    "act_reject": N_("Reject"),
    "act_pin": N_("Pin"),
    "act_unpin": N_("Unpin"),
    "act_edit": N_("Edit"),
    "act_merge": N_("Merge"),
    "act_bind": N_("Another session"),
    "act_recall": N_("Put back"),
    "act_answering": N_("Call it up"),
    "act_answered": N_("Mark as answered"),
    "act_write": N_("Answer in writing"),
    "act_mute": N_("Mute"),
    "act_purge": N_("Delete everything of theirs"),
    "act_person": N_("Who is it?"),
    "act_restore": N_("Restore"),
    "act_more": N_("More"),
    "act_less": N_("Less"),
    "held_approve": N_("Let through"),
    "held_reject": N_("Drop"),
    "report_approve": N_("Leave it"),
    "report_reject": N_("Delete the message"),
    "message_reject": N_("Delete"),
    # The strip of what one did
    "did_approve": N_("Approved: {text}"),
    "did_reject": N_("Rejected the question: {text}"),
    "did_pin": N_("Pinned or unpinned: {text}"),
    "did_edit": N_("Edited: {text}"),
    "did_merge": N_("Merged: {text}"),
    "did_bind": N_("Moved to another session: {text}"),
    "did_recall": N_("Put back: {text}"),
    "did_answering": N_("Called up: {text}"),
    "did_answered": N_("Marked as answered: {text}"),
    "did_write": N_("Answered in writing: {text}"),
    "did_restore": N_("Restored a message of {name}"),
    "did_held_approve": N_("Let through: {text}"),
    "did_held_reject": N_("Dropped: {text}"),
    "did_report_approve": N_("Left as it is: {text}"),
    "did_report_reject": N_("Deleted a reported message of {name}"),
    "did_message_reject": N_("Deleted a message of {name}"),
    "did_mute": N_("{name} is muted for {minutes} minutes"),
    "did_unmute": N_("{name} may write again"),
    "did_ban": N_("{name} is banned"),
    "did_unban": N_("{name} is let in again"),
    "did_purge": N_("Deleted everything of {name}"),
    "did_slow": N_("Slow mode: {channel}"),
    "did_unslow": N_("Slow mode ended: {channel}"),
    "did_close": N_("The chat is read-only: {channel}"),
    "did_open": N_("The chat is open again: {channel}"),
}

COUNTED = {
    "more": NN_("Show {n} more", "Show {n} more"),
    "newer": NN_("{n} newer message", "{n} newer messages"),
    "votes": NN_("{n} vote", "{n} votes"),
    "waits": NN_("{n} waits", "{n} wait"),
    "unread": NN_("{n} new", "{n} new"),
    "seconds": NN_("{n} s", "{n} s"),
}


@cache
def words(language: str) -> dict[str, Any]:
    """The console's words; a counted one is a dict by plural category, with {n} for the number."""
    said = translations(language)
    return {
        **{name: said.gettext(sentence) for name, sentence in WORDS.items()},
        **{name: plural_forms(*pair, language) for name, pair in COUNTED.items()},
    }


@cache
def reasons(language: str) -> tuple[str, ...]:
    """Ready-made reasons for a rejection."""
    said = translations(language)
    return tuple(said.gettext(sentence) for sentence in REASONS)
