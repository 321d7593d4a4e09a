"""What organisers and moderators change by forms or take away as tables, written down. It decides nothing."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sql import queries
from sql.connection import Connection, Pool
from web.conferences import changes_rules

CHANGES = queries("changes")
FORM_SENT_TWICE = "change_form_key_key"  # the constraint


async def record(
    connection: Connection,
    conference_id: int | None,
    person_id: int,
    what: str,
    subject: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    *,
    form_key: UUID | None = None,
) -> None:
    """Write a change down, in the transaction that makes it: both happen, or neither.

    `what` is the part and the act ("channel.set"), `subject` what it was done to ("channel:12"). `before` is None
    for what is new and `after` for what is gone. Of a change the fields that stayed as they were are left out.
    What must not be done twice carries the `form_key` of its form (Asked.key): sent twice, it raises
    asyncpg.UniqueViolationError with the constraint FORM_SENT_TWICE, and the transaction with it is undone; done_by()
    knows what it did. Raises ValueError for what the log has no words for.
    """
    if what not in changes_rules.KNOWN:
        raise ValueError(f"the log has no words for {what}")
    old, new = before, after
    if before is not None and after is not None:
        changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        if not changed:
            return  # a form sent again, or without a change
        old = {name: before.get(name) for name in changed}
        new = {name: after.get(name) for name in changed}
    await connection.execute(
        CHANGES.record_change, conference_id, person_id, what, subject, _plain(old), _plain(new), form_key
    )


async def exported(
    connection: Connection, conference_id: int, person_id: int, what: str, kind: str, *, rows: int | None = None
) -> None:
    """Write down, before it leaves, that somebody takes a table away: whoever is in it may ask where it went."""
    after = {"kind": kind} | ({} if rows is None else {"rows": rows})
    await record(connection, conference_id, person_id, f"export.{what}", "", None, after)


async def done_by(source: Connection | Pool, form_key: UUID | None) -> str | None:
    """What a form did when it was sent before ("channel:12"); None when it never was."""
    return await source.fetchval(CHANGES.done_by_form, form_key) if form_key else None


async def is_done(source: Connection | Pool, conference: int, what: str, subject: str) -> bool:
    """Whether something was done to this very subject already: whoever deletes what is deleted has what they want."""
    return bool(await source.fetchval(CHANGES.is_done, conference, what, subject))


def _plain(value: Any) -> Any:
    """The same with what JSON does not know spelled out."""
    match value:
        case Mapping():
            return {str(name): _plain(one) for name, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(one) for one in value]
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return str(value)
        case bytes():
            return f"{len(value)} bytes"
    return value
