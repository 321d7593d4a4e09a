"""Tells one person something in their inbox, in their language. It decides neither whom nor when."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from config.languages import pick
from realtime import publish
from realtime.engine import Engine
from workers.loop import is_away

LONGEST_TITLE = 120  # characters of a session's title in a notice

logger = logging.getLogger(__name__)


async def tell(redis: Engine, *, person: int, key: str, kind: str, text: str, link: str) -> None:
    """Put a notice into somebody's inbox, once per key. An inbox that takes none holds up nobody else's."""
    try:
        await publish.notify(redis, user=person, key=key, kind=kind, text=text, link=link, when=datetime.now(UTC))
    except Exception as wrong:
        if is_away(wrong):
            raise
        logger.exception("Person %d was not told of %s.", person, key)


def short(title: Mapping[str, str], language: str) -> str:
    """A session's title as a notice has it."""
    said = pick(title, language)
    return said if len(said) <= LONGEST_TITLE else f"{said[: LONGEST_TITLE - 1].rstrip()}…"
