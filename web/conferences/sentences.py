"""What the live chat says in the reader's language: a sentence for every refusal, words for its states. Pure.

The page hands them to live-chat.js, which has no words of its own. A test compares the codes with realtime/errors.py.
"""

from functools import cache

from config.languages import N_, NN_, plural_forms, translations

BROKEN = N_("The page and the server did not understand each other. Load the page again.")

# code of a refusal -> what people read; what they wrote stays in the page
REFUSALS = {
    "message.malformed": BROKEN,
    "message.unknown": BROKEN,
    "message.field": BROKEN,
    "message.binary": BROKEN,
    "origin.foreign": N_("The chat does not open from this address. Open the page from the conference's own address."),
    "path.unknown": BROKEN,
    "server.full": N_("The chat is full at the moment. The page will try again by itself."),
    "hello.first": BROKEN,
    "hello.late": N_("The connection is slow. The page will try again by itself."),
    "pass.forged": N_("Your pass to this chat is not valid. Load the page again."),
    "pass.expired": N_("Your pass to this chat has expired. Load the page again."),
    "pass.other": N_("Somebody else has signed in here. Load the page again."),
    "room.closed": N_("This chat is not open to you."),
    "room.unknown": N_("This chat does not exist any more."),
    "room.join_first": BROKEN,
    "room.no_right": N_("You may not do this here."),
    "room.wrong_kind": BROKEN,
    "room.banned": N_("A moderator has closed this chat to you."),
    "room.full": N_("This chat can hold no more."),
    "pass.revoked": N_("Your pass to this chat was taken back. Load the page again."),
    "room.too_many": N_("Too many chats are open at once. Close another tab."),
    "chat.read_only": N_("You may read this chat but not write in it."),
    "chat.empty": N_("An empty message was not sent."),
    "chat.too_long": N_("The message is too long. Shorten it and send it again."),
    "chat.too_late": N_("A message this old keeps its text. Write a new one, or delete it."),
    "chat.edited_often": N_(
        "This message was changed very often and stays as it is now. Write a new one, or delete it."
    ),
    "chat.outdated": N_("Its author has changed this message again since: this text is out of date. Drop it."),
    "chat.reported_much": N_(
        "You have reported many messages here, and the moderators see them. Report more in an hour."
    ),
    "chat.no_such_message": N_("This message is already gone."),
    "chat.not_yours": N_("Only its author or a moderator may delete this message."),
    "chat.muted": N_("A moderator lets you read but not write for a while."),
    "chat.slow": N_("This chat is in slow mode. The message will be sent when it is your turn."),
    "desk.changed": N_("Somebody else was quicker. Look again."),
    "desk.full": N_("The moderators have a lot to look at. Try again in a few minutes."),
    "desk.no_such_item": N_("This is not there any more. Look again."),
    "direct.blocked": N_("This person does not take your messages."),
    "direct.too_many": N_("You have begun many conversations today. Write to more people tomorrow."),
    "limit.too_fast": N_("Too fast. The message will be sent in a moment."),
    "client.too_slow": N_("This connection took in the chat too slowly. The page will connect again by itself."),
    "server.busy": N_("The message is kept and will be sent again by itself."),
    "server.leaving": N_("The server is restarting. The page will connect again by itself."),
}

WORDS = {
    "delete": N_("Delete the message"),
    "delete_label": N_("Delete the message of {name}, {time}: {text}"),
    "deleting": N_("Deleting…"),
    "deleted": N_("The message is deleted"),
    "not_deleted": N_("The message is not deleted"),
    "refused": N_("Not sent"),
    "retry": N_("Send again"),
    "remove": N_("Remove"),
    "held": N_("A moderator will look at it before others see it"),
    "muted": N_("Until {time} you may read but not write"),
    "unmuted": N_("You may write again"),
    "pinned": N_("Pinned message"),
    "waiting": N_("Will be sent when the connection is back"),
    "composer": N_("Your message"),
    "placeholder": N_("Write to everyone here"),
    "hint": N_("Enter sends, Shift+Enter begins a new line"),
    "send": N_("Send the message"),
    "read_only": N_("You may read this chat but not write in it."),
    "sign_in": N_("Sign in again"),
    "empty_title": N_("Nobody has written yet"),
    "empty_text": N_("Say hello: the whole hall will see it."),
    "earlier": N_("Earlier messages are not shown here."),
    "badge_organiser": N_("Organiser"),
    "badge_moderator": N_("Moderator"),
    "badge_speaker": N_("Speaker"),
    "badge_guest": N_("Guest"),
    "state_connecting": N_("Connecting…"),
    "state_live": N_("Connected"),
    "state_offline": N_("No connection. What you write is kept and sent when it is back."),
    "state_signed_out": N_("You are signed out. What you wrote is kept in this browser."),
    "state_closed": N_("This chat is closed to you."),
}

# counted, with {n} for the number
NEW = NN_("{n} new message", "{n} new messages")
LEFT = NN_("{n} character left", "{n} characters left")
VIEWERS = NN_("{n} viewer", "{n} viewers")
OVER = NN_("{n} character too many", "{n} characters too many")


@cache
def refusals(language: str) -> dict[str, str]:
    """A sentence for every code."""
    words = translations(language)
    return {code: words.gettext(sentence) for code, sentence in REFUSALS.items()}


@cache
def words(language: str) -> dict[str, str | dict[str, str]]:
    """The chat's words; a counted one is a dict by plural category, with {n} for the number."""
    said = translations(language)
    return {
        **{name: said.gettext(sentence) for name, sentence in WORDS.items()},
        "new": plural_forms(*NEW, language),
        "left": plural_forms(*LEFT, language),
        "viewers": plural_forms(*VIEWERS, language),
        "over": plural_forms(*OVER, language),
    }
