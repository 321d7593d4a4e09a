"""The table of promises: each kind in the outbox and the function that keeps it. A new kind of job is a line here."""

from collections.abc import Mapping

from workers import chat, mail, passes, questions, rehearsal, schedule, words
from workers.outbox import Perform

KINDS: Mapping[str, Perform] = {
    "mail.welcome": mail.welcome,
    "chat.say": chat.say,
    "question.ask": questions.ask,
    "schedule.tell": schedule.tell,
    "words.tell": words.tell,
    "passes.revoke": passes.revoke,
    "rehearsal.clear": rehearsal.clear,
}
# A conversation makes sense in one order only, the last list counts, and what ends passes stands behind no letter.
IN_ORDER = ("chat.say", "question.ask", "words.tell", "passes.revoke")
