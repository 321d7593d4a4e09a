"""Tells people something in their inbox, in their language. It decides neither whom nor when."""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from config.languages import pick
from realtime import channels, publish
from realtime.engine import Engine
from realtime.publish import Notice
from workers.aside import Aside
from workers.loop import is_away

LONGEST_TITLE = 120  # characters of a session's title in a notice

logger = logging.getLogger(__name__)


class Notices:
    """Notices for many; those whose inbox is on a server that is away wait for it alone."""

    def __init__(self, redis: Engine) -> None:
        self._redis = redis
        self._aside = Aside[int](redis, lambda person: channels.log(channels.inbox(person)))

    def waiting(self) -> list[int]:
        """Persons who cannot be told anything just now."""
        return self._aside.things()

    async def tell(self, notices: Sequence[Notice]) -> set[int]:
        """Put notices into inboxes; persons who have to wait. An inbox that takes none holds up nobody else's."""
        due = [one for one in notices if not self._aside.belongs(one.user)]
        late = {one.user for one in notices} - {one.user for one in due}
        for one, wrong in zip(due, await publish.notify(self._redis, due, when=datetime.now(UTC)), strict=True):
            if wrong is not None and is_away(wrong):
                self._aside.put(one.user, wrong)
                late.add(one.user)
            elif wrong is not None:
                _untold(one, wrong)
        return late


def short(title: Mapping[str, str], language: str) -> str:
    """A session's title as a notice has it."""
    said = pick(title, language)
    return said if len(said) <= LONGEST_TITLE else f"{said[: LONGEST_TITLE - 1].rstrip()}…"


def _untold(notice: Notice, wrong: Exception) -> None:
    logger.error("Person %d was not told of %s.", notice.user, notice.key, exc_info=wrong)
