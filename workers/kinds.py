"""The table of promises: each kind in the outbox and the function that keeps it. A new kind of job is a line here."""

from collections.abc import Mapping

from workers import chat, mail
from workers.outbox import Perform

KINDS: Mapping[str, Perform] = {
    "mail.welcome": mail.welcome,
    "chat.say": chat.say,
}
IN_ORDER = ("chat.say",)  # a conversation makes sense in one order only
