"""Tells people what became of their questions, step by step, in their inbox. It never decides about a question.

What an asker knows is noted beside the question, in the transaction that tells: each step is told once, and of two that
follow each other within a breath the last. Who asked in the hall without an account is told nothing. An asker whose
inbox is on a server that is away is told when it is back, and nobody else waits for that.
"""

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import asyncpg

from config.languages import N_, translations
from realtime.engine import Engine
from realtime.publish import Notice
from sql import queries
from sql.connection import Pool
from workers.notices import Notices

LIVE = queries("live")

REST = 1.0  # seconds between rounds that found nothing
AT_ONCE = 50  # questions in one transaction
QUOTED = 80  # characters of a question in a notice

# A step -> the kind of notice, and what it says
STEPS = {
    "approved": ("question.approved", N_("Your question is there for everyone to see: “%(question)s”")),
    "edited": (
        "question.edited",
        N_("Your question is there for everyone to see, as the moderators worded it: “%(question)s”"),
    ),
    "rejected": ("question.rejected", N_("Your question was not taken up: “%(question)s”")),
    "merged": ("question.merged", N_("Others asked the same, and your question was joined to theirs: “%(question)s”")),
    "answering": ("question.answering", N_("Your question is being answered right now: “%(question)s”")),
    "answered": ("question.answered", N_("Your question has been answered: “%(question)s”")),
    "written": ("question.answered", N_("There is a written answer to your question: “%(question)s”")),
}
WITH_REASON = N_("Your question was not taken up: “%(question)s” The moderators say: %(reason)s")
LIVE_ONLY = ("rejected", "answering")  # steps that lead to the channel; the others to the session, where questions stay


class Askers:
    """Rounds over all questions; any number may go on at once, here and in other processes."""

    def __init__(self, postgres: Pool, redis: Engine) -> None:
        self._postgres = postgres
        self._notices = Notices(redis)

    async def round(self) -> float:
        """Tell some askers of the last step of their questions. Answers how long to rest."""
        async with self._postgres.acquire() as connection, connection.transaction():
            rows = await connection.fetch(LIVE.untold, AT_ONCE, self._notices.waiting())
            due = {(row["room"], row["item"]): dict(row) for row in rows if _concerns_somebody(row)}
            late = await self._notices.tell([_notice(row) for row in due.values()])
            for row in rows:
                told = (row["room"], row["item"]) in due
                if told and row["person_id"] in late:
                    continue
                await connection.execute(LIVE.told, row["room"], row["item"], row["step"], row["tellings"] + told)
        return 0.0 if len(rows) == AT_ONCE else REST


def _concerns_somebody(row: asyncpg.Record) -> bool:
    return row["step"] in STEPS and row["language"] is not None and row["slug"] is not None


def _notice(row: Mapping[str, Any]) -> Notice:
    # The same until it is noted, also when this process dies between the two.
    key = uuid.uuid5(uuid.NAMESPACE_OID, f"{row['room']} {row['item']} {row['tellings']} {row['step']}")
    kind, _ = STEPS[row["step"]]
    return Notice(row["person_id"], str(key), kind, sentence(row), link(row))


def sentence(row: Mapping[str, Any]) -> str:
    """What an asker is told, in their language."""
    _, said = STEPS[row["step"]]
    if row["step"] == "rejected" and row["reason"]:
        said = WITH_REASON
    words = {"question": _short(row["text"]), "reason": row["reason"]}
    return translations(row["language"]).gettext(said) % words


def link(row: Mapping[str, Any]) -> str:
    """Where the asker sees it: among the questions of its session, or of the channel."""
    conference = f"/c/{quote(row['slug'])}"
    if row["session_id"] is not None and row["step"] not in LIVE_ONLY:
        return f"{conference}/s/{row['session_id']}#q-{row['merged'] or row['item']}"
    return f"{conference}/{quote(row['channel_slug'])}#questions"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTED else f"{line[: QUOTED - 1].rstrip()}…"
